import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ranges, unranged } from './history.ts'
import { shrink } from './shrink.ts'

describe('shrinking a history', () => {
  it('leaves exactly what a failure needs, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.uniqueArray(fc.nat(119), { maxLength: 5 }),
        async (length, wanted) => {
          const list = Array.from({ length }, (_, index) => index)
          const needed = wanted.filter((index) => index < length).sort((a, b) => a - b)
          const { list: least } = await shrink(list, async (rest) => needed.every((index) => rest.includes(index)))
          expect(least).toEqual(needed)
        }
      )
    )
  })

  it('keeps the best so far when its time is over', async () => {
    let runs = 0
    const list = Array.from({ length: 64 }, (_, index) => index)
    const shrunk = await shrink(
      list,
      async (rest) => {
        runs += 1
        return rest.includes(63)
      },
      () => runs >= 2
    )
    expect(shrunk.list).toContain(63)
    expect(shrunk.list.length).toBeLessThan(64)
    expect(shrunk.runs).toBe(2)
  })
})

describe('a list of actions', () => {
  it('is written as ranges and read back', () => {
    expect(ranges([1, 2, 3, 7, 9, 10])).toBe('1-3,7,9-10')
    expect(ranges([])).toBe('none')
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300)), (ids) => {
        const sorted = [...ids].sort((a, b) => a - b)
        expect([...unranged(ranges(sorted))]).toEqual(sorted)
      })
    )
    expect(() => unranged('1-x')).toThrow(RangeError)
  })
})
