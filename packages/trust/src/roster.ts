import type { CircleId, InstitutionId } from '@tocsin/model'
import { type Claim, type Coverage, coverage } from './coverage.ts'
import { rosterDigest } from './digest.ts'
import { dayOf, type FoldCharter, type Statement } from './statement.ts'
import { compareText, type Tally, tally } from './tally.ts'

/** A member as the fold placed it. */
export interface Member extends Coverage {
  /** 0 for founders, else one more than the highest rank among those without whose vouches it would not stand. */
  readonly rank: number
  /** Survivors of earlier ranks (rank 0: surviving founders) whose vouch for it counts, in id order. */
  readonly vouchedBy: readonly InstitutionId[]
  /**
   * Days since the epoch: when the k-th of these vouches was signed, by the vouchers' numbers and not by the acceptance
   * that it dates itself. None at rank 0.
   */
  readonly since?: number
}

/**
 * Whether a member's quotas are still tighter (DESIGN §8.5): one of a later rank, for so many days since it was vouched
 * for. Of the statements and the day alone, so that all who hold the same judge alike.
 */
export function isNewcomer({ since }: Pick<Member, 'since'>, day: number, newcomerDays: number): boolean {
  return since !== undefined && day - since < newcomerDays
}

/** Somebody who is no founder and no member, but accepted or is vouched for. */
export interface Candidate {
  readonly accepted: boolean
  /** Members whose vouch for it counts, in id order. */
  readonly vouchedBy: readonly InstitutionId[]
  /** Authors of open vouches for it who are no members here, or not yet: what a newcomer sees before it holds the rest. */
  readonly claimedBy: readonly InstitutionId[]
  /** How many more members must vouch. */
  readonly missing: number
}

/** The membership of one circle on one day, as computed from the statements held. */
export interface Roster {
  readonly circle: CircleId
  readonly name: string
  readonly threshold: number
  /** Days since the epoch. */
  readonly day: number
  readonly members: ReadonlyMap<InstitutionId, Member>
  /** All whom the charter names, whether or not they accepted. */
  readonly founders: ReadonlySet<InstitutionId>
  readonly candidates: ReadonlyMap<InstitutionId, Candidate>
  /** Expelled, and by whom, in id order. */
  readonly struck: ReadonlyMap<InstitutionId, readonly InstitutionId[]>
  /** Those whose resignation stands. */
  readonly resigned: ReadonlySet<InstitutionId>
  /** Hex SHA-256 over circle, day and the sorted members: what a hop proof signs. */
  readonly digest: string
}

/**
 * Computes who belongs to a circle (DESIGN §7), from its charter, the statements held and the day, and from nothing
 * else: order, repetition and older registers change nothing. Cost: statements + members × vouches, once per rank.
 * @param statements opened and verified registers of any circle; those of others are passed over
 * @param day days since the epoch, UTC
 * @param claims names and domains from the founders' own cards, shown where no vouches cover them; they decide nothing
 */
export function foldRoster(
  circle: CircleId,
  charter: FoldCharter,
  statements: Iterable<Statement>,
  day: number,
  claims: ReadonlyMap<InstitutionId, Claim> = new Map()
): Roster {
  return foldTally(circle, charter, tally(circle, charter, statements, day), day, claims)
}

/** The fold proper, on statements already sorted out. */
export function foldTally(
  circle: CircleId,
  charter: FoldCharter,
  counted: Tally,
  day: number,
  claims: ReadonlyMap<InstitutionId, Claim> = new Map()
): Roster {
  const k = charter.threshold
  const founders = new Set(charter.founders)
  const ranks = new Map<InstitutionId, number>()
  const struck = new Map<InstitutionId, InstitutionId[]>()

  // Rank 0: the founders judge each other, all at once, so that no order of blows decides.
  const first = new Set([...founders].filter((id) => counted.accepted.has(id)))
  for (const id of first) {
    const against = authorsFor(counted.revocations, id, first)
    if (against.length >= k && against.length * 2 > first.size) struck.set(id, against)
    else ranks.set(id, 0)
  }

  // Rank r: placed once and for all by those before, so nobody who came later expels anybody who came earlier.
  for (let rank = 1, grown = true; grown; rank++) {
    grown = false
    const earlier = new Set(ranks.keys())
    for (const id of counted.accepted.keys()) {
      if (ranks.has(id) || struck.has(id)) continue
      if (authorsFor(counted.vouches, id, earlier).length < k) continue
      const against = authorsFor(counted.revocations, id, earlier)
      if (against.length >= k) struck.set(id, against)
      else {
        ranks.set(id, rank)
        grown = true
      }
    }
  }

  const members = new Map<InstitutionId, Member>()
  for (const id of [...ranks.keys()].sort(compareText)) {
    const rank = ranks.get(id) ?? 0
    const vouchers = authorsFor(counted.vouches, id, {
      has: (author) => (rank === 0 ? ranks.get(author) === 0 : (ranks.get(author) ?? rank) < rank)
    })
    const vouches = vouchers.flatMap((author) => counted.vouches.get(id)?.get(author) ?? [])
    const needed = rank === 0 ? Math.min(k, founders.size - 1) : k
    const covered = coverage(
      vouches.map(({ value }) => value),
      needed,
      claims.get(id)
    )
    const numbers = vouches.map(({ number }) => number).sort((a, b) => a - b)
    const since = rank === 0 ? {} : { since: dayOf(numbers[k - 1] ?? 0) }
    members.set(id, { rank, vouchedBy: vouchers, ...covered, ...since })
  }
  return {
    circle,
    name: charter.name,
    threshold: k,
    day,
    members,
    founders,
    candidates: candidatesOf(counted, k, members, founders, struck),
    struck: sorted(struck),
    resigned: new Set([...counted.resigned.keys()].sort(compareText)),
    digest: rosterDigest(circle, day, members.keys())
  }
}

function candidatesOf(
  counted: Tally,
  k: number,
  members: Roster['members'],
  founders: ReadonlySet<InstitutionId>,
  struck: ReadonlyMap<InstitutionId, unknown>
): ReadonlyMap<InstitutionId, Candidate> {
  const candidates = new Map<InstitutionId, Candidate>()
  for (const id of new Set([...counted.accepted.keys(), ...counted.vouches.keys()])) {
    if (members.has(id) || founders.has(id) || struck.has(id)) continue
    const vouchedBy = authorsFor(counted.vouches, id, members)
    const claimedBy = authorsFor(counted.vouches, id, { has: (author) => !members.has(author) })
    const missing = Math.max(0, k - vouchedBy.length)
    candidates.set(id, { accepted: counted.accepted.has(id), vouchedBy, claimedBy, missing })
  }
  return sorted(candidates)
}

function authorsFor(
  statements: ReadonlyMap<InstitutionId, ReadonlyMap<InstitutionId, unknown>>,
  subject: InstitutionId,
  among: { has(author: InstitutionId): boolean }
): InstitutionId[] {
  return [...(statements.get(subject)?.keys() ?? [])].filter((author) => among.has(author)).sort(compareText)
}

function sorted<V>(map: ReadonlyMap<InstitutionId, V>): ReadonlyMap<InstitutionId, V> {
  return new Map([...map].sort(([a], [b]) => compareText(a, b)))
}
