/**
 * "So far I hold the streams of this circle, since then" (DESIGN §5, receipts), said by the node key to the circle. From
 * whom each came is for the stream's author alone: 16 bytes that only the node key which signed the stream can read.
 */
import type { InstitutionId, NodeKey, StreamId } from '@tocsin/model'
import { z } from 'zod'
import { createBoundedCache } from './bounded.ts'
import { concatBytes, equalBytes, fromHex, sha256, utf8 } from './bytes.ts'
import type { SigningKey } from './ed25519.ts'
import { writeFields } from './fields.ts'
import { institutionKey } from './institution.ts'
import { isUnique, Millis } from './shapes.ts'
import { agree, montgomeryOf, x25519Key, x25519PublicKey } from './x25519.ts'

/** Streams that one receipt speaks of, those that grew last. */
export const RECEIPT_STREAMS = 64
/** Of a stream's id and of an institution's root key, bytes: enough that nobody finds a second one. */
export const MARK_BYTES = 16

const bytes = (length: number): z.ZodType<Uint8Array> =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length, `not ${length} bytes`)

export const ReceiptSchema = z.strictObject({
  /** X25519 public key (RFC 7748) of whoever seals. */
  key: bytes(32),
  /** Per stream: the first bytes of its id · the last seq held · since when, ms by the holder's clock · via whom, sealed. */
  held: z
    .array(z.tuple([bytes(MARK_BYTES), z.int().min(1), Millis, bytes(MARK_BYTES)]))
    .max(RECEIPT_STREAMS)
    .refine((held) => isUnique(held.map(([stream]) => Buffer.from(stream).toString('hex'))), 'a stream twice')
})

export type Receipt = z.infer<typeof ReceiptSchema>

/** What is sealed, and to whom. */
export interface Via {
  /** The node key that signed the stream. */
  readonly nodeKey: NodeKey
  readonly stream: StreamId
  readonly seq: number
  /** Whoever brought the entry. */
  readonly via: InstitutionId
}

/** Seals for many authors under one key of its own. */
export interface ViaSealer {
  /** For the `key` of the receipt. */
  readonly key: Uint8Array
  seal(via: Via): Uint8Array
}

const DOMAIN = utf8('tocsin/via/1\0')
const SHARED_SECRETS = 1024

/** The first bytes of a stream's id, as receipts name it. */
export function streamMark(stream: StreamId): Uint8Array {
  return fromHex(stream).subarray(0, MARK_BYTES)
}

/** @param seed 32 random bytes, new with each start of the process */
export function createViaSealer(seed: Uint8Array): ViaSealer {
  const own = x25519Key(seed)
  const key = x25519PublicKey(own)
  const secrets = createBoundedCache<NodeKey, Uint8Array>(SHARED_SECRETS)
  return {
    key,
    seal: ({ nodeKey, stream, seq, via }) => {
      const secret = secrets.get(nodeKey) ?? agree(own, montgomeryOf(fromHex(nodeKey)))
      // An admitted key always gives a secret; without one nothing is said.
      if (secret === undefined) return new Uint8Array(MARK_BYTES)
      secrets.set(nodeKey, secret)
      return xor(institutionKey(via).subarray(0, MARK_BYTES), pad(secret, key, stream, seq))
    }
  }
}

/**
 * Via whom, as a receipt says it of a stream that `key` signs: whichever of `institutions` it is. Undefined where it is
 * none of them, or was sealed for another key.
 */
export function openVia(
  key: Pick<SigningKey, 'agree'>,
  receipt: Uint8Array,
  sealed: { readonly stream: StreamId; readonly seq: number; readonly via: Uint8Array },
  institutions: Iterable<InstitutionId>
): InstitutionId | undefined {
  const secret = key.agree(receipt)
  if (secret === undefined) return undefined
  const mark = xor(sealed.via, pad(secret, receipt, sealed.stream, sealed.seq))
  for (const id of institutions) if (equalBytes(institutionKey(id).subarray(0, MARK_BYTES), mark)) return id
  return undefined
}

/** One for each place of a stream, so that no two things are ever sealed under one. */
function pad(secret: Uint8Array, key: Uint8Array, stream: StreamId, seq: number): Uint8Array {
  const place = writeFields(MARK_BYTES + 8, 'entry-field')
    .bytes(streamMark(stream), MARK_BYTES)
    .uint(seq, 8)
    .done()
  return sha256(concatBytes(DOMAIN, secret, key, place)).subarray(0, MARK_BYTES)
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0))
}
