import {
  concatBytes,
  fromHex,
  institutionId,
  institutionKey,
  isZero,
  type PublicKey,
  readFields,
  type SigningKey,
  toHex,
  verify
} from '@tocsin/journal'
import type { EntryId, InstitutionId, StreamId, Verdict } from '@tocsin/model'
import { TrustError } from './errors.ts'

/** Length of a hop proof with its signature, bytes. */
export const HOP_PROOF_BYTES = 253

const SIGNED_BYTES = 189
const ROSTER_AT = 145
const TIME_AT = 181
const VERSION = 1
const DOMAIN = new TextEncoder().encode('tocsin/hop/1\0')

/** What the sender of a batch signs: who handed what to whom, and by which roster it judged that it might. */
export interface HopProofFields {
  readonly from: InstitutionId
  readonly to: InstitutionId
  readonly stream: StreamId
  /** First and last sequence number of the batch, both included. */
  readonly first: number
  readonly last: number
  readonly lastId: EntryId
  /** Hex digest of the sender's roster of the stream's circle; absent for streams that name no circle. */
  readonly rosterDigest?: string | undefined
  /** The day of that roster, days since the epoch. */
  readonly day: number
  /** Sender's clock, milliseconds since the epoch. */
  readonly time: number
}

/** A hop proof with the exact bytes (fields ‖ signature) that it came from. */
export interface HopProof extends HopProofFields {
  readonly bytes: Uint8Array
}

/**
 * Signs a hop proof with the sender's node key. Layout, big-endian: version 1 · from 32 · to 32 · stream 32 · first 8 ·
 * last 8 · last id 32 · roster digest 32 (zero if none) · day 4 · time 8 · signature 64 over `tocsin/hop/1\0` ‖ fields.
 * Institutions are their 32-byte root keys. Throws `hop-proof-field` for numbers out of range.
 */
export function sealHopProof(key: SigningKey, fields: HopProofFields): Uint8Array {
  if (!plausible(fields)) throw new TrustError('hop-proof-field')
  const signed = concatBytes(
    Uint8Array.of(VERSION),
    institutionKey(fields.from),
    institutionKey(fields.to),
    fromHex(fields.stream, 32),
    uint64(fields.first),
    uint64(fields.last),
    fromHex(fields.lastId, 32),
    fields.rosterDigest === undefined ? new Uint8Array(32) : fromHex(fields.rosterDigest, 32),
    uint64(fields.day).subarray(4),
    uint64(fields.time)
  )
  return concatBytes(signed, key.sign(concatBytes(DOMAIN, signed)))
}

/** Reads a hop proof without asking who signed it; throws `hop-proof-length`, `-version` or `-field`. */
export function parseHopProof(bytes: Uint8Array): HopProof {
  if (bytes.length !== HOP_PROOF_BYTES) throw new TrustError('hop-proof-length', { bytes: bytes.length })
  if (bytes[0] !== VERSION) throw new TrustError('hop-proof-version', { version: bytes[0] })
  const fields = readFields(bytes.slice(1))
  const from = institutionId(fields.bytes(32))
  const to = institutionId(fields.bytes(32))
  const stream = fields.hex(32) as StreamId
  const first = fields.uint(8)
  const last = fields.uint(8)
  const lastId = fields.hex(32) as EntryId
  const digest = fields.bytes(32)
  const day = fields.uint(4) ?? 0
  const time = fields.uint(8)
  if (first === undefined || last === undefined || time === undefined) throw new TrustError('hop-proof-field')
  const roster = isZero(digest) ? {} : { rosterDigest: toHex(digest) }
  const proof: HopProof = { from, to, stream, first, last, lastId, ...roster, day, time, bytes: bytes.slice() }
  if (!plausible(proof)) throw new TrustError('hop-proof-field')
  return proof
}

/** What of a hop proof cannot be told from the session and the batch that it is about. */
export interface HopProofRest {
  /** Roster digest ‖ day, 36 bytes: the same for many proofs. */
  readonly roster: Uint8Array
  readonly time: number
  /** 64 bytes. */
  readonly signature: Uint8Array
}

/** Takes a proof of `sealHopProof` apart. */
export function restOfHopProof(proof: Uint8Array): HopProofRest {
  const view = new DataView(proof.buffer, proof.byteOffset, proof.byteLength)
  return {
    roster: proof.subarray(ROSTER_AT, TIME_AT),
    time: Number(view.getBigUint64(TIME_AT)),
    signature: proof.subarray(SIGNED_BYTES)
  }
}

/** The very bytes that were taken apart, where `about` is what they were about; from and to are root keys, 32 bytes. */
export function joinHopProof(
  about: Pick<HopProofFields, 'stream' | 'first' | 'last' | 'lastId'> & {
    readonly from: Uint8Array
    readonly to: Uint8Array
  },
  { roster, time, signature }: HopProofRest
): Uint8Array {
  return concatBytes(
    Uint8Array.of(VERSION),
    about.from,
    about.to,
    fromHex(about.stream, 32),
    uint64(about.first),
    uint64(about.last),
    fromHex(about.lastId, 32),
    roster,
    uint64(time),
    signature
  )
}

/** True if `key` made the proof's signature. */
export function hopProofSignedBy(proof: HopProof, key: PublicKey): boolean {
  const message = concatBytes(DOMAIN, proof.bytes.subarray(0, SIGNED_BYTES))
  return verify(key, message, proof.bytes.subarray(SIGNED_BYTES))
}

/** Reads a hop proof and checks that `key`, the sender's node key, signed it; throws `hop-proof-…`. */
export function openHopProof(bytes: Uint8Array, key: PublicKey): HopProof {
  const proof = parseHopProof(bytes)
  if (!hopProofSignedBy(proof, key)) throw new TrustError('hop-proof-signature')
  return proof
}

/** How a genuine proof can fail to be the proof of the batch it came with. */
export const HOP_PROOF_CODES = {
  'proof-other-sender': 'The hop proof names another sender than the peer that sent it.',
  'proof-other-receiver': 'The hop proof names another receiver than this institution.',
  'proof-other-stream': 'The hop proof is of another stream.',
  'proof-other-range': 'The hop proof is of other entries than the batch holds.',
  'proof-other-time': 'The hop proof was signed too long ago, or ahead of time.'
} as const satisfies Record<string, string>

/** A stable code of `checkHopProof`. */
export type HopProofCode = keyof typeof HOP_PROOF_CODES

/** A proof older or newer than this, by the receiver's clock, is not of this batch, milliseconds (DESIGN §8.5). */
export const HOP_PROOF_DRIFT_MS = 600_000

/** Is this the proof of that batch, handed by that sender to that receiver now? The rest is transplanted or replayed. */
export function checkHopProof(
  proof: HopProofFields,
  batch: Pick<HopProofFields, 'from' | 'to' | 'stream' | 'first' | 'last' | 'lastId'>,
  now: number
): Verdict<HopProofCode> {
  if (proof.from !== batch.from) return { allowed: false, code: 'proof-other-sender' }
  if (proof.to !== batch.to) return { allowed: false, code: 'proof-other-receiver' }
  if (proof.stream !== batch.stream) return { allowed: false, code: 'proof-other-stream' }
  if (proof.first !== batch.first || proof.last !== batch.last || proof.lastId !== batch.lastId)
    return { allowed: false, code: 'proof-other-range' }
  if (Math.abs(now - proof.time) > HOP_PROOF_DRIFT_MS) return { allowed: false, code: 'proof-other-time' }
  return { allowed: true }
}

function plausible(fields: HopProofFields): boolean {
  const { first, last, day, time } = fields
  return (
    [first, last, day, time].every((number) => Number.isSafeInteger(number) && number >= 0) &&
    first >= 1 &&
    first <= last &&
    day <= 0xffffffff
  )
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
