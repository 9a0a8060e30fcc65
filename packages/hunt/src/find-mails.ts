import { CLASS, DASH, DOT, endsEscape, FOLD, HIGH, SIGN, UNDERSCORE, WORD } from './bytes.ts'
import { sameBytes } from './hashes.ts'
import type { Hit, HuntIndex } from './index-shape.ts'
import { finish, mayHold, PRIME } from './table.ts'

/** Octets of the longest local part (RFC 5321 §4.5.3.1.1). */
const LONGEST = 64

/** What a local part can hold (RFC 5322 §3.2.3 atext, dots, and RFC 6531), and what goes on one in practice. */
const ATEXT: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || /[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]/.test(String.fromCharCode(byte)) ? 1 : 0
)
const goesOn = (byte: number): boolean =>
  ((CLASS[byte] as number) & (WORD | DOT | DASH | UNDERSCORE | HIGH)) !== 0 || byte === 0x2b

/**
 * Finds the addresses at a host, which stands from `start` to `end`, by what stands before it: `@` or `%40`, and a local
 * part that begins where a word does. Signs such as `=` and `/` may be part of one and more often are not: both are tried.
 */
export function findMails(
  index: HuntIndex,
  bytes: Uint8Array,
  least: number,
  host: number,
  start: number,
  end: number,
  hit: Hit
): void {
  const at = signBefore(bytes, start, least)
  if (at < 0) return
  const { slots, mask } = index.mails
  let hash = index.seed ^ host
  for (let from = at - 1; from >= least && at - from <= LONGEST; from -= 1) {
    const byte = bytes[from] as number
    if (ATEXT[byte] === 0) return
    hash = Math.imul(hash ^ (FOLD[byte] as number), PRIME)
    if (from > least && goesOn(bytes[from - 1] as number) && !endsEscape(bytes, from, least)) continue
    const finished = finish(hash)
    if (mayHold(index.mails, finished)) look(finished, from)
  }

  function look(finished: number, from: number): void {
    for (let place = finished & mask; slots[place * 2 + 1] !== 0; place = (place + 1) & mask) {
      if (slots[place * 2] !== finished) continue
      const number = (slots[place * 2 + 1] as number) - 1
      const begin = index.offsets[number] as number
      if (index.texts[begin + at - from] === SIGN.at && sameBytes(index.texts, begin, bytes, from, at - from))
        hit(number, from, end)
    }
  }
}

/** Where `@` stands before a host, or the `%` of `%40`; -1 if neither does. */
function signBefore(bytes: Uint8Array, start: number, least: number): number {
  if (start > least && bytes[start - 1] === SIGN.at) return start - 1
  if (start - 3 < least || bytes[start - 1] !== SIGN.zero || bytes[start - 2] !== SIGN.four) return -1
  return bytes[start - 3] === SIGN.percent ? start - 3 : -1
}
