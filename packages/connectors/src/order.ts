/** The two orders that feeds are written in, and the sorting of what is held. */
import { INDICATOR_TYPES } from '@tocsin/model'
import type { FeedItem } from './feed.ts'

/** An order of items; what it calls equal keeps the order in which it came. */
export interface ItemOrder<P> {
  /** Compares two items of these by their numbers, with as little beside them as it can. */
  readonly comparing: (items: readonly FeedItem[]) => (a: number, b: number) => number
  /** What is compared of one item alone. */
  readonly placeOf: (item: FeedItem) => P
  readonly compare: (a: P, b: P) => number
}

export interface Place {
  readonly code: number
  readonly key: string
  readonly value: string
  /** JavaScript's own order of key and value is that of UTF-8. */
  readonly isLow: boolean
}

/** Feed order: type code, then index key as UTF-8. */
export const BY_VALUE: ItemOrder<Place> = { comparing, placeOf, compare: comparePlaces }

/** By bulletin: its id, then its author. */
export const BY_BULLETIN: ItemOrder<string> = {
  comparing: (items) => {
    const keys = items.map(bulletinKey)
    return (a, b) => compareUtf8(keys[a] ?? '', keys[b] ?? '')
  },
  placeOf: bulletinKey,
  compare: compareUtf8
}

/** Tells bulletins apart: an id is one bulletin of one author. */
export function bulletinKey({ bulletin }: FeedItem): string {
  return `${bulletin.id} ${bulletin.author}`
}

/** Items sorted, or handed on, at a stretch: a few milliseconds, after which others have their turn. */
export const STRETCH = 2048

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The items' numbers in order: short runs, then merged two by two, with turns for others in between. */
export async function ordered(
  items: readonly FeedItem[],
  { comparing }: Pick<ItemOrder<never>, 'comparing'>
): Promise<Uint32Array> {
  const compare = comparing(items)
  let from = new Uint32Array(items.length).map((_, i) => i)
  for (let start = 0; start < from.length; start += STRETCH) {
    from.subarray(start, start + STRETCH).sort(compare)
    await turn()
  }
  let to = new Uint32Array(items.length)
  for (let width = STRETCH; width < from.length; width *= 2) {
    let since = 0
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      let [i, j] = [start, middle]
      for (let out = start; out < end; out += 1) {
        const takesLeft = j >= end || (i < middle && compare(from[i] ?? 0, from[j] ?? 0) <= 0)
        to[out] = (takesLeft ? from[i++] : from[j++]) ?? 0
        since += 1
        if (since % (4 * STRETCH) === 0) await turn()
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}

/** Index keys that are the values themselves take no room. */
function comparing(items: readonly FeedItem[]): (a: number, b: number) => number {
  const codes = new Uint8Array(items.length)
  const keys = new Array<string>(items.length)
  let areLow = true
  for (let i = 0; i < items.length; i += 1) {
    const { type, value } = (items[i] as FeedItem).indicator
    const info = INDICATOR_TYPES[type]
    codes[i] = info.code
    keys[i] = info.indexKey(value)
    areLow &&= !HIGH.test(value)
  }
  return (a, b) => {
    const codeOrder = (codes[a] ?? 0) - (codes[b] ?? 0)
    if (codeOrder !== 0) return codeOrder
    const [one = '', other = ''] = [keys[a], keys[b]]
    if (one !== other) return areLow ? (one < other ? -1 : 1) : compareUtf8(one, other)
    const [first, second] = [(items[a] as FeedItem).indicator.value, (items[b] as FeedItem).indicator.value]
    if (first === second) return 0
    return areLow ? (first < second ? -1 : 1) : compareUtf8(first, second)
  }
}

// From the surrogates on the order of UTF-16 units is not that of UTF-8.
const HIGH = /[\ud800-\uffff]/

function placeOf({ indicator }: FeedItem): Place {
  const info = INDICATOR_TYPES[indicator.type]
  const { value } = indicator
  return { code: info.code, key: info.indexKey(value), value, isLow: !HIGH.test(value) }
}

function comparePlaces(a: Place, b: Place): number {
  if (a.code !== b.code) return a.code - b.code
  if (!a.isLow || !b.isLow) return compareUtf8(a.key, b.key) || compareUtf8(a.value, b.value)
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.value === b.value ? 0 : a.value < b.value ? -1 : 1
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
