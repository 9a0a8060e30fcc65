import type { CircleId, InstitutionId } from '@tocsin/model'
import type { Roster } from './roster.ts'
import { takesPart } from './standing.ts'

/** What the hop rule may know: the rosters this node computed, and whom it knows at all. */
export interface RosterView {
  /** Circles of which `id` is a member. */
  circlesOf(id: InstitutionId): ReadonlySet<CircleId>
  /** Circles in which `id` is a member, a named founder or a candidate, and neither struck nor resigned. */
  standsIn(id: InstitutionId): ReadonlySet<CircleId>
  isMember(circle: CircleId, id: InstitutionId): boolean
  roster(circle: CircleId): Roster | undefined
  /** A member of some circle, a peer or this institution itself: whose TLP:CLEAR streams are taken. */
  knows(id: InstitutionId): boolean
}

/** What a view is made of. */
export interface RosterViewOptions {
  readonly rosters: Iterable<Roster>
  /** The allow-list, with this institution itself. */
  readonly peers: Iterable<InstitutionId>
  /** Local setting: take TLP:CLEAR streams of authors nobody here knows. */
  readonly anyClearAuthor?: boolean
}

/** An immutable view over rosters; made anew when a roster or the allow-list changes. */
export function createRosterView(options: RosterViewOptions): RosterView {
  const rosters = new Map<CircleId, Roster>()
  const memberOf = new Map<InstitutionId, Set<CircleId>>()
  const partOf = new Map<InstitutionId, Set<CircleId>>()
  const peers = new Set(options.peers)
  for (const roster of options.rosters) {
    rosters.set(roster.circle, roster)
    for (const id of roster.members.keys()) add(memberOf, id, roster.circle)
    for (const id of new Set([...roster.members.keys(), ...roster.founders, ...roster.candidates.keys()]))
      if (takesPart(roster, id)) add(partOf, id, roster.circle)
  }
  return {
    circlesOf: (id) => memberOf.get(id) ?? NOWHERE,
    standsIn: (id) => partOf.get(id) ?? NOWHERE,
    isMember: (circle, id) => rosters.get(circle)?.members.has(id) === true,
    roster: (circle) => rosters.get(circle),
    knows: (id) => options.anyClearAuthor === true || peers.has(id) || memberOf.has(id)
  }
}

/** Circles in which both take part: all that a `hello` may name to the other. */
export function sharedCircles(view: RosterView, a: InstitutionId, b: InstitutionId): CircleId[] {
  const others = view.standsIn(b)
  return [...view.standsIn(a)].filter((circle) => others.has(circle)).sort()
}

const NOWHERE: ReadonlySet<CircleId> = new Set()

function add(map: Map<InstitutionId, Set<CircleId>>, id: InstitutionId, circle: CircleId): void {
  const set = map.get(id)
  if (set === undefined) map.set(id, new Set([circle]))
  else set.add(circle)
}
