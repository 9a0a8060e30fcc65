/** The short simulation, as part of the tests; the long one is `npm run sim` (docs/simulation.md). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAgenda } from './agenda.ts'
import { MUTATIONS } from './mutations.ts'
import { type PlanOptions, planOf, setupOf } from './plan.ts'
import { plantAll } from './planting.ts'
import { createChance } from './random.ts'
import { run } from './run.ts'
import { edgesOf, TOPOLOGIES } from './topology.ts'

const ROOT = join(import.meta.dirname, '../..')

const setup = (options: Partial<PlanOptions>) =>
  setupOf({ seed: 1, nodes: 8, steps: 120, topology: 'regular', ...options })

describe('a simulated federation', () => {
  it.each(TOPOLOGIES.map((topology, index) => [topology, 901 + index] as const))(
    'of the shape %s keeps every invariant (seed %i)',
    async (topology, seed) => {
      const { failure, steps } = await run(setup({ seed, topology }))
      expect(failure).toBeUndefined()
      expect(steps).toBe(120)
    }
  )

  it('runs the same to the byte from the same seed, and otherwise from another', async () => {
    const [one, same, other] = [
      await run(setup({ seed: 77 })),
      await run(setup({ seed: 77 })),
      await run(setup({ seed: 78 }))
    ]
    expect(one.frames).toBeGreaterThan(500)
    expect(same.digest).toBe(one.digest)
    expect(same.bytes).toBe(one.bytes)
    expect(other.digest).not.toBe(one.digest)
  })

  it('makes sense of any part of its plan', async () => {
    const world = setup({ seed: 79, nodes: 5, steps: 60 })
    const odd = planOf(world).filter(({ id }) => id % 3 === 0)
    expect((await run(world, odd)).failure).toBeUndefined()
    expect((await run(world, [])).failure).toBeUndefined()
  })

  it('does all that it says in enough steps, hostile nodes among it', () => {
    const kinds = new Set<string>()
    for (let seed = 1; seed <= 4; seed++)
      for (const { kind } of planOf(setup({ seed, steps: 2000, nodes: 16 }))) kinds.add(kind)
    const all = [
      'publish',
      'retract',
      'disable',
      'sight',
      'crash',
      'cut',
      'slow',
      'partition',
      'skew',
      'full',
      'break-disk'
    ]
    const more = ['join', 'resign', 'revoke', 'snapshot', 'rollback', 'twin', 'turn', 'double', 'close', 'days', 'calm']
    expect([...kinds].sort()).toEqual([...all, ...more].sort())
  })
})

describe('a planted bug', () => {
  it('is found in a process of its own', async () => {
    const found = await plantAll({ name: 'drop fsync', seeds: [1, 2], jobs: 1, heard: () => {} })
    expect(found).toMatchObject([{ rule: '3-durable', isRight: true }])
  })

  it.each(MUTATIONS.map(({ name, file, find }) => [name, file, find] as const))(
    'has its place in the code: %s',
    (_name, file, find) => {
      expect(readFileSync(join(ROOT, file), 'utf8').split(find)).toHaveLength(2)
    }
  )

  it('has a name of its own', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length)
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(15)
  })
})

describe('what the world is made of', () => {
  it('an agenda gives back by time, then in the order of asking', () => {
    const agenda = createAgenda()
    const chance = createChance('agenda')
    const asked = Array.from({ length: 500 }, (_, index) => ({ time: chance.below(20), index }))
    const done: { time: number; index: number }[] = []
    for (const one of asked) agenda.at(one.time, () => done.push(one))
    for (let next = agenda.take(); next !== undefined; next = agenda.take()) next()
    expect(done).toEqual([...asked].sort((a, b) => a.time - b.time || a.index - b.index))
    expect(agenda.next()).toBe(Infinity)
  })

  it('chance is the same for one label, and spread evenly', () => {
    const draw = (label: string): number[] => {
      const chance = createChance(label)
      return Array.from({ length: 4000 }, () => chance.below(10))
    }
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
    for (let digit = 0; digit < 10; digit++) {
      const share = draw('a').filter((drawn) => drawn === digit).length / 4000
      expect(Math.abs(share - 0.1)).toBeLessThan(0.03)
    }
    expect(createChance('a').bytes(7)).toHaveLength(7)
  })

  it.each(TOPOLOGIES.map((topology) => [topology] as const))('a %s hangs together', (topology) => {
    for (const nodes of [3, 8, 13, 32, 200]) {
      const edges = edgesOf(topology, nodes, createChance(`${topology} ${nodes}`))
      const near = new Map<number, number[]>()
      for (const [a, b] of edges) {
        expect(a).toBeLessThan(b)
        near.set(a, [...(near.get(a) ?? []), b])
        near.set(b, [...(near.get(b) ?? []), a])
      }
      const found = new Set([0])
      for (const one of found) for (const next of near.get(one) ?? []) found.add(next)
      expect(found.size).toBe(nodes)
      expect(Math.max(...[...near.values()].map((all) => all.length))).toBeLessThanOrEqual(14)
    }
  })
})
