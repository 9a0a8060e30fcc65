/** Quotas delay and never drop (DESIGN §8.5): one author's flood is nobody else's matter, and all of it arrives. */
import { openStore, type Store } from '@tocsin/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from './constants.ts'
import { agedCost, type Draw, loadQuotas, QUOTAS, type QuotaLimits, type Quotas } from './quotas.ts'
import { forge } from './testing/forge.ts'
import { accepts, cardOf, charterOf, institution, START, vouches } from './testing/institution.ts'
import { createTown, type Inhabitant, memoryDatabase, type Town } from './testing/town.ts'
import type { Audience } from './types.ts'

const A = institution('a').id
const B = institution('b').id
const P = institution('p').id
const Q = institution('q').id

describe('a bucket', () => {
  let store: Store
  let now = START
  let newcomers: string[] = []
  const database = memoryDatabase()

  beforeEach(async () => {
    now = START
    newcomers = []
    store = await openStore({ path: '', database })
  })
  afterEach(async () => {
    await store.close()
    await database.open()
    await database.clear()
    await database.close()
  })

  const load = (
    limits: Partial<QuotaLimits> = {},
    quotas?: { entriesADay: number; bytesADay: number }
  ): Promise<Quotas> =>
    loadQuotas({
      world: { now: () => now },
      store,
      charter: () => (quotas === undefined ? undefined : { ...charterOf([institution('a')], 1).charter, quotas }),
      partOf: (id) => (newcomers.includes(id) ? 1 / 4 : 1),
      limits
    })

  /** How many of one entry each fit. */
  function fill(quotas: Quotas, author = A, from = P, most = 1000, circle?: string): number {
    for (let n = 0; n < most; n++) {
      const draw = quotas.entries(
        { author, kind: 'log', ...(circle === undefined ? {} : { circle: circle as never }) },
        from
      )
      if (draw.take(1, 100) !== undefined) return n
      draw.keep()
    }
    return most
  }

  it('holds many days of the rate, then fills again at the rate', async () => {
    const quotas = await load({ entriesADay: 10, days: 16 })
    expect(fill(quotas)).toBe(160)
    now += DAY
    expect(fill(quotas)).toBe(10)
    now += 100 * DAY
    expect(fill(quotas)).toBe(160)
  })

  it('is one an author, circle and kind of stream', async () => {
    const quotas = await load({ entriesADay: 10, days: 1 })
    expect([fill(quotas), fill(quotas), fill(quotas, B), fill(quotas, A, P, 1000, 'ab'.repeat(32))]).toEqual([
      10, 0, 10, 10
    ])
    expect(quotas.entries({ author: A, kind: 'retraction' }, P).take(1, 1)).toBeUndefined()
  })

  it('counts bytes as well as entries', async () => {
    const quotas = await load({ bytesADay: 1000, days: 1 })
    expect(fill(quotas)).toBe(10)
    expect(quotas.entries({ author: A, kind: 'log' }, P).take(1, 100)).toMatchObject({ code: 'quota-author' })
  })

  it('of a peer holds many authors’', async () => {
    const quotas = await load({ entriesADay: 10, days: 1, peerShare: 2 })
    expect([A, B, Q].map((author) => fill(quotas, author))).toEqual([10, 10, 0])
    expect(quotas.entries({ author: Q, kind: 'log' }, P).take(1, 1)).toMatchObject({ code: 'quota-peer' })
    expect(fill(quotas, Q, Q)).toBe(10)
  })

  it('of a newcomer is smaller', async () => {
    newcomers = [A]
    expect(fill(await load({ entriesADay: 40, days: 1 }))).toBe(10)
  })

  it('is as large as the charter says', async () => {
    const quotas = await load({ days: 2 }, { entriesADay: 3, bytesADay: 10_000 })
    expect(fill(quotas, A, P, 1000, 'ab'.repeat(32))).toBe(6)
  })

  it('lets anything through when it is empty, however large', async () => {
    const quotas = await load({ bytesADay: 1, entriesADay: 10, days: 1 })
    const draw = quotas.entries({ author: A, kind: 'log' }, P)
    expect(draw.take(1, 9_000_000)).toBeUndefined()
    draw.keep()
    const wait = quotas.entries({ author: A, kind: 'log' }, P).take(1, 1)
    now += wait?.retryAfter ?? 0
    expect(quotas.entries({ author: A, kind: 'log' }, P).take(1, 1)).toBeUndefined()
  })

  it('says how long to wait: until a good part fits, and then it does', async () => {
    const quotas = await load({ entriesADay: 64, days: 16 })
    fill(quotas, A, P, 5000)
    const wait = quotas.entries({ author: A, kind: 'log' }, P).take(1, 100)
    // A 64th of the bucket: a quarter of a day.
    expect(wait).toEqual({ code: 'quota-author', retryAfter: DAY / 4 })
    now += DAY / 4
    expect(fill(quotas)).toBe(16)
    expect(wait?.retryAfter).toBeGreaterThan(MINUTE)
  })

  it('takes nothing for what was not kept', async () => {
    const quotas = await load({ entriesADay: 10, days: 1 })
    for (let n = 0; n < 100; n++) quotas.entries({ author: A, kind: 'log' }, P).take(9, 100)
    expect(fill(quotas)).toBe(10)
  })

  it('is still as full after a restart, and drains while nobody looks', async () => {
    const quotas = await load({ entriesADay: 10, days: 1 })
    fill(quotas)
    await quotas.flush()
    expect(fill(await load({ entriesADay: 10, days: 1 }))).toBe(0)
    now += DAY / 2
    expect(fill(await load({ entriesADay: 10, days: 1 }))).toBe(5)
  })

  it('leaves no row once it has drained', async () => {
    const quotas = await load({ entriesADay: 10, days: 1 })
    fill(quotas)
    expect(quotas.size).toBe(4)
    now += 2 * DAY
    await quotas.flush()
    expect(quotas.size).toBe(0)
    expect((await load()).size).toBe(0)
  })

  it('neither drains nor fills when the clock is set back, and goes on draining from there', async () => {
    const quotas = await load({ entriesADay: 10, days: 1 })
    fill(quotas)
    now -= 365 * DAY
    expect(fill(quotas)).toBe(0)
    now += DAY / 2
    expect(fill(quotas)).toBe(5)
  })

  it('is one of a bounded number', async () => {
    const quotas = await load({ entriesADay: 10, days: 1 })
    for (let n = 0; n < 20_000; n++) {
      const draw = quotas.retractions({ author: `${A}${n}` as never })
      draw.take(1)
      draw.keep()
    }
    expect(quotas.size).toBeLessThanOrEqual(16_384)
  })

  it('makes retractions cheaper with age, down to a month', () => {
    expect(agedCost(62, START, START)).toBe(62)
    expect(agedCost(62, START + HOUR, START)).toBe(62)
    expect(agedCost(62, START - DAY, START)).toBe(31)
    expect(agedCost(62, START - 700 * DAY, START)).toBe(2)
  })

  it('lets the history of years and an import of a million indicators through at once', async () => {
    const quotas = await load()
    // 1,000 bulletins of 1,000 indicators are some 100 MB.
    const large = quotas.entries({ author: A, kind: 'log' }, P)
    for (let n = 0; n < 1000; n++) expect(large.take(1, 100_000)).toBeUndefined()
    large.keep()
    newcomers = [B]
    const fresh = quotas.entries({ author: B, kind: 'log' }, Q)
    for (let n = 0; n < 1000; n++) expect(fresh.take(1, 100_000)).toBeUndefined()
    expect(QUOTAS.entriesADay * QUOTAS.days).toBe(65_536)
  })
})

describe('a charter', () => {
  let store: Store
  const circle = 'ab'.repeat(32) as never
  const database = memoryDatabase()
  beforeEach(async () => {
    store = await openStore({ path: '', database })
  })
  afterEach(() => store.close())

  it('sets each quota in its circle alone', async () => {
    const set = { entriesADay: 2, bytesADay: 1000, streamsADay: 3, statementsADay: 4, retractionsADay: 5 }
    const quotas = await loadQuotas({
      world: { now: () => START },
      store,
      charter: (one) => (one === circle ? { ...charterOf([institution('a')], 1).charter, quotas: set } : undefined),
      partOf: () => 1,
      limits: { days: 1 }
    })
    const fits = (draw: Draw): number => {
      let count = 0
      while (count < 100_000 && draw.take(1, 1) === undefined) count += 1
      return count
    }
    const of = { author: A, circle, kind: 'log' }
    const ours = [
      quotas.entries(of, P),
      quotas.streams(of, P),
      quotas.registers(A, circle),
      quotas.retractions({ author: A, circle })
    ]
    expect(ours.map(fits)).toEqual([2, 3, 4, 5])
    const elsewhere = { author: A, kind: 'log' }
    const none = [
      quotas.entries(elsewhere, P),
      quotas.streams(elsewhere, P),
      quotas.registers(A, undefined),
      quotas.retractions({ author: A, circle: undefined })
    ]
    expect(none.map(fits)).toEqual([4096, 64, 256, 10_000])
  })
})

describe('in a town', () => {
  let town: Town
  let a: Inhabitant
  let b: Inhabitant
  let c: Inhabitant
  let amber: Audience

  async function settleIn(quotas: Partial<QuotaLimits>): Promise<void> {
    a = await town.inhabitant('a')
    b = await town.inhabitant('b', { quotas })
    c = await town.inhabitant('c', { quotas })
    await town.acquaint(a, b, c)
    amber = { tlp: 'AMBER', circle: await town.circle([a, b, c]) }
  }
  beforeEach(() => {
    town = createTown()
  })
  afterEach(() => town.end())

  it('a flood delays its author alone, and all of it arrives', async () => {
    await settleIn({ entriesADay: 16, days: 1 })
    const flood = forge(a.who, amber, town.now)
    for (let n = 0; n < 40; n++) flood.add()
    await a.replica.admit(flood.batch(a.who, a.who))
    const calm = forge(c.who, amber, town.now)
    for (let n = 0; n < 10; n++) calm.add()
    const first = await b.replica.admit(flood.batch(a.who, b.who))
    expect(first).toMatchObject({ verdict: 'ignore', code: 'quota-author', accepted: 16, have: 16 })
    // Through the same peer, and in the same minute.
    expect(await b.replica.admit(calm.batch(a.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 10 })
    let have = 16
    for (let day = 0; day < 2 && have < 40; day++) {
      town.pass(DAY)
      have = (await b.replica.admit(flood.batch(a.who, b.who, { first: have + 1 }))).have
    }
    expect(have).toBe(40)
  })

  it('sessions ask again by themselves when the time has come, and then agree', async () => {
    // 24 a minute, so that the link lives while it waits.
    await settleIn({ entriesADay: 24 * 60 * 24, days: 1 / 60 / 24 })
    const flood = forge(a.who, amber, town.now)
    for (let n = 0; n < 60; n++) flood.add()
    const at = (one: Inhabitant): number => one.replica.streams.get(flood.id)?.state.seq ?? 0
    for (let first = 1; first <= 60; first += 20) {
      town.pass(MINUTE)
      await c.replica.admit(flood.batch(a.who, c.who, { first, last: first + 19 }))
    }
    const link = await town.link(b, c)
    expect(at(b)).toBe(24)
    expect(link.reports.filter(({ type }) => type === 'declined')).toMatchObject([{ code: 'quota-author' }, {}])
    for (let minutes = 0; minutes < 4 && at(b) < 60; minutes++) {
      town.pass(MINUTE)
      await town.settle()
    }
    expect(at(b)).toBe(60)
    const ends = link.reports.map(({ type }) => type)
    expect(ends.filter((type) => type === 'rejected' || type === 'violation' || type === 'refused')).toEqual([])
  })

  it('a restart gives nobody a fresh bucket', async () => {
    await settleIn({ entriesADay: 16, days: 1 })
    const flood = forge(a.who, amber, town.now)
    for (let n = 0; n < 40; n++) flood.add()
    await b.replica.admit(flood.batch(a.who, b.who))
    town.pass(MINUTE)
    await b.replica.tick()
    await town.restart(b)
    expect(await b.replica.admit(flood.batch(a.who, b.who, { first: 17 }))).toMatchObject({ accepted: 0, have: 16 })
  })

  it('a relay whose batch is refused uses up nothing of the author’s', async () => {
    await settleIn({ entriesADay: 10, days: 1 })
    const s = forge(a.who, amber, town.now)
    for (let n = 0; n < 10; n++) s.add()
    const spoilt = s.batch(c.who, b.who)
    const entries = spoilt.entries.map((entry, n) => (n === 9 ? { ...entry, body: new Uint8Array(3) } : entry))
    for (let n = 0; n < 5; n++)
      expect(await b.replica.admit({ ...spoilt, entries })).toMatchObject({ code: 'body-mismatch' })
    expect(await b.replica.admit(s.batch(c.who, b.who))).toMatchObject({ accepted: 10 })
  })

  it('a peer that brings everything is delayed, another one is asked', async () => {
    await settleIn({ entriesADay: 10, days: 1, peerShare: 1 })
    const [one, other] = [forge(a.who, amber, town.now), forge(c.who, amber, town.now)]
    for (let n = 0; n < 8; n++) [one, other].map((stream) => stream.add())
    expect(await b.replica.admit(one.batch(a.who, b.who))).toMatchObject({ accepted: 8 })
    expect(await b.replica.admit(other.batch(a.who, b.who))).toMatchObject({ code: 'quota-peer', accepted: 2 })
    expect(await b.replica.admit(other.batch(c.who, b.who, { first: 3 }))).toMatchObject({ accepted: 6 })
  })

  it('retractions of years come at once to whoever was away; a day’s flood of them waits', async () => {
    await settleIn({ retractionsADay: 10 })
    const s = forge(a.who, amber, town.now, { kind: 'retraction' })
    const targets = ['ab', 'cd'].map((two) => two.repeat(32))
    const old = town.now() - 40 * DAY
    for (let n = 0; n < 50; n++)
      s.add({ kind: 'retraction', value: { targets, reason: 'x' }, clock: old + n, keepUntil: town.now() + DAY })
    expect(await b.replica.admit(s.batch(a.who, b.who))).toMatchObject({ accepted: 50 })
    for (let n = 0; n < 6; n++) s.add({ kind: 'retraction', value: { targets, reason: 'x' } })
    const some = await b.replica.admit(s.batch(a.who, b.who, { first: 51 }))
    expect(some).toMatchObject({ code: 'too-many-retractions', accepted: 3 })
    town.pass(DAY)
    expect(await b.replica.admit(s.batch(a.who, b.who, { first: 54 }))).toMatchObject({ accepted: 3 })
  })

  it('of oneself hold for retractions, which everybody else would make wait', async () => {
    await settleIn({})
    const targets = Array.from({ length: 10_001 }, (_, n) => ({
      entry: n.toString(16).padStart(64, '0') as never,
      audience: amber,
      keepUntil: town.now() + 30 * DAY
    }))
    await expect(a.replica.publish.retract(targets, 'x')).rejects.toMatchObject({
      code: 'own-entry-refused',
      facts: { reason: 'too-many-retractions' }
    })
  })

  it('a flood of streams waits like one of entries', async () => {
    await settleIn({ streamsADay: 3, days: 1 })
    const outcomes = []
    for (let n = 0; n < 5; n++) {
      const stream = forge(a.who, amber, town.now)
      stream.add()
      outcomes.push(await b.replica.admit(stream.batch(a.who, b.who)))
    }
    expect(outcomes.map(({ accepted }) => accepted)).toEqual([1, 1, 1, 0, 0])
    expect(outcomes.at(-1)).toMatchObject({ verdict: 'ignore', code: 'quota-author', retryAfter: DAY / 3 })
    const calm = forge(c.who, amber, town.now)
    calm.add()
    expect(await b.replica.admit(calm.batch(a.who, b.who))).toMatchObject({ accepted: 1 })
  })

  it('newer registers come at a pace, the first of each at once', async () => {
    await settleIn({ statementsADay: 4 })
    const cards = Array.from({ length: 10 }, (_, n) => cardOf(a.who, { number: START + 1 + n }))
    const outcomes = []
    for (const card of cards) outcomes.push(await b.replica.admitRegisters([card.bytes], a.id))
    expect(outcomes.map(({ accepted }) => accepted)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    expect(outcomes.at(-1)).toMatchObject({ code: 'quota-author', retryAfter: DAY / 4 })
    // Only the newest counts, and that arrives.
    town.pass(DAY / 4)
    expect(await b.replica.admitRegisters([cards.at(-1)?.bytes as Uint8Array], a.id)).toMatchObject({ accepted: 1 })
    const fresh = await town.inhabitant('fresh')
    const vows = [a, c].map(({ who }) => vouches(who, fresh.who, amber.circle as never).bytes)
    expect(await b.replica.admitRegisters(vows, c.id)).toMatchObject({ accepted: 2 })
  })

  it('are tighter for who joined less than 30 days ago, by the vouchers’ dates and not his own', async () => {
    await settleIn({ entriesADay: 40, days: 1 })
    const fresh = await town.inhabitant('fresh')
    const circle = amber.circle as never
    const vows = [a, c].map(({ who }) => vouches(who, fresh.who, circle, { number: town.now() - 20 * DAY }))
    const registers = [cardOf(fresh.who), ...vows, accepts(fresh.who, circle, 1)].map(({ bytes }) => bytes)
    await b.replica.admitRegisters(registers, a.id)
    expect(b.replica.book.view.isMember(circle, fresh.id)).toBe(true)
    const s = forge(fresh.who, amber, town.now)
    for (let n = 0; n < 60; n++) s.add()
    expect(await b.replica.admit(s.batch(a.who, b.who))).toMatchObject({ accepted: 10 })
    // Old enough by now: four times as much, of which a day has passed ten times over.
    town.pass(11 * DAY)
    expect(await b.replica.admit(s.batch(a.who, b.who, { first: 11 }))).toMatchObject({ accepted: 40 })
    // A founder never was one.
    const calm = forge(c.who, amber, town.now)
    for (let n = 0; n < 40; n++) calm.add()
    expect(await b.replica.admit(calm.batch(c.who, b.who))).toMatchObject({ accepted: 40 })
  })
})
