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
    signatures: findSignatures(view)
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
  while (end < limit && isWordChar(view.charCodeAt(end))) {
    const glued = end > at ? gluedScheme(view, at, end) : undefined
    if (glued !== undefined) {
      end = glued
      break
    }
    end++
  }
  if (end === at) return at + 1
  return end - at <= MAX_TOKEN ? readToken(context, at, end, limit) : end
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
