/**
 * What a flood costs the others, in virtual time: real replicas and sessions, links of 100 Mbit/s, and nodes that take
 * one batch in after another at 10 MB/s. Whoever floods has its window before the others, and nothing more.
 */
import { createHub, createSession, type Hub, type SyncEvent, type SyncSession } from '@tocsin/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY } from './constants.ts'
import { accepts, vouches } from './testing/institution.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './testing/town.ts'
import type { Audience, ReplicaEvent } from './types.ts'

/** ms one way. */
const LATENCY = 10
/** Bytes a ms. */
const WIRE = 12_500
const DISK = 10_000
/** ms of each work, however small. */
const WORK = 1
const MIB = 2 ** 20

interface End {
  readonly self: Inhabitant
  readonly peer: Inhabitant
  readonly session: SyncSession
  /** The wire is free again. */
  freeAt: number
}

type Happening = SyncEvent extends infer E ? (E extends unknown ? Omit<E, 'now'> : never) : never

/** Links and disks that take time; the town's own clock goes on with them. */
function createTraffic(town: Town) {
  const agenda: { at: number; run: () => Promise<void> | void }[] = []
  const ends: End[] = []
  const hubs = new Map<Inhabitant, Hub>()
  const diskFreeAt = new Map<Inhabitant, number>()

  function later(at: number, run: () => Promise<void> | void): void {
    const place = agenda.findLastIndex((task) => task.at <= at)
    agenda.splice(place + 1, 0, { at, run })
  }

  /** One after another, whoever brought it. */
  function onDisk(node: Inhabitant, bytes: number, run: () => Promise<void>): void {
    const done = Math.max(town.now(), diskFreeAt.get(node) ?? 0) + WORK + Math.ceil(bytes / DISK)
    diskFreeAt.set(node, done)
    later(done, run)
  }

  function feed(end: End, event: Happening): void {
    for (const action of end.session.handle({ ...event, now: town.now() } as SyncEvent)) {
      if (action.type === 'send') {
        end.freeAt = Math.max(town.now(), end.freeAt) + Math.ceil(action.frame.length / WIRE)
        const other = ends.find(({ self, peer }) => self === end.peer && peer === end.self)
        if (other !== undefined)
          later(end.freeAt + LATENCY, () => feed(other, { type: 'received', frame: action.frame }))
      } else if (action.type === 'append') {
        const bytes = action.batch.entries.reduce((sum, { body }) => sum + (body?.length ?? 0), 0)
        onDisk(end.self, bytes, async () => {
          const outcome = await end.self.replica.admit(action.batch)
          feed(end, { type: 'admitted', token: action.token, outcome })
        })
      } else if (action.type === 'registers') {
        onDisk(end.self, 0, async () => {
          const outcome = await end.self.replica.admitRegisters(action.registers, end.peer.id)
          feed(end, { type: 'admitted', token: action.token, outcome })
        })
      } else if (action.type === 'close') throw new Error(`a session closed: ${action.code}`)
    }
  }

  function tell(node: Inhabitant, event: ReplicaEvent): void {
    if (event.type !== 'entries') return
    const from = event.from === undefined ? {} : { from: event.from }
    for (const end of ends.filter(({ self }) => self === node))
      later(town.now(), () => feed(end, { type: 'appended', streams: event.streams as never, registers: [], ...from }))
  }

  return {
    link: (a: Inhabitant, b: Inhabitant): void => {
      for (const [self, peer] of [
        [a, b],
        [b, a]
      ] as const) {
        if (!hubs.has(self)) self.replica.watch((event) => tell(self, event))
        const hub = hubs.get(self) ?? createHub()
        hubs.set(self, hub)
        const limits = { window: self.replica.pendingBytes(peer.id) }
        const options = { peer: peer.id, replica: self.replica.sync, random: () => 0.5, hub, limits }
        const end: End = { self, peer, session: createSession(options), freeAt: 0 }
        ends.push(end)
        later(town.now(), () => feed(end, { type: 'opened' }))
        const tick = (): void => {
          feed(end, { type: 'tick' })
          later(town.now() + 1000, tick)
        }
        later(town.now() + 1000, tick)
      }
    },
    pendingFrom: (at: Inhabitant, peer: Inhabitant): number =>
      ends.find((end) => end.self === at && end.peer === peer)?.session.state().pendingCost ?? 0,
    /** Goes on until it holds; the ms that took. */
    until: async (holds: () => boolean, mostMs = 60_000): Promise<number> => {
      const start = town.now()
      while (!holds()) {
        const task = agenda.shift()
        if (task === undefined || task.at - start > mostMs) throw new Error(`not within ${mostMs} ms`)
        town.pass(Math.max(0, task.at - town.now()))
        await task.run()
      }
      return town.now() - start
    }
  }
}

describe('a flood', () => {
  let town: Town
  let reader: Inhabitant
  let calm: Inhabitant
  let flooder: Inhabitant
  let amber: Audience

  beforeEach(async () => {
    town = createTown()
    reader = await town.inhabitant('reader')
    calm = await town.inhabitant('calm')
    flooder = await town.inhabitant('flooder')
    await town.acquaint(reader, calm, flooder)
  })
  afterEach(() => town.end())

  async function flood(): Promise<void> {
    for (let n = 0; n < 200; n++)
      await flooder.replica.publish.bulletin(bulletin([amber], town.now(), { text: 'x'.repeat(60_000) }))
  }

  /** ms from the publishing by calm to its being held by the reader, in the middle of what the flooder sends. */
  async function measured(): Promise<{ delay: number; most: number; flooded: number }> {
    const traffic = createTraffic(town)
    traffic.link(reader, calm)
    traffic.link(reader, flooder)
    const held = (): number => [...reader.replica.streams.by(flooder.id)].reduce((sum, { state }) => sum + state.seq, 0)
    const flooded = [...flooder.replica.streams.by(flooder.id)].reduce((sum, { state }) => sum + state.seq, 0)
    await traffic.until(() => held() >= flooded / 4)
    let most = 0
    const [published] = await calm.replica.publish.bulletin(bulletin([amber], town.now()))
    const delay = await traffic.until(() => {
      most = Math.max(most, traffic.pendingFrom(reader, flooder))
      return reader.replica.streams.get(published?.stream as never)?.state.seq === published?.seq
    })
    // It was one: most of it is still to come.
    expect(held()).toBeLessThan(Math.max(1, flooded * 0.9))
    await traffic.until(() => held() === flooded)
    return { delay, most, flooded }
  }

  it('keeps another author’s bulletin waiting for no more than the window of whoever floods', async () => {
    amber = { tlp: 'AMBER', circle: await town.circle([reader, calm, flooder]) }
    const quiet = await measured()
    expect(quiet).toMatchObject({ flooded: 0, most: 0 })
    await flood()
    const { delay, most, flooded } = await measured()
    expect(flooded).toBe(200)
    expect(most).toBeLessThanOrEqual(4 * MIB)
    // The window at the speed of the disk, a work for each batch of it, and what it took without the flood.
    expect(delay).toBeLessThanOrEqual(quiet.delay + (4 * MIB) / DISK + 64 * WORK)
    expect(delay).toBeLessThan(600)
    // And it was felt.
    expect(delay).toBeGreaterThan(quiet.delay)
  })

  it('of a newcomer has a quarter of that window', async () => {
    const circle = await town.circle([reader, calm])
    amber = { tlp: 'AMBER', circle }
    const number = town.now() - DAY
    const vows = [reader, calm].map(({ who }) => vouches(who, flooder.who, circle, { number }))
    const statements = [...vows, accepts(flooder.who, circle)].map(({ bytes }) => bytes)
    await reader.replica.admitRegisters(statements, calm.id)
    await calm.replica.admitRegisters(statements, reader.id)
    for (const voucher of [reader, calm]) (await town.link(flooder, voucher)).cut()
    expect(flooder.replica.book.view.isMember(circle, flooder.id)).toBe(true)
    expect(reader.replica.pendingBytes(flooder.id)).toBe(MIB)
    const quiet = await measured()
    await flood()
    const { delay, most } = await measured()
    expect(most).toBeLessThanOrEqual(MIB)
    expect(delay).toBeLessThanOrEqual(quiet.delay + MIB / DISK + 64 * WORK)
  })
})
