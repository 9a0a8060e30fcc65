/** Any order, any repetition: the same heads and registers (DESIGN §9, invariants 2 and 7). */
import type { StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY } from './constants.ts'
import type { IncomingBatch } from './hop-door.ts'
import { accepts, charterOf, vouches } from './testing/institution.ts'
import { bulletin, createTown, createTrio, type Inhabitant } from './testing/town.ts'

const NAMES = ['a', 'b', 'c'] as const

function summary(one: Inhabitant): { streams: string[]; registers: string[] } {
  return {
    streams: [...one.replica.streams.all()].map(({ id, state }) => `${id} ${state.seq} ${state.head}`).sort(),
    registers: [...one.replica.book.rows()]
      .map(([key, { hash, register }]) => `${key} ${register.number} ${hash}`)
      .sort()
  }
}

describe('three replicas', () => {
  it('come to the same from any interleaving and duplication of batches and registers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ author: fc.nat(2), retracts: fc.boolean() }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat(1_000_000)),
        async (acts, chance) => {
          const town = createTown()
          try {
            const all: Inhabitant[] = []
            for (const name of NAMES) all.push(await town.inhabitant(name))
            await town.acquaint(...all)
            const circle = await town.circle(all)
            const at = (n: number): Inhabitant => all[n % 3] as Inhabitant
            const pick = (): number => chance.next().value as number
            for (const { author, retracts } of acts) {
              const audience = { tlp: 'AMBER', circle } as const
              const input = bulletin([audience], town.now())
              const [entry] = await at(author).replica.publish.bulletin(input)
              town.pass(1000)
              if (retracts && entry !== undefined)
                await at(author).replica.publish.retract(
                  [{ entry: entry.entry, audience, keepUntil: input.keepUntil }],
                  'x'
                )
            }
            const fresh = await town.inhabitant('d')
            const vows = all.map(({ who }) => vouches(who, fresh.who, circle)).concat(accepts(fresh.who, circle))
            const other = charterOf([at(0).who, at(1).who, at(2).who], 1, { nonce: 'cd'.repeat(16) })
            const registers = [...vows, other.register].map(({ bytes }) => bytes)
            // Every entry of every stream as a batch of its own, from every holder, twice, in any order.
            type Step = () => Promise<unknown>
            const steps: Step[] = []
            for (const from of all) {
              for (const stream of [...from.replica.streams.all()]) {
                for (const to of all.filter((one) => one !== from)) {
                  const cut = 1 + (pick() % stream.state.seq)
                  const batches: IncomingBatch[] = [
                    town.batch(from, to, stream.id as StreamId, 1, cut),
                    town.batch(from, to, stream.id as StreamId, cut),
                    town.batch(from, to, stream.id as StreamId)
                  ]
                  for (const batch of [...batches, ...batches]) steps.push(() => to.replica.admit(batch))
                }
              }
              for (const to of all.filter((one) => one !== from))
                for (const register of [...registers, ...registers])
                  steps.push(() => to.replica.admitRegisters([register], from.id))
            }
            for (let n = steps.length - 1; n > 0; n--) {
              const other = pick() % (n + 1)
              const [x, y] = [steps[n] as Step, steps[other] as Step]
              steps[n] = y
              steps[other] = x
            }
            // Some of them at the same moment, so that groups form.
            while (steps.length > 0) await Promise.all(steps.splice(0, 1 + (pick() % 5)).map((step) => step()))
            // What came before it could be judged is offered again, as sessions do.
            for (const to of all)
              for (const from of all.filter((one) => one !== to)) {
                await to.replica.admitRegisters(registers, from.id)
                for (const stream of [...from.replica.streams.all()])
                  await to.replica.admit(town.batch(from, to, stream.id as StreamId))
              }
            const first = summary(at(0))
            for (const one of all.slice(1)) expect(summary(one)).toEqual(first)
            expect(first.streams.length).toBeGreaterThan(0)
            const digests = all.map((one) => one.replica.book.roster(circle)?.digest)
            expect(new Set(digests).size).toBe(1)
            // And each says the same of each entry, now and after the erasure.
            town.pass(2 * DAY)
            for (const one of all) await one.replica.tick()
            const bodies = (one: Inhabitant): string[] =>
              [...one.replica.streams.all()]
                .flatMap(({ id }) =>
                  one.replica.sync.read(id, 1, 1e8).map(({ body }, n) => `${id} ${n} ${body === null}`)
                )
                .sort()
            for (const one of all.slice(1)) expect(bodies(one)).toEqual(bodies(at(0)))
          } finally {
            await town.end()
          }
        }
      ),
      { numRuns: 40 }
    )
  })
})

describe('what a replica compares with a peer', () => {
  it('is what both may hold: a RED stream of its own is named to its recipient alone', async () => {
    const { town, trio } = await createTrio()
    const [a, b, c] = trio
    const [entry] = await a.replica.publish.bulletin(bulletin([{ tlp: 'RED', recipient: b.id }], town.now()))
    const named = (peer: Inhabitant): string[] =>
      a.replica.sync.rows(peer.id, 'direct').flatMap(({ kind, key }) => (kind === 'stream' ? [key] : []))
    expect(named(b)).toEqual([entry?.stream])
    expect(named(c)).toEqual([])
    // A holder still names it to its author, who may have lost it.
    await town.link(a, b)
    expect(b.replica.sync.rows(a.id, 'direct').map(({ key }) => key)).toContain(entry?.stream)
    const { reports } = await town.link(a, c)
    expect(reports.filter(({ type }) => type === 'declined')).toEqual([])
    await town.end()
  })
})
