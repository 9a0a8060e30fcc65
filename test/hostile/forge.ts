/** Entries, batches and proofs, sound unless told otherwise. */
import { randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import {
  concatBytes,
  type DecodedDescriptor,
  decodeDescriptor,
  type EntryFields,
  encode,
  encodeDescriptor,
  institutionId,
  nodeKey,
  quarterOf,
  type SignedHeader,
  type SigningKey,
  type StreamDescriptor,
  sealBody,
  sealEntry,
  sha256Hex,
  signedHeaderBytes,
  signingKey
} from '@tocsin/journal'
import type { Bulletin, BulletinId, EntryId, InstitutionId } from '@tocsin/model'
import type { BatchFrame } from '@tocsin/sync/testing'
import { type HopProofFields, sealHopProof } from '@tocsin/trust'
import type { Villain } from './villain.ts'

export const DAY = 86_400_000
const HEADER_BYTES = 126

export type Author = Pick<Villain, 'institution' | 'key'>
export type Labels = Pick<StreamDescriptor, 'tlp' | 'circle' | 'recipient'>

/** An author whom nobody has heard of. */
export function newAuthor(): Author {
  const [root, key] = [signingKey(new Uint8Array(randomBytes(32))), signingKey(new Uint8Array(randomBytes(32)))]
  return { institution: institutionId(root.publicKey), key }
}

/** The id of an entry with this signed header: SHA-256 of the header without its signature. */
export function idOf(header: Uint8Array): EntryId {
  return sha256Hex(header.subarray(0, HEADER_BYTES)) as EntryId
}

/** A stream that this author opens now. */
export function openStream(author: Author, labels: Labels, clock = Date.now()): DecodedDescriptor {
  return decodeDescriptor(
    encodeDescriptor({
      author: author.institution,
      nodeKey: nodeKey(author.key.publicKey),
      incarnation: randomBytes(16).toString('hex'),
      quarter: quarterOf(clock),
      kind: 'log',
      ...labels
    })
  )
}

export function bulletin(title: string, indicator: string): Uint8Array {
  const id = crypto.randomUUID() as BulletinId
  const value: Bulletin = {
    id,
    title,
    text: '',
    threat: 'c2',
    pap: 'GREEN',
    confidence: 50,
    tags: [],
    indicators: [{ type: 'domain', value: indicator, role: 'malicious' }],
    references: [],
    rules: [],
    attachments: [],
    about: []
  }
  return sealBody('bulletin', value)
}

/** A body of any version and value: nonce, version, value. */
export function strangeBody(version: number, value: unknown): Uint8Array {
  return encode([new Uint8Array(randomBytes(16)), version, value])
}

export interface Entry {
  readonly signed: SignedHeader
  readonly header: Uint8Array
  readonly body: Uint8Array
}

/** An entry of the stream, after `previous`. */
export function entry(
  author: Author,
  stream: DecodedDescriptor,
  body: Uint8Array,
  change: Partial<EntryFields> & { readonly after?: Entry } = {}
): Entry {
  const { after, ...fields } = change
  const clock = fields.clock ?? Math.max(Date.now(), after?.signed.header.clock ?? 0)
  const signed = sealEntry(
    author.key,
    {
      stream: stream.id,
      seq: (after?.signed.header.seq ?? 0) + 1,
      previous: after?.signed.id ?? null,
      kind: 'bulletin',
      clock,
      keepUntil: clock + 30 * DAY,
      ...fields
    },
    body
  )
  return { signed, header: signedHeaderBytes(signed), body }
}

/** The sender's word for these entries. */
export function proofOf(
  sender: { readonly institution: InstitutionId; readonly key: SigningKey },
  to: string,
  stream: DecodedDescriptor,
  entries: readonly Entry[],
  change: Partial<HopProofFields> = {}
): Uint8Array {
  const [first, last] = [entries[0]?.signed, entries.at(-1)?.signed]
  return sealHopProof(sender.key, {
    from: sender.institution,
    to: to as InstitutionId,
    stream: stream.id,
    first: first?.header.seq ?? 1,
    last: last?.header.seq ?? 1,
    lastId: last?.id ?? ('00'.repeat(32) as EntryId),
    day: Math.floor(Date.now() / DAY),
    time: Date.now(),
    ...change
  })
}

export function rawOf(entries: readonly Entry[]): Uint8Array {
  return concatBytes(...entries.flatMap(({ header, body }) => [Uint8Array.of(1), header, body]))
}

export function batch(
  sender: { readonly institution: InstitutionId; readonly key: SigningKey },
  to: string,
  stream: DecodedDescriptor,
  entries: readonly Entry[],
  change: Partial<BatchFrame> = {}
): BatchFrame {
  const raw = rawOf(entries)
  return {
    type: 'batch',
    stream: stream.id,
    first: entries[0]?.signed.header.seq ?? 1,
    count: entries.length,
    rawLength: raw.length,
    descriptor: stream.bytes,
    proof: proofOf(sender, to, stream, entries),
    packed: pack(raw),
    ...change
  }
}

/** One zstd frame. */
export function pack(raw: Uint8Array): Uint8Array {
  return zstdCompressSync(raw, { pledgedSrcSize: raw.length, chunkSize: raw.length + (raw.length >> 7) + 1024 })
}

/** A zstd frame of one raw block that claims a window of 128 MiB (RFC 8878 §3.1.1.1.2: exponent 17, mantissa 0). */
export function packWithHugeWindow(raw: Uint8Array): Uint8Array {
  const head = (raw.length << 3) | 1
  return concatBytes(
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, head & 0xff, (head >> 8) & 0xff, (head >> 16) & 0xff),
    raw
  )
}
