import { hashNet, MAPPED, masked, readIpv4, readIpv6 } from './address.ts'
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
  SIGN,
  UNDERSCORE,
  WORD
} from './bytes.ts'
import { findLinks } from './find-links.ts'
import { findMails } from './find-mails.ts'
import { hashBytes, sameBytes } from './hashes.ts'
import { HAS_LINK, HAS_MAIL, type Hit, type HuntIndex } from './index-shape.ts'
import { finish, mayHold, PRIME } from './table.ts'
import { foreignNames } from './unicode.ts'

/** Finds every indicator of an index in a block of whole lines. */
export interface Scanner {
  /** `bytes[end]` must be there and separate (a line end or 0). Finds are told in no order; nothing is kept. */
  scan(bytes: Uint8Array, start: number, end: number, hit: Hit): void
}

/** Shortest run of hexadecimal digits that is a hash. */
const LEAST_HEX = 32
/** Octets of the longest IPv6 address as text, with a word before it. */
const LONGEST_V6 = 64

export function createScanner(index: HuntIndex): Scanner {
  const { seed, hosts, names, parents, nets, hexes, next, texts, offsets } = index
  const words = new Uint32Array(4)
  const hasRanges4 = nets.lengths4.length > 0
  const { any6 } = nets
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
      const byte = at >= from ? (FOLD[text[at] as number] as number) : SIGN.dot
      if (byte === SIGN.dot) {
        const finished = finish(hash)
        if (mayHold(names, finished)) lookName(text, finished, at + 1, to, start, end, at < from)
        if (at < from || !mayHold(parents, finished)) return
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

  function tryNet(length: number, start: number, end: number): void {
    const hash = hashNet(seed, words, length)
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
    tryNet(128, start, end)
    if (!isFour) for (const length of nets.lengths6) tryNet(length, start, end)
    else if (hasRanges4) {
      const block = (words[3] as number) >>> 16
      if ((((nets.near[block >>> 5] as number) >>> (block & 31)) & 1) === 0) return
      for (const length of nets.lengths4) tryNet(length, start, end)
    }
  }

  /** Digits, dots and dashes: addresses, one or with a dash between two. */
  function tryNumbers(start: number, end: number): void {
    let from = start
    for (let at = start; at <= end; at += 1) {
      if (at < end && bytes[at] !== SIGN.dash) continue
      let [first, last] = [from, at]
      while (first < last && bytes[first] === SIGN.dot) first += 1
      while (last > first && bytes[last - 1] === SIGN.dot) last -= 1
      const address = readIpv4(bytes, first, last)
      if (address >= 0) {
        words[0] = 0
        words[1] = 0
        words[2] = MAPPED
        words[3] = address
        tryAddress(first, last, true)
      }
      from = at + 1
    }
  }

  /** A run of what names are written with, in ASCII; `classes` are those of its bytes. */
  function tryHost(start: number, end: number, classes: number): void {
    if ((classes & (LETTER | HEX_LETTER)) === 0) {
      if ((classes & UNDERSCORE) === 0) tryNumbers(start, end)
      return
    }
    let [from, to] = [start, end]
    while (from < to && bytes[from] === SIGN.dot) from += 1
    while (to > from && bytes[to - 1] === SIGN.dot) to -= 1
    if (to > from) tryName(bytes, from, to, from, to)
  }

  function tryHex(start: number, end: number): void {
    const from = start + escapeLength(bytes, start, least)
    const length = end - from
    if (length !== 32 && length !== 40 && length !== 64 && length !== 128 && length !== 62) return
    const hash = hashBytes(seed, bytes, from, end)
    if (!mayHold(hexes, hash)) return
    const { slots, mask } = hexes
    for (let at = hash & mask; slots[at * 2 + 1] !== 0; at = (at + 1) & mask) {
      if (slots[at * 2] !== hash) continue
      const number = (slots[at * 2 + 1] as number) - 1
      const begin = offsets[number] as number
      if ((offsets[number + 1] as number) - begin === length && sameBytes(texts, begin, bytes, from, length))
        hit(number, from, end)
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
    if ((classes & DOT) !== 0) tryHost(start, end, classes)
  }

  /** The run from `start`, which an escape may have begun. */
  function tryRun(start: number, end: number, classes: number): void {
    const before = start > least ? bytes[start - 1] : 0
    if (before !== SIGN.percent && before !== SIGN.backslash) {
      if ((classes & HIGH) !== 0) tryForeign(start, end)
      else tryHost(start, end, classes)
      return
    }
    const from = Math.min(end, start + escapeLength(bytes, start, least))
    if ((classes & HIGH) !== 0) tryForeign(from, end)
    else tryPlain(from, end)
  }

  return {
    scan(block, start, end, tell) {
      bytes = block
      least = start
      hit = tell
      let at = start
      let after6 = start
      while (at < end) {
        let kind = CLASS[block[at] as number] as number
        if (kind === 0) {
          at += 1
          continue
        }
        if (kind === COLON) {
          // Each run is read once, at its first colon, which a digit or another colon follows.
          if (any6 && at >= after6 && ((CLASS[block[at + 1] as number] as number) & (HEX | COLON)) !== 0)
            after6 = tryV6(at, end)
          at += 1
          continue
        }
        const begin = at
        let classes = 0
        for (;;) {
          const segment = at
          let part = 0
          for (;;) {
            kind = CLASS[block[at] as number] as number
            if ((kind & WORD) === 0) break
            part |= kind
            at += 1
          }
          classes |= part
          if (at - segment >= LEAST_HEX && ((part & ~HEX) === 0 || block[segment - 1] === SIGN.backslash))
            tryHex(segment, at)
          if (kind === 0 || kind === COLON) break
          classes |= kind
          at += 1
        }
        if ((classes & DOT) !== 0) tryRun(begin, at, classes)
      }
    }
  }
}
