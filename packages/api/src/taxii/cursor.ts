/** Moments and cursors of TAXII 2.1 (§§2, 3.4): when something was added is its arrival, in µs since the epoch. */
import { z } from 'zod'
import type { TaxiiFilter, TaxiiPlace } from './ports.ts'

/** Behind everything of one arrival. */
const WHOLE = Number.MAX_SAFE_INTEGER
/** `next` of a query that names as many objects as one may. */
export const NEXT_MAX = 16_384

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.(\d{1,12}))?Z$/

/** RFC 3339 in UTC, as TAXII writes it: six digits of a second. */
export function momentOf(us: number): string {
  const whole = new Date(Math.floor(us / 1000)).toISOString()
  return `${whole.slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`
}

/** µs since the epoch of a UTC timestamp, finer digits cut; undefined for anything else, or before the epoch. */
export function parseMoment(text: string): number | undefined {
  const found = MOMENT.exec(text)
  if (found === null) return undefined
  const [, digits = ''] = found
  const ms = Date.parse(`${text.slice(0, 19)}Z`)
  const us = ms * 1000 + Number(digits.padEnd(6, '0').slice(0, 6))
  // The calendar has to agree: Date reads the 31st of April as the 1st of May.
  const isReal = Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 19) === text.slice(0, 19)
  return isReal && us >= 0 ? us : undefined
}

/** Everything that was added later than a moment. */
export function placeAfter(us: number): TaxiiPlace {
  return { arrival: us, index: WHOLE }
}

const Texts = z.array(z.string().max(300)).max(100)
const Whole = z.number().int().min(-1).max(WHOLE)
const Cursor = z.strictObject({
  a: Whole,
  i: Whole,
  ids: Texts.exactOptional(),
  types: Texts.exactOptional(),
  versions: z.array(Whole).max(100).exactOptional()
})

/**
 * `next`: where to go on, and for what. It stands for itself, since some clients send it and nothing else; whoever makes
 * one up reads what his token may read, and no more.
 */
export function writeCursor({ arrival, index }: TaxiiPlace, filter: TaxiiFilter): string {
  return Buffer.from(JSON.stringify({ a: arrival, i: index, ...filter })).toString('base64url')
}

/** Undefined for what is none. */
export function readCursor(text: string): { readonly after: TaxiiPlace; readonly filter: TaxiiFilter } | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
  const read = Cursor.safeParse(value)
  if (!read.success) return undefined
  const { a: arrival, i: index, ...filter } = read.data
  return { after: { arrival: Math.max(0, arrival), index }, filter }
}
