/** Hop proofs of what was taken in: kept for tracing, bounded in number and age. */

import { admitKey, fromHex } from '@tocsin/journal'
import { openStore, ranges, type Store } from '@tocsin/store'
import { hopProofSignedBy } from '@tocsin/trust'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, HOP_WINDOW_MS, HOPS_OF_PEER } from './constants.ts'
import { createHopWindow } from './hop-window.ts'
import { forge } from './testing/forge.ts'
import { institution } from './testing/institution.ts'
import { createTrio, type Inhabitant, memoryDatabase, type Town } from './testing/town.ts'
import type { Audience } from './types.ts'

async function kept(store: Store): Promise<number> {
  let count = 0
  for await (const _ of store.scan(ranges.local('hop'))) count += 1
  return count
}

describe('the window of hop proofs', () => {
  let town: Town
  let a: Inhabitant
  let b: Inhabitant
  let c: Inhabitant
  let amber: Audience

  beforeEach(async () => {
    const met = await createTrio()
    town = met.town
    ;[a, b, c] = met.trio
    amber = { tlp: 'AMBER', circle: await town.circle([a, b, c]) }
  })
  afterEach(() => town.end())

  it('says who handed an entry over and when, in his own signature, also after a restart', async () => {
    const log = forge(a.who, amber, town.now)
    for (let n = 0; n < 4; n++) log.add()
    await c.replica.admit(log.batch(a.who, c.who, { last: 2 }))
    town.pass(DAY)
    await c.replica.admit(log.batch(b.who, c.who, { first: 3 }))
    await town.restart(c)
    const [first, ...more] = await c.replica.hops.of(log.id, 2)
    expect(more).toEqual([])
    expect(first).toMatchObject({ from: a.id, to: c.id, first: 1, last: 2 })
    expect(await c.replica.hops.of(log.id, 3)).toMatchObject([{ from: b.id, first: 3, last: 4 }])
    const key = admitKey(fromHex(a.who.nodeKey))
    expect(first !== undefined && hopProofSignedBy(first, key)).toBe(true)
    expect(await c.replica.hops.of(log.id, 5)).toEqual([])
  })

  it('keeps none of a batch of which nothing was taken', async () => {
    const log = forge(a.who, amber, town.now)
    log.add()
    const batch = log.batch(a.who, c.who)
    for (let n = 0; n < 3; n++) await c.replica.admit(batch)
    await c.replica.admit(log.batch(b.who, c.who))
    log.add({ clock: town.now() + DAY })
    expect(await c.replica.admit(log.batch(a.who, c.who, { first: 2 }))).toMatchObject({ code: 'too-new' })
    expect(await kept(c.replica.store)).toBe(1)
  })

  it('forgets what is older than it goes back, at the first tick of a day', async () => {
    const log = forge(a.who, amber, town.now)
    log.add()
    await c.replica.admit(log.batch(a.who, c.who))
    town.pass(HOP_WINDOW_MS - DAY)
    await c.replica.tick()
    expect((await c.replica.hops.of(log.id, 1)).length).toBe(1)
    town.pass(2 * DAY)
    await c.replica.tick()
    expect(await kept(c.replica.store)).toBe(0)
  })
})

describe('a peer that hands over without end', () => {
  it('fills its own part of the window, and pushes out nothing of others', async () => {
    const store = await openStore({ path: '', database: memoryDatabase() })
    const hops = createHopWindow(store)
    const [loud, quiet, self] = [institution('loud'), institution('quiet'), institution('self')]
    let clock = 1_800_000_000_000
    const log = forge(quiet, { tlp: 'CLEAR' }, () => clock)
    log.add()
    const hand = async (from: typeof loud, count: number): Promise<void> => {
      const { proof } = log.batch(from, self)
      // Many in one write: each takes a slot of its own.
      await store.transact((tx) => {
        for (let n = 0; n < count; n++) hops.keep(tx, from.id, proof)
      })
    }
    await hand(quiet, 1)
    await hand(loud, 1)
    clock += 1
    await hand(loud, HOPS_OF_PEER)
    expect(await kept(store)).toBe(HOPS_OF_PEER + 1)
    const all = await hops.of(log.id, 1)
    expect(all.filter(({ from }) => from === quiet.id).length).toBe(1)
    // Its oldest gave way.
    expect(all.filter(({ from, time }) => from === loud.id && time < clock)).toEqual([])
    expect(await hops.sweep(clock + HOP_WINDOW_MS)).toBe(HOPS_OF_PEER + 1)
    expect(await kept(store)).toBe(0)
    await store.close()
  })
})
