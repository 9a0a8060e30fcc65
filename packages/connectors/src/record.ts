/**
 * An item as bytes, the same in memory and in a file:
 *
 *   shared u32, bulletin's number in its run u32, length of the key with its code u32, flags u8, type code u8, index key,
 *   [length u32, JSON of the rest]
 *
 * `shared` says how much a record has in common with the one before it in its run: 0 if that is of another bulletin and the
 * order is by bulletin, else one more than the bytes of code and key in which both agree.
 */
import { INDICATOR_TYPE_NAMES, INDICATOR_TYPES, type Indicator, type IndicatorType } from '@tocsin/model'
import type { FeedBulletin, FeedItem } from './feed.ts'
import { keyLength, readValue, roomForKey, writeKey } from './key-text.ts'

const SHARED = 0
const BULLETIN = 4
const LENGTH = 8
const FLAGS = 12
/** Where code and key stand. */
export const TEXT = 13

const MALICIOUS = 1
const IS_ASCII = 2
const HAS_REST = 4

const TYPES: readonly (IndicatorType | undefined)[] = INDICATOR_TYPE_NAMES.reduce<(IndicatorType | undefined)[]>(
  (all, type) => {
    all[INDICATOR_TYPES[type].code] = type
    return all
  },
  []
)

/** JSON of what few indicators have; undefined where there is nothing else. */
export function restOf(indicator: Indicator): string | undefined {
  for (const name in indicator) {
    if (name === 'type' || name === 'value' || name === 'role') continue
    const { type: _, value: __, role: ___, ...rest } = indicator
    return JSON.stringify(rest)
  }
  return undefined
}

/** Bytes in which the record has room while it is written. */
export function roomFor({ value }: Indicator, rest: string | undefined): number {
  return TEXT + 1 + roomForKey(value) + (rest === undefined ? 0 : 4 + 3 * rest.length)
}

/** Writes all but what is shared, and gives the end. */
export function writeRecord(
  bytes: Buffer,
  start: number,
  { type, value, role }: Indicator,
  rest: string | undefined,
  bulletin: number
): number {
  const text = start + TEXT
  const end = writeKey(bytes, text + 1, type, value)
  const isAscii = end - text - 1 === keyLength(type, value)
  bytes.writeUInt32LE(bulletin, start + BULLETIN)
  bytes.writeUInt32LE(end - text, start + LENGTH)
  bytes[start + FLAGS] =
    (role === 'malicious' ? MALICIOUS : 0) | (isAscii ? IS_ASCII : 0) | (rest === undefined ? 0 : HAS_REST)
  bytes[text] = INDICATOR_TYPES[type].code
  if (rest === undefined) return end
  const length = bytes.write(rest, end + 4)
  bytes.writeUInt32LE(length, end)
  return end + 4 + length
}

export function setShared(bytes: Buffer, start: number, shared: number): void {
  bytes.writeUInt32LE(shared, start + SHARED)
}

export const sharedOf = (bytes: Buffer, start: number): number => bytes.readUInt32LE(start + SHARED)
export const bulletinOf = (bytes: Buffer, start: number): number => bytes.readUInt32LE(start + BULLETIN)
/** Where code and key end. */
export const textEnd = (bytes: Buffer, start: number): number => start + TEXT + bytes.readUInt32LE(start + LENGTH)

/** The end of the record; undefined where the bytes end before it does. */
export function recordEnd(bytes: Buffer, start: number, used: number): number | undefined {
  if (start + TEXT > used) return undefined
  let end = textEnd(bytes, start)
  if (((bytes[start + FLAGS] as number) & HAS_REST) !== 0) {
    if (end + 4 > used) return undefined
    end += 4 + bytes.readUInt32LE(end)
  }
  return end > used ? undefined : end
}

export function readRecord(bytes: Buffer, start: number, bulletin: FeedBulletin): FeedItem {
  const flags = bytes[start + FLAGS] as number
  const type = TYPES[bytes[start + TEXT] as number] as IndicatorType
  const end = textEnd(bytes, start)
  const value = readValue(bytes, start + TEXT + 1, end, type, (flags & IS_ASCII) !== 0)
  const role = (flags & MALICIOUS) !== 0 ? 'malicious' : 'context'
  if ((flags & HAS_REST) === 0) return { indicator: { type, value, role }, bulletin }
  const rest = bytes.toString('utf8', end + 4, end + 4 + bytes.readUInt32LE(end))
  return { indicator: { type, value, role, ...(JSON.parse(rest) as Partial<Indicator>) }, bulletin }
}
