import { type CircleId, type InstitutionId, quotasOf } from '@tocsin/model'
import type {
  AcceptanceStatement,
  FoldCharter,
  ResignationStatement,
  RevocationStatement,
  Statement,
  VouchStatement
} from './statement.ts'

/** Why a statement that is held does not count, each with the sentence that an officer is shown. */
export const DISCOUNT_CODES = {
  'wrong-circle': 'It is of another circle.',
  'about-oneself': 'Nobody vouches for or revokes itself.',
  'older-number': 'A newer statement of the same author replaces it.',
  'forked-number':
    'Its author signed two different statements with this number; neither counts until a newer one comes.',
  'wrong-name': 'It accepts another name than the charter bears.',
  expired: 'The vouch has expired.',
  'beyond-quota': 'Only the newest open vouches of a member count: 32, or as many as the charter says.',
  lifted: 'The author took this revocation back.',
  'author-not-placed': 'Its author is no member of an earlier rank.'
} as const satisfies Record<string, string>

/** Why a statement does not count. */
export type DiscountCode = keyof typeof DISCOUNT_CODES

/** What counts, once duplicates, older numbers, forks and expiries are out; by subject, then by author. */
export interface Tally {
  readonly accepted: ReadonlyMap<InstitutionId, AcceptanceStatement>
  readonly resigned: ReadonlyMap<InstitutionId, ResignationStatement>
  readonly vouches: ReadonlyMap<InstitutionId, ReadonlyMap<InstitutionId, VouchStatement>>
  readonly revocations: ReadonlyMap<InstitutionId, ReadonlyMap<InstitutionId, RevocationStatement>>
  /** Every statement that does not count, with the reason; what counts is absent. */
  readonly discounted: ReadonlyMap<Statement, DiscountCode>
}

/**
 * Sorts out which statements of a circle count on a day. The result does not depend on order or repetition: per
 * author, kind and subject the highest number stands alone, and where two different registers bear that number
 * (a fork) neither counts, nor does an older one: a replica need not hold the older one any more.
 */
export function tally(circle: CircleId, charter: FoldCharter, statements: Iterable<Statement>, day: number): Tally {
  const discounted = new Map<Statement, DiscountCode>()
  const newest = newestOf(circle, statements, discounted)
  const acceptances = new Map<InstitutionId, AcceptanceStatement>()
  const resignations = new Map<InstitutionId, ResignationStatement>()
  const revocations = new Map<InstitutionId, Map<InstitutionId, RevocationStatement>>()
  const open = new Map<InstitutionId, VouchStatement[]>()

  for (const statement of newest) {
    if (statement.kind === 'acceptance') {
      if (statement.value.name === charter.name) acceptances.set(statement.author, statement)
      else discounted.set(statement, 'wrong-name')
    } else if (statement.kind === 'resignation') {
      resignations.set(statement.author, statement)
    } else if (statement.kind === 'revocation') {
      if (statement.value.lifted === true) discounted.set(statement, 'lifted')
      else inner(revocations, statement.subject).set(statement.author, statement)
    } else if (statement.value.expires < day) {
      discounted.set(statement, 'expired')
    } else {
      const list = open.get(statement.author)
      if (list === undefined) open.set(statement.author, [statement])
      else list.push(statement)
    }
  }

  // So that one root key cannot vouch for a crowd (DESIGN §7).
  const { openVouches } = quotasOf(charter)
  const vouches = new Map<InstitutionId, Map<InstitutionId, VouchStatement>>()
  for (const list of open.values()) {
    list.sort((a, b) => b.number - a.number || compareText(a.subject, b.subject))
    for (const [place, vouch] of list.entries()) {
      if (place < openVouches) inner(vouches, vouch.subject).set(vouch.author, vouch)
      else discounted.set(vouch, 'beyond-quota')
    }
  }

  const resigned = new Map<InstitutionId, ResignationStatement>()
  for (const [author, resignation] of resignations) {
    const acceptance = acceptances.get(author)
    if (acceptance !== undefined && acceptance.number > resignation.number) discounted.set(resignation, 'older-number')
    else resigned.set(author, resignation)
  }
  const accepted = new Map([...acceptances].filter(([author]) => !resigned.has(author)))
  return { accepted, resigned, vouches, revocations, discounted }
}

interface Slot {
  readonly statement: Statement
  readonly forked: boolean
}

function newestOf(
  circle: CircleId,
  statements: Iterable<Statement>,
  discounted: Map<Statement, DiscountCode>
): Statement[] {
  const held = [...statements]
  const slots = new Map<string, Slot>()
  for (const statement of held) {
    if (statement.circle !== circle) discounted.set(statement, 'wrong-circle')
    else if (subjectOf(statement) === statement.author) discounted.set(statement, 'about-oneself')
    else {
      const key = slotKey(statement)
      const slot = slots.get(key)
      if (slot === undefined || statement.number > slot.statement.number) slots.set(key, { statement, forked: false })
      else if (statement.number === slot.statement.number && statement.hash !== slot.statement.hash)
        slots.set(key, { statement, forked: true })
    }
  }
  for (const statement of held) {
    const slot = discounted.has(statement) ? undefined : slots.get(slotKey(statement))
    if (slot === undefined) continue
    if (statement.number < slot.statement.number) discounted.set(statement, 'older-number')
    else if (slot.forked) discounted.set(statement, 'forked-number')
  }
  return [...slots.values()].filter((slot) => !slot.forked).map((slot) => slot.statement)
}

function subjectOf(statement: Statement): InstitutionId | undefined {
  return statement.kind === 'vouch' || statement.kind === 'revocation' ? statement.subject : undefined
}

function slotKey(statement: Statement): string {
  return `${statement.kind} ${statement.author} ${subjectOf(statement) ?? ''}`
}

function inner<V>(map: Map<InstitutionId, Map<InstitutionId, V>>, key: InstitutionId): Map<InstitutionId, V> {
  const found = map.get(key)
  if (found !== undefined) return found
  const fresh = new Map<InstitutionId, V>()
  map.set(key, fresh)
  return fresh
}

/** Code-unit order, never the locale's: two machines must sort alike. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
