import { randomBytes as nodeRandom } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { CircleId, InstitutionId, NodeKey, StreamId } from '@tocsin/model'
import { createSession, type SyncReport } from '@tocsin/sync'
import { afterEach, describe, expect, it } from 'vitest'
// The replica with which sync tests itself: real keys and chains, in memory.
import { createMemoryReplica, type MemoryReplica } from '../../sync/src/testing/memory-replica.ts'
import { createRandom, randomBytes } from '../../sync/src/testing/random.ts'
import { systemClock } from './clock.ts'
import { createNetwork } from './network.ts'
import type { AllowedPeer, Network, NetworkOptions } from './ports.ts'
import { silent } from './session.fixture.ts'

const CIRCLE = '11'.repeat(32) as CircleId
const random = createRandom(7)
const running: Network[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((network) => network.stop()))
})

interface Node {
  readonly replica: MemoryReplica
  readonly network: Network
  readonly peers: Map<InstitutionId, AllowedPeer>
  readonly nodeKey: NodeKey
  readonly reports: SyncReport[]
}

async function createNode(options: Partial<NetworkOptions> = {}): Promise<Node> {
  const nodeKeySeed = nodeRandom(32)
  const { publicKey } = await generateKeyPairFromSeed('Ed25519', nodeKeySeed)
  const replica = createMemoryReplica(random)
  const peers = new Map<InstitutionId, AllowedPeer>()
  const reports: SyncReport[] = []
  const network = createNetwork(
    { nodeKeySeed, listen: ['/ip4/127.0.0.1/tcp/0'], backoff: { firstMs: 50, maxMs: 400 }, ...options },
    {
      allow: {
        institutionOf: (key) => [...peers.values()].find((peer) => peer.nodeKeys.includes(key))?.institution,
        peers: () => [...peers.values()]
      },
      circles: { own: () => [], sharedWith: () => [] },
      session: (peer) => createSession({ peer, replica, random }),
      async admit(batch) {
        const before = new Set(replica.streams.keys())
        const outcome = replica.admit(batch)
        const streams = [...replica.streams.keys()].filter((stream) => outcome.accepted > 0 || !before.has(stream))
        network.notifyAppended({ streams, registers: [], from: batch.from })
        return outcome
      },
      async admitRegisters(from, registers) {
        const { outcome, fresh } = replica.admitRegisters(registers)
        network.notifyAppended({ streams: [], registers: fresh, from })
        return outcome
      },
      onReport: (_, report) => reports.push(report),
      onConfirmed: () => {},
      clock: systemClock,
      random,
      log: silent
    }
  )
  running.push(network)
  await network.start()
  return { replica, network, peers, nodeKey: Buffer.from(publicKey.raw).toString('hex') as NodeKey, reports }
}

function introduce(a: Node, b: Node): void {
  for (const [from, to] of [
    [a, b],
    [b, a]
  ] as const) {
    const { institution } = to.replica
    from.peers.set(institution, { institution, nodeKeys: [to.nodeKey], addresses: to.network.addresses() })
    from.network.allowListChanged()
  }
}

function fill(replica: MemoryReplica, entries: number, bytes: number): StreamId {
  const stream = replica.openStream({ tlp: 'AMBER', circle: CIRCLE })
  for (let index = 0; index < entries; index += 1) replica.publish(stream, randomBytes(random, bytes))
  return stream
}

const agree = (nodes: readonly Node[]): Promise<void> =>
  expect
    .poll(() => new Set(nodes.map((node) => node.replica.summary())).size, { timeout: 40_000, interval: 20 })
    .toBe(1)

describe('real sessions over real links', () => {
  it('catch up both ways at once with megabytes each, push what is new along a line of three, and lose no session', async () => {
    // The second link is over WebSocket, whoever dials.
    const ws = { listen: ['/ip4/127.0.0.1/tcp/0/ws'] }
    const nodes = [await createNode(), await createNode(ws), await createNode(ws)] as const
    const members = new Set(nodes.map((node) => node.replica.institution))
    for (const node of nodes) node.replica.circles.set(CIRCLE, members)
    const [a, b, c] = nodes
    const stream = fill(a.replica, 400, 30_000)
    fill(c.replica, 400, 30_000)
    a.replica.setRegister(0, 'card', 1)
    introduce(a, b)
    introduce(b, c)
    await agree(nodes)
    a.replica.publish(stream, randomBytes(random, 500))
    a.network.notifyAppended({ streams: [stream], registers: [] })
    await agree(nodes)
    expect(c.replica.head(stream)?.seq).toBe(401)
    const bad = [a, b, c].flatMap((node) => node.reports.filter((report) => report.type === 'violation'))
    expect(bad).toEqual([])
    const ends = nodes.flatMap((node) => [...node.network.counts().keys()])
    expect(
      ends.filter((code) => !['duplicate-link', 'closed-by-peer', 'replaced', 'stream-reset'].includes(code))
    ).toEqual([])
    expect(b.network.status().every((peer) => peer.connected && peer.session?.phase === 'linked')).toBe(true)
  })

  it('catch up both ways at once through a relay that is in no circle, push what is new, and lose no session', async () => {
    const relay = await createNode({ servesRelay: true })
    const hidden = { listen: [], relays: [relay.replica.institution] }
    const [a, b] = [await createNode(hidden), await createNode(hidden)]
    const members = new Set([a.replica.institution, b.replica.institution])
    for (const node of [a, b]) node.replica.circles.set(CIRCLE, members)
    const stream = fill(a.replica, 400, 30_000)
    fill(b.replica, 400, 30_000)
    introduce(relay, b)
    introduce(relay, a)
    const isReached = () => [a, b].every(({ network }) => network.addresses().length > 0)
    await expect.poll(isReached, { timeout: 15_000 }).toBe(true)
    introduce(a, b)
    await agree([a, b])
    a.replica.publish(stream, randomBytes(random, 500))
    a.network.notifyAppended({ streams: [stream], registers: [] })
    await agree([a, b])
    expect(b.replica.head(stream)?.seq).toBe(401)
    const seen = b.network.status().find(({ institution }) => institution === a.replica.institution)
    expect(seen).toMatchObject({ connected: true, address: expect.stringContaining('/p2p-circuit') })
    // Nothing was cut and fetched again: not by a limit of the relay, not by a full buffer.
    expect([...a.network.counts().keys()].filter((code) => code !== 'duplicate-link')).toEqual([])
    expect(relay.replica.streams.size).toBe(0)
  })

  it('carries one body of 8 MiB', async () => {
    const [a, b] = [await createNode(), await createNode()]
    const members = new Set([a.replica.institution, b.replica.institution])
    for (const node of [a, b]) node.replica.circles.set(CIRCLE, members)
    const stream = a.replica.openStream({ tlp: 'AMBER', circle: CIRCLE })
    a.replica.publish(stream, nodeRandom(8 * 1024 * 1024))
    introduce(a, b)
    await agree([a, b])
    expect(b.replica.head(stream)?.seq).toBe(1)
  })
})
