import type { StreamId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { CIRCLE, countOf, createCommunity, createPair } from './testing/community.ts'
import type { MemoryReplica } from './testing/memory-replica.ts'
import { randomBytes } from './testing/random.ts'
import type { World } from './testing/world.ts'

/** A stream of a third author that `a` holds and may: the roster of `b` does not say so yet. */
function heldAhead(world: World, a: MemoryReplica, b: MemoryReplica, seed: number) {
  const [author] = createCommunity({ seed }, 1).nodes as [MemoryReplica]
  const members = [a, b, author].map(({ institution }) => institution)
  a.circles.set(CIRCLE, new Set(members))
  const stream = author.openStream({ tlp: 'AMBER', circle: CIRCLE })
  author.publish(stream, randomBytes(world.random, 300))
  const held = author.streams.get(stream)
  if (held) a.streams.set(stream, held)
  return { stream, members }
}

describe('declines', () => {
  it('are not asked for again until a roster changes, and cost nothing meanwhile', () => {
    const { world, a, b, link } = createPair({ seed: 11 })
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    a.publish(stream, randomBytes(world.random, 300))
    b.ignores.set(stream, 'author-unknown')
    const one = link()
    world.settle()
    expect(b.refused).toEqual(['author-unknown'])
    expect(one.ends.map(({ session }) => [session.state().declinedByUs, session.state().declinedByPeer])).toEqual([
      [0, 1],
      [1, 0]
    ])
    const before = one.sent.length
    world.publish(a, stream, randomBytes(world.random, 300))
    world.run(45 * 60_000)
    expect(b.refused).toEqual(['author-unknown'])
    // Digests and heartbeats alone: what was declined is left out on both sides.
    expect(new Set(one.sent.slice(before).map(({ frame }) => frame.type))).toEqual(new Set(['digests', 'heartbeat']))
    b.ignores.clear()
    world.tell(b, { type: 'roster-changed' })
    world.settle()
    expect(b.head(stream)).toEqual(a.head(stream))
    expect(one.ends.map(({ session }) => [session.state().declinedByUs, session.state().declinedByPeer])).toEqual([
      [0, 0],
      [0, 0]
    ])
  })

  it('stand when the roster of the other side changes, and when the own one does not lift them', () => {
    const { world, a, b, link } = createPair({ seed: 12 })
    const other = '22'.repeat(32) as typeof CIRCLE
    a.circles.set(other, new Set([a.institution, b.institution]))
    const stream = a.openStream({ tlp: 'AMBER', circle: other })
    a.publish(stream, randomBytes(world.random, 300))
    // It has not heard of the circle, so nothing of it is compared; somebody's careless roster sends it all the same.
    const one = link()
    world.settle()
    world.tell(a, { type: 'appended', streams: [stream], registers: [] })
    world.settle()
    expect(b.refused).toEqual(['amber-sender-not-member'])
    const before = one.sent.length
    for (const node of [a, b, a, b]) {
      world.tell(node, { type: 'roster-changed' })
      world.settle()
    }
    const sent = one.sent.slice(before).map(({ frame }) => frame)
    expect(sent.filter(({ type }) => type === 'decline' || type === 'want' || type === 'batch')).toEqual([])
    expect(sent.filter((frame) => frame.type === 'digests' && frame.reset)).toEqual([])
    b.circles.set(other, new Set([a.institution, b.institution]))
    world.tell(b, { type: 'roster-changed' })
    world.settle()
    expect(b.head(stream)).toEqual(a.head(stream))
  })

  it('need no bytes in the next session, and nothing that was refused comes twice', () => {
    const { world, a, b, link } = createPair({ seed: 19 })
    const { stream, members } = heldAhead(world, a, b, 20)
    const first = link()
    world.settle()
    expect(countOf(first, 'batch')).toBe(1)
    first.cut()
    const second = link()
    world.settle()
    expect(countOf(second, 'want', 'batch')).toBe(0)
    expect(second.ends[1].session.state().declinedByUs).toBe(1)
    expect(b.refused).toEqual(['amber-sender-not-member'])
    b.circles.set(CIRCLE, new Set(members))
    world.tell(b, { type: 'roster-changed' })
    world.settle()
    expect(b.head(stream)).toEqual(a.head(stream))
  })

  /** A stream of a's that b has declined, and will try again by time. */
  function refusedForNow() {
    const { world, a, b, link } = createPair({ seed: 13 })
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    a.publish(stream, randomBytes(world.random, 300))
    b.ignores.set(stream, 'too-new')
    const one = link()
    world.run(30_000)
    expect(b.refused).toEqual(['too-new'])
    return { world, a, b, stream, one }
  }

  it('for being too new are tried again by time', () => {
    const { world, a, b, stream, one } = refusedForNow()
    world.run(60_000)
    expect(b.refused).toEqual(['too-new', 'too-new'])
    b.ignores.clear()
    world.run(61_000)
    expect(b.head(stream)).toEqual(a.head(stream))
    expect(one.ends[1].session.state().declinedByUs).toBe(0)
  })

  it('for being too new are lifted also where it came by another way meanwhile', () => {
    const { world, a, b, stream, one } = refusedForNow()
    // As from somebody else.
    const held = a.streams.get(stream)
    if (held !== undefined) b.streams.set(stream, { ...held, entries: [...held.entries] })
    b.ignores.clear()
    world.run(61_000)
    expect(one.ends.map(({ session }) => session.state().declinedByUs + session.state().declinedByPeer)).toEqual([0, 0])
    a.publish(stream, randomBytes(world.random, 300))
    world.tell(a, { type: 'appended', streams: [stream], registers: [] })
    world.settle()
    expect(b.head(stream)).toEqual(a.head(stream))
    expect(b.head(stream)?.seq).toBe(2)
  })

  it('keep their order at the second try: retractions before logs', () => {
    const { world, a, b, link } = createPair({ seed: 16 })
    const kinds = ['log', 'retraction'] as const
    const [log, retraction] = kinds.map((kind) => {
      // The log is the newer one, which would come first among equals.
      const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE, kind })
      a.publish(stream, randomBytes(world.random, 300), world.now() + (kind === 'log' ? 1000 : 0))
      b.ignores.set(stream, 'too-new')
      return stream
    }) as [StreamId, StreamId]
    const one = link()
    world.run(30_000)
    b.ignores.clear()
    const before = one.ends[1].asked.length
    world.run(61_000)
    expect(one.ends[1].asked.slice(before)).toEqual([retraction, log])
  })

  it('answer what the receiver’s roster does not let in, and come through when it does', () => {
    const { world, a, b, link } = createPair({ seed: 14 })
    const { stream, members } = heldAhead(world, a, b, 15)
    const one = link()
    world.settle()
    expect(b.refused).toEqual(['amber-sender-not-member'])
    expect(one.ends[0].reports).toContainEqual(
      expect.objectContaining({ type: 'declined', by: 'peer', key: stream, code: 'amber-sender-not-member' })
    )
    b.circles.set(CIRCLE, new Set(members))
    world.tell(b, { type: 'roster-changed' })
    world.settle()
    expect(b.head(stream)).toEqual(a.head(stream))
  })

  it('hand a misforwarded batch to the replica, whose rejection ends the session with its code', () => {
    const { world, a, b, link } = createPair({ seed: 16 })
    const stream = a.openStream({ tlp: 'RED', recipient: a.institution })
    a.publish(stream, randomBytes(world.random, 300))
    // The dishonest relay's own rules say yes.
    const honest = a.maySend
    a.maySend = () => ({ allowed: true })
    const one = link()
    world.run(2000)
    world.tell(a, { type: 'appended', streams: [stream], registers: [] })
    world.settle()
    a.maySend = honest
    expect(b.refused).toEqual(['red-relayed'])
    expect(b.head(stream)).toBeUndefined()
    expect(one.ends[1].session.state()).toMatchObject({ phase: 'closed', closeCode: 'red-relayed' })
    expect(one.ends[1].reports).toContainEqual({ type: 'rejected', peer: a.institution, code: 'red-relayed', stream })
    expect(one.ends[0].reports).toContainEqual({ type: 'refused', peer: b.institution, code: 'red-relayed' })
  })

  it('take frozen streams that only the peer still offers out of the comparison', () => {
    const { world, a, b, link } = createPair({ seed: 17 })
    const { nodes } = createCommunity({ seed: 18 }, 1)
    const author = nodes[0] as MemoryReplica
    const members = [a, b, author].map(({ institution }) => institution)
    for (const node of [a, b]) node.circles.set(CIRCLE, new Set(members))
    const stream = author.openStream({ tlp: 'AMBER', circle: CIRCLE })
    author.publish(stream, randomBytes(world.random, 300))
    const held = author.streams.get(stream)
    for (const node of [a, b]) if (held) node.streams.set(stream, held)
    b.circles.set(CIRCLE, new Set(members.slice(0, 2)))
    const one = link()
    world.settle()
    expect(one.ends[1].session.state().declinedByUs).toBe(1)
    const before = one.sent.length
    world.run(25 * 60_000)
    expect(new Set(one.sent.slice(before).map(({ frame }) => frame.type))).toEqual(new Set(['digests', 'heartbeat']))
  })
})
