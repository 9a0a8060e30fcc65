import { isHardEnd } from './chars.ts'
import { createRunEnds, mergeClaims } from './claims.ts'
import type { Collector } from './collector.ts'
import { readCombos } from './combos.ts'
import { readLabels } from './labels.ts'
import { readLink } from './links.ts'
import type { Minimisation } from './minimise.ts'
import type { Part } from './part.ts'
import { readRegistryKeys } from './registry.ts'
import { findSignatures } from './signature.ts'
import { createSurroundings } from './surroundings.ts'
import { readToken, type TokenContext } from './tokens.ts'
import { nextWord } from './word.ts'

/** Longer words are no indicators of any type but a link, which has its own reader. */
const MAX_TOKEN = 2048

/**
 * The one tokeniser. Reads a part from left to right, once: labelled values first (they claim their ranges), then
 * every word between white space, quotation marks and brackets, each given to the one reader for its shape.
 */
export function scanPart(part: Part, collector: Collector, minimisation: Minimisation): void {
  const { view } = part
  const labelled = mergeClaims(readLabels(part, collector, minimisation), readCombos(part, collector))
  const claims = mergeClaims(labelled, readRegistryKeys(part, collector))
  const context: TokenContext = {
    part,
    collector,
    minimisation,
    surroundings: createSurroundings(view),
    signatures: findSignatures(view, part.lines),
    chunkEnd: createRunEnds(view, isHardEnd)
  }
  let at = 0
  for (const [from, to] of claims) at = Math.max(readWords(context, at, from), to)
  readWords(context, at, view.length)
}

/** Reads the links and words of `[from, to)`; returns where the last of them ended, which can be further. */
function readWords(context: TokenContext, from: number, to: number): number {
  const { part, collector, minimisation } = context
  let at = from
  for (;;) {
    const word = nextWord(part.view, at, to)
    if (word === undefined) return at
    const { start, end, isLink } = word
    if (isLink) at = readLink(part, collector, minimisation, start, Math.min(context.chunkEnd(start), to))
    else at = end - start > MAX_TOKEN ? end : readToken(context, start, end, to)
  }
}
