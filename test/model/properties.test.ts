import { isDeepStrictEqual } from 'node:util'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { foldRoster, type Roster, type Statement as TrustStatement } from '@tocsin/trust'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decoded } from './compare.ts'
import type { Charter, Statement } from './roster.ts'
import { CROWD, history, POOL, play, START, statement } from './trace.ts'

const RUNS = 10_000
const SOME = RUNS / 50
// Thousands of histories on a busy machine; only a hang takes this long.
const PATIENCE = { timeout: 300_000 }

/** What three nodes hold in the end, of the circle that most of it is about. */
interface Past {
  readonly charter: Charter
  readonly day: number
  readonly held: readonly (readonly Statement[])[]
  readonly all: readonly Statement[]
}

function pastOf(floods: boolean): fc.Arbitrary<Past> {
  return history.map((one) => {
    const events = floods ? one.events : one.events.filter(({ is }) => is !== 'flood')
    const last = [...play({ ...one, events })].at(-1)
    const charter = one.charters[0]
    if (last === undefined || charter === undefined) throw new Error('a trace ends, and has a circle')
    return { charter, ...last, all: [...new Set(last.held.flat())] }
  })
}
const past = pastOf(true)
/** In which nobody fills the quota of vouches, so that some can be added. */
const calm = pastOf(false)

const read = new WeakMap<Statement, TrustStatement>()
function reading(one: Statement): TrustStatement {
  const known = read.get(one) ?? decoded(one)
  read.set(one, known)
  return known
}

function rosterOf({ charter, day }: Pick<Past, 'charter' | 'day'>, statements: readonly Statement[]): Roster {
  const { circle, name, founders, k } = charter
  const charterRead = { name, founders: founders as readonly InstitutionId[], threshold: k }
  return foldRoster(circle as CircleId, charterRead, statements.map(reading), day)
}

const idsOf = (roster: Roster): string[] => [...roster.members.keys()]

describe('the roster', PATIENCE, () => {
  it('is the same for any order, duplication and partition of the same statements', () => {
    let parted = 0
    fc.assert(
      fc.property(past, fc.nat(), (past, seed) => {
        const { held, all } = past
        const expected = rosterOf(past, all)
        if (!isDeepStrictEqual(rosterOf(past, held[0] ?? []), expected)) parted++
        // Each had a part; each hears the rest in another order, and some of it twice.
        for (const [i, own] of held.entries()) {
          const heard = [...own, ...shuffled(all, seed + i), ...own.filter((_, at) => (at + seed) % 3 === 0)]
          expect(isDeepStrictEqual(rosterOf(past, heard), expected)).toBe(true)
        }
        // A store keeps of each register the newest alone, and of a fork two sides.
        expect(isDeepStrictEqual(rosterOf(past, newestOnly(shuffled(all, seed))), expected)).toBe(true)
      }),
      { numRuns: RUNS }
    )
    expect(parted).toBeGreaterThan(SOME)
  })

  it('never contains a newcomer with fewer than k valid vouches', () => {
    let newcomers = 0
    fc.assert(
      fc.property(past, (past) => {
        const roster = rosterOf(past, past.all)
        const rankOf = (id: string) => roster.members.get(id as InstitutionId)?.rank ?? Number.POSITIVE_INFINITY
        for (const id of idsOf(roster)) {
          if (past.charter.founders.includes(id)) continue
          newcomers++
          const vouchers = [...POOL, ...CROWD].filter((by) => rankOf(by) < rankOf(id) && vouchesFor(past, by, id))
          expect(vouchers.length).toBeGreaterThanOrEqual(past.charter.k)
        }
      }),
      { numRuns: RUNS }
    )
    expect(newcomers).toBeGreaterThan(SOME)
  })

  it('keeps everybody when a crowd of newcomers, all of them members, revokes all who were there', () => {
    let crowds = 0
    fc.assert(
      fc.property(calm, (past) => {
        const { charter, day, all } = past
        const before = rosterOf(past, all)
        const lastPlaced = [...before.members].sort(([, a], [, b]) => b.rank - a.rank).map(([id]) => id)
        if (lastPlaced.length < charter.k) return
        crowds++
        const crowd = CROWD.slice(0, 5)
        const says = (kind: Statement['kind'], by: string, of: string) =>
          statement(kind, by, of, { circle: charter.circle, number: 900_000_000, expires: day })
        const after = rosterOf(past, [
          ...all,
          ...crowd.flatMap((one) => [
            says('acceptance', one, one),
            ...lastPlaced.slice(0, charter.k).map((voucher) => says('vouch', voucher, one)),
            ...[...POOL, ...crowd].map((other) => says('revocation', one, other))
          ])
        ])
        expect(new Set(idsOf(after))).toEqual(new Set([...idsOf(before), ...crowd]))
        for (const [id, { rank }] of before.members) expect(after.members.get(id)?.rank).toBe(rank)
        expect(after.struck).toEqual(before.struck)
      }),
      { numRuns: RUNS }
    )
    expect(crowds).toBeGreaterThan(SOME)
  })
})

describe('with k ≥ 2, one stolen root key', PATIENCE, () => {
  const fresh = CROWD.slice(0, 4)
  /** Whatever the thief signs by the stolen key, and by as many keys of its own making as it likes. */
  const loot = fc.array(
    fc.record({
      kind: fc.constantFrom<Statement['kind']>(
        'vouch',
        'vouch',
        'revocation',
        'revocation',
        'acceptance',
        'resignation'
      ),
      author: fc.constantFrom('stolen', 'stolen', ...fresh),
      subject: fc.constantFrom(...POOL, ...fresh),
      // Newer than all that was said before.
      number: fc.constantFrom(500_000_000, 600_000_000, 700_000_000, 800_000_000),
      lifted: fc.boolean(),
      expires: fc.constantFrom(START - 1, START + 99, START + 99)
    }),
    { minLength: 4, maxLength: 24 }
  )
  const raid = fc
    .record({ past: calm, stolen: fc.constantFrom(...POOL), loot })
    .filter(({ past }) => past.charter.founders.length > 1)
    .map(({ past, stolen, loot }) => {
      const charter = { ...past.charter, k: Math.max(2, past.charter.k) }
      const signed = loot.map(({ kind, author, subject, ...rest }) =>
        statement(kind, author === 'stolen' ? stolen : author, subject, { ...rest, circle: charter.circle })
      )
      const founded = fresh.map((one) => statement('acceptance', one, one, { circle: charter.circle }))
      return { past: { ...past, charter }, stolen, signed: [...founded, ...signed] }
    })

  it('admits nobody: neither keys of the thief, nor anybody for whom not k − 1 others vouch', () => {
    let newcomers = 0
    fc.assert(
      fc.property(raid, ({ past, stolen, signed }) => {
        const after = rosterOf(past, [...past.all, ...signed])
        for (const [id, { vouchedBy }] of after.members) {
          expect(fresh).not.toContain(id)
          if (past.charter.founders.includes(id)) continue
          newcomers++
          expect(vouchedBy.filter((by) => by !== stolen).length).toBeGreaterThanOrEqual(past.charter.k - 1)
        }
      }),
      { numRuns: RUNS }
    )
    expect(newcomers).toBeGreaterThan(SOME)
  })

  it('expels nobody: whom it did not hold up stands, unless k − 1 others revoke too', () => {
    let standing = 0
    fc.assert(
      fc.property(raid, ({ past, stolen, signed }) => {
        for (const against of rosterOf(past, [...past.all, ...signed]).struck.values())
          expect(against.filter((by) => by !== stolen).length).toBeGreaterThanOrEqual(past.charter.k - 1)
        // And where nobody else revokes: whoever stands without a word of the stolen key stands whatever it says.
        const peaceful = past.all.filter(({ kind }) => kind !== 'revocation')
        const silent = peaceful.filter(({ author, kind }) => author !== stolen || kind === 'acceptance')
        const after = new Set(idsOf(rosterOf(past, [...peaceful, ...signed])))
        for (const id of idsOf(rosterOf(past, silent))) {
          if (id === stolen) continue
          standing++
          expect(after.has(id)).toBe(true)
        }
      }),
      { numRuns: RUNS }
    )
    expect(standing).toBeGreaterThan(SOME)
  })

  it('can only take back its own word: whoever stands or is out by exactly k, one of them its own, falls or returns', () => {
    const [a = '', b = '', c = '', d = ''] = POOL
    const charter = { circle: 'c1'.repeat(32), name: 'esr-fr', founders: [a, b, c], k: 2 }
    const says = (kind: Statement['kind'], by: string, of: string, number = 1, expires = START) =>
      statement(kind, by, of, { circle: charter.circle, number, expires })
    const past = [...[a, b, c, d].map((one) => says('acceptance', one, one)), says('vouch', a, d), says('vouch', b, d)]
    const at = { charter, day: START }
    expect(idsOf(rosterOf(at, past))).toContain(d)
    // A newer vouch that has already expired; 32 newer ones for others; a second one of the same number.
    const backs = [
      [says('vouch', a, d, 2, START - 1)],
      CROWD.slice(0, 32).map((one) => says('vouch', a, one, 2)),
      [says('vouch', a, d, 1, START + 1)],
      [says('resignation', a, a, 2)]
    ]
    for (const back of backs) expect(idsOf(rosterOf(at, [...past, ...back]))).not.toContain(d)
    expect(idsOf(rosterOf(at, [...past, says('vouch', c, d), ...backs.flat()]))).toContain(d)
    const out = [...past, says('revocation', a, d), says('revocation', b, d)]
    expect(idsOf(rosterOf(at, out))).not.toContain(d)
    const lifted = { ...says('revocation', a, d, 2), lifted: true }
    expect(idsOf(rosterOf(at, [...out, lifted]))).toContain(d)
    expect(idsOf(rosterOf(at, [...out, lifted, says('revocation', c, d)]))).not.toContain(d)
  })
})

/** Some order, by a seed. */
function shuffled<T>(all: readonly T[], seed: number): T[] {
  return all
    .map((one, i) => ({ one, key: Math.imul(seed ^ (i + 1), 2_654_435_761) >>> 0 }))
    .sort((x, y) => x.key - y.key)
    .map(({ one }) => one)
}

/** What a store keeps: at each address the highest number, and two of it where there are several. */
function newestOnly(all: readonly Statement[]): Statement[] {
  const kept = new Map<string, Map<string, Statement>>()
  for (const one of all) {
    const address = [one.circle, one.kind, one.author, one.subject].join()
    const there = kept.get(address) ?? new Map<string, Statement>()
    const number = [...there.values()][0]?.number ?? 0
    if (one.number > number) there.clear()
    if (one.number >= number && there.size < 2) there.set(JSON.stringify(one), one)
    kept.set(address, there)
  }
  return [...kept.values()].flatMap((there) => [...there.values()])
}

/** Does this vouch count, asked of the raw statements: newest of its register, no fork, open, among the newest 32? */
function vouchesFor({ charter, day, all }: Past, by: string, subject: string): boolean {
  const open = [...POOL, ...CROWD].flatMap((of) => {
    const said = all.filter(
      (s) => s.circle === charter.circle && s.kind === 'vouch' && s.author === by && s.subject === of && of !== by
    )
    const number = Math.max(...said.map((s) => s.number))
    const newest = new Map(said.filter((s) => s.number === number).map((s) => [JSON.stringify(s), s]))
    const [only] = [...newest.values()]
    return only !== undefined && newest.size === 1 && only.expires >= day ? [only] : []
  })
  const own = open.find((s) => s.subject === subject)
  return own !== undefined && open.filter((s) => s.number > own.number).length < 32
}
