/** One end of a link: the pump between a real session and the simulated wire, as the network's own runs it. */
import type { InstitutionId } from '@tocsin/model'
import {
  type Action,
  createSession,
  type Outcome,
  type SyncEvent,
  type SyncReplica,
  type SyncSession
} from '@tocsin/sync'
import type { Process } from './sim-node.ts'

export interface End {
  readonly process: Process
  /** Number of the node at the other end. */
  readonly other: number
  readonly peer: InstitutionId
  readonly session: SyncSession
  isOpen: boolean
  /** When both had greeted. */
  linkedAt: number | undefined
  feed(event: Happening): void
  /** The wire broke: nothing more goes in or out. */
  drop(): void
}

type Timeless<E> = E extends unknown ? Omit<E, 'now'> : never
export type Happening = Timeless<SyncEvent>

export interface EndOptions {
  readonly process: Process
  readonly other: number
  readonly peer: InstitutionId
  readonly replica: SyncReplica
  readonly random: () => number
  readonly now: () => number
  readonly send: (frame: Uint8Array) => void
  /** The session closed by itself; what it sent before still arrives. */
  readonly closed: (code: string) => void
  readonly report: (event: Extract<Action, { type: 'report' }>['event']) => void
  /** Something asynchronous began, or failed. */
  readonly busy: () => void
  readonly fault: (error: unknown) => void
}

type Job = Extract<Action, { type: 'append' | 'registers' }>

export function createEnd(options: EndOptions): End {
  const { process, peer, now } = options
  const { replica, hub } = process
  const inbox: Happening[] = []
  const jobs: Job[] = []
  let isHandling = false
  let isAdmitting = false

  const end: End = {
    process,
    other: options.other,
    peer,
    session: createSession({ peer, replica: options.replica, random: options.random, hub }),
    isOpen: true,
    linkedAt: undefined,
    feed: (event) => {
      if (!end.isOpen) return
      inbox.push(event)
      if (isHandling) return
      isHandling = true
      try {
        for (let next = inbox.shift(); next !== undefined && end.isOpen; next = inbox.shift())
          for (const action of end.session.handle({ ...next, now: now() } as SyncEvent)) if (end.isOpen) perform(action)
      } finally {
        isHandling = false
        inbox.length = 0
      }
    },
    drop: () => {
      if (!end.isOpen) return
      jobs.length = 0
      end.isOpen = false
      end.session.handle({ type: 'closed', now: now() })
      over()
    }
  }

  function over(): void {
    if (process.ends.get(options.other) === end) process.ends.delete(options.other)
    const others = [...process.ends.values()].some((one) => one.peer === peer && one.isOpen)
    if (!others && process.isAlive) replica.unlinked(peer)
  }

  function perform(action: Action): void {
    if (action.type === 'send') options.send(action.frame)
    else if (action.type === 'append' || action.type === 'registers') {
      jobs.push(action)
      admitNext()
    } else if (action.type === 'report') options.report(action.event)
    else if (action.type === 'confirmed') replica.confirmed(peer, action.stream, action.seq, action.id)
    else {
      jobs.length = 0
      end.isOpen = false
      over()
      options.closed(action.code)
    }
  }

  function hand(job: Job): Promise<Outcome> {
    return job.type === 'append' ? replica.admit(job.batch) : replica.admitRegisters(job.registers, peer)
  }

  function admitNext(): void {
    const job = isAdmitting ? undefined : jobs.shift()
    if (job === undefined) return
    isAdmitting = true
    options.busy()
    hand(job)
      .then((outcome) => {
        isAdmitting = false
        if (!process.isAlive || !end.isOpen) return
        end.feed({ type: 'admitted', token: job.token, outcome })
        admitNext()
      })
      .catch((error: unknown) => {
        if (process.isAlive) options.fault(error)
      })
  }

  return end
}
