export { type Backoff, DEFAULT_BACKOFF } from './backoff.ts'
export { type Clock, systemClock } from './clock.ts'
export { MAX_FRAME, SYNC_PROTOCOL } from './constants.ts'
export { NETWORK_ERRORS, NetworkError, type NetworkErrorCode } from './errors.ts'
export { createChannelPair, type FrameChannel } from './frame-channel.ts'
export { createNetwork } from './network.ts'
export type {
  AllowedPeer,
  AllowList,
  Appended,
  Circles,
  Confirmed,
  Log,
  Network,
  NetworkDeps,
  NetworkOptions,
  PeerStatus,
  RecordShelf,
  Twin,
  World
} from './ports.ts'
export { runSession, type SessionEnd, type SessionRun, type SessionRunOptions } from './session-run.ts'
export { createTurnstile, type Turnstile } from './turnstile.ts'
