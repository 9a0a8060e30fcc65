/** Attacks by whoever carries what others said: every relay here is a real replica whose sessions lie for it. */
import { parseSignedHeader } from '@tocsin/journal'
import type { Audience } from '@tocsin/replica'
import { cardOf, forge, type Inhabitant, type Link, resigns } from '@tocsin/replica/testing'
import { decodeFrame } from '@tocsin/sync/testing'
import { verifyEvidence } from '@tocsin/trust'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Cast, createCast, letIn, membersAt, misforwards, publish, tell, titlesAt, turn } from './cast.ts'

let cast: Cast
/** Author, relay, receiver, and an honest one beside the relay. */
let a: Inhabitant
let relay: Inhabitant
let c: Inhabitant
let honest: Inhabitant

beforeEach(async () => {
  cast = await createCast(['a', 'relay', 'c', 'honest'], 2)
  ;[a, relay, c, honest] = cast.founders as [Inhabitant, Inhabitant, Inhabitant, Inhabitant]
})
afterEach(() => cast.town.end())

const codesOf = (link: Link): string[] =>
  link.reports.flatMap((report) => ('code' in report && report.type !== 'declined' ? [report.code] : []))
const TITLES = ['one', 'two', 'three']

/** Three bulletins that the relay holds and the receiver does not. */
async function said(): Promise<void> {
  for (const title of TITLES) await publish(a, cast.town, cast.amber, title)
  await cast.town.link(a, relay)
  expect(await titlesAt(relay, cast.town)).toEqual(TITLES)
}

/** One honest path is enough. */
async function comesOtherwise(): Promise<void> {
  const { town } = cast
  await town.link(a, honest)
  await town.link(honest, c)
  expect((await titlesAt(c, town)).sort()).toEqual([...TITLES].sort())
  expect(await c.replica.shelf.list()).toEqual([])
}

describe('a relay', () => {
  it('that keeps the rules brings everything, in order, and nobody is blamed', async () => {
    await said()
    const link = await cast.town.link(relay, c)
    expect(await titlesAt(c, cast.town)).toEqual(TITLES)
    expect(codesOf(link)).toEqual([])
  })

  it('that withholds streams delays nothing where another path is', async () => {
    await said()
    turn(relay, (port) => ({
      rows: (peer, scope) => port.rows(peer, scope).filter(({ kind }) => kind === 'register'),
      read: () => []
    }))
    await cast.town.link(relay, c)
    expect(await titlesAt(c, cast.town)).toEqual([])
    await comesOtherwise()
  })

  it('that withholds bodies and passes the chain on is not believed: `body-missing`, and another is asked', async () => {
    await said()
    turn(relay, (port) => ({
      read: (stream, first, most) => port.read(stream, first, most).map(({ header }) => ({ header, body: null }))
    }))
    const link = await cast.town.link(relay, c)
    expect(await titlesAt(c, cast.town)).toEqual([])
    expect(link.reports.some((report) => 'code' in report && report.code === 'body-missing')).toBe(true)
    await comesOtherwise()
  })

  it('that truncates a stream hides its end until one who has it is met', async () => {
    await said()
    turn(relay, (port) => ({
      rows: (peer, scope) =>
        port.rows(peer, scope).map((row) => {
          const [first] = row.kind === 'stream' ? port.read(row.key as never, 1, 1) : []
          return first === undefined ? row : { ...row, number: 1, hash: parseSignedHeader(first.header).id }
        }),
      head: (stream) => {
        const [first] = port.read(stream, 1, 1)
        return first === undefined ? undefined : { seq: 1, id: parseSignedHeader(first.header).id }
      },
      read: (stream, first, most) => (first > 1 ? [] : port.read(stream, 1, most).slice(0, 1))
    }))
    await cast.town.link(relay, c)
    expect(await titlesAt(c, cast.town)).toEqual(['one'])
    await comesOtherwise()
  })

  it('that reorders entries breaks the protocol: `bad-batch`', async () => {
    await said()
    turn(relay, (port) => ({
      read: (stream, first, most) => [...port.read(stream, first, most)].reverse()
    }))
    const link = await cast.town.link(relay, c)
    expect(await titlesAt(c, cast.town)).toEqual([])
    expect(codesOf(link)).toContain('bad-batch')
    await comesOtherwise()
  })

  it('that delays frames makes them late, and no worse', async () => {
    const { town } = cast
    await said()
    const late: Uint8Array[] = []
    const wire = (from: Inhabitant, frame: Uint8Array): readonly Uint8Array[] => {
      if (from !== relay || decodeFrame(frame).type !== 'batch') return [frame]
      late.push(frame)
      return []
    }
    const link = town.connect(relay, c, {}, wire)
    await town.settle()
    expect(late.length).toBeGreaterThan(0)
    expect(await titlesAt(c, town)).toEqual([])
    link.cut()
    // An hour later, in a session of another time, by its own hand: the hop proof is stale, and no evidence of anything.
    town.pass(3_600_000)
    turn(relay, (port) => {
      const proofs = new Map<string, Uint8Array>()
      town.pass(-3_600_000)
      for (const { id, state } of relay.replica.streams.all())
        proofs.set(id, port.hopProof(c.id, id, 1, state.seq, state.head as never))
      town.pass(3_600_000)
      return { hopProof: (peer, stream, ...range) => proofs.get(stream) ?? port.hopProof(peer, stream, ...range) }
    })
    const again = await town.link(relay, c)
    expect(again.reports.some((report) => 'code' in report && report.code === 'proof-other-time')).toBe(true)
    await comesOtherwise()
  })

  it.each([
    ['a byte of the body', 'body-mismatch', (_: Uint8Array, body: Uint8Array) => ({ body: flip(body, 20) })],
    ['the signature', 'bad-signature', (header: Uint8Array) => ({ header: flip(header, 189) })],
    ['the clock under the signature', 'bad-signature', (header: Uint8Array) => ({ header: flip(header, 80) })]
  ] as const)('that rewrites %s is refused: `%s`', async (_, code, change) => {
    await said()
    turn(relay, (port) => ({
      read: (stream, first, most) =>
        port.read(stream, first, most).map((entry, n) => {
          return n === 1 && entry.body !== null ? { ...entry, ...change(entry.header, entry.body) } : entry
        })
    }))
    const link = await cast.town.link(relay, c)
    // What stood before it is the author's own word.
    expect((await titlesAt(c, cast.town)).length).toBeLessThanOrEqual(1)
    expect(codesOf(link)).toContain(code)
    await comesOtherwise()
  })
})

function flip(bytes: Uint8Array, place: number): Uint8Array {
  return bytes.map((byte, n) => (n === place ? byte ^ 1 : byte))
}

describe('a relay that forwards beyond the audience', () => {
  const toOutsider = async (audience: Audience): Promise<{ outsider: Inhabitant; link: Link }> => {
    const { town } = cast
    const outsider = await town.inhabitant('outsider')
    await town.acquaint(relay, outsider)
    // It knows the author's card, as anybody may who was mailed one.
    await outsider.replica.addPeer(cardOf(a.who).bytes)
    await publish(a, town, audience, 'beyond')
    await town.link(a, relay)
    expect(await titlesAt(relay, town)).toEqual(['beyond'])
    misforwards(relay)
    return { outsider, link: await town.link(relay, outsider) }
  }

  it.each([
    ['RED', (): Audience => ({ tlp: 'RED', recipient: relay.id }), 'red-relayed'],
    ['AMBER+STRICT', (): Audience => ({ tlp: 'AMBER+STRICT', circle: cast.circle }), 'strict-relayed']
  ] as const)('of TLP:%s is refused and leaves evidence that needs no roster: `%s`', async (_, audience, code) => {
    const { outsider, link } = await toOutsider(audience())
    expect(codesOf(link)).toContain(code)
    expect(await titlesAt(outsider, cast.town)).toEqual([])
    const [kept] = await outsider.replica.shelf.list()
    const bundle = kept?.bundle ?? new Uint8Array(0)
    expect(verifyEvidence(bundle, cardOf(relay.who).bytes)).toMatchObject({
      ok: true,
      doubtful: false,
      evidence: { kind: 'misforward', accused: relay.id, code }
    })
    expect(verifyEvidence(bundle, cardOf(a.who).bytes)).toMatchObject({ ok: false })
  })

  it.each([
    ['RED', (): Audience => ({ tlp: 'RED', recipient: relay.id }), 'red-relayed'],
    ['AMBER+STRICT', (): Audience => ({ tlp: 'AMBER+STRICT', circle: cast.circle }), 'strict-relayed']
  ] as const)('of TLP:%s to a member of the same circle is refused as well: `%s`', async (_, audience, code) => {
    const { town } = cast
    await publish(a, town, audience(), 'within')
    await town.link(a, relay)
    misforwards(relay)
    const link = await town.link(relay, c)
    expect(codesOf(link)).toContain(code)
    expect(await titlesAt(c, town)).toEqual([])
    expect((await c.replica.shelf.list()).length).toBe(1)
    // From its author a member has AMBER+STRICT all the same.
    await town.link(a, c)
    expect(await titlesAt(c, town)).toEqual(audience().tlp === 'RED' ? [] : ['within'])
  })

  it.each([
    ['AMBER', (): Audience => cast.amber, /amber-|unknown-circle/],
    ['GREEN', (): Audience => ({ tlp: 'GREEN' }), /green-no-shared-circle/]
  ] as const)('of TLP:%s to somebody outside is not taken', async (_, audience, code) => {
    const { outsider, link } = await toOutsider(audience())
    const declined = link.reports.flatMap((report) => ('code' in report ? [report.code] : []))
    expect(declined.some((one) => code.test(one))).toBe(true)
    expect(await titlesAt(outsider, cast.town)).toEqual([])
    expect([...outsider.replica.streams.all()]).toEqual([])
  })

  it('of TLP:AMBER past a roster that both signed leaves evidence: `amber-receiver-not-member`', async () => {
    const { town, amber, circle } = cast
    const former = await town.inhabitant('former')
    await letIn(cast, former, [a, relay])
    expect(membersAt(former, circle)).toContain(former.id)
    const stream = forge(a.who, amber, town.now)
    stream.add()
    // It leaves: both know, and compute the same roster without it.
    await tell(former, undefined, resigns(former.who, circle))
    await tell(relay, former, resigns(former.who, circle))
    const digest = relay.replica.book.roster(circle)?.digest
    expect(former.replica.book.roster(circle)?.digest).toBe(digest)
    expect(relay.replica.sync.maySend(former.id, stream.id)).toMatchObject({ allowed: false })
    expect(await former.replica.admit(stream.batch(relay.who, former.who, {}, { digest }))).toMatchObject({
      verdict: 'reject',
      code: 'amber-receiver-not-member'
    })
    const [kept] = await former.replica.shelf.list()
    expect(verifyEvidence(kept?.bundle ?? new Uint8Array(0), cardOf(relay.who).bytes)).toMatchObject({
      ok: true,
      evidence: { accused: relay.id, code: 'amber-receiver-not-member' }
    })
    // A member takes the very same.
    expect(await c.replica.admit(stream.batch(relay.who, c.who, {}, { digest }))).toMatchObject({ accepted: 1 })
  })

  it('of TLP:CLEAR is no offence, since anybody may have it', async () => {
    const { outsider, link } = await toOutsider({ tlp: 'CLEAR' })
    expect(codesOf(link)).toEqual([])
    expect(await titlesAt(outsider, cast.town)).toEqual(['beyond'])
    expect(await outsider.replica.shelf.list()).toEqual([])
  })
})
