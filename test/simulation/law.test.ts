/** The simulation's own telling of the law, held against the code under test: two ways to the same roster. */
import type { SignedRegister } from '@tocsin/journal'
import { foldRoster, statementOf } from '@tocsin/trust'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayGo, membersOf } from './law.ts'
import { circleMade, party, START, statement } from './parties.ts'

const PARTIES = 7
const founders = [0, 1, 2].map(party)
const circle = circleMade('law', 'law', founders, 2)
const DAY_ONE = Math.floor(START / 86_400_000)

const who = fc.nat(PARTIES - 1)
// Nobody speaks of himself.
const two = fc.tuple(who, fc.nat(PARTIES - 2)).map(([a, far]) => [a, (a + 1 + far) % PARTIES] as const)
const number = fc.integer({ min: START, max: START + 3 })
const said: fc.Arbitrary<SignedRegister> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(who, number).map(([a, n]) => statement.acceptance(party(a), circle, n)) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(two, number, fc.integer({ min: -1, max: 2 }))
      .map(([[a, b], n, days]) => statement.vouch(party(a), party(b), circle, n, DAY_ONE + days))
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(two, number, fc.boolean())
      .map(([[a, b], n, lifted]) => statement.revocation(party(a), party(b), circle, n, lifted))
  },
  { weight: 1, arbitrary: fc.tuple(who, number).map(([a, n]) => statement.resignation(party(a), circle, n)) }
)

describe('the law of the simulation', () => {
  it('finds the members that the fold finds', () => {
    const accepted = founders.map((one) => statement.acceptance(one, circle, START))
    fc.assert(
      fc.property(fc.array(said, { maxLength: 40 }), fc.nat(2), (list, later) => {
        const statements = [...accepted, ...list]
        const day = DAY_ONE + later
        const ours = membersOf({
          circle: circle.id,
          name: circle.name,
          founders: circle.charter.founders,
          threshold: 2,
          statements,
          day
        })
        const opened = statements.map(statementOf).filter((one) => one !== undefined)
        const theirs = foldRoster(circle.id, circle.charter, opened, day)
        expect([...ours].sort()).toEqual([...theirs.members.keys()].sort())
      }),
      { numRuns: 300 }
    )
  })

  it('says who may hold what', () => {
    const [a, b, c] = [0, 1, 2].map((index) => party(index).id) as [
      ReturnType<typeof party>['id'],
      ReturnType<typeof party>['id'],
      ReturnType<typeof party>['id']
    ]
    const knows = { circles: new Map([[circle.id, new Set([a, b])]]), isNear: (id: string) => id === a }
    const stream = (labels: object) => ({ author: a, ...labels }) as never
    const goes = (labels: object, from = a, to = b) => mayGo(stream(labels), from, to, knows)
    expect(goes({ tlp: 'AMBER', circle: circle.id })).toBe(true)
    expect(goes({ tlp: 'AMBER', circle: circle.id }, b, c)).toBe(false)
    expect(goes({ tlp: 'AMBER+STRICT', circle: circle.id })).toBe(true)
    expect(goes({ tlp: 'AMBER+STRICT', circle: circle.id }, b, b)).toBe(false)
    expect(goes({ tlp: 'RED', recipient: b })).toBe(true)
    expect(goes({ tlp: 'RED', recipient: b }, a, c)).toBe(false)
    expect(goes({ tlp: 'GREEN' })).toBe(true)
    expect(goes({ tlp: 'GREEN' }, a, c)).toBe(false)
    expect(goes({ tlp: 'CLEAR' }, b, c)).toBe(true)
    expect(mayGo({ author: c, tlp: 'CLEAR' } as never, b, a, knows)).toBe(false)
    expect(goes({ tlp: 'AMBER', circle: circle.id }, c, a)).toBe(true)
    expect(goes({ tlp: 'PURPLE' })).toBe(false)
  })
})
