/** Who would hold it: the three lists of DESIGN §5, before something is signed. */
import type { AudienceQuery, AudienceView } from '@tocsin/api'
import type { CircleId, InstitutionId, Tlp } from '@tocsin/model'
import type { Audience, Replica } from '@tocsin/replica'
import { audienceOf, HOP_CODES } from '@tocsin/trust'
import { NodeError } from '../errors.ts'
import { circleRef, institutionView, ownCircles, resolveCircle, resolveInstitution } from './names.ts'

/** The streams a bulletin with these labels goes into: one, or for RED one a recipient. */
export function audiencesFor(
  replica: Replica,
  query: { readonly tlp: Tlp; readonly circle?: string | undefined; readonly to?: readonly string[] | undefined }
): Audience[] {
  const { tlp, circle, to = [] } = query
  if (circle !== undefined && tlp !== 'AMBER' && tlp !== 'AMBER+STRICT') throw new NodeError('label-names-no-circle')
  if (tlp === 'RED') {
    if (to.length === 0) throw new NodeError('red-needs-recipient')
    const recipients = new Set(to.map((text) => resolveInstitution(replica, text)))
    if (recipients.has(replica.identity.institution)) throw new NodeError('red-to-oneself')
    return [...recipients].map((recipient) => ({ tlp, recipient }))
  }
  if (to.length > 0) throw new NodeError('only-red-names-recipients')
  if (tlp === 'AMBER' || tlp === 'AMBER+STRICT') return [{ tlp, circle: circleFor(replica, circle) }]
  return [{ tlp }]
}

/** The circle that is meant: the one named, or the only one there is. */
export function circleFor(replica: Replica, named: string | undefined): CircleId {
  if (named !== undefined) return resolveCircle(replica, named)
  const [one, ...more] = ownCircles(replica)
  if (one === undefined || more.length > 0) {
    throw new NodeError('circle-needed', undefined, {
      circles: ownCircles(replica).map((circle) => circleRef(replica, circle).name)
    })
  }
  return one
}

export function audienceView(replica: Replica, query: AudienceQuery): AudienceView {
  return audienceViewOf(replica, audiencesFor(replica, query))
}

export function audienceViewOf(replica: Replica, audiences: readonly Audience[]): AudienceView {
  const [first] = audiences
  if (first === undefined) throw new NodeError('red-needs-recipient')
  const self = replica.identity.institution
  const peers = replica.peers().map(({ institution }) => institution)
  const direct = new Set<InstitutionId>()
  const relay = new Set<InstitutionId>()
  const refused = new Map<InstitutionId, string>()
  for (const audience of audiences) {
    const reach = audienceOf({ author: self, ...audience }, self, replica.book.view, peers)
    for (const id of reach.direct) direct.add(id)
    for (const id of reach.relay) relay.add(id)
    for (const { institution, code } of reach.refused) refused.set(institution, code)
  }
  const show = (id: InstitutionId): AudienceView['direct'][number] => institutionView(replica, id)
  const held = (id: InstitutionId): boolean => direct.has(id) || relay.has(id)
  return {
    tlp: first.tlp,
    ...(first.circle === undefined ? {} : { circle: circleRef(replica, first.circle) }),
    direct: [...direct].map(show),
    relay: [...relay].filter((id) => !direct.has(id)).map(show),
    refused: [...refused]
      .filter(([id]) => !held(id))
      .map(([id, code]) => ({ ...show(id), code, reason: reasonOf(code) })),
    opensTo: opensTo(replica, first)
  }
}

/** Circles whose later members will see it too: the one named, or for GREEN all of ours. CLEAR is everybody's. */
function opensTo(replica: Replica, { tlp, circle }: Audience): string[] {
  if (circle !== undefined) return [circleRef(replica, circle).name]
  return tlp === 'GREEN' ? ownCircles(replica).map((id) => circleRef(replica, id).name) : []
}

const OUT_OF_REACH = 'Eligible, but nobody who may hold it is a peer of theirs as far as can be seen from here.'

export function reasonOf(code: string): string {
  return HOP_CODES[code as keyof typeof HOP_CODES] ?? (code === 'out-of-reach' ? OUT_OF_REACH : code)
}
