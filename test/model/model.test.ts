import { prepareRegister, type RegisterFields, signRegister } from '@tocsin/journal'
import { statementOf, type Statement as TrustStatement } from '@tocsin/trust'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decoded, difference, type Model, type Tally } from './compare.ts'
import * as hop from './hop.ts'
import { MUTANTS, mutant } from './mutants.ts'
import * as roster from './roster.ts'
import { readable, rootKey, type Trace, trace } from './trace.ts'

const RUNS = 10_000
/** As signatures cost more than all the rest. */
const SIGNED_RUNS = 200
// Thousands of traces on a busy machine; only a hang takes this long.
const PATIENCE = { timeout: 300_000 }

const model: Model = { ...roster, ...hop }

/** Every case that the comparison must meet, or it says nothing about it. */
const CASES = [
  ...['rank 0', 'rank 1', 'rank 2', 'rank 3', 'struck founder', 'struck newcomer'],
  ...['since day 0', 'since day 1', 'since day 2'],
  ...['member', 'struck', 'left', 'founder', 'candidate', 'outsider'].map((standing) => `standing ${standing}`),
  ...['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'].flatMap((tlp) => [`${tlp} allowed`, `${tlp} refused`]),
  ...['AMBER', 'AMBER+STRICT', 'RED'].flatMap((tlp) => [`${tlp} offence`, `${tlp} no offence`]),
  ...['WHITE refused', 'undefined refused'],
  ...['card', 'charter', 'acceptance', 'vouch', 'revocation', 'resignation'].flatMap((kind) => [
    `${kind} allowed`,
    `${kind} refused`
  ])
]

describe('the model and packages/trust', PATIENCE, () => {
  it(`do not differ in ${RUNS} traces`, () => {
    const seen: Tally = new Map()
    fc.assert(
      fc.property(trace, (one) => {
        expect(readable(difference(model, one, decoded, seen) ?? 'no difference')).toBe('no difference')
      }),
      { numRuns: RUNS }
    )
    for (const name of CASES) expect([name, seen.get(name) ?? 0]).toEqual([name, expect.toSatisfy((n) => n >= 50)])
  })

  it('do not differ either over registers that were signed, opened and read', () => {
    const opened = new Map<string, TrustStatement>()
    const translate = (s: roster.Statement) => {
      const key = JSON.stringify(s)
      const statement = opened.get(key) ?? signed(s)
      opened.set(key, statement)
      return statement
    }
    fc.assert(
      fc.property(trace, (one) => {
        expect(readable(difference(model, signable(one), translate) ?? 'no difference')).toBe('no difference')
      }),
      { numRuns: SIGNED_RUNS }
    )
    expect(opened.size).toBeGreaterThan(SIGNED_RUNS)
  })
})

describe('the comparison', PATIENCE, () => {
  it.each(MUTANTS)('notices a model in which %s', async (_, file, from, to) => {
    const altered = await mutant(file, from, to)
    let found: string | undefined
    const differs = fc.property(trace, (one) => {
      found = difference(altered, one)
      return found === undefined
    })
    fc.check(differs, { numRuns: RUNS, seed: 1, endOnFailure: true })
    expect(found).toMatch(/^day \d+, node \d: /)
  })
})

/** Through the journal and back: bytes, signature and schema. */
function signed(s: roster.Statement): TrustStatement {
  const { kind, author, circle, number, value, ...rest } = decoded(s)
  const subject = 'subject' in rest ? { subject: rest.subject } : {}
  const fields = { kind, author, circle, number, value, ...subject } as RegisterFields
  const statement = statementOf(signRegister(prepareRegister(fields), rootKey(s.author)))
  if (statement === undefined) throw new Error(`no statement: ${s.kind}`)
  return statement
}

/** Without what no register can say: the journal reads no vouch or revocation of oneself. */
function signable(one: Trace): Trace {
  const sayable = (s: roster.Statement) => s.subject !== s.author || s.kind === 'acceptance' || s.kind === 'resignation'
  return {
    ...one,
    events: one.events.map((event) =>
      event.is === 'say' ? { ...event, statements: event.statements.filter(sayable) } : event
    )
  }
}
