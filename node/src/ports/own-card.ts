/** Our own card with another name, contact, other domains or addresses: prepared here, signed by the root key elsewhere. */
import type { CardChange, PreparedView } from '@tocsin/api'
import { type Card, nextRegisterNumber, prepareRegister } from '@tocsin/journal'
import { parseIndicator } from '@tocsin/model'
import { type Replica, ReplicaError } from '@tocsin/replica'
import { NodeError } from '../errors.ts'

/** @throws NodeError card-unchanged, domain-invalid; JournalError register-value for what no card may say */
export function prepareCard(replica: Replica, change: CardChange): PreparedView {
  const { book, identity, world } = replica
  const author = identity.institution
  const held = book.cardRegister(author)
  if (held?.register.kind !== 'card') throw new ReplicaError('not-found', 'this node holds no card of its own')
  const { number, value: before } = held.register
  const after: Card = {
    ...before,
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.contact === undefined ? {} : { contact: change.contact }),
    ...(change.addresses === undefined ? {} : { addresses: [...change.addresses] }),
    ...(change.domains === undefined ? {} : { domains: [...new Set(change.domains.map(normalDomain))] })
  }
  const differences = differencesOf(before, after)
  if (differences.length === 0) throw new NodeError('card-unchanged')
  const fields = { kind: 'card', author, number: nextRegisterNumber(number, world.now()), value: after } as const
  return {
    register: Buffer.from(prepareRegister(fields)).toString('base64'),
    summary: `a card that changes ${differences.join('; ')}`,
    falls: [],
    returns: [],
    warnings: uncovered(replica, after)
  }
}

function differencesOf(before: Card, after: Card): string[] {
  const list = (texts: readonly string[]): string => (texts.length === 0 ? 'none' : texts.join(', '))
  return [
    ...(before.name === after.name ? [] : [`the name: ${before.name} → ${after.name}`]),
    ...(before.contact === after.contact ? [] : [`the contact: ${before.contact} → ${after.contact}`]),
    ...(['domains', 'addresses'] as const).flatMap((part) =>
      list(before[part]) === list(after[part]) ? [] : [`the ${part}: ${list(before[part])} → ${list(after[part])}`]
    )
  ]
}

/** What a circle does not vouch for stays a claim until as many as are needed vouch anew. */
function uncovered({ book, identity }: Replica, { name, domains }: Card): string[] {
  return book.circles().flatMap((circle) => {
    const member = book.roster(circle)?.members.get(identity.institution)
    if (member === undefined) return []
    const claims = [
      ...(member.name === name ? [] : [name]),
      ...domains.filter((domain) => !member.domains.includes(domain))
    ]
    if (claims.length === 0) return []
    const where = book.charter(circle)?.name ?? circle
    return [`${where} does not vouch for ${claims.join(', ')}: shown as claimed until members vouch anew`]
  })
}

function normalDomain(domain: string): string {
  const parsed = parseIndicator('domain', domain)
  if (!parsed.ok) throw new NodeError('domain-invalid', `not a domain: ${domain}`, { domain, reason: parsed.code })
  return parsed.value
}
