/** Forks of entries and of streams: never hidden, never chosen, never the relay's offence. */
import { verifyEvidence } from '@tocsin/trust'
import { describe, expect, it } from 'vitest'
import { DAY, MAX_EVIDENCE_OF_ONE } from './constants.ts'
import { type Forged, forge, branches as fork } from './testing/forge.ts'
import { cardOf } from './testing/institution.ts'
import type { Inhabitant } from './testing/town.ts'
import { a, amber, b, c, meetBeforeEach, statesAt, town } from './testing/trio.ts'

meetBeforeEach()

const branches = (common: number, one: number, other: number): [Forged, Forged] =>
  fork(a.who, amber, town.now, [common, one, other])

async function evidence(at: Inhabitant) {
  return (await at.replica.shelf.list()).map(({ bundle }) => verifyEvidence(bundle, cardOf(a.who).bytes))
}

describe('a fork of entries', () => {
  it.each([
    ['of equal length', 3, 5, 5],
    ['where the other is shorter', 3, 9, 4],
    ['where the other is longer', 3, 5, 90],
    ['from the first entry on', 0, 3, 3]
  ])('%s is found by both sides, down to the split', async (_, common, one, other) => {
    const [first, second] = branches(common, one, other)
    expect(await b.replica.admit(first.batch(a.who, b.who))).toMatchObject({ verdict: 'accept' })
    expect(await c.replica.admit(second.batch(a.who, c.who))).toMatchObject({ verdict: 'accept' })
    await town.link(b, c)
    for (const one of [b, c]) {
      expect(one.replica.streams.get(first.id)?.state.forkedAt).toBe(common + 1)
      const found = await evidence(one)
      expect(found.length).toBeGreaterThan(0)
      for (const verdict of found)
        expect(verdict).toMatchObject({ ok: true, evidence: { kind: 'fork-entry', accused: a.id } })
      expect(one.replica.alarms().some(({ code }) => code === 'fork')).toBe(true)
      // Before the split it counts as ever; from there on nothing does.
      const held = await statesAt(one)
      expect(held.slice(0, common)).toEqual(Array(common).fill('live'))
      expect(held.slice(common)).toEqual(Array(held.length - common).fill('void'))
    }
  })

  it('stays frozen: nothing more is taken, and digests go to the split', async () => {
    const [first, second] = branches(1, 3, 3)
    await b.replica.admit(first.batch(a.who, b.who))
    const outcome = await b.replica.admit(second.batch(a.who, b.who))
    expect(outcome).toMatchObject({ verdict: 'ignore', code: 'fork' })
    first.add()
    expect(await b.replica.admit(first.batch(c.who, b.who, { first: 4 }))).toMatchObject({ code: 'stream-frozen' })
    const rows = b.replica.sync.rows(c.id, amber.circle ?? 'direct')
    expect(rows.filter(({ key }) => key === first.id)).toMatchObject([{ number: 1, hash: first.headers[0]?.id }])
    await town.restart(b)
    expect(b.replica.streams.get(first.id)?.state.forkedAt).toBe(2)
  })

  it('freezes at once, though the sender never shows the split', async () => {
    const [first, second] = branches(2, 100, 100)
    await b.replica.admit(first.batch(a.who, b.who))
    const outcome = await b.replica.admit(second.batch(c.who, b.who, { first: 99 }))
    expect(outcome).toMatchObject({ verdict: 'ignore', code: 'fork', from: 35 })
    expect(b.replica.streams.get(first.id)?.state.forkedAt).toBe(99)
    expect(await b.replica.admit(second.batch(c.who, b.who, { first: 35 }))).toMatchObject({ code: 'fork', from: 1 })
    expect(b.replica.streams.get(first.id)?.state.forkedAt).toBe(35)
    await b.replica.admit(second.batch(c.who, b.who))
    expect(b.replica.streams.get(first.id)?.state.forkedAt).toBe(3)
    expect(b.replica.shelf.count).toBeLessThanOrEqual(3)
  })

  it('voids retractions behind the split, which excuse a missing body all the same', async () => {
    const log = forge(a.who, amber, town.now)
    log.add()
    log.add()
    const one = forge(a.who, amber, town.now, { kind: 'retraction' })
    one.add({ kind: 'retraction', value: { targets: ['ab'.repeat(32)], reason: 'x' } })
    const other = forge(a.who, amber, town.now)
    one.add({ kind: 'retraction', value: { targets: [log.headers[0]?.id, log.headers[1]?.id], reason: 'a thief' } })
    const twin = other.add({
      kind: 'retraction',
      value: { targets: ['cd'.repeat(32)], reason: 'y' },
      stream: one.id,
      seq: 2,
      previous: one.headers[0]?.id ?? null
    })
    await b.replica.admit(one.batch(a.who, b.who))
    await b.replica.admit(log.batch(a.who, b.who, { last: 1 }))
    expect(await statesAt(b)).toEqual(['retracted'])
    const [header] = other.entries
    if (header === undefined) throw new Error('nothing sealed')
    const proof = a.replica.sync.hopProof(b.id, one.id, 2, 2, twin.id)
    const batch = { from: a.id, descriptor: one.descriptor, entries: [header], proof }
    expect(await b.replica.admit(batch)).toMatchObject({ code: 'fork' })
    expect(await statesAt(b)).toEqual(['live'])
    town.pass(3 * DAY)
    await b.replica.tick()
    expect(b.replica.sync.read(log.id, 1, 1e6)[0]?.body).not.toBeNull()
    const bare = log.batch(a.who, b.who, { first: 2 })
    const entries = bare.entries.map(({ header }) => ({ header, body: null }))
    expect(await b.replica.admit({ ...bare, entries })).toMatchObject({ verdict: 'accept' })
  })

  it('cannot be faked by a relay: it needs the author’s signature', async () => {
    const [first] = branches(1, 3, 3)
    await b.replica.admit(first.batch(a.who, b.who))
    const fake = forge(c.who, amber, town.now)
    const header = fake.add({ stream: first.id, seq: 3, previous: first.headers[1]?.id ?? null })
    const [entry] = fake.entries
    if (entry === undefined) throw new Error('nothing sealed')
    const proof = c.replica.sync.hopProof(b.id, first.id, 3, 3, header.id)
    const outcome = await b.replica.admit({ from: c.id, descriptor: first.descriptor, entries: [entry], proof })
    expect(outcome).toMatchObject({ verdict: 'reject', code: 'bad-signature' })
    expect(b.replica.streams.get(first.id)?.state.forkedAt).toBeUndefined()
  })
})

describe('a fork of streams', () => {
  function successors(count: number): { root: Forged; twins: Forged[] } {
    const root = forge(a.who, amber, town.now)
    const head = root.add()
    const twins = Array.from({ length: count }, () => {
      const twin = forge(a.who, amber, town.now, { predecessor: { stream: root.id, seq: 1, head: head.id } })
      twin.add()
      return twin
    })
    return { root, twins }
  }

  it('keeps evidence of two successors, and neither counts, however often they come', async () => {
    const { root, twins } = successors(3)
    const [one, two, three] = twins as [Forged, Forged, Forged]
    await b.replica.admit(root.batch(a.who, b.who))
    expect(await b.replica.admit(one.batch(a.who, b.who))).toMatchObject({ verdict: 'accept' })
    for (const twin of [two, three, two, three])
      expect(await b.replica.admit(twin.batch(c.who, b.who))).toMatchObject({ verdict: 'ignore', code: 'fork' })
    expect(b.replica.streams.get(one.id)?.state.forkedAt).toBe(1)
    expect(b.replica.streams.get(two.id)).toBeUndefined()
    expect(await statesAt(b)).toEqual(['live', 'void'])
    const found = await evidence(b)
    expect(found.length).toBe(2)
    for (const verdict of found) expect(verdict).toMatchObject({ ok: true, evidence: { kind: 'fork-stream' } })
  })

  it('is not believed of a successor that nobody signed', async () => {
    const { twins } = successors(2)
    const [one, two] = twins as [Forged, Forged]
    await b.replica.admit(one.batch(a.who, b.who))
    const batch = two.batch(c.who, b.who)
    const entries = batch.entries.map(({ header, body }) => {
      const altered = Uint8Array.from(header)
      altered[150] = (altered[150] ?? 0) ^ 1
      return { header: altered, body }
    })
    await b.replica.admit({ ...batch, entries })
    expect(b.replica.streams.get(one.id)?.state.forkedAt).toBeUndefined()
    expect(b.replica.shelf.count).toBe(0)
  })

  it('does not fill the shelf, however many successors are made up', async () => {
    const { twins } = successors(MAX_EVIDENCE_OF_ONE + 20)
    for (const twin of twins) await b.replica.admit(twin.batch(a.who, b.who))
    expect(b.replica.shelf.count).toBe(MAX_EVIDENCE_OF_ONE)
    expect(b.replica.streams.size).toBe(1)
  })
})
