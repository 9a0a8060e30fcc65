/** Sightings told to the author alone, and the count that it publishes of them (DESIGN §2, §4). */
import type { Sighting } from '@tocsin/model'
import { ranges } from '@tocsin/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBulletinReader, type HeldBulletin, type Sight } from './bulletins.ts'
import { DAY } from './constants.ts'
import type { IndicatorFacts, PrivateSightings } from './indicator-facts.ts'
import { createIndicatorReader } from './indicators.ts'
import type { PublishedEntry } from './publish.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './testing/town.ts'
import type { Audience } from './types.ts'

const SIGHT: Sight = { maxTlp: 'RED', use: 'hunt' }
const INDICATOR = { type: 'domain', value: 'evil.example' } as const

let town: Town
let author: Inhabitant
let members: Inhabitant[]
let amber: Audience
let id: string

beforeEach(async () => {
  town = createTown()
  author = await town.inhabitant('author')
  members = []
  for (let n = 0; n < 7; n++) members.push(await town.inhabitant(`m${n}`))
  await town.acquaint(author, ...members)
  amber = { tlp: 'AMBER', circle: await town.circle([author, ...members]) }
  id = await publish()
  for (const member of members) await town.link(author, member)
})
afterEach(() => town.end())

async function publish(audience = amber): Promise<string> {
  const made = bulletin([audience], town.now())
  await author.replica.publish.bulletin(made)
  return made.bulletin.id
}

const member = (n: number): Inhabitant => members[n] as Inhabitant
const toAuthor = (): Audience => ({ tlp: 'RED', recipient: author.id })

function readers(one: Inhabitant) {
  const { store, streams, book, identity } = one.replica
  const bulletins = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  return { bulletins, indicators: createIndicatorReader({ store, book, bulletins, now: town.now }) }
}

async function heldAt(one: Inhabitant, which = id): Promise<HeldBulletin> {
  const [held] = await readers(one).bulletins.entriesOf(which, author.id)
  if (held === undefined) throw new Error('not held')
  return held
}

async function factsAt(one: Inhabitant, sight: Pick<Sight, 'maxTlp'> = SIGHT): Promise<IndicatorFacts['counts']> {
  return (await readers(one).indicators.factsOf(await heldAt(one), sight))(INDICATOR).counts
}

async function told(sight: Pick<Sight, 'maxTlp'> = SIGHT, which = id): Promise<PrivateSightings> {
  return readers(author).indicators.privateSightings(await heldAt(author, which), INDICATOR, sight)
}

async function says(one: Inhabitant, audience: Audience, more: Partial<Sighting> = {}): Promise<PublishedEntry> {
  const sighting: Sighting = {
    bulletin: id,
    author: author.id,
    indicator: INDICATOR,
    kind: 'sighting',
    count: 1,
    ...more
  } as Sighting
  const done = await one.replica.publish.sighting(sighting, audience, town.now() + 20 * DAY)
  await town.settle()
  return done
}

async function count(least = 3): Promise<readonly PublishedEntry[]> {
  const done = await author.replica.publish.count({
    ...(await told()),
    bulletin: id as never,
    indicator: INDICATOR,
    least,
    audiences: [amber],
    keepUntil: town.now() + 20 * DAY
  })
  await town.settle()
  return done
}

describe('a private sighting', () => {
  it('is known to its author and its recipient, and to nobody else', async () => {
    await says(member(0), toAuthor(), { count: 9 })
    expect(await factsAt(author)).toMatchObject({ sighting: 9, private: 0 })
    expect(await factsAt(member(0))).toMatchObject({ sighting: 9 })
    for (const other of members.slice(1)) {
      expect(await factsAt(other)).toMatchObject({ sighting: 0, private: 0 })
      const streams = [...other.replica.streams.all()].map(({ descriptor }) => descriptor)
      expect(streams.filter(({ tlp, author }) => tlp === 'RED' || author === member(0).id)).toEqual([])
    }
    // A token below RED does not learn of it at the author's either.
    expect(await factsAt(author, { maxTlp: 'AMBER+STRICT' })).toMatchObject({ sighting: 0 })
    expect(await told({ maxTlp: 'AMBER+STRICT' })).toMatchObject({ contributors: 0 })
  })

  it('counts its institution once, and not if it told the audience as well', async () => {
    for (let n = 0; n < 3; n++) await says(member(0), toAuthor())
    await says(member(1), toAuthor())
    await says(member(2), toAuthor(), { kind: 'false-positive' })
    expect(await told()).toEqual({ contributors: 2, published: [] })
    await says(member(1), amber)
    expect(await told()).toEqual({ contributors: 1, published: [] })
  })

  it('counts of institutions of the circle alone, or strangers could make up a crowd around one', async () => {
    const stranger = await town.inhabitant('stranger')
    await town.acquaint(author, stranger)
    await town.link(author, stranger)
    await says(stranger, toAuthor())
    expect(await factsAt(author)).toMatchObject({ sighting: 1 })
    expect(await told()).toMatchObject({ contributors: 0 })
  })

  it('counts no more once it was taken back', async () => {
    const { entry, audience } = await says(member(0), toAuthor())
    await says(member(1), toAuthor())
    await member(0).replica.publish.retract([{ entry, audience, keepUntil: town.now() + 20 * DAY }], 'a mistake')
    await town.settle()
    expect(await told()).toMatchObject({ contributors: 1 })
  })
})

describe('a count', () => {
  it('is refused below three, reaches the audience at three, and says how many, nothing else', async () => {
    for (const n of [0, 1]) await says(member(n), toAuthor(), { count: 50 })
    await expect(count()).rejects.toMatchObject({
      code: 'too-few-contributors',
      facts: { contributors: 2, least: 3 }
    })
    await says(member(2), toAuthor(), { count: 50 })
    await expect(count(4)).rejects.toMatchObject({ code: 'too-few-contributors' })
    await count()
    for (const other of members.slice(3)) expect(await factsAt(other)).toMatchObject({ sighting: 0, private: 3 })
    expect(await told()).toEqual({ contributors: 3, published: [3] })
  })

  it('shows no newcomer by its difference to an earlier one', async () => {
    for (const n of [0, 1, 2]) await says(member(n), toAuthor())
    await count()
    await says(member(3), toAuthor())
    await expect(count()).rejects.toMatchObject({ code: 'count-too-close' })
    await says(member(4), toAuthor())
    await expect(count()).rejects.toMatchObject({ code: 'count-too-close' })
    expect(await factsAt(member(6))).toMatchObject({ private: 3 })
    await says(member(5), toAuthor())
    await count()
    expect(await factsAt(member(6))).toMatchObject({ private: 6 })
    // The same again tells nobody anything.
    await count()
    expect(await factsAt(member(6))).toMatchObject({ private: 6 })
  })

  it('shows none in another bulletin of the same value, after a correction or a restart', async () => {
    for (const n of [0, 1, 2]) await says(member(n), toAuthor())
    await count()
    id = await publish()
    await town.settle()
    for (const n of [0, 1, 2, 3]) await says(member(n), toAuthor())
    await expect(count()).rejects.toMatchObject({ code: 'count-too-close' })
    await town.restart(author)
    expect(await told()).toEqual({ contributors: 4, published: [] })
    expect(author.replica.publish.mayCount(INDICATOR, await told(), 3)).toBe('count-too-close')
  })

  it('is remembered as long as anything is left of what it counted, and no longer', async () => {
    for (const n of [0, 1, 2]) await says(member(n), toAuthor())
    await count()
    const remembered = async (): Promise<number> => {
      let rows = 0
      for await (const _ of author.replica.store.scan(ranges.local('count'))) rows += 1
      return rows
    }
    // The sightings and the count are past their time; the bulletin is not, and may be counted again.
    town.pass(21 * DAY)
    await author.replica.tick()
    expect(await remembered()).toBe(1)
    expect(author.replica.publish.mayCount(INDICATOR, { contributors: 4, published: [] }, 3)).toBe('count-too-close')
    town.pass(400 * DAY)
    await author.replica.tick()
    town.pass(DAY)
    await author.replica.tick()
    expect(await remembered()).toBe(0)
    expect(author.replica.publish.mayCount(INDICATOR, { contributors: 4, published: [] }, 3)).toBeUndefined()
  })

  it('is nobody’s but the author’s', async () => {
    await says(member(0), amber, { count: 500, contributors: 500 })
    expect(await factsAt(author)).toEqual({ sighting: 0, falsePositive: 0, expiration: 0, private: 0 })
    expect(await factsAt(member(1))).toEqual({ sighting: 0, falsePositive: 0, expiration: 0, private: 0 })
    expect(await told()).toEqual({ contributors: 0, published: [] })
  })
})
