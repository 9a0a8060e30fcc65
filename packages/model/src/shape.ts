import { z } from 'zod'
import type { BulletinId, EntryId, InstitutionId } from './ids.ts'
import { isPlainLine, isPlainText } from './text.ts'

/**
 * The parts that every schema is made of. The same schemas check the signed bodies of hostile peers and what comes in
 * by HTTP, so every length is bounded (in UTF-16 code units) and no text holds what it should not.
 */

/** A custom issue that carries a stable code of ours in `params.code`. */
export function fault(code: string, message: string): { code: 'custom'; message: string; params: { code: string } } {
  return { code: 'custom', message, params: { code } }
}

/** One line: no control characters, nothing that reorders text, not blank at either end, not empty. */
export function line(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.length > max || isPlainLine(text), fault('bad-character', 'Control or direction character.'))
    .refine((text) => text.length > max || text.trim() === text, fault('untrimmed', 'White space at an end.'))
}

/** A text of several lines, perhaps empty: newline and tab are the only control characters. */
export function lines(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .refine((text) => text.length > max || isPlainText(text), fault('bad-character', 'Control character.'))
}

// The brand says that the pattern was checked; zod would add a brand type of its own.
function branded<T extends string>(pattern: RegExp, message: string): z.ZodType<T, string> {
  return z.string().regex(pattern, message) as unknown as z.ZodType<T, string>
}

export const InstitutionIdSchema = branded<InstitutionId>(
  /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/,
  'An institution id (did:key:z6Mk…) is wanted.'
)
export const EntryIdSchema = branded<EntryId>(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits are wanted.')
export const BulletinIdSchema = branded<BulletinId>(
  /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  'A UUID version 4 in lower case is wanted.'
)

/** True for the one spelling of a time that bodies use: `2026-11-24T09:00:00.000Z`, a day that exists, from 1970 on. */
export function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return false
  const ms = Date.parse(text)
  return ms >= 0 && new Date(ms).toISOString() === text
}

/** ISO 8601 in UTC with milliseconds, as Date.prototype.toISOString writes it. */
export const TimeSchema = z
  .string()
  .refine(isTime, fault('bad-time', 'A time such as 2026-11-24T09:00:00.000Z is wanted.'))

/** A link that an officer may follow: http or https, no user name or password in it. */
export const LinkSchema = z
  .string()
  .max(2048)
  .refine(
    (text) => {
      if (text.length > 2048 || /\s/u.test(text) || !isPlainLine(text) || !URL.canParse(text)) return false
      const { protocol, username, password } = new URL(text)
      return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
    },
    fault('bad-link', 'An http or https URL without user name is wanted.')
  )

/** RFC 6838 §4.2 type/subtype, lower case, without parameters. */
export const MediaTypeSchema = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/, 'A media type such as text/plain is wanted.')

/** A file's name: one line, no path, at most 255 bytes. */
export const FileNameSchema = line(255).refine(
  (name) => !/[/\\]/.test(name) && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255,
  fault('bad-file-name', 'A file name without a path, at most 255 bytes, is wanted.')
)
