import { type CircleId, PAPS, QuotasSchema, TLPS } from '@tocsin/model'
import { z } from 'zod'
import { concatBytes, sha256Hex, utf8 } from './bytes.ts'
import { encode } from './codec.ts'
import { hex, Institution, isUnique, line, Millis } from './shapes.ts'

const DOMAIN = utf8('tocsin/circle/1\0')

/** The rules of a circle. Its hash is the circle's id, so a charter never changes: another one is another circle. */
export const CharterSchema = z
  .strictObject({
    /** 128 random bits, so that two circles with the same rules differ. */
    nonce: hex(16),
    name: line(1, 64),
    founders: z.array(Institution).min(1).max(64).refine(isUnique, 'the same founder twice'),
    /** k: how many vouches admit, how many revocations strike. */
    threshold: z.int().min(1),
    defaults: z.strictObject({ tlp: z.enum(TLPS), pap: z.enum(PAPS) }),
    /** Bounds and default of keep-until, counted from the entry's clock. */
    retention: z
      .strictObject({ minMs: Millis, maxMs: Millis, defaultMs: Millis })
      .refine((span) => span.minMs <= span.defaultMs && span.defaultMs <= span.maxMs, 'minMs ≤ defaultMs ≤ maxMs'),
    /** From a retraction to the erasure of the body, so that a thief's retraction can be undone. */
    erasureDelayMs: Millis,
    /** How much one author and one peer may hand in; what is left out is as everywhere (DESIGN §8.5). */
    quotas: QuotasSchema.exactOptional()
  })
  .refine((charter) => charter.threshold <= charter.founders.length, 'the threshold exceeds the founders')

/** The value of a charter register. */
export type Charter = z.infer<typeof CharterSchema>

/** Circle id of the CBOR of a charter: SHA-256('tocsin/circle/1\0' ‖ value). */
export function circleIdOfBytes(value: Uint8Array): CircleId {
  return sha256Hex(concatBytes(DOMAIN, value)) as CircleId
}

/** Circle id of a charter. */
export function circleIdOf(charter: Charter): CircleId {
  return circleIdOfBytes(encode(charter))
}
