import type { Claim } from './claims.ts'
import { createLineOpenings, matchesAt } from './openings.ts'

const CLOSING =
  /^[ \t]*(?:(?:(?:bien |très |tr[eè]s )?cordialement|amicalement|bien à (?:vous|toi)|bonne (?:journée|soirée|réception)|sincères salutations|salutations|(?:kind|best|warm)? ?regards|best|cheers|sincerely|yours(?: \w+)?|many thanks|mit freundlichen grüßen)[ \t]*[,.!]?[ \t]*(?:\p{L}[\p{L} .'-]{0,40})?|-- ?)\r?$/imuy
/** A message that carries another one: whatever closes it may be that of the sender who is reported. */
const CARRIES_ANOTHER = /^[\s>*]{0,12}(?:de|from|exp[ée]diteur|objet|sujet|subject)\s{0,16}:|^>|^-{3,}/imuy
const CLOSING_LINES = createLineOpenings('bcakmrstwy-')
const CARRYING_LINES = createLineOpenings('defos>-')
const MAX_LINES = 10
const MAX_LINE = 120

/** Where whoever wrote the message signs it: short lines below 'Cordialement' or '-- '. */
export function findSignatures(view: string, lines: readonly number[]): Claim[] {
  const claims: Claim[] = []
  const closings = CLOSING_LINES(view, lines)
  if (closings.length === 0) return claims
  const [carried] = matchesAt(view, CARRIES_ANOTHER, CARRYING_LINES(view, lines))
  const first = carried?.index ?? view.length
  for (const match of matchesAt(view, CLOSING, closings)) {
    if (match.index > first) break
    let end = match.index + match[0].length
    for (let lines = 0; end < view.length && lines < MAX_LINES; lines++) {
      const next = view.indexOf('\n', end + 1)
      const stop = next < 0 ? view.length : next
      const line = view.slice(end + 1, stop)
      if (line.length > MAX_LINE || (line.trim() === '' && lines > 1)) break
      end = stop
    }
    const last = claims.at(-1)
    if (last === undefined || match.index >= last[1]) claims.push([match.index, end])
    else claims[claims.length - 1] = [last[0], Math.max(last[1], end)]
  }
  return claims
}
