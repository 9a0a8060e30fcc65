/**
 * Streams under my own name that hold what this store did not write: lost by it, or made by a thief. Never adopted
 * silently (DESIGN §4): the operator claims them, which lets them in, or closes them.
 */
import {
  admitKey,
  type DecodedDescriptor,
  decodeDescriptor,
  fromHex,
  parseSignedHeader,
  toHex,
  verifyHeader
} from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { keys, ranges, readRow, type Store, type Tx, writeRow } from '@tocsin/store'
import type { IncomingBatch } from './hop-door.ts'

export interface ForeignStream {
  readonly stream: DecodedDescriptor
  /** The furthest entry that was seen of it; what lies before it need not be held. */
  readonly seq: number
  readonly id: EntryId
  /** ms. */
  readonly at: number
  /** The operator said that it is ours. */
  readonly claimed: boolean
}

export interface Foreign {
  all(): Iterable<ForeignStream>
  get(stream: StreamId): ForeignStream | undefined
  /** May entries of it that come back be taken? */
  isClaimed(stream: StreamId): boolean
  /** Keeps what a refused batch showed, if the key of the stream signed it. */
  saw(tx: Tx, batch: IncomingBatch, at: number): void
  claim(tx: Tx, stream: StreamId): void
}

interface Row {
  readonly descriptor: string
  readonly seq: number
  readonly id: string
  readonly at: number
  readonly claimed: boolean
}

export async function loadForeign(store: Store): Promise<Foreign> {
  const held = new Map<StreamId, ForeignStream>()
  for await (const [, bytes] of store.scan(ranges.local('foreign'))) {
    const { descriptor, id, ...row } = readRow<Row>(bytes)
    const stream = decodeDescriptor(fromHex(descriptor))
    held.set(stream.id, { ...row, stream, id: id as EntryId })
  }

  function put(tx: Tx, seen: ForeignStream): void {
    const { stream, ...row } = seen
    tx.put(keys.local('foreign', stream.id), writeRow({ ...row, descriptor: toHex(stream.bytes) }))
    tx.committed(() => held.set(stream.id, seen))
  }

  return {
    all: () => held.values(),
    get: (stream) => held.get(stream),
    isClaimed: (stream) => held.get(stream)?.claimed === true,
    saw: (tx, { descriptor, entries }, at) => {
      const stream = decodeDescriptor(descriptor)
      const end = entries.at(-1)
      if (end === undefined) return
      const signed = parseSignedHeader(end.header)
      const before = held.get(stream.id)
      if (before !== undefined && before.seq >= signed.header.seq) return
      if (!verifyHeader(admitKey(fromHex(stream.descriptor.nodeKey)), signed)) return
      put(tx, { stream, seq: signed.header.seq, id: signed.id, at, claimed: before?.claimed ?? false })
    },
    claim: (tx, stream) => {
      const seen = held.get(stream)
      if (seen !== undefined) put(tx, { ...seen, claimed: true })
    }
  }
}
