import type { InstitutionId } from '@tocsin/model'
import type { Roster } from './roster.ts'

/**
 * Where somebody stands in a circle. `founder`: named in the charter and not (yet) a member; `candidate`: vouched for
 * by a member at least; `outsider`: everybody else, including who accepted without any member's vouch.
 */
export type Standing = 'member' | 'struck' | 'resigned' | 'founder' | 'candidate' | 'outsider'

/** Where `id` stands in this roster. */
export function standingOf(roster: Roster, id: InstitutionId): Standing {
  if (roster.members.has(id)) return 'member'
  if (roster.struck.has(id)) return 'struck'
  const vouched = (roster.candidates.get(id)?.vouchedBy.length ?? 0) > 0
  const founder = roster.founders.has(id)
  if (roster.resigned.has(id) && (founder || vouched)) return 'resigned'
  if (founder) return 'founder'
  return vouched ? 'candidate' : 'outsider'
}

/** True for members, named founders and candidates: those to whom the circle may be named. */
export function takesPart(roster: Roster, id: InstitutionId): boolean {
  const standing = standingOf(roster, id)
  return standing === 'member' || standing === 'founder' || standing === 'candidate'
}
