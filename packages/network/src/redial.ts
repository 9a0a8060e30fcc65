import { type Backoff, waitAfter } from './backoff.ts'
import type { Clock } from './clock.ts'

/** The loop that keeps one peer linked: never gives up, never dials twice at once. */
export interface Redial {
  /** Something is new (allow-list, address): dial now, and forget earlier failures. */
  wake(): void
  /** The link to the peer ended; `stable` if it was a good one. */
  linkEnded(stable: boolean): void
  failures(): number
  /** Ends the loop and the dial under way. */
  stop(): Promise<void>
}

export interface RedialDeps {
  /** True while a session with the peer stands, whoever dialled. */
  linked(): boolean
  /** Resolves when a link stands or was given up for a better one, rejects when the peer was not reached. */
  dial(signal: AbortSignal): Promise<void>
  onFailure(error: unknown): void
  readonly clock: Clock
  readonly backoff: Backoff
  random(): number
}

/** Idle until the first wake(). libp2p's own keep-alive forgets a peer after a few failures, so it is not used. */
export function createRedial(deps: RedialDeps): Redial {
  let failures = 0
  let stopped = false
  let again = false
  let cancelTimer = () => {}
  let dialling: { abort: AbortController; done: Promise<void> } | undefined

  function schedule(ms: number): void {
    cancelTimer()
    if (!stopped) cancelTimer = deps.clock.after(ms, attempt)
  }

  function attempt(): void {
    if (stopped || dialling !== undefined || deps.linked()) return
    const abort = new AbortController()
    const done = dial(abort.signal).finally(() => {
      const wait = again ? 0 : waitAfter(failures, deps.backoff, deps.random)
      dialling = undefined
      again = false
      // Not linked after all: failed, woken up in between, or the link was gone before we looked.
      if (!stopped && !deps.linked()) schedule(wait)
    })
    dialling = { abort, done }
  }

  async function dial(signal: AbortSignal): Promise<void> {
    try {
      await deps.dial(signal)
    } catch (error) {
      if (stopped || again) return
      failures += 1
      deps.onFailure(error)
    }
  }

  return {
    wake() {
      failures = 0
      if (dialling !== undefined) {
        again = true
        dialling.abort.abort(new Error('the addresses of the peer changed'))
      } else if (!deps.linked()) {
        schedule(0)
      }
    },
    linkEnded(stable) {
      failures = stable ? 0 : failures + 1
      if (dialling === undefined && !deps.linked()) schedule(waitAfter(failures, deps.backoff, deps.random))
    },
    failures: () => failures,
    async stop() {
      stopped = true
      cancelTimer()
      dialling?.abort.abort(new Error('stopping'))
      await dialling?.done
    }
  }
}
