import { isHardEnd, isWordChar } from './chars.ts'
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
    if (isHardEnd(view.charCodeAt(at))) {
      at++
      continue
    }
    const limit = Math.min(chunkEnd(at), next[0])
    at = readChunkStep(context, at, limit)
  }
}

/** Reads one link or one word that begins at `at`; returns where to go on, always further. */
function readChunkStep(context: TokenContext, at: number, limit: number): number {
  const { view } = context.part
  if (schemeAt(view, at) !== undefined)
    return readLink(context.part, context.collector, context.minimisation, at, limit)
  let end = at
  // What the word is made of, so that the words of a language are known for such without another look.
  let hasDigit = false
  let hasMark = false
  let isJoined = false
  for (; end < limit; end++) {
    const code = view.charCodeAt(end)
    if (!isWordChar(code)) break
    if (code === 0x3a || code === 0x5f) {
      const glued = end > at ? gluedScheme(view, at, end) : undefined
      if (glued !== undefined) {
        end = glued
        break
      }
    }
    // A hyphen joins words of a language as well.
    if (isMark(code)) hasMark = true
    else {
      if (hasMark) isJoined = true
      if (code >= 0x30 && code <= 0x39) hasDigit = true
    }
  }
  if (end === at) return at + 1
  if (!isJoined && end - at < SHORTEST_HASH && !mayBeIndicator(view, at, end, hasDigit)) return end
  return end - at <= MAX_TOKEN ? readToken(context, at, end, limit) : end
}

/** ASCII that is neither a letter nor a digit nor a hyphen: dots, colons, slashes, the at sign. */
function isMark(code: number): boolean {
  return (
    code < 0x80 &&
    code !== 0x2d &&
    (code < 0x30 || (code > 0x39 && code < 0x41) || (code > 0x5a && code < 0x61) || code > 0x7a)
  )
}

/**
 * Whether a short word without a dot, colon or slash inside it can be an indicator: an autonomous system ('AS64500', 'AS'
 * before a number, a number after 'ASN:') or a vulnerability.
 */
function mayBeIndicator(view: string, from: number, to: number, hasDigit: boolean): boolean {
  const first = view.charCodeAt(from) | 0x20
  // a, c, g: AS, CVE, GHSA
  if (first === 0x61 || first === 0x67 || first === 0x63) return hasDigit || first === 0x67 || to - from === 2
  if (!hasDigit) return false
  if (isMark(view.charCodeAt(from)) || first === 0x2d) return true
  let before = from - 1
  while (before >= 0 && from - before < 5 && (view.charCodeAt(before) === 0x20 || view.charCodeAt(before) === 0x09))
    before--
  const code = view.charCodeAt(before)
  // ':', '=', 'n'
  return code === 0x3a || code === 0x3d || (code | 0x20) === 0x6e || code === 0xa0
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
