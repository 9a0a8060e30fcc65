/** Closings: where a stream ends by the root key, after a theft, at a planned change, or to settle a fork (DESIGN §7). */
import { nodeKey } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { verifyEvidence } from '@tocsin/trust'
import { describe, expect, it } from 'vitest'
import { DAY, MAX_CLOSINGS } from './constants.ts'
import { bulletins, closing, give, headAt, headOf, rotated } from './testing/endings.ts'
import { forge } from './testing/forge.ts'
import { cardOf } from './testing/institution.ts'
import { bulletin, type Inhabitant } from './testing/town.ts'
import { a, amber, b, c, meetBeforeEach, statesAt, town } from './testing/trio.ts'

meetBeforeEach()

describe('after a theft', () => {
  it('later entries are cut off where held, and their bodies erased, while their headers stay', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 5)
    await give(a.who, stream, b)
    const event = await b.replica.admitRegisters([closing(a.who, stream, 3, headAt(stream, 3))], a.id)
    expect(event).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(await statesAt(b)).toEqual(['live', 'live', 'live', 'void', 'void'])
    expect(headOf(b, stream)).toEqual({ seq: 3, id: headAt(stream, 3) })
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
    expect(await give(a.who, stream, b)).toMatchObject({ verdict: 'ignore', code: 'stream-closed', accepted: 3 })
    expect(await give(a.who, stream, b)).toMatchObject({ verdict: 'ignore', code: 'stream-closed', accepted: 0 })
    expect(await statesAt(b)).toEqual(['live', 'live', 'live'])
  })

  it('a stream of which nothing is genuine is void as a whole', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 2)
    await give(a.who, stream, b)
    await b.replica.admitRegisters([closing(a.who, stream, 0)], a.id)
    expect(await statesAt(b)).toEqual(['void', 'void'])
    await town.link(b, c)
    expect(c.replica.streams.get(stream.id)).toBeUndefined()
    expect(await give(a.who, stream, c)).toMatchObject({ code: 'stream-closed', accepted: 0 })
  })

  it('a node that was away gets the card and the closing from anybody, and no void entry', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 6)
    await give(a.who, stream, b)
    await give(a.who, stream, c)
    town.pass(1000)
    const words = [rotated(a.who, town.now()), closing(a.who, stream, 4, headAt(stream, 4))]
    await b.replica.admitRegisters(words, a.id)
    await town.link(b, c)
    expect(await statesAt(c)).toEqual(['live', 'live', 'live', 'live', 'void', 'void'])
    expect(headOf(c, stream)).toEqual(headOf(b, stream))
    // What the thief says from now on in a stream of his own goes nowhere.
    const other = forge(a.who, amber, town.now)
    bulletins(other, 1)
    expect(await give(a.who, other, c)).toMatchObject({ verdict: 'reject', code: 'bad-hop-proof' })
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
    expect(await statesAt(b)).toEqual(['retracted', 'retracted'])
    await b.replica.admitRegisters([closing(a.who, stolen, 0)], a.id)
    expect(await statesAt(b)).toEqual(['live', 'retracted'])
  })

  it('what was disowned stays visible: evidence that anybody can verify', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 3)
    await give(a.who, stream, b)
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
    expect(await statesAt(a)).toEqual(['live'])
  })

  it('freezes its streams until their closing comes, and then they flow to the end that it names', async () => {
    const stream = forge(a.who, amber, town.now)
    bulletins(stream, 4)
    await give(a.who, stream, b)
    town.pass(1000)
    const card = rotated(a.who, town.now())
    await b.replica.admitRegisters([card], a.id)
    await c.replica.admitRegisters([card], a.id)
    await town.link(b, c)
    expect(c.replica.streams.get(stream.id)).toBeUndefined()
    expect(await statesAt(b)).toEqual(['live', 'live', 'live', 'live'])
    await b.replica.admitRegisters([closing(a.who, stream, 4, headAt(stream, 4))], a.id)
    await town.settle()
    expect(await statesAt(c)).toEqual(['live', 'live', 'live', 'live'])
    expect(headOf(c, stream)).toEqual({ seq: 4, id: headAt(stream, 4) })
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
    await give(a.who, stream, b)
    await give(a.who, stream, c)
    await b.replica.admitRegisters([closing(a.who, stream, 4, headAt(stream, 4))], a.id)
    await c.replica.admitRegisters([closing(a.who, stream, 2, headAt(stream, 2))], a.id)
    await town.link(b, c)
    for (const one of [b, c]) {
      expect(one.replica.book.closing(stream.id)).toBe('contested')
      expect(await statesAt(one)).toEqual(['live', 'live', 'void', 'void', 'void'])
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
    await give(a.who, stream, b)
    await b.replica.admitRegisters([closing(a.who, stream, 2, headAt(stream, 2))], a.id)
    await town.restart(b)
    expect(await statesAt(b)).toEqual(['live', 'live', 'void'])
    expect(await give(a.who, stream, b)).toMatchObject({ code: 'stream-closed' })
  })

  it('lets a stream go with what is genuine of it, also where void entries that are kept for longer are held', async () => {
    const stream = forge(a.who, amber, town.now)
    stream.add({ keepUntil: town.now() + 30 * DAY })
    stream.add({ keepUntil: town.now() + 300 * DAY })
    await give(a.who, stream, b)
    await b.replica.admitRegisters([closing(a.who, stream, 1, headAt(stream, 1))], a.id)
    town.pass(200 * DAY)
    await b.replica.tick()
    expect(b.replica.streams.get(stream.id)).toBeUndefined()
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
