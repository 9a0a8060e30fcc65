import type { CircleId, StreamId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { ROWS_AT_ONCE, SKETCH_BYTES } from './constants.ts'
import type { Frame } from './frames.ts'
import type { Row } from './ports.ts'
import { differenceOf, markRows, sketchOf, writeMarks } from './sketch.ts'
import { bytesOf, CIRCLE, countOf, createPair } from './testing/community.ts'
import { createHand, type Hand } from './testing/hand.ts'
import type { MemoryReplica } from './testing/memory-replica.ts'
import { randomBytes } from './testing/random.ts'
import type { Link, World } from './testing/world.ts'

const SALT = new Uint8Array(8).fill(7)
const NOTHING = new Uint8Array()

function fill(world: World, node: MemoryReplica, streams: number): StreamId[] {
  return Array.from({ length: streams }, () => {
    const stream = node.openStream({ tlp: 'AMBER', circle: CIRCLE })
    node.publish(stream, randomBytes(world.random, 20))
    return stream
  })
}

/** Both hold so many streams; then `missed` of the first are one entry longer at `a`. */
function missing(streams: number, missed: number, turned: boolean): { link: Link; a: MemoryReplica; b: MemoryReplica } {
  const { world, a: one, b: other, link } = createPair({ seed: streams + missed })
  // The order of the ids says who leads.
  const [a, b] = one.institution < other.institution !== turned ? [one, other] : [other, one]
  const all = fill(world, a, streams)
  const first = link()
  world.settle()
  first.cut()
  for (const stream of all.slice(0, missed)) a.publish(stream, randomBytes(world.random, 1800))
  const second = link()
  world.settle()
  expect(b.summary()).toBe(a.summary())
  return { link: second, a, b }
}

describe('what comparing costs', () => {
  it.each([1, 10, 100, 1000])('is at most 650 bytes beyond the missed entry, in a scope of %i streams', (streams) => {
    for (const turned of [false, true]) {
      const { link, b } = missing(streams, 1, turned)
      const received = link.sent.filter(({ to }) => to === b.institution)
      const beyond = received.reduce((sum, { frame, bytes }) => sum + (frame.type === 'batch' ? 0 : bytes), 0)
      expect(beyond).toBeLessThanOrEqual(650)
      expect(countOf(link, 'sketch', 'differences')).toBe(3)
      expect(countOf(link, 'buckets', 'rows')).toBe(0)
    }
  })

  it('is buckets where more differs than a sketch tells, and rows at once where there are few', () => {
    const { link } = missing(300, 150, false)
    expect(countOf(link, 'sketch')).toBe(1)
    expect(countOf(link, 'buckets')).toBe(1)
    expect(countOf(link, 'differences')).toBe(0)
    const { world, a: one, b: other, link: join } = createPair({ seed: 2 })
    const [a, b] = one.institution < other.institution ? [one, other] : [other, one]
    fill(world, a, 300)
    fill(world, b, ROWS_AT_ONCE - 1)
    const joined = join()
    world.settle()
    expect(a.summary()).toBe(b.summary())
    expect(countOf(joined, 'buckets')).toBe(0)
    expect(bytesOf(joined, 'sketch')).toBeLessThan(300)
  })
})

/** A session in which this side leads, or does not. */
function handThat(leads: boolean): Hand {
  for (let seed = 1; ; seed++) {
    const hand = createHand(seed)
    if (hand.replica.institution < hand.peer.institution === leads) return hand
  }
}

const differs: Frame = { type: 'digests', reset: false, digests: [{ scope: 'direct', digest: new Uint8Array(32) }] }
const sketchBy = (rows: readonly Row[], scope: 'direct' | CircleId = 'direct'): Extract<Frame, { type: 'sketch' }> => ({
  type: 'sketch',
  scope,
  salt: SALT,
  marks: sketchOf(markRows(rows, SALT))
})
const difference = (change: Partial<Extract<Frame, { type: 'differences' }>> = {}): Frame => ({
  type: 'differences',
  scope: 'direct',
  answer: false,
  marks: NOTHING,
  rows: [],
  ...change
})
const rowOf = (byte: string): Row => ({
  kind: 'stream',
  key: byte.repeat(32),
  number: 5,
  hash: byte.repeat(32),
  order: 4,
  newest: 1
})

describe('a sketch of the peer', () => {
  it('is answered by what it lacks and the marks of what we lack; the rows of these are asked for then', () => {
    const hand = handThat(true)
    const ours = hand.replica.openStream({ tlp: 'CLEAR' })
    hand.replica.publish(ours, Uint8Array.of(1))
    hand.greet()
    hand.give(sketchBy([rowOf('aa')]))
    const [answer] = hand.sent('differences')
    if (answer?.type !== 'differences') throw new Error('no answer')
    expect(answer).toMatchObject({ answer: true, marks: writeMarks([...markRows([rowOf('aa')], SALT).keys()]) })
    expect(answer.rows.map(({ key }) => key)).toEqual([ours])
    expect(hand.session.state().comparing).toBe(1)
    hand.give(difference({ rows: [rowOf('aa')] }))
    expect(hand.session.state()).toMatchObject({ comparing: 0, wanted: 1 })
    expect(hand.sent('want')).toHaveLength(1)
  })

  it('of the same rows is agreed', () => {
    const hand = handThat(false)
    hand.greet()
    hand.give(sketchBy([]))
    expect(hand.sent('differences')).toEqual([difference()])
    expect(hand.session.state().comparing).toBe(0)
    const agreed = hand.reports().filter((report) => report.type === 'agreed' && report.scope === 'direct')
    expect(agreed.length).toBeGreaterThan(0)
  })

  it('that crosses ours is answered by the side that does not lead alone', () => {
    for (const leads of [true, false]) {
      const hand = handThat(leads)
      hand.greet()
      hand.give(differs)
      expect(hand.sent('sketch')).toHaveLength(1)
      hand.give(sketchBy([rowOf('aa')]))
      expect(hand.sent('differences')).toHaveLength(leads ? 0 : 1)
      // What the other side owes now: an answer to our sketch, or the rows of the marks we asked for.
      hand.give(leads ? difference() : difference({ rows: [rowOf('aa')] }))
      expect([hand.violation(), hand.session.state().comparing]).toEqual([undefined, 0])
    }
  })

  it('of random bytes is answered by our rows or buckets', () => {
    const hand = handThat(true)
    hand.greet()
    const marks = new Uint8Array(SKETCH_BYTES).fill(0x5a)
    hand.give({ type: 'sketch', scope: 'direct', salt: SALT, marks })
    expect(hand.sent('rows')).toMatchObject([{ scope: 'direct', answer: true, rows: [] }])
    expect(differenceOf(markRows([], SALT), marks)).toBeUndefined()
    for (let n = 0; n <= ROWS_AT_ONCE; n++) {
      const stream = hand.replica.openStream({ tlp: 'AMBER', circle: CIRCLE })
      hand.replica.publish(stream, Uint8Array.of(n))
    }
    hand.give({ type: 'sketch', scope: CIRCLE, salt: SALT, marks })
    expect(hand.sent('buckets')).toHaveLength(1)
  })
})

describe('a hostile peer', () => {
  const violates = (...frames: readonly ((hand: Hand) => Frame)[]): void => {
    const hand = handThat(true)
    hand.greet()
    for (const frame of frames) hand.give(frame(hand))
    expect(hand.violation()).toBe('unexpected-frame')
  }

  it('is closed on when it answers what was not said', () => {
    violates(() => difference())
    violates(() => ({ type: 'buckets', scope: 'direct', buckets: new Uint8Array(1024) }))
    // Marks that our sketch did not have.
    violates(
      () => differs,
      () => difference({ answer: true, marks: writeMarks([12345]) })
    )
    violates(
      () => differs,
      () => difference({ rows: [rowOf('aa')] })
    )
    // More rows than were asked for, or a question back.
    const asked = () => sketchBy([rowOf('aa')])
    violates(asked, () => difference({ rows: [rowOf('aa'), rowOf('bb')] }))
    violates(asked, () => difference({ answer: true }))
    violates(asked, () => difference({ marks: writeMarks([12345]) }))
    violates(asked, asked)
    violates(asked, () => ({
      type: 'rows',
      scope: 'direct',
      mask: new Uint8Array(8).fill(255),
      answer: false,
      last: true,
      rows: []
    }))
  })

  it('pays for each sketch', () => {
    const hand = handThat(true)
    hand.greet()
    const equal = sketchBy([])
    for (let n = 0; n < 200 && hand.violation() === undefined; n++) hand.give(equal)
    expect(hand.violation()).toBe('control-flood')
  })

  it('learns nothing of a scope that it does not share', () => {
    const hand = handThat(true)
    const foreign = '44'.repeat(32) as CircleId
    hand.greet()
    hand.give(sketchBy([], foreign))
    expect(hand.sent('rows')).toMatchObject([{ scope: foreign, answer: false, last: true, rows: [] }])
    expect(hand.sent('differences')).toEqual([])
  })
})
