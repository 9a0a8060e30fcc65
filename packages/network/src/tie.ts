import type { NodeKey } from '@tocsin/model'
import { TIE_WINDOW_MS } from './constants.ts'

/** What decides between two streams to one peer. */
export interface Contender {
  /** The node key that opened the stream: ours or the peer's. */
  readonly opener: NodeKey
  /** The peer's node key. */
  readonly remote: NodeKey
  /** ms since 1970. */
  readonly openedAt: number
}

/**
 * True if `next` takes the place of `present`. When both sides dialled at once, both see the same two streams, in either
 * order, and must keep the same one: that of the lower node key. In all other cases the newer one is right: the same side
 * opening again, another key of the same institution, or a peer that lost what we still believe to have.
 */
export function replaces(present: Contender, next: Contender): boolean {
  if (present.remote !== next.remote) return true
  if (present.opener === next.opener) return true
  if (next.openedAt - present.openedAt > TIE_WINDOW_MS) return true
  return next.opener < present.opener
}
