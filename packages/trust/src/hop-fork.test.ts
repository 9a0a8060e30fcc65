import { describe, expect, it } from 'vitest'
import { mayHopFork } from './hop-fork.ts'
import { accepts, CIRCLE, charterOf, fold, institution, resigns, revokes } from './test-fixtures.ts'
import { createRosterView } from './view.ts'

const [A, B, C] = [institution('author'), institution('b'), institution('c')]
const stranger = institution('stranger')
const founders = ['author', 'b', 'c', 'd']
const statements = founders.map((name) => accepts(name))
const charter = charterOf(founders, 2)
const view = createRosterView({ rosters: [fold(charter, statements)], peers: [A, B] })

const amber = { author: A, tlp: 'AMBER', circle: CIRCLE } as const
const strict = { author: A, tlp: 'AMBER+STRICT', circle: CIRCLE } as const
const red = { author: A, tlp: 'RED', recipient: B } as const

describe('the proof of a fork', () => {
  it('goes among the members of the circle, also where entries come from their author alone', () => {
    for (const stream of [amber, strict]) {
      expect(mayHopFork(stream, B, C, view)).toEqual({ allowed: true })
      expect(mayHopFork(stream, A, C, view)).toEqual({ allowed: true })
      expect(mayHopFork(stream, B, A, view)).toEqual({ allowed: true })
      expect(mayHopFork(stream, stranger, C, view)).toMatchObject({ code: 'amber-sender-not-member' })
      expect(mayHopFork(stream, B, stranger, view)).toMatchObject({ code: 'amber-receiver-not-member' })
    }
  })

  it('stays between the two for RED', () => {
    expect(mayHopFork(red, A, B, view)).toEqual({ allowed: true })
    expect(mayHopFork(red, B, A, view)).toEqual({ allowed: true })
    for (const [from, to] of [
      [B, C],
      [C, B],
      [A, C]
    ] as const)
      expect(mayHopFork(red, from, to, view).allowed).toBe(false)
  })

  it('goes as entries do for GREEN and CLEAR', () => {
    expect(mayHopFork({ author: A, tlp: 'GREEN' }, B, C, view)).toEqual({ allowed: true })
    expect(mayHopFork({ author: A, tlp: 'GREEN' }, B, stranger, view).allowed).toBe(false)
    expect(mayHopFork({ author: A, tlp: 'CLEAR' }, B, stranger, view)).toEqual({ allowed: true })
    expect(mayHopFork({ author: stranger, tlp: 'CLEAR' }, B, C, view).allowed).toBe(false)
  })

  it('is not taken along by an author who leaves or is struck, and none is taken of an outsider', () => {
    const left = createRosterView({ rosters: [fold(charter, [...statements, resigns('author')])], peers: [] })
    const struck = createRosterView({
      rosters: [fold(charter, [...statements, ...['b', 'c', 'd'].map((name) => revokes(name, 'author'))])],
      peers: []
    })
    for (const after of [left, struck]) {
      expect(after.isMember(CIRCLE, A)).toBe(false)
      expect(mayHopFork(amber, B, C, after)).toEqual({ allowed: true })
    }
    expect(mayHopFork({ ...amber, author: stranger }, B, C, view)).toMatchObject({ code: 'amber-author-not-member' })
    const elsewhere = { ...amber, circle: 'ee'.repeat(32) as never }
    expect(mayHopFork(elsewhere, B, C, view)).toMatchObject({ code: 'unknown-circle' })
  })
})
