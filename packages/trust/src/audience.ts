import type { InstitutionId } from '@tocsin/model'
import { type Audience, type HopCode, mayHop } from './hop.ts'
import type { Roster } from './roster.ts'
import { compareText } from './tally.ts'
import type { RosterView } from './view.ts'

/** Why somebody will not get a stream: the rule that holds it back, or that no eligible relay could bring it. */
export type OutOfReachCode = HopCode | 'out-of-reach'

/** Who will hold a stream, as shown before it is signed (DESIGN §5). Each list in id order. */
export interface Reach {
  /** Peers that get it from here. */
  readonly direct: readonly InstitutionId[]
  /** Eligible, and no peer of ours: they get it if some holder is their peer, which cannot be known from here. */
  readonly relay: readonly InstitutionId[]
  readonly refused: readonly { readonly institution: InstitutionId; readonly code: OutOfReachCode }[]
}

/**
 * The preview of a stream's audience, as `self` sees it: over its peers and everybody who has or had a place in the
 * circles concerned. Whoever a circle admits later will see the stream too; that is for the caller to say.
 * @param peers the allow-list
 */
export function audienceOf(
  stream: Audience,
  self: InstitutionId,
  view: RosterView,
  peers: Iterable<InstitutionId>
): Reach {
  const linked = new Set(peers)
  const everybody = [...universe(stream, self, view, linked)].sort(compareText)
  const direct = everybody.filter((id) => linked.has(id) && mayHop(stream, self, id, view).allowed)
  const relay = relayed(stream, everybody, direct, view)
  const holders = new Set([...direct, ...relay])
  const refused = everybody
    .filter((id) => !holders.has(id))
    .map((institution) => ({ institution, code: whyNot(stream, self, institution, view) }))
  return { direct, relay, refused }
}

/** Everybody whom some chain of eligible holders could reach; the rule is asked for each hop, nothing is guessed from labels. */
function relayed(
  stream: Audience,
  everybody: readonly InstitutionId[],
  direct: readonly InstitutionId[],
  view: RosterView
): InstitutionId[] {
  const reached = new Set(direct)
  const frontier = [...direct]
  for (let holder = frontier.pop(); holder !== undefined; holder = frontier.pop()) {
    for (const id of everybody) {
      // The author holds its own stream, so recovery is no way of being reached.
      if (reached.has(id) || id === stream.author || !mayHop(stream, holder, id, view).allowed) continue
      reached.add(id)
      frontier.push(id)
    }
  }
  return everybody.filter((id) => reached.has(id) && !direct.includes(id))
}

function whyNot(stream: Audience, self: InstitutionId, to: InstitutionId, view: RosterView): OutOfReachCode {
  const verdict = mayHop(stream, self, to, view)
  if (!verdict.allowed) return verdict.code
  // Eligible, but no peer: what holds it back is that the stream is not relayed, or that there is nobody to relay it.
  if (stream.tlp === 'RED') return 'red-relayed'
  return stream.tlp === 'AMBER+STRICT' ? 'strict-relayed' : 'out-of-reach'
}

function universe(
  stream: Audience,
  self: InstitutionId,
  view: RosterView,
  peers: ReadonlySet<InstitutionId>
): Set<InstitutionId> {
  const all = new Set(peers)
  if (stream.recipient !== undefined) all.add(stream.recipient)
  const circles = new Set(view.standsIn(self))
  if (stream.circle !== undefined) circles.add(stream.circle)
  for (const circle of circles) for (const id of placedIn(view.roster(circle))) all.add(id)
  all.delete(self)
  return all
}

function placedIn(roster: Roster | undefined): InstitutionId[] {
  if (roster === undefined) return []
  const { members, founders, candidates, struck, resigned } = roster
  return [...members.keys(), ...founders, ...candidates.keys(), ...struck.keys(), ...resigned]
}
