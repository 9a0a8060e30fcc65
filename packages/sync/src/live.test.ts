import { CHUNK } from '@tocsin/journal'
import { describe, expect, it } from 'vitest'
import { LARGE_BODY, LIVE_BODY } from './constants.ts'
import { bytesOf, CIRCLE, countOf, createCommunity, createPair } from './testing/community.ts'
import type { MemoryReplica } from './testing/memory-replica.ts'
import { randomBytes } from './testing/random.ts'
import type { Link } from './testing/world.ts'

const sentBy = (link: Link, replica: MemoryReplica, from = 0) =>
  link.sent
    .slice(from)
    .filter((sent) => sent.from === replica.institution)
    .map(({ frame }) => frame)

describe('live', () => {
  it('pushes a new entry in one hop, without a round trip, and the first of a new stream as well', () => {
    const { world, a, b, link } = createPair({ seed: 1, latency: [40, 40], admission: [0, 0] })
    const one = link()
    world.settle()
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (let seq = 1; seq <= 3; seq++) {
      const before = one.sent.length
      const at = world.now()
      world.publish(a, stream, randomBytes(world.random, 300))
      world.until(() => b.head(stream)?.seq === seq)
      expect(world.now() - at).toBe(40)
      world.settle()
      const frames = one.sent.slice(before).map(({ frame }) => frame)
      // The descriptor travels with the first entry of the session only.
      expect(frames.map(({ type }) => type)).toEqual([seq === 1 ? 'batch' : 'push', 'have'])
    }
  })

  it('passes on what came in, at once, and never back to where it came from', () => {
    const { world, nodes } = createCommunity({ seed: 2, latency: [40, 40], admission: [0, 0] }, 3)
    const [a, b, c] = nodes as [MemoryReplica, MemoryReplica, MemoryReplica]
    const [ab, bc] = [world.link(a, b), world.link(b, c)]
    world.settle()
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    const direct = a.openStream({ tlp: 'RED', recipient: b.institution })
    const at = world.now()
    world.publish(a, stream, randomBytes(world.random, 300))
    world.publish(a, direct, randomBytes(world.random, 300))
    world.until(() => c.head(stream) !== undefined)
    expect(world.now() - at).toBe(80)
    world.settle()
    expect(countOf(ab, 'batch')).toBe(2)
    expect(countOf(bc, 'batch')).toBe(1)
    expect(b.head(direct)).toEqual(a.head(direct))
    expect(c.head(direct)).toBeUndefined()
  })

  it('pushes registers at once', () => {
    const { world, a, b, link } = createPair({ seed: 3 })
    const one = link()
    world.settle()
    for (let number = 1; number <= 3; number++) {
      const before = one.sent.length
      const address = a.setRegister(2, 'vouch', number, CIRCLE)
      world.tell(a, { type: 'appended', streams: [], registers: [address] })
      world.run(2000)
      expect(b.registers.get(address)?.number).toBe(number)
      expect(one.sent.slice(before).map(({ frame }) => frame.type)).toEqual(['registers'])
    }
  })

  it('announces a body over 64 KiB, and sends it when it is asked for', () => {
    const { world, a, b, link } = createPair({ seed: 4 })
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    const one = link()
    world.settle()
    const before = one.sent.length
    for (const size of [LIVE_BODY, LIVE_BODY + 1]) {
      world.publish(a, stream, randomBytes(world.random, size))
      world.settle()
    }
    expect(one.sent.slice(before).map(({ frame }) => frame.type)).toEqual([
      'batch',
      'have',
      'have',
      'want',
      'batch',
      'have'
    ])
    expect(b.head(stream)).toEqual(a.head(stream))
  })

  it('is not held up by a catch-up', () => {
    const { world, a, b, link } = createPair({ seed: 5, latency: [30, 30], admission: [20, 20] })
    const old = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (let n = 0; n < 4000; n++) a.publish(old, randomBytes(world.random, 2000))
    const live = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    a.publish(live, randomBytes(world.random, 300))
    const one = link()
    world.until(() => (b.head(old)?.seq ?? 0) > 100 && b.head(live) !== undefined)
    for (let n = 2; n < 12; n++) {
      world.run(5)
      const before = one.sent.length
      world.publish(a, live, randomBytes(world.random, 300))
      // It leaves before anything of the catch-up that had not left.
      expect(sentBy(one, a, before)[0]).toMatchObject({ type: 'push', seq: n })
    }
    expect(b.head(old)?.seq).toBeLessThan(4000)
    world.settle()
    expect(b.summary()).toBe(a.summary())
  })
})

describe('credit', () => {
  it('bounds what waits for admission, and gives no more than was admitted', () => {
    const window = 2 ** 20
    const { world, nodes } = createCommunity({ seed: 6, admission: [400, 400] }, 2)
    const [a, b] = nodes as [MemoryReplica, MemoryReplica]
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (let n = 0; n < 3000; n++) a.publish(stream, randomBytes(world.random, 1000))
    const one = world.link(a, b, { window })
    const receiver = one.ends[1].session
    let most = 0
    world.until(() => {
      most = Math.max(most, receiver.state().pendingCost)
      return b.head(stream)?.seq === 3000
    })
    expect(most).toBeGreaterThan(window / 4)
    // Half of the window is for live entries.
    expect(most).toBeLessThanOrEqual(window / 2)
    world.settle()
    expect(one.ends[0].session.state().credit).toBeGreaterThan(window * 0.9)
    expect(one.ends[1].reports.filter(({ type }) => type === 'violation')).toEqual([])
  })

  it('stops live entries too when the receiver admits nothing', () => {
    const window = 2 ** 20
    const { world, nodes } = createCommunity({ seed: 7, admission: [10_000_000, 10_000_000] }, 2)
    const [a, b] = nodes as [MemoryReplica, MemoryReplica]
    const streams = Array.from({ length: 40 }, () => a.openStream({ tlp: 'AMBER', circle: CIRCLE }))
    const one = world.link(a, b, { window })
    world.run(2000)
    for (const stream of streams) world.publish(a, stream, randomBytes(world.random, 60_000))
    world.run(60_000)
    const { pendingCost, phase } = one.ends[1].session.state()
    expect(phase).toBe('linked')
    expect(pendingCost).toBeLessThanOrEqual(window)
    expect(pendingCost).toBeGreaterThan(window - 130_000)
    expect(one.ends[0].session.state().outgoing).toBe(streams.length - one.ends[1].session.state().pendingAdmissions)
  })
})

describe('large bodies', () => {
  it('travel in chunks, one at a time, between other streams, and arrive whole', () => {
    const { world, a, b, link } = createPair({ seed: 8, latency: [10, 10] })
    const [first, second, small] = [0, 1, 2].map(() => a.openStream({ tlp: 'AMBER', circle: CIRCLE }))
    if (!first || !second || !small) throw new Error('no streams')
    const body = randomBytes(world.random, 3 * 2 ** 20 + 5)
    a.publish(first, body, world.now() + 2)
    a.publish(first, randomBytes(world.random, 10), world.now() + 2)
    a.publish(second, randomBytes(world.random, LARGE_BODY + 1), world.now() + 1)
    for (let n = 0; n < 200; n++) a.publish(small, randomBytes(world.random, 5000))
    const one = link()
    let most = 0
    world.until(() => {
      most = Math.max(most, one.ends[1].session.state().largeIn)
      return b.head(first)?.seq === 2 && b.head(second)?.seq === 1 && b.head(small)?.seq === 200
    })
    expect(Buffer.compare(b.streams.get(first)?.entries[0]?.body ?? new Uint8Array(), body)).toBe(0)
    expect(most).toBe(body.length)
    const frames = sentBy(one, a)
    expect(frames.filter(({ type }) => type === 'chunk')).toHaveLength(Math.ceil(body.length / CHUNK) + 5)
    const types = frames.map(({ type }) => type)
    expect(types.slice(types.indexOf('chunk'), types.indexOf('chunk') + 8)).toContain('batch')
    // The second starts only when the first was admitted.
    const done = one.sent.findIndex(({ frame }) => frame.type === 'large-done')
    const starts = one.sent.flatMap(({ frame }, index) => (frame.type === 'large' ? [index] : []))
    expect(starts).toHaveLength(2)
    expect(starts[1]).toBeGreaterThan(done)
    world.settle()
    for (const { session } of one.ends) expect(session.state()).toMatchObject({ largeIn: 0, largeOut: 0 })
  })

  it('stop when they came by another way', () => {
    const { world, nodes } = createCommunity({ seed: 9, latency: [10, 10] }, 3)
    const [a, b, c] = nodes as [MemoryReplica, MemoryReplica, MemoryReplica]
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    const body = randomBytes(world.random, 2 ** 20)
    a.publish(stream, body)
    const links = [world.link(a, b), world.link(a, c), world.link(b, c)]
    world.settle()
    for (const node of [b, c]) expect(node.head(stream)).toEqual(a.head(stream))
    const bytes = links.reduce((sum, one) => sum + bytesOf(one), 0)
    expect(bytes).toBeLessThan(4 * body.length)
  })

  it('stop when the hop rule ends them', () => {
    const { world, a, b, link } = createPair({ seed: 10, latency: [10, 10] })
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    a.publish(stream, randomBytes(world.random, 8 * 2 ** 20))
    const one = link()
    world.until(() => countOf(one, 'chunk') > 10)
    a.circles.clear()
    world.tell(a, { type: 'roster-changed' })
    const chunks = countOf(one, 'chunk')
    world.settle()
    expect(countOf(one, 'chunk')).toBeLessThanOrEqual(chunks + 1)
    expect(b.head(stream)).toBeUndefined()
    for (const { session } of one.ends) {
      expect(session.state()).toMatchObject({ phase: 'linked', largeIn: 0, largeOut: 0, wanted: 0 })
    }
  })
})
