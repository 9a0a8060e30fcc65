import type { BulletinId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from './constants.ts'
import { bodyAt, pair, publish, readers, SIGHT, target, town, townBeforeEach } from './testing/life.ts'
import type { Inhabitant } from './testing/town.ts'
import type { Audience } from './types.ts'

townBeforeEach()

describe('disabling', () => {
  it('takes single indicators out of use, by the bulletin’s author alone', async () => {
    const { a, b, amber } = await pair()
    const indicators = ['one.example', 'two.example'].map(
      (value) => ({ type: 'domain', value, role: 'malicious' }) as const
    )
    const published = await publish(a, amber, { indicators })
    await town.link(a, b)
    await b.replica.publish.disable(published.target, {
      bulletin: published.id as BulletinId,
      indicators: [{ type: 'domain', value: 'two.example' }],
      reason: 'not mine'
    })
    await a.replica.publish.disable(published.target, {
      bulletin: published.id as BulletinId,
      indicators: [{ type: 'domain', value: 'one.example' }],
      reason: 'wrong'
    })
    await town.settle()
    for (const one of [a, b]) {
      const { bulletins, indicators: reader } = readers(one)
      const [held] = (await bulletins.page({}, SIGHT, { order: 'newest', limit: 1 })).items
      if (held === undefined) throw new Error('not held')
      const factsOf = await reader.factsOf(held)
      expect(indicators.map((indicator) => factsOf(indicator).state)).toEqual(['disabled', 'live'])
    }
  })
})

describe('sightings', () => {
  async function square() {
    const all = []
    for (const name of ['a', 'b', 'c', 'd']) all.push(await town.inhabitant(name))
    const [a, b, c, d] = all as [Inhabitant, Inhabitant, Inhabitant, Inhabitant]
    await town.acquaint(a, b, c, d)
    const circle = await town.circle([a, b, c], 2)
    return { a, b, c, d, amber: { tlp: 'AMBER', circle } as const }
  }

  const indicator = { type: 'domain', value: 'evil.example' } as const

  async function says(
    one: Inhabitant,
    about: Inhabitant,
    id: string,
    audience: Audience,
    kind: 'sighting' | 'false-positive' | 'expiration',
    more: object = {}
  ) {
    const sighting = { bulletin: id, author: about.id, indicator, kind, count: 1, ...more } as never
    return one.replica.publish.sighting(sighting, audience, town.now() + 20 * DAY)
  }

  async function factsAt(one: Inhabitant) {
    const { bulletins, indicators } = readers(one)
    const [held] = (await bulletins.page({}, SIGHT, { order: 'newest', limit: 1 })).items
    if (held === undefined) throw new Error('not held')
    return (await indicators.factsOf(held))(indicator)
  }

  it('contest an indicator when its author says so', async () => {
    const { a, b, amber } = await square()
    const { id } = await publish(a, amber)
    await says(a, a, id, amber, 'false-positive')
    await town.link(a, b)
    expect(await factsAt(b)).toMatchObject({ state: 'contested', contested: true, counts: { falsePositive: 1 } })
  })

  it('contest it when at least max(2, k) members do, and a withdrawn one counts no more', async () => {
    const { a, b, c, d, amber } = await square()
    const { id } = await publish(a, amber)
    await town.link(a, b)
    await town.link(a, c)
    await town.link(a, d)
    await says(b, a, id, amber, 'false-positive')
    await says(b, a, id, amber, 'expiration')
    // Somebody known, but of no circle of the bulletin's.
    await says(d, a, id, { tlp: 'CLEAR' }, 'false-positive')
    await town.settle()
    expect(await factsAt(a)).toMatchObject({ contested: false, counts: { falsePositive: 2, expiration: 1 } })
    const word = await says(c, a, id, amber, 'false-positive')
    await town.settle()
    for (const one of [a, b, c]) expect((await factsAt(one)).contested).toBe(true)
    await c.replica.publish.retract([target(word, town.now() + DAY)], 'a mistake')
    await town.settle()
    for (const one of [a, b, c]) expect((await factsAt(one)).contested).toBe(false)
  })

  it('and disablings are known by their arrival, which is when the indicator became what it is', async () => {
    const { a, amber } = await square()
    const { id, target: bulletin } = await publish(a, amber)
    const arrivals: number[] = []
    a.replica.watch((event) => {
      if (event.type === 'entries') arrivals.push(...event.rows.map(({ arrival }) => arrival))
    })
    expect((await factsAt(a)).since).toEqual({})
    await says(a, a, id, amber, 'sighting')
    await says(a, a, id, amber, 'false-positive')
    const [renewed, contested] = arrivals
    expect((await factsAt(a)).since).toEqual({ renewed, contested })
    await a.replica.publish.disable(bulletin, { bulletin: id as BulletinId, indicators: [indicator], reason: 'mine' })
    expect((await factsAt(a)).since).toEqual({ renewed, contested, disabled: arrivals[2] })
  })

  it('follow to the bulletin that supersedes theirs, and on to the next, also once the first are erased', async () => {
    const { a, b, amber } = await square()
    await town.link(a, b)
    const first = await publish(a, amber)
    await town.settle()
    await says(b, a, first.id, amber, 'sighting', { count: 3 })
    await town.settle()
    const second = await publish(a, amber, { supersede: [first.target], supersedes: first.id as BulletinId })
    await town.settle()
    for (const one of [a, b]) expect((await factsAt(one)).counts).toMatchObject({ sighting: 3 })
    await says(b, a, second.id, amber, 'sighting', { count: 4 })
    await town.settle()
    await publish(a, amber, { supersede: [second.target], supersedes: second.id as BulletinId })
    await town.settle()
    for (const one of [a, b]) expect((await factsAt(one)).counts).toMatchObject({ sighting: 7 })
    town.pass(DAY + HOUR)
    for (const one of [a, b]) await one.replica.tick()
    expect(bodyAt(b, second.entry)).toBeUndefined()
    for (const one of [a, b]) expect((await factsAt(one)).counts).toMatchObject({ sighting: 7 })
  })

  it('renew an indicator, but not into the future', async () => {
    const { a, b, amber } = await square()
    const { id } = await publish(a, amber)
    await town.link(a, b)
    town.pass(DAY)
    await says(b, a, id, amber, 'sighting', { lastSeen: '2099-01-01T00:00:00.000Z', count: 7 })
    await town.settle()
    expect(await factsAt(a)).toMatchObject({ renewedAt: town.now(), counts: { sighting: 7 } })
  })
})
