/** Server-sent events (HTML standard §9.2): one named event per change, its id the order of arrival. */
import { setTimeout as after } from 'node:timers/promises'
import type { LiveEvent } from './ports.ts'

/** ms a client waits before it connects again. */
const RETRY = 3_000

export interface LiveOptions {
  readonly signal: AbortSignal
  /** ms between comment lines on a quiet stream, so that proxies keep it and a dead client is noticed. */
  readonly heartbeat: number
  /** Asked again before each event and at each heartbeat: a revoked token ends the stream, and hears nothing more. */
  readonly stillAllowed: () => Promise<boolean>
}

/** One event as its lines; JSON has no raw line break, so the data is always one line. */
export function eventText(event: LiveEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
}

/** The text of an event stream; ends with the source, the signal or the token. */
export async function* liveText(events: AsyncIterable<LiveEvent>, options: LiveOptions): AsyncGenerator<string> {
  const source = events[Symbol.asyncIterator]()
  try {
    yield `retry: ${RETRY}\n\n`
    let next = source.next()
    while (!options.signal.aborted) {
      const got = await before(next, options.heartbeat)
      if (got?.done === true || !(await options.stillAllowed())) return
      if (got === undefined) yield ':\n\n'
      else {
        yield eventText(got.value)
        next = source.next()
      }
    }
  } finally {
    // Not awaited: a source still waiting for its next event ends by the signal.
    source.return?.().catch(() => undefined)
  }
}

/** The promise's value, or undefined if it takes longer than `ms`. */
async function before<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController()
  const late = after(ms, undefined, { signal: timer.signal }).catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
  }
}
