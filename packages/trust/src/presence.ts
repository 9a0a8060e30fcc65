/** Stale rosters (DESIGN §7): is what I hold of a circle fresh enough that AMBER and AMBER+STRICT may go out from here? */
import {
  compareBytes,
  concatBytes,
  institutionKey,
  NAMED_REVOCATIONS,
  type NamedRevocation,
  type Presence,
  sha256,
  toHex,
  utf8,
  writeFields
} from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import type { Roster } from './roster.ts'
import type { RevocationStatement, Statement } from './statement.ts'

/** A presence counts for so long, ms. */
export const PRESENCE_FOR = 7 * 86_400_000

/** Why a roster is stale, each with the sentence that an officer is shown. */
export const STALE_CODES = {
  'presences-missing': 'Too few other members of the circle have been heard of within seven days.',
  'revocation-missing': 'Members of the circle name a revocation that this node does not hold.'
} as const satisfies Record<string, string>

export type StaleCode = keyof typeof STALE_CODES

/** A presence that was admitted, and whose key is still good. */
export interface HeldPresence {
  readonly author: InstitutionId
  /** The register's number: its time, ms. */
  readonly number: number
  readonly value: Presence
}

export interface Freshness {
  /** Undefined: AMBER and AMBER+STRICT flow. */
  readonly code?: StaleCode
  /** How many other members must have been heard of. */
  readonly needed: number
  /** Those that were, and that name no revocation which is missing here. */
  readonly present: readonly InstitutionId[]
  /** The other members whose presence is too old, or was never seen; with its time, ms. */
  readonly silent: readonly { readonly institution: InstitutionId; readonly at?: number }[]
  /** What fresh presences name and is not held here, with who names it. */
  readonly missing: readonly { readonly revocation: NamedRevocation; readonly namedBy: readonly InstitutionId[] }[]
}

/** min(k, members − 2): a circle of two needs nobody, one of three one other. */
export function presencesNeeded(roster: Pick<Roster, 'threshold' | 'members'>): number {
  return Math.max(0, Math.min(roster.threshold, roster.members.size - 2))
}

/** What a presence of this moment says: the revocations that whoever holds this roster counts. */
export function presenceOf(roster: Roster, statements: Iterable<Statement>): Presence {
  const named: (NamedRevocation & { readonly key: Uint8Array })[] = []
  for (const revocation of newestRevocations(statements)) {
    const { author, subject, number } = revocation
    if (hasSay(roster, author)) named.push({ author, subject, number, key: recordOf(revocation) })
  }
  named.sort((a, b) => compareBytes(a.key, b.key))
  const digest = toHex(sha256(concatBytes(DOMAIN, ...named.map(({ key }) => key))))
  const revocations = named
    .sort((a, b) => b.number - a.number || compareBytes(a.key, b.key))
    .slice(0, NAMED_REVOCATIONS)
    .map(({ author, subject, number }) => ({ author, subject, number }))
  return { digest, revocations }
}

/**
 * Judges what is held. A presence that names a revocation which is missing here does not count: whoever brought the one
 * kept back the other. And a revocation that as many name as are needed stops what flows, however many others are silent
 * about it. One member alone can name what does not exist, and stops nothing.
 * @param holds the number of the revocation register held of that author and subject, if any
 */
export function freshnessOf(
  roster: Roster,
  self: InstitutionId,
  presences: ReadonlyMap<InstitutionId, HeldPresence>,
  holds: (author: InstitutionId, subject: InstitutionId) => number | undefined,
  now: number
): Freshness {
  const needed = presencesNeeded(roster)
  const present: InstitutionId[] = []
  const silent: { institution: InstitutionId; at?: number }[] = []
  const missing = new Map<string, { revocation: NamedRevocation; namedBy: InstitutionId[] }>()
  for (const institution of roster.members.keys()) {
    if (institution === self) continue
    const presence = presences.get(institution)
    if (presence === undefined || presence.number <= now - PRESENCE_FOR) {
      silent.push({ institution, ...(presence === undefined ? {} : { at: presence.number }) })
      continue
    }
    const lacking = presence.value.revocations.filter(
      // Of whoever has no say by the roster held here nothing is passed on, and nothing would count.
      ({ author, subject, number }) => hasSay(roster, author) && (holds(author, subject) ?? 0) < number
    )
    if (lacking.length === 0) present.push(institution)
    for (const revocation of lacking) {
      const key = `${revocation.author} ${revocation.subject}`
      const named = missing.get(key) ?? { revocation, namedBy: [] }
      named.namedBy.push(institution)
      missing.set(key, named)
    }
  }
  const lacking = [...missing.values()]
  const code = staleCode(needed, present.length, lacking)
  return { ...(code === undefined ? {} : { code }), needed, present, silent, missing: lacking }
}

function staleCode(needed: number, present: number, missing: Freshness['missing']): StaleCode | undefined {
  if (needed === 0) return undefined
  if (missing.some(({ namedBy }) => namedBy.length >= needed)) return 'revocation-missing'
  return present >= needed ? undefined : 'presences-missing'
}

const DOMAIN = utf8('tocsin/revocations/1\0')

function recordOf({ author, subject, number }: NamedRevocation): Uint8Array {
  const record = writeFields(72, 'register-number')
  return record.bytes(institutionKey(author), 32).bytes(institutionKey(subject), 32).uint(number, 8).done()
}

/** Whose revocations a fold can count: they alone are passed on (§5). */
function hasSay(roster: Roster, author: InstitutionId): boolean {
  return roster.members.has(author) || roster.founders.has(author)
}

/** Lifted ones as well. Of both sides of a fork one is named: its number is all that matters. */
function newestRevocations(statements: Iterable<Statement>): Iterable<RevocationStatement> {
  const byPlace = new Map<string, RevocationStatement>()
  for (const statement of statements) {
    if (statement.kind !== 'revocation') continue
    const place = `${statement.author} ${statement.subject}`
    if ((byPlace.get(place)?.number ?? 0) < statement.number) byPlace.set(place, statement)
  }
  return byPlace.values()
}
