import { DIGIT, isHardEnd, MARK, traitsOf } from './chars.ts'
import { createRunEnds, mergeClaims } from './claims.ts'
import type { Collector } from './collector.ts'
import { readCombos } from './combos.ts'
import { readLabels } from './labels.ts'
import { readLink, schemeAt } from './links.ts'
import type { Minimisation } from './minimise.ts'
import type { Part } from './part.ts'
import { readRegistryKeys } from './registry.ts'
import { findSignatures } from './signature.ts'
import { createSurroundings } from './surroundings.ts'
import { readToken, type TokenContext } from './tokens.ts'

/** Longer words are no indicators of any type but a link, which has its own reader. */
const MAX_TOKEN = 2048
/** Below it no digits are a hash, a wallet or a fingerprint. */
const SHORTEST_HASH = 25
/** 'GHSA-' and three groups of four. */
const SHORTEST_GHSA = 19
// Where a scheme glued to a word can end: 'Lienhttp://…', 'xhxxp__…'.
const GLUED_TAIL = /h(?:[tx*+_]{2}|xt|tx)ps?$/i

/**
 * The one tokeniser. Reads a part from left to right, once: labelled values first (they claim their ranges), then
 * every word between white space, quotation marks and brackets, each given to the one reader for its shape.
 */
export function scanPart(part: Part, collector: Collector, minimisation: Minimisation): void {
  const { view } = part
  const labelled = mergeClaims(readLabels(part, collector, minimisation), readCombos(part, collector))
  const claims = mergeClaims(labelled, readRegistryKeys(part, collector))
  const chunkEnd = createRunEnds(view, isHardEnd)
  const context: TokenContext = {
    part,
    collector,
    minimisation,
    surroundings: createSurroundings(view),
    signatures: findSignatures(view, part.lines)
  }
  let claim = 0
  let at = 0
  while (at < view.length) {
    while (claim < claims.length && (claims[claim]?.[1] ?? 0) <= at) claim++
    const next = claims[claim] ?? [view.length, view.length]
    if (at >= next[0]) {
      at = next[1]
      continue
    }
    at = readStep(context, at, next[0], chunkEnd)
  }
}

/**
 * Passes over one character that opens nothing, or reads one link or one word that begins at `at` and ends before
 * `claimed`; returns where to go on, always further.
 */
function readStep(context: TokenContext, at: number, claimed: number, chunkEnd: (at: number) => number): number {
  const { view } = context.part
  if (schemeAt(view, at) !== undefined) {
    return readLink(context.part, context.collector, context.minimisation, at, Math.min(chunkEnd(at), claimed))
  }
  // What the word is made of, so that the words of a language are known for such without another look.
  let end = at
  let seen = 0
  let isJoined = false
  for (; end < claimed; end++) {
    const code = view.charCodeAt(end)
    const traits = traitsOf(code)
    if (traits === 0) break
    if ((traits & MARK) === 0) {
      // A hyphen joins words of a language as well.
      if ((seen & MARK) !== 0) isJoined = true
    } else if (code === 0x3a || code === 0x5f) {
      const glued = end > at ? gluedScheme(view, at, end) : undefined
      if (glued !== undefined) {
        end = glued
        break
      }
    }
    seen |= traits
  }
  if (end === at) return at + 1
  if (!isJoined && end - at < SHORTEST_HASH && !mayBeIndicator(view, at, end, seen)) return end
  return end - at <= MAX_TOKEN ? readToken(context, at, end, Math.min(chunkEnd(at), claimed)) : end
}

/**
 * Whether a short word without a dot, colon or slash inside it can be an indicator: an autonomous system ('AS64500', 'AS'
 * before a number, a number after 'ASN:'), a vulnerability or a cut wallet ('bc1q…').
 */
function mayBeIndicator(view: string, from: number, to: number, seen: number): boolean {
  const hasDigit = (seen & DIGIT) !== 0
  // 'fe80::' ends in the only marks that say something where they end a word.
  const hasMark = (seen & MARK) !== 0
  const first = view.charCodeAt(from)
  const second = view.charCodeAt(from + 1)
  // 'AS' of a number that follows; 'AS64500', 'CVE-…', and 'GHSA-…', which may have no digit.
  if (to - from === 2 && first === 0x41 && second === 0x53) return true
  const small = first | 0x20
  if (small === 0x61) return hasDigit && (hasMark || (second | 0x20) === 0x73)
  if (small === 0x63) return hasDigit && (hasMark || (second | 0x20) === 0x76)
  if (small === 0x67) return to - from >= SHORTEST_GHSA
  if (!hasDigit) return false
  if ((traitsOf(first) & MARK) !== 0 || first === 0x2d) return true
  const byAnything = hasMark || (small === 0x62 && (second | 0x20) === 0x63)
  return (byAnything || (traitsOf(first) & DIGIT) !== 0) && isAnnounced(view, from, byAnything)
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

/** When the word so far ends in a scheme and its separator follows: where that scheme begins. */
function gluedScheme(view: string, from: number, at: number): number | undefined {
  const char = view.charCodeAt(at)
  const separates =
    (char === 0x3a && (view[at + 1] === '/' || view[at + 1] === '\\')) || (char === 0x5f && view[at + 1] === '_')
  if (!separates) return undefined
  const tail = GLUED_TAIL.exec(view.slice(Math.max(from, at - 6), at))
  const start = tail === null ? -1 : at - tail[0].length
  return start > from && schemeAt(view, start) !== undefined ? start : undefined
}
