import { hashFour, hashNet, MAPPED, masked, readIpv4, readIpv6 } from './address.ts'
import {
  CLASS,
  COLON,
  DOT,
  escapeLength,
  FOLD,
  HEX,
  HEX_LETTER,
  HIGH,
  LETTER,
  NAME,
  SIGN,
  UNDERSCORE,
  WORD
} from './bytes.ts'
import { createHexFinder, LEAST_HEX } from './find-hexes.ts'
import { findLinks } from './find-links.ts'
import { findMails } from './find-mails.ts'
import { sameBytes } from './hashes.ts'
import { HAS_LINK, HAS_MAIL, type Hit, type HuntIndex } from './index-shape.ts'
import { finish, mayHold, PRIME } from './table.ts'
import { foreignNames } from './unicode.ts'

/** Finds every indicator of an index in a block of whole lines. */
export interface Scanner {
  /** `bytes[end]` must be 0. Finds are told in no order; nothing is kept. */
  scan(bytes: Uint8Array, start: number, end: number, hit: Hit): void
}

const DOT_BYTE = 0x2e
const DASH_BYTE = 0x2d
const PERCENT_BYTE = 0x25
const BACKSLASH_BYTE = 0x5c
/** What a run of addresses does not hold. */
const NOT_NUMBERS = LETTER | HEX_LETTER | HIGH | UNDERSCORE
/** Bytes of the shortest IPv4 address. */
const LEAST_V4 = 7

/** Octets of the longest IPv6 address as text, with a word before it. */
const LONGEST_V6 = 64

export function createScanner(index: HuntIndex): Scanner {
  const { seed, hosts, names, parents, nets, next, texts } = index
  const words = new Uint32Array(4)
  // Constants of this closure are constants to the compiler; those of a module are loaded each time.
  const kinds = CLASS
  const folded = FOLD
  const { bits: nameBits, bitShift: nameShift } = names
  const { bits: parentBits, bitShift: parentShift } = parents
  const hasRanges4 = nets.lengths4.length > 0
  const { any6 } = nets
  const findHexes = createHexFinder(index)
  let bytes: Uint8Array = new Uint8Array()
  let least = 0
  let hit: Hit = () => undefined

  /** Tells all that lead to one host: itself, and with `isWhole` what stands around it. */
  function tellHost(host: number, start: number, end: number, isWhole: boolean): void {
    for (let one = hosts.first[host] as number; one !== 0; one = next[one - 1] as number) hit(one - 1, start, end)
    const flags = hosts.flags[host] as number
    if (!isWhole || flags === 0) return
    if ((flags & HAS_LINK) !== 0) findLinks(index, bytes, least, host, start, end, hit)
    if ((flags & HAS_MAIL) !== 0) findMails(index, bytes, least, host, start, end, hit)
  }

  /** A name and all names above it: `from` to `to` in `text`, found at `start` to `end` of the block. */
  function tryName(text: Uint8Array, from: number, to: number, start: number, end: number): void {
    let hash = seed
    let at = to - 1
    for (;;) {
      const byte = at >= from ? (folded[text[at] as number] as number) : DOT_BYTE
      if (byte === DOT_BYTE) {
        const finished = finish(hash)
        const bit = finished >>> nameShift
        if ((((nameBits[bit >>> 5] as number) >>> (bit & 31)) & 1) !== 0)
          lookName(text, finished, at + 1, to, start, end, at < from)
        if (at < from) return
        const above = finished >>> parentShift
        if ((((parentBits[above >>> 5] as number) >>> (above & 31)) & 1) === 0) return
      }
      hash = Math.imul(hash ^ byte, PRIME)
      at -= 1
    }
  }

  function lookName(
    text: Uint8Array,
    hash: number,
    from: number,
    to: number,
    start: number,
    end: number,
    isWhole: boolean
  ): void {
    const { slots, mask } = names
    for (let at = hash & mask; slots[at * 2 + 1] !== 0; at = (at + 1) & mask) {
      if (slots[at * 2] !== hash) continue
      const host = (slots[at * 2 + 1] as number) - 1
      const begin = hosts.starts[host] as number
      if ((hosts.ends[host] as number) - begin !== to - from || !sameBytes(texts, begin, text, from, to - from))
        continue
      tellHost(host, start, end, isWhole)
      return
    }
  }

  function tryNet(length: number, hash: number, start: number, end: number): void {
    if (!mayHold(nets.table, hash)) return
    const { slots, mask } = nets.table
    for (let at = hash & mask; slots[at * 2 + 1] !== 0; at = (at + 1) & mask) {
      if (slots[at * 2] !== hash) continue
      const host = (slots[at * 2 + 1] as number) - 1
      if (nets.lengths[host] !== length) continue
      let isSame = true
      for (let word = 0; word < 4; word += 1)
        if (nets.words[host * 4 + word] !== masked(words[word] as number, word, length)) isSame = false
      if (!isSame) continue
      tellHost(host, start, end, length === 128)
      return
    }
  }

  /** An address in `words`, and all ranges that hold it. */
  function tryAddress(start: number, end: number, isFour: boolean): void {
    if (isFour) {
      const four = words[3] as number
      tryNet(128, hashFour(seed, four, 128), start, end)
      const block = four >>> 16
      if (!hasRanges4 || (((nets.near[block >>> 5] as number) >>> (block & 31)) & 1) === 0) return
      for (const length of nets.lengths4) tryNet(length, hashFour(seed, masked(four, 3, length), length), start, end)
      return
    }
    tryNet(128, hashNet(seed, words, 128), start, end)
    for (const length of nets.lengths6) tryNet(length, hashNet(seed, words, length), start, end)
  }

  /** Digits, dots and dashes: addresses, one or with a dash between two. */
  function tryNumbers(text: Uint8Array, start: number, end: number): void {
    let from = start
    for (let at = start; at <= end; at += 1) {
      if (at < end && text[at] !== DASH_BYTE) continue
      let first = from
      let last = at
      while (first < last && text[first] === DOT_BYTE) first += 1
      while (last > first && text[last - 1] === DOT_BYTE) last -= 1
      from = at + 1
      if (last - first < 7 || last - first > 15 || !readIpv4(text, first, last, words)) continue
      words[0] = 0
      words[1] = 0
      words[2] = MAPPED
      tryAddress(first, last, true)
    }
  }

  /** The run of hexadecimal digits, dots and colons around the colon at `colon`; returns where it ends. */
  function tryV6(colon: number, end: number): number {
    const isPart = (at: number): boolean =>
      at >= least && at < end && ((CLASS[bytes[at] as number] as number) & (HEX | DOT | COLON)) !== 0
    const isWord = (at: number): boolean =>
      at >= least && at < end && ((CLASS[bytes[at] as number] as number) & (WORD | UNDERSCORE | HIGH)) !== 0
    let start = colon
    while (isPart(start - 1)) start -= 1
    let stop = colon
    let colons = 0
    let isShort = false
    for (; isPart(stop); stop += 1) {
      if (bytes[stop] !== SIGN.colon) continue
      colons += 1
      if (bytes[stop + 1] === SIGN.colon) isShort = true
    }
    // Times of day are no addresses.
    if (!isShort && colons < 7) return stop
    let [from, to] = [start, stop]
    // A word before or behind that runs into the address ends at its colon: `src:2001:db8::1`.
    if (isWord(from - 1)) {
      while (from < to && bytes[from] !== SIGN.colon) from += 1
      from += 1
    } else if (bytes[from] === SIGN.colon && bytes[from + 1] !== SIGN.colon) from += 1
    if (isWord(to)) {
      while (to > from && bytes[to - 1] !== SIGN.colon) to -= 1
      to -= 1
      if (bytes[to - 1] === SIGN.colon) return stop
    }
    while (to > from && bytes[to - 1] === SIGN.dot) to -= 1
    if (bytes[to - 1] === SIGN.colon && bytes[to - 2] !== SIGN.colon) to -= 1
    if (to - from > LONGEST_V6 || to - from < 2 || !readIpv6(bytes, from, to, words)) return stop
    const isFour = words[0] === 0 && words[1] === 0 && words[2] === MAPPED
    // A mapped address in dotted form was met as the IPv4 address that it is.
    if (!isFour || bytes.subarray(from, to).indexOf(SIGN.dot) < 0) tryAddress(from, to, isFour)
    return stop
  }

  /** A run with characters beyond ASCII: its names in their A-labels, the rest as it stands. */
  function tryForeign(start: number, end: number): void {
    for (const { from, to, ascii } of foreignNames(bytes, start, end)) {
      if (ascii !== undefined) tryName(ascii, 0, ascii.length, from, to)
      else tryPlain(from, to)
    }
  }

  /** A piece of such a run that is all ASCII. */
  function tryPlain(start: number, end: number): void {
    let classes = 0
    for (let at = start; at < end; at += 1) classes |= CLASS[bytes[at] as number] as number
    if ((classes & DOT) === 0) return
    if ((classes & NOT_NUMBERS) === 0) tryNumbers(bytes, start, end)
    else if ((classes & (LETTER | HEX_LETTER)) !== 0) {
      let from = start
      let to = end
      while (from < to && bytes[from] === DOT_BYTE) from += 1
      while (to > from && bytes[to - 1] === DOT_BYTE) to -= 1
      if (to > from) tryName(bytes, from, to, from, to)
    }
  }

  /** The run from `start`, which an escape may have begun. */
  function tryRun(text: Uint8Array, start: number, end: number, classes: number): void {
    const before = start > least ? text[start - 1] : 0
    if (before === PERCENT_BYTE || before === BACKSLASH_BYTE) tryEscaped(start, end, classes)
    else if ((classes & NOT_NUMBERS) === 0) {
      if (end - start >= LEAST_V4) tryNumbers(text, start, end)
    } else if ((classes & HIGH) !== 0) tryForeign(start, end)
    else if ((classes & (LETTER | HEX_LETTER)) !== 0) {
      let from = start
      let to = end
      while (from < to && text[from] === DOT_BYTE) from += 1
      while (to > from && text[to - 1] === DOT_BYTE) to -= 1
      if (to > from) tryName(text, from, to, from, to)
    }
  }

  function tryEscaped(start: number, end: number, classes: number): void {
    const from = Math.min(end, start + escapeLength(bytes, start, least))
    if ((classes & HIGH) !== 0) tryForeign(from, end)
    else tryPlain(from, end)
  }

  return {
    scan(block, start, end, tell) {
      bytes = block
      least = start
      hit = tell
      let after6 = start
      let at = start
      for (;;) {
        let kind = kinds[block[at] as number] as number
        while ((kind & NAME) === 0) {
          if (kind === 0) {
            if (at >= end) return
          } else if (any6 && at >= after6 && ((kinds[block[at + 1] as number] as number) & (HEX | COLON)) !== 0)
            // A colon; each run around one is read once, at its first, which a digit or another colon follows.
            after6 = tryV6(at, end)
          at += 1
          kind = kinds[block[at] as number] as number
        }
        const begin = at
        let classes = kind
        for (at += 1; ; at += 1) {
          kind = kinds[block[at] as number] as number
          if ((kind & NAME) === 0) break
          classes |= kind
        }
        if (at - begin >= LEAST_HEX) findHexes(block, start, begin, at, tell)
        if ((classes & DOT) !== 0) tryRun(block, begin, at, classes)
      }
    }
  }
}
