import type { StreamId } from '@tocsin/model'
import type { Descriptors } from './descriptors.ts'
import type { Desk } from './desk.ts'
import type { Row } from './ports.ts'

/** What the peer is known to hold of what we hold: the map is bounded by our own holdings, whatever the peer claims. */
export interface Knowledge {
  /** The peer holds this stream up to so far; undefined: nothing is known of it. */
  stream(stream: StreamId): number | undefined
  register(address: string): number | undefined
  raise(stream: StreamId, seq: number): void
  /** The peer said itself from where it needs more. */
  set(stream: StreamId, seq: number): void
  raiseRegister(address: string, number: number): void
  /** This row of ours is the peer's as well: own heads are confirmed by it. Of a hash the beginning may stand for all. */
  equal(row: Pick<Row, 'kind' | 'key' | 'number' | 'hash'>): void
}

export function createKnowledge(desk: Desk, descriptors: Pick<Descriptors, 'isOwn'>): Knowledge {
  const streams = new Map<StreamId, number>()
  const registers = new Map<string, number>()
  const confirmed = new Map<StreamId, number>()

  const confirm = (stream: StreamId, seq: number, id: string): void => {
    if (confirmed.get(stream) === seq || !descriptors.isOwn(stream)) return
    const head = desk.replica.head(stream)
    if (head?.seq !== seq || !head.id.startsWith(id)) return
    confirmed.set(stream, seq)
    desk.act({ type: 'confirmed', stream, seq, id: head.id })
  }

  const knowledge: Knowledge = {
    stream: (stream) => streams.get(stream),
    register: (address) => registers.get(address),
    raise(stream, seq) {
      if (desk.replica.head(stream) === undefined) return
      streams.set(stream, Math.max(seq, streams.get(stream) ?? 0))
    },
    set(stream, seq) {
      if (desk.replica.head(stream) !== undefined) streams.set(stream, seq)
    },
    raiseRegister(address, number) {
      if (desk.replica.registerHead(address) === undefined) return
      registers.set(address, Math.max(number, registers.get(address) ?? 0))
    },
    equal(row) {
      if (row.kind === 'register') return knowledge.raiseRegister(row.key, row.number)
      knowledge.raise(row.key as StreamId, row.number)
      confirm(row.key as StreamId, row.number, row.hash)
    }
  }
  return knowledge
}
