/** Never fork oneself: when this node signs, when it waits, and what it does about entries that it did not write. */
import { decodeDescriptor, quarterOf } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { verifyEvidence } from '@tocsin/trust'
import { describe, expect, it } from 'vitest'
import { DAY, HEAD_PATIENCE, HOUR, MAX_INCARNATIONS, MAX_SKEW, MINUTE } from './constants.ts'
import { sealInstance } from './instance.ts'
import { createSigning } from './signing.ts'
import { forge } from './testing/forge.ts'
import { cardOf, START } from './testing/institution.ts'
import { bulletin, type Inhabitant } from './testing/town.ts'
import { a, amber, b, c, meetBeforeEach, town } from './testing/trio.ts'
import type { Audience } from './types.ts'

meetBeforeEach()

async function publish(one: Inhabitant, audience: Audience = amber) {
  const [entry] = await one.replica.publish.bulletin(bulletin([audience], town.now()))
  if (entry === undefined) throw new Error('nothing was published')
  return entry
}

/** Publishes, and says whether it had to wait. */
function publishing(one: Inhabitant, audience: Audience = amber) {
  const state = { waited: false, done: undefined as Awaited<ReturnType<typeof publish>> | undefined }
  const end = one.replica.publish
    .bulletin(bulletin([audience], town.now()), () => {
      state.waited = true
    })
    .then(([entry]) => {
      state.done = entry
    })
  return { state, end }
}

/** Lets everything that is only a matter of turns happen. */
async function turns(): Promise<void> {
  for (let n = 0; n < 5; n++) await new Promise<void>((resolve) => setImmediate(resolve))
}

const predecessorOf = (one: Inhabitant, stream: string) =>
  one.replica.streams.get(stream as StreamId)?.descriptor.predecessor

describe('a stream of this node', () => {
  it('of a fresh store is signed at once, and gone on with', async () => {
    const first = await publish(a)
    const second = await publish(a)
    expect([first.seq, second.seq]).toEqual([1, 2])
    expect(second.stream).toBe(first.stream)
    expect(predecessorOf(a, first.stream)).toBeUndefined()
  })

  it('is shared by publishes of one moment, without a gap or a second incarnation', async () => {
    const entries = await Promise.all(Array.from({ length: 20 }, () => publish(a)))
    expect(new Set(entries.map(({ stream }) => stream)).size).toBe(1)
    expect(entries.map(({ seq }) => seq).sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  })

  it('of an earlier run waits until every connected peer that may hold it has confirmed its head', async () => {
    const before = await publish(a)
    for (const one of [b, c]) await town.link(a, one)
    await town.restart(a)
    // Connected, not heard of the stream yet.
    a.replica.linked(b.id, 0)
    a.replica.linked(c.id, 0)
    const { state, end } = publishing(a)
    await turns()
    expect(state).toEqual({ waited: true, done: undefined })
    const head = a.replica.sync.head(before.stream as StreamId)
    if (head === undefined) throw new Error('not held')
    a.replica.confirmed(b.id, before.stream as StreamId, head.seq, head.id)
    // Another head is no confirmation.
    a.replica.confirmed(c.id, before.stream as StreamId, head.seq + 1, head.id)
    await turns()
    expect(state.done).toBeUndefined()
    a.replica.confirmed(c.id, before.stream as StreamId, head.seq, head.id)
    await end
    expect(state.done).toMatchObject({ stream: before.stream, seq: 2 })
  })

  it('is confirmed by real sessions after a restart', async () => {
    const before = await publish(a)
    const link = await town.link(a, b)
    link.cut()
    await town.restart(a)
    await town.link(a, b)
    expect(await publish(a)).toMatchObject({ stream: before.stream, seq: 2 })
  })

  it('needs no word of a peer that may not hold it', async () => {
    const red: Audience = { tlp: 'RED', recipient: b.id }
    const before = await publish(a, red)
    await town.restart(a)
    a.replica.linked(b.id, 0)
    a.replica.linked(c.id, 0)
    const { state, end } = publishing(a, red)
    await turns()
    expect(state.done).toBeUndefined()
    const head = a.replica.sync.head(before.stream as StreamId)
    a.replica.confirmed(b.id, before.stream as StreamId, 1, head?.id as never)
    await end
    expect(state.done?.stream).toBe(before.stream)
  })

  it('gives way to a new incarnation when no peer comes for 30 s', async () => {
    const before = await publish(a)
    await town.restart(a)
    const { state, end } = publishing(a)
    town.pass(HEAD_PATIENCE - 1)
    await a.replica.tick()
    await turns()
    expect(state).toEqual({ waited: true, done: undefined })
    town.pass(1)
    await a.replica.tick()
    await end
    expect(state.done?.stream).not.toBe(before.stream)
    // Nobody has said that it is the last of its kind: an earlier life of this store may have continued it.
    expect(predecessorOf(a, state.done?.stream ?? '')).toBeUndefined()
    // And that one is this run's own.
    expect((await publish(a)).stream).toBe(state.done?.stream)
    expect(await b.replica.admit(town.batch(a, b, before.stream as StreamId))).toMatchObject({ verdict: 'accept' })
    expect(await b.replica.admit(town.batch(a, b, state.done?.stream as StreamId))).toMatchObject({ verdict: 'accept' })
  })

  it('is not given up for a 65th incarnation, which nobody would take', async () => {
    let last = ''
    for (let n = 0; n < MAX_INCARNATIONS; n++) {
      if (n > 0) await town.restart(a, 0)
      last = (await publish(a)).stream
    }
    await town.restart(a, 0)
    const { state, end } = publishing(a)
    town.pass(HOUR)
    await a.replica.tick()
    await turns()
    expect(state.done).toBeUndefined()
    a.replica.linked(b.id, 0)
    a.replica.confirmed(b.id, last as StreamId, 1, a.replica.sync.head(last as StreamId)?.id as never)
    await end
    expect(state.done?.stream).toBe(last)
  })

  it('ends with its quarter; the next one names it', async () => {
    const before = await publish(a)
    town.pass(60 * DAY)
    expect(quarterOf(town.now())).toBe(quarterOf(town.now() - 60 * DAY) + 1)
    const after = await publish(a)
    expect(after.stream).not.toBe(before.stream)
    expect(predecessorOf(a, after.stream)).toMatchObject({ stream: before.stream, seq: 1 })
    for (const { stream } of [before, after])
      expect(await b.replica.admit(town.batch(a, b, stream as StreamId))).toMatchObject({ verdict: 'accept' })
  })

  it('has a clock that never falls, whatever the machine’s does', async () => {
    const before = await publish(a)
    town.pass(-MINUTE)
    const after = await publish(a)
    expect(after.stream).toBe(before.stream)
    town.pass(MINUTE)
    expect(await b.replica.admit(town.batch(a, b, before.stream as StreamId))).toMatchObject({ accepted: 2 })
    // A clock that ran far ahead is not dragged along: everybody would wait for it to come true.
    town.pass(-HOUR)
    const much = await publish(a)
    expect(much.stream).not.toBe(before.stream)
    expect(await b.replica.admit(town.batch(a, b, much.stream as StreamId))).toMatchObject({ verdict: 'accept' })
  })
})

describe('entries by my key that this store did not write', () => {
  it('raise the alarm, are kept as evidence and never adopted; what is signed next stands in a new incarnation', async () => {
    const mine = await publish(a)
    await town.link(a, b)
    const bytes = a.replica.sync.descriptor(mine.stream as StreamId)
    if (bytes === undefined) throw new Error('not held')
    // A thief of the key goes on with my stream, and b takes it.
    const thief = forge(a.who, amber, town.now)
    const header = thief.add({ stream: mine.stream as StreamId, seq: 2, previous: mine.entry })
    const proof = a.replica.sync.hopProof(b.id, mine.stream as StreamId, 2, 2, header.id)
    expect(await b.replica.admit({ from: a.id, descriptor: bytes, entries: thief.entries, proof })).toMatchObject({
      verdict: 'accept'
    })
    const back = town.batch(b, a, mine.stream as StreamId)
    for (let n = 0; n < 3; n++)
      expect(await a.replica.admit(back)).toMatchObject({ verdict: 'ignore', code: 'foreign-entry', have: 1 })
    expect(a.replica.alarms().filter(({ code }) => code === 'foreign-entry').length).toBe(1)
    const [kept] = await a.replica.shelf.list()
    expect(verifyEvidence(kept?.bundle ?? new Uint8Array(0), cardOf(a.who).bytes)).toMatchObject({
      ok: true,
      evidence: { kind: 'foreign-entry', accused: a.id }
    })
    expect(a.replica.sync.head(mine.stream as StreamId)?.seq).toBe(1)
    const next = await publish(a)
    expect(next.stream).not.toBe(mine.stream)
    expect(predecessorOf(a, next.stream)).toBeUndefined()
  })

  it('at a place that I hold are a fork of mine: alarm, and a new incarnation', async () => {
    const mine = await publish(a)
    const bytes = a.replica.sync.descriptor(mine.stream as StreamId)
    if (bytes === undefined) throw new Error('not held')
    const thief = forge(a.who, amber, town.now)
    const header = thief.add({ stream: mine.stream as StreamId })
    const proof = b.replica.sync.hopProof(a.id, mine.stream as StreamId, 1, 1, header.id)
    const batch = { from: b.id, descriptor: bytes, entries: thief.entries, proof }
    expect(await a.replica.admit(batch)).toMatchObject({ verdict: 'ignore', code: 'fork' })
    expect(a.replica.alarms().map(({ code }) => code)).toEqual(expect.arrayContaining(['fork', 'foreign-entry']))
    expect((await publish(a)).stream).not.toBe(mine.stream)
  })

  it('of a store that was restored from a backup make no fork of streams', async () => {
    const old = await publish(a)
    await town.link(a, b)
    await town.restart(a, 0)
    // What the lost disk wrote after the backup: a successor of the old stream, which only b holds.
    const head = { stream: old.stream as StreamId, seq: 1, head: old.entry }
    const lost = forge(a.who, amber, town.now, { predecessor: head })
    lost.add()
    expect(await b.replica.admit(lost.batch(a.who, b.who))).toMatchObject({ verdict: 'accept' })
    expect(await a.replica.admit(town.batch(b, a, lost.id))).toMatchObject({ code: 'foreign-entry' })
    const next = await publish(a)
    expect(next.stream).not.toBe(old.stream)
    expect(predecessorOf(a, next.stream)).toBeUndefined()
    expect(await b.replica.admit(town.batch(a, b, next.stream as StreamId))).toMatchObject({ verdict: 'accept' })
    expect(b.replica.alarms()).toEqual([])
  })

  it('under my name and somebody else’s key are no alarm', async () => {
    const fake = forge(a.who, amber, town.now, { nodeKey: b.who.nodeKey })
    fake.add({ key: b.who.node })
    expect(await a.replica.admit(fake.batch(b.who, a.who))).toMatchObject({ code: 'node-key-not-certified' })
    expect(a.replica.alarms()).toEqual([])
    expect(a.replica.shelf.count).toBe(0)
  })
})

describe('this node stops signing', () => {
  it('when another live process shows its key, and not for an echo or a stranger’s word', async () => {
    const other = 'cd'.repeat(16)
    const own = a.replica.identity.instance
    a.replica.twin(other, sealInstance(a.who.node, other, town.now() - 1))
    a.replica.twin(other, sealInstance(b.who.node, other, town.now() + 1))
    a.replica.twin(own, sealInstance(a.who.node, own, town.now() + 1))
    a.replica.twin(other, new Uint8Array(3))
    a.replica.twin(own, sealInstance(a.who.node, other, town.now() + 1))
    expect(a.replica.notSigning()).toBeUndefined()
    a.replica.twin(other, sealInstance(a.who.node, other, town.now() + 1))
    expect(a.replica.notSigning()).toBe('twin-instance')
    expect(a.replica.alarms().map(({ code }) => code)).toEqual(['twin-instance'])
    await expect(publish(a)).rejects.toMatchObject({ code: 'signing-suspended', facts: { reason: 'twin-instance' } })
  })

  it('while its clock is more than five minutes off that of most peers, and says so', async () => {
    const { replica } = a
    replica.linked(b.id, MAX_SKEW + MINUTE)
    // One clock against one says nothing.
    expect(replica.notSigning()).toBeUndefined()
    replica.linked(c.id, MAX_SKEW + 2 * MINUTE)
    expect(replica.notSigning()).toBe('clock-off')
    await expect(publish(a)).rejects.toMatchObject({
      code: 'signing-suspended',
      message: expect.stringContaining('6 minutes behind'),
      facts: { reason: 'clock-off' }
    })
    expect(replica.alarms()).toMatchObject([{ code: 'clock-off' }])
    const [d, e] = [await town.inhabitant('d'), await town.inhabitant('e')]
    replica.linked(d.id, 0)
    expect(replica.notSigning()).toBe('clock-off')
    // Two against two, ourselves the fifth.
    replica.linked(e.id, 0)
    expect(replica.notSigning()).toBeUndefined()
    replica.linked(c.id, -2 * MAX_SKEW)
    replica.unlinked(d.id)
    expect(replica.notSigning()).toBeUndefined()
    await publish(a)
  })

  it('no longer once its clock is set right, without a new link', () => {
    let [now, steady] = [START, 0]
    const signing = createSigning({ now: () => now, steady: () => steady })
    const pass = (ms: number): void => {
      now += ms
      steady += ms
    }
    for (const one of [b, c]) signing.skew(one.id, -7 * MINUTE)
    pass(HOUR)
    expect(signing.why()).toContain('7 minutes ahead')
    now -= 7 * MINUTE
    expect(signing.reason()).toBeUndefined()
    now -= 7 * MINUTE
    expect(signing.why()).toContain('7 minutes behind')
    // Who went last still counts beside a single one, and no longer than until a second one comes.
    signing.skew(c.id, undefined)
    expect(signing.reason()).toBe('clock-off')
    signing.skew(b.id, 0)
    expect(signing.reason()).toBeUndefined()
    signing.skew(b.id, undefined)
    expect(signing.reason()).toBeUndefined()
  })
})

describe('what everybody would refuse', () => {
  it('is refused to ourselves, with the code that they would give', async () => {
    const descriptor = forge(a.who, amber, town.now).descriptor
    expect(decodeDescriptor(descriptor).descriptor.author).toBe(a.id)
    const sighting = {
      bulletin: '00000000-0000-4000-8000-000000000001',
      author: b.id,
      indicator: { type: 'domain', value: 'evil.example' },
      kind: 'sighting',
      count: 1
    } as never
    await expect(a.replica.publish.sighting(sighting, amber, town.now() - 1)).rejects.toMatchObject({
      code: 'keep-until-out-of-bounds'
    })
    await expect(a.replica.publish.sighting(sighting, amber, town.now() + 800 * DAY)).rejects.toMatchObject({
      code: 'keep-until-out-of-bounds'
    })
    expect(a.replica.streams.size).toBe(0)
    await expect(publish(a, { tlp: 'AMBER', circle: 'ee'.repeat(32) as never })).rejects.toMatchObject({
      code: 'not-in-circle'
    })
    const text = 'x'.repeat(65_000)
    const rules = Array.from({ length: 32 }, (_, n) => ({ kind: 'other', name: `${n}`, text }) as const)
    const large = bulletin([amber], town.now(), { text, rules })
    await expect(a.replica.publish.bulletin(large)).rejects.toMatchObject({ code: 'body-too-large' })
  })

  it('also where the clock of the stream makes it so', async () => {
    await publish(a)
    town.pass(-MINUTE)
    const keepUntil = town.now() + DAY
    await expect(a.replica.publish.bulletin(bulletin([amber], town.now(), { keepUntil }))).rejects.toMatchObject({
      code: 'own-entry-refused',
      facts: { reason: 'keep-until-out-of-bounds' }
    })
  })
})
