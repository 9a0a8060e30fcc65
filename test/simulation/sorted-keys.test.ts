import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortedKeys } from './sorted-keys.ts'

it('says what lies in a range, both ways, whatever came and went', () => {
  const key = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', 'ÿ'), maxLength: 7 })
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 900, minLength: 0, size: 'max' }),
      fc.array(key, { maxLength: 900, size: 'max' }),
      fc.array(fc.tuple(key, fc.option(key, { nil: undefined }))),
      (first, moved, asked) => {
        const truth = new Set(first)
        const keys = sortedKeys([...first].sort())
        for (const one of moved) {
          if (truth.delete(one)) keys.delete(one)
          else {
            truth.add(one)
            keys.add(one)
          }
        }
        for (const [low, high] of [...asked, ['', undefined] as const]) {
          const between = [...truth].sort().filter((one) => one >= low && (high === undefined || one < high))
          expect([...keys.between(low, high, false)]).toEqual(between)
          expect([...keys.between(low, high, true)]).toEqual(between.reverse())
        }
      }
    ),
    { numRuns: 60 }
  )
})
