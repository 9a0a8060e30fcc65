import { TocsinError } from '@tocsin/model'

/** Stable codes of this room; the ones that end a session are also counted by code (`Network.counts`). */
export type NetworkErrorCode =
  | 'admit-failed'
  | 'bad-frame'
  | 'bad-record'
  | 'channel-closed'
  | 'closed-by-peer'
  | 'dial-failed'
  | 'dial-timeout'
  | 'duplicate-link'
  | 'frame-too-long'
  | 'listen-failed'
  | 'network-key-invalid'
  | 'no-address'
  | 'no-answer'
  | 'not-allowed'
  | 'not-started'
  | 'records-flood'
  | 'replaced'
  | 'send-overflow'
  | 'send-stalled'
  | 'session-failed'
  | 'stopping'
  | 'stream-failed'
  | 'stream-reset'

/** One line for each code; docs/errors.md is held equal to this table. */
export const NETWORK_ERRORS: Readonly<Record<NetworkErrorCode, string>> = {
  'admit-failed': 'Admitting what the peer sent failed on this side, so the session was closed; it is tried again.',
  'bad-frame': 'The peer sent bytes that are no frame: a malformed length, or an end in the middle of a frame.',
  'bad-record': 'A neighbour handed on a peer record that is malformed or not signed by whom it is about.',
  'channel-closed': 'The channel to the peer was closed before the frame could be sent.',
  'closed-by-peer': 'The peer ended the session in good order.',
  'dial-failed': 'No address of the peer could be reached, or none answered with an expected node key.',
  'dial-timeout': 'The peer did not answer at any of its addresses in time.',
  'duplicate-link': 'Both sides dialled at once; the stream opened by the lower node key was kept.',
  'frame-too-long': 'A frame longer than the limit was announced or was to be sent; that session was closed.',
  'listen-failed': 'The node could not listen at one of its configured addresses.',
  'network-key-invalid':
    'The file of the pre-shared network key is not one: /key/swarm/psk/1.0.0/, /base16/ and 64 hex digits, each on its line.',
  'no-address': 'The card of the peer names no address that can be dialled.',
  'no-answer': 'The connection opened but the peer said nothing: probably this node is not on its allow-list.',
  'not-allowed': 'The peer is not on the allow-list, or was taken off it.',
  'not-started': 'The network is not running.',
  'records-flood': 'A neighbour handed on more peer records than it may at once.',
  replaced: 'A newer stream of the same peer took the place of this session.',
  'send-overflow': 'More was waiting to be sent to the peer than the limit allows.',
  'send-stalled': 'The peer took no bytes for too long.',
  'session-failed': 'The session failed on this side; it is opened again.',
  stopping: 'The node is stopping.',
  'stream-failed': 'The peer is connected but opened no stream for the exchange.',
  'stream-reset': 'The connection or stream to the peer broke.'
}

/** An error of the network room. Facts: `reason` (name of the cause) and `detail` (its text; for debug logs only). */
export class NetworkError extends TocsinError {
  declare readonly code: NetworkErrorCode

  constructor(code: NetworkErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}

const MAX_DETAIL = 300

/**
 * Turns whatever libp2p threw or rejected with into a NetworkError with the given code; a NetworkError passes through.
 * libp2p rejects with plain `Event`s without name or message when a stream closes under a waiting writer, and with
 * AggregateErrors when several addresses fail: both would be useless, or crash a logger, if passed on as they are.
 */
export function wrap(error: unknown, code: NetworkErrorCode): NetworkError {
  if (error instanceof NetworkError) return error
  const { reason, detail } = describe(error)
  return new NetworkError(code, `${NETWORK_ERRORS[code]} (${reason})`, { reason, detail })
}

/** Name and text of anything thrown, both bounded; never throws itself. */
export function describe(error: unknown): { reason: string; detail: string } {
  if (error instanceof AggregateError) {
    const parts = error.errors.slice(0, 4).map((part) => describe(part))
    const reasons = [...new Set(parts.map((part) => part.reason))].join(', ')
    return {
      reason: reasons || error.name,
      detail: parts
        .map((part) => part.detail)
        .join('; ')
        .slice(0, MAX_DETAIL)
    }
  }
  if (error instanceof Error) return { reason: error.name, detail: error.message.slice(0, MAX_DETAIL) }
  if (error instanceof Event) {
    // StreamCloseEvent and its kin carry the cause in `error`.
    const cause = (error as { error?: unknown }).error
    return cause instanceof Error ? describe(cause) : { reason: `event ${error.type}`, detail: '' }
  }
  return { reason: typeof error, detail: '' }
}
