import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { createSecondaries } from './secondaries.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A secondary that hears nothing of its first so many NOTIFYs; the serials that it was told. */
async function secondary(deaf: number): Promise<{ port: number; told: number[] }> {
  const socket: Socket = createSocket('udp4')
  ends.push(() => socket.close())
  const told: number[] = []
  socket.on('message', (message, { port }) => {
    // The SOA's serial stands before the last four of its five numbers.
    told.push(message.readUInt32BE(message.length - 20))
    if (told.length <= deaf) return
    const answer = Buffer.from(message.subarray(0, 12 + 20 + 4))
    answer[2] = 0xa4
    answer.fill(0, 6, 12)
    socket.send(answer, port, '127.0.0.1')
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { port: socket.address().port, told }
}

function telling(ports: readonly number[]) {
  const counts: string[] = []
  let wake = () => {}
  const secondaries = createSecondaries({
    facts: { name: 'rpz.tocsin.invalid', ttl: 60 },
    secondaries: ports.map((port) => ({ host: '127.0.0.1', port, key: undefined })),
    from: '127.0.0.1',
    now: Date.now,
    random: (bytes) => randomBytes(bytes),
    count: (outcome) => {
      counts.push(outcome)
      wake()
    }
  })
  ends.push(() => secondaries.stop())
  const counted = async (many: number) => {
    while (counts.length < many) await new Promise<void>((resolve) => (wake = resolve))
    return counts
  }
  return { secondaries, counted }
}

describe('secondaries', () => {
  it('are told again until they say that they heard, each by itself', async () => {
    const [good, slow] = [await secondary(0), await secondary(1)]
    const { secondaries, counted } = telling([good.port, slow.port])
    secondaries.tell(7)
    expect(await counted(2)).toEqual(['notified', 'notified'])
    expect([good.told, slow.told]).toEqual([[7], [7, 7]])
  })

  it('are told of the newest alone', async () => {
    const slow = await secondary(1)
    const { secondaries, counted } = telling([slow.port])
    secondaries.tell(7)
    await expect.poll(() => slow.told, { interval: 5 }).toEqual([7])
    secondaries.tell(8)
    expect(await counted(1)).toEqual(['notified'])
    expect(slow.told).toEqual([7, 8])
  })

  it('are told no more after the stop', async () => {
    const deaf = await secondary(99)
    const { secondaries } = telling([deaf.port])
    secondaries.tell(7)
    await expect.poll(() => deaf.told, { interval: 5 }).toEqual([7])
    const before = performance.now()
    await secondaries.stop()
    expect(performance.now() - before).toBeLessThan(400)
    expect(deaf.told).toEqual([7])
  })
})
