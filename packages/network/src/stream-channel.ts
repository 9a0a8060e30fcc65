import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { CLOSE_MS, MAX_FRAME, MAX_PREFIX, PAUSE_ABOVE, RESUME_BELOW, UNSENT_LIMIT } from './constants.ts'
import { NetworkError, wrap } from './errors.ts'
import { type FrameChannel, tooLong } from './frame-channel.ts'
import { quietly } from './quietly.ts'

/** The exchange as frames, each behind its length (unsigned varint, minimal), over one libp2p stream. */
export function createStreamChannel(stream: Stream): FrameChannel {
  const closing = new AbortController()
  let closed: Promise<void> | undefined
  // libp2p grants window as bytes arrive, read or not, and resets a stream of 4 MiB unread bytes; so we count what
  // arrived and what was taken, and pause the stream (which stops granting window) when nobody reads.
  let arrived = 0
  let taken = 0
  let reading = false
  let paused = false

  function pauseIfFull(): void {
    if (reading || paused || arrived - taken < PAUSE_ABOVE) return
    paused = quietly(() => stream.pause())
  }

  function resumeIfLow(): void {
    if (!paused || arrived - taken >= RESUME_BELOW) return
    paused = false
    quietly(() => stream.resume())
  }

  const frames = lpStream(stream, {
    maxDataLength: MAX_FRAME,
    lengthDecoder: (prefix) => {
      const length = decodeLength(prefix)
      taken += prefix.byteLength
      return length
    }
  })
  stream.addEventListener('message', (event) => {
    arrived += event.data.byteLength
    pauseIfFull()
  })

  async function* read(): AsyncGenerator<Uint8Array> {
    while (closed === undefined) {
      resumeIfLow()
      const start = arrived - taken
      reading = true
      let frame: Uint8Array
      try {
        frame = plain((await frames.read({ signal: closing.signal })).subarray())
      } catch (error) {
        if (closed !== undefined) return
        if (start === 0 && arrived === taken && endedCleanly(stream)) return
        const failure = readFailure(error, stream)
        stream.abort(failure)
        throw failure
      } finally {
        reading = false
      }
      taken += frame.byteLength
      pauseIfFull()
      yield frame
    }
  }

  return {
    async send(frame) {
      if (frame.byteLength > MAX_FRAME) throw tooLong(frame.byteLength)
      if (closed !== undefined) throw new NetworkError('channel-closed', 'the channel is closed')
      try {
        await frames.write(frame, { signal: closing.signal })
        // One drain may stand for a few bytes: wait until the buffer is short, or it grows by a frame at every drain.
        while (stream.writeBufferLength > UNSENT_LIMIT) await settled(stream, ['drain', 'idle'], closing.signal)
      } catch (error) {
        throw wrap(error, closed === undefined ? 'stream-reset' : 'channel-closed')
      }
    },
    frames: read(),
    close() {
      closed ??= end(stream)
      closing.abort()
      return closed
    }
  }
}

/** Says farewell and waits a little for the other side's, so that what was sent arrives; then resets. */
async function end(stream: Stream): Promise<void> {
  const deadline = AbortSignal.timeout(CLOSE_MS)
  try {
    await stream.close({ signal: deadline })
    while (stream.status === 'open' || stream.status === 'closing') await settled(stream, [], deadline)
  } catch {
    // Either the other side was quicker or it did not answer: the reset below is harmless on a closed stream.
  }
  stream.abort(new NetworkError('channel-closed', 'the channel was closed'))
}

/** Resolves at the first of the events, or when the stream closed in good order; rejects when it broke or on abort. */
function settled(stream: Stream, events: readonly ('drain' | 'idle')[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => finish(resolve)
    const ended = (event: Event) => finish(() => (events.length === 0 ? resolve() : reject(event)))
    const aborted = () => finish(() => reject(signal.reason))
    function finish(then: () => void): void {
      for (const name of events) stream.removeEventListener(name, done)
      stream.removeEventListener('close', ended)
      signal.removeEventListener('abort', aborted)
      then()
    }
    for (const name of events) stream.addEventListener(name, done)
    stream.addEventListener('close', ended)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
  })
}

/**
 * Length prefix: minimal unsigned varint of at most MAX_PREFIX bytes. RangeError asks lpStream for one more byte; it
 * never stops asking by itself, so a peer that sends 0x80 for ever would fill the memory: the limit must stand here.
 */
function decodeLength(prefix: { subarray(): Uint8Array }): number {
  const bytes = prefix.subarray()
  let length = 0
  for (const [index, byte] of bytes.entries()) {
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte >= 0x80) continue
    if (index > 0 && byte === 0) throw new NetworkError('bad-frame', 'a length prefix is not minimal')
    return length
  }
  if (bytes.byteLength > MAX_PREFIX) throw new NetworkError('frame-too-long', 'a length prefix does not end')
  throw new RangeError('the length prefix goes on')
}

function endedCleanly(stream: Stream): boolean {
  return stream.status !== 'reset' && stream.status !== 'aborted' && stream.remoteWriteStatus === 'closed'
}

function readFailure(error: unknown, stream: Stream): NetworkError {
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidDataLengthError' || name === 'InvalidDataLengthLengthError') return wrap(error, 'frame-too-long')
  if (stream.status === 'reset' || stream.status === 'aborted') return wrap(error, 'stream-reset')
  if (name === 'UnexpectedEOFError' || name === 'InvalidMessageLengthError') return wrap(error, 'bad-frame')
  return wrap(error, 'stream-reset')
}

/** Sockets yield Buffers, whose slice() shares memory where a Uint8Array's copies. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
