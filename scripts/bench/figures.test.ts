import { describe, expect, it } from 'vitest'
import { digits, percentile, slope, spread } from './figures.ts'

describe('figures', () => {
  it('are values that were measured', () => {
    const values = [5, 1, 4, 2, 3]
    expect(spread(values)).toEqual({ median: 3, least: 1, most: 5, times: 5 })
    expect(percentile(values, 99)).toBe(5)
    expect(percentile([7], 50)).toBe(7)
    expect(() => spread([])).toThrow(RangeError)
  })

  it.each([
    [0, () => 3],
    [1, (x: number) => 5 * x],
    [2, (x: number) => x * x]
  ])('grow with the power %s', (law, y) => {
    expect(slope([10, 100, 1_000].map((x) => ({ x, y: y(x) })))).toBeCloseTo(law)
  })

  it('are shown with three digits', () => {
    expect([0.021_34, 12.86, 1_280.4].map(digits)).toEqual(['0.0213', '12.9', '1,280'])
  })
})
