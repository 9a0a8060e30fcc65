import type { InstitutionId, StreamId } from '@tocsin/model'
import type { Action, IncomingBatch, Outcome, SyncEvent, SyncReport } from '@tocsin/sync'
import { describe, expect, it } from 'vitest'
import { FIRST_FRAME_MS, MAX_FRAME, OUTGOING_CAP, PENDING_ADMITS_HIGH, SEND_STALL_MS } from './constants.ts'
import { take, takeAll } from './frame-channel.suite.ts'
import { createChannelPair } from './frame-channel.ts'
import type { World } from './ports.ts'
import { batch, createManualClock, createTalker, HELLO, settle, silent } from './session.fixture.ts'
import { runSession } from './session-run.ts'
import { createTurnstile } from './turnstile.ts'

const PEER = 'did:key:peer' as InstitutionId
const accepted: Outcome = { accepted: 1, verdict: 'accept', have: 1 }

function open(options: { answer?: (event: SyncEvent) => Action[]; world?: Partial<World> } = {}) {
  const [channel, far] = createChannelPair()
  const clock = createManualClock()
  const session = createTalker(PEER, options.answer)
  const reports: SyncReport[] = []
  const world: World = {
    admit: async () => accepted,
    admitRegisters: async () => accepted,
    onReport: (_, report) => reports.push(report),
    onConfirmed: () => {},
    ...options.world
  }
  const turnstile = createTurnstile()
  const run = runSession({ peer: PEER, channel, session, world, turnstile, clock, log: silent })
  return { run, far, clock, session, reports, world, turnstile }
}

const on =
  (type: SyncEvent['type'], ...actions: Action[]) =>
  (event: SyncEvent): Action[] =>
    event.type === type ? actions : []

const append = (token: number): Action => ({ type: 'append', token, batch: batch(PEER) })
const frame = (length: number): Action => ({ type: 'send', frame: new Uint8Array(length).fill(9) })

describe('session run', () => {
  it('opens, greets, ticks every second by the clock and is linked when the session says so', async () => {
    const { run, far, clock, session } = open()
    await settle()
    expect(await take(far, 1)).toEqual([Uint8Array.of(HELLO)])
    expect(run.linkedSince()).toBeUndefined()
    clock.advance(3_000)
    await far.send(Uint8Array.of(HELLO))
    await settle()
    expect(run.linkedSince()).toBe(clock.now())
    expect(session.events.map((event) => event.type)).toEqual(['opened', 'tick', 'tick', 'tick', 'received'])
    run.close('test')
    await run.done
    expect(clock.waiting()).toBe(0)
  })

  it('hands batches and registers to the replica one at a time, in order, and feeds the outcomes back', async () => {
    const gates: (() => void)[] = []
    const begun: string[] = []
    const wait = (name: string) => {
      begun.push(name)
      return new Promise<Outcome>((resolve) => gates.push(() => resolve(accepted)))
    }
    const registers: Action = { type: 'registers', token: 2, registers: [Uint8Array.of(5)] }
    const { run, session } = open({
      answer: on('opened', append(1), registers, append(3)),
      world: { admit: () => wait('batch'), admitRegisters: (from, list) => wait(`${from} ${list.length}`) }
    })
    for (const count of [1, 2, 3]) {
      await settle()
      expect(begun).toHaveLength(count)
      gates.shift()?.()
    }
    await settle()
    expect(begun).toEqual(['batch', `${PEER} 1`, 'batch'])
    const outcomes = session.events.filter((event) => event.type === 'admitted')
    expect(outcomes.map((event) => [event.token, event.outcome])).toEqual([1, 2, 3].map((token) => [token, accepted]))
    run.close('test')
    await run.done
  })

  it('shares the turnstile: a new session admits nothing beside the batch that the old one has under way', async () => {
    let under = 0
    let most = 0
    const gates: (() => void)[] = []
    const admit = async () => {
      under += 1
      most = Math.max(most, under)
      await new Promise<void>((resolve) => gates.push(resolve))
      under -= 1
      return accepted
    }
    const old = open({ answer: on('opened', append(1)), world: { admit } })
    await settle()
    old.run.close('replaced')
    const [channel] = createChannelPair()
    const session = createTalker(PEER, on('opened', append(1)))
    const run = runSession({ ...old, peer: PEER, channel, session, log: silent })
    await settle()
    expect(gates).toHaveLength(1)
    gates.shift()?.()
    await old.run.done
    await settle()
    gates.shift()?.()
    await settle()
    expect(most).toBe(1)
    expect(session.events.at(-1)).toMatchObject({ type: 'admitted', token: 1 })
    run.close('test')
    await run.done
  })

  it('a failing admit is our own fault: closes the session, and no outcome is made up', async () => {
    const { run, session } = open({
      answer: on('opened', append(1), append(2)),
      world: { admit: () => Promise.reject(new Error('disk full')) }
    })
    expect(await run.ended).toMatchObject({ code: 'admit-failed' })
    await run.done
    expect(session.events.map((event) => event.type)).toEqual(['opened'])
  })

  it('a session or report handler that throws closes this session with session-failed', async () => {
    const broken = open({
      answer: () => {
        throw new Error('bug')
      }
    })
    expect(await broken.run.ended).toMatchObject({ code: 'session-failed' })
    const agreed: SyncReport = { type: 'agreed', peer: PEER, scope: 'direct' }
    const reporter = open({
      answer: on('opened', { type: 'report', event: agreed }),
      world: {
        onReport() {
          throw new Error('bug')
        }
      }
    })
    expect(await reporter.run.ended).toMatchObject({ code: 'session-failed' })
    await Promise.all([broken.run.done, reporter.run.done])
  })

  it('sends what was asked before a close, closes with its code and does nothing after', async () => {
    const close: Action = { type: 'close', code: 'misforward' }
    const { run, far, session } = open({ answer: on('received', frame(3), close, append(1), frame(4)) })
    await far.send(Uint8Array.of(HELLO))
    expect((await takeAll(far)).map((sent) => sent.byteLength)).toEqual([1, 3])
    expect(await run.ended).toMatchObject({ code: 'misforward' })
    await run.done
    run.tell({ type: 'roster-changed', now: 0 })
    expect(session.events.map((event) => event.type)).toEqual(['opened', 'received'])
  })

  it('admits what the peer sent before it left, and tells the session that it is gone', async () => {
    const admitted: IncomingBatch[] = []
    const { run, far, session } = open({
      answer: on('received', append(1)),
      world: {
        async admit(incoming) {
          await settle()
          admitted.push(incoming)
          return accepted
        }
      }
    })
    await far.send(Uint8Array.of(HELLO))
    await far.send(Uint8Array.of(2))
    await far.close('bye')
    expect(await run.ended).toMatchObject({ code: 'closed-by-peer' })
    await run.done
    expect(session.events.at(-1)).toMatchObject({ type: 'closed' })
    expect(admitted).toHaveLength(2)
  })

  it('admits nothing more of a peer that was shut out, not even what waits', async () => {
    const gates: (() => void)[] = []
    let begun = 0
    const { run } = open({
      answer: on('opened', append(1), append(2)),
      world: {
        async admit() {
          begun += 1
          await new Promise<void>((resolve) => gates.push(resolve))
          return accepted
        }
      }
    })
    await settle()
    run.close('not-allowed')
    gates.shift()?.()
    await run.done
    expect(begun).toBe(1)
  })

  it('stops reading while many batches wait to be admitted', async () => {
    const gates: (() => void)[] = []
    const { run, far, session } = open({
      answer: on('received', append(1)),
      world: { admit: () => new Promise((resolve) => gates.push(() => resolve(accepted))) }
    })
    const frames = 4 * PENDING_ADMITS_HIGH
    for (let index = 0; index < frames; index += 1) await far.send(Uint8Array.of(HELLO))
    await settle()
    expect(session.heard.length).toBeGreaterThanOrEqual(PENDING_ADMITS_HIGH)
    expect(session.heard.length).toBeLessThanOrEqual(PENDING_ADMITS_HIGH + 1)
    while (session.heard.length < frames) {
      gates.shift()?.()
      await settle()
    }
    run.close('test')
    for (const open of gates) open()
    await run.done
  })

  it('stops reading and merges announcements while much waits to be sent, and tells them once there is room', async () => {
    const { run, far, session } = open({
      answer: (event) => (event.type === 'received' ? [frame(MAX_FRAME)] : [])
    })
    for (let index = 0; index < 30; index += 1) await far.send(Uint8Array.of(HELLO))
    await settle()
    const read = session.heard.length
    expect(read).toBeLessThan(10)
    const grown = (stream: string, from?: InstitutionId): SyncEvent => {
      return { type: 'appended', streams: [stream as StreamId], registers: [], from, now: 0 }
    }
    for (const event of [grown('a'), grown('b'), grown('a'), grown('c', PEER)]) run.tell(event)
    expect(session.events.some((event) => event.type === 'appended')).toBe(false)
    await take(far, 31)
    await settle()
    expect(session.heard).toHaveLength(30)
    const told = session.events.filter((event) => event.type === 'appended')
    expect(told.map((event) => [event.from, event.streams])).toEqual([
      [undefined, ['a', 'b']],
      [PEER, ['c']]
    ])
    run.close('test')
    await run.done
  })

  it('closes a session whose peer asks and never reads: at the cap, and when a frame does not leave in time', async () => {
    const much = Array.from({ length: OUTGOING_CAP / MAX_FRAME + 1 }, () => frame(MAX_FRAME))
    const greedy = open({ answer: on('opened', ...much) })
    expect(await greedy.run.ended).toMatchObject({ code: 'send-overflow' })
    const slow = open({ answer: on('opened', frame(MAX_FRAME), frame(MAX_FRAME), frame(MAX_FRAME)) })
    await slow.far.send(Uint8Array.of(HELLO))
    await settle()
    slow.clock.advance(SEND_STALL_MS - 1_000)
    expect(slow.run.isOpen()).toBe(true)
    slow.clock.advance(2_000)
    expect(await slow.run.ended).toMatchObject({ code: 'send-stalled' })
    await Promise.all([greedy.run.done, slow.run.done])
  })

  it('does not wait for ever where both sides are full and each waits for the other to read', async () => {
    const clock = createManualClock()
    const count = 12
    const channels = createChannelPair()
    const sides = channels.map((channel) => {
      const answer = on('opened', ...Array.from({ length: count }, () => frame(MAX_FRAME)))
      const session = createTalker(PEER, answer)
      const options = { peer: PEER, channel, session, world: open().world, turnstile: createTurnstile(), clock }
      return { session, run: runSession({ ...options, log: silent }) }
    })
    await settle()
    expect(sides.every(({ session }) => session.heard.length < count)).toBe(true)
    for (let second = 0; second < 10; second += 1) {
      clock.advance(1_000)
      await settle()
    }
    for (const { session, run } of sides) {
      expect(session.heard).toHaveLength(count + 1)
      run.close('test')
      await run.done
    }
  })

  it('gives up on a peer that never says anything', async () => {
    const { run, clock } = open()
    await settle()
    clock.advance(FIRST_FRAME_MS)
    expect(await run.ended).toMatchObject({ code: 'no-answer', linked: false, lived: FIRST_FRAME_MS })
    await run.done
  })

  it('does not re-enter the session when an action sets off a notice', async () => {
    let depth = 0
    let deepest = 0
    const confirmed: Action = { type: 'confirmed', stream: 's' as StreamId, seq: 1, id: 'e' as never }
    const opened = open({
      answer(event) {
        depth += 1
        deepest = Math.max(deepest, depth)
        depth -= 1
        return event.type === 'opened' ? [confirmed, frame(2)] : []
      },
      world: {
        onConfirmed() {
          depth += 1
          opened.run.tell({ type: 'roster-changed', now: 0 })
          depth -= 1
        }
      }
    })
    await settle()
    expect(deepest).toBe(1)
    expect(opened.session.events.map((event) => event.type)).toEqual(['opened', 'roster-changed'])
    opened.run.close('test')
    await opened.run.done
  })
})
