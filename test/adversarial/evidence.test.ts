/** Attacks on what is shown to others: proofs that are forged or moved, and retractions that are made to harm. */
import { prepareRegister, signRegister, toHex } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { audienceOf } from '@tocsin/replica'
import { branches, cardOf, forge, type Inhabitant, withBodies } from '@tocsin/replica/testing'
import { keys } from '@tocsin/store'
import { decodeEvidence, encodeEvidence, verifyEvidence } from '@tocsin/trust'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { at, type Cast, createCast, letIn, misforwards, publish, tell, titlesAt, turn } from './cast.ts'

const DAY = 86_400_000
/** So long others are asked for what a fork may excuse (packages/replica/src/constants.ts). */
const EXCUSE_PATIENCE = 120_000
let cast: Cast
let a: Inhabitant
let relay: Inhabitant
let c: Inhabitant
let keeper: Inhabitant

beforeEach(async () => {
  cast = await createCast(['a', 'relay', 'c', 'keeper'], 2)
  ;[a, relay, c, keeper] = cast.founders as [Inhabitant, Inhabitant, Inhabitant, Inhabitant]
})
afterEach(() => cast.town.end())

describe('a hop proof', () => {
  it('that is forged, of another sender, receiver, stream or range is refused, and accuses nobody', async () => {
    const { town, circle } = cast
    const strict = forge(a.who, { tlp: 'AMBER+STRICT', circle }, town.now)
    const other = forge(a.who, { tlp: 'AMBER+STRICT', circle }, town.now)
    for (const stream of [strict, other]) for (let n = 0; n < 2; n++) stream.add()
    const good = strict.batch(a.who, c.who)
    const attempts = [
      // The liar wants it to look as if the relay had sent it.
      ['bad-hop-proof', { ...strict.batch(relay.who, c.who, {}, { key: a.who.node }), from: relay.id }],
      ['bad-hop-proof', { ...good, proof: new Uint8Array(good.proof.length) }],
      ['bad-hop-proof', { ...good, proof: good.proof.map((byte, n) => (n === 100 ? byte ^ 1 : byte)) }],
      ['proof-other-sender', { ...strict.batch(relay.who, c.who, {}, { key: a.who.node }), from: a.id }],
      ['proof-other-receiver', strict.batch(a.who, c.who, {}, { to: relay.who })],
      ['proof-other-stream', { ...good, proof: other.batch(a.who, c.who).proof }],
      ['proof-other-range', { ...good, proof: strict.batch(a.who, c.who, { last: 1 }).proof }]
    ] as const
    for (const [code, batch] of attempts)
      expect(await c.replica.admit(batch)).toMatchObject({ verdict: 'reject', code, accepted: 0 })
    expect(await c.replica.shelf.list()).toEqual([])
    expect(await c.replica.admit(good)).toMatchObject({ verdict: 'accept', accepted: 2 })
  })

  it('of a lawful hop that is transplanted into evidence of an offence does not verify, part by part', async () => {
    const { town, circle } = cast
    const strict = await publish(a, town, { tlp: 'AMBER+STRICT', circle }, 'strict')
    const amber = await publish(a, town, cast.amber, 'amber')
    await town.link(a, relay)
    // What the relay lawfully signed: for AMBER to a member, and for the author's own stream back to it.
    const lawful = [town.batch(relay, c, amber.stream).proof, town.batch(relay, a, strict.stream).proof]
    misforwards(relay)
    await town.link(relay, c)
    const [kept] = await c.replica.shelf.list()
    const real = decodeEvidence(kept?.bundle ?? new Uint8Array(0))
    const card = cardOf(relay.who).bytes
    expect(verifyEvidence(encodeEvidence(real), card)).toMatchObject({ ok: true })
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
    const amberParts = town.batch(relay, c, amber.stream)
    const changes = [
      ...lawful.map((proof) => ({ proof: hex(proof) })),
      { descriptor: hex(amberParts.descriptor) },
      { header: hex(at(amberParts.entries, 0).header) },
      // All of a lawful hop, under the name of an offence.
      {
        proof: hex(amberParts.proof),
        descriptor: hex(amberParts.descriptor),
        header: hex(at(amberParts.entries, 0).header)
      }
    ]
    for (const parts of changes)
      expect(verifyEvidence(encodeEvidence({ ...real, parts: { ...real.parts, ...parts } }), card)).toMatchObject({
        ok: false
      })
    // Nor against another, nor under another rule.
    for (const change of [{ accused: a.id }, { code: 'red-relayed' }])
      expect(verifyEvidence(encodeEvidence({ ...real, ...change }), card)).toMatchObject({ ok: false })
    expect(verifyEvidence(encodeEvidence({ ...real, accused: a.id }), cardOf(a.who).bytes)).toMatchObject({ ok: false })
  })

  it('of one offence that is repeated a hundred times fills no shelf', async () => {
    const { town, circle } = cast
    const strict = forge(a.who, { tlp: 'AMBER+STRICT', circle }, town.now)
    strict.add()
    for (let n = 0; n < 100; n++) await c.replica.admit(strict.batch(relay.who, c.who, {}, { time: town.now() + n }))
    expect((await c.replica.shelf.list()).length).toBe(1)
  })
})

describe('a retracted body', () => {
  it('that a relay kept and brings back is not shown, not kept and not passed on', async () => {
    const { town, amber } = cast
    const gone = await publish(a, town, amber, 'gone')
    await publish(a, town, amber, 'stays')
    await town.link(a, relay)
    const keptBodies = new Map(
      relay.replica.sync
        .read(gone.stream, 1, 2 ** 20)
        .map(({ header, body }) => [Buffer.from(header).toString('hex'), body])
    )
    await a.replica.publish.retract(
      [{ entry: gone.entry, audience: audienceOf(amber), keepUntil: town.now() + 30 * DAY }],
      'a mistake'
    )
    await town.settle()
    town.pass(2 * DAY)
    for (const one of [a, relay]) await one.replica.tick()
    expect(relay.replica.store.get(keys.body(gone.stream, gone.seq))).toBeUndefined()

    turn(relay, (port) => ({
      read: (stream, first, most) =>
        port.read(stream, first, most).map(({ header, body }) => ({
          header,
          body: body ?? keptBodies.get(Buffer.from(header).toString('hex')) ?? null
        }))
    }))
    // To a newcomer that never held it, which hears of retractions first; and to one that erased it.
    const newcomer = await town.inhabitant('newcomer')
    await letIn(cast, newcomer, [a, c])
    await town.acquaint(relay, newcomer)
    for (const one of [newcomer, c]) {
      await town.link(relay, one)
      expect(await titlesAt(one, town)).toEqual(['stays'])
      town.pass(2 * DAY)
      await one.replica.tick()
      expect(one.replica.store.get(keys.body(gone.stream, gone.seq))).toBeUndefined()
      expect(at(one.replica.sync.read(gone.stream, gone.seq, 2 ** 20), 0).body).toBeNull()
    }
    // Straight at the door of one that has erased it.
    const batch = town.batch(relay, c, gone.stream)
    expect(at(batch.entries, 0).body).not.toBeNull()
    await c.replica.admit(batch)
    expect(await titlesAt(c, town)).toEqual(['stays'])
    expect(c.replica.store.get(keys.body(gone.stream, gone.seq))).toBeUndefined()
  })
})

describe('a body past its time', () => {
  it('that a relay kept and hands out is not kept, and not offered by those who keep the rules', async () => {
    const { town, amber } = cast
    const short = forge(a.who, amber, town.now)
    short.add({ value: bulletinOf('erased'), keepUntil: town.now() + DAY })
    short.add({ value: bulletinOf('whole') })
    for (const one of [relay, keeper]) await one.replica.admit(short.batch(a.who, one.who))
    expect((await titlesAt(keeper, town)).sort()).toEqual(['erased', 'whole'])
    town.pass(2 * DAY)
    // It was not even erased yet, and is neither offered nor handed over.
    expect(at(keeper.replica.sync.read(short.id, 1, 2 ** 20), 0).body).toBeNull()
    expect(at(keeper.replica.sync.read(short.id, 2, 2 ** 20), 0).body).not.toBeNull()
    turn(relay, (port) => ({
      read: (stream, first, most) =>
        stream === short.id ? short.entries.slice(first - 1) : port.read(stream, first, most)
    }))
    await town.link(relay, c)
    expect(await titlesAt(c, town)).toEqual(['whole'])
    expect(c.replica.streams.get(short.id)?.state.seq).toBe(2)
    expect(c.replica.store.get(keys.body(short.id, 1))).toBeUndefined()
  })
})

describe('a malicious owner', () => {
  it('that closes a stream to disown what it said is shown by evidence that anybody verifies, and unsays nothing', async () => {
    const { town, amber } = cast
    const said = [await publish(a, town, amber, 'true'), await publish(a, town, amber, 'regretted')]
    await town.link(a, relay)
    const { stream } = at(said, 0)
    const descriptor = a.replica.sync.descriptor(stream) ?? new Uint8Array(0)
    const closing = (last: number) =>
      signRegister(
        prepareRegister({
          kind: 'closing',
          author: a.id,
          stream,
          number: 1,
          value: { stream: toHex(descriptor), last, head: at(said, last - 1).entry }
        }),
        a.who.root
      )
    await tell(relay, a, closing(1))
    expect(await titlesAt(relay, town)).toEqual(['true'])
    expect(relay.replica.alarms().map(({ code }) => code)).toContain('disowned')
    const shown = await relay.replica.shelf.list()
    expect(shown.map(({ bundle }) => decodeEvidence(bundle).kind)).toEqual(['disowned'])
    const { bundle } = at(shown, 0)
    const verdict = verifyEvidence(bundle, cardOf(a.who).bytes)
    expect(verdict).toMatchObject({ ok: true, evidence: { accused: a.id } })
    // What it said is still there as a header that its node key signed.
    const { header } = decodeEvidence(bundle).parts
    expect(header).toContain(toHex(at(relay.replica.sync.read(stream, 1, 1), 0).header).slice(0, 66))
    // It cannot have it both ways: a second closing that differs is a fork, and the stream goes to nobody.
    await tell(relay, a, closing(2))
    await town.link(relay, c)
    expect(await titlesAt(c, town)).toEqual([])
    expect(verifyEvidence(bundle, cardOf(c.who).bytes)).toMatchObject({ ok: false })
  })
})

describe('a voided retraction', () => {
  it('hides nothing any more, and stops no newcomer: the body that it made others erase is excused', async () => {
    const { town, amber } = cast
    const said = forge(a.who, amber, town.now)
    for (const title of ['erased', 'whole']) said.add({ value: bulletinOf(title) })
    // The thief of a's key retracts; then a fork of the retraction stream voids what stands behind the split.
    const incarnation = 'ab'.repeat(16)
    const retracts = (target: EntryId) => {
      const stream = forge(a.who, amber, town.now, { kind: 'retraction', incarnation })
      stream.add({ kind: 'retraction', value: { targets: [target], reason: 'x' } })
      return stream
    }
    const thief = retracts(at(said.headers, 0).id)
    for (const one of [relay, keeper]) await one.replica.admit(said.batch(a.who, one.who))
    await relay.replica.admit(thief.batch(a.who, relay.who))
    expect(await titlesAt(relay, town)).toEqual(['whole'])
    town.pass(2 * DAY)
    await relay.replica.tick()
    const owner = retracts('ff'.repeat(32) as EntryId)
    expect(await relay.replica.admit(owner.batch(a.who, relay.who))).toMatchObject({ code: 'fork' })

    // Others are asked for it first.
    const early = await town.link(relay, c)
    expect(c.replica.streams.get(said.id as StreamId)).toBeUndefined()
    early.cut()
    town.pass(EXCUSE_PATIENCE)
    const link = await town.link(relay, c)
    expect(c.replica.streams.get(said.id as StreamId)?.state.seq).toBe(2)
    expect(await titlesAt(c, town)).toContain('whole')
    expect(link.reports.filter(({ type }) => type === 'rejected' || type === 'violation')).toEqual([])
    // Where the body still is, it is in use again.
    await town.link(relay, keeper)
    expect((await titlesAt(keeper, town)).sort()).toEqual(['erased', 'whole'])
    // A body that no retraction of this audience can have named may not be missing.
    const bare = forge(a.who, { tlp: 'CLEAR' }, town.now)
    bare.add()
    expect(await c.replica.admit(withBodies(bare.batch(relay.who, c.who), () => null))).toMatchObject({
      code: 'body-missing'
    })
  })
})

describe('a fork of the retraction stream', () => {
  it('gives a relay no leave to withhold bodies that others have: `body-missing`, old ones and new ones', async () => {
    const { town, amber } = cast
    await publish(a, town, amber, 'old')
    const [one, other] = branches(a.who, amber, town.now, [0, 0, 0], { kind: 'retraction' })
    for (const [side, target] of [
      [one, 'ab'],
      [other, 'cd']
    ] as const) {
      side.add({ kind: 'retraction', value: { targets: [target.repeat(32)], reason: 'x' } })
      await relay.replica.admit(side.batch(a.who, relay.who))
    }
    for (const member of [relay, keeper]) {
      const link = await town.link(a, member)
      link.cut()
    }
    turn(relay, (port) => ({
      read: (stream, first, most) => port.read(stream, first, most).map(({ header }) => ({ header, body: null }))
    }))
    // Long enough for an honest one to have erased for what lies behind the split.
    town.pass(3 * DAY)
    const bare = async (): Promise<void> => {
      const link = await town.link(relay, c)
      expect(link.reports.some((report) => 'code' in report && report.code === 'body-missing')).toBe(true)
      link.cut()
    }
    await bare()
    expect([...c.replica.forks.all()].length).toBe(1)
    const honest = await town.link(keeper, c)
    expect(await titlesAt(c, town)).toEqual(['old'])
    honest.cut()
    // What is said now was erased by nobody, however long it is asked for.
    await publish(a, town, amber, 'new')
    await town.link(a, relay)
    for (let n = 0; n < 3; n++) {
      await bare()
      town.pass(EXCUSE_PATIENCE)
    }
    await town.link(a, keeper)
    await town.link(keeper, c)
    expect(await titlesAt(c, town)).toEqual(['old', 'new'])
  })
})

function bulletinOf(title: string): object {
  return {
    id: `00000000-0000-4000-8000-${title === 'erased' ? 'e'.repeat(12) : 'f'.repeat(12)}`,
    title,
    text: 'a text',
    threat: 'phishing',
    pap: 'GREEN',
    confidence: 50,
    tags: [],
    indicators: [],
    references: [],
    rules: [],
    about: [],
    attachments: []
  }
}
