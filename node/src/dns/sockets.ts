/** The sockets of the DNS door: one question or many, over UDP and TCP, from whoever finds the port. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net'
import { type DnsAnswer, type DnsDoor, MAX_QUERY } from '@tocsin/connectors'
import { createBucket, createBuckets } from './buckets.ts'

export interface DnsSocketsOptions {
  readonly host: string
  readonly port: number
  readonly answer: DnsDoor
  /** Told of every answer, and of what was dropped. */
  readonly count: (outcome: DnsAnswer['outcome'] | 'dropped') => void
  /** For tests; `PATIENCE` otherwise. */
  readonly patience?: Patience
}

/** ms. */
interface Patience {
  /** For a whole question to arrive, however slowly its bytes drip. */
  readonly question: number
  /** For the reader of a transfer to take what fills the socket's buffer. */
  readonly stalled: number
}

export interface DnsSockets {
  readonly port: number
  stop(): Promise<void>
}

/** A secondary asks a few times a minute. */
const PER_SOURCE = { burst: 40, perSecond: 10 }
/** Over UDP a source is what somebody wrote into a packet: all together are bounded, too. */
const UDP_IN_ALL = { burst: 1000, perSecond: 500 }
const SOURCES = 4096
const CONNECTIONS = 64
const CONNECTIONS_PER_SOURCE = 8
const PATIENCE: Patience = { question: 10_000, stalled: 30_000 }

/** Resolves when both listen at the same port. */
export async function openDnsSockets(options: DnsSocketsOptions): Promise<DnsSockets> {
  const { host, port, answer, count, patience = PATIENCE } = options
  const now = () => performance.now()
  const udpAllowed = createBuckets(PER_SOURCE, SOURCES, now)
  const udpInAll = createBucket(UDP_IN_ALL, now)
  const tcpAllowed = createBuckets(PER_SOURCE, SOURCES, now)

  /** Counted; nothing that a stranger sends may end the node, so a fault of ours is a question dropped. */
  function answered(message: Buffer, via: 'udp' | 'tcp'): Iterable<Buffer> {
    try {
      const { outcome, messages } = answer(message, via)
      count(outcome)
      return messages
    } catch {
      count('dropped')
      return []
    }
  }

  const open = new Map<Socket, string>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const source = socket.remoteAddress ?? ''
    const many = [...open.values()].filter((one) => one === source).length >= CONNECTIONS_PER_SOURCE
    if (many) {
      count('dropped')
      socket.destroy()
      return
    }
    open.set(socket, source)
    socket.on('error', () => undefined)
    socket.once('close', () => open.delete(socket))
    void serve(socket, patience, (message) => {
      if (tcpAllowed(source)) return answered(message, 'tcp')
      count('dropped')
      return undefined
    })
  })
  server.maxConnections = CONNECTIONS
  await listening(server, host, port)
  const chosen = (server.address() as AddressInfo).port

  const udp = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  udp.on('message', (message, { address, port: from }) => {
    // Port 0 cannot be answered.
    if (from === 0 || !udpAllowed(address) || !udpInAll.take()) {
      count('dropped')
      return
    }
    for (const reply of answered(message, 'udp')) udp.send(reply, from, address, () => undefined)
  })
  try {
    await bound(udp, host, chosen)
  } catch (error) {
    await closed(server)
    throw error
  }
  udp.on('error', () => undefined)
  server.on('error', () => undefined)

  return {
    port: chosen,
    stop: async () => {
      udp.close()
      for (const socket of open.keys()) socket.destroy()
      await closed(server)
    }
  }
}

/** Questions one after another, each behind its length (RFC 1035 §4.2.2), until the other end has no more. */
async function serve(
  socket: Socket,
  { question, stalled }: Patience,
  answer: (message: Buffer) => Iterable<Buffer> | undefined
): Promise<void> {
  const hurry = () => setTimeout(() => socket.destroy(), question)
  let patience = hurry()
  try {
    let pending = Buffer.alloc(0)
    for await (const chunk of socket) {
      pending = Buffer.concat([pending, chunk as Buffer])
      while (pending.length >= 2) {
        const end = 2 + pending.readUInt16BE(0)
        if (end > 2 + MAX_QUERY) return
        if (pending.length < end) break
        const messages = answer(pending.subarray(2, end))
        if (messages === undefined) return
        pending = pending.subarray(end)
        clearTimeout(patience)
        for (const message of messages) await send(socket, message, stalled)
        patience = hurry()
      }
    }
  } catch {
    // The other end went away.
  } finally {
    clearTimeout(patience)
    socket.end()
    // What is still on its way may go; who does not take it is cut off.
    socket.setTimeout(question, () => socket.destroy())
  }
}

async function send(socket: Socket, message: Buffer, stalled: number): Promise<void> {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  socket.cork()
  socket.write(length)
  const room = socket.write(message)
  socket.uncork()
  // A zone is many messages: others get their turn between two.
  if (room) await new Promise((resolve) => setImmediate(resolve))
  else await once(socket, 'drain', { signal: AbortSignal.timeout(stalled) }).catch(() => socket.destroy())
  if (socket.destroyed) throw new Error('the reader went away')
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

async function bound(socket: UdpSocket, address: string, port: number): Promise<void> {
  socket.bind({ address, port })
  await once(socket, 'listening')
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve))
}
