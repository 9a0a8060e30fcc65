export { MAX_FRAME, PROTOCOL } from './constants.ts'
export { SYNC_ERRORS, SyncError, type SyncErrorCode } from './errors.ts'
export { createHub, type Hub } from './hub.ts'
export type {
  Action,
  IncomingBatch,
  Outcome,
  PortVerdict,
  Row,
  Scope,
  SessionOptions,
  SessionState,
  SyncEvent,
  SyncLimits,
  SyncReplica,
  SyncReport,
  SyncSession,
  WireEntry
} from './ports.ts'
export { createSession } from './session.ts'
