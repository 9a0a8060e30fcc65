/** Two entries for one place, two streams after one: kept as evidence, told to all, and from the split on nothing counts. */
import {
  type DecodedDescriptor,
  decodeDescriptor,
  type PublicKey,
  parseSignedHeader,
  quarterOf,
  type SignedHeader,
  verifyHeader
} from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { keys, readRow, type Store, type StreamState, type Tx, writeRow } from '@tocsin/store'
import { continueOne, evidenceOfFork, type ForkProof, forkProofSigned, sealForkProof } from '@tocsin/trust'
import type { Closings } from './closings.ts'
import type { EvidenceShelf } from './evidence.ts'
import type { ForkBook } from './fork-book.ts'
import type { IncomingBatch } from './hop-door.ts'
import { Refusal, type RefusalFacts } from './refusal.ts'
import { type HeldStream, type Streams, storedHeader } from './streams.ts'
import type { Alarm, Identity, World } from './types.ts'

/** How far the walk back goes in one step, entries. */
const STEP_BACK = 64

export interface ForksDeps {
  readonly world: World
  readonly identity: Identity
  readonly store: Store
  readonly streams: Streams
  readonly shelf: EvidenceShelf
  readonly book: ForkBook
  readonly closings: Closings
  readonly alarm: (alarm: Omit<Alarm, 'at'>) => void
  /** A stream under our own key holds what this store did not write: it is not signed any more. */
  readonly foreign: (stream: DecodedDescriptor) => void
  /** A proof is news: to be told to everybody who may hold it. */
  readonly told: (key: string, from: InstitutionId | undefined) => void
}

export interface Forks {
  /** An entry at a place that is held: the same one is old news, another is a fork. Throws a Refusal. */
  judgeHeld(tx: Tx, decoded: DecodedDescriptor, signed: SignedHeader, key: PublicKey): void
  /** Why an entry that does not follow what is held is refused: unless its author signed it, which then is a fork. */
  judgeBrokenLink(signed: SignedHeader, previous: SignedHeader | null, key: PublicKey, code: string): Refusal
  /** Keeps the fork that the refusal speaks of. */
  mark(facts: RefusalFacts, incoming: IncomingBatch): Promise<void>
  /**
   * Keeps a proof whose signatures are good: as evidence, as what is told on, and in the state of the streams that it
   * takes out of use. In the caller's transaction; true when it is news.
   */
  keep(tx: Tx, proof: ForkProof, from?: InstitutionId): boolean
  /** A stream was opened: with another one that continues the same, let in at the same moment, it is a fork. */
  opened(stream: DecodedDescriptor): Promise<void>
}

export function createForks(deps: ForksDeps): Forks {
  const { world, identity, store, streams, shelf, book, closings } = deps

  function judgeHeld(tx: Tx, decoded: DecodedDescriptor, signed: SignedHeader, key: PublicKey): void {
    const { seq, clock } = signed.header
    const held = storedHeader(tx.get, decoded.id, seq)
    if (held === null || held.id === signed.id) return
    if (quarterOf(clock) !== decoded.descriptor.quarter) throw Refusal.reject('clock-outside-quarter')
    if (!verifyHeader(key, signed)) throw Refusal.reject('bad-signature')
    const fork = sealForkProof({ stream: decoded, entry: held }, { stream: decoded, entry: signed })
    // Frozen from here at once, and from further back with each step: whoever forks need not show us the split itself.
    throw Refusal.ignore('fork', { fork, ...(fork.isSplit ? {} : { from: Math.max(1, seq - STEP_BACK) }) })
  }

  function judgeBrokenLink(signed: SignedHeader, previous: SignedHeader | null, key: PublicKey, code: string): Refusal {
    if (code !== 'previous-mismatch' || previous === null) return Refusal.reject(code)
    if (!verifyHeader(key, signed)) return Refusal.reject('bad-signature')
    // The author signed a successor of an entry that is not the one held: walk back to where the two part.
    return Refusal.ignore('fork', { from: previous.header.seq })
  }

  async function mark({ fork, twin }: RefusalFacts, incoming: IncomingBatch): Promise<void> {
    const proof = twin === undefined ? fork : twins(twin, incoming)
    if (proof !== undefined) await store.transact((tx) => keep(tx, proof))
  }

  /** Two successors of one stream, once the newcomer's first entry is shown to be signed. */
  function twins(twin: StreamId, incoming: IncomingBatch): ForkProof | undefined {
    const held = streams.get(twin)
    const first = incoming.entries[0]
    if (held === undefined || first === undefined) return undefined
    const stream = decodeDescriptor(incoming.descriptor)
    const entry = parseSignedHeader(first.header)
    return quarterOf(entry.header.clock) === stream.descriptor.quarter ? meet(held, { stream, entry }) : undefined
  }

  function meet(held: HeldStream, other: { stream: DecodedDescriptor; entry: SignedHeader }): ForkProof | undefined {
    const first = storedHeader(store.get, held.id, 1)
    if (first === null) return undefined
    const proof = sealForkProof({ stream: held, entry: first }, other)
    return forkProofSigned(proof) ? proof : undefined
  }

  function keep(tx: Tx, proof: ForkProof, from?: InstitutionId): boolean {
    shelf.keep(tx, evidenceOfFork(proof, world.now()))
    const isNews = book.keep(tx, proof, world.now())
    // Also where it is none: a stream may have come since.
    for (const id of contested(proof)) freeze(tx, id, proof)
    if (!isNews) return false
    tx.committed(() => {
      const { author } = proof.descriptor
      if (author === identity.institution) disown(proof)
      deps.alarm({ code: 'fork', message: messageOf(proof) })
      deps.told(proof.key, from)
    })
    return true
  }

  /** The streams held that it takes out of use. */
  function contested({ kind, sides, descriptor }: ForkProof): StreamId[] {
    if (kind === 'entries') return [sides[0].stream.id]
    return [...streams.by(descriptor.author)]
      .filter((held) => continueOne(held.descriptor, descriptor))
      .map(({ id }) => id)
  }

  function freeze(tx: Tx, id: StreamId, { kind, seq: at, descriptor }: ForkProof): void {
    const row = tx.get(keys.stream(id))
    if (row === undefined) return
    const state = readRow<StreamState>(row)
    const end = closings.of(tx, descriptor.author, id)
    if (end !== undefined && end !== 'contested') {
      // Settled by the root key: what leads to the entry that it names stays, anything else gives way to it.
      if (kind === 'entries' && state.closedAt === undefined && at <= end.last) closings.giveWay(tx, id, at)
      return
    }
    if (state.forkedAt !== undefined && state.forkedAt <= at) return
    const next = { ...state, forkedAt: at }
    tx.put(keys.stream(id), writeRow(next))
    tx.committed(() => {
      const held = streams.get(id)
      if (held !== undefined) streams.set({ ...held, state: next })
    })
  }

  function disown({ sides }: ForkProof): void {
    for (const { stream } of sides) {
      deps.foreign(stream)
      deps.alarm({
        code: 'foreign-entry',
        message: `entries under this node's key that it did not write (stream ${stream.id})`
      })
    }
  }

  async function opened(stream: DecodedDescriptor): Promise<void> {
    const entry = storedHeader(store.get, stream.id, 1)
    if (entry === null) return
    for (const held of streams.by(stream.descriptor.author)) {
      if (held.id === stream.id || !continueOne(held.descriptor, stream.descriptor)) continue
      const proof = meet(held, { stream, entry })
      if (proof !== undefined) await store.transact((tx) => keep(tx, proof))
    }
  }

  return { judgeHeld, judgeBrokenLink, mark, keep, opened }
}

function messageOf({ kind, descriptor, sides, seq }: ForkProof): string {
  const { author } = descriptor
  const [{ stream }] = sides
  return kind === 'entries'
    ? `${author} signed two entries for one place (stream ${stream.id}, seq ${seq})`
    : `${author} opened two streams that continue one (stream ${descriptor.predecessor?.stream})`
}
