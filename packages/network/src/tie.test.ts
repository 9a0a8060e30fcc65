import type { NodeKey } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TIE_WINDOW_MS } from './constants.ts'
import { type Contender, replaces } from './tie.ts'

const A = 'a'.repeat(64) as NodeKey
const B = 'b'.repeat(64) as NodeKey
const C = 'c'.repeat(64) as NodeKey

describe('tie-break', () => {
  it('of a simultaneous dial keeps the lower key’s stream on both sides, in whatever order they see the two', () => {
    const time = fc.integer({ min: 0, max: TIE_WINDOW_MS / 2 })
    fc.assert(
      fc.property(time, time, fc.boolean(), fc.boolean(), (first, second, orderAtA, orderAtB) => {
        const kept = (remote: NodeKey, aFirst: boolean): NodeKey => {
          const [x, y] = aFirst ? [A, B] : [B, A]
          const present: Contender = { opener: x, remote, openedAt: Math.min(first, second) }
          const next: Contender = { opener: y, remote, openedAt: Math.max(first, second) }
          return replaces(present, next) ? y : x
        }
        expect(kept(B, orderAtA)).toBe(A)
        expect(kept(A, orderAtB)).toBe(A)
      })
    )
  })

  it('lets the newer stream win in every other case', () => {
    const present = { opener: A, remote: B, openedAt: 0 }
    expect(replaces(present, { opener: A, remote: B, openedAt: 1 })).toBe(true)
    expect(replaces(present, { opener: C, remote: C, openedAt: 1 })).toBe(true)
    expect(replaces(present, { opener: B, remote: B, openedAt: TIE_WINDOW_MS + 1 })).toBe(true)
    expect(replaces(present, { opener: B, remote: B, openedAt: TIE_WINDOW_MS })).toBe(false)
  })
})
