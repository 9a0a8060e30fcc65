/** Each rule of the door, by the code it refuses with, and what must come through all the same. */
import { encode, openBody, quarterOf, quarterStart, sealBody, signedHeaderBytes, toHex } from '@tocsin/journal'
import type { EntryId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { createBulletinReader } from './bulletins.ts'
import { DAY, HOUR, MAX_AHEAD, MINUTE } from './constants.ts'
import { ADMIT_ERRORS } from './errors.ts'
import type { IncomingBatch } from './hop-door.ts'
import { forge, plainBulletin, withBodies } from './testing/forge.ts'
import { cardOf, institution } from './testing/institution.ts'
import type { Inhabitant } from './testing/town.ts'
import { a, amber, b, c, meetBeforeEach, town } from './testing/trio.ts'
import type { Audience, Outcome } from './types.ts'

const seen = new Set<string>()
meetBeforeEach()

async function admit(at: Inhabitant, batch: IncomingBatch): Promise<Outcome> {
  const outcome = await at.replica.admit(batch)
  if (outcome.code !== undefined) seen.add(outcome.code)
  return outcome
}

async function refused(at: Inhabitant, batch: IncomingBatch, verdict: 'ignore' | 'reject', code: string) {
  const outcome = await admit(at, batch)
  expect(outcome).toMatchObject({ verdict, code })
  return outcome
}

const stream = (audience: Audience = amber, more: Parameters<typeof forge>[3] = {}) =>
  forge(a.who, audience, town.now, more)

async function titles(at: Inhabitant): Promise<string[]> {
  const { store, streams, book, identity } = at.replica
  const reader = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  const { items } = await reader.page({}, { maxTlp: 'RED', use: 'hunt' }, { order: 'arrival', limit: 100 })
  return items.map(({ summary }) => summary?.title ?? '?')
}

describe('the shell of an entry', () => {
  it('unsigned, altered, of another key: rejected', async () => {
    const s = stream()
    s.add()
    const good = s.batch(a.who, b.who)
    const [entry] = good.entries
    if (entry === undefined) throw new Error('empty')
    const header = Uint8Array.from(entry.header)
    header[189] = (header[189] ?? 0) ^ 1
    await refused(b, { ...good, entries: [{ ...entry, header }] }, 'reject', 'bad-signature')
    const other = stream()
    other.add({ key: b.who.node })
    await refused(b, other.batch(a.who, b.who), 'reject', 'bad-signature')
    await refused(
      b,
      withBodies(good, (body) => body && Uint8Array.from(body, (n, i) => (i === 9 ? n ^ 1 : n))),
      'reject',
      'body-mismatch'
    )
    await refused(
      b,
      withBodies(good, (body) => body?.subarray(1) ?? null),
      'reject',
      'body-mismatch'
    )
    expect(b.replica.streams.size).toBe(0)
  })

  it('truncated, empty, of a later version: rejected, or ignored where a later version may be right', async () => {
    const s = stream()
    s.add()
    const good = s.batch(a.who, b.who)
    const [entry] = good.entries
    if (entry === undefined) throw new Error('empty')
    const change = (bytes: Uint8Array, at: number, value: number) => {
      const out = Uint8Array.from(bytes)
      out[at] = value
      return out
    }
    const cut = { ...entry, header: entry.header.subarray(0, 100) }
    await refused(b, { ...good, entries: [cut] }, 'reject', 'entry-length')
    await refused(b, { ...good, descriptor: good.descriptor.subarray(0, 100) }, 'reject', 'descriptor-length')
    await refused(b, { ...good, entries: [] }, 'reject', 'empty-batch')
    await refused(b, { ...good, descriptor: change(good.descriptor, 0, 2) }, 'ignore', 'unknown-version')
    await refused(
      b,
      { ...good, entries: [{ ...entry, header: change(entry.header, 0, 2) }] },
      'ignore',
      'unknown-version'
    )
  })

  it('oversize: its header alone refuses it', async () => {
    const s = stream()
    const { header } = { header: s.add() }
    const bytes = signedHeaderBytes(header)
    new DataView(bytes.buffer).setUint32(82, 64 * 2 ** 20)
    await refused(
      b,
      { ...s.batch(a.who, b.who), entries: [{ header: bytes, body: null }] },
      'reject',
      'entry-body-length'
    )
  })

  it('replayed into another stream of the same key: rejected, and no fork of it', async () => {
    const one = stream()
    one.add()
    one.add()
    const other = stream({ tlp: 'GREEN' })
    other.add()
    other.add()
    expect(await admit(b, one.batch(a.who, b.who))).toMatchObject({ verdict: 'accept' })
    const replay = { ...one.batch(a.who, b.who), entries: other.entries }
    await refused(b, replay, 'reject', 'wrong-stream')
    expect(b.replica.streams.get(one.id)?.state.forkedAt).toBeUndefined()
    expect(b.replica.shelf.count).toBe(0)
  })

  it('out of chain: a gap is ignored, anything else rejected', async () => {
    const s = stream()
    for (let n = 0; n < 4; n++) s.add()
    expect(await refused(b, s.batch(a.who, b.who, { first: 3 }), 'ignore', 'gap')).toMatchObject({ have: 0 })
    const holed = s.batch(a.who, b.who)
    await refused(b, { ...holed, entries: holed.entries.filter((_, n) => n !== 1) }, 'reject', 'seq-gap')
    const falls = stream()
    falls.add()
    falls.add({ clock: town.now() - 1 })
    await refused(b, falls.batch(a.who, b.who), 'reject', 'clock-falls')
    const outside = stream()
    outside.add({ clock: quarterStart(quarterOf(town.now())) - 1 })
    await refused(b, outside.batch(a.who, b.who), 'reject', 'clock-outside-quarter')
    const broken = stream()
    broken.add()
    broken.add({ previous: 'ab'.repeat(32) as EntryId, key: b.who.node })
    await refused(b, broken.batch(a.who, b.who), 'reject', 'bad-signature')
  })

  it('ahead of time: ignored until its time has come', async () => {
    const s = stream()
    s.add({ clock: town.now() + MAX_AHEAD + MINUTE })
    const outcome = await refused(b, s.batch(a.who, b.who), 'ignore', 'too-new')
    expect(outcome.retryAfter).toBeGreaterThan(0)
    town.pass(2 * MINUTE)
    expect(await admit(b, s.batch(a.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 1 })
  })

  it('lets in what precedes the one that has to wait', async () => {
    const s = stream()
    s.add()
    s.add({ clock: town.now() + HOUR })
    expect(await refused(b, s.batch(a.who, b.who), 'ignore', 'too-new')).toMatchObject({ accepted: 1, have: 1 })
  })

  it('keep-until outside the charter, kinds in the wrong stream: rejected', async () => {
    for (const keepUntil of [town.now() + HOUR, town.now() + 731 * DAY]) {
      const s = stream()
      s.add({ keepUntil })
      await refused(b, s.batch(a.who, b.who), 'reject', 'keep-until-out-of-bounds')
    }
    const retraction = { targets: ['ab'.repeat(32)], reason: 'x' }
    const log = stream()
    log.add({ kind: 'retraction', value: retraction })
    await refused(b, log.batch(a.who, b.who), 'reject', 'kind-not-in-stream')
    const retractions = stream(amber, { kind: 'retraction' })
    retractions.add()
    await refused(b, retractions.batch(a.who, b.who), 'reject', 'kind-not-in-stream')
  })

  it('labels that contradict each other never get as far as a rule', async () => {
    const s = stream()
    s.add()
    const descriptor = Uint8Array.from(s.descriptor)
    // TLP byte: AMBER's circle under GREEN's name.
    descriptor[84] = 2
    await refused(b, { ...s.batch(a.who, b.who), descriptor }, 'reject', 'descriptor-audience')
  })
})

describe('a body', () => {
  it('may be missing only if retracted or past its time; another peer is asked otherwise', async () => {
    const s = stream()
    const first = s.add()
    s.add({ keepUntil: town.now() + 2 * DAY })
    const bare = () => withBodies(s.batch(a.who, b.who), () => null)
    // Asked for again: what excuses it may be on its way.
    expect(await refused(b, bare(), 'ignore', 'body-missing')).toMatchObject({ retryAfter: MINUTE })
    const retractions = stream(amber, { kind: 'retraction' })
    retractions.add({ kind: 'retraction', value: { targets: [first.id], reason: 'x' } })
    expect(await admit(b, retractions.batch(a.who, b.who))).toMatchObject({ verdict: 'accept' })
    expect(await refused(b, bare(), 'ignore', 'body-missing')).toMatchObject({ accepted: 1, have: 1 })
    town.pass(2 * DAY - MINUTE)
    // The sender's clock may be a minute ahead: soon it will be right here, too.
    expect(await refused(b, bare(), 'ignore', 'body-missing')).toMatchObject({ retryAfter: MINUTE })
    town.pass(MINUTE)
    expect(await admit(b, bare())).toMatchObject({ verdict: 'accept', have: 2 })
  })

  it('of an unknown version, an unknown kind or a strange shape is held opaque, relayed, and stops nobody', async () => {
    const s = stream()
    const opened = openBody('bulletin', sealBody('bulletin', plainBulletin('x')))
    if (!opened.ok) throw new Error('not readable')
    s.add({ body: encode([new Uint8Array(16), 2, opened.value]) })
    s.add({ kind: 77, body: new Uint8Array(1000).fill(7) })
    s.add({ body: encode([new Uint8Array(16), 1, { ...opened.value, surprise: true }]) })
    s.add({ body: Uint8Array.of(0x5f, 0xff) })
    s.add({ value: plainBulletin('the next one') })
    expect(await admit(b, s.batch(a.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 5 })
    expect(await titles(b)).toEqual(['the next one'])
    const relayed = town.batch(b, c, s.id)
    expect(await admit(c, relayed)).toMatchObject({ verdict: 'accept', accepted: 5 })
    expect(relayed.entries.map(({ body }) => body)).toEqual(s.entries.map(({ body }) => body))
    const rows = b.events.flatMap((event) => (event.type === 'entries' ? event.rows : []))
    expect(rows.map(({ row }) => row.opaque)).toEqual([
      'unknown-version',
      'unknown-kind',
      'bad-shape',
      'bad-cbor',
      undefined
    ])
  })
})

describe('the author', () => {
  it('whose card is unknown is ignored, and taken once it is there', async () => {
    const stranger = institution('stranger')
    const s = forge(stranger, { tlp: 'RED', recipient: b.id }, town.now)
    s.add()
    await refused(b, s.batch(stranger, b.who), 'ignore', 'author-card-unknown')
    await b.replica.addPeer(cardOf(stranger).bytes)
    expect(await admit(b, s.batch(stranger, b.who))).toMatchObject({ verdict: 'accept' })
  })

  it('whose card does not certify the key, or retired it, is ignored', async () => {
    const s = stream(amber, { nodeKey: c.who.nodeKey })
    s.add({ key: c.who.node })
    await refused(b, s.batch(a.who, b.who), 'ignore', 'node-key-not-certified')
    const right = stream()
    right.add()
    const keysOf = [
      { key: a.who.node, until: town.now() + HOUR },
      { key: a.who.next, from: town.now() }
    ]
    const rotated = cardOf(a.who, {
      number: town.now() + 1,
      keys: keysOf,
      next: toHex(institution('spare').node.publicKey)
    })
    await b.replica.admitRegisters([rotated.bytes], a.id)
    expect(await admit(b, right.batch(a.who, b.who))).toMatchObject({ verdict: 'accept' })
    town.pass(2 * HOUR)
    right.add()
    await refused(b, right.batch(a.who, b.who, { first: 2 }, { key: a.who.next }), 'ignore', 'stream-frozen')
    expect(b.replica.sync.maySend(c.id, right.id)).toEqual({ allowed: false, code: 'stream-frozen' })
  })

  it('whose node key two root keys claim is frozen, neither institution is', async () => {
    const s = stream()
    s.add()
    const thief = institution('thief')
    const claim = cardOf(thief, { keys: [{ key: thief.node }, { key: a.who.node }] })
    await b.replica.addPeer(claim.bytes)
    await refused(b, s.batch(c.who, b.who), 'ignore', 'node-key-contested')
    expect(b.replica.peers().find(({ institution: id }) => id === a.id)?.nodeKeys).toEqual([
      toHex(a.who.next.publicKey)
    ])
    // The same author goes on with another key.
    const other = cardOf(a.who, {
      number: town.now() + 1,
      keys: [{ key: a.who.node }, { key: a.who.next }],
      next: toHex(institution('spare').node.publicKey)
    })
    await b.replica.admitRegisters([other.bytes], c.id)
    const fresh = stream(amber, { nodeKey: toHex(a.who.next.publicKey) as never })
    fresh.add({ key: a.who.next })
    expect(await admit(b, fresh.batch(c.who, b.who))).toMatchObject({ verdict: 'accept' })
  })

  it('may open 64 incarnations in a quarter, and no more', async () => {
    for (let n = 0; n < 64; n++) {
      const s = stream()
      s.add()
      expect(await admit(b, s.batch(a.who, b.who))).toMatchObject({ verdict: 'accept' })
    }
    const s = stream()
    s.add()
    await refused(b, s.batch(a.who, b.who), 'ignore', 'too-many-incarnations')
  })

  it('cannot bring back streams that are past everybody’s keep-until', async () => {
    const old = quarterOf(town.now()) - 10
    const s = stream(amber, { quarter: old })
    s.add({ clock: quarterStart(old), keepUntil: quarterStart(old) + 2 * DAY })
    await refused(b, s.batch(a.who, b.who), 'ignore', 'overdue')
  })

  it('may retract 10,000 a day; what a relay makes fail does not use it up', async () => {
    const s = stream(amber, { kind: 'retraction' })
    const targets = Array.from({ length: 1000 }, (_, n) => n.toString(16).padStart(64, '0'))
    for (let n = 0; n < 12; n++) s.add({ kind: 'retraction', value: { targets, reason: 'x' } })
    const spoilt = s.batch(a.who, b.who, { last: 4 })
    for (let n = 0; n < 4; n++) {
      const entries = spoilt.entries.map((entry, at) => (at === 3 ? { ...entry, body: new Uint8Array(3) } : entry))
      await refused(b, { ...spoilt, entries }, 'reject', 'body-mismatch')
    }
    const outcome = await refused(b, s.batch(a.who, b.who), 'ignore', 'too-many-retractions')
    expect(outcome.accepted).toBe(10)
    // Until another one fits.
    expect(outcome.retryAfter).toBe(DAY / 10)
  })
})

describe('the table of codes', () => {
  it('names nothing that these tests and those of forks, own streams and registers do not produce', () => {
    const elsewhere = [
      'fork', // forks.test.ts
      'bad-hop-proof', // admit-hop.test.ts
      'too-many-forks', // spread-audience.test.ts
      'quota-author', // quotas.test.ts
      'quota-peer', // quotas.test.ts
      'foreign-entry', // own-streams.test.ts
      'old-register', // registers.test.ts
      'stream-closed', // closings.test.ts
      'too-many-closings', // closings.test.ts
      'register-not-ours', // registers.test.ts
      'too-many-circles', // registers.test.ts
      'too-many-statements' // registers.test.ts
    ]
    const missing = Object.keys(ADMIT_ERRORS).filter((code) => !seen.has(code) && !elsewhere.includes(code))
    expect(missing).toEqual([])
  })
})
