/** Cards and the allow-list. Whoever is added here was compared before, by the door (packages/api, introductions). */
import type { ApiPorts, CardView, PeerView } from '@tocsin/api'
import {
  cardText,
  comparisonNumber,
  institutionKey,
  openRegister,
  parseCardText,
  type SignedRegister
} from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import type { PeerStatus } from '@tocsin/network'
import { type Replica, ReplicaError } from '@tocsin/replica'
import { cardDigest, type DomainCheck } from '../domain-check.ts'
import { institutionView, resolveInstitution } from './names.ts'
import { prepareCard } from './own-card.ts'
import { iso } from './views.ts'

/** Comparison numbers that are remembered: each costs a third of a second, and never changes. */
const NUMBERS = 256

type PeoplePorts = Pick<ApiPorts, 'card' | 'prepareCard' | 'inspectCard' | 'comparison' | 'checkDomains' | 'peers'>

export function createPeoplePorts(deps: {
  readonly replica: Replica
  readonly links: () => readonly PeerStatus[]
  readonly domainCheck: DomainCheck
}): PeoplePorts {
  const { replica, domainCheck } = deps
  const self = replica.identity.institution
  const numbers = new Map<string, Promise<string>>()

  function comparison(institution: string): Promise<string> {
    const known = numbers.get(institution)
    if (known !== undefined) return known
    const [oldest] = numbers.keys()
    if (numbers.size >= NUMBERS && oldest !== undefined) numbers.delete(oldest)
    const number = comparisonNumber(institutionKey(institution))
    numbers.set(institution, number)
    // A machine short of memory fails once, not for ever.
    number.catch(() => numbers.delete(institution))
    return number
  }

  function cardView(signed: SignedRegister): CardView {
    const { register } = signed
    if (register.kind !== 'card') throw new ReplicaError('register-refused', 'this is no card', { kind: register.kind })
    const { name, domains, contact, addresses, nodeKeys } = register.value
    return {
      id: register.author,
      name,
      domains: [...domains],
      contact,
      addresses: [...addresses],
      number: register.number,
      nodeKeys: nodeKeys.map(({ key }) => key),
      text: cardText(signed.bytes),
      digest: cardDigest(register.author)
    }
  }

  function peerView(institution: InstitutionId, addedAt: number, addresses: readonly string[]): PeerView {
    const link = deps.links().find((status) => status.institution === institution)
    return {
      ...institutionView(replica, institution),
      domains: [...(replica.book.card(institution)?.domains ?? [])],
      addresses: [...addresses],
      addedAt: iso(addedAt),
      connected: link?.connected ?? false,
      ...(link?.since === undefined ? {} : { since: iso(link.since) }),
      ...(link?.lastError === undefined ? {} : { lastError: link.lastError.code }),
      circles: replica.book.shared(self, institution).map((circle) => replica.book.charter(circle)?.name ?? circle)
    }
  }

  const inspect = (text: string): CardView => cardView(openRegister(parseCardText(text)))

  return {
    card: async () => {
      const own = replica.book.cardRegister(self)
      if (own === undefined) throw new ReplicaError('not-found', 'this node holds no card of its own')
      return { ...cardView(own), comparison: await comparison(self) }
    },
    prepareCard: async (change) => prepareCard(replica, change),
    inspectCard: async (text) => inspect(text),
    comparison,
    checkDomains: async (text) => {
      const { digest, domains } = inspect(text)
      return domainCheck(digest, domains)
    },
    peers: {
      list: async () =>
        replica.peers().map(({ institution, addedAt, addresses }) => peerView(institution, addedAt, addresses)),
      add: async (text) => {
        const institution = await replica.addPeer(parseCardText(text))
        const record = replica.peers().find((peer) => peer.institution === institution)
        return peerView(institution, record?.addedAt ?? replica.world.now(), record?.addresses ?? [])
      },
      remove: (text) => replica.removePeer(resolveInstitution(replica, text)),
      checkDomains: async (text) => {
        const institution = resolveInstitution(replica, text)
        return domainCheck(cardDigest(institution), replica.book.card(institution)?.domains ?? [])
      }
    }
  }
}
