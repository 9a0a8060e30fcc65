/**
 * The references for live bulletins: `@libp2p/gossipsub` with its own defaults, strict signing among them; bare, or with an
 * application above it that loses nothing: it writes a message durably before it publishes it, and before it shows it.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { Level } from 'level'
import { createLibp2p, type Libp2p } from 'libp2p'
import { serve, type Verbs } from '../child.ts'
import { nowMs } from '../figures.ts'
import { until } from '../hearing.ts'
import { countSockets } from '../sockets.ts'

/** What its class has beside its interface. */
type Meshed = GossipSub & { getMeshPeers(topic: string): readonly string[] }

interface Held {
  readonly host: Libp2p
  readonly pubsub: Meshed
  /** Where messages are kept; none where they are kept nowhere. */
  readonly kept: Level<number, Uint8Array> | undefined
  /** Number of a message, as its first four bytes say → when it came, and was kept. */
  readonly seen: Map<number, number>
  waiting: (() => void) | undefined
}

interface Which {
  readonly index: number
}

const TOPIC = 'esr-fr'
const held = new Map<number, Held>()
const sockets = countSockets()

function at({ index }: Which): Held {
  const one = held.get(index)
  if (one === undefined) throw new RangeError(`no host ${index} here`)
  return one
}

async function openKept(path: string): Promise<Level<number, Uint8Array>> {
  const level = new Level<number, Uint8Array>(path, { keyEncoding: 'json', valueEncoding: 'view' })
  await level.open()
  return level
}

/** On disk (fsync) when it resolves, where this host keeps what it says and hears. */
async function keep({ kept }: Held, number: number, data: Uint8Array): Promise<void> {
  if (kept !== undefined) await kept.put(number, data, { sync: true })
}

const verbs = {
  /** @param path folder of a store, where messages are to be kept */
  start: async ({ index, path }: Which & { readonly path: string | undefined }): Promise<string> => {
    const host = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      // Simultaneous dials from one address are reset by default.
      connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
      services: {
        identify: identify(),
        // Where a busy machine has left nobody in the mesh, the message is lost, and counted so; the run goes on.
        pubsub: gossipsub({ globalSignaturePolicy: 'StrictSign', allowPublishToZeroTopicPeers: true })
      }
    })
    const pubsub = host.services.pubsub as Meshed
    const kept = path === undefined ? undefined : await openKept(path)
    const one: Held = { host, pubsub, kept, seen: new Map(), waiting: undefined }
    pubsub.addEventListener('message', async ({ detail: { data } }) => {
      const number = new DataView(data.buffer, data.byteOffset).getUint32(0)
      await keep(one, number, data)
      one.seen.set(number, nowMs())
      one.waiting?.()
    })
    pubsub.subscribe(TOPIC)
    held.set(index, one)
    return host.getMultiaddrs()[0]?.toString() ?? ''
  },

  dial: async ({ index, addresses }: Which & { readonly addresses: readonly string[] }): Promise<void> => {
    for (const address of addresses) await at({ index }).host.dial(multiaddr(address))
  },

  /** Resolves once so many neighbours are subscribed, and the mesh has as many as it can or wants. */
  settled: async ({ index, links }: Which & { readonly links: number }): Promise<void> => {
    const { pubsub } = at({ index })
    const stands = (): boolean =>
      pubsub.getSubscribers(TOPIC).length >= links && pubsub.getMeshPeers(TOPIC).length >= Math.min(links, LEAST_MESH)
    while (!stands()) await new Promise((resolve) => setTimeout(resolve, 20))
  },

  publish: async ({ index, number, bytes }: Which & { readonly number: number; readonly bytes: Uint8Array }) => {
    const data = new Uint8Array(bytes)
    new DataView(data.buffer).setUint32(0, number)
    const asked = nowMs()
    const one = at({ index })
    await keep(one, number, data)
    await one.pubsub.publish(TOPIC, data)
    one.seen.set(number, asked)
    return asked
  },

  /** True once every host of this process has the message; false when `within` ms are over. */
  everywhere: ({ number, within }: { readonly number: number; readonly within: number }): Promise<boolean> =>
    until([...held.values()], within, ({ seen }) => seen.has(number)),

  seen: ({ index }: Which): ReadonlyMap<number, number> => at({ index }).seen,

  sockets: () => sockets()
} satisfies Verbs

/** GossipsubDlo: below it a node grafts. */
const LEAST_MESH = 4

export type GossipVerbs = typeof verbs

serve(verbs, async () => {
  await Promise.all([...held.values()].map(({ host }) => host.stop()))
  await Promise.all([...held.values()].map(({ kept }) => kept?.close()))
})
