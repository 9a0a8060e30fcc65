import { setTimeout as after } from 'node:timers/promises'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { Client } from './client.ts'
import { CliError } from './errors.ts'

/** ms before the first try to connect again, and at most between two. */
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 30_000

/** One event of the node's stream. */
export interface Followed {
  readonly id: string
  readonly type: string
  readonly data: unknown
}

export interface FollowOptions {
  readonly signal: AbortSignal
  /** Told before each try to connect again, with the ms until then. */
  readonly onLost: (wait: number) => void
  /** ms before the first try; tests are in a hurry. */
  readonly firstWait?: number
}

/**
 * What arrives, until `signal` aborts; a lost connection is made again and misses nothing (`Last-Event-ID`). Throws
 * what the first connection throws, and later any refusal: a revoked token does not come back.
 */
export async function* follow(client: Client, options: FollowOptions): AsyncGenerator<Followed> {
  const { signal, firstWait = FIRST_WAIT } = options
  let last: string | undefined
  let wait = firstWait
  let connected = false
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }
      const answer = await client.open('/v1/events', {}, { headers, signal })
      connected = true
      wait = firstWait
      for await (const message of messagesOf(answer)) {
        if (message.id !== undefined) last = message.id
        yield { id: message.id ?? '', type: message.event ?? 'message', data: JSON.parse(message.data) }
      }
    } catch (error) {
      if (signal.aborted) return
      if (!connected || !isLoss(error)) throw error
    }
    if (signal.aborted) return
    options.onLost(wait)
    await after(wait, undefined, { signal }).catch(() => undefined)
    wait = Math.min(wait * 2, LONGEST_WAIT)
  }
}

/** A connection that broke (undici: TypeError) or could not be made; a refusal is neither. */
function isLoss(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof CliError && error.code === 'node-unreachable')
}

async function* messagesOf(answer: Response): AsyncGenerator<EventSourceMessage> {
  const arrived: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => arrived.push(message) })
  const decoder = new TextDecoder()
  if (answer.body === null) return
  for await (const chunk of answer.body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* arrived.splice(0)
  }
}
