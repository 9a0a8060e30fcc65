/** Stale rosters (DESIGN §7): AMBER flows from a node only while it hears of enough others. */
import { prepareRegister, type SignedRegister, signRegister } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, MINUTE } from './constants.ts'
import { accepts, cardOf, charterOf, institution, revokes, vouches } from './testing/institution.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './testing/town.ts'
import type { Audience } from './types.ts'

let town: Town
let a: Inhabitant
let b: Inhabitant
let c: Inhabitant
let d: Inhabitant
let x: Inhabitant
let circle: CircleId

beforeEach(async () => {
  town = createTown()
  const all = []
  for (const name of ['a', 'b', 'c', 'd', 'x']) all.push(await town.inhabitant(name))
  ;[a, b, c, d, x] = all as [Inhabitant, Inhabitant, Inhabitant, Inhabitant, Inhabitant]
  await town.acquaint(...all)
  circle = await town.circle(all)
})
afterEach(() => town.end())

async function publish(one: Inhabitant, audience: Audience) {
  const [entry] = await one.replica.publish.bulletin(bulletin([audience], town.now()))
  if (entry === undefined) throw new Error('nothing published')
  return entry.stream
}

/** May this stream go from one to the other, by the rosters and presences that the first holds? */
function flows(from: Inhabitant, to: Inhabitant, stream: string): string {
  const verdict = from.replica.sync.maySend(to.id, stream as never)
  return verdict.allowed ? 'allowed' : verdict.code
}

const presenceOf = (holder: Inhabitant, of: Inhabitant): SignedRegister | undefined =>
  [...holder.replica.book.saidIn(circle, 'presence')].find(({ register }) => register.author === of.id)

/** All but a expel x: more than half of the founders. */
async function expel(): Promise<void> {
  for (const one of [b, c, d]) await one.replica.admitRegisters([revokes(one.who, x.who, circle).bytes], undefined)
}

const stale = (one: Inhabitant) => one.replica.presences.freshness(circle)?.code

async function days(count: number, ...awake: Inhabitant[]): Promise<void> {
  for (let day = 0; day < count; day++) {
    town.pass(DAY)
    for (const one of awake) await one.replica.tick()
    await town.settle()
  }
}

describe('a node fed by one expelled peer alone', () => {
  it('stops after seven days: AMBER and AMBER+STRICT no longer flow from it', async () => {
    const amber = await publish(a, { tlp: 'AMBER', circle })
    const strict = await publish(a, { tlp: 'AMBER+STRICT', circle })
    await town.link(a, x)
    // The others expel x, and a does not hear of it: x is all that it is linked to.
    await expel()
    await days(6, a, x)
    expect([flows(a, x, amber), flows(a, x, strict)]).toEqual(['allowed', 'allowed'])
    await days(1, a, x)
    expect([flows(a, x, amber), flows(a, x, strict)]).toEqual(['presences-missing', 'presences-missing'])
    const later = await publish(a, { tlp: 'AMBER', circle })
    await town.settle()
    expect(x.replica.streams.get(later as never)?.state.seq).toBe(1)
    expect(a.replica.streams.get(later as never)?.state.seq).toBe(2)
    expect(a.replica.presences.freshness(circle)).toMatchObject({ needed: 2, present: [x.id] })
  })

  it('stops in the moment in which it wakes from a long sleep, before anything ticks', async () => {
    const amber = await publish(a, { tlp: 'AMBER', circle })
    await town.link(a, x)
    await days(1, a, x)
    expect(flows(a, b, amber)).toBe('allowed')
    town.pass(10 * DAY)
    expect(flows(a, b, amber)).toBe('presences-missing')
    // Asking took nothing from the tick: whoever listens is told that it ceased.
    const told = a.events.length
    await a.replica.tick()
    expect(a.events.slice(told).map(({ type }) => type)).toContain('roster-changed')
  })

  it('flows again, and to the others alone, once it hears of them', async () => {
    await town.link(a, x)
    await town.link(b, c)
    await town.link(c, d)
    await expel()
    await town.settle()
    await days(8, a, b, c, d, x)
    const stream = await publish(a, { tlp: 'AMBER', circle })
    expect(stale(a)).toBe('presences-missing')
    await town.link(a, b)
    expect(stale(a)).toBeUndefined()
    expect(b.replica.streams.get(stream as never)?.state.seq).toBe(1)
    expect(c.replica.streams.get(stream as never)?.state.seq).toBe(1)
    expect(x.replica.streams.get(stream as never)).toBeUndefined()
    expect(flows(a, x, stream)).toBe('amber-receiver-not-member')
  })

  it('is not fooled by presences that name a revocation which is kept back', async () => {
    const stream = await publish(a, { tlp: 'AMBER', circle })
    await town.link(b, c)
    await town.link(c, d)
    await expel()
    await town.settle()
    await days(1, b, c, d)
    const told = [presenceOf(b, b), presenceOf(c, c)].map((one) => one?.bytes ?? new Uint8Array(0))
    expect(await a.replica.admitRegisters(told, x.id)).toMatchObject({ accepted: 2 })
    expect(stale(a)).toBe('revocation-missing')
    expect(flows(a, x, stream)).toBe('revocation-missing')
    expect(a.replica.presences.freshness(circle)?.missing).toHaveLength(3)
    expect(a.events.at(-1)?.type).toBe('roster-changed')
    // With the revocations themselves x is out, and all is fresh again.
    await town.link(a, b)
    expect(stale(a)).toBeUndefined()
    expect(flows(a, b, stream)).toBe('allowed')
  })

  it('still gives everybody what is GREEN, and authors what is theirs', async () => {
    const green = await publish(a, { tlp: 'GREEN' })
    const theirs = await publish(x, { tlp: 'AMBER', circle })
    await town.link(a, x)
    await days(8, a, x)
    expect(stale(a)).toBe('presences-missing')
    expect(flows(a, x, green)).toBe('allowed')
    expect(flows(a, x, theirs)).toBe('allowed')
    expect(flows(a, b, theirs)).toBe('presences-missing')
  })
})

describe('a fresh circle', () => {
  it.each([2, 3, 4])('of %i flows in its first session', async (size) => {
    const fresh = createTown()
    const all: Inhabitant[] = []
    for (let n = 0; n < size; n++) all.push(await fresh.inhabitant(`u${n}`))
    await fresh.acquaint(...all)
    const founded = await fresh.circle(all)
    const [first, ...others] = all as [Inhabitant, ...Inhabitant[]]
    for (const one of others) await fresh.link(first, one)
    const [entry] = await first.replica.publish.bulletin(bulletin([{ tlp: 'AMBER', circle: founded }], fresh.now()))
    await fresh.settle()
    for (const one of others) expect(one.replica.streams.get(entry?.stream as never)?.state.seq).toBe(1)
    await fresh.end()
  })

  it('of three needs to hear of one other, and does in its first session', async () => {
    const fresh = createTown()
    const all: Inhabitant[] = []
    for (const name of ['p', 'q', 'r']) all.push(await fresh.inhabitant(name))
    const [p, q, r] = all as [Inhabitant, Inhabitant, Inhabitant]
    await fresh.acquaint(p, q, r)
    const { circle: trio, register } = charterOf([p.who, q.who, r.who], 2)
    const statements = [register, ...all.map(({ who }) => accepts(who, trio))].map(({ bytes }) => bytes)
    for (const one of all) await one.replica.admitRegisters(statements, all.find((other) => other !== one)?.id)
    const [entry] = await p.replica.publish.bulletin(bulletin([{ tlp: 'AMBER', circle: trio }], fresh.now()))
    expect(p.replica.presences.freshness(trio)).toMatchObject({ code: 'presences-missing', needed: 1, present: [] })
    await fresh.link(p, q)
    expect(p.replica.presences.freshness(trio)?.code).toBeUndefined()
    expect(q.replica.streams.get(entry?.stream as never)?.state.seq).toBe(1)
    await fresh.end()
  })

  it('lets a newcomer hear of all as soon as it is a member', async () => {
    const e = await town.inhabitant('e')
    await town.acquaint(a, e)
    const stream = await publish(a, { tlp: 'AMBER', circle })
    await town.link(a, b)
    await town.link(a, e)
    for (const one of [a, b]) await one.replica.admitRegisters([vouches(one.who, e.who, circle).bytes], undefined)
    await town.settle()
    await e.replica.admitRegisters([accepts(e.who, circle).bytes], undefined)
    await town.settle()
    expect(e.replica.streams.get(stream as never)?.state.seq).toBe(1)
    expect(stale(e)).toBeUndefined()
    expect(presenceOf(a, e)).toBeDefined()
  })
})

describe('a presence', () => {
  it('is signed once a day, and not again at a restart', async () => {
    const first = presenceOf(a, a)
    town.pass(DAY - MINUTE)
    await a.replica.tick()
    await town.restart(a)
    expect(presenceOf(a, a)?.hash).toBe(first?.hash)
    town.pass(MINUTE)
    await a.replica.tick()
    expect(presenceOf(a, a)?.register.number).toBe(town.now())
  })

  it('is signed anew when the revocations changed, once a minute at most', async () => {
    const first = presenceOf(b, b)
    await b.replica.admitRegisters([revokes(b.who, x.who, circle).bytes], undefined)
    expect(presenceOf(b, b)?.hash).toBe(first?.hash)
    town.pass(MINUTE)
    await b.replica.tick()
    expect(presenceOf(b, b)?.register.value).toMatchObject({ revocations: [{ author: b.id, subject: x.id }] })
  })

  it('is not signed by whoever does not sign', async () => {
    b.replica.linked(a.id, 30 * MINUTE)
    b.replica.linked(c.id, 30 * MINUTE)
    expect(b.replica.notSigning()).toBe('clock-off')
    const before = presenceOf(b, b)
    await days(2, b)
    expect(presenceOf(b, b)?.hash).toBe(before?.hash)
  })

  it('is relayed among members, and taken of members alone by a key of their card', async () => {
    const value = { digest: '00'.repeat(32), revocations: [] }
    const said = (one: ReturnType<typeof institution>, key = one.node, signer = one.nodeKey) =>
      signRegister(
        prepareRegister({ kind: 'presence', author: one.id, signer, circle, number: town.now() + 5, value }),
        key
      ).bytes
    const thief = institution('thief')
    expect(await a.replica.admitRegisters([said(b.who)], c.id)).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(await a.replica.admitRegisters([said(c.who, thief.node, thief.nodeKey)], c.id)).toMatchObject({
      verdict: 'ignore',
      code: 'node-key-not-certified'
    })
    expect(await a.replica.admitRegisters([said(thief)], c.id)).toMatchObject({ verdict: 'ignore' })
    const stranger = await town.inhabitant('stranger')
    await town.acquaint(a, stranger)
    expect(await a.replica.admitRegisters([said(stranger.who)], stranger.id)).toMatchObject({
      verdict: 'ignore',
      code: 'register-pair-outside'
    })
  })

  it('of two with one number is the one with the lower hash, at everybody, and nobody is accused', async () => {
    const number = town.now() + 7
    const [one, two] = ['00', '11'].map((digit) => {
      const value = { digest: digit.repeat(32), revocations: [] }
      const fields = { kind: 'presence', author: b.id, signer: b.who.nodeKey, circle, number, value } as const
      return signRegister(prepareRegister(fields), b.who.node)
    }) as [SignedRegister, SignedRegister]
    await a.replica.admitRegisters([one.bytes], b.id)
    await a.replica.admitRegisters([two.bytes], c.id)
    await c.replica.admitRegisters([two.bytes], b.id)
    await c.replica.admitRegisters([one.bytes], a.id)
    const [lower] = [one.hash, two.hash].sort()
    expect([presenceOf(a, b)?.hash, presenceOf(c, b)?.hash]).toEqual([lower, lower])
    expect(await a.replica.shelf.list()).toEqual([])
    await town.link(a, c)
    expect(presenceOf(a, b)?.hash).toBe(lower)
  })

  it('by a key that was retired since does not count', async () => {
    const keys = [{ key: b.who.next }]
    const card = cardOf(b.who, { number: town.now() + 9, keys, next: institution('b later').nodeKey })
    expect(a.replica.presences.freshness(circle)?.present).toContain(b.id)
    await a.replica.admitRegisters([card.bytes], b.id)
    expect(a.replica.presences.freshness(circle)?.present).not.toContain(b.id)
  })
})
