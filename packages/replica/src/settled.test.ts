/** What a closing settles: a fork, and entries under my own key that this store did not write (DESIGN §§4, 7). */
import { decodeDescriptor, type SignedHeader } from '@tocsin/journal'
import type { BulletinId, EntryId, StreamId } from '@tocsin/model'
import { type ForkSide, sealForkProof } from '@tocsin/trust'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY } from './constants.ts'
import { isVoid } from './rules.ts'
import { bulletins, closing, give, headAt, headOf } from './testing/endings.ts'
import { branches, type Forged, forge } from './testing/forge.ts'
import { bulletin } from './testing/town.ts'
import { a, amber, b, c, meetBeforeEach, statesAt, town } from './testing/trio.ts'

const ID = 'c0ffee00-0000-4000-8000-000000000001' as BulletinId

meetBeforeEach()

describe('a fork that the root key settles', () => {
  it.each([
    ['of equal length', 2, 5, 5, 5],
    ['where the genuine one is shorter', 2, 4, 90, 4],
    ['where the genuine one is longer', 2, 90, 4, 90],
    ['from the first entry on', 0, 3, 3, 3],
    ['and ends before the genuine one does', 2, 9, 5, 6]
  ])('%s: all come to the branch that it names', async (_, common, one, other, last) => {
    const [genuine, false_] = branches(a.who, amber, town.now, [common, one, other])
    await give(a.who, genuine, b)
    await give(a.who, false_, c)
    await town.link(b, c)
    expect(b.replica.streams.get(genuine.id)?.state.forkedAt).toBe(common + 1)
    await c.replica.admitRegisters([closing(a.who, genuine, last, headAt(genuine, last))], a.id)
    await town.settle()
    for (const at of [b, c]) {
      expect(headOf(at, genuine)).toEqual({ seq: last, id: headAt(genuine, last) })
      expect((await statesAt(at)).filter((state) => state === 'live')).toHaveLength(last)
    }
  })

  it.each([
    ['by an entry that nobody has', 40],
    ['behind both branches', 4]
  ])('in words only, %s, lets nobody swap branches for ever', async (_, last) => {
    const [one, other] = branches(a.who, amber, town.now, [2, 6, 6])
    await give(a.who, one, b)
    await give(a.who, other, c)
    await town.link(b, c)
    const words = closing(a.who, one, last, 'ab'.repeat(32) as EntryId)
    await b.replica.admitRegisters([words], a.id)
    await town.settle()
    for (const at of [b, c]) {
      expect(headOf(at, one)).toEqual({ seq: 2, id: headAt(one, 2) })
      expect((await statesAt(at)).filter((state) => state === 'live')).toHaveLength(2)
    }
    // And nothing more of either branch counts, whoever brings it.
    for (const stream of [one, other, one]) {
      await give(a.who, stream, b)
      await town.settle()
      expect((await statesAt(b)).filter((state) => state === 'live')).toHaveLength(2)
    }
  })

  it('is settled alike, whatever comes first', async () => {
    const pieces = fc.shuffledSubarray(['genuine', 'false', 'early', 'closing', 'proof'], { minLength: 5 })
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 5 }), async (order, last) => {
        const [genuine, other] = branches(a.who, amber, town.now, [2, 5, 7])
        const words = closing(a.who, genuine, last, headAt(genuine, last))
        const does: Record<string, () => Promise<unknown>> = {
          genuine: () => give(a.who, genuine, b),
          false: () => give(a.who, other, b),
          early: () => give(a.who, genuine, b, 3),
          closing: () => b.replica.admitRegisters([words], a.id),
          proof: async () => {
            const sides = [genuine, other].map(({ descriptor, headers }) => ({
              stream: decodeDescriptor(descriptor),
              entry: headers[2] as SignedHeader
            })) as [ForkSide, ForkSide]
            return b.replica.admitRegisters([sealForkProof(...sides).bytes], a.id)
          }
        }
        for (const piece of [...order, 'genuine', 'genuine']) await does[piece]?.()
        expect(headOf(b, genuine)).toEqual({ seq: last, id: headAt(genuine, last) })
        expect(b.replica.streams.get(genuine.id)?.state).toMatchObject({ closedAt: last })
        for (let seq = 1; seq <= last; seq++) expect(isVoid(b.replica.store.get, genuine.id, seq)).toBe(false)
        expect(isVoid(b.replica.store.get, genuine.id, last + 1)).toBe(true)
      }),
      { numRuns: 60 }
    )
  })

  it('of two streams after one ends with both of their closings', async () => {
    const [published] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    const predecessor = { stream: published?.stream as StreamId, seq: 1, head: published?.entry as EntryId }
    await town.link(a, b)
    const [mine, stolen] = [1, 2].map(() => forge(a.who, amber, town.now, { predecessor })) as [Forged, Forged]
    for (const stream of [mine, stolen]) bulletins(stream, 2)
    await give(a.who, mine, b)
    expect(await give(a.who, stolen, b)).toMatchObject({ code: 'fork' })
    expect(await statesAt(b)).toEqual(['live', 'void', 'void'])
    const words = [closing(a.who, stolen, 0), closing(a.who, mine, 2, headAt(mine, 2))]
    await b.replica.admitRegisters(words, a.id)
    expect(await statesAt(b)).toEqual(['live', 'live', 'live'])
    await town.link(b, c)
    expect(await statesAt(c)).toEqual(['live', 'live', 'live'])
    expect(await give(a.who, stolen, c)).toMatchObject({ code: 'stream-closed', accepted: 0 })
  })

  it('of which the split was never seen is settled all the same', async () => {
    const [genuine, false_] = branches(a.who, amber, town.now, [3, 80, 80])
    await give(a.who, false_, c)
    await c.replica.admitRegisters([closing(a.who, genuine, 80, headAt(genuine, 80))], a.id)
    await give(a.who, genuine, b)
    await town.link(b, c)
    expect(headOf(c, genuine)).toEqual({ seq: 80, id: headAt(genuine, 80) })
    expect(new Set(await statesAt(c))).toEqual(new Set(['live']))
  })
})

describe('foreign entries under my own key', () => {
  it('are taken back when the operator claims them, and not before', async () => {
    const empty = await town.copy(a)
    const [published] = await a.replica.publish.bulletin(bulletin([amber], town.now(), { id: ID }))
    await town.link(a, b)
    await town.rollBack(a, empty)
    await town.link(a, b)
    const stream = published?.stream as StreamId
    expect([...a.replica.foreign.all()]).toMatchObject([{ seq: 1, id: published?.entry, claimed: false }])
    expect(await statesAt(a)).toEqual([])
    await a.replica.claim(stream)
    await town.settle()
    expect(await statesAt(a)).toEqual(['live'])
    await a.replica.publish.retract(
      [{ entry: published?.entry as EntryId, audience: amber, keepUntil: town.now() + 20 * DAY }],
      'mine'
    )
    await town.settle()
    expect(await statesAt(b)).toEqual(['retracted'])
  })

  it('that my root key closed behind them are mine by its word', async () => {
    const empty = await town.copy(a)
    const [published] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    await town.link(a, b)
    const stream = published?.stream as StreamId
    const descriptor = a.replica.sync.descriptor(stream) ?? new Uint8Array(0)
    await town.rollBack(a, empty)
    await a.replica.admitRegisters([closing(a.who, { id: stream, descriptor }, 1, published?.entry)], undefined)
    await town.link(a, b)
    expect(await statesAt(a)).toEqual(['live'])
    expect([...a.replica.foreign.all()]).toEqual([])
  })
})
