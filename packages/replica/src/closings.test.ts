/** Closings: where a stream ends by the root key, after a theft, at a planned change, or to settle a fork (DESIGN §7). */
import {
  type Closing,
  decodeDescriptor,
  nodeKey,
  prepareRegister,
  type SignedHeader,
  type SignedRegister,
  signingKey,
  signRegister,
  toHex
} from '@tocsin/journal'
import type { BulletinId, EntryId, StreamId } from '@tocsin/model'
import { type ForkSide, sealForkProof, verifyEvidence } from '@tocsin/trust'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBulletinReader } from './bulletins.ts'
import { DAY, MAX_CLOSINGS } from './constants.ts'
import { isVoid } from './rules.ts'
import { branches, type Forged, forge } from './testing/forge.ts'
import { cardOf, type Institution } from './testing/institution.ts'
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

interface Closed {
  readonly id: StreamId
  readonly descriptor: Uint8Array
}

/** What the root key of `who` says of the end of a stream. */
function closing(who: Institution, { id, descriptor }: Closed, last: number, head?: EntryId): Uint8Array {
  const value: Closing = { stream: toHex(descriptor), last, ...(head === undefined ? {} : { head }) }
  return sign(who, { kind: 'closing', author: who.id, stream: id, number: 1, value }).bytes
}

function sign(who: Institution, fields: Parameters<typeof prepareRegister>[0]): SignedRegister {
  return signRegister(prepareRegister(fields), who.root)
}

/** The card that ends the node key of `who` and begins the one that was named as the next. */
function rotated(who: Institution, now: number): Uint8Array {
  const keys = [
    { key: who.node, until: now },
    { key: who.next, from: now }
  ]
  return cardOf(who, { number: now, keys, next: toHex(signingKey(new Uint8Array(32).fill(7)).publicKey) }).bytes
}

function bulletins(stream: Forged, count: number): void {
  for (let n = 0; n < count; n++) stream.add()
}

const headAt = (stream: Forged, seq: number): EntryId => {
  const header = stream.headers[seq - 1]
  if (header === undefined) throw new RangeError('no such entry')
  return header.id
}

async function give(stream: Forged, to: Inhabitant, last = stream.headers.length): Promise<unknown> {
  return to.replica.admit(stream.batch(a.who, to.who, { first: 1, last }))
}

async function states(at: Inhabitant): Promise<string[]> {
  const { store, streams, book, identity } = at.replica
  const reader = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  const { items } = await reader.page({ all: true }, { maxTlp: 'RED', use: 'hunt' }, { order: 'arrival', limit: 500 })
  return items.map(({ state }) => state)
}

const held = (at: Inhabitant, { id }: { id: StreamId }) => at.replica.sync.head(id)

describe('after a theft', () => {
  it('later entries are cut off where held, and their bodies erased, while their headers stay', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 5)
    await give(stream, b)
    const event = await b.replica.admitRegisters([closing(a.who, stream, 3, headAt(stream, 3))], a.id)
    expect(event).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(await states(b)).toEqual(['live', 'live', 'live', 'void', 'void'])
    expect(held(b, stream)).toEqual({ seq: 3, id: headAt(stream, 3) })
    town.pass(1000)
    expect(await b.replica.tick()).toMatchObject({ bodies: 2 })
    expect(b.replica.sync.read(stream.id, 1, 2 ** 20).map(({ body }) => body !== null)).toEqual([true, true, true])
    expect(b.replica.streams.get(stream.id)?.state).toMatchObject({ seq: 5, closedAt: 3 })
    expect(b.replica.alarms().map(({ code }) => code)).toContain('disowned')
  })

  it('they are refused where new, also with everything else in order', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 5)
    await b.replica.admitRegisters([closing(a.who, stream, 3, headAt(stream, 3))], a.id)
    expect(await give(stream, b)).toMatchObject({ verdict: 'ignore', code: 'stream-closed', accepted: 3 })
    expect(await give(stream, b)).toMatchObject({ verdict: 'ignore', code: 'stream-closed', accepted: 0 })
    expect(await states(b)).toEqual(['live', 'live', 'live'])
  })

  it('a stream of which nothing is genuine is void as a whole', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 2)
    await give(stream, b)
    await b.replica.admitRegisters([closing(a.who, stream, 0)], a.id)
    expect(await states(b)).toEqual(['void', 'void'])
    await town.link(b, c)
    expect(c.replica.streams.get(stream.id)).toBeUndefined()
    expect(await give(stream, c)).toMatchObject({ code: 'stream-closed', accepted: 0 })
  })

  it('a node that was away gets the card and the closing from anybody, and no void entry', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 6)
    await give(stream, b)
    await give(stream, c)
    town.pass(1000)
    const words = [rotated(a.who, town.now()), closing(a.who, stream, 4, headAt(stream, 4))]
    await b.replica.admitRegisters(words, a.id)
    await town.link(b, c)
    expect(await states(c)).toEqual(['live', 'live', 'live', 'live', 'void', 'void'])
    expect(held(c, stream)).toEqual(held(b, stream))
    // What the thief says from now on in a stream of his own goes nowhere.
    const other = forge(a.who, amber, town.now)
    bulletins(other, 1)
    expect(await give(other, c)).toMatchObject({ verdict: 'reject', code: 'bad-hop-proof' })
    expect(await c.replica.admit(other.batch(b.who, c.who))).toMatchObject({ code: 'stream-frozen', accepted: 0 })
  })

  it("its retractions are undone while bodies last, and one's own stay", async () => {
    const [first, second] = [
      await a.replica.publish.bulletin(bulletin([amber], town.now())),
      await a.replica.publish.bulletin(bulletin([amber], town.now()))
    ].map(([entry]) => entry)
    await town.link(a, b)
    const targets = [first?.entry, second?.entry] as EntryId[]
    const stolen = forge(a.who, amber, town.now, { kind: 'retraction' })
    stolen.add({ kind: 'retraction', value: { targets, reason: 'nothing to see' } })
    await b.replica.admit(stolen.batch(a.who, b.who))
    town.pass(1000)
    // The author takes one of the two back itself, later: the earlier word stands before it.
    await a.replica.publish.retract(
      [{ entry: targets[1] as EntryId, audience: amber, keepUntil: town.now() + 20 * DAY }],
      'false alarm'
    )
    await town.settle()
    expect(await states(b)).toEqual(['retracted', 'retracted'])
    await b.replica.admitRegisters([closing(a.who, stolen, 0)], a.id)
    expect(await states(b)).toEqual(['live', 'retracted'])
  })

  it('what was disowned stays visible: evidence that anybody can verify', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 3)
    await give(stream, b)
    await b.replica.admitRegisters([closing(a.who, stream, 1, headAt(stream, 1))], a.id)
    const [kept, ...more] = await b.replica.shelf.list()
    expect(more).toEqual([])
    expect(verifyEvidence(kept?.bundle ?? new Uint8Array(0), cardOf(a.who).bytes)).toMatchObject({
      ok: true,
      evidence: { kind: 'disowned', accused: a.id }
    })
  })
})

describe('a retired key', () => {
  it('gives its author back what it lost, so that it can be closed', async () => {
    const empty = await town.copy(a)
    const [published] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    await town.link(a, b)
    await town.rollBack(a, empty)
    town.pass(1000)
    await a.replica.admitRegisters([rotated(a.who, town.now())], undefined)
    await town.link(a, b)
    expect([...a.replica.foreign.all()]).toMatchObject([{ seq: 1, id: published?.entry }])
    await a.replica.claim(published?.stream as StreamId)
    await town.settle()
    expect(await states(a)).toEqual(['live'])
  })

  it('freezes its streams until their closing comes, and then they flow to the end that it names', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 4)
    await give(stream, b)
    town.pass(1000)
    const card = rotated(a.who, town.now())
    await b.replica.admitRegisters([card], a.id)
    await c.replica.admitRegisters([card], a.id)
    await town.link(b, c)
    expect(c.replica.streams.get(stream.id)).toBeUndefined()
    expect(await states(b)).toEqual(['live', 'live', 'live', 'live'])
    await b.replica.admitRegisters([closing(a.who, stream, 4, headAt(stream, 4))], a.id)
    await town.settle()
    expect(await states(c)).toEqual(['live', 'live', 'live', 'live'])
    expect(held(c, stream)).toEqual({ seq: 4, id: headAt(stream, 4) })
  })

  it('of a new key names no predecessor of the old one', async () => {
    const [old] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    town.pass(1000)
    await a.replica.admitRegisters([rotated(a.who, town.now())], undefined)
    Object.assign(a.who, { node: a.who.next, nodeKey: nodeKey(a.who.next.publicKey) })
    await town.restart(a)
    const [fresh] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    expect(fresh?.stream).not.toBe(old?.stream)
    expect(a.replica.streams.get(fresh?.stream as StreamId)?.descriptor).toMatchObject({ nodeKey: a.who.nodeKey })
    expect(a.replica.streams.get(fresh?.stream as StreamId)?.descriptor.predecessor).toBeUndefined()
  })

  it('ends no publish that is under way: it goes to a stream of its own', async () => {
    const [first] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    const stream = first?.stream as StreamId
    const descriptor = a.replica.sync.descriptor(stream) ?? new Uint8Array(0)
    const [, , [second]] = await Promise.all([
      a.replica.publish.bulletin(bulletin([{ tlp: 'GREEN' }], town.now())),
      a.replica.admitRegisters([closing(a.who, { id: stream, descriptor }, 1, first?.entry)], undefined),
      a.replica.publish.bulletin(bulletin([amber], town.now()))
    ])
    expect(second?.stream).not.toBe(stream)
  })

  it('signs nothing any more at its own node', async () => {
    town.pass(1000)
    await a.replica.admitRegisters([rotated(a.who, town.now())], undefined)
    await expect(a.replica.publish.bulletin(bulletin([amber], town.now()))).rejects.toMatchObject({
      code: 'signing-suspended'
    })
    expect(a.replica.notSigning()).toBeDefined()
  })
})

describe('a closing', () => {
  it('goes to the audience of its stream alone', async () => {
    const d = await town.inhabitant('d')
    await town.acquaint(b, d)
    await town.acquaint(a, d)
    const inCircle = forge(a.who, amber, town.now)
    const red = forge(a.who, { tlp: 'RED', recipient: b.id }, town.now)
    for (const stream of [inCircle, red]) {
      bulletins(stream, 1)
      await b.replica.admitRegisters([closing(a.who, stream, 0)], a.id)
    }
    await town.link(b, c)
    await town.link(b, d)
    const ends = (at: Inhabitant): unknown[] => [inCircle, red].map(({ id }) => at.replica.book.closing(id)?.valueOf())
    expect(ends(b)).toEqual([expect.anything(), expect.anything()])
    expect(ends(c)).toEqual([expect.anything(), undefined])
    expect(ends(d)).toEqual([undefined, undefined])
    // Nor is it taken from whoever hands it on all the same.
    expect(await c.replica.admitRegisters([closing(a.who, red, 0)], b.id)).toMatchObject({ code: 'red-relayed' })
    expect(await d.replica.admitRegisters([closing(a.who, inCircle, 0)], b.id)).toMatchObject({
      code: 'unknown-circle'
    })
  })

  it('said twice in two ways is a fork, told to all, and the stream goes to nobody', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 5)
    await give(stream, b)
    await give(stream, c)
    await b.replica.admitRegisters([closing(a.who, stream, 4, headAt(stream, 4))], a.id)
    await c.replica.admitRegisters([closing(a.who, stream, 2, headAt(stream, 2))], a.id)
    await town.link(b, c)
    for (const one of [b, c]) {
      expect(one.replica.book.closing(stream.id)).toBe('contested')
      expect(await states(one)).toEqual(['live', 'live', 'void', 'void', 'void'])
      expect(one.replica.sync.maySend(a.id, stream.id)).toMatchObject({ code: 'stream-frozen' })
      const found = (await one.replica.shelf.list()).map(({ bundle }) => verifyEvidence(bundle, cardOf(a.who).bytes))
      expect(found.map((it) => it.ok && it.evidence.kind)).toContain('fork-register')
    }
  })

  it('is one of so many as an author can need', async () => {
    const many = Array.from({ length: MAX_CLOSINGS + 1 }, () => closing(a.who, forge(a.who, amber, town.now), 0))
    expect(await b.replica.admitRegisters(many, a.id)).toMatchObject({
      verdict: 'ignore',
      code: 'too-many-closings',
      accepted: MAX_CLOSINGS
    })
  })

  it('stays what it is after a restart', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 3)
    await give(stream, b)
    await b.replica.admitRegisters([closing(a.who, stream, 2, headAt(stream, 2))], a.id)
    await town.restart(b)
    expect(await states(b)).toEqual(['live', 'live', 'void'])
    expect(await give(stream, b)).toMatchObject({ code: 'stream-closed' })
  })

  it('is forgotten with everything that its stream could still hold', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 1)
    await b.replica.admitRegisters([closing(a.who, stream, 0)], a.id)
    town.pass(1000 * DAY)
    await b.replica.tick()
    expect(b.replica.book.closing(stream.id)).toBeUndefined()
    expect(await b.replica.admitRegisters([closing(a.who, stream, 0)], a.id)).toMatchObject({ code: 'overdue' })
  })
})

describe('a fork that the root key settles', () => {
  it.each([
    ['of equal length', 2, 5, 5, 5],
    ['where the genuine one is shorter', 2, 4, 90, 4],
    ['where the genuine one is longer', 2, 90, 4, 90],
    ['from the first entry on', 0, 3, 3, 3],
    ['and ends before the genuine one does', 2, 9, 5, 6]
  ])('%s: all come to the branch that it names', async (_, common, one, other, last) => {
    const [genuine, false_] = branches(a.who, amber, town.now, [common, one, other])
    await give(genuine, b)
    await give(false_, c)
    await town.link(b, c)
    expect(b.replica.streams.get(genuine.id)?.state.forkedAt).toBe(common + 1)
    await c.replica.admitRegisters([closing(a.who, genuine, last, headAt(genuine, last))], a.id)
    await town.settle()
    for (const at of [b, c]) {
      expect(held(at, genuine)).toEqual({ seq: last, id: headAt(genuine, last) })
      expect((await states(at)).filter((state) => state === 'live')).toHaveLength(last)
    }
  })

  it.each([
    ['by an entry that nobody has', 40],
    ['behind both branches', 4]
  ])('in words only, %s, lets nobody swap branches for ever', async (_, last) => {
    const [one, other] = branches(a.who, amber, town.now, [2, 6, 6])
    await give(one, b)
    await give(other, c)
    await town.link(b, c)
    const words = closing(a.who, one, last, 'ab'.repeat(32) as EntryId)
    await b.replica.admitRegisters([words], a.id)
    await town.settle()
    for (const at of [b, c]) {
      expect(held(at, one)).toEqual({ seq: 2, id: headAt(one, 2) })
      expect((await states(at)).filter((state) => state === 'live')).toHaveLength(2)
    }
    // And nothing more of either branch counts, whoever brings it.
    for (const stream of [one, other, one]) {
      await give(stream, b)
      await town.settle()
      expect((await states(b)).filter((state) => state === 'live')).toHaveLength(2)
    }
  })

  it('is settled alike, whatever comes first', async () => {
    const pieces = fc.shuffledSubarray(['genuine', 'false', 'early', 'closing', 'proof'], { minLength: 5 })
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 5 }), async (order, last) => {
        const [genuine, other] = branches(a.who, amber, town.now, [2, 5, 7])
        const words = closing(a.who, genuine, last, headAt(genuine, last))
        const does: Record<string, () => Promise<unknown>> = {
          genuine: () => give(genuine, b),
          false: () => give(other, b),
          early: () => give(genuine, b, 3),
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
        expect(held(b, genuine)).toEqual({ seq: last, id: headAt(genuine, last) })
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
    await give(mine, b)
    expect(await give(stolen, b)).toMatchObject({ code: 'fork' })
    expect(await states(b)).toEqual(['live', 'void', 'void'])
    const words = [closing(a.who, stolen, 0), closing(a.who, mine, 2, headAt(mine, 2))]
    await b.replica.admitRegisters(words, a.id)
    expect(await states(b)).toEqual(['live', 'live', 'live'])
    await town.link(b, c)
    expect(await states(c)).toEqual(['live', 'live', 'live'])
    expect(await give(stolen, c)).toMatchObject({ code: 'stream-closed', accepted: 0 })
  })

  it('of which the split was never seen is settled all the same', async () => {
    const [genuine, false_] = branches(a.who, amber, town.now, [3, 80, 80])
    await give(false_, c)
    await c.replica.admitRegisters([closing(a.who, genuine, 80, headAt(genuine, 80))], a.id)
    await give(genuine, b)
    await town.link(b, c)
    expect(held(c, genuine)).toEqual({ seq: 80, id: headAt(genuine, 80) })
    expect(new Set(await states(c))).toEqual(new Set(['live']))
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
    expect(await states(a)).toEqual([])
    await a.replica.claim(stream)
    await town.settle()
    expect(await states(a)).toEqual(['live'])
    await a.replica.publish.retract(
      [{ entry: published?.entry as EntryId, audience: amber, keepUntil: town.now() + 20 * DAY }],
      'mine'
    )
    await town.settle()
    expect(await states(b)).toEqual(['retracted'])
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
    expect(await states(a)).toEqual(['live'])
    expect([...a.replica.foreign.all()]).toEqual([])
  })
})

const ID = 'c0ffee00-0000-4000-8000-000000000001' as BulletinId
