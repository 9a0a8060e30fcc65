import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Bytes gathered before a write: feeds come as many short lines. */
const WRITE_SIZE = 65_536

/** Every answer that is still being written, so that stopping the node ends them instead of waiting for ever. */
export interface OpenStreams {
  /** A signal that aborts when the client goes away or the node stops. */
  signalFor(reply: FastifyReply): AbortSignal
  endAll(): void
}

/** Creates an empty set of open answers. */
export function createOpenStreams(): OpenStreams {
  const open = new Set<AbortController>()
  return {
    signalFor(reply) {
      const controller = new AbortController()
      open.add(controller)
      reply.raw.once('close', () => {
        open.delete(controller)
        controller.abort()
      })
      return controller.signal
    },
    endAll() {
      for (const controller of open) controller.abort()
      open.clear()
    }
  }
}

/** Joins short pieces of text into writes of about 64 KiB, UTF-8. */
export async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let held: string[] = []
  let size = 0
  for await (const piece of pieces) {
    held.push(piece)
    size += piece.length
    if (size < WRITE_SIZE) continue
    yield Buffer.from(held.join(''))
    held = []
    size = 0
  }
  if (held.length > 0) yield Buffer.from(held.join(''))
}

/** A generator as a stream of bytes: it is asked for more only when the client has taken what it got. */
export function streamOf(source: AsyncIterable<string | Buffer>, signal: AbortSignal): Readable {
  const stream = Readable.from(source, { objectMode: false, highWaterMark: WRITE_SIZE })
  signal.addEventListener('abort', () => stream.destroy(), { once: true })
  return stream
}
