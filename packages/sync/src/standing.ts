import type { EntryId, StreamId } from '@tocsin/model'
import type { Desk } from './desk.ts'

/** How far we hold each stream, counting what this peer sent and the world has not admitted yet. */
export interface Standing {
  /** The last seq held or under way, 0 if none. */
  of(stream: StreamId): number
  /** The last seq under way from this peer, if any. */
  underWay(stream: StreamId): number | undefined
  /** The id of the entry here, held or last under way from this peer; undefined beyond that. */
  idAt(stream: StreamId, seq: number): EntryId | undefined
  handOver(stream: StreamId, last: number, lastId: EntryId): void
  settle(stream: StreamId): void
}

export function createStanding(desk: Pick<Desk, 'replica'>): Standing {
  // Bounded by the credit: one count per batch that waits for admission.
  const under = new Map<StreamId, { last: number; lastId: EntryId; count: number }>()
  return {
    of: (stream) => Math.max(desk.replica.head(stream)?.seq ?? 0, under.get(stream)?.last ?? 0),
    underWay: (stream) => under.get(stream)?.last,
    idAt(stream, seq) {
      const coming = under.get(stream)
      return coming?.last === seq ? coming.lastId : desk.replica.idAt(stream, seq)
    },
    handOver(stream, last, lastId) {
      const before = under.get(stream)
      const end = before !== undefined && before.last > last ? before : { last, lastId }
      under.set(stream, { last: end.last, lastId: end.lastId, count: (before?.count ?? 0) + 1 })
    },
    settle(stream) {
      const before = under.get(stream)
      if (before === undefined || before.count <= 1) under.delete(stream)
      else under.set(stream, { ...before, count: before.count - 1 })
    }
  }
}
