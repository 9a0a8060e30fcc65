import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY } from './constants.ts'
import { ADMIT_ERRORS, REPLICA_ERRORS } from './errors.ts'
import { accepts, vouches } from './testing/institution.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './testing/town.ts'

let town: Town
let a: Inhabitant
let b: Inhabitant

beforeEach(async () => {
  town = createTown()
  a = await town.inhabitant('a', { disk: true })
  b = await town.inhabitant('b')
  await town.acquaint(a, b)
})
afterEach(() => town.end())

describe('a listener that fails', () => {
  it('harms neither the publish nor the other listeners, and is not passed over in silence', async () => {
    const heard: string[] = []
    a.replica.watch(() => {
      throw new Error('a bug')
    })
    a.replica.watch(({ type }) => heard.push(type))
    const [entry] = await a.replica.publish.bulletin(bulletin([{ tlp: 'RED', recipient: b.id }], town.now()))
    expect(entry?.seq).toBe(1)
    expect(heard).toContain('entries')
    expect(a.replica.alarms().map(({ code }) => code)).toEqual(['listener-failed'])
  })
})

describe('after a restart', () => {
  it('all that was acknowledged is there: streams, registers, peers, order of arrival', async () => {
    const circle = await town.circle([a, b])
    for (let n = 0; n < 3; n++) {
      await a.replica.publish.bulletin(bulletin([{ tlp: 'AMBER', circle }], town.now()))
      town.pass(1)
    }
    const held = () => ({
      heads: [...a.replica.streams.all()].map(({ id, state }) => [id, state]),
      registers: [...a.replica.book.rows()].map(([key, { hash }]) => `${key} ${hash}`).sort(),
      peers: a.replica.peers(),
      roster: a.replica.book.roster(circle)?.digest
    })
    const before = held()
    await town.restart(a)
    expect(held()).toEqual(before)
    const arrivals = (): number[] => a.events.flatMap((e) => (e.type === 'entries' ? e.rows.map((r) => r.arrival) : []))
    const given = arrivals()
    expect(given).toEqual([...given].sort((x, y) => x - y))
    // Even when the clock has been set back, an arrival number is never given twice.
    town.pass(-DAY)
    await town.restart(a, 0)
    await a.replica.publish.bulletin(bulletin([{ tlp: 'AMBER', circle }], town.now()))
    expect(arrivals().at(-1)).toBeGreaterThan(given.at(-1) ?? 0)
  })
})

describe('the day', () => {
  it('changes rosters by itself: an expired vouch ends a membership', async () => {
    const circle = await town.circle([a, b])
    const c = await town.inhabitant('c')
    const expires = Math.floor(town.now() / DAY) + 2
    const vows = [a, b].map(({ who }) => vouches(who, c.who, circle, { expires })).concat(accepts(c.who, circle))
    await a.replica.admitRegisters(
      vows.map(({ bytes }) => bytes),
      b.id
    )
    expect(a.replica.book.view.isMember(circle, c.id)).toBe(true)
    town.pass(3 * DAY)
    await a.replica.tick()
    expect(a.replica.book.view.isMember(circle, c.id)).toBe(false)
    expect(a.events.map(({ type }) => type)).toContain('roster-changed')
  })
})

it('explains every code', () => {
  for (const line of [...Object.values(ADMIT_ERRORS), ...Object.values(REPLICA_ERRORS)])
    expect(line.length).toBeGreaterThan(10)
})
