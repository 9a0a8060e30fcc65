import { describe, expect, it } from 'vitest'
import { neighboursOf, regularGraph } from './topology.ts'

describe('a random regular graph', () => {
  it('has the degree everywhere, no loop and no double edge, and is connected', () => {
    const neighbours = neighboursOf(50, regularGraph(50, 8, 1))
    const reached = new Set([0])
    for (const node of reached) for (const next of neighbours[node] ?? []) reached.add(next)
    expect(reached.size).toBe(50)
    for (const [node, near] of neighbours.entries()) {
      expect(new Set(near).size).toBe(8)
      expect(near).not.toContain(node)
    }
  })

  it('is the same for the same seed, and another for another', () => {
    expect(regularGraph(50, 8, 1)).toEqual(regularGraph(50, 8, 1))
    expect(regularGraph(50, 8, 1)).not.toEqual(regularGraph(50, 8, 2))
  })

  it('is refused where there is none', () => {
    expect(() => regularGraph(5, 3, 1)).toThrow(RangeError)
    expect(() => regularGraph(4, 4, 1)).toThrow(RangeError)
  })
})
