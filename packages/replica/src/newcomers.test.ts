/** Who is a newcomer, and what part of a quota that leaves him (DESIGN §8.5; decision 0024). */
import type { CircleId } from '@tocsin/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY } from './constants.ts'
import { createNewcomers, type Newcomers } from './newcomers.ts'
import { accepts, charterOf, START, vouches } from './testing/institution.ts'
import { createTown, type Inhabitant, type Town } from './testing/town.ts'

const MIB = 2 ** 20

let town: Town
let a: Inhabitant
let b: Inhabitant
let c: Inhabitant
let fresh: Inhabitant
let circle: CircleId

beforeEach(async () => {
  town = createTown()
  a = await town.inhabitant('a')
  b = await town.inhabitant('b')
  c = await town.inhabitant('c')
  fresh = await town.inhabitant('fresh')
  await town.acquaint(a, b, c, fresh)
  circle = await town.circle([a, b, c])
})
afterEach(() => town.end())

/** As b sees it. */
function seen(since = town.now()): Newcomers {
  const { book } = b.replica
  const peers = { get: () => ({ institution: fresh.id, addedAt: since }) }
  return createNewcomers({ world: { now: town.now }, book, peers, self: b.id })
}

async function join(in_: CircleId, number: number): Promise<void> {
  const vows = [a, c].map(({ who }) => vouches(who, fresh.who, in_, { number }))
  const registers = [...vows, accepts(fresh.who, in_, 1)].map(({ bytes }) => bytes)
  await b.replica.admitRegisters(registers, a.id)
  expect(b.replica.book.view.isMember(in_, fresh.id)).toBe(true)
}

describe('a newcomer', () => {
  it('is one for as many days as the charter says, and has the part that it says', async () => {
    const founders = [a, b, c].map(({ who }) => who)
    const quotas = { newcomerDays: 7, newcomerPercent: 10, pendingBytes: 20 * MIB }
    const strict = charterOf(founders, 2, { nonce: 'cd'.repeat(16), quotas })
    const statements = [strict.register, ...founders.map((who) => accepts(who, strict.circle))]
    await b.replica.admitRegisters(
      statements.map(({ bytes }) => bytes),
      a.id
    )
    await join(strict.circle, START - 6 * DAY)
    expect(seen().partOf(fresh.id, strict.circle)).toBe(0.1)
    expect(seen().partOf(fresh.id, undefined)).toBe(0.1)
    expect(seen().pendingBytes(fresh.id)).toBe(2 * MIB)
    expect(seen().pendingBytes(a.id)).toBe(20 * MIB)
    town.pass(DAY)
    await b.replica.tick()
    expect(seen().partOf(fresh.id, strict.circle)).toBe(1)
    expect(seen().pendingBytes(fresh.id)).toBe(20 * MIB)
    // Of the other circle he is no member at all.
    expect(seen().partOf(fresh.id, circle)).toBe(0.25)
  })

  it('is no founder, and never oneself', () => {
    for (const one of [a, b, c])
      for (const of of [circle, undefined]) expect(seen().partOf(one.id, of), one.who.name).toBe(1)
    expect(seen().pendingBytes(a.id)).toBe(4 * MIB)
  })

  it('founds a circle of his own in vain', async () => {
    await join(circle, START - DAY)
    const own = charterOf([fresh.who, b.who], 1, { nonce: 'ef'.repeat(16) })
    await b.replica.admitRegisters([own.register.bytes, accepts(fresh.who, own.circle).bytes], fresh.id)
    expect(b.replica.book.view.isMember(own.circle, fresh.id)).toBe(true)
    expect(seen().partOf(fresh.id, undefined)).toBe(0.25)
    expect(seen().partOf(fresh.id, circle)).toBe(0.25)
    expect(seen().pendingBytes(fresh.id)).toBe(MIB)
  })

  it('is a peer in no circle for a month after it was added, and a stranger for ever', () => {
    expect(seen(START - 29 * DAY).partOf(fresh.id, undefined)).toBe(0.25)
    expect(seen(START - 30 * DAY).partOf(fresh.id, undefined)).toBe(1)
    expect(seen(START - 300 * DAY).partOf(fresh.id, circle)).toBe(0.25)
  })
})
