/** Small zod shapes that registers share. What they accept is part of the protocol and must not move with a library. */
import { type InstitutionId, isInstitutionId, isNodeKey, type NodeKey } from '@tocsin/model'
import { z } from 'zod'
import { fromHex } from './bytes.ts'
import { admitKey } from './ed25519.ts'
import { institutionKey } from './institution.ts'

// Control characters, line and paragraph separators, and bidirectional overrides: they forge what a screen shows.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

// Lower-case letters, digits, hyphens (RFC 1123 §2.1), two labels at least; internationalised names as A-labels.
const DOMAIN = /^(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** One line of printable text; lengths in UTF-16 units. */
export function line(least: number, most: number): z.ZodString {
  return (
    z
      .string()
      .min(least)
      .max(most)
      // zod counts code points since 4.6, this protocol UTF-16 units.
      .refine((text) => text.length <= most, 'too long')
      .refine((text) => !UNPRINTABLE.test(text), 'no control characters, line breaks or direction overrides')
  )
}

/** Lower-case hex of `bytes` bytes. */
export function hex(bytes: number): z.ZodString {
  return z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
}

/** ms since the epoch, or a span in ms. */
export const Millis: z.ZodInt = z.int().min(0)

/** A DNS name in normal form. */
export const Domain: z.ZodString = z.string().regex(DOMAIN)

/** No two alike. */
export function isUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}

/** 64 hex digits that `admitKey` accepts. */
export const AdmissibleKey: z.ZodType<NodeKey> = z.custom<NodeKey>(
  (value) => typeof value === 'string' && isNodeKey(value) && isAdmissible(() => fromHex(value)),
  'not an admissible Ed25519 key'
)

/** An institution id whose key `admitKey` accepts. */
export const Institution: z.ZodType<InstitutionId> = z.custom<InstitutionId>(
  (value) => typeof value === 'string' && isInstitutionId(value) && isAdmissible(() => institutionKey(value)),
  'not the did:key of an admissible Ed25519 key'
)

function isAdmissible(bytes: () => Uint8Array): boolean {
  try {
    admitKey(bytes())
    return true
  } catch {
    return false
  }
}
