/** What was refused is known again without its bytes, and is let in as soon as what lifts the refusal has happened. */
import type { StreamId } from '@tocsin/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forge } from './testing/forge.ts'
import { cardOf, institution, vouches } from './testing/institution.ts'
import { bulletin, createTrio, type Inhabitant, type Town } from './testing/town.ts'
import type { Audience } from './types.ts'

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

describe('a stream', () => {
  it('of an unknown author is refused to every peer, until the author is known', async () => {
    const stranger = institution('stranger')
    const clear = forge(stranger, { tlp: 'CLEAR' }, town.now)
    clear.add()
    const { sync } = b.replica
    expect(sync.refuses(a.id, clear.id, 1)).toBeUndefined()
    const batch = clear.batch(a.who, b.who)
    expect(await b.replica.admit(batch)).toMatchObject({ verdict: 'ignore', code: 'clear-author-unknown' })
    for (const peer of [a, c])
      expect(sync.refuses(peer.id, clear.id, 7)).toMatchObject({
        code: 'clear-author-unknown',
        descriptor: { author: stranger.id }
      })
    b.events.length = 0
    await b.replica.addPeer(cardOf(stranger).bytes)
    expect(sync.refuses(a.id, clear.id, 7)).toBeUndefined()
    expect(b.events.map(({ type }) => type)).toContain('roster-changed')
    expect(await b.replica.admit(batch)).toMatchObject({ verdict: 'accept', have: 1 })
  })

  it('is judged anew where the reason lies in its entries', async () => {
    const ahead = forge(a.who, amber, town.now)
    ahead.add({ clock: town.now() + 3_600_000 })
    expect(await b.replica.admit(ahead.batch(a.who, b.who))).toMatchObject({ code: 'too-new' })
    expect(b.replica.sync.refuses(a.id, ahead.id, 1)).toBeUndefined()
  })

  it('of my own that this store did not write is refused as far as it was seen, and until it is claimed', async () => {
    const [mine] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    const stream = mine?.stream as StreamId
    await town.link(a, b)
    const descriptor = a.replica.sync.descriptor(stream) as Uint8Array
    const thief = forge(a.who, amber, town.now)
    const header = thief.add({ stream, seq: 2, previous: mine?.entry as never })
    const proof = a.replica.sync.hopProof(b.id, stream, 2, 2, header.id)
    await b.replica.admit({ from: a.id, descriptor, entries: thief.entries, proof })
    const { sync } = a.replica
    expect(sync.refuses(b.id, stream, 2)).toBeUndefined()
    expect(await a.replica.admit(town.batch(b, a, stream))).toMatchObject({ code: 'foreign-entry', have: 1 })
    expect(sync.refuses(b.id, stream, 2)).toMatchObject({ code: 'foreign-entry' })
    // News, and a place that is held: another entry there is a fork.
    for (const seq of [1, 3]) expect(sync.refuses(b.id, stream, seq)).toBeUndefined()
    await a.replica.claim(stream)
    expect(sync.refuses(b.id, stream, 2)).toBeUndefined()
    expect(await a.replica.admit(town.batch(b, a, stream))).toMatchObject({ verdict: 'accept', have: 2 })
  })
})

describe('a register', () => {
  it('of a circle that is not held is refused until it is', async () => {
    const fresh = await town.inhabitant('fresh')
    await town.acquaint(b, fresh)
    const { circle } = amber
    const vouch = vouches(a.who, c.who, circle as never)
    const { sync } = fresh.replica
    expect(await fresh.replica.admitRegisters([vouch.bytes], b.id)).toMatchObject({ code: 'unknown-circle' })
    expect(sync.refuses(b.id, vouch.address, 1)).toEqual({ code: 'unknown-circle' })
    const own = b.replica.book.all()
    const statements = [...own].filter(({ register }) => register.circle === circle).map(({ bytes }) => bytes)
    const join = [a, b].map(({ who }) => vouches(who, fresh.who, circle as never).bytes)
    await fresh.replica.admitRegisters([...join, ...statements], b.id)
    expect(fresh.replica.book.roster(circle as never)).toBeDefined()
    expect(sync.refuses(b.id, vouch.address, 1)).toBeUndefined()
  })
})
