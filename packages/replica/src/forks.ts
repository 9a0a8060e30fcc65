/** Two entries for one place, two streams after one: kept as evidence, and from the split on nothing counts. */
import {
  admitKey,
  type DecodedDescriptor,
  decodeDescriptor,
  fromHex,
  type PublicKey,
  parseSignedHeader,
  type SignedHeader,
  verifyHeader
} from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { keys, readRow, type Store, type StreamState, type Tx, writeRow } from '@tocsin/store'
import { forkEntryEvidence, forkStreamEvidence } from '@tocsin/trust'
import type { EvidenceShelf } from './evidence.ts'
import type { IncomingBatch } from './hop-door.ts'
import { Refusal, type RefusalFacts } from './refusal.ts'
import { type Streams, storedHeader } from './streams.ts'
import type { Alarm, World } from './types.ts'

/** How far the walk back goes in one step, entries. */
const STEP_BACK = 64

export interface Forks {
  /** An entry at a place that is held: the same one is old news, another is a fork. Throws a Refusal. */
  judgeHeld(tx: Tx, decoded: DecodedDescriptor, signed: SignedHeader, key: PublicKey): void
  /** Why an entry that does not follow what is held is refused: unless its author signed it, which then is a fork. */
  judgeBrokenLink(signed: SignedHeader, previous: SignedHeader | null, key: PublicKey, code: string): Refusal
  /** Freezes what the refusal speaks of. */
  mark(stream: StreamId, facts: RefusalFacts, incoming: IncomingBatch): Promise<void>
}

export function createForks(deps: {
  world: World
  store: Store
  streams: Streams
  shelf: EvidenceShelf
  alarm: (alarm: Omit<Alarm, 'at'>) => void
}): Forks {
  const { world, store, streams, shelf } = deps

  function judgeHeld(tx: Tx, decoded: DecodedDescriptor, signed: SignedHeader, key: PublicKey): void {
    const { seq } = signed.header
    const held = storedHeader(tx.get, decoded.id, seq)
    if (held === null || held.id === signed.id) return
    if (!verifyHeader(key, signed)) throw Refusal.reject('bad-signature')
    const before = seq > 1 ? storedHeader(tx.get, decoded.id, seq - 1) : null
    const isSplit = before === null || signed.header.previous === before.id
    const evidence = forkEntryEvidence(decoded, held, signed, world.now())
    // Frozen from here at once, and from further back with each step: whoever forks need not show us the split itself.
    throw Refusal.ignore('fork', {
      evidence,
      forkedAt: seq,
      ...(isSplit ? {} : { from: Math.max(1, seq - STEP_BACK) })
    })
  }

  function judgeBrokenLink(signed: SignedHeader, previous: SignedHeader | null, key: PublicKey, code: string): Refusal {
    if (code !== 'previous-mismatch' || previous === null) return Refusal.reject(code)
    if (!verifyHeader(key, signed)) return Refusal.reject('bad-signature')
    // The author signed a successor of an entry that is not the one held: walk back to where the two part.
    return Refusal.ignore('fork', { from: previous.header.seq })
  }

  async function mark(stream: StreamId, facts: RefusalFacts, incoming: IncomingBatch): Promise<void> {
    if (facts.twin !== undefined) await markTwin(facts.twin, incoming)
    else if (facts.forkedAt !== undefined) await freeze(stream, facts.forkedAt)
  }

  async function freeze(id: StreamId, at: number): Promise<void> {
    await store.transact((tx) => {
      const row = tx.get(keys.stream(id))
      if (row === undefined) return
      const state = readRow<StreamState>(row)
      if (state.forkedAt !== undefined && state.forkedAt <= at) return
      const next = { ...state, forkedAt: at }
      tx.put(keys.stream(id), writeRow(next))
      tx.committed(() => {
        const held = streams.get(id)
        if (held !== undefined) streams.set({ ...held, state: next })
        deps.alarm({ code: 'fork', message: `an author signed two entries for one place (stream ${id}, seq ${at})` })
      })
    })
  }

  /** Two successors of one stream, once the newcomer's first entry is shown to be signed. */
  async function markTwin(twin: StreamId, incoming: IncomingBatch): Promise<void> {
    const decoded = decodeDescriptor(incoming.descriptor)
    const first = incoming.entries[0]
    const held = streams.get(twin)
    const mine = held === undefined ? null : storedHeader(store.get, twin, 1)
    if (first === undefined || held === undefined || mine === null) return
    const other = parseSignedHeader(first.header)
    if (!verifyHeader(admitKey(fromHex(decoded.descriptor.nodeKey)), other)) return
    const evidence = forkStreamEvidence({ stream: held, entry: mine }, { stream: decoded, entry: other }, world.now())
    await store.transact((tx) => shelf.keep(tx, evidence))
    await freeze(twin, 1)
  }

  return { judgeHeld, judgeBrokenLink, mark }
}
