/** People name institutions and circles by what they know of them; ids are always right (issue: CLI). */
import type { InstitutionView } from '@tocsin/api'
import { type CircleId, type InstitutionId, isCircleId, isInstitutionId } from '@tocsin/model'
import { type Replica, ReplicaError } from '@tocsin/replica'

/** The name that k vouches cover in a circle of ours, else what the card claims, else the id. */
export function nameOf(replica: Replica, id: InstitutionId): { readonly name: string; readonly claimed: boolean } {
  const { book } = replica
  // In a stranger's circle, k = 1 and himself as its founder, anybody is vouched to be anybody.
  for (const circle of ownCircles(replica)) {
    const member = book.roster(circle)?.members.get(id)
    if (member?.name !== undefined && member.coverage === 'vouched') return { name: member.name, claimed: false }
  }
  const card = book.card(id)
  return { name: card?.name ?? `${id.slice(8, 20)}…`, claimed: true }
}

export function institutionView(replica: Replica, id: InstitutionId): InstitutionView {
  return { id, ...nameOf(replica, id) }
}

/**
 * Domains of the members of the circles that we belong to (vouched, or a founder's own word), and our own: never blocked,
 * left out of what is published. Not of other circles whose charter is held: anybody can found one and vouch in it.
 */
export function memberDomains(replica: Replica): { readonly domain: string; readonly institution: InstitutionId }[] {
  const { book, identity } = replica
  const found: { domain: string; institution: InstitutionId }[] = []
  for (const circle of ownCircles(replica)) {
    for (const [institution, member] of book.roster(circle)?.members ?? []) {
      for (const domain of member.domains) found.push({ domain, institution })
    }
  }
  for (const domain of book.card(identity.institution)?.domains ?? [])
    found.push({ domain, institution: identity.institution })
  return found
}

/** Everybody this node has a card of. */
function everybody(replica: Replica): InstitutionId[] {
  return [...replica.book.all()].flatMap(({ register }) => (register.kind === 'card' ? [register.author] : []))
}

/** @throws ReplicaError unknown-institution, ambiguous-institution */
export function resolveInstitution(replica: Replica, text: string): InstitutionId {
  if (isInstitutionId(text)) {
    if (replica.book.card(text) === undefined && !replica.book.view.knows(text)) throw unknown(text)
    return text
  }
  const wanted = text.trim().toLowerCase()
  const all = everybody(replica)
  const vouched = memberDomains(replica)
  // What members vouched for goes before what a card claims: nobody becomes Lorraine, or ambiguous, by saying so.
  const tiers: ((id: InstitutionId) => boolean)[] = [
    (id) => {
      const { name, claimed } = nameOf(replica, id)
      return (
        (!claimed && name.toLowerCase() === wanted) ||
        vouched.some(({ domain, institution }) => institution === id && domain === wanted)
      )
    },
    (id) => {
      const card = replica.book.card(id)
      return card?.name.toLowerCase() === wanted || card?.domains.includes(wanted) === true
    },
    (id) => wanted.length >= 3 && nameOf(replica, id).name.toLowerCase().startsWith(wanted)
  ]
  const found = tiers.map((tier) => all.filter(tier)).find((ids) => ids.length > 0) ?? []
  const [one, ...more] = found
  if (one === undefined) throw unknown(text)
  if (more.length > 0)
    throw new ReplicaError('ambiguous-institution', `several institutions are called ${text}; use the id`, {
      institution: text
    })
  return one
}

function unknown(text: string): ReplicaError {
  return new ReplicaError('unknown-institution', `no institution here is called ${text}`, { institution: text })
}

/** @throws ReplicaError unknown-circle, ambiguous-circle */
export function resolveCircle({ book, identity }: Replica, text: string): CircleId {
  if (isCircleId(text) && book.charter(text) !== undefined) return text
  const named = book.circles().filter((id) => book.charter(id)?.name.toLowerCase() === text.trim().toLowerCase())
  // Anybody can found a circle and name us in it: ours keeps its name.
  const ours = named.filter((id) => book.view.isMember(id, identity.institution))
  const found = ours.length > 0 ? ours : named
  const [one, ...more] = found
  if (one === undefined) throw new ReplicaError('unknown-circle', `no circle here is called ${text}`, { circle: text })
  if (more.length > 0)
    throw new ReplicaError('ambiguous-circle', `several circles are called ${text}; use the id`, { candidates: found })
  return one
}

/** Circles of which this institution is a member. */
export function ownCircles({ book, identity }: Replica): CircleId[] {
  return book.circles().filter((circle) => book.view.isMember(circle, identity.institution))
}

export function circleRef({ book }: Replica, circle: CircleId): { readonly id: string; readonly name: string } {
  return { id: circle, name: book.charter(circle)?.name ?? circle.slice(0, 8) }
}
