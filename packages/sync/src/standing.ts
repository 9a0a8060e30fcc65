import type { StreamId } from '@tocsin/model'
import type { Desk } from './desk.ts'

/** How far we hold each stream, counting what this peer sent and the world has not admitted yet. */
export interface Standing {
  /** The last seq held or under way, 0 if none. */
  of(stream: StreamId): number
  /** The last seq under way from this peer, if any. */
  underWay(stream: StreamId): number | undefined
  handOver(stream: StreamId, last: number): void
  settle(stream: StreamId): void
}

export function createStanding(desk: Pick<Desk, 'replica'>): Standing {
  // Bounded by the credit: one count per batch that waits for admission.
  const under = new Map<StreamId, { last: number; count: number }>()
  return {
    of: (stream) => Math.max(desk.replica.head(stream)?.seq ?? 0, under.get(stream)?.last ?? 0),
    underWay: (stream) => under.get(stream)?.last,
    handOver(stream, last) {
      const before = under.get(stream)
      under.set(stream, { last: Math.max(last, before?.last ?? 0), count: (before?.count ?? 0) + 1 })
    },
    settle(stream) {
      const before = under.get(stream)
      if (before === undefined || before.count <= 1) under.delete(stream)
      else under.set(stream, { last: before.last, count: before.count - 1 })
    }
  }
}
