import type { CircleId, InstitutionId } from '@tocsin/model'
import { foldRoster, foldTally, type Roster } from './roster.ts'
import { type Standing, standingOf } from './standing.ts'
import type {
  AcceptanceStatement,
  FoldCharter,
  ResignationStatement,
  RevocationStatement,
  Statement,
  VouchStatement
} from './statement.ts'
import { compareText, type DiscountCode, tally } from './tally.ts'

/** A statement about somebody, with the reason if it does not count. */
export interface Weighed<S extends Statement> {
  readonly statement: S
  readonly discount?: DiscountCode
}

/** Why somebody stands where it stands, for people: the statements that make it so, or what is missing. */
export interface Explanation {
  readonly standing: Standing
  /** Of a member. */
  readonly rank?: number
  readonly founder: boolean
  /** Every acceptance and resignation of its own, newest first. */
  readonly own: readonly Weighed<AcceptanceStatement | ResignationStatement>[]
  /** Every vouch for it, those that count first. */
  readonly vouches: readonly Weighed<VouchStatement>[]
  /** Every revocation of it, those that count first. */
  readonly revocations: readonly Weighed<RevocationStatement>[]
  readonly missing: {
    readonly acceptance: boolean
    /** How many more members must vouch; 0 for founders. */
    readonly vouches: number
  }
}

/** Explains one institution's standing in a circle; arguments as for `foldRoster`. */
export function explainMember(
  circle: CircleId,
  charter: FoldCharter,
  statements: Iterable<Statement>,
  day: number,
  id: InstitutionId
): Explanation {
  const held = [...new Map([...statements].filter((s) => s.circle === circle).map((s) => [s.hash, s])).values()]
  const counted = tally(circle, charter, held, day)
  const roster = foldTally(circle, charter, counted, day)
  const weigh = <S extends Statement>(statement: S): Weighed<S> => {
    const discount =
      counted.discounted.get(statement) ?? (countsFor(roster, id, statement) ? undefined : 'author-not-placed')
    return discount === undefined ? { statement } : { statement, discount }
  }
  const about = <S extends VouchStatement | RevocationStatement>(kind: S['kind']): Weighed<S>[] =>
    held
      .filter((statement): statement is S => statement.kind === kind && (statement as S).subject === id)
      .map((statement) => weigh(statement))
      .sort(countingFirst)
  const own = held
    .filter((statement) => statement.author === id)
    .filter((statement) => statement.kind === 'acceptance' || statement.kind === 'resignation')
    .sort((a, b) => b.number - a.number || compareText(a.kind, b.kind))
    .map((statement) => weigh(statement))
  const member = roster.members.get(id)
  const founder = roster.founders.has(id)
  const lacking = founder || member !== undefined ? 0 : (roster.candidates.get(id)?.missing ?? charter.threshold)
  return {
    standing: standingOf(roster, id),
    ...(member === undefined ? {} : { rank: member.rank }),
    founder,
    own,
    vouches: about<VouchStatement>('vouch'),
    revocations: about<RevocationStatement>('revocation'),
    missing: { acceptance: !counted.accepted.has(id), vouches: roster.struck.has(id) ? 0 : lacking }
  }
}

/** Who would fall out of the roster and who would come back, in id order. */
export interface Consequences {
  readonly falls: readonly InstitutionId[]
  readonly returns: readonly InstitutionId[]
}

/** A statement not signed yet: its number and hash are still to come. */
export type Proposal = Statement extends infer S ? (S extends Statement ? Omit<S, 'number' | 'hash'> : never) : never

/**
 * What a statement would change if it were signed now, shown to its author before it signs (DESIGN §7): a revocation
 * can take down whom the struck had vouched for, and bring back whom it had helped to strike.
 */
export function whatIf(
  circle: CircleId,
  charter: FoldCharter,
  statements: Iterable<Statement>,
  day: number,
  proposal: Proposal
): Consequences {
  const held = [...statements]
  const newest = held.reduce(
    (most, statement) => Math.max(most, statement.author === proposal.author ? statement.number : 0),
    0
  )
  // A hash that no register has: the proposal cannot collide with one that is held.
  const signed = { ...proposal, number: newest + 1, hash: 'proposal' } as Statement
  const before = foldRoster(circle, charter, held, day).members
  const after = foldRoster(circle, charter, [...held, signed], day).members
  return {
    falls: [...before.keys()].filter((id) => !after.has(id)),
    returns: [...after.keys()].filter((id) => !before.has(id))
  }
}

/** Was the author placed so that the fold heard it about `id`? */
function countsFor(roster: Roster, id: InstitutionId, statement: Statement): boolean {
  if (statement.kind === 'acceptance' || statement.kind === 'resignation') return true
  const member = roster.members.get(id)
  if (statement.kind === 'revocation') {
    const against = roster.struck.get(id)
    if (against !== undefined) return against.includes(statement.author)
    // Of a founder the rank-0 candidates judge, even those struck in the same round.
    if (member?.rank === 0) return roster.founders.has(statement.author) && isRankZero(roster, statement.author)
    return member !== undefined && (roster.members.get(statement.author)?.rank ?? member.rank) < member.rank
  }
  if (member !== undefined) return member.vouchedBy.includes(statement.author)
  return roster.members.has(statement.author)
}

function isRankZero(roster: Roster, founder: InstitutionId): boolean {
  return roster.members.has(founder) || roster.struck.has(founder)
}

function countingFirst(a: Weighed<Statement>, b: Weighed<Statement>): number {
  const place = (weighed: Weighed<Statement>): number => (weighed.discount === undefined ? 0 : 1)
  return (
    place(a) - place(b) ||
    compareText(a.statement.author, b.statement.author) ||
    b.statement.number - a.statement.number
  )
}
