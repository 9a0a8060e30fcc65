import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, CIRCLE, countOf, createCommunity, createPair, enrol } from './testing/community.ts'
import type { MemoryReplica } from './testing/memory-replica.ts'
import { createRandom, randomBytes } from './testing/random.ts'
import type { Link, World } from './testing/world.ts'

const OTHER = '22'.repeat(32) as CircleId

/** Everything a node must hold in the end: what its author may hand on, along the links, to this node. */
function due(
  nodes: readonly MemoryReplica[],
  links: readonly (readonly [number, number])[],
  at: number
): Set<StreamId> {
  const neighbours = (index: number) => links.flatMap(([a, b]) => (a === index ? [b] : b === index ? [a] : []))
  const result = new Set<StreamId>()
  for (const [origin, author] of nodes.entries()) {
    for (const [stream, { decoded, entries }] of author.streams) {
      if (decoded.descriptor.author !== author.institution || entries.length === 0) continue
      const reached = new Set([origin])
      const queue = [origin]
      for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
        for (const to of neighbours(from)) {
          const [sender, receiver] = [nodes[from], nodes[to]]
          if (reached.has(to) || sender === undefined || receiver === undefined) continue
          if (!mayHold(decoded.descriptor, sender, receiver)) continue
          reached.add(to)
          queue.push(to)
        }
      }
      if (reached.has(at)) result.add(stream)
    }
  }
  return result
}

function mayHold(
  stream: { tlp: string; author: InstitutionId; circle?: CircleId; recipient?: InstitutionId },
  sender: MemoryReplica,
  receiver: MemoryReplica
): boolean {
  if (stream.tlp === 'RED') return sender.institution === stream.author && receiver.institution === stream.recipient
  if (stream.circle === undefined) return true
  const members = sender.circles.get(stream.circle)
  return (members?.has(receiver.institution) ?? false) && (members?.has(sender.institution) ?? false)
}

function publishSome(world: World, node: MemoryReplica, peers: readonly MemoryReplica[], bodies: number): void {
  const { random } = world
  const kinds = ['CLEAR', 'AMBER', 'AMBER', 'RED'] as const
  for (let streams = 0; streams < 3; streams++) {
    const tlp = kinds[Math.floor(random() * kinds.length)] ?? 'CLEAR'
    const circle = random() < 0.7 ? CIRCLE : OTHER
    if (tlp === 'AMBER' && !node.circles.get(circle)?.has(node.institution)) continue
    const recipient = peers[Math.floor(random() * peers.length)]?.institution
    const stream = node.openStream({
      tlp,
      kind: random() < 0.3 ? 'retraction' : 'log',
      ...(tlp === 'AMBER' ? { circle } : {}),
      ...(tlp === 'RED' && recipient ? { recipient } : {})
    })
    for (let n = Math.floor(random() * bodies) + 1; n > 0; n--) {
      world.publish(node, stream, randomBytes(random, 1 + Math.floor(random() ** 6 * 400_000)))
    }
  }
  const address = node.setRegister(
    Math.floor(random() * 3),
    `${random()}`,
    1 + Math.floor(random() * 5),
    random() < 0.5 ? CIRCLE : undefined
  )
  world.tell(node, { type: 'appended', streams: [], registers: [address] })
}

const SHAPES = ['line', 'triangle', 'four'] as const

function converge(seed: number, shape: (typeof SHAPES)[number]): void {
  const size = shape === 'four' ? 4 : 3
  const { world, nodes } = createCommunity({ seed, latency: [1, 80], admission: [0, 50] }, size)
  enrol(OTHER, nodes.slice(0, 2))
  const pairs: [number, number][] =
    shape === 'line'
      ? [
          [0, 1],
          [1, 2]
        ]
      : shape === 'triangle'
        ? [
            [0, 1],
            [1, 2],
            [2, 0]
          ]
        : [
            [0, 1],
            [1, 2],
            [2, 3],
            [3, 0]
          ]
  const others = (node: MemoryReplica) => nodes.filter((one) => one !== node)
  for (const node of nodes) publishSome(world, node, others(node), 6)
  const connect = () => pairs.map(([x, y]) => world.link(nodes[x] as MemoryReplica, nodes[y] as MemoryReplica))
  let links = connect()
  world.run(Math.floor(world.random() * 300))
  for (const node of nodes) publishSome(world, node, others(node), 4)
  world.run(Math.floor(world.random() * 300))
  // A cut in the middle of whatever goes on.
  for (const link of links) if (world.random() < 0.5) link.cut()
  for (const node of nodes) publishSome(world, node, others(node), 3)
  for (const link of links) link.cut()
  links = connect()
  // Rosters that change all the time, on both sides at once.
  for (let n = 0; n < 4; n++) {
    world.run(Math.floor(world.random() * 1200))
    for (const node of nodes) if (world.random() < 0.7) world.tell(node, { type: 'roster-changed' })
  }
  for (const node of nodes) publishSome(world, node, others(node), 3)
  world.settle()
  for (const [index, node] of nodes.entries()) {
    const expected = due(nodes, pairs, index)
    expect(new Set([...node.streams].filter(([, { entries }]) => entries.length > 0).map(([key]) => key))).toEqual(
      expected
    )
    for (const stream of expected) {
      const author = nodes.find((one) => one.streams.get(stream)?.decoded.descriptor.author === one.institution)
      expect(node.head(stream)).toEqual(author?.head(stream))
    }
    expect(node.refused).toEqual([])
    const numbers = (one: MemoryReplica) => [...one.registers].map(([key, { number }]) => `${key} ${number}`).sort()
    expect(numbers(node)).toEqual(numbers(nodes[0] as MemoryReplica))
  }
  for (const { ends } of links) for (const { session } of ends) expect(session.state()).toMatchObject(RESTING)
}

describe('agreement', () => {
  it('comes to the same heads from any difference, over any links, and never beyond the hop rule', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...SHAPES), (seed, shape) => converge(seed, shape)),
      { numRuns: 25, endOnFailure: true }
    )
  })

  it('is reached between equal replicas in one round trip and 512 bytes per shared circle and side', () => {
    const { world, a, b, link } = createPair({ seed: 3, latency: [50, 50] })
    enrol(OTHER, [a, b])
    for (const node of [a, b])
      for (let n = 0; n < 5; n++)
        publishSome(
          world,
          node,
          [a, b].filter((x) => x !== node),
          20
        )
    link()
    world.settle()
    expect(a.summary()).toBe(b.summary())
    for (const node of [a, b]) node.restart()
    const began = world.now()
    const again = link()
    world.until(() => again.ends.every(({ session }) => session.state().phase === 'linked'))
    expect(world.now() - began).toBeLessThanOrEqual(2 * 50)
    world.run(25_000)
    expect(again.sent.map(({ frame }) => frame.type).sort()).toEqual(['accept', 'accept', 'hello', 'hello'])
    for (const { replica } of again.ends) {
      const sent = again.sent
        .filter(({ from }) => from === replica.institution)
        .reduce((sum, { bytes }) => sum + bytes, 0)
      expect(sent).toBeLessThanOrEqual(512)
    }
    const agreed = again.ends.map(({ reports }) => reports.filter(({ type }) => type === 'agreed').length)
    expect(agreed).toEqual([3, 3])
  })

  it('costs at most a tenth more than the missing entries', () => {
    const { world, a, b, link } = createPair({ seed: 4 })
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    const size = () => 300 + Math.floor(world.random() * 3000)
    for (let n = 0; n < 200; n++) a.publish(stream, randomBytes(world.random, size()))
    link().cut()
    world.settle()
    const first = link()
    world.settle()
    first.cut()
    let missing = 0
    for (let n = 0; n < 400; n++) {
      const { header } = a.publish(stream, randomBytes(world.random, size()))
      missing += 190 + header.bodyLength
    }
    const second = link()
    world.settle()
    expect(b.summary()).toBe(a.summary())
    expect(bytesOf(second)).toBeLessThanOrEqual(1.1 * missing)
  })

  it('asks for registers first, then retraction streams, then logs, newest first', () => {
    const { world, a, link } = createPair({ seed: 5 })
    const at = (kind: 'log' | 'retraction', clock: number) => {
      const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE, kind })
      a.publish(stream, randomBytes(world.random, 500), world.now() + clock)
      return stream
    }
    const [old, fresh, middle] = [at('log', 1), at('log', 3), at('log', 2)]
    const [oldRetraction, freshRetraction] = [at('retraction', 1), at('retraction', 2)]
    a.setRegister(2, 'vouch', 1, CIRCLE)
    a.setRegister(0, 'card', 1)
    const { ends } = link()
    world.settle()
    expect(ends[1].asked).toEqual(['registers', freshRetraction, oldRetraction, fresh, middle, old])
  })

  it('goes on after a restart in the middle of a catch-up, without sending anything twice', () => {
    const { world, a, b, link } = createPair({ seed: 6, latency: [20, 20], admission: [3, 3] })
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    let size = 0
    for (let n = 0; n < 2000; n++) size += 190 + a.publish(stream, randomBytes(world.random, 2000)).header.bodyLength
    const first = link()
    world.until(() => (b.head(stream)?.seq ?? 0) > 500)
    first.cut()
    const held = b.head(stream)?.seq ?? 0
    expect(held).toBeLessThan(1500)
    b.restart()
    const second = link()
    world.settle()
    expect(b.summary()).toBe(a.summary())
    expect(bytesOf(second, 'batch')).toBeLessThan(1.1 * size * (1 - held / 2000))
  })

  it('tells a founder of a circle that it has not heard of', () => {
    const { world, nodes } = createCommunity({ seed: 7 }, 2)
    const [a, b] = nodes as [MemoryReplica, MemoryReplica]
    b.circles.clear()
    const charter = a.setRegister(1, 'charter', 1, CIRCLE)
    const link = world.link(a, b)
    world.settle()
    expect(b.registers.has(charter)).toBe(true)
    expect(countOf(link, 'introduce')).toBe(1)
    // Now that it knows the circle, both name it.
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    a.publish(stream, randomBytes(world.random, 100))
    enrol(CIRCLE, nodes)
    world.tell(b, { type: 'roster-changed' })
    world.settle()
    expect(b.head(stream)).toEqual(a.head(stream))
    expect(link.ends[0].session.state().scopes).toContain(CIRCLE)
  })

  it('confirms own heads to their author, by equal digests, by equal rows, and by acknowledgement', () => {
    const { world, a, b, link } = createPair({ seed: 8 })
    const own = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    a.publish(own, randomBytes(world.random, 100))
    const byAcknowledgement = link()
    world.settle()
    expect(byAcknowledgement.ends[0].confirmed).toEqual([own])
    expect(byAcknowledgement.ends[1].confirmed).toEqual([])
    byAcknowledgement.cut()
    const byDigest = link()
    world.settle()
    expect(byDigest.ends[0].confirmed).toEqual([own])
    expect(byDigest.ends[1].confirmed).toEqual([])
    byDigest.cut()
    for (let n = 0; n < 30; n++)
      b.publish(b.openStream({ tlp: 'AMBER', circle: CIRCLE }), randomBytes(world.random, 100))
    const byRows = link()
    world.until(() => byRows.ends[0].confirmed.length > 0)
    expect(byRows.ends[0].confirmed).toEqual([own])
    expect(countOf(byRows, 'batch')).toBe(0)
  })

  it('reports a peer that holds more of my own stream than I do, confirms nothing, and fetches it', () => {
    const { world, a, b, link } = createPair({ seed: 9 })
    const own = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (let n = 0; n < 5; n++) a.publish(own, randomBytes(world.random, 100))
    const first = link()
    world.settle()
    first.cut()
    // A store restored from yesterday.
    a.streams.get(own)?.entries.splice(3)
    const second = link()
    world.until(() => second.ends[0].reports.some(({ type }) => type === 'foreign-head'))
    expect(second.ends[0].confirmed).toEqual([])
    expect(second.ends[0].reports).toContainEqual({
      type: 'foreign-head',
      peer: b.institution,
      stream: own,
      seq: 5,
      id: b.head(own)?.id
    })
    world.settle()
    expect(second.ends[0].asked).toEqual([own])
  })

  it('reports a fork, hands its head to admit once, and does not ask for ever', () => {
    const { world, a, b, link } = createPair({ seed: 10 })
    const { nodes } = createCommunity({ seed: 11 }, 1)
    const author = nodes[0] as MemoryReplica
    const stream = author.openStream({ tlp: 'CLEAR' })
    const share = (to: MemoryReplica) => {
      const held = author.streams.get(stream)
      if (held) to.streams.set(stream, { decoded: held.decoded, entries: [...held.entries] })
    }
    author.publish(stream, Uint8Array.of(1))
    const common = author.streams.get(stream)?.entries.length ?? 0
    author.publish(stream, Uint8Array.of(2))
    share(a)
    author.streams.get(stream)?.entries.splice(common)
    author.publish(stream, Uint8Array.of(3))
    share(b)
    const fork = link()
    world.settle(2_000_000)
    world.run(30 * 60_000)
    for (const { reports, asked, replica } of fork.ends) {
      expect(reports.filter(({ type }) => type === 'fork')).toHaveLength(1)
      expect(asked).toEqual([stream])
      expect(replica.refused).toEqual(['fork'])
    }
  })

  it('tells an author of its fork, whoever holds the other entry', () => {
    const { world, a, b, link } = createPair({ seed: 15 })
    const { institution: recipient } = createCommunity({ seed: 16 }, 1).nodes[0] as MemoryReplica
    // To its author alone it may go back: the author's own side names it in no row.
    const stream = a.openStream({ tlp: 'RED', recipient })
    const held = a.streams.get(stream)
    if (held === undefined) throw new Error('no stream')
    a.publish(stream, Uint8Array.of(1))
    a.publish(stream, Uint8Array.of(2))
    b.streams.set(stream, { decoded: held.decoded, entries: [...held.entries] })
    held.entries.splice(1)
    a.publish(stream, Uint8Array.of(3))
    const fork = link()
    world.run(30 * 60_000)
    expect(a.refused).toEqual(['fork'])
    expect(fork.ends[0].session.state()).toMatchObject({ phase: 'linked', wanted: 0 })
  })

  it('walks back to the split of a fork of unequal length, as admit asks', () => {
    const { world, a, b, link } = createPair({ seed: 13 })
    const author = createCommunity({ seed: 14 }, 1).nodes[0] as MemoryReplica
    const stream = author.openStream({ tlp: 'CLEAR' })
    const held = author.streams.get(stream)
    if (held === undefined) throw new Error('no stream')
    author.publish(stream, Uint8Array.of(1))
    author.publish(stream, Uint8Array.of(2))
    a.streams.set(stream, { decoded: held.decoded, entries: [...held.entries] })
    held.entries.splice(1)
    for (let n = 3; n < 40; n++) author.publish(stream, Uint8Array.of(n))
    b.streams.set(stream, { decoded: held.decoded, entries: [...held.entries] })
    const fork = link()
    world.run(30 * 60_000)
    const wantsOf = (node: MemoryReplica): number[] =>
      fork.sent
        .filter(({ from }) => from === node.institution)
        .flatMap(({ frame }) => (frame.type === 'want' ? frame.wants.map(({ from }) => from) : []))
    expect(wantsOf(a)).toEqual([3, 2])
    // The longer side looks at the shorter branch as well, or it would never know of the fork.
    expect(wantsOf(b)).toEqual([2])
    expect(b.refused).toEqual(['fork'])
    expect(a.refused).toEqual(['fork', 'fork'])
    expect(fork.ends[0].session.state()).toMatchObject({ phase: 'linked', declinedByUs: 1, wanted: 0 })
  })

  it('is looked for again every ten minutes while linked', () => {
    const { world, a, b, link } = createPair({ seed: 12 })
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    const one = link()
    world.settle()
    // Grown without a word to the session.
    a.publish(stream, randomBytes(createRandom(1), 100))
    world.run(11 * 60_000)
    expect(b.head(stream)).toEqual(a.head(stream))
    expect(countOf(one, 'digests')).toBeLessThanOrEqual(4)
  })
})

const RESTING = {
  phase: 'linked',
  comparing: 0,
  pendingCost: 0,
  pendingAdmissions: 0,
  missing: 0,
  wanted: 0,
  outgoing: 0,
  declinedByUs: 0,
  largeIn: 0,
  largeOut: 0
} satisfies Partial<ReturnType<Link['ends'][0]['session']['state']>>
