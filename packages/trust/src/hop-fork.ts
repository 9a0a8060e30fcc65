import type { InstitutionId, Verdict } from '@tocsin/model'
import { type Audience, type HopCode, mayHop } from './hop.ts'
import { standingOf } from './standing.ts'
import type { RosterView } from './view.ts'

const ALLOWED: Verdict<never> = { allowed: true }

/**
 * May the proof of a fork in such a stream go from one institution to another? It names author, audience, times and
 * hashes, nothing of what was said. It is shown to whoever may hold the stream, relayed by any of them, to its author,
 * and for RED between the two only (DESIGN §4). Like an entry, except that
 *
 * - AMBER+STRICT is relayed in its circle: its author would not show both sides;
 * - an author who left the circle, or was struck, takes no fork with it.
 */
export function mayHopFork(
  stream: Audience,
  from: InstitutionId,
  to: InstitutionId,
  view: RosterView
): Verdict<HopCode> {
  const { tlp, circle, author } = stream
  if (circle === undefined || to === author || (tlp !== 'AMBER' && tlp !== 'AMBER+STRICT'))
    return mayHop(stream, from, to, view)
  const roster = view.roster(circle)
  if (roster === undefined) return { allowed: false, code: 'unknown-circle' }
  if (standingOf(roster, author) === 'outsider') return { allowed: false, code: 'amber-author-not-member' }
  // An author does not hide its own fork either.
  if (from !== author && !roster.members.has(from)) return { allowed: false, code: 'amber-sender-not-member' }
  return roster.members.has(to) ? ALLOWED : { allowed: false, code: 'amber-receiver-not-member' }
}
