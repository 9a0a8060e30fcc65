export type { Book, Standing } from './book.ts'
export {
  type BulletinFilter,
  type BulletinReader,
  type BulletinState,
  createBulletinReader,
  type HeldBulletin,
  type PageOptions,
  type Sight
} from './bulletins.ts'
export { ADMIT_ERRORS, type AdmitCode, REPLICA_ERRORS, ReplicaError, type ReplicaErrorCode } from './errors.ts'
export type { IncomingBatch, WireEntry } from './hop-door.ts'
export type {
  FactsOf,
  IndicatorFacts,
  IndicatorHit,
  IndicatorReader,
  IndicatorState,
  PrivateSightings
} from './indicator-facts.ts'
export { createIndicatorReader } from './indicators.ts'
export { openInstance, sealInstance } from './instance.ts'
export type { NewBulletin, OwnTarget, PublishedEntry } from './publish.ts'
export type { EntryReader, Reading, Unread } from './reading.ts'
export type { Holder, Holders, Unconfirmed, UnconfirmedCode } from './receipts.ts'
export { createReplica, type Replica, type ReplicaOptions } from './replica.ts'
export { erasureDelayOf, isVoid, retentionOf, retractionOf } from './rules.ts'
export { createThreadReader, type ThreadReaderOptions } from './thread-reader.ts'
export type { Alarm, Arrived, Audience, Identity, Outcome, ReplicaEvent, World } from './types.ts'
export { audienceKey, audienceOf } from './types.ts'

import { DEFAULT_ERASURE_DELAY, DEFAULT_RETENTION } from './constants.ts'

/** What a charter says where nobody chose otherwise. */
export const DEFAULTS = { retention: DEFAULT_RETENTION, erasureDelayMs: DEFAULT_ERASURE_DELAY } as const
