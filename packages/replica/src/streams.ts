/** Every stream held, in memory: small beside their entries, and asked about on every frame. */
import {
  admitKey,
  decodeDescriptor,
  fromHex,
  MARK_BYTES,
  type PublicKey,
  parseSignedHeader,
  type SignedHeader,
  type StreamDescriptor
} from '@tocsin/journal'
import type { EntryId, InstitutionId, StreamId } from '@tocsin/model'
import { keys, ranges, readRow, type Store, StoreError, type StreamState } from '@tocsin/store'

export interface HeldStream {
  readonly id: StreamId
  readonly descriptor: StreamDescriptor
  /** The exact signed-over bytes. */
  readonly bytes: Uint8Array
  readonly key: PublicKey
  readonly state: StreamState
  /** ms: when this process last let entries in. */
  readonly grownAt?: number
}

export interface Streams {
  get(id: StreamId): HeldStream | undefined
  all(): Iterable<HeldStream>
  by(author: InstitutionId): Iterable<HeldStream>
  /** Those whose id begins with this mark (`markOf`): one, or some that were ground to look alike. */
  marked(mark: string): readonly HeldStream[]
  set(stream: HeldStream): void
  delete(id: StreamId): void
  readonly size: number
}

export async function loadStreams(store: Store): Promise<Streams> {
  const held = new Map<StreamId, HeldStream>()
  const byAuthor = new Map<InstitutionId, Set<StreamId>>()
  const byMark = new Map<string, readonly StreamId[]>()

  function set(stream: HeldStream): void {
    const isNew = !held.has(stream.id)
    held.set(stream.id, stream)
    if (!isNew) return
    const mark = markOf(stream.id)
    byMark.set(mark, [...(byMark.get(mark) ?? []), stream.id])
    const own = byAuthor.get(stream.descriptor.author) ?? new Set()
    byAuthor.set(stream.descriptor.author, own.add(stream.id))
  }

  for await (const [key, value] of store.scan(ranges.streams())) {
    const id = Buffer.from(key.subarray(1)).toString('hex') as StreamId
    const bytes = store.get(keys.descriptor(id))
    if (bytes !== undefined) set(heldStream(bytes, readRow<StreamState>(value)))
  }

  return {
    get: (id) => held.get(id),
    all: () => held.values(),
    *by(author) {
      for (const id of byAuthor.get(author) ?? []) {
        const stream = held.get(id)
        if (stream !== undefined) yield stream
      }
    },
    marked: (mark) => (byMark.get(mark) ?? []).flatMap((id) => held.get(id) ?? []),
    set,
    delete: (id) => {
      const alike = (byMark.get(markOf(id)) ?? []).filter((one) => one !== id)
      if (alike.length > 0) byMark.set(markOf(id), alike)
      else byMark.delete(markOf(id))
      const stream = held.get(id)
      if (stream !== undefined) byAuthor.get(stream.descriptor.author)?.delete(id)
      held.delete(id)
    },
    get size() {
      return held.size
    }
  }
}

/** How receipts name a stream: the beginning of its id, MARK_BYTES of it, in hex. */
export function markOf(stream: StreamId): string {
  return stream.slice(0, 2 * MARK_BYTES)
}

export function heldStream(bytes: Uint8Array, state: StreamState, grownAt?: number): HeldStream {
  const { descriptor, id } = decodeDescriptor(bytes)
  return {
    id,
    descriptor,
    bytes: Uint8Array.from(bytes),
    key: admitKey(fromHex(descriptor.nodeKey)),
    state,
    ...(grownAt === undefined ? {} : { grownAt })
  }
}

/** The header held at this place. @throws StoreError store-damaged: what cannot be read here is no peer's fault */
export function storedHeader(
  get: (key: Uint8Array) => Uint8Array | undefined,
  stream: StreamId,
  seq: number
): SignedHeader | null {
  const bytes = get(keys.header(stream, seq))
  if (bytes === undefined) return null
  try {
    return parseSignedHeader(bytes)
  } catch {
    throw new StoreError('store-damaged', 'a header in the store cannot be read', { stream, seq })
  }
}

/** The head by which replicas compare. */
export function headOf(stream: HeldStream): { seq: number; id: EntryId } {
  return { seq: stream.state.seq, id: stream.state.head as EntryId }
}
