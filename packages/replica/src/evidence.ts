/** What was refused and can be shown to others, and what must not be hidden: misforwards and forks. */

import { sha256, toHex } from '@tocsin/journal'
import { keys, ranges, type Store, type Tx } from '@tocsin/store'
import { decodeEvidence, type Evidence, encodeEvidence } from '@tocsin/trust'
import { MAX_EVIDENCE, MAX_EVIDENCE_OF_ONE } from './constants.ts'

export interface KeptEvidence {
  readonly id: string
  readonly bundle: Uint8Array
}

export interface EvidenceShelf {
  /** Idempotent: the same offence is kept once. Beyond the bounds nothing more is kept: what there is suffices. */
  keep(tx: Tx, evidence: Evidence): void
  list(): Promise<KeptEvidence[]>
  readonly count: number
}

export async function createEvidenceShelf(store: Store): Promise<EvidenceShelf> {
  let count = 0
  // Only its own signature accuses anybody, so a bound for each accused keeps room for what the others do.
  const perAccused = new Map<string, number>()
  const accuse = (accused: string): void => {
    perAccused.set(accused, (perAccused.get(accused) ?? 0) + 1)
  }
  for await (const [, bundle] of store.scan(ranges.local('evidence'))) {
    count += 1
    accuse(decodeEvidence(bundle).accused)
  }
  return {
    keep: (tx, evidence) => {
      const bundle = encodeEvidence(evidence)
      // By what it proves, not by when it came: a relay that repeats itself fills one row, not the disk.
      const id = toHex(
        sha256(new TextEncoder().encode(`${evidence.kind}|${evidence.accused}|${evidence.code}|${subject(evidence)}`))
      )
      const key = keys.local('evidence', id)
      if (tx.get(key) !== undefined || count >= MAX_EVIDENCE) return
      if ((perAccused.get(evidence.accused) ?? 0) >= MAX_EVIDENCE_OF_ONE) return
      tx.put(key, bundle)
      tx.committed(() => {
        count += 1
        accuse(evidence.accused)
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
