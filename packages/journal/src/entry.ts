import { type EntryId, type EntryKind, entryKindCode, entryKindOf, type StreamId, type Verdict } from '@tocsin/model'
import { bodyHashOf, maxBodyOf } from './body.ts'
import { concatBytes, copyBytes, isZero, sha256Hex, toHex, utf8 } from './bytes.ts'
import { type PublicKey, SIGNATURE_BYTES, type SigningKey, verify } from './ed25519.ts'
import { JournalError } from './errors.ts'
import { readFields, writeFields } from './fields.ts'
import { quarterOf } from './quarter.ts'
import type { DecodedDescriptor } from './stream.ts'

/** The signed statement about one body: fixed-width, so there is nothing to canonicalise. */
export interface EntryHeader {
  readonly stream: StreamId
  /** From 1, without gaps. */
  readonly seq: number
  /** Id of the entry before; null at seq 1 only. */
  readonly previous: EntryId | null
  /** The author's clock, ms since the epoch. */
  readonly clock: number
  /** The number of a kind that this version does not know stays a number: its entry is held opaque. */
  readonly kind: EntryKind | number
  readonly bodyLength: number
  /** See `bodyHashOf`, 64 hex digits. */
  readonly bodyHash: string
  /** ms since the epoch; past it the body is erased everywhere. */
  readonly keepUntil: number
}

/** A header with the very bytes that were signed. `parseSignedHeader` does not check the signature: `verifyHeader` does. */
export interface SignedHeader {
  readonly header: EntryHeader
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
  /** SHA-256 of the header; the signature is no part of it. */
  readonly id: EntryId
}

/**
 * version 1 · stream 32 · seq 8 · previous 32 (zero at seq 1) · clock 8 · kind 1 · body length 4 · body hash 32 ·
 * keep-until 8, big-endian.
 */
export const HEADER_BYTES = 126
/** Header ‖ signature. */
export const SIGNED_HEADER_BYTES = HEADER_BYTES + SIGNATURE_BYTES
const VERSION = 1

const DOMAIN = utf8('tocsin/entry/1\0')

/** What the author of an entry decides; length and hash of the body are computed. */
export type EntryFields = Pick<EntryHeader, 'stream' | 'seq' | 'previous' | 'clock' | 'keepUntil'> & {
  readonly kind: EntryKind | number
}

/** The header of an entry over `body`, unsigned; throws `entry-field` for fields that do not fit. */
export function entryHeaderBytes(fields: EntryFields, body: Uint8Array): Uint8Array {
  return writeFields(HEADER_BYTES, 'entry-field')
    .uint(VERSION, 1)
    .hex(fields.stream, 32)
    .uint(fields.seq, 8)
    .hex(fields.previous ?? undefined, 32)
    .uint(fields.clock, 8)
    .uint(typeof fields.kind === 'number' ? fields.kind : entryKindCode(fields.kind), 1)
    .uint(body.length, 4)
    .hex(bodyHashOf(body), 32)
    .uint(fields.keepUntil, 8)
    .done()
}

/** Signs an entry over `body` (see `sealBody`); throws an `entry-…` code for fields that no reader would take. */
export function sealEntry(key: SigningKey, fields: EntryFields, body: Uint8Array): SignedHeader {
  const bytes = entryHeaderBytes(fields, body)
  return parseSignedHeader(concatBytes(bytes, key.sign(concatBytes(DOMAIN, bytes))))
}

/**
 * Reads 190 bytes, header ‖ signature; judges the shape alone and copies them. Every accepted header re-encodes to the
 * same bytes.
 */
export function parseSignedHeader(given: Uint8Array): SignedHeader {
  if (given.length !== SIGNED_HEADER_BYTES) throw new JournalError('entry-length', undefined, { bytes: given.length })
  const whole = copyBytes(given)
  const bytes = whole.subarray(0, HEADER_BYTES)
  const fields = readFields(bytes)
  if (fields.uint(1) !== VERSION) throw new JournalError('entry-version', undefined, { version: bytes[0] })
  const stream = fields.hex(32) as StreamId
  const seq = fields.uint(8)
  if (seq === undefined || seq === 0) throw new JournalError('entry-sequence')
  const previousBytes = fields.bytes(32)
  if (isZero(previousBytes) !== (seq === 1)) throw new JournalError('entry-previous', undefined, { seq })
  const clock = fields.uint(8)
  const code = fields.uint(1) ?? 0
  if (code === 0) throw new JournalError('entry-kind')
  const kind = entryKindOf(code) ?? code
  const bodyLength = fields.uint(4) ?? 0
  if (bodyLength === 0 || bodyLength > maxBodyOf(kind)) {
    throw new JournalError('entry-body-length', undefined, { bodyLength, most: maxBodyOf(kind) })
  }
  const bodyHash = fields.hex(32)
  const keepUntil = fields.uint(8)
  if (clock === undefined || keepUntil === undefined) throw new JournalError('entry-time')
  const previous = seq === 1 ? null : (toHex(previousBytes) as EntryId)
  const header: EntryHeader = { stream, seq, previous, clock, kind, bodyLength, bodyHash, keepUntil }
  return { header, bytes, signature: whole.subarray(HEADER_BYTES), id: sha256Hex(bytes) as EntryId }
}

/** The 190 bytes as they travel and are stored. */
export function signedHeaderBytes(signed: SignedHeader): Uint8Array {
  return concatBytes(signed.bytes, signed.signature)
}

/** True if the stream's node key signed this header. */
export function verifyHeader(key: PublicKey, signed: SignedHeader): boolean {
  return verify(key, concatBytes(DOMAIN, signed.bytes), signed.signature)
}

/** Why an entry does not follow another: one line for each code. */
export const LINK_REASONS = {
  'wrong-stream': 'The entry was signed for another stream.',
  'seq-gap': 'The sequence number is not the one after the last.',
  'previous-mismatch': 'The entry follows another entry than the last one held.',
  'clock-falls': "The author's clock lies before that of the entry before.",
  'clock-outside-quarter': "The author's clock lies outside the quarter of the stream."
} as const satisfies Record<string, string>

/** A stable code of `checkLink`. */
export type LinkCode = keyof typeof LINK_REASONS

/**
 * Does `next` follow `previous` (null: is it the first) in this stream? The chain rule of DESIGN §4, without
 * signatures. Same seq with another id is a fork, which shows here as `seq-gap`: look for it first.
 */
export function checkLink(
  previous: SignedHeader | null,
  next: SignedHeader,
  stream: Pick<DecodedDescriptor, 'id' | 'descriptor'>
): Verdict<LinkCode> {
  const refused = (code: LinkCode): Verdict<LinkCode> => ({ allowed: false, code })
  const header = next.header
  if (header.stream !== stream.id) return refused('wrong-stream')
  if (header.seq !== (previous?.header.seq ?? 0) + 1) return refused('seq-gap')
  if (header.previous !== (previous?.id ?? null)) return refused('previous-mismatch')
  if (previous !== null && header.clock < previous.header.clock) return refused('clock-falls')
  if (quarterOf(header.clock) !== stream.descriptor.quarter) return refused('clock-outside-quarter')
  return { allowed: true }
}
