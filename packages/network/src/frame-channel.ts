import { type Bell, createBell } from './bell.ts'
import { MAX_FRAME } from './constants.ts'
import { NetworkError } from './errors.ts'

/**
 * A two-way pipe of whole frames between two replicas: all that a session run knows of the network.
 * Both implementations, the pair below and the libp2p stream, pass `frame-channel.suite.ts`.
 */
export interface FrameChannel {
  /**
   * Resolves when the channel has room for more; the caller sends one frame at a time and no longer changes its bytes.
   * Rejects with NetworkError `frame-too-long` (the channel stays usable), `channel-closed` or `stream-reset`.
   */
  send(frame: Uint8Array): Promise<void>
  /**
   * Frames in order; iterate once. Ends when either side closed, after all that was sent before the other side's close;
   * throws NetworkError (`frame-too-long`, `bad-frame`, `stream-reset`) when it broke. Not pulling makes the sender wait.
   */
  readonly frames: AsyncIterable<Uint8Array>
  /** Ends both directions; resolves when nothing of the channel is left. The code is for this side only. */
  close(code: string): Promise<void>
}

/** Bytes in flight in one direction of an in-memory pair before a sender waits. */
export const PAIR_CAPACITY = 2 * MAX_FRAME

interface Lane {
  readonly queue: Uint8Array[]
  bytes: number
  /** The sending end is closed: the reader ends when the queue is empty. */
  finished: boolean
  /** The reading end is closed: nothing sent will ever be read. */
  deaf: boolean
  readonly changed: Bell
}

function createLane(): Lane {
  return { queue: [], bytes: 0, finished: false, deaf: false, changed: createBell() }
}

/** Two ends of one channel in memory, without sockets or timers. */
export function createChannelPair(): [FrameChannel, FrameChannel] {
  const there = createLane()
  const back = createLane()
  return [createEnd(there, back), createEnd(back, there)]
}

function createEnd(out: Lane, into: Lane): FrameChannel {
  return {
    async send(frame) {
      if (frame.byteLength > MAX_FRAME) throw tooLong(frame.byteLength)
      if (out.finished || out.deaf) throw closed()
      out.queue.push(frame)
      out.bytes += frame.byteLength
      out.changed.ring()
      while (out.bytes >= PAIR_CAPACITY) {
        await out.changed.next()
        if (out.finished || out.deaf) throw closed()
      }
    },
    frames: readLane(into),
    async close() {
      out.finished = true
      into.deaf = true
      into.queue.length = 0
      into.bytes = 0
      out.changed.ring()
      into.changed.ring()
    }
  }
}

async function* readLane(lane: Lane): AsyncGenerator<Uint8Array> {
  while (!lane.deaf) {
    const frame = lane.queue.shift()
    if (frame !== undefined) {
      lane.bytes -= frame.byteLength
      lane.changed.ring()
      yield frame
    } else if (lane.finished) {
      return
    } else {
      await lane.changed.next()
    }
  }
}

function closed(): NetworkError {
  return new NetworkError('channel-closed', 'the channel is closed')
}

/** The refusal of a frame that must not be sent. */
export function tooLong(length: number): NetworkError {
  return new NetworkError('frame-too-long', `a frame of ${length} bytes exceeds ${MAX_FRAME}`, {
    length,
    max: MAX_FRAME
  })
}
