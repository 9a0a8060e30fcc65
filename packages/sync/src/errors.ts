import { TocsinError } from '@tocsin/model'

/** Why a session ended or refused a frame; stable API. */
export type SyncErrorCode =
  | 'version-unsupported'
  | 'limits-unusable'
  | 'hello-timeout'
  | 'silent'
  | 'stalled'
  | 'refused'
  | 'unknown-frame'
  | 'unexpected-frame'
  | 'bad-frame'
  | 'frame-too-long'
  | 'bad-compression'
  | 'bad-batch'
  | 'credit-exceeded'
  | 'chunk-mismatch'
  | 'large-overlap'
  | 'control-flood'
  | 'internal'

/** One line of explanation per code. */
export const SYNC_ERRORS: Readonly<Record<SyncErrorCode, string>> = {
  'version-unsupported': 'the peer speaks another major version of the sync protocol',
  'limits-unusable': 'the limits in the peer’s hello leave no room to work',
  'hello-timeout': 'no hello came within the time allowed',
  silent: 'nothing came from the peer for 90 seconds',
  stalled: 'the peer owes an answer and made no progress',
  refused: 'the peer refused or ended the session',
  'unknown-frame': 'the first byte of a frame names no known frame type',
  'unexpected-frame': 'a frame came that the state of the session does not allow',
  'bad-frame': 'a frame is not the CBOR shape its type demands, or exceeds a count or size limit',
  'frame-too-long': 'a frame is longer than the protocol allows',
  'bad-compression': 'a compressed batch is malformed, longer than announced, or followed by other bytes',
  'bad-batch': 'the entries of a batch are malformed, of another stream or not contiguous',
  'credit-exceeded': 'the peer sent more than the credit it was granted',
  'chunk-mismatch': 'a chunk of a large body is not the one its list of hashes names',
  'large-overlap': 'a large body was started while another one was in flight',
  'control-flood': 'too many frames that cost an answer came in too short a time',
  internal: 'a fault of our own; not the peer’s offence'
}

/** A fault found by a session; sessions turn it into `close` and `report`, it never leaves `handle`. */
export class SyncError extends TocsinError {
  declare readonly code: SyncErrorCode
  constructor(code: SyncErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}
