import { z } from 'zod'
import type { BulletinId, EntryId, InstitutionId } from './ids.ts'
import { isPlainLine, isPlainText } from './text.ts'

/**
 * The parts that every schema is made of. The same schemas check the signed bodies of hostile peers and what comes in
 * by HTTP, so every length is bounded (in UTF-16 code units) and no text holds what it should not.
 */

/** What can be wrong with a shape beyond what zod itself says: code → one line for docs/errors.md. */
export const SHAPE_ERRORS = {
  'bad-character': 'The text holds a control character, an unpaired surrogate or one that reorders what is read.',
  untrimmed: 'The line begins or ends with white space.',
  'bad-time': 'Not a time in ISO 8601; bodies hold 2026-11-24T09:00:00.000Z, drafts may also say 2026-11-24.',
  'bad-link': 'Not an http or https URL without user name and password.',
  'bad-file-name': 'Not a file name without a path, of at most 255 bytes.',
  'bad-bytes': 'Not bytes, or more than 8 MiB of them.',
  'time-order': 'Last seen lies before first seen.',
  duplicate: 'The list names the same type and value twice.',
  'not-normal': 'The value is not in the normal form of its type.',
  'about-itself': 'A bulletin cannot be about itself or supersede itself.',
  'count-says-more': 'A count of private sightings says how many institutions saw it, and nothing else.'
} as const

export type ShapeErrorCode = keyof typeof SHAPE_ERRORS

/** A custom issue that carries a stable code in `params.code`; the message is the table's unless the caller knows better. */
export function fault(code: ShapeErrorCode): Fault
export function fault<C extends string>(code: C, message: string): Fault
export function fault(code: string, message: string = SHAPE_ERRORS[code as ShapeErrorCode]): Fault {
  return { code: 'custom', message, params: { code } }
}

// A type alias: zod wants an index signature, which interfaces lack.
type Fault = {
  readonly code: 'custom'
  readonly message: string
  readonly params: { readonly code: string }
}

/**
 * At most `max` UTF-16 code units. zod counts code points since 4.6, which lets texts beyond the BMP be twice as long; what
 * may stand in a signed body must not move with a library. Its own bound stays, for the schemas that are made of it.
 */
function bounded(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .check((payload) => {
      const text = payload.value
      // Beyond twice as many units zod has refused it already.
      if (text.length <= max || text.length > 2 * max || [...text].length > max) return
      payload.issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: text })
    })
}

/** One line: no control characters, nothing that reorders text, not blank at either end, not empty. */
export function line(max: number): z.ZodString {
  return bounded(max)
    .min(1)
    .refine((text) => text.length > max || isPlainLine(text), fault('bad-character'))
    .refine((text) => text.length > max || text.trim() === text, fault('untrimmed'))
}

/** A text of several lines, perhaps empty: newline and tab are the only control characters. */
export function lines(max: number): z.ZodString {
  return bounded(max).refine((text) => text.length > max || isPlainText(text), fault('bad-character'))
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

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{3}Z$/
const DAYS_OF: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** True for the one spelling of a time that bodies use: `2026-11-24T09:00:00.000Z`, a day that exists, from 1970 on. */
export function isTime(text: string): boolean {
  if (text.length !== 24) return false
  const [, year, month, day, hour, minute, second] = TIME.exec(text) ?? []
  if (second === undefined || year === undefined || year < '1970') return false
  const days = month === '02' && isLeap(Number(year)) ? 29 : DAYS_OF[Number(month) - 1]
  return (
    days !== undefined &&
    Number(day) >= 1 &&
    Number(day) <= days &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60
  )
}

/** ISO 8601 in UTC with milliseconds, as Date.prototype.toISOString writes it. */
export const TimeSchema = z.string().refine(isTime, fault('bad-time'))

/** A link that an officer may follow: http or https, no user name or password in it. */
export const LinkSchema = z
  .string()
  .max(2048)
  .refine((text) => {
    if (text.length > 2048 || /\s/u.test(text) || !isPlainLine(text) || !URL.canParse(text)) return false
    const { protocol, username, password } = new URL(text)
    return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
  }, fault('bad-link'))

/** RFC 6838 §4.2 type/subtype, lower case, without parameters. */
export const MediaTypeSchema = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/, 'A media type such as text/plain is wanted.')

/** A file's name: one line, no path, at most 255 bytes. */
export const FileNameSchema = line(255).refine(
  (name) => !/[/\\]/.test(name) && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255,
  fault('bad-file-name')
)
