import type { InstitutionId } from '@tocsin/model'
import { decodeFrame, encodeFrame } from '../frame-codec.ts'
import type { Frame, FrameType, HelloFrame } from '../frames.ts'
import type { Action, SyncEvent, SyncLimits, SyncReport, SyncSession } from '../ports.ts'
import { createSession } from '../session.ts'
import { CIRCLE, enrol } from './community.ts'
import { createMemoryReplica, type MemoryReplica, START } from './memory-replica.ts'
import { createRandom } from './random.ts'

/** One session whose peer is the test's own hand, frame by frame. */
export interface Hand {
  readonly replica: MemoryReplica
  /** The replica the hand speaks for: keys and streams of the peer. */
  readonly peer: MemoryReplica
  readonly session: SyncSession
  readonly actions: Action[]
  feed(event: Record<string, unknown> & { type: SyncEvent['type'] }): Action[]
  /** The peer sends this. */
  give(...frames: readonly (Frame | Uint8Array)[]): Action[]
  wait(ms: number): Action[]
  /** Greets properly. */
  greet(change?: Partial<HelloFrame>): void
  sent(type?: FrameType): Frame[]
  reports(): SyncReport[]
  closeCode(): string | undefined
  /** Code of the violation reported, if any. */
  violation(): string | undefined
}

export function createHand(seed = 1, limits?: Partial<SyncLimits>): Hand {
  const random = createRandom(seed)
  const [replica, peer] = [createMemoryReplica(random), createMemoryReplica(random)]
  enrol(CIRCLE, [replica, peer])
  const session = createSession({ peer: peer.institution as InstitutionId, replica, random, ...(limits && { limits }) })
  const actions: Action[] = []
  let now = START

  const hand: Hand = {
    replica,
    peer,
    session,
    actions,
    feed(event) {
      const answered = session.handle({ ...event, now } as unknown as SyncEvent)
      actions.push(...answered)
      return answered
    },
    give: (...frames) =>
      frames.flatMap((frame) =>
        hand.feed({ type: 'received', frame: frame instanceof Uint8Array ? frame : encodeFrame(frame) })
      ),
    wait(ms) {
      const answered: Action[] = []
      for (const end = now + ms; now < end; ) {
        now = Math.min(now + 1000, end)
        answered.push(...hand.feed({ type: 'tick' }))
      }
      return answered
    },
    greet(change = {}) {
      hand.feed({ type: 'opened' })
      const digests = hand.sent('hello').flatMap((frame) => (frame.type === 'hello' ? frame.digests : []))
      hand.give({ ...helloOf(peer, now), digests, ...change }, { type: 'accept' })
    },
    sent: (type) =>
      actions
        .flatMap((action) => (action.type === 'send' ? [decodeFrame(action.frame)] : []))
        .filter((frame) => type === undefined || frame.type === type),
    reports: () => actions.flatMap((action) => (action.type === 'report' ? [action.event] : [])),
    closeCode: () => actions.flatMap((action) => (action.type === 'close' ? [action.code] : []))[0],
    violation: () => hand.reports().flatMap((report) => (report.type === 'violation' ? [report.code] : []))[0]
  }
  return hand
}

/** A well-formed hello of this replica. */
export function helloOf(replica: MemoryReplica, clock: number): HelloFrame {
  const { card, instance, instanceProof } = replica.self()
  const digests = [{ scope: 'direct' as const, digest: new Uint8Array(32) }]
  return { type: 'hello', major: 1, minor: 0, card, instance, proof: instanceProof, window: 2 ** 22, clock, digests }
}
