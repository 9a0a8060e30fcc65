/** Attacks on what others have to give: disk, time, attention, block lists. */
import { createBulletinReader, createIndicatorReader } from '@tocsin/replica'
import { bulletin, createTown, forge, type Inhabitant, revokes, type Town, vouches } from '@tocsin/replica/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCast, publish, tell, titlesAt } from './cast.ts'

const DAY = 86_400_000
const MINUTE = 60_000
let town: Town

afterEach(() => town.end())

describe('a member that floods', () => {
  let flooder: Inhabitant
  let victim: Inhabitant
  let calm: Inhabitant
  let amber: { readonly tlp: 'AMBER'; readonly circle: Awaited<ReturnType<Town['circle']>> }

  beforeEach(async () => {
    town = createTown()
    // 24 entries a minute, so that links live while somebody waits.
    const quotas = { entriesADay: 24 * 60 * 24, streamsADay: 1e6, days: 1 / 60 / 24 }
    flooder = await town.inhabitant('flooder', { quotas: { entriesADay: 1e9 } })
    victim = await town.inhabitant('victim', { quotas })
    calm = await town.inhabitant('calm', { quotas })
    await town.acquaint(flooder, victim, calm)
    amber = { tlp: 'AMBER', circle: await town.circle([flooder, victim, calm]) }
  })

  it('slows itself alone: others’ bulletins come at once, through the flooder’s own link too, and nothing is lost', async () => {
    const flood = await publish(flooder, town, amber, 'flood')
    for (let n = 1; n < 100; n++) expect((await publish(flooder, town, amber, 'flood')).stream).toBe(flood.stream)
    await publish(calm, town, amber, 'calm')
    await town.link(calm, flooder)
    const link = await town.link(flooder, victim)
    const heldOf = (): number => victim.replica.streams.get(flood.stream)?.state.seq ?? 0
    expect(await titlesAt(victim, town)).toContain('calm')
    expect(heldOf()).toBe(24)
    expect(link.reports).toContainEqual(expect.objectContaining({ type: 'declined', code: 'quota-author' }))
    // In the midst of it, somebody else is heard without delay.
    await publish(calm, town, amber, 'in the midst')
    await town.settle()
    expect(await titlesAt(victim, town)).toContain('in the midst')
    for (let minute = 0; minute < 6 && heldOf() < 100; minute++) {
      town.pass(MINUTE)
      await town.settle()
    }
    expect(heldOf()).toBe(100)
    // It is no offence: the link lives.
    expect(link.reports.filter(({ type }) => type === 'rejected' || type === 'violation')).toEqual([])
  })

  it('with ever new streams has 64 of a quarter, and leaves room for everybody else', async () => {
    const codes = new Map<string, number>()
    for (let n = 0; n < 80; n++) {
      town.pass(MINUTE)
      const stream = forge(flooder.who, amber, town.now)
      stream.add()
      const { code = 'accepted' } = await victim.replica.admit(stream.batch(flooder.who, victim.who))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect([...codes]).toEqual([
      ['accepted', 64],
      ['too-many-incarnations', 16]
    ])
    const other = forge(calm.who, amber, town.now)
    other.add()
    expect(await victim.replica.admit(other.batch(flooder.who, victim.who))).toMatchObject({ accepted: 1 })
  })

  it('with ever newer statements is heard at the pace of a quota, and the circle’s own words go through', async () => {
    const { circle } = amber
    let refused = 0
    for (let n = 1; n <= 400; n++) {
      const word = revokes(flooder.who, calm.who, circle, { number: town.now() + n, lifted: n % 2 === 0 })
      const { code } = await tell(victim, flooder, word)
      if (code === 'quota-author') refused += 1
    }
    expect(refused).toBeGreaterThan(0)
    expect(await tell(victim, flooder, revokes(calm.who, flooder.who, circle))).toMatchObject({ accepted: 1 })
    expect(await tell(victim, calm, vouches(calm.who, flooder.who, circle))).toMatchObject({ accepted: 1 })
  })
})

describe('one member', () => {
  it('that contests everything empties nobody’s block lists: it takes max(2, k), or the author', async () => {
    const cast = await createCast(['a', 'contester', 'c'], 2)
    ;({ town } = cast)
    const [a, contester, c] = cast.founders as [Inhabitant, Inhabitant, Inhabitant]
    const indicator = { type: 'domain', value: 'evil.example' } as const
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      const input = bulletin([cast.amber], town.now(), {
        title: `${n}`,
        indicators: [{ ...indicator, role: 'malicious' }]
      })
      await a.replica.publish.bulletin(input)
      ids.push(input.bulletin.id)
    }
    for (const peer of [contester, c]) await town.link(a, peer)
    const says = (one: Inhabitant, id: string, kind: 'false-positive' | 'expiration') =>
      one.replica.publish.sighting(
        { bulletin: id, author: a.id, indicator, kind, count: 1000 } as never,
        cast.amber,
        town.now() + 20 * DAY
      )
    const statesAt = async (one: Inhabitant): Promise<boolean[]> => {
      const { store, streams, book, identity } = one.replica
      const bulletins = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
      const indicators = createIndicatorReader({ store, book, bulletins, now: town.now })
      const sight = { maxTlp: 'RED', use: 'hunt' } as const
      const { items } = await bulletins.page({}, sight, { order: 'arrival', limit: 100 })
      return Promise.all(items.map(async (held) => (await indicators.factsOf(held))(indicator)?.contested ?? false))
    }
    for (const id of ids) for (let again = 0; again < 3; again++) await says(contester, id, 'false-positive')
    for (const id of ids) await says(contester, id, 'expiration')
    await town.settle()
    for (const one of [a, c]) expect(await statesAt(one)).toEqual(ids.map(() => false))
    // A second institution that says so is heard, for what it spoke of.
    const [first = ''] = ids
    await says(c, first, 'false-positive')
    await town.settle()
    for (const one of [a, c]) expect(await statesAt(one)).toEqual(ids.map((_, n) => n === 0))
  })
})
