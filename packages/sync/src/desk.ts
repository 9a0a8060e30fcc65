import type { InstitutionId } from '@tocsin/model'
import type { Frame } from './frames.ts'
import type { Action, SyncReplica, SyncReport } from './ports.ts'

/** Where the parts of one session meet: what they read, and the actions they leave in order. */
export interface Desk {
  readonly peer: InstitutionId
  readonly replica: SyncReplica
  /** The time of the event being handled, ms. */
  now(): number
  /** The number of the event being handled: while it is the same, nothing changes in the replica. */
  event(): number
  /** Leaves a `send` action; answers the length of the frame in bytes. */
  send(frame: Frame): number
  sendBytes(frame: Uint8Array): void
  act(action: Action): void
  report(event: SyncReport): void
}
