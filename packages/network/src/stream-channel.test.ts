import { randomBytes } from 'node:crypto'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_FRAME, PAUSE_ABOVE, STREAM_WINDOW, UNSENT_LIMIT } from './constants.ts'
import { describeFrameChannel, take, takeAll } from './frame-channel.suite.ts'
import { createHost } from './host.ts'
import { createStreamChannel } from './stream-channel.ts'

const PROTOCOL = '/test/frames/1.0.0'
const open = { nodeKeySeed: randomBytes(32), listen: ['/ip4/127.0.0.1/tcp/0'], gater: {} }

let near: Libp2p
let far: Libp2p
let connection: Connection
const waiting: ((stream: Stream) => void)[] = []

beforeAll(async () => {
  near = await createHost(open)
  far = await createHost({ ...open, nodeKeySeed: randomBytes(32) })
  await Promise.all([near.start(), far.start()])
  await far.handle(PROTOCOL, (stream) => waiting.shift()?.(stream))
  connection = await near.dial(far.getMultiaddrs())
})

afterAll(async () => {
  await Promise.all([near.stop(), far.stop()])
})

function prefixOf(length: number): Uint8Array {
  const groups = [length & 0x7f, (length >> 7) & 0x7f, (length >> 14) & 0x7f]
  return Uint8Array.from(groups, (group, index) => (index < 2 ? group | 0x80 : group))
}

async function streams(): Promise<{ near: Stream; far: Stream }> {
  const arriving = new Promise<Stream>((resolve) => waiting.push(resolve))
  const near = await connection.newStream(PROTOCOL)
  return { near, far: await arriving }
}

describeFrameChannel(
  'the libp2p stream',
  async () => {
    const pair = await streams()
    return { near: createStreamChannel(pair.near), far: createStreamChannel(pair.far), dispose: async () => {} }
  },
  // Read side: up to the pause, and a window that was granted before it; write side: what waits, and the frame sent last.
  PAUSE_ABOVE + STREAM_WINDOW + UNSENT_LIMIT + 2 * 65_536 + 2 * STREAM_WINDOW
)

describe('a libp2p stream that misbehaves', () => {
  it.each([
    ['announces 64 MiB', Uint8Array.of(0x80, 0x80, 0x80, 0x20), 'frame-too-long'],
    ['announces one byte too many', prefixOf(MAX_FRAME + 1), 'frame-too-long'],
    ['never ends its length', new Uint8Array(100_000).fill(0x80), 'frame-too-long'],
    ['pads its length', Uint8Array.of(0x81, 0x00, 0x07), 'bad-frame']
  ])('%s: refused at once, without the bytes', async (_, bytes, code) => {
    const pair = await streams()
    const reading = takeAll(createStreamChannel(pair.far))
    pair.near.send(bytes)
    await expect(reading).rejects.toMatchObject({ code })
    expect(connection.status).toBe('open')
  })

  it('grants its window in small pieces: the sender’s buffer stays short all the same', async () => {
    const narrow = await createHost({ ...open, nodeKeySeed: randomBytes(32), streamWindow: 256 * 1024 })
    await narrow.start()
    try {
      const arriving = new Promise<Stream>((resolve) => void narrow.handle(PROTOCOL, resolve))
      const stream = await near.dialProtocol(narrow.getMultiaddrs(), PROTOCOL)
      const channel = createStreamChannel(stream)
      const reading = take(createStreamChannel(await arriving), 20)
      let most = 0
      for (let sent = 0; sent < 20; sent += 1) {
        await channel.send(new Uint8Array(MAX_FRAME))
        most = Math.max(most, stream.writeBufferLength)
      }
      expect(await reading).toHaveLength(20)
      expect(most).toBeLessThanOrEqual(UNSENT_LIMIT)
    } finally {
      await narrow.stop()
    }
  })

  it('ends in the middle of a frame: bad-frame', async () => {
    const pair = await streams()
    const reading = takeAll(createStreamChannel(pair.far))
    pair.near.send(Uint8Array.of(10, 1, 2, 3))
    await pair.near.close()
    await expect(reading).rejects.toMatchObject({ code: 'bad-frame' })
  })

  it('is reset: stream-reset, for reader and waiting writer, as an error with a message', async () => {
    const pair = await streams()
    const channel = createStreamChannel(pair.far)
    const reading = takeAll(channel)
    const writing = (async () => {
      for (;;) await channel.send(new Uint8Array(65_536))
    })()
    // `near` reads nothing, so the writer ends up waiting for a drain that never comes.
    pair.near.pause()
    const failures = Promise.all([
      expect(reading).rejects.toMatchObject({ code: 'stream-reset' }),
      expect(writing).rejects.toMatchObject({ code: 'stream-reset', message: expect.stringMatching(/./) })
    ])
    await expect.poll(() => pair.far.writeBufferLength).toBeGreaterThan(0)
    pair.near.abort(new Error('gone'))
    await failures
  })
})

describe('the window of a stream', () => {
  it('is renewed when half of it is used, not after every frame', async () => {
    const pair = await streams()
    const window = (): number => (pair.near as unknown as { sendWindowCapacity: number }).sendWindowCapacity
    const [from, to] = [createStreamChannel(pair.near), createStreamChannel(pair.far)]
    const send = async (frames: number, bytes: number): Promise<void> => {
      for (let index = 0; index < frames; index++) {
        await from.send(new Uint8Array(bytes))
        await take(to, 1)
      }
    }
    // The first answer of a stream opens it, window and all.
    await send(1, 1)
    await expect.poll(window).toBeGreaterThan(0)
    const before = window()
    await send(500, 100)
    expect(before - window()).toBe(500 * 101)
    await send(100, 50_000)
    expect(window()).toBeGreaterThan(0)
    await Promise.all([from.close('done'), to.close('done')])
  })
})
