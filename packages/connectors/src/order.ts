/**
 * The two orders that feeds are written in: by value (type code, then index key as UTF-8: feed order), or by bulletin (its id,
 * then its author) and in feed order within each.
 */
import type { FeedBulletin } from './feed.ts'

export type FeedOrder = 'value' | 'bulletin'

/** Tells bulletins apart: an id is one bulletin of one author. */
export function bulletinKey({ id, author }: FeedBulletin): string {
  return `${id} ${author}`
}

/** The order of bulletins; 0 for two objects of one. */
export function compareKeys(a: FeedBulletin, b: FeedBulletin): number {
  return a === b ? 0 : compareUtf8(bulletinKey(a), bulletinKey(b))
}

/** Orders texts as their UTF-8 bytes, as the store does; JavaScript's own order differs beyond U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rankOf(x) - rankOf(y)
  }
  return a.length - b.length
}

// Surrogates (U+D800…DFFF) stand for code points above all others: moved behind U+E000…FFFF.
export function rankOf(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** The UTF-16 unit of a rank. */
export function unitOf(rank: number): number {
  if (rank < 0xd800) return rank
  return rank < 0xf800 ? rank + 0x800 : rank - 0x2000
}
