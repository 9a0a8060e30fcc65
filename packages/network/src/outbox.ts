import type { Bell } from './bell.ts'
import type { Clock } from './clock.ts'
import { MAX_FRAME, OUTGOING_CAP, OUTGOING_HIGH } from './constants.ts'
import { type NetworkErrorCode, wrap } from './errors.ts'
import type { FrameChannel } from './frame-channel.ts'

/** What waits to be sent on one channel: bounded in bytes, sent one frame at a time. */
export interface Outbox {
  /** Undefined if taken (or if the channel is broken: nothing can be sent any more), else why not. */
  push(frame: Uint8Array): Extract<NetworkErrorCode, 'frame-too-long' | 'send-overflow'> | undefined
  /** So much waits that nothing should be asked of the session which makes it send more. */
  isFull(): boolean
  /** ms since the frame now on its way was handed to the channel; 0 if none is. */
  sendingFor(): number
  /** Why sending failed, if it did. */
  broken(): NetworkErrorCode | undefined
  /** No more frames come; those that wait are still sent, unless dropped. */
  finish(drop: boolean): void
  /** Sends until finished and empty, or broken. Never rejects; rings the bell after every frame. */
  run(): Promise<void>
}

export function createOutbox(channel: FrameChannel, bell: Bell, clock: Clock): Outbox {
  let frames: Uint8Array[] = []
  let bytes = 0
  let since: number | undefined
  let broken: NetworkErrorCode | undefined
  let finished = false

  function drop(): void {
    frames = []
    bytes = 0
  }

  async function send(frame: Uint8Array): Promise<void> {
    try {
      since = clock.now()
      await channel.send(frame)
      bytes = Math.max(0, bytes - frame.byteLength)
    } catch (error) {
      broken = wrap(error, 'stream-reset').code
      drop()
    } finally {
      since = undefined
      bell.ring()
    }
  }

  return {
    push(frame) {
      if (frame.byteLength > MAX_FRAME) return 'frame-too-long'
      if (finished || broken !== undefined) return undefined
      if (bytes + frame.byteLength > OUTGOING_CAP) return 'send-overflow'
      frames.push(frame)
      bytes += frame.byteLength
      bell.ring()
      return undefined
    },
    isFull: () => bytes > OUTGOING_HIGH,
    sendingFor: () => (since === undefined ? 0 : clock.now() - since),
    broken: () => broken,
    finish(dropping) {
      finished = true
      if (dropping) drop()
      bell.ring()
    },
    async run() {
      while (broken === undefined) {
        const frame = frames.shift()
        if (frame !== undefined) await send(frame)
        else if (finished) return
        else await bell.next()
      }
    }
  }
}
