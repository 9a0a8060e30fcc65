/** The same records in a hypercore, handed on over a TCP connection; storage on disk at both ends. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import Hypercore from 'hypercore'
import { serve, type Verbs } from '../child.ts'
import { indicatorsOf, type Slice } from '../data.ts'
import { nowMs } from '../figures.ts'

let core: Hypercore | undefined
let server: Server | undefined

function held(): Hypercore {
  if (core === undefined) throw new Error('no core here')
  return core
}

const verbs = {
  /** Appends a block for each indicator, or one for all indicators of a slice, and gives ms and bytes. */
  fill: async ({
    path,
    slices,
    per
  }: {
    readonly path: string
    readonly slices: readonly Slice[]
    readonly per: 'indicator' | 'bulletin'
  }): Promise<{ readonly ms: number; readonly bytes: number }> => {
    const filled = new Hypercore(path)
    await filled.ready()
    let bytes = 0
    const started = nowMs()
    for (const slice of slices) {
      const indicators = indicatorsOf(slice)
      const records = per === 'indicator' ? indicators : [indicators]
      const blocks = records.map((record) => Buffer.from(JSON.stringify(record)))
      bytes += blocks.reduce((total, { length }) => total + length, 0)
      await filled.append(blocks)
    }
    const ms = nowMs() - started
    await filled.close()
    return { ms, bytes }
  },

  offer: async ({ path }: { readonly path: string }): Promise<{ key: Uint8Array; port: number; length: number }> => {
    const offered = new Hypercore(path)
    await offered.ready()
    core = offered
    const listening = createServer((socket) => join(offered, socket, false))
    server = listening.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const address = listening.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return { key: offered.key, port, length: offered.length }
  },

  /** Gives ms from before the connection until every block is stored here. */
  fetch: async ({
    path,
    key,
    port,
    length
  }: {
    readonly path: string
    readonly key: Uint8Array
    readonly port: number
    readonly length: number
  }): Promise<number> => {
    core = new Hypercore(path, Buffer.from(key))
    await held().ready()
    const started = nowMs()
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    join(held(), socket, true)
    await held().download({ start: 0, end: length }).done()
    const ms = nowMs() - started
    if (held().contiguousLength !== length) throw new Error(`${held().contiguousLength} of ${length} blocks`)
    return ms
  }
} satisfies Verbs

function join(one: Hypercore, socket: Socket, isInitiator: boolean): void {
  socket.setNoDelay(true)
  const stream = one.replicate(isInitiator)
  // At the end of a run one side leaves first.
  stream.on('error', () => socket.destroy())
  socket.on('error', () => stream.destroy())
  socket.pipe(stream).pipe(socket)
}

export type HypercoreVerbs = typeof verbs

serve(verbs, async () => {
  server?.close()
  await core?.close()
})
