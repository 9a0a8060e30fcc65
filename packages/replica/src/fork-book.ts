/** The proofs of forks that this replica holds: small facts in memory, the bytes in the store. */
import type { DecodedDescriptor, StreamDescriptor } from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { keys, ranges, readRow, type Store, type Tx, writeRow } from '@tocsin/store'
import { type ForkProof, forkPlaces, parseForkProof } from '@tocsin/trust'

export interface HeldFork {
  readonly key: string
  readonly kind: ForkProof['kind']
  /** From here on nothing of the contested streams counts. */
  readonly seq: number
  /** Author, audience and kind of the streams, and the node key and quarter of one of them. */
  readonly descriptor: StreamDescriptor
  /** The descriptors of both sides: one and the same for two entries of one stream. */
  readonly sides: readonly Pick<DecodedDescriptor, 'descriptor' | 'id'>[]
  readonly streams: readonly StreamId[]
  /** ms by the clock here: when the proof that is held came. */
  readonly heardAt: number
}

export interface ForkBook {
  get(key: string): HeldFork | undefined
  /** The proof as it travels. */
  bytes(key: string): Uint8Array | undefined
  all(): Iterable<HeldFork>
  by(author: InstitutionId): Iterable<HeldFork>
  /** The seq from which nothing of this stream counts, as far as proofs tell; undefined where none does. */
  splitOf(tx: Pick<Tx, 'get'>, stream: DecodedDescriptor): number | undefined
  /** Keeps it in the caller's transaction unless an earlier place of the same fork is proved; true when it is news. */
  keep(tx: Tx, proof: ForkProof, now: number): boolean
  drop(tx: Tx, key: string): void
}

interface Heard {
  readonly at: number
}

const heardKey = (key: string): Uint8Array => keys.local('fork-heard', key)

/** @param loadedAt ms, now */
export async function loadForks(store: Store, loadedAt: number): Promise<ForkBook> {
  const held = new Map<string, HeldFork>()
  const byAuthor = new Map<InstitutionId, Set<string>>()

  function set(fork: HeldFork): void {
    held.set(fork.key, fork)
    const { author } = fork.descriptor
    byAuthor.set(author, (byAuthor.get(author) ?? new Set()).add(fork.key))
  }

  for await (const [, bytes] of store.scan(ranges.forks())) {
    const proof = parseForkProof(bytes)
    const row = store.get(heardKey(proof.key))
    // One of an earlier version came at some time before now.
    set(heldFork(proof, row === undefined ? loadedAt : readRow<Heard>(row).at))
  }

  /** As the store says it: also what an earlier work of the same write kept. */
  function provedAt(tx: Pick<Tx, 'get'>, key: string): number | undefined {
    const bytes = tx.get(keys.fork(key))
    return bytes === undefined ? undefined : parseForkProof(bytes).seq
  }

  return {
    get: (key) => held.get(key),
    bytes: (key) => (held.has(key) ? store.get(keys.fork(key)) : undefined),
    all: () => held.values(),
    *by(author) {
      for (const key of byAuthor.get(author) ?? []) {
        const fork = held.get(key)
        if (fork !== undefined) yield fork
      }
    },
    splitOf: (tx, stream) => {
      const found = forkPlaces(stream).flatMap((key) => provedAt(tx, key) ?? [])
      return found.length === 0 ? undefined : Math.min(...found)
    },
    keep: (tx, proof, now) => {
      const before = provedAt(tx, proof.key)
      if (before !== undefined && before <= proof.seq) return false
      tx.put(keys.fork(proof.key), proof.bytes)
      tx.put(heardKey(proof.key), writeRow({ at: now } satisfies Heard))
      tx.committed(() => set(heldFork(proof, now)))
      return true
    },
    drop: (tx, key) => {
      tx.del(keys.fork(key))
      tx.del(heardKey(key))
      tx.committed(() => {
        const fork = held.get(key)
        held.delete(key)
        if (fork !== undefined) byAuthor.get(fork.descriptor.author)?.delete(key)
      })
    }
  }
}

function heldFork({ key, kind, seq, descriptor, sides }: ForkProof, heardAt: number): HeldFork {
  const streams = [...new Map(sides.map(({ stream }) => [stream.id, stream])).values()]
  return {
    key,
    kind,
    seq,
    descriptor,
    sides: streams.map(({ descriptor, id }) => ({ descriptor, id })),
    streams: streams.map(({ id }) => id),
    heardAt
  }
}

/** The number under which peers agree on it: the earlier the place, the higher, so that the earliest one wins. */
export function forkNumber(seq: number): number {
  return Number.MAX_SAFE_INTEGER - seq
}
