/** A fork is seen by everybody who may hold the stream, and blamed on its author alone (DESIGN §§4, 9.6). */
import { decodeDescriptor } from '@tocsin/journal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { branches, type Forged, forge } from './testing/forge.ts'
import {
  AUTHOR,
  accused,
  amber,
  at,
  author,
  chain,
  circle,
  expectAgreed,
  expectNobodyBlamed,
  expectSeen,
  line,
  lineBeforeEach,
  NAMES,
  states,
  take,
  town
} from './testing/fork-line.ts'
import { cardOf } from './testing/institution.ts'
import { createTown, type Inhabitant } from './testing/town.ts'
import type { Audience } from './types.ts'

lineBeforeEach()

describe('a fork in a line of five', () => {
  it.each([
    ['of equal length', 2, 4, 4],
    ['of unequal length', 2, 9, 3],
    ['from the first entry on', 0, 2, 3]
  ] as const)('%s, met in the middle, is seen by all, down to the split', async (_, common, one, other) => {
    const [first, second] = branches(AUTHOR, amber, town.now, [common, one, other])
    expect(await take(at(0), first)).toBe('taken')
    expect(await take(at(4), second)).toBe('taken')
    const links = [...(await chain(0, 2)), ...(await chain(3, 4))]
    expect(line.map(({ replica }) => replica.streams.get(first.id)?.state.seq)).toEqual([one, one, one, other, other])
    links.push(...(await chain(2, 3)))
    await expectSeen(line, first.id, common + 1)
    expectNobodyBlamed(links)
    for (const [a, b] of [
      [0, 1],
      [2, 3],
      [0, 4]
    ] as const)
      expectAgreed(at(a), at(b), ['direct', circle])
  })

  it('of which the ends alone met both sides reaches those who hold one side', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [3, 5, 5])
    await take(at(0), first)
    const links = await chain(0, 4)
    expect(await take(at(4), second)).toBe('fork')
    expect(await take(at(0), second)).toBe('fork')
    await town.settle()
    await expectSeen(line, first.id, 4)
    expectNobodyBlamed(links)
  })

  it('behind a long common past is walked back to, however little of it a neighbour shows', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [10, 150, 150])
    await take(at(0), first)
    const links = await chain(0, 2)
    // The last entry of the other branch alone: a fork, whose split nobody here has seen.
    const shown = second.batch(AUTHOR, at(1).who, { first: 150 })
    expect(await at(1).replica.admit(shown)).toMatchObject({ code: 'fork', from: 86 })
    await town.settle()
    for (const one of line.slice(0, 3)) expect([...one.replica.forks.all()]).toMatchObject([{ seq: 150 }])
    await take(at(3), second)
    links.push(...(await chain(2, 3)))
    await expectSeen(line.slice(0, 4), first.id, 11)
    expectNobodyBlamed(links)
  })

  it('is told to its author as well, who signs on elsewhere', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [1, 2, 2])
    await take(at(0), first)
    await take(at(0), second)
    await town.link(at(0), author)
    expect([...author.replica.forks.all()]).toHaveLength(1)
    expect(author.replica.alarms().map(({ code }) => code)).toEqual(expect.arrayContaining(['fork', 'foreign-entry']))
  })

  it('is there after a restart, for whoever comes late, with what lies before the split', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [3, 5, 6])
    await take(at(0), first)
    await take(at(0), second)
    await town.restart(at(0))
    const late = at(1)
    const link = await town.link(at(0), late)
    await expectSeen([late], first.id, 4)
    expect(late.replica.streams.get(first.id)?.state).toMatchObject({ seq: 3, forkedAt: 4 })
    expect(await take(late, first)).toBe('stream-frozen')
    expect(await take(late, second)).toBe('stream-frozen')
    expect(late.replica.streams.get(first.id)?.state).toMatchObject({ seq: 3, forkedAt: 4 })
    expectAgreed(at(0), late, ['direct', circle])
    expectNobodyBlamed([link])
  })

  it('from the first entry on leaves a latecomer nothing of the stream but the proof', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [0, 2, 2])
    await take(at(0), first)
    await take(at(0), second)
    await town.link(at(0), at(1))
    expect([...at(1).replica.forks.all()]).toMatchObject([{ seq: 1 }])
    expect(await take(at(1), first)).toBe('stream-frozen')
    expect(at(1).replica.streams.size).toBe(0)
  })

  it('is not buried by a later split of the same stream: the earliest one wins everywhere', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [4, 6, 6])
    const { incarnation } = decodeDescriptor(first.descriptor).descriptor
    const early = forge(AUTHOR, amber, town.now, { incarnation })
    early.headers.push(...first.headers.slice(0, 1))
    early.entries.push(...first.entries.slice(0, 1))
    early.add()
    for (const one of line.slice(0, 4)) await take(one, first)
    await take(at(0), second)
    await take(at(3), early)
    await chain(0, 3)
    await expectSeen(line.slice(0, 4), first.id, 2)
  })

  it('of streams that continue one is seen by all, and a third one counts no more', async () => {
    const root = forge(AUTHOR, amber, town.now)
    const predecessor = { stream: root.id, seq: 1, head: root.add().id }
    const [one, two, three] = [1, 2, 3].map(() => {
      const successor = forge(AUTHOR, amber, town.now, { predecessor })
      successor.add()
      return successor
    }) as [Forged, Forged, Forged]
    for (const place of [at(0), at(4)]) await take(place, root)
    await take(at(0), one)
    await take(at(4), two)
    await chain(0, 4)
    for (const each of line) {
      expect([...each.replica.forks.all()]).toMatchObject([{ kind: 'streams', seq: 1 }])
      expect(await accused(each)).toEqual(expect.arrayContaining([AUTHOR.id]))
      expect(await take(each, three)).toMatch(/^(fork|stream-frozen)$/)
      expect((await states(each)).filter((state) => state === 'live')).toHaveLength(1)
    }
    for (const [a, b] of [
      [0, 1],
      [1, 4]
    ] as const)
      expectAgreed(at(a), at(b), ['direct', circle])
  })

  it('of streams let in at one moment is found as well', async () => {
    const predecessor = { stream: 'ab'.repeat(32) as never, seq: 1, head: 'cd'.repeat(32) as never }
    const twins = [1, 2].map(() => {
      const successor = forge(AUTHOR, amber, town.now, { predecessor })
      successor.add()
      return successor
    })
    await Promise.all(twins.map((twin) => take(at(0), twin)))
    await town.settle()
    expect([...at(0).replica.forks.all()]).toMatchObject([{ kind: 'streams' }])
    for (const { state } of at(0).replica.streams.all()) expect(state.forkedAt).toBe(1)
  })

  it('of a register is seen by all, and neither counts', async () => {
    const one = cardOf(AUTHOR, { number: town.now() + 1, name: 'one' })
    const other = cardOf(AUTHOR, { number: town.now() + 1, name: 'other' })
    await at(0).replica.admitRegisters([one.bytes], AUTHOR.id)
    await at(4).replica.admitRegisters([other.bytes], AUTHOR.id)
    const links = await chain(0, 4)
    for (const each of line) {
      expect(each.replica.book.keysOf(one.address)).toHaveLength(2)
      expect(await accused(each)).toEqual([AUTHOR.id])
      expect(each.replica.alarms().map(({ code }) => code)).toContain('fork-register')
    }
    expectNobodyBlamed(links)
    expectAgreed(at(0), at(4), ['direct', circle])
  })
})

describe('an author that forks at will', () => {
  it('is found out alike by all, whoever heard which branch, how far and in which order', async () => {
    const branch = fc.record({ leaves: fc.nat(5), length: fc.integer({ min: 1, max: 8 }) })
    const heard = fc.record({ by: fc.nat(3), branch: fc.nat(3), upTo: fc.integer({ min: 1, max: 8 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(branch, { minLength: 1, maxLength: 3 }),
        fc.array(heard, { minLength: 2, maxLength: 8 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        async (more, hearings, order) => {
          const world = createTown()
          try {
            const all: Inhabitant[] = []
            for (const name of NAMES.slice(0, 4)) all.push(await world.inhabitant(name))
            const source = await world.inhabitant('author')
            await world.acquaint(source, ...all)
            const audience: Audience = { tlp: 'AMBER', circle: await world.circle([source, ...all]) }
            const tree = grow(audience, world.now, more)
            for (const { by, branch: which, upTo } of hearings) {
              const [one, forged] = [all[by], tree[which % tree.length]]
              if (one === undefined || forged === undefined) continue
              const last = Math.min(upTo, forged.headers.length)
              await one.replica.admit(forged.batch(AUTHOR, one.who, { last }))
            }
            // Where what anybody heard parts first.
            const ids = new Map<number, Set<string>>()
            for (const { branch: which, upTo } of hearings)
              for (const { header, id } of tree[which % tree.length]?.headers.slice(0, upTo) ?? [])
                ids.set(header.seq, (ids.get(header.seq) ?? new Set()).add(id))
            const split = [...ids].find(([, held]) => held.size > 1)?.[0]
            for (const n of order) await world.link(all[n] as Inhabitant, all[n + 1] as Inhabitant)
            const forks = all.map((one) => [...one.replica.forks.all()].map(({ seq }) => seq))
            expect(forks).toEqual(all.map(() => (split === undefined ? [] : [split])))
            const ends = all.map((one) =>
              one.replica.sync
                .rows((one === all[0] ? source : (all[0] as Inhabitant)).id, audience.circle ?? 'direct')
                .filter(({ kind }) => kind === 'stream')
                .map(({ key, number, hash }) => `${key} ${number} ${hash}`)
            )
            for (const end of ends) expect(end).toEqual(ends[0])
            for (const one of all) {
              const forged = new Set((await accused(one)).concat(AUTHOR.id))
              expect([...forged]).toEqual([AUTHOR.id])
            }
          } finally {
            await world.end()
          }
        }
      ),
      { numRuns: 40 }
    )
  })

  /** The trunk, and branches that leave it after so many entries. */
  function grow(
    audience: Audience,
    now: () => number,
    more: readonly { readonly leaves: number; readonly length: number }[]
  ): Forged[] {
    const trunk = forge(AUTHOR, audience, now)
    for (let n = 0; n < 8; n++) trunk.add()
    const { incarnation } = decodeDescriptor(trunk.descriptor).descriptor
    return [
      trunk,
      ...more.map(({ leaves, length }) => {
        const forged = forge(AUTHOR, audience, now, { incarnation })
        forged.headers.push(...trunk.headers.slice(0, leaves))
        forged.entries.push(...trunk.entries.slice(0, leaves))
        for (let n = 0; n < length; n++) forged.add()
        return forged
      })
    ]
  }
})
