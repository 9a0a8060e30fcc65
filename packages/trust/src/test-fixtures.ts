import { institutionId, type SigningKey, sha256, signingKey, utf8 } from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { foldRoster, type Roster } from './roster.ts'
import type { FoldCharter, Statement } from './statement.ts'
import { createRosterView, type RosterView } from './view.ts'

/** The day of every fixture, days since the epoch. */
export const DAY = 20_000
export const CIRCLE = 'c1'.repeat(32) as CircleId
export const OTHER_CIRCLE = 'c2'.repeat(32) as CircleId

/** A root key by name, always the same. */
export function rootKey(name: string): SigningKey {
  return signingKey(sha256(utf8(`root of ${name}`)))
}

/** An institution by name, always the same. */
export function institution(name: string): InstitutionId {
  const known = ids.get(name)
  if (known !== undefined) return known
  const id = institutionId(rootKey(name).publicKey)
  ids.set(name, id)
  return id
}

const ids = new Map<string, InstitutionId>()

export function charterOf(founders: readonly string[], threshold: number, name = 'esr-fr'): FoldCharter {
  return { name, founders: founders.map((founder) => institution(founder)), threshold }
}

interface Details {
  circle?: CircleId
  number?: number
  hash?: string
}

/** `acceptance` of the circle `esr-fr`, unless said otherwise. */
export function accepts(author: string, details: Details & { name?: string } = {}): Statement {
  const { circle = CIRCLE, number = 1, name = 'esr-fr' } = details
  const hash = details.hash ?? `acceptance ${author} ${circle} ${number} ${name}`
  return { kind: 'acceptance', author: institution(author), circle, number, hash, value: { name } }
}

export function resigns(author: string, details: Details = {}): Statement {
  const { circle = CIRCLE, number = 1 } = details
  const hash = details.hash ?? `resignation ${author} ${circle} ${number}`
  return { kind: 'resignation', author: institution(author), circle, number, hash, value: {} }
}

export function vouches(
  author: string,
  subject: string,
  details: Details & { name?: string; domains?: string[]; expires?: number } = {}
): Statement {
  const { circle = CIRCLE, number = 1, name = subject, domains = [`${subject}.fr`], expires = DAY + 100 } = details
  const hash = details.hash ?? `vouch ${author} ${subject} ${circle} ${number} ${name} ${domains} ${expires}`
  const value = { name, domains, how: 'phone', checkedAt: 0, expires }
  return { kind: 'vouch', author: institution(author), subject: institution(subject), circle, number, hash, value }
}

export function revokes(author: string, subject: string, details: Details & { lifted?: boolean } = {}): Statement {
  const { circle = CIRCLE, number = 1, lifted } = details
  const hash = details.hash ?? `revocation ${author} ${subject} ${circle} ${number} ${lifted}`
  const value = { reason: 'test', ...(lifted === undefined ? {} : { lifted }) }
  return { kind: 'revocation', author: institution(author), subject: institution(subject), circle, number, hash, value }
}

/** The fold of the usual circle on the usual day. */
export function fold(charter: FoldCharter, statements: readonly Statement[], day = DAY): Roster {
  return foldRoster(CIRCLE, charter, statements, day)
}

/** A view over rosters whose peers are everybody named. */
export function viewOf(rosters: readonly Roster[], peers: readonly string[] = []): RosterView {
  return createRosterView({ rosters, peers: peers.map((peer) => institution(peer)) })
}

/** Names of a list of ids, for readable expectations. */
export function namesIn(ids: Iterable<InstitutionId>, known: readonly string[]): string[] {
  const names = new Map(known.map((name) => [institution(name), name]))
  return [...ids].map((id) => names.get(id) ?? id).sort()
}
