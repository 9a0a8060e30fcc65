/** The two orders that feeds are written in. */
import { INDICATOR_TYPES } from '@tocsin/model'
import type { FeedItem } from './feed.ts'

/** An order of items by a number, then by their index keys as UTF-8; what it calls equal keeps the order in which it came. */
export interface ItemOrder<P> {
  /** What of each comes before its key: of these items alone. */
  readonly ranksOf: (items: readonly FeedItem[]) => Uint32Array
  /** What is compared of one item alone. */
  readonly placeOf: (item: FeedItem) => P
  readonly compare: (a: P, b: P) => number
}

export interface Place {
  readonly code: number
  readonly key: string
  /** JavaScript's own order of the key is that of UTF-8. */
  readonly isLow: boolean
}

export interface BulletinPlace extends Place {
  readonly bulletin: FeedItem['bulletin']
}

/** Feed order: type code, then index key as UTF-8. */
export const BY_VALUE: ItemOrder<Place> = {
  ranksOf: (items) => new Uint32Array(items.map(codeOf)),
  placeOf,
  compare: comparePlaces
}

/** By bulletin (its id, then its author), and in feed order within each. */
export const BY_BULLETIN: ItemOrder<BulletinPlace> = {
  ranksOf: (items) => {
    const numbers = bulletinNumbers(items)
    // Codes are bytes.
    return new Uint32Array(items.map((item) => (numbers.get(item.bulletin) ?? 0) * 256 + codeOf(item)))
  },
  placeOf: (item) => {
    const { code, key, isLow } = placeOf(item)
    return { bulletin: item.bulletin, code, key, isLow }
  },
  // Neighbours are of one bulletin, and mostly of one object.
  compare: (a, b) =>
    (a.bulletin === b.bulletin ? 0 : compareUtf8(bulletinKey(a.bulletin), bulletinKey(b.bulletin))) ||
    comparePlaces(a, b)
}

/** The bulletins of these items by their place among each other; the same number for the same key. */
function bulletinNumbers(items: readonly FeedItem[]): ReadonlyMap<FeedItem['bulletin'], number> {
  const keys = new Map<FeedItem['bulletin'], string>()
  for (const { bulletin } of items) if (!keys.has(bulletin)) keys.set(bulletin, bulletinKey(bulletin))
  const places = new Map([...new Set(keys.values())].sort(compareUtf8).map((key, number) => [key, number]))
  return new Map([...keys].map(([bulletin, key]) => [bulletin, places.get(key) ?? 0]))
}

/** Tells bulletins apart: an id is one bulletin of one author. */
export function bulletinKey({ id, author }: FeedItem['bulletin']): string {
  return `${id} ${author}`
}

/** Under which a value stands in feed order within its type: no two values of a type have the same. */
export function keyOf({ indicator }: FeedItem): string {
  return INDICATOR_TYPES[indicator.type].indexKey(indicator.value)
}

function codeOf({ indicator }: FeedItem): number {
  return INDICATOR_TYPES[indicator.type].code
}

// From the surrogates on the order of UTF-16 units is not that of UTF-8.
const HIGH = /[\ud800-\uffff]/

function placeOf(item: FeedItem): Place {
  const key = keyOf(item)
  return { code: codeOf(item), key, isLow: !HIGH.test(key) }
}

function comparePlaces(a: Place, b: Place): number {
  if (a.code !== b.code) return a.code - b.code
  if (a.key === b.key) return 0
  if (a.isLow && b.isLow) return a.key < b.key ? -1 : 1
  return compareUtf8(a.key, b.key)
}

/** Orders texts as their UTF-8 bytes, as the store does; JavaScript's own order differs beyond U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

// Surrogates (U+D800…DFFF) stand for code points above all others: moved behind U+E000…FFFF.
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
