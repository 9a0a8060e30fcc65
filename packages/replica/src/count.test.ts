/** A count of private sightings names nobody, by itself or beside the others. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeCount } from './count.ts'

describe('a count', () => {
  it.each([
    [0, [], 3, 'too-few-contributors'],
    [2, [], 3, 'too-few-contributors'],
    [3, [], 3, undefined],
    [4, [], 5, 'too-few-contributors'],
    // Less than the protocol's least is asked in vain.
    [2, [], 1, 'too-few-contributors'],
    [3, [3], 3, undefined],
    [4, [3], 3, 'count-too-close'],
    [5, [3], 3, 'count-too-close'],
    [6, [3], 3, undefined],
    [7, [3], 5, 'count-too-close'],
    [8, [3], 5, undefined],
    // As many as have gone can be counted just as well.
    [4, [6], 3, 'count-too-close'],
    [3, [6], 3, undefined],
    [7, [6, 3], 3, 'count-too-close'],
    [9, [6, 3], 3, undefined]
  ] as const)('of %i after %j, in steps of %i', (contributors, published, least, code) => {
    expect(judgeCount({ contributors, published }, least)).toBe(code)
  })

  it('shows by no two of those that are published how one or two came', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 6 })), { maxLength: 60 }), (tries) => {
        const published: number[] = []
        for (const [contributors, least] of tries)
          if (judgeCount({ contributors, published }, least) === undefined) published.push(contributors)
        for (const one of published)
          for (const other of published) {
            expect(one).toBeGreaterThanOrEqual(3)
            expect([1, 2]).not.toContain(Math.abs(one - other))
          }
      })
    )
  })
})
