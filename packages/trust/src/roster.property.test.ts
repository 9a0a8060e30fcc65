import type { InstitutionId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Roster } from './roster.ts'
import type { FoldCharter, Statement } from './statement.ts'
import { accepts, charterOf, DAY, fold, institution, OTHER_CIRCLE, resigns, revokes, vouches } from './test-fixtures.ts'

const POOL = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const RUNS = 5000
// Thousands of histories on a busy machine; only a hang takes this long.
const PATIENCE = { timeout: 120_000 }

/** Mostly what makes members, with everything that must not: forks, old numbers, expiries, other circles, oneself. */
const someone = fc.constantFrom(...POOL)
const number = fc.integer({ min: 1, max: 4 })
const rarely = fc.integer({ min: 0, max: 19 }).map((roll) => roll === 0)
const statement: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(someone, number, rarely, rarely)
      .map(([author, n, wrong, elsewhere]) =>
        accepts(author, { number: n, ...(wrong && { name: 'other' }), ...(elsewhere && { circle: OTHER_CIRCLE }) })
      )
  },
  { weight: 1, arbitrary: fc.tuple(someone, number).map(([author, n]) => resigns(author, { number: n })) },
  {
    weight: 9,
    arbitrary: fc
      .tuple(someone, someone, number, rarely, rarely)
      .map(([author, subject, n, old, other]) =>
        vouches(author, subject, { number: n, ...(old && { expires: DAY - 1 }), ...(other && { name: 'another' }) })
      )
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(someone, someone, number, fc.boolean())
      .map(([author, subject, n, lifted]) => revokes(author, subject, { number: n, ...(lifted && { lifted }) }))
  }
)
const history = fc
  .record({
    founders: fc.integer({ min: 1, max: 5 }),
    k: fc.integer({ min: 1, max: 3 }),
    everybodyAccepts: fc.boolean(),
    statements: fc.array(statement, { maxLength: 70 })
  })
  .map(({ founders, k, everybodyAccepts, statements }) => ({
    charter: charterOf(POOL.slice(0, founders), Math.min(k, founders)),
    statements: everybodyAccepts ? [...POOL.map((name) => accepts(name, { number: 5 })), ...statements] : statements
  }))

describe('the fold', PATIENCE, () => {
  it('is the same for any order and any repetition of the same statements', () => {
    const shuffled = history.chain((past) =>
      fc.record({
        past: fc.constant(past),
        again: fc.shuffledSubarray(past.statements),
        order: fc.shuffledSubarray(past.statements, { minLength: past.statements.length })
      })
    )
    fc.assert(
      fc.property(shuffled, ({ past, again, order }) => {
        const copies = again.map((copy) => structuredClone(copy))
        expect(fold(past.charter, [...copies, ...order])).toEqual(fold(past.charter, past.statements))
      }),
      { numRuns: RUNS }
    )
  })

  it('gives what the rule says, written down a second time', () => {
    fc.assert(
      fc.property(history, ({ charter, statements }) => {
        const { members, struck } = fold(charter, statements)
        const expected = secondFold(charter, statements)
        expect(new Map([...members].map(([id, member]) => [id, member.rank]))).toEqual(expected.ranks)
        expect(new Set(struck.keys())).toEqual(expected.struck)
      }),
      { numRuns: RUNS }
    )
  })

  it('never holds a non-founder with fewer than k valid vouches, nor anybody who did not accept', () => {
    let outsidersAdmitted = 0
    fc.assert(
      fc.property(history, ({ charter, statements }) => {
        const roster = fold(charter, statements)
        for (const [id, member] of roster.members) {
          expect(standing(statements, 'acceptance', id)).toBe(true)
          if (roster.founders.has(id)) continue
          outsidersAdmitted++
          const valid = member.vouchedBy.filter((voucher) => isValidVouch(roster, statements, voucher, id))
          expect(new Set(valid).size).toBeGreaterThanOrEqual(charter.threshold)
          expect(valid).toHaveLength(member.vouchedBy.length)
        }
      }),
      { numRuns: RUNS }
    )
    // The histories must reach the case, or the property says nothing.
    expect(outsidersAdmitted).toBeGreaterThan(RUNS / 10)
  })

  it('does not change for those placed when a crowd of outsiders says anything at all about each other', () => {
    const noise = fc.array(
      fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('x', 'y', 'z', ...POOL), fc.boolean()),
      { maxLength: 30 }
    )
    fc.assert(
      fc.property(history, noise, ({ charter, statements }, said) => {
        const crowd = said.flatMap(([author, subject, for_]) => [
          accepts(author),
          for_ ? vouches(author, subject, { number: 9 }) : revokes(author, subject, { number: 9 })
        ])
        const before = fold(charter, statements)
        const after = fold(charter, [...statements, ...crowd])
        expect([...after.members.keys()]).toEqual([...before.members.keys()])
        expect(after.digest).toBe(before.digest)
      }),
      { numRuns: RUNS }
    )
  })
})

function isValidVouch(
  roster: Roster,
  statements: readonly Statement[],
  voucher: InstitutionId,
  id: InstitutionId
): boolean {
  const rank = roster.members.get(voucher)?.rank
  const own = roster.members.get(id)?.rank
  return rank !== undefined && own !== undefined && rank < own && says(statements, 'vouch', voucher, id)
}

/** The newest register of (author, kind, subject) is no fork and says so. */
function says(
  statements: readonly Statement[],
  kind: Statement['kind'],
  author: InstitutionId,
  subject?: InstitutionId
) {
  if (author === subject) return false
  const mine = statements.filter(
    (s) =>
      s.circle !== OTHER_CIRCLE &&
      s.kind === kind &&
      s.author === author &&
      ('subject' in s ? s.subject : undefined) === subject
  )
  const top = Math.max(...mine.map((s) => s.number))
  const newest = mine.filter((s) => s.number === top)
  const [first] = newest
  if (first === undefined || new Set(newest.map((s) => s.hash)).size > 1) return false
  if (first.kind === 'vouch') return first.value.expires >= DAY
  if (first.kind === 'revocation') return first.value.lifted !== true
  return first.kind === 'resignation' || (first.kind === 'acceptance' && first.value.name === 'esr-fr')
}

function standing(statements: readonly Statement[], kind: 'acceptance', id: InstitutionId): boolean {
  if (!says(statements, kind, id)) return false
  const numberOf = (of: string) =>
    Math.max(
      0,
      ...statements.filter((s) => s.circle !== OTHER_CIRCLE && s.kind === of && s.author === id).map((s) => s.number)
    )
  return !says(statements, 'resignation', id) || numberOf('resignation') < numberOf(kind)
}

/** DESIGN §7 once more, slowly and by another road: each question is asked of all statements afresh. */
function secondFold(charter: FoldCharter, statements: readonly Statement[]) {
  const everybody = POOL.map((name) => institution(name))
  const accepted = everybody.filter((id) => standing(statements, 'acceptance', id))
  const ranks = new Map<InstitutionId, number>()
  const struck = new Set<InstitutionId>()
  const zero = accepted.filter((id) => charter.founders.includes(id))
  const saying = (kind: Statement['kind'], among: readonly InstitutionId[], about: InstitutionId) =>
    among.filter((author) => says(statements, kind, author, about)).length
  for (const id of zero) {
    const against = saying('revocation', zero, id)
    if (against >= charter.threshold && against > zero.length / 2) struck.add(id)
    else ranks.set(id, 0)
  }
  for (let rank = 1; rank <= everybody.length; rank++) {
    const earlier = [...ranks.keys()]
    const candidates = accepted.filter((id) => !ranks.has(id) && !struck.has(id))
    for (const id of candidates) {
      if (saying('vouch', earlier, id) < charter.threshold) continue
      if (saying('revocation', earlier, id) >= charter.threshold) struck.add(id)
      else ranks.set(id, rank)
    }
  }
  return { ranks, struck }
}
