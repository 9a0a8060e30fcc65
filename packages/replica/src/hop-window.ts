/**
 * The hop proofs of what was taken in, as a rolling window: who handed an entry to this institution, when, and by which
 * roster, in his own signature. For the tracing of a leak; what came first gives way, of the same peer.
 */
import { institutionKey, toHex } from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { keys, ranges, readRow, type Store, type Tx, writeRow } from '@tocsin/store'
import { type HopProof, parseHopProof } from '@tocsin/trust'
import { HOP_WINDOW_MS, HOPS_OF_PEER } from './constants.ts'

export interface HopWindow {
  /** In the transaction that takes the batch in: of a batch of which nothing was taken, nothing is kept. */
  keep(tx: Tx, from: InstitutionId, proof: Uint8Array): void
  /** Those that hand over this entry, as far as the window goes back. By time. */
  of(stream: StreamId, seq: number): Promise<readonly HopProof[]>
  /** Forgets what is older than the window. Answers how many. */
  sweep(now: number): Promise<number>
}

const AREA = 'hop'
const NEXT = 'hop-next'
/** Rows in one write. */
const AT_ONCE = 256

interface Next {
  readonly slot: number
}

export function createHopWindow(store: Store): HopWindow {
  async function* all(): AsyncGenerator<readonly [Uint8Array, HopProof]> {
    for await (const [key, bytes] of store.scan(ranges.local(AREA)))
      yield [Uint8Array.from(key), parseHopProof(Uint8Array.from(bytes))]
  }

  return {
    keep: (tx, from, proof) => {
      const peer = toHex(institutionKey(from))
      const counter = keys.local(NEXT, peer)
      const row = tx.get(counter)
      const { slot } = row === undefined ? { slot: 0 } : readRow<Next>(row)
      // A ring of slots: nothing is counted or deleted to make room.
      tx.put(keys.local(AREA, `${peer}|${slot}`), proof)
      tx.put(counter, writeRow({ slot: (slot + 1) % HOPS_OF_PEER } satisfies Next))
    },
    of: async (stream, seq) => {
      const found: HopProof[] = []
      for await (const [, proof] of all())
        if (proof.stream === stream && proof.first <= seq && seq <= proof.last) found.push(proof)
      return found.sort((a, b) => a.time - b.time)
    },
    sweep: async (now) => {
      let forgotten = 0
      let old: Uint8Array[] = []
      const forget = async (): Promise<void> => {
        const keysOfOld = old
        old = []
        await store.transact(
          (tx) => {
            for (const key of keysOfOld) {
              // Its slot may have been taken by a newer one since it was looked at.
              const bytes = tx.get(key)
              if (bytes === undefined || !isOld(parseHopProof(bytes), now)) continue
              tx.del(key)
              forgotten += 1
            }
          },
          { frees: true }
        )
      }
      for await (const [key, proof] of all()) {
        if (isOld(proof, now)) old.push(key)
        if (old.length === AT_ONCE) await forget()
      }
      if (old.length > 0) await forget()
      return forgotten
    }
  }
}

function isOld({ time }: HopProof, now: number): boolean {
  return time + HOP_WINDOW_MS <= now
}
