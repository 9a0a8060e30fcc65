/** Lies about time, by authors, relays, neighbours and whoever signs statements. */
import { quarterStart } from '@tocsin/journal'
import { accepts, cardOf, forge, type Inhabitant, institution, START, vouches } from '@tocsin/replica/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Cast, createCast, membersAt, publish, tell, titlesAt } from './cast.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
let cast: Cast
let a: Inhabitant
let b: Inhabitant
let c: Inhabitant

beforeEach(async () => {
  cast = await createCast(['a', 'b', 'c'], 2)
  ;[a, b, c] = cast.founders as [Inhabitant, Inhabitant, Inhabitant]
})
afterEach(() => cast.town.end())

describe('an author whose clock lies', () => {
  it('ahead waits until its time has come, is no offence, and holds up nobody else', async () => {
    const { town, amber } = cast
    const ahead = forge(a.who, amber, town.now)
    ahead.add({ clock: town.now() + 11 * MINUTE })
    expect(await b.replica.admit(ahead.batch(a.who, b.who))).toMatchObject({ verdict: 'ignore', code: 'too-new' })
    const other = forge(c.who, amber, town.now)
    other.add()
    expect(await b.replica.admit(other.batch(a.who, b.who))).toMatchObject({ accepted: 1 })
    town.pass(2 * MINUTE)
    expect(await b.replica.admit(ahead.batch(a.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 1 })
  })

  it('backwards within a stream, or into another quarter, is rejected', async () => {
    const { town, amber } = cast
    const falling = forge(a.who, amber, town.now)
    falling.add()
    falling.add({ clock: town.now() - 1 })
    expect(await b.replica.admit(falling.batch(a.who, b.who))).toMatchObject({
      verdict: 'reject',
      code: 'clock-falls'
    })
    const elsewhere = forge(a.who, amber, town.now)
    elsewhere.add({ clock: quarterStart(1), keepUntil: town.now() + 30 * DAY })
    expect(await b.replica.admit(elsewhere.batch(a.who, b.who))).toMatchObject({
      verdict: 'reject',
      code: 'clock-outside-quarter'
    })
  })

  it('cannot make others keep its words for ever: keep-until is the charter’s', async () => {
    const { town, amber } = cast
    const long = forge(a.who, amber, town.now)
    long.add({ keepUntil: town.now() + 4000 * DAY })
    expect(await b.replica.admit(long.batch(a.who, b.who))).toMatchObject({
      verdict: 'reject',
      code: 'keep-until-out-of-bounds'
    })
  })
})

describe('a root key whose clock lies', () => {
  it('cannot write a number of the far future, which nothing could ever replace', async () => {
    const { circle } = cast
    const newcomer = institution('newcomer')
    const future = START + 3650 * DAY
    for (const word of [cardOf(a.who, { number: future }), vouches(a.who, newcomer, circle, { number: future })])
      expect(await tell(b, a, word)).toMatchObject({ verdict: 'ignore', code: 'too-new', accepted: 0 })
    expect(await tell(b, a, cardOf(a.who, { number: START + 1 }))).toMatchObject({ accepted: 1 })
  })

  it('does not keep a vouch alive past its day: each node counts by its own', async () => {
    const { town, circle } = cast
    const newcomer = institution('newcomer')
    const expires = Math.floor(START / DAY) + 10
    for (const [by, from] of [
      [a, b],
      [c, b]
    ] as const)
      await tell(b, from === b ? by : from, vouches(by.who, newcomer, circle, { expires }))
    await b.replica.admitRegisters([cardOf(newcomer).bytes, accepts(newcomer, circle).bytes], a.id)
    expect(membersAt(b, circle)).toContain(newcomer.id)
    town.pass(11 * DAY)
    await b.replica.tick()
    expect(membersAt(b, circle)).not.toContain(newcomer.id)
    // The same vouch once more is the same vouch.
    await tell(b, a, vouches(a.who, newcomer, circle, { expires }))
    expect(membersAt(b, circle)).not.toContain(newcomer.id)
  })
})

describe('a peer whose clock lies', () => {
  it('alone silences nobody: a node stops signing only when most of its peers say that its clock is off', async () => {
    const { town, amber } = cast
    b.replica.linked(a.id, 0)
    b.replica.linked(c.id, 60 * MINUTE)
    expect(b.replica.notSigning()).toBeUndefined()
    await publish(b, town, amber, 'said all the same')
    expect(await titlesAt(b, town)).toEqual(['said all the same'])
    // Where most do, it stops, and says so.
    b.replica.linked(a.id, 60 * MINUTE)
    expect(b.replica.notSigning()).toBe('clock-off')
    await expect(publish(b, town, amber, 'no')).rejects.toMatchObject({ code: 'signing-suspended' })
    expect(b.replica.alarms().map(({ code }) => code)).toContain('clock-off')
    b.replica.linked(a.id, 0)
    await publish(b, town, amber, 'again')
  })

  it('makes no evidence: a hop proof of another time is ignored and asked for again', async () => {
    const { town, amber } = cast
    const stream = forge(a.who, amber, town.now)
    stream.add()
    for (const time of [town.now() - DAY, town.now() + DAY])
      expect(await b.replica.admit(stream.batch(a.who, b.who, {}, { time }))).toMatchObject({
        verdict: 'ignore',
        code: 'proof-other-time'
      })
    expect(await b.replica.shelf.list()).toEqual([])
    expect(await b.replica.admit(stream.batch(a.who, b.who))).toMatchObject({ accepted: 1 })
  })
})
