import type { StreamId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { bytesOf, CIRCLE, countOf, createCommunity } from './testing/community.ts'
import type { MemoryReplica } from './testing/memory-replica.ts'
import { randomBytes } from './testing/random.ts'
import type { Link, World } from './testing/world.ts'

const BODY = 4000

/** Each node linked with the four before and the four behind it on a ring, and with one across: degree 8 to 10. */
function createRing(seed: number, size: number): { world: World; nodes: MemoryReplica[]; links: Link[] } {
  const { world, nodes } = createCommunity({ seed, latency: [5, 30], admission: [0, 2] }, size)
  const at = (index: number) => nodes[index % size] as MemoryReplica
  const links = nodes.flatMap((node, index) => {
    const across = index < size / 2 && index % 5 === 0 ? [Math.floor(size / 2)] : []
    return [1, 2, 3, 4, ...across].map((step) => world.link(node, at(index + step)))
  })
  world.settle()
  return { world, nodes, links }
}

const batches = (links: readonly Link[]): number =>
  links.reduce((sum, link) => sum + countOf(link, 'batch', 'push', 'large'), 0)

const bytes = (links: readonly Link[]): number => links.reduce((sum, link) => sum + bytesOf(link), 0)

const holders = (nodes: readonly MemoryReplica[], stream: StreamId, seq: number): number =>
  nodes.filter((node) => node.head(stream)?.seq === seq).length

describe('the broadcast tree', () => {
  it('brings each entry to each node once, at most a fifth above the bytes needed, whoever publishes', () => {
    const size = 50
    const { world, nodes, links } = createRing(1, size)
    const streams = [0, 20, 40].map((index) => {
      const author = nodes[index] as MemoryReplica
      return { author, stream: author.openStream({ tlp: 'AMBER', circle: CIRCLE }) }
    })
    const publishAll = (times: number): void => {
      for (let n = 0; n < times; n++) {
        for (const { author, stream } of streams) {
          world.publish(author, stream, randomBytes(world.random, BODY))
          world.run(400)
        }
      }
      world.run(5000)
    }
    publishAll(3)
    const before = { batches: batches(links), bytes: bytes(links) }
    publishAll(10)
    for (const { stream } of streams) expect(holders(nodes, stream, 13)).toBe(size)
    const copies = (size - 1) * streams.length * 10
    expect(batches(links) - before.batches).toBeLessThanOrEqual(copies * 1.02)
    expect(bytes(links) - before.bytes).toBeLessThanOrEqual(copies * (BODY + 190) * 1.2)
  })

  it('heals when its links break: what was announced is asked for, and pushed from then on', () => {
    const size = 20
    const { world, nodes, links } = createRing(2, size)
    const author = nodes[0] as MemoryReplica
    const stream = author.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (let n = 0; n < 3; n++) {
      world.publish(author, stream, randomBytes(world.random, BODY))
      world.run(2000)
    }
    // Every link over which the last entry came in, that of one node per third of the ring.
    const last = links.filter((link) => link.sent.some(({ frame }) => frame.type === 'push' && frame.seq === 3))
    for (const link of last.filter((_, index) => index % 3 === 0)) link.cut()
    const at = world.now()
    world.publish(author, stream, randomBytes(world.random, BODY))
    world.until(() => holders(nodes, stream, 4) === size)
    // A tick until it is announced, one until it is missed, and the same again for what hangs below.
    expect(world.now() - at).toBeLessThan(10_000)
    world.run(5000)
    const again = world.now()
    world.publish(author, stream, randomBytes(world.random, BODY))
    world.until(() => holders(nodes, stream, 5) === size)
    expect(world.now() - again).toBeLessThan(500)
  })

  it('is no way for RED: the author pushes it to its recipient, whatever else is lazy', () => {
    const { world, nodes, links } = createRing(3, 12)
    const [author, recipient] = nodes as [MemoryReplica, MemoryReplica]
    const amber = author.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (let n = 0; n < 4; n++) {
      world.publish(author, amber, randomBytes(world.random, BODY))
      world.run(2000)
    }
    const red = author.openStream({ tlp: 'RED', recipient: recipient.institution })
    const at = world.now()
    world.publish(author, red, randomBytes(world.random, BODY))
    world.until(() => recipient.head(red)?.seq === 1)
    expect(world.now() - at).toBeLessThanOrEqual(32)
    world.run(5000)
    expect(holders(nodes, red, 1)).toBe(2)
    for (const link of links) {
      const named = link.sent.filter(({ frame }) => 'stream' in frame && frame.stream === red)
      expect(named.every(({ from, to }) => [from, to].includes(recipient.institution))).toBe(true)
    }
  })
})

describe('a node with many peers', () => {
  it('fetches what it missed once, not from each of them', () => {
    const { world, nodes } = createCommunity({ seed: 4, latency: [5, 20], admission: [0, 5] }, 9)
    const [late, ...others] = nodes as [MemoryReplica, ...MemoryReplica[]]
    const author = others[0] as MemoryReplica
    const streams = Array.from({ length: 10 }, () => author.openStream({ tlp: 'AMBER', circle: CIRCLE }))
    for (const stream of streams) for (let n = 0; n < 20; n++) author.publish(stream, randomBytes(world.random, BODY))
    for (const other of others.slice(1)) world.link(author, other)
    world.settle()
    const links = others.map((other) => world.link(late, other))
    world.settle()
    for (const stream of streams) expect(late.head(stream)?.seq).toBe(20)
    const needed = streams.length * 20 * (BODY + 190)
    expect(bytes(links)).toBeLessThanOrEqual(needed * 1.1)
  })

  it('is not kept from it by a peer that promises and does not deliver', () => {
    const { world, nodes } = createCommunity({ seed: 5, latency: [5, 5], admission: [0, 0] }, 3)
    const [late, liar, honest] = nodes as [MemoryReplica, MemoryReplica, MemoryReplica]
    const stream = honest.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (let n = 0; n < 20; n++) honest.publish(stream, randomBytes(world.random, BODY))
    world.link(honest, liar)
    world.settle()
    liar.read = () => []
    liar.maySend = () => ({ allowed: true })
    const before = world.now()
    world.link(late, liar)
    world.run(200)
    world.link(late, honest)
    world.until(() => late.head(stream)?.seq === 20)
    expect(world.now() - before).toBeLessThan(10_000)
  })
})
