import { COLON, DIGIT, HYPHEN, MARK, SIGN, traitsOf } from './chars.ts'
import { schemeAt } from './links.ts'

/** A run of characters that can be one indicator, half-open in the view. */
export interface Word {
  readonly start: number
  readonly end: number
  /** A scheme begins at `start`; `end` says nothing then. */
  readonly isLink: boolean
}

/** Below it no digits are a hash, a wallet or a fingerprint. */
const SHORTEST_HASH = 25
/** 'GHSA-' and three groups of four. */
const SHORTEST_GHSA = 19
const LONGEST_SCHEME = 5
// Where a scheme glued to a word can end: 'Lienhttp://…', 'xhxxp__…'.
const GLUED_TAIL = /h(?:[tx*+_]{2}|xt|tx)ps?$/i

/**
 * The next word from `from` on that can be an indicator or a link, cut at `limit`; undefined where only words of a
 * language follow. Every character of every text comes by here, once.
 */
export function nextWord(view: string, from: number, limit: number): Word | undefined {
  let at = from
  while (at < limit) {
    let traits = traitsOf(view.charCodeAt(at))
    if (traits === 0) {
      at++
      continue
    }
    const start = at
    // `inner` leaves out the marks that end the word: 'fin.' is a word of a language.
    let seen = 0
    let inner = 0
    for (;;) {
      if ((traits & (COLON | SIGN)) !== 0) {
        const scheme = schemeBefore(view, start, at)
        if (scheme === start) return { start, end: at, isLink: true }
        // A glued link begins where the word ends.
        if (scheme !== undefined) {
          at = scheme
          break
        }
      }
      seen |= traits
      if ((traits & MARK) === 0) inner = seen
      at++
      if (at === limit) break
      traits = traitsOf(view.charCodeAt(at))
      if (traits === 0) break
    }
    if (isCutScheme(view, start, at, limit)) return { start, end: at, isLink: true }
    if ((inner & MARK) !== 0 || at - start >= SHORTEST_HASH || mayBeIndicator(view, start, at, seen))
      return { start, end: at, isLink: false }
  }
  return undefined
}

/** The bits of all characters of a word. */
export function shapeOf(view: string, from: number, to: number): number {
  let shape = 0
  for (let at = from; at < to; at++) shape |= traitsOf(view.charCodeAt(at))
  return shape
}

/**
 * Whether a short word without a dot, colon or slash inside it can be an indicator: an autonomous system ('AS64500', 'AS'
 * before a number, a number after 'ASN:'), a vulnerability or a cut wallet ('bc1q…').
 */
function mayBeIndicator(view: string, from: number, to: number, seen: number): boolean {
  const hasDigit = (seen & DIGIT) !== 0
  const first = view.charCodeAt(from)
  const small = first | 0x20
  if (!hasDigit) {
    // 'AS' of a number that follows; 'GHSA-…' may have no digit.
    if (to - from === 2) return first === 0x41 && view.charCodeAt(from + 1) === 0x53
    return small === 0x67 && to - from >= SHORTEST_GHSA
  }
  // 'fe80::' ends in the only marks that say something where they end a word.
  const hasMark = (seen & MARK) !== 0
  const second = view.charCodeAt(from + 1) | 0x20
  // 'AS64500', 'CVE-…'
  if (small === 0x61) return hasMark || second === 0x73
  if (small === 0x63) return hasMark || second === 0x76
  if (small === 0x67) return to - from >= SHORTEST_GHSA
  const traits = traitsOf(first)
  if ((traits & (MARK | HYPHEN)) !== 0) return true
  const byAnything = hasMark || (small === 0x62 && second === 0x63)
  return (byAnything || traits === DIGIT) && isAnnounced(view, from, byAnything)
}

/**
 * Whether a colon, an equals sign or a word that ends in n stands before `from`; for a number, whether these can end
 * 'ASN', 'ASN:' or 'AS=', by their last letters.
 */
function isAnnounced(view: string, from: number, byAnything: boolean): boolean {
  const at = beforeBlanks(view, from, 4)
  const code = view.charCodeAt(at)
  const isSign = code === 0x3a || code === 0x3d
  // The patterns know more blanks than these.
  if (code === 0xa0) return true
  if (byAnything) return isSign || (code | 0x20) === 0x6e
  if (!isSign) return (code | 0x20) === 0x6e && (view.charCodeAt(at - 1) | 0x20) === 0x73
  const last = view.charCodeAt(beforeBlanks(view, at, 2))
  return last >= 0x80 || (last | 0x20) === 0x6e || (last | 0x20) === 0x73
}

/** The last position before `from` that holds no blank or tab, at most `most` of them passed over. */
function beforeBlanks(view: string, from: number, most: number): number {
  let at = from - 1
  while (at >= 0 && from - at <= most && (view.charCodeAt(at) === 0x20 || view.charCodeAt(at) === 0x09)) at--
  return at
}

/** Where the scheme begins whose separator stands at `at`: with the word, or glued to what the word begins with. */
function schemeBefore(view: string, from: number, at: number): number | undefined {
  const code = view.charCodeAt(at)
  const next = view.charCodeAt(at + 1)
  const separates = code === 0x3a ? next === 0x2f || next === 0x5c : code === 0x5f && next === 0x5f
  if (!separates) return undefined
  if (at - from <= LONGEST_SCHEME && schemeAt(view, from) !== undefined) return from
  const tail = GLUED_TAIL.exec(view.slice(Math.max(from, at - 6), at))
  const start = tail === null ? -1 : at - tail[0].length
  return start > from && schemeAt(view, start) !== undefined ? start : undefined
}

/** Whether a scheme goes on behind the end of its word: 'h**p://', or at the edge of a range that was read before. */
function isCutScheme(view: string, from: number, to: number, limit: number): boolean {
  const mayGoOn = to - from <= LONGEST_SCHEME && (to === limit || view.charCodeAt(to) === 0x2a)
  return mayGoOn && schemeAt(view, from) !== undefined
}
