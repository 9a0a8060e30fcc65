import { CLASS, escapeLength, HEX, SIGN, WORD } from './bytes.ts'
import { hashBytes, sameBytes } from './hashes.ts'
import type { Hit, HuntIndex } from './index-shape.ts'
import { mayHold } from './table.ts'
import { DIGITS } from './types.ts'

/** Finds the hashes in a run of name characters, which lies in a block that begins at `least`. */
export type HexFinder = (bytes: Uint8Array, least: number, start: number, end: number, hit: Hit) => void

/** Shortest run of hexadecimal digits that is a hash. */
export const LEAST_HEX = 32
const LENGTHS: ReadonlySet<number> = new Set(Object.values(DIGITS))

export function createHexFinder({ seed, hexes, texts, offsets }: HuntIndex): HexFinder {
  const kinds = CLASS

  function look(bytes: Uint8Array, least: number, start: number, end: number, hit: Hit): void {
    const from = start + escapeLength(bytes, start, least)
    const length = end - from
    if (!LENGTHS.has(length)) return
    const hash = hashBytes(seed, bytes, from, end)
    if (!mayHold(hexes, hash)) return
    const { slots, mask } = hexes
    // Types of one length may name the same digits.
    for (let at = hash & mask; slots[at * 2 + 1] !== 0; at = (at + 1) & mask) {
      if (slots[at * 2] !== hash) continue
      const number = (slots[at * 2 + 1] as number) - 1
      const begin = offsets[number] as number
      if ((offsets[number + 1] as number) - begin === length && sameBytes(texts, begin, bytes, from, length))
        hit(number, from, end)
    }
  }

  return (bytes, least, start, end, hit) => {
    for (let at = start; at < end; ) {
      const from = at
      let classes = 0
      for (; at < end; at += 1) {
        const kind = kinds[bytes[at] as number] as number
        if ((kind & WORD) === 0) break
        classes |= kind
      }
      // A letter that an escape needs is no part of the digits: `\n`.
      if (at - from >= LEAST_HEX && ((classes & ~HEX) === 0 || bytes[from - 1] === SIGN.backslash))
        look(bytes, least, from, at, hit)
      at += 1
    }
  }
}
