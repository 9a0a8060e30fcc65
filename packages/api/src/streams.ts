import { Readable } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'

/** Bytes gathered before a write: feeds come as many short lines. */
const WRITE_SIZE = 65_536

/** ms that stopping waits for answers under way. */
const GRACE = 10_000

/** Answers under way, so that stopping the node lets short ones finish and cuts those that have no end. */
export interface OpenAnswers {
  /** Counts an answer until its client has it or is gone. */
  add(reply: FastifyReply): void
  /** Says that an answer is a stream; the signal aborts when the client goes away or the node stops. */
  stream(reply: FastifyReply): AbortSignal
  /** Cuts the streams (a feed that is not whole must not look whole) and waits for the rest, at most 10 s. */
  finish(): Promise<void>
}

/** Creates an empty set of answers. */
export function createOpenAnswers(): OpenAnswers {
  const open = new Set<FastifyReply>()
  const streams = new Set<FastifyReply>()
  return {
    add(reply) {
      open.add(reply)
      reply.raw.once('close', () => open.delete(reply))
    },
    stream(reply) {
      const controller = new AbortController()
      streams.add(reply)
      reply.raw.once('close', () => {
        streams.delete(reply)
        controller.abort()
      })
      return controller.signal
    },
    async finish() {
      for (const reply of streams) reply.raw.destroy()
      const closed = [...open].map((reply) => new Promise<void>((resolve) => reply.raw.once('close', resolve)))
      const late = new AbortController()
      const grace = after(GRACE, undefined, { signal: late.signal }).catch(() => undefined)
      await Promise.race([Promise.all(closed), grace])
      late.abort()
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
export function streamOf(source: AsyncIterable<string | Buffer>): Readable {
  return Readable.from(source, { objectMode: false, highWaterMark: WRITE_SIZE })
}
