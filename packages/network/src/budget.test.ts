import { describe, expect, it } from 'vitest'
import { createBudget } from './budget.ts'
import { createManualClock } from './session.fixture.ts'

describe('a budget', () => {
  it('is spent at once, then as it refills, and never grows past its most', () => {
    const clock = createManualClock()
    const budget = createBudget(3, 2, clock)
    const spent = (): number => {
      let count = 0
      while (budget.spend()) count += 1
      return count
    }
    expect(spent()).toBe(3)
    clock.advance(499)
    expect(spent()).toBe(0)
    clock.advance(501)
    expect(spent()).toBe(2)
    clock.advance(86_400_000)
    expect(spent()).toBe(3)
  })
})
