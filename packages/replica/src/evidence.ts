/** What was refused and can be shown to others, and what must not be hidden: misforwards and forks. */

import { sha256, toHex } from '@tocsin/journal'
import { keys, ranges, type Store, type Tx } from '@tocsin/store'
import { type Evidence, encodeEvidence } from '@tocsin/trust'
import { MAX_EVIDENCE } from './constants.ts'

export interface KeptEvidence {
  readonly id: string
  readonly bundle: Uint8Array
}

export interface EvidenceShelf {
  /** Idempotent: the same bundle is kept once. */
  keep(tx: Tx, evidence: Evidence): void
  list(): Promise<KeptEvidence[]>
  readonly count: number
}

export async function createEvidenceShelf(store: Store): Promise<EvidenceShelf> {
  let count = 0
  for await (const _ of store.scan(ranges.local('evidence'))) count += 1
  return {
    keep: (tx, evidence) => {
      const bundle = encodeEvidence(evidence)
      // By what it proves, not by when it came: a relay that repeats itself fills one row, not the disk.
      const id = toHex(
        sha256(new TextEncoder().encode(`${evidence.kind}|${evidence.accused}|${evidence.code}|${subject(evidence)}`))
      )
      const key = keys.local('evidence', id)
      if (tx.get(key) !== undefined || count >= MAX_EVIDENCE) return
      tx.put(key, bundle)
      tx.committed(() => {
        count += 1
      })
    },
    list: async () => {
      const kept: KeptEvidence[] = []
      for await (const [key, bundle] of store.scan(ranges.local('evidence'))) {
        kept.push({ id: Buffer.from(key).toString('utf8').split('\0')[1] ?? '', bundle })
      }
      return kept
    },
    get count() {
      return count
    }
  }
}

function subject(evidence: Evidence): string {
  // Not the hop proof: its time differs at each try.
  const { descriptor, header, otherDescriptor, otherHeader, register, otherRegister } = evidence.parts
  return [descriptor, header, otherDescriptor, otherHeader, register, otherRegister].join('|')
}
