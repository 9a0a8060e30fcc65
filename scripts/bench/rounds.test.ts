import type { InstitutionId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { roundTrips } from './rounds.ts'
import type { FrameSeen } from './tap.ts'

const frames = (ways: string): FrameSeen[] =>
  [...ways].map((way) => ({
    peer: 'p' as InstitutionId,
    direction: way === '>' ? 'out' : 'in',
    bytes: 1,
    at: 0,
    stands: true
  }))

describe('round trips', () => {
  it('are one where both greet at once, and where one answers the other', () => {
    expect(roundTrips(frames('><'), frames('><'))).toBe(1)
    expect(roundTrips(frames('><'), frames('<>'))).toBe(1)
  })

  it('count what had to be waited for, however many frames that was', () => {
    expect(roundTrips(frames('>>><<<'), frames('<<<>>>'))).toBe(1)
    expect(roundTrips(frames('><><'), frames('<><>'))).toBe(2)
    expect(roundTrips(frames('>>><'), frames('<><<'))).toBe(1)
  })

  it('are none where nothing was said', () => {
    expect(roundTrips([], [])).toBe(0)
  })
})
