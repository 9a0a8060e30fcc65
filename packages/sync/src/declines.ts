import type { StreamId } from '@tocsin/model'
import { MAX_DECLINES, TOO_NEW_RETRY_MS } from './constants.ts'
import type { Desk } from './desk.ts'
import type { Frame } from './frames.ts'
import type { Row } from './ports.ts'

/** We hold it as the peer does, and our roster does not let both hold it (yet). */
export const NOT_SHARED = 'not-shared'

/** What the peer declines for these reasons it asks for itself when its own rosters, or time, have lifted them. */
const PEERS_OWN: ReadonlySet<string> = new Set([
  NOT_SHARED,
  ...['red-relayed', 'red-not-recipient', 'strict-relayed', 'strict-not-member', 'unknown-circle'],
  ...['amber-author-not-member', 'amber-sender-not-member', 'amber-receiver-not-member', 'green-no-shared-circle'],
  ...['clear-author-unknown', 'card-no-shared-circle', 'register-pair-outside', 'register-author-outside'],
  ...['foreign-entry', 'too-new', 'proof-other-time', 'body-missing', 'quota-author', 'quota-peer'],
  ...['store-disk-full', 'store-write-failed']
])

/** Something we declined: `target` is how far the peer offered it. */
export interface Declined {
  readonly kind: Row['kind']
  readonly key: string
  readonly target: number
  readonly code: string
  readonly retryAt: number
}

/** What either side declined in this session: left out of the digests, not pushed, not asked for. */
export interface Declines {
  has(key: string): boolean
  /** Declined by us: dropped when it comes nevertheless, and not asked for. */
  isOurs(key: string): boolean
  /** Declines it, says so to the peer and reports it; once per key. `retryAfter` in ms. */
  decline(kind: Row['kind'], key: string, target: number, code: string, retryAfter?: number): void
  /** The peer declined something of ours. True if that is news. */
  received(frame: Extract<Frame, { type: 'decline' }>): boolean
  /** The peer asks for it after all. */
  lift(key: string): void
  /**
   * Our rosters changed: true if something that either side declined may pass by now. What only time lifts is tried again
   * by time, and what the hop rule refuses still, or our roster still does not share, need not be offered once more.
   */
  mayLift(isShared: (key: string) => boolean): boolean
  /** Forget all, and let the peer do so with the `digests` frame that follows. */
  reset(): void
  /** The peer's rosters changed. */
  peerReset(): void
  /**
   * What time may have lifted by now. It stays declined until it is asked for, here by another way since or not: but for a
   * reset, the peer hears of it by that alone, and would never speak of the key again.
   */
  due(): Declined[]
  /** The peer was asked for it. */
  asked(key: string): void
  byUs(): number
  byPeer(): number
}

export function createDeclines(desk: Desk): Declines {
  const ours = new Map<string, Declined>()
  // Bounded by our own holdings: other keys are not kept. With the code.
  const theirs = new Map<string, string>()
  let resetsSent = 0
  let resetsSeen = 0
  return {
    has: (key) => ours.has(key) || theirs.has(key),
    isOurs: (key) => ours.has(key),
    decline(kind, key, target, code, retryAfter = code === 'too-new' ? TOO_NEW_RETRY_MS : Infinity) {
      if (ours.has(key)) return
      const [oldest] = ours.keys()
      if (oldest !== undefined && ours.size >= MAX_DECLINES) ours.delete(oldest)
      ours.set(key, { kind, key, target, code, retryAt: desk.now() + retryAfter })
      desk.send({ type: 'decline', kind, key, code, resets: resetsSeen })
      desk.report({ type: 'declined', peer: desk.peer, by: 'us', kind, key, code })
    },
    received({ kind, key, code, resets }) {
      // The peer declined before it saw our last reset, and has forgotten it since.
      if (resets < resetsSent || theirs.has(key)) return false
      const { replica } = desk
      const held = kind === 'register' ? replica.registerHead(key) : replica.head(key as StreamId)
      if (held === undefined) return false
      theirs.set(key, code)
      desk.report({ type: 'declined', peer: desk.peer, by: 'peer', kind, key, code })
      return true
    },
    lift(key) {
      theirs.delete(key)
    },
    mayLift: (isShared) =>
      [...ours.values()].some(({ key, target, code, retryAt }) => {
        if (retryAt !== Infinity) return false
        return code === NOT_SHARED ? isShared(key) : desk.replica.refuses(desk.peer, key, target) === undefined
      }) || [...theirs.values()].some((code) => !PEERS_OWN.has(code)),
    reset() {
      ours.clear()
      theirs.clear()
      resetsSent++
    },
    peerReset() {
      ours.clear()
      theirs.clear()
      resetsSeen++
    },
    due() {
      const due = [...ours.values()].filter(({ retryAt }) => retryAt <= desk.now())
      for (const one of due) ours.set(one.key, { ...one, retryAt: desk.now() + TOO_NEW_RETRY_MS })
      return due
    },
    asked(key) {
      ours.delete(key)
    },
    byUs: () => ours.size,
    byPeer: () => theirs.size
  }
}
