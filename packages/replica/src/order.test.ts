/** What takes out of use comes before what it takes out of use, also while a newcomer's roster still grows (DESIGN §8.2). */
import type { CircleId, StreamId } from '@tocsin/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accepts, vouches } from './testing/institution.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './testing/town.ts'

let town: Town
beforeEach(() => {
  town = createTown()
})
afterEach(() => town.end())

/** A newcomer, vouched for by the last two and linked to one of them. */
async function join(name: string, circle: CircleId, all: readonly Inhabitant[]): Promise<Inhabitant> {
  const one = await vouchedFor(name, circle, all)
  for (const voucher of all.slice(-2)) (await town.link(one, voucher)).cut()
  return one
}

/** All know that he is a member, he himself nothing yet. */
async function vouchedFor(name: string, circle: CircleId, all: readonly Inhabitant[]): Promise<Inhabitant> {
  const one = await town.inhabitant(name)
  await town.acquaint(one, ...all)
  const vows = [...all.slice(-2).map(({ who }) => vouches(who, one.who, circle)), accepts(one.who, circle)]
  for (const [n, other] of all.entries())
    await other.replica.admitRegisters(
      vows.map(({ bytes }) => bytes),
      all[n === 0 ? 1 : 0]?.id
    )
  return one
}

/** A circle of three founders and so many later members, each of whom published and retracted. */
async function circleOf(ranks: number): Promise<{ circle: CircleId; all: Inhabitant[] }> {
  const founders: Inhabitant[] = []
  for (const name of ['a', 'b', 'c']) founders.push(await town.inhabitant(name))
  await town.acquaint(...founders)
  const circle = await town.circle(founders)
  const all = [...founders]
  for (let n = 0; n < ranks; n++) all.push(await join(`m${n}`, circle, all))
  for (const one of all) {
    expect(one.replica.book.view.isMember(circle, one.id)).toBe(true)
    const audience = { tlp: 'AMBER', circle } as const
    for (let n = 0; n < 3; n++) {
      const input = bulletin([audience], town.now())
      const [entry] = await one.replica.publish.bulletin(input)
      if (entry === undefined) throw new Error('nothing was published')
      await one.replica.publish.retract([{ entry: entry.entry, audience, keepUntil: input.keepUntil }], 'x')
    }
  }
  for (const one of all.slice(1)) await town.link(all[0] as Inhabitant, one)
  return { circle, all }
}

describe('a newcomer', () => {
  it('hears of each author’s retractions before it holds anything of his logs, from however many peers', async () => {
    const { circle, all } = await circleOf(6)
    const fresh = await vouchedFor('fresh', circle, all)
    const usable: string[] = []
    fresh.replica.watch((event) => {
      if (event.type !== 'entries') return
      for (const stream of event.streams) {
        const held = fresh.replica.streams.get(stream as StreamId)
        if (held?.descriptor.kind !== 'log') continue
        const retractions = [...fresh.replica.streams.by(held.descriptor.author)].filter(
          ({ descriptor, state }) => descriptor.kind === 'retraction' && state.seq === 3
        )
        if (retractions.length === 0) usable.push(`${all.find(({ id }) => id === held.descriptor.author)?.who.name}`)
      }
    })
    // Little by little, so that the roster grows while other things come.
    for (const one of all) town.connect(fresh, one, { batchBytes: 400 })
    await town.settle()
    expect(fresh.replica.streams.size).toBe(2 * all.length)
    expect(usable).toEqual([])
  })
})
