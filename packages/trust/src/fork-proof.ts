import {
  admitKey,
  compareBytes,
  concatBytes,
  DESCRIPTOR_BYTES,
  type DecodedDescriptor,
  decodeDescriptor,
  fromHex,
  JournalError,
  parseSignedHeader,
  quarterOf,
  SIGNED_HEADER_BYTES,
  type SignedHeader,
  type StreamDescriptor,
  sha256Hex,
  signedHeaderBytes,
  utf8,
  verifyHeader
} from '@tocsin/journal'
import { TrustError } from './errors.ts'
import type { Evidence } from './evidence.ts'
import { forkEntryEvidence, forkStreamEvidence } from './record-evidence.ts'

/** One of the two records that contend for a place: an entry, and the stream that it stands in. */
export interface ForkSide {
  readonly stream: DecodedDescriptor
  readonly entry: SignedHeader
}

/**
 * Two signed records that contend for one place: two entries of one stream and seq, or an entry in each of two streams
 * of one author and audience that continue the same one. It proves itself, so anybody may carry it, and it travels to
 * the audience of the stream (DESIGN §4).
 */
export interface ForkProof {
  /** What contends. */
  readonly kind: 'entries' | 'streams'
  /** As it travels: see `FORK_PROOF_BYTES`. */
  readonly bytes: Uint8Array
  /** Ascending by their bytes: one statement, one form. */
  readonly sides: readonly [ForkSide, ForkSide]
  /** Whose streams: author, audience and kind are the same on both sides. */
  readonly descriptor: StreamDescriptor
  /** Under which peers agree on it, 64 hex digits: the place that is contested, whichever records show it. */
  readonly key: string
  /** From this seq on nothing in the contested streams counts. */
  readonly seq: number
  /** Both entries follow the same one, or are the first: the split itself, not something behind it. */
  readonly isSplit: boolean
}

/** mark 1 (0xf0: no register begins so) · version 1 · two sides, ascending: descriptor 190 ‖ signed header 190. */
export const FORK_PROOF_BYTES = 2 + 2 * (DESCRIPTOR_BYTES + SIGNED_HEADER_BYTES)
/** The first byte, by which it is told from a register. */
export const FORK_PROOF_MARK = 0xf0
const VERSION = 1
const SIDE_BYTES = DESCRIPTOR_BYTES + SIGNED_HEADER_BYTES
const DOMAIN = utf8('tocsin/fork/1\0')

/** The proof that these two contend. Throws what `parseForkProof` would: `fork-proof-no-fork` above all. */
export function sealForkProof(one: ForkSide, other: ForkSide): ForkProof {
  const sides = [one, other]
    .map(({ stream, entry }) => concatBytes(stream.bytes, signedHeaderBytes(entry)))
    .sort(compareBytes)
  return parseForkProof(concatBytes(Uint8Array.of(FORK_PROOF_MARK, VERSION), ...sides))
}

/**
 * Reads a proof and checks that the two contend; `forkProofSigned` checks the signatures, which cost more. Throws a
 * `fork-proof-…` code, or a code of the journal for a descriptor or header that is none.
 */
export function parseForkProof(given: Uint8Array): ForkProof {
  if (given.length !== FORK_PROOF_BYTES || given[0] !== FORK_PROOF_MARK) throw new TrustError('fork-proof-length')
  if (given[1] !== VERSION) throw new TrustError('fork-proof-version', { version: given[1] })
  const bytes = Uint8Array.from(given)
  const first = bytes.subarray(2, 2 + SIDE_BYTES)
  const second = bytes.subarray(2 + SIDE_BYTES)
  if (compareBytes(first, second) >= 0) throw new TrustError('fork-proof-order')
  const one = readSide(first)
  const other = readSide(second)
  const { descriptor } = one.stream
  if (one.stream.id === other.stream.id) {
    const { seq, previous } = one.entry.header
    if (seq !== other.entry.header.seq || one.entry.id === other.entry.id) throw new TrustError('fork-proof-no-fork')
    const isSplit = previous === other.entry.header.previous
    const [key = ''] = forkPlaces(one.stream)
    return { kind: 'entries', bytes, sides: [one, other], descriptor, key, seq, isSplit }
  }
  if (!continueOne(descriptor, other.stream.descriptor)) throw new TrustError('fork-proof-no-fork')
  const [, key = ''] = forkPlaces(one.stream)
  return { kind: 'streams', bytes, sides: [one, other], descriptor, key, seq: 1, isSplit: true }
}

/** True if the author's node keys, which the descriptors name, signed both entries. */
export function forkProofSigned(proof: ForkProof): boolean {
  return proof.sides.every(({ stream, entry }) => verifyHeader(admitKey(fromHex(stream.descriptor.nodeKey)), entry))
}

/** The same as evidence that is kept, listed and verified offline. */
export function evidenceOfFork({ kind, sides: [one, other] }: ForkProof, at: number): Evidence {
  return kind === 'entries'
    ? forkEntryEvidence(one.stream, one.entry, other.entry, at)
    : forkStreamEvidence(one, other, at)
}

/**
 * The keys under which a proof would take entries of this stream out of use: the stream's own, H('tocsin/fork/1\0' ‖ 1 ‖
 * stream 32), and that of what it continues, H('tocsin/fork/1\0' ‖ 2 ‖ author 32 ‖ kind 1 ‖ TLP 1 ‖ audience 32 ‖
 * predecessor stream 32).
 */
export function forkPlaces({
  id,
  bytes,
  descriptor
}: Pick<DecodedDescriptor, 'id' | 'bytes' | 'descriptor'>): string[] {
  const own = sha256Hex(concatBytes(DOMAIN, Uint8Array.of(1), fromHex(id)))
  if (descriptor.predecessor === undefined) return [own]
  // As they stand in the descriptor (journal/stream.ts).
  const continued = [bytes.subarray(1, 33), bytes.subarray(83, 85), bytes.subarray(86, 150)]
  return [own, sha256Hex(concatBytes(DOMAIN, Uint8Array.of(2), ...continued))]
}

/**
 * Do two streams continue the same one? Only with the same author, audience and kind: those who hold one audience's
 * stream may never see the other's, and would judge differently.
 */
export function continueOne(one: StreamDescriptor, other: StreamDescriptor): boolean {
  return (
    one.predecessor !== undefined &&
    one.predecessor.stream === other.predecessor?.stream &&
    one.author === other.author &&
    one.kind === other.kind &&
    one.tlp === other.tlp &&
    one.circle === other.circle &&
    one.recipient === other.recipient
  )
}

function readSide(bytes: Uint8Array): ForkSide {
  const stream = decodeDescriptor(bytes.subarray(0, DESCRIPTOR_BYTES))
  const entry = parseSignedHeader(bytes.subarray(DESCRIPTOR_BYTES))
  if (entry.header.stream !== stream.id) throw new JournalError('entry-field', undefined, { stream: stream.id })
  // Nobody admits such an entry, so nobody needs to be warned of it.
  if (quarterOf(entry.header.clock) !== stream.descriptor.quarter) throw new TrustError('fork-proof-no-fork')
  return { stream, entry }
}
