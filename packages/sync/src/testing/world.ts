/** A seeded network in one process, in virtual time: links deliver in order after a random delay, admission takes a while. */
import type { InstitutionId, StreamId } from '@tocsin/model'
import { decodeFrame } from '../frame-codec.ts'
import type { Frame } from '../frames.ts'
import { createHub, type Hub } from '../hub.ts'
import type { Action, Outcome, SyncEvent, SyncLimits, SyncReport, SyncSession } from '../ports.ts'
import { createSession } from '../session.ts'
import { createMemoryReplica, type MemoryReplica, START } from './memory-replica.ts'
import { createRandom } from './random.ts'

/** A frame as it left. */
export interface Sent {
  readonly at: number
  readonly from: InstitutionId
  readonly to: InstitutionId
  readonly frame: Frame
  readonly bytes: number
}

/** One end of a link. */
export interface End {
  readonly replica: MemoryReplica
  session: SyncSession
  readonly reports: SyncReport[]
  readonly confirmed: StreamId[]
  /** Appends and registers in the order they were asked for: stream ids, or 'registers'. */
  readonly asked: string[]
}

export interface Link {
  readonly ends: readonly [End, End]
  readonly sent: Sent[]
  /** Cuts it: both sessions see `closed`, frames under way are lost. */
  cut(): void
}

export interface World {
  readonly random: () => number
  now(): number
  node(): MemoryReplica
  link(a: MemoryReplica, b: MemoryReplica, limits?: Partial<SyncLimits>): Link
  /** Tells every session of this node. */
  tell(
    replica: MemoryReplica,
    event: Omit<Extract<SyncEvent, { type: 'appended' }>, 'now'> | { type: 'roster-changed' }
  ): void
  publish(replica: MemoryReplica, stream: StreamId, body: Uint8Array): void
  /** Runs until nothing is under way, at most so many ms. */
  settle(maxMs?: number): void
  /** Runs for so many ms. */
  run(ms: number): void
  /** Runs until the condition holds; throws if it never does. */
  until(condition: () => boolean): void
}

export interface WorldOptions {
  readonly seed: number
  /** ms one way, least and most. */
  readonly latency?: readonly [number, number]
  /** ms until an admission is answered, least and most. */
  readonly admission?: readonly [number, number]
}

interface Task {
  readonly at: number
  readonly order: number
  run(): void
}

export function createWorld({ seed, latency = [5, 5], admission = [1, 1] }: WorldOptions): World {
  const random = createRandom(seed)
  const tasks: Task[] = []
  const ends: End[] = []
  const hubs = new Map<MemoryReplica, Hub>()
  let now = START
  let order = 0
  let nextTick = START + 1000

  const between = ([least, most]: readonly [number, number]): number => least + random() * (most - least)

  const later = (at: number, run: () => void): void => {
    const task = { at, order: order++, run }
    let index = tasks.length
    while (index > 0 && (tasks[index - 1]?.at ?? 0) > at) index--
    tasks.splice(index, 0, task)
  }

  const hubOf = (replica: MemoryReplica): Hub => {
    const hub = hubs.get(replica) ?? createHub()
    hubs.set(replica, hub)
    return hub
  }

  const world: World = {
    random,
    now: () => now,
    node: () => createMemoryReplica(random),
    link(a, b, limits) {
      let isUp = true
      const sent: Sent[] = []
      // Streams are ordered: nothing arrives before what was sent before it.
      const busyUntil = new Map<End, number>()
      const admittedUntil = new Map<End, number>()

      const makeEnd = (replica: MemoryReplica, peer: MemoryReplica): End => ({
        replica,
        session: createSession({
          peer: peer.institution,
          replica,
          random,
          hub: hubOf(replica),
          ...(limits && { limits })
        }),
        reports: [],
        confirmed: [],
        asked: []
      })
      const ends2: [End, End] = [makeEnd(a, b), makeEnd(b, a)]
      ends.push(...ends2)

      const perform = (end: End, actions: readonly Action[]): void => {
        for (const action of actions) act(end, action)
      }
      const feed = (end: End, event: SyncEvent): void => {
        if (isUp) perform(end, end.session.handle(event))
      }
      const answer = (end: End, token: number, judge: () => Outcome): void => {
        const at = Math.max(admittedUntil.get(end) ?? 0, now + between(admission))
        admittedUntil.set(end, at)
        later(at, () => {
          if (!isUp) return
          const outcome = judge()
          feed(end, { type: 'admitted', token, outcome, now })
        })
      }
      const act = (end: End, action: Action): void => {
        const other = end === ends2[0] ? ends2[1] : ends2[0]
        switch (action.type) {
          case 'send': {
            const frame = decodeFrame(action.frame)
            sent.push({
              at: now,
              from: end.replica.institution,
              to: other.replica.institution,
              frame,
              bytes: action.frame.length
            })
            const at = Math.max(busyUntil.get(other) ?? 0, now + between(latency))
            busyUntil.set(other, at)
            later(at, () => feed(other, { type: 'received', frame: action.frame, now }))
            break
          }
          case 'append':
            end.asked.push(action.batch.entries.length > 0 ? streamOf(action.batch.entries[0]?.header) : '')
            answer(end, action.token, () => {
              const outcome = end.replica.admit(action.batch)
              if (outcome.accepted > 0) {
                const stream = streamOf(action.batch.entries[0]?.header) as StreamId
                world.tell(end.replica, { type: 'appended', streams: [stream], registers: [], from: action.batch.from })
              }
              return outcome
            })
            break
          case 'registers':
            end.asked.push('registers')
            answer(end, action.token, () => {
              const { outcome, fresh } = end.replica.admitRegisters(action.registers)
              if (fresh.length > 0) {
                world.tell(end.replica, { type: 'appended', streams: [], registers: fresh, from: end.session.peer })
              }
              return outcome
            })
            break
          case 'report':
            end.reports.push(action.event)
            break
          case 'confirmed':
            end.confirmed.push(action.stream)
            break
          case 'close':
            // What was sent before still arrives.
            later(now + latency[1] + 1, link.cut)
        }
      }
      const link: Link = {
        ends: ends2,
        sent,
        cut() {
          if (!isUp) return
          isUp = false
          for (const end of ends2) {
            end.session.handle({ type: 'closed', now })
            listeners.delete(end)
          }
        }
      }
      for (const end of ends2) listeners.set(end, (event) => feed(end, event))
      for (const end of ends2) later(now, () => feed(end, { type: 'opened', now }))
      return link
    },
    tell(replica, event) {
      for (const [end, listen] of [...listeners]) if (end.replica === replica) listen({ ...event, now } as SyncEvent)
    },
    publish(replica, stream, body) {
      replica.publish(stream, body, Math.floor(now))
      world.tell(replica, { type: 'appended', streams: [stream], registers: [] })
    },
    settle(maxMs = 300_000) {
      const end = now + maxMs
      let quiet = 0
      while (now < end && quiet < 12) {
        const before = order
        world.run(1000)
        quiet = order === before && tasks.length === 0 ? quiet + 1 : 0
      }
      if (quiet < 12) throw new Error('the world does not come to rest')
    },
    run(ms) {
      const end = now + ms
      while (step(end)) {}
      now = end
    },
    until(condition) {
      for (let steps = 0; !condition(); steps++) {
        if (steps > 1_000_000 || !step(Infinity)) throw new Error('the condition never came true')
      }
    }
  }

  const listeners = new Map<End, (event: SyncEvent) => void>()

  const step = (end: number): boolean => {
    const next = Math.min(tasks[0]?.at ?? Infinity, nextTick)
    if (next > end) return false
    now = Math.max(now, next)
    if (next === nextTick) {
      nextTick += 1000
      for (const listen of [...listeners.values()]) listen({ type: 'tick', now })
    } else {
      tasks.shift()?.run()
    }
    return true
  }

  return world
}

function streamOf(header: Uint8Array | undefined): string {
  return Buffer.from(header?.subarray(1, 33) ?? []).toString('hex')
}
