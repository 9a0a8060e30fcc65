import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { DnsDoor } from '@tocsin/connectors'
import { afterEach, describe, expect, it } from 'vitest'
import { createBucket, createBuckets } from './buckets.ts'
import { type DnsSockets, openDnsSockets } from './sockets.ts'

const outcomes: string[] = []
const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  outcomes.length = 0
})

/** Repeats what it is sent, as often as the message's first octet says. */
const repeat: DnsDoor = (message) => ({
  outcome: 'axfr',
  messages: Array.from({ length: message[0] ?? 0 }, () => Buffer.from(message))
})

async function opened(answer: DnsDoor = repeat, patience?: { question: number; stalled: number }): Promise<DnsSockets> {
  const count = (one: string) => outcomes.push(one)
  const more = patience === undefined ? {} : { patience }
  const sockets = await openDnsSockets({ host: '127.0.0.1', port: 0, answer, count, ...more })
  ends.push(() => sockets.stop())
  return sockets
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  ends.push(() => socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const framed = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message])

async function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

describe('the DNS sockets', () => {
  it('answer each question of a connection in turn, wherever its octets are cut', async () => {
    const { port } = await opened()
    const socket = await connected(port)
    const all = Buffer.concat([framed(Buffer.from([2, 9])), framed(Buffer.from([0])), framed(Buffer.from([1, 7, 7]))])
    for (const octet of all) socket.write(Buffer.of(octet))
    socket.end()
    const [two, three] = [framed(Buffer.from([2, 9])), framed(Buffer.from([1, 7, 7]))]
    expect(await readAll(socket)).toEqual(Buffer.concat([two, two, three]))
  })

  it('hang up on a question that is too long to be one, before it is there', async () => {
    const { port } = await opened()
    const socket = await connected(port)
    socket.write(Buffer.from([0x08, 0x01]))
    expect(await readAll(socket)).toHaveLength(0)
    expect(outcomes).toEqual([])
  })

  it('hang up on a question that drips, though its next octet always comes', async () => {
    const { port } = await opened(repeat, { question: 200, stalled: 200 })
    const socket = await connected(port)
    const dripping = setInterval(() => socket.write(Buffer.of(0)), 20)
    ends.push(() => clearInterval(dripping))
    socket.write(Buffer.from([0x04, 0x00]))
    expect(await readAll(socket).catch(() => Buffer.alloc(0))).toHaveLength(0)
    expect(outcomes).toEqual([])
  })

  it('hang up on a transfer that nobody reads, and make no more of it meanwhile', async () => {
    let made = 0
    let wake = () => {}
    const over = new Promise<void>((resolve) => {
      wake = resolve
    })
    function* endless() {
      try {
        for (;;) {
          made += 1
          yield Buffer.alloc(60_000)
        }
      } finally {
        wake()
      }
    }
    const { port } = await opened(() => ({ outcome: 'axfr', messages: endless() }), { question: 5000, stalled: 200 })
    const socket = await connected(port)
    socket.pause()
    socket.write(framed(Buffer.from([1])))
    await over
    // What the buffers of two sockets of the kernel hold.
    expect(made).toBeLessThan(500)
  })

  it('outlive an answer that throws', async () => {
    const { port } = await opened(() => {
      throw new Error('a fault of ours')
    })
    const socket = await connected(port)
    socket.end(framed(Buffer.from([1])))
    expect(await readAll(socket)).toHaveLength(0)
    expect(outcomes).toEqual(['dropped'])
  })

  it('let one source hold so many connections and no more', async () => {
    const { port } = await opened()
    const held = await Promise.all(Array.from({ length: 8 }, () => connected(port)))
    const ninth = await connected(port)
    expect(await readAll(ninth)).toHaveLength(0)
    const [first] = held
    first?.end(framed(Buffer.from([1])))
    expect(await readAll(first as Socket)).toEqual(framed(Buffer.from([1])))
  })

  it('answer over UDP until a source asks too often', async () => {
    const { port } = await opened()
    const socket = createSocket('udp4')
    ends.push(() => socket.close())
    let heard = 0
    socket.on('message', () => {
      heard += 1
    })
    for (let i = 0; i < 100; i += 1) socket.send(Buffer.from([1]), port, '127.0.0.1')
    await expect.poll(() => outcomes.length).toBe(100)
    const answered = outcomes.filter((outcome) => outcome === 'axfr').length
    expect(answered).toBeGreaterThanOrEqual(40)
    expect(answered).toBeLessThan(60)
    await expect.poll(() => heard).toBe(answered)
  })

  it('cut off at the stop whoever is still there', async () => {
    const { port, stop } = await opened()
    ends.length = 0
    const socket = await connected(port)
    await stop()
    expect(await readAll(socket).catch(() => Buffer.alloc(0))).toHaveLength(0)
  })
})

describe('a bucket', () => {
  it('lets through its burst, and then its rate', () => {
    let now = 0
    const bucket = createBucket({ burst: 3, perSecond: 2 }, () => now)
    const taken = () => Array.from({ length: 5 }, () => bucket.take()).filter(Boolean).length
    expect(taken()).toBe(3)
    now += 1000
    expect(taken()).toBe(2)
    now += 60_000
    expect(taken()).toBe(3)
  })

  it('is each source’s own, and forgotten with all others where they are too many', () => {
    const take = createBuckets({ burst: 1, perSecond: 0 }, 2, () => 0)
    expect([take('a'), take('a'), take('b'), take('b')]).toEqual([true, false, true, false])
    expect([take('c'), take('a')]).toEqual([true, true])
  })
})
