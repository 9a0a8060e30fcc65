import { concatBytes, parseSignedHeader, SIGNED_HEADER_BYTES, type SignedHeader } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { SyncError } from './errors.ts'
import type { WireEntry } from './ports.ts'

/** An entry with its header read. */
export interface ReadEntry extends WireEntry {
  readonly signed: SignedHeader
}

const ERASED = Uint8Array.of(0)
const PRESENT = Uint8Array.of(1)

/** What an entry takes in a batch: presence 1 · header ‖ signature 190 · the body, as long as the header says. */
export function rawSizeOf(entry: WireEntry): number {
  return 1 + entry.header.length + (entry.body?.length ?? 0)
}

/** The raw bytes of a batch: its entries one after another. */
export function packEntries(entries: readonly WireEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { header, body } of entries) {
    if (body === null) parts.push(ERASED, header)
    else parts.push(PRESENT, header, body)
  }
  return concatBytes(...parts)
}

/**
 * Reads exactly `count` entries of `stream` with the seqs from `first` on, filling `raw`; throws `bad-batch`. Signatures,
 * hashes and links are the replica's to judge.
 */
export function unpackEntries(raw: Uint8Array, stream: StreamId, first: number, count: number): ReadEntry[] {
  const entries: ReadEntry[] = []
  let position = 0
  for (let index = 0; index < count; index++) {
    const presence = raw[position]
    if (presence !== 0 && presence !== 1) throw bad('an entry starts with neither 0 nor 1')
    const headerEnd = position + 1 + SIGNED_HEADER_BYTES
    if (headerEnd > raw.length) throw bad('an entry is cut off')
    const header = raw.subarray(position + 1, headerEnd)
    const signed = readHeader(header)
    if (signed.header.stream !== stream) throw bad('an entry belongs to another stream')
    if (signed.header.seq !== first + index) throw bad('the seqs are not contiguous')
    position = headerEnd + (presence === 1 ? signed.header.bodyLength : 0)
    if (position > raw.length) throw bad('a body is cut off')
    entries.push({ header, body: presence === 1 ? raw.subarray(headerEnd, position) : null, signed })
  }
  if (position !== raw.length) throw bad('bytes are left behind the last entry')
  return entries
}

/** The signed header of 190 bytes; throws `bad-batch` where the journal cannot read it. */
export function readHeader(bytes: Uint8Array): SignedHeader {
  try {
    return parseSignedHeader(bytes)
  } catch {
    throw bad('a header cannot be read')
  }
}

function bad(what: string): SyncError {
  return new SyncError('bad-batch', `A batch is malformed: ${what}.`)
}
