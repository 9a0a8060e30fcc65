import type { InstitutionId } from '@tocsin/model'
import type { Action, Outcome, SessionState, SyncEvent, SyncSession } from '@tocsin/sync'
import { createBell } from './bell.ts'
import type { Clock } from './clock.ts'
import { CLOSE_FLUSH_MS, FIRST_FRAME_MS, PENDING_ADMITS_HIGH, READ_ON_MS, SEND_STALL_MS, TICK_MS } from './constants.ts'
import { describe, type NetworkErrorCode, wrap } from './errors.ts'
import type { FrameChannel } from './frame-channel.ts'
import { createOutbox } from './outbox.ts'
import type { Log, World } from './ports.ts'
import type { Turnstile } from './turnstile.ts'

/** How a session ended. */
export interface SessionEnd {
  /** A code of NETWORK_ERRORS, or the session's own (SYNC_ERRORS, the replica's). */
  readonly code: string
  /** Both sides had greeted each other. */
  readonly linked: boolean
  /** ms from opening to end. */
  readonly lived: number
}

export interface SessionRun {
  /** Tells the session something that happened here: growth, a roster change, a twin. */
  tell(event: SyncEvent): void
  /** Ends it. `flush`: what is queued may still leave. */
  close(code: string, flush?: boolean): void
  /** Since when both sides have greeted, ms since 1970. */
  linkedSince(): number | undefined
  state(): SessionState
  isOpen(): boolean
  /** Resolves, never rejects, when the session is over; channel and admissions may take a little longer. */
  readonly ended: Promise<SessionEnd>
  /** Resolves, never rejects, when channel, timers and admissions of this run are done. */
  readonly done: Promise<void>
}

export interface SessionRunOptions {
  readonly peer: InstitutionId
  readonly channel: FrameChannel
  readonly session: SyncSession
  readonly world: World
  /** The peer's, shared by all its sessions. */
  readonly turnstile: Turnstile
  readonly clock: Clock
  readonly log: Log
}

type Job = Extract<Action, { type: 'append' | 'registers' }>
type Appended = Extract<SyncEvent, { type: 'appended' }>

/**
 * The pump between one sans-IO session and one channel: frames in, frames out, batches to `admit` one at a time, a tick a
 * second. It never looks into a frame. Memory is bounded by not reading: while much waits to be sent or admitted, no
 * further frame is taken from the channel, whose sender then waits; announcements of growth are merged meanwhile.
 */
export function runSession(options: SessionRunOptions): SessionRun {
  const { peer, channel, session, world, clock, log } = options
  const bell = createBell()
  const outbox = createOutbox(channel, bell, clock)
  const ended = Promise.withResolvers<SessionEnd>()
  const opened = clock.now()
  const inbox: SyncEvent[] = []
  const jobs: Job[] = []
  let growth: readonly Appended[] = []
  let handling = false
  let heard = false
  let linkedSince: number | undefined
  /** The other side ended it: nothing the session asks for now changes that. */
  let leaving = false
  /** Admissions that have not begun are void. */
  let dropped = false
  /** The outbox stays full because, perhaps, the peer waits for us as we wait for it. */
  let readOn = false
  let open = true
  let flushing = false
  let cancelTick = () => {}

  function tell(event: SyncEvent): void {
    if (event.type === 'appended' && (growth.length > 0 || outbox.isFull())) growth = merge(growth, event)
    else feed(event)
  }

  /** The session is not re-entrant: what an action sets off here waits until the action list is done. */
  function feed(event: SyncEvent): void {
    if (!open) return
    inbox.push(event)
    if (handling) return
    handling = true
    try {
      for (let next = inbox.shift(); next !== undefined && open; next = inbox.shift()) {
        for (const action of session.handle(next)) if (open) perform(action)
        if (linkedSince === undefined && session.state().phase === 'linked') linkedSince = clock.now()
      }
    } catch (error) {
      fault('session-failed', error)
    } finally {
      handling = false
      inbox.length = 0
    }
  }

  function perform(action: Action): void {
    if (action.type === 'send') {
      const refusal = outbox.push(action.frame)
      if (refusal !== undefined && !leaving) close(refusal)
    } else if (action.type === 'append' || action.type === 'registers') {
      jobs.push(action)
      bell.ring()
    } else if (action.type === 'report') {
      world.onReport(peer, action.event)
    } else if (action.type === 'confirmed') {
      world.onConfirmed(peer, { stream: action.stream, seq: action.seq, id: action.id })
    } else if (!leaving) {
      close(action.code, true)
    }
  }

  function tick(): void {
    cancelTick = clock.after(TICK_MS, tick)
    const broken = outbox.broken()
    // The reader finds a break by itself, after all that the peer sent before; this is for one that cannot.
    if (broken !== undefined) lost(broken)
    else if (!heard && clock.now() - opened >= FIRST_FRAME_MS) close('no-answer')
    else if (outbox.sendingFor() >= SEND_STALL_MS) close('send-stalled')
    else feed({ type: 'tick', now: clock.now() })
    bell.ring()
  }

  function close(code: string, flush = false): void {
    dropped = true
    jobs.length = 0
    over(code, flush)
  }

  /** The peer left or broke away: what it sent before is still admitted. */
  function lost(code: string): void {
    leaving = true
    feed({ type: 'closed', now: clock.now() })
    over(code, false)
  }

  function over(code: string, flush: boolean): void {
    if (!open) return
    open = false
    flushing = flush
    cancelTick()
    ended.resolve({ code, linked: linkedSince !== undefined, lived: clock.now() - opened })
    log.debug({ peer, code }, 'session ended')
    outbox.finish(!flush)
  }

  function fault(code: NetworkErrorCode, error: unknown): void {
    const { reason, detail } = describe(error)
    log.warn({ peer, code, reason }, 'a session was closed by a fault of this node')
    log.debug({ peer, code, detail }, 'a session was closed by a fault of this node')
    close(code)
  }

  function isBusy(): boolean {
    if (!outbox.isFull()) readOn = false
    else if (outbox.sendingFor() >= READ_ON_MS) readOn = true
    return jobs.length >= PENDING_ADMITS_HIGH || (outbox.isFull() && !readOn)
  }

  async function read(): Promise<void> {
    try {
      for await (const frame of channel.frames) {
        if (!open) return
        heard = true
        feed({ type: 'received', frame, now: clock.now() })
        while (open && isBusy()) await bell.next()
      }
      lost('closed-by-peer')
    } catch (error) {
      lost(wrap(error, 'stream-reset').code)
    }
  }

  /** Growth that waited while much was to be sent is told when there is room again. */
  async function announce(): Promise<void> {
    while (open) {
      if (growth.length > 0 && !outbox.isFull()) {
        const waiting = growth
        growth = []
        for (const event of waiting) tell({ ...event, now: clock.now() })
      }
      await bell.next()
    }
  }

  async function admit(): Promise<void> {
    for (;;) {
      const job = jobs.shift()
      if (job !== undefined) await admitOne(job)
      else if (!open) return
      else await bell.next()
    }
  }

  async function admitOne(job: Job): Promise<void> {
    bell.ring()
    try {
      const outcome = await options.turnstile.pass(async () => (dropped ? undefined : await hand(job)))
      if (outcome !== undefined) feed({ type: 'admitted', token: job.token, outcome, now: clock.now() })
    } catch (error) {
      fault('admit-failed', error)
    }
  }

  function hand(job: Job): Promise<Outcome> {
    return job.type === 'append' ? world.admit(job.batch) : world.admitRegisters(peer, job.registers)
  }

  async function run(): Promise<void> {
    // The caller holds the run before anything happens in it.
    await Promise.resolve()
    if (open) {
      cancelTick = clock.after(TICK_MS, tick)
      feed({ type: 'opened', now: clock.now() })
    }
    const loops = [read(), announce(), admit()]
    const writer = outbox.run()
    const { code } = await ended.promise
    if (flushing) await atMost(writer, CLOSE_FLUSH_MS, clock)
    await channel.close(code)
    await Promise.all([...loops, writer])
  }

  return {
    tell,
    close,
    linkedSince: () => linkedSince,
    state: () => session.state(),
    isOpen: () => open,
    ended: ended.promise,
    done: run()
  }
}

async function atMost(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.after(ms, resolve)
  await Promise.race([work, promise])
  cancel()
}

/** Growth that waits is told once: one event per peer it came from. */
function merge(waiting: readonly Appended[], event: Appended): Appended[] {
  const same = waiting.find((held) => held.from === event.from)
  if (same === undefined) return [...waiting, event]
  const both = {
    ...event,
    streams: [...new Set([...same.streams, ...event.streams])],
    registers: [...new Set([...same.registers, ...event.registers])]
  }
  return waiting.map((held) => (held === same ? both : held))
}
