/** Cards, charters and statements: whose word is taken, which of two counts, and what follows for the allow-list. */
import { prepareRegister, type SignedRegister, signRegister, toHex } from '@tocsin/journal'
import type { CircleId, StreamId } from '@tocsin/model'
import { verifyEvidence } from '@tocsin/trust'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, MAX_CIRCLES, MAX_STATEMENTS, MINUTE } from './constants.ts'
import { accepts, cardOf, charterOf, institution, revokes, START, vouches } from './testing/institution.ts'
import { bulletin, createTrio, type Inhabitant, type Town } from './testing/town.ts'

let town: Town
let a: Inhabitant
let b: Inhabitant
let c: Inhabitant

beforeEach(async () => {
  const met = await createTrio()
  town = met.town
  ;[a, b, c] = met.trio
})
afterEach(() => town.end())

const bytesOf = (registers: readonly SignedRegister[]): Uint8Array[] => registers.map(({ bytes }) => bytes)

describe('a register', () => {
  it('counts in the moment in which it is there, also for what is admitted beside it', async () => {
    const circle = await town.circle([a, b, c])
    const amber = { tlp: 'AMBER', circle } as const
    const [entry] = await a.replica.publish.bulletin(bulletin([amber], town.now()))
    const fields = { kind: 'resignation', author: c.id, circle, number: START + 1, value: {} } as const
    const resignation = signRegister(prepareRegister(fields), c.who.root)
    const isMember: boolean[] = []
    b.replica.watch(({ type }) => {
      if (type === 'entries') isMember.push(b.replica.book.view.isMember(circle, c.id))
    })
    await Promise.all([
      b.replica.admitRegisters([resignation.bytes], a.id),
      b.replica.admit(town.batch(a, b, entry?.stream as StreamId))
    ])
    expect(isMember).toEqual([false])
  })

  it('that is older than the one held is old news; the higher number counts', async () => {
    const newer = cardOf(a.who, { number: START + 2, name: 'renamed' })
    expect(await b.replica.admitRegisters([newer.bytes], a.id)).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(await b.replica.admitRegisters([cardOf(a.who).bytes], a.id)).toMatchObject({ accepted: 0 })
    expect(b.replica.book.card(a.id)?.name).toBe('renamed')
    await town.restart(b)
    expect(b.replica.book.card(a.id)?.name).toBe('renamed')
  })

  it('ahead of time is tried again by time, whatever else of its message is refused', async () => {
    const circle = await town.circle([a, b])
    const ahead = cardOf(a.who, { number: START + HOUR }).bytes
    // Somebody who was never met speaks in a circle where he has no place.
    const fields = { kind: 'resignation', author: c.id, circle, number: START + 1, value: {} } as const
    const other = signRegister(prepareRegister(fields), c.who.root).bytes
    for (const registers of [
      [ahead, other],
      [other, ahead]
    ])
      expect(await b.replica.admitRegisters(registers, a.id)).toMatchObject({
        verdict: 'ignore',
        code: 'too-new',
        accepted: 0,
        retryAfter: 50 * MINUTE
      })
  })

  it('ahead of time waits; altered, unsigned or cut is rejected; of a later version is ignored', async () => {
    const ahead = cardOf(a.who, { number: START + HOUR })
    expect(await b.replica.admitRegisters([ahead.bytes], a.id)).toMatchObject({ verdict: 'ignore', code: 'too-new' })
    const good = cardOf(a.who, { number: START + 5 }).bytes
    const altered = good.map((byte, at) => (at === 200 ? byte ^ 1 : byte))
    expect(await b.replica.admitRegisters([altered], a.id)).toMatchObject({
      verdict: 'reject',
      code: 'register-signature'
    })
    expect(await b.replica.admitRegisters([good.subarray(0, 50)], a.id)).toMatchObject({ verdict: 'reject' })
    const later = good.map((byte, at) => (at === 0 ? 2 : byte))
    expect(await b.replica.admitRegisters([later, good], a.id)).toMatchObject({ code: 'unknown-version', accepted: 1 })
  })

  it('never makes anything but an outcome of whatever bytes', async () => {
    const good = cardOf(a.who, { number: START + 5 }).bytes
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(good.length),
        async (flips, cut) => {
          const bytes = Uint8Array.from(good)
          for (const [at, value] of flips) bytes[at] = value
          const outcome = await b.replica.admitRegisters([bytes.subarray(0, good.length - cut)], a.id)
          expect(['accept', 'ignore', 'reject']).toContain(outcome.verdict)
        }
      ),
      { numRuns: 200 }
    )
  })

  it('from our own command line is ours, or it is refused', async () => {
    const { circle, register } = charterOf([a.who, b.who])
    await a.replica.admitRegisters([register.bytes], undefined)
    expect(await a.replica.admitRegisters([accepts(b.who, circle).bytes], undefined)).toMatchObject({
      verdict: 'ignore',
      code: 'register-not-ours'
    })
    expect(await a.replica.admitRegisters([accepts(a.who, circle).bytes], undefined)).toMatchObject({ accepted: 1 })
  })

  it('cannot be made without bound: charters and statements have their share', async () => {
    const charters = Array.from({ length: MAX_CIRCLES + 3 }, (_, n) =>
      charterOf([a.who], 1, { nonce: n.toString(16).padStart(32, '0') })
    )
    const outcome = await b.replica.admitRegisters(bytesOf(charters.map(({ register }) => register)), a.id)
    expect(outcome).toMatchObject({ verdict: 'ignore', code: 'too-many-circles' })
    expect(b.replica.book.circles().length).toBe(MAX_CIRCLES)
    const circle = await town.circle([a, c])
    const vows = Array.from({ length: MAX_STATEMENTS + 3 }, (_, n) =>
      vouches(a.who, institution(`made-up-${n}`), circle)
    )
    for (let start = 0; start < vows.length; start += 256)
      await c.replica.admitRegisters(bytesOf(vows.slice(start, start + 256)), a.id)
    // With its acceptance.
    expect(c.replica.book.statementsBy(circle, a.id)).toBe(MAX_STATEMENTS)
    expect(await c.replica.admitRegisters(bytesOf(vows.slice(-1)), a.id)).toMatchObject({ code: 'too-many-statements' })
  }, 60_000)
})

describe('two registers with one number', () => {
  async function founded(): Promise<CircleId> {
    return town.circle([a, b, c], 1)
  }
  const cardsOf = () =>
    [cardOf(a.who, { number: START + 9, name: 'one' }), cardOf(a.who, { number: START + 9, name: 'two' })] as [
      SignedRegister,
      SignedRegister
    ]

  it('are both kept, with evidence; a higher number settles it', async () => {
    const [one, two] = cardsOf()
    await b.replica.admitRegisters([one.bytes, two.bytes], a.id)
    await c.replica.admitRegisters([two.bytes], a.id)
    await c.replica.admitRegisters([one.bytes], b.id)
    for (const at of [b, c]) {
      expect(at.replica.book.keysOf(one.address).length).toBe(2)
      const [kept] = await at.replica.shelf.list()
      expect(verifyEvidence(kept?.bundle ?? new Uint8Array(0), one.bytes)).toMatchObject({
        ok: true,
        evidence: { kind: 'fork-register', accused: a.id }
      })
      expect(at.replica.alarms().some(({ code }) => code === 'fork-register')).toBe(true)
    }
    expect(b.replica.book.get(one.address)?.hash).toBe(c.replica.book.get(one.address)?.hash)
    const third = cardOf(a.who, { number: START + 10, name: 'three' })
    await b.replica.admitRegisters([third.bytes], a.id)
    expect(b.replica.book.keysOf(one.address).length).toBe(1)
    expect(b.replica.book.card(a.id)?.name).toBe('three')
    await town.restart(b)
    expect(b.replica.book.keysOf(one.address).length).toBe(1)
  })

  it('of a card let count what both say, and nothing that only one says', async () => {
    const spare = institution('spare')
    const one = cardOf(a.who, { number: START + 9, keys: [{ key: a.who.node }, { key: spare.node }] })
    const two = cardOf(a.who, { number: START + 9 })
    await b.replica.admitRegisters([one.bytes, two.bytes], a.id)
    expect(b.replica.book.card(a.id)?.nodeKeys.map(({ key }) => key)).toEqual([a.who.nodeKey])
  })

  it('count for neither in the roster, reach everybody, and give the same roster everywhere', async () => {
    const circle = await founded()
    const { who } = await town.inhabitant('d')
    const d = accepts(who, circle)
    const one = vouches(a.who, who, circle, { number: START + 3 })
    const two = vouches(a.who, who, circle, { number: START + 3, name: 'other' })
    await b.replica.admitRegisters([one.bytes], a.id)
    await c.replica.admitRegisters([two.bytes], a.id)
    for (const at of [b, c]) await at.replica.admitRegisters([d.bytes], a.id)
    expect(b.replica.book.view.isMember(circle, who.id)).toBe(true)
    await town.link(b, c)
    // Nobody handed anything to a but its peers; it learns of both halves.
    await town.link(a, b)
    for (const at of [a, b, c]) {
      expect(at.replica.book.keysOf(one.address).length).toBe(2)
      expect(at.replica.book.view.isMember(circle, who.id)).toBe(false)
    }
    expect(new Set([a, b, c].map((at) => at.replica.book.roster(circle)?.digest)).size).toBe(1)
  })

  it('and three of them end the same at every replica, in any order', async () => {
    const three = ['one', 'two', 'three'].map((name) => cardOf(a.who, { number: START + 9, name }))
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(three, { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        async (order, together) => {
          const one = await town.inhabitant('x')
          await one.replica.addPeer(cardOf(a.who).bytes)
          if (together) await one.replica.admitRegisters(bytesOf(order), a.id)
          else for (const { bytes } of order) await one.replica.admitRegisters([bytes], a.id)
          const kept = one.replica.book.keysOf(three[0]?.address ?? '').map((key) => one.replica.book.at(key)?.hash)
          expect(kept).toEqual(
            three
              .map(({ hash }) => hash)
              .sort()
              .slice(0, 2)
          )
        }
      ),
      { numRuns: 12 }
    )
  })
})

describe('the allow-list', () => {
  it('loses whoever is struck, once: put back by hand he stays', async () => {
    const circle = await town.circle([a, b, c])
    expect(a.replica.isPeer(c.id)).toBe(true)
    const strikes = [revokes(a.who, c.who, circle), revokes(b.who, c.who, circle)]
    await a.replica.admitRegisters(bytesOf(strikes), b.id)
    await a.replica.tick()
    expect(a.replica.book.view.isMember(circle, c.id)).toBe(false)
    expect(a.replica.isPeer(c.id)).toBe(false)
    await a.replica.addPeer(cardOf(c.who).bytes)
    town.pass(DAY)
    await a.replica.tick()
    await town.restart(a)
    await a.replica.tick()
    expect(a.replica.isPeer(c.id)).toBe(true)
    // Lifted and struck again: that counts anew.
    const lift = revokes(b.who, c.who, circle, { number: START + 5, lifted: true })
    await a.replica.admitRegisters([lift.bytes], b.id)
    await a.replica.tick()
    expect(a.replica.book.view.isMember(circle, c.id)).toBe(true)
    await a.replica.admitRegisters([revokes(b.who, c.who, circle, { number: START + 6 }).bytes], b.id)
    await a.replica.tick()
    expect(a.replica.isPeer(c.id)).toBe(false)
  })

  it('keeps who was struck before the operator put him on it', async () => {
    const circle = await town.circle([a, b, c])
    await a.replica.removePeer(c.id)
    const strikes = [revokes(a.who, c.who, circle), revokes(b.who, c.who, circle)]
    await a.replica.admitRegisters(bytesOf(strikes), b.id)
    await a.replica.addPeer(cardOf(c.who).bytes)
    await a.replica.admitRegisters([cardOf(b.who, { number: START + 4 }).bytes], b.id)
    await a.replica.tick()
    expect(a.replica.isPeer(c.id)).toBe(true)
  })

  it('freezes the streams of whoever is off the roster: kept and searchable, not exchanged', async () => {
    const circle = await town.circle([a, b, c])
    const [entry] = await c.replica.publish.bulletin(bulletin([{ tlp: 'AMBER', circle }], town.now()))
    await town.link(c, a)
    const strikes = [revokes(a.who, c.who, circle), revokes(b.who, c.who, circle)]
    await a.replica.admitRegisters(bytesOf(strikes), b.id)
    const id = entry?.stream as never
    expect(a.replica.streams.get(id)).toBeDefined()
    expect(a.replica.sync.maySend(b.id, id)).toEqual({ allowed: false, code: 'stream-frozen' })
    expect(a.replica.sync.rows(b.id, circle).some(({ key }) => key === entry?.stream)).toBe(false)
  })

  it('opens its gate to no key that somebody else has, or says to have next', async () => {
    const thief = await town.inhabitant('thief', {
      card: cardOf(institution('thief'), { next: a.who.nodeKey })
    })
    await b.replica.addPeer(cardOf(institution('thief'), { next: a.who.nodeKey }).bytes)
    const keysOf = (id: string) => b.replica.peers().find((peer) => peer.institution === id)?.nodeKeys
    expect(keysOf(thief.id)).toEqual([thief.who.nodeKey])
    expect(keysOf(a.id)).toEqual([a.who.nodeKey, toHex(a.who.next.publicKey)])
    await b.replica.addPeer(
      cardOf(institution('thief'), { next: toHex(a.who.next.publicKey), number: START + 1 }).bytes
    )
    expect(keysOf(thief.id)).toEqual([thief.who.nodeKey])
    expect(keysOf(a.id)).toEqual([a.who.nodeKey])
  })

  it('takes cards alone, not our own, and none of a later time', async () => {
    const { register } = charterOf([a.who], 1)
    await expect(b.replica.addPeer(register.bytes)).rejects.toMatchObject({ code: 'register-refused' })
    await expect(b.replica.addPeer(cardOf(b.who).bytes)).rejects.toMatchObject({ code: 'register-refused' })
    const ahead = cardOf(institution('d'), { number: START + DAY })
    await expect(b.replica.addPeer(ahead.bytes)).rejects.toMatchObject({ code: 'register-refused' })
    await expect(b.replica.removePeer(institution('d').id)).rejects.toMatchObject({ code: 'unknown-institution' })
    // A second card with the number of the one held is a fork, also when the operator brings it.
    await b.replica.addPeer(cardOf(a.who, { name: 'another' }).bytes)
    expect(b.replica.book.keysOf(cardOf(a.who).address).length).toBe(2)
    expect(b.replica.shelf.count).toBe(1)
  })
})

describe('a resignation', () => {
  it('is its author’s alone and ends his part', async () => {
    const circle = await town.circle([a, b, c])
    const fields = { kind: 'resignation', author: c.id, circle, number: START + 1, value: {} } as const
    const register = signRegister(prepareRegister(fields), c.who.root)
    expect(await a.replica.admitRegisters([register.bytes], c.id)).toMatchObject({ accepted: 1 })
    expect(a.replica.book.view.isMember(circle, c.id)).toBe(false)
    expect(a.replica.isPeer(c.id)).toBe(true)
  })
})
