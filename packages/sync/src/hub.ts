import type { EntryId, StreamId } from '@tocsin/model'
import { FETCH_MOST_MS, FETCH_PATIENCE_MS } from './constants.ts'

/** What the sessions of one node share: which of them fetches or admits what, so that nothing is fetched twice. */
export interface Hub {
  /** The place of one more session. */
  seat(): Seat
  /**
   * The node's clock (ms) as one that is never set back, for whatever waits: what was to happen in a minute would else
   * wait for as long as the clock had been ahead.
   */
  steady(now: number): number
}

/**
 * One session at the hub. A reservation is a courtesy among the sessions of one node, never a promise of a peer: one that
 * makes no progress gives way, and whoever once failed to deliver holds nobody up with the same thing again, so that a peer
 * which promises and does not deliver only delays.
 */
export interface Seat {
  /** Takes the fetching of a stream or register; false while another session is at it. `now` in ms. */
  reserve(key: string, now: number): boolean
  /** `delivered`: it came, or at least nothing says that this peer would not have sent it. */
  release(key: string, delivered: boolean): void
  /** This range, ending so, waits for admission. */
  handOver(stream: StreamId, last: number, lastId: EntryId, now: number): void
  /** The world has answered for one of its ranges. `now` in ms. */
  settle(stream: StreamId, accepted: number, now: number): void
  /** True while another session has a range with the same end wait for admission. */
  isElsewhere(stream: StreamId, last: number, lastId: EntryId): boolean
  /** Its peer did not deliver this in time. */
  fail(key: string): void
  /** Gives up all it has. */
  leave(): void
}

interface Holder {
  readonly seat: Seat
  readonly since: number
  /** Its peer failed to deliver this before: anybody may take it over. */
  readonly isWeak: boolean
  touched: number
}

interface UnderWay {
  readonly seat: Seat
  readonly last: number
  readonly lastId: EntryId
  readonly at: number
}

/** Failures remembered of one session; the oldest gives way. */
const MAX_FAILED = 4096

/** One per node and run of its process. Bounded by what its sessions may want and have pending at one time. */
export function createHub(): Hub {
  const holders = new Map<string, Holder>()
  const underWay = new Map<StreamId, UnderWay>()
  let last = 0
  let setBack = 0

  const isFree = (key: string, seat: Seat, now: number): boolean => {
    const admitting = underWay.get(key as StreamId)
    if (admitting !== undefined && admitting.seat !== seat && now - admitting.at < FETCH_PATIENCE_MS) return false
    const holder = holders.get(key)
    if (holder === undefined || holder.isWeak) return true
    return now - holder.touched >= FETCH_PATIENCE_MS || now - holder.since >= FETCH_MOST_MS
  }

  return {
    steady(now) {
      if (now + setBack < last) setBack = last - now
      last = now + setBack
      return last
    },
    seat() {
      const kept = new Set<string>()
      const failed = new Set<string>()
      const admitting = new Map<StreamId, number>()
      const seat: Seat = {
        reserve(key, now) {
          if (holders.get(key)?.seat === seat) return true
          if (!isFree(key, seat, now)) return false
          holders.get(key)?.seat.fail(key)
          holders.set(key, { seat, since: now, touched: now, isWeak: failed.has(key) })
          kept.add(key)
          return true
        },
        release(key, delivered) {
          kept.delete(key)
          if (delivered) failed.delete(key)
          else seat.fail(key)
          if (holders.get(key)?.seat === seat) holders.delete(key)
        },
        fail(key) {
          const [oldest] = failed
          if (oldest !== undefined && failed.size >= MAX_FAILED) failed.delete(oldest)
          failed.add(key)
        },
        handOver(stream, last, lastId, now) {
          admitting.set(stream, (admitting.get(stream) ?? 0) + 1)
          underWay.set(stream, { seat, last, lastId, at: now })
        },
        settle(stream, accepted, now) {
          const holder = holders.get(stream)
          if (accepted > 0 && holder?.seat === seat) holder.touched = now
          const left = (admitting.get(stream) ?? 1) - 1
          if (left > 0) {
            admitting.set(stream, left)
            return
          }
          admitting.delete(stream)
          if (underWay.get(stream)?.seat === seat) underWay.delete(stream)
        },
        isElsewhere(stream, last, lastId) {
          const other = underWay.get(stream)
          return other !== undefined && other.seat !== seat && other.last === last && other.lastId === lastId
        },
        leave() {
          for (const key of [...kept]) seat.release(key, true)
          for (const stream of admitting.keys()) if (underWay.get(stream)?.seat === seat) underWay.delete(stream)
          admitting.clear()
        }
      }
      return seat
    }
  }
}
