import { describe, expect, it } from 'vitest'
import { MAX_FRAME } from './constants.ts'
import type { FrameChannel } from './frame-channel.ts'

/** Two connected ends and the way to take down what carries them. */
export interface ChannelPair {
  readonly near: FrameChannel
  readonly far: FrameChannel
  dispose(): Promise<void>
}

/** What every FrameChannel must do. `inFlight`: bytes that one direction may hold while nobody reads. */
export function describeFrameChannel(name: string, connect: () => Promise<ChannelPair>, inFlight: number): void {
  async function withPair(use: (pair: ChannelPair) => Promise<void>): Promise<void> {
    const pair = await connect()
    try {
      await use(pair)
    } finally {
      await Promise.all([pair.near.close('test'), pair.far.close('test')])
      await pair.dispose()
    }
  }

  describe(`${name} as a frame channel`, () => {
    it('carries frames whole and in order, both ways at once', () =>
      withPair(async ({ near, far }) => {
        const lengths = [0, 1, 127, 128, 16_383, 16_384, 65_536, MAX_FRAME]
        const send = async (channel: FrameChannel) => {
          for (const [index, length] of lengths.entries()) await channel.send(new Uint8Array(length).fill(index + 1))
        }
        const [toFar, toNear] = await Promise.all([
          take(far, lengths.length),
          take(near, lengths.length),
          send(near),
          send(far)
        ])
        const expected = lengths.map((length, index) => [length, length === 0 ? undefined : index + 1])
        expect(toFar.map((frame) => [frame.byteLength, frame.at(-1)])).toEqual(expected)
        expect(toNear.map((frame) => [frame.byteLength, frame.at(-1)])).toEqual(expected)
      }))

    it('refuses to send a frame over the limit and stays usable', () =>
      withPair(async ({ near, far }) => {
        await expect(near.send(new Uint8Array(MAX_FRAME + 1))).rejects.toMatchObject({ code: 'frame-too-long' })
        await near.send(Uint8Array.of(7))
        expect(await take(far, 1)).toEqual([Uint8Array.of(7)])
      }))

    it('delivers what was sent before a close, then ends the other side', () =>
      withPair(async ({ near, far }) => {
        for (let index = 0; index < 20; index += 1) await near.send(Uint8Array.of(index))
        const closing = near.close('done')
        const received = await takeAll(far)
        expect(received.map((frame) => frame[0])).toEqual(Array.from({ length: 20 }, (_, index) => index))
        await far.close('done')
        await closing
      }))

    it('ends its own iteration and refuses to send after a close, however often it is closed', () =>
      withPair(async ({ near }) => {
        const reading = takeAll(near)
        await Promise.all([near.close('done'), near.close('again')])
        expect(await reading).toEqual([])
        await expect(near.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'channel-closed' })
      }))

    it('makes the sender wait for a slow reader, in bounded memory, and loses nothing', () =>
      withPair(async ({ near, far }) => {
        const frames = 400
        let sent = 0
        const sending = (async () => {
          for (; sent < frames; sent += 1) await near.send(new Uint8Array(65_536).fill(sent))
        })()
        await stalled(() => sent)
        expect(sent).toBeGreaterThan(0)
        expect(sent * 65_536).toBeLessThanOrEqual(inFlight)
        const received = await take(far, frames)
        await sending
        expect(received.map((frame) => frame[0])).toEqual(Array.from({ length: frames }, (_, index) => index % 256))
      }))

    it('frees a waiting sender when it is closed', () =>
      withPair(async ({ near }) => {
        let sent = 0
        const sending = (async () => {
          for (;;) {
            await near.send(new Uint8Array(MAX_FRAME))
            sent += 1
          }
        })()
        const failure = expect(sending).rejects.toMatchObject({ code: 'channel-closed' })
        await stalled(() => sent)
        await near.close('done')
        await failure
      }))
  })
}

/** The next `count` frames; the iteration stays open for more. */
export async function take(channel: FrameChannel, count: number): Promise<Uint8Array[]> {
  const iterator = channel.frames[Symbol.asyncIterator]()
  const taken: Uint8Array[] = []
  while (taken.length < count) {
    const next = await iterator.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

/** All frames until the end. */
export async function takeAll(channel: FrameChannel): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = []
  for await (const frame of channel.frames) taken.push(frame)
  return taken
}

/** Resolves when a number has not moved for a while: the only way to see that somebody waits. */
async function stalled(read: () => number): Promise<void> {
  let last = -1
  for (let quiet = 0; quiet < 20; ) {
    const now = read()
    quiet = now === last && now > 0 ? quiet + 1 : 0
    last = now
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
