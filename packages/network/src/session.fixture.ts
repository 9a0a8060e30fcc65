import type { InstitutionId } from '@tocsin/model'
import type { Action, IncomingBatch, SessionState, SyncEvent, SyncSession } from '@tocsin/sync'
import type { Clock } from './clock.ts'
import type { Log } from './ports.ts'

/** A session of the real interface that greets, records what happens to it and answers as told. */
export interface Talker extends SyncSession {
  readonly events: SyncEvent[]
  /** First byte of every frame received. */
  readonly heard: number[]
}

export const HELLO = 1

export function createTalker(peer: InstitutionId, answer: (event: SyncEvent) => Action[] = () => []): Talker {
  const events: SyncEvent[] = []
  const heard: number[] = []
  let phase: SessionState['phase'] = 'new'
  return {
    peer,
    events,
    heard,
    handle(event) {
      events.push(event)
      const actions: Action[] = []
      if (event.type === 'opened') {
        phase = 'greeting'
        actions.push({ type: 'send', frame: Uint8Array.of(HELLO) })
      } else if (event.type === 'received') {
        heard.push(event.frame[0] ?? 0)
        if (event.frame[0] === HELLO) phase = 'linked'
      } else if (event.type === 'closed') {
        phase = 'closed'
      }
      return [...actions, ...answer(event)]
    },
    state: () => ({
      phase,
      scopes: [],
      comparing: 0,
      credit: 0,
      pendingCost: 0,
      pendingAdmissions: 0,
      missing: 0,
      wanted: 0,
      outgoing: 0,
      declinedByUs: 0,
      declinedByPeer: 0,
      largeIn: 0,
      largeOut: 0,
      lazyTrees: 0,
      bytesIn: heard.length,
      bytesOut: 0
    })
  }
}

export function batch(from: InstitutionId): IncomingBatch {
  return { from, descriptor: new Uint8Array(), entries: [], proof: new Uint8Array() }
}

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {} }

/** A clock whose hands are turned by the test. */
export interface ManualClock extends Clock {
  /** Runs what falls due within the next `ms`, in order. */
  advance(ms: number): void
  /** How many timers wait. */
  waiting(): number
}

export function createManualClock(start = 1_800_000_000_000): ManualClock {
  let now = start
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        now = next.at
        next.run()
      }
      now = end
    },
    waiting: () => timers.length
  }
}

/** Lets everything that waits on promises alone run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
