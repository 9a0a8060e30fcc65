/**
 * The floor under replication: the same bytes over one libp2p stream (noise, yamux, TCP), then the same rows into
 * Level with fsync, in one batch or in several. No signature, no hash, no rule is checked; whoever does more takes longer.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { Level } from 'level'
import { createLibp2p, type Libp2p } from 'libp2p'
import { serve, type Verbs } from '../child.ts'
import { createRandom } from '../data.ts'
import { nowMs } from '../figures.ts'

const PROTOCOL = '/bench/floor/1'
const CHUNK = 64 * 1024

/** ms. */
export interface Floor {
  readonly stream: number
  readonly batch: number
}

let host: Libp2p | undefined
let batch: { type: 'put'; key: Uint8Array; value: Uint8Array }[] = []

async function start(listen: readonly string[]): Promise<Libp2p> {
  host = await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()]
  })
  return host
}

const open = (path: string): Level<Uint8Array, Uint8Array> =>
  new Level(path, { keyEncoding: 'view', valueEncoding: 'view' })

const verbs = {
  /** Answers each stream with so many bytes. */
  offer: async ({ bytes }: { readonly bytes: number }): Promise<string> => {
    const chunk = new Uint8Array(CHUNK)
    crypto.getRandomValues(chunk)
    const here = await start(['/ip4/127.0.0.1/tcp/0'])
    await here.handle(PROTOCOL, async (stream) => {
      for (let left = bytes; left > 0; left -= CHUNK)
        if (!stream.send(chunk.subarray(0, Math.min(left, CHUNK)))) await stream.onDrain()
      await stream.close()
    })
    return here.getMultiaddrs()[0]?.toString() ?? ''
  },

  /** Reads the rows that the replica wrote, its local ones aside, to be written again in an order of no help. */
  learn: async ({ path }: { readonly path: string }): Promise<{ readonly rows: number; readonly bytes: number }> => {
    const database = open(path)
    batch = []
    let bytes = 0
    for await (const [key, value] of database.iterator()) {
      if (key[0] === LOCAL || key.length < 2) continue
      batch.push({ type: 'put', key, value })
      bytes += key.length + value.length
    }
    await database.close()
    const random = createRandom(batch.length)
    for (let last = batch.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1))
      const [a, b] = [batch[last], batch[other]]
      if (a !== undefined && b !== undefined) [batch[last], batch[other]] = [b, a]
    }
    return { rows: batch.length, bytes }
  },

  /** Gives ms for the bytes and for the rows. */
  fetch: async ({
    address,
    bytes,
    path,
    rows
  }: {
    readonly address: string
    readonly bytes: number
    readonly path: string
    /** Of one batch. */
    readonly rows: number
  }): Promise<Floor> => {
    const here = await start([])
    const database = open(path)
    await database.open()
    const started = nowMs()
    const stream = await here.dialProtocol(multiaddr(address), PROTOCOL)
    await new Promise<void>((resolve, reject) => {
      let left = bytes
      stream.addEventListener('message', ({ data }) => {
        left -= data.byteLength
        if (left <= 0) resolve()
      })
      stream.addEventListener('close', () => reject(new Error('the stream ended early')))
    })
    const received = nowMs()
    for (let first = 0; first < batch.length; first += rows)
      await database.batch(batch.slice(first, first + rows), { sync: true })
    const ended = nowMs()
    await database.close()
    return { stream: received - started, batch: ended - received }
  }
} satisfies Verbs

/** Prefix of the rows that never leave a node (packages/store/src/keyspace.ts). */
const LOCAL = 'l'.charCodeAt(0)

export type FloorVerbs = typeof verbs

serve(verbs, async () => {
  await host?.stop()
})
