/** What the judge saw each node take in: it may not lose any of it. */
import type { Knows } from '../law.ts'
import type { Stream } from '../ledger.ts'
import type { SimNode } from '../sim-node.ts'

/** A retraction by which an entry is out of use: when it came, by this node's time, and where it stands. */
export interface Retracted {
  readonly at: number
  readonly stream: Stream
  readonly seq: number
}

export interface Memory {
  readonly heads: ReadonlyMap<string, { readonly seq: number; readonly id: string }>
  readonly registers: ReadonlyMap<string, number>
  readonly retracted: ReadonlyMap<string, Retracted>
}

export interface Seen {
  readonly heads: Map<string, { seq: number; id: string }>
  readonly registers: Map<string, number>
  /** Entries that a retraction held here names. */
  readonly retracted: Map<string, Retracted>
  /** The same, with those of retractions that count no more: they excuse a missing body all the same. */
  readonly excused: Set<string>
  /** Streams of which it knows where they end, with the time when that was first seen. */
  readonly ended: Map<string, number>
  /** As it was learnt last. */
  knows: Knows | undefined
  /** It holds other registers since. */
  isStale: boolean
  /** What it knew before `knows`, and when its rosters changed. */
  knew: { readonly knows: Knows; readonly until: number } | undefined
  /** What `knows` was learnt beside. */
  rosters: readonly unknown[]
  /** Its store was copied or set back, or it is such a copy: it may find itself forked. */
  isTwinned: boolean
  wasSetBack: boolean
}

export interface Records {
  recordOf(node: SimNode): Seen
  /** A node got the store of another. */
  copied(to: SimNode, from: SimNode): void
  /** What this node holds, to be given back when its disk is set back. */
  memory(node: SimNode): Memory
  setBack(node: SimNode, memory: Memory): void
}

export function createRecords(): Records {
  const records = new Map<number, Seen>()

  function recordOf(node: SimNode): Seen {
    const known = records.get(node.index)
    if (known !== undefined) return known
    const made: Seen = {
      heads: new Map(),
      registers: new Map(),
      retracted: new Map(),
      excused: new Set(),
      ended: new Map(),
      knows: undefined,
      isStale: false,
      knew: undefined,
      rosters: [],
      isTwinned: node.twinOf !== undefined,
      wasSetBack: false
    }
    records.set(node.index, made)
    return made
  }

  return {
    recordOf,
    copied: (to, from) => {
      const [fresh, old] = [recordOf(to), recordOf(from)]
      for (const [id, head] of old.heads) fresh.heads.set(id, head)
      for (const [address, number] of old.registers) fresh.registers.set(address, number)
      for (const [entry, at] of old.retracted) fresh.retracted.set(entry, at)
      for (const entry of old.excused) fresh.excused.add(entry)
      fresh.isTwinned = true
      old.isTwinned = true
    },
    memory: (node) => {
      const { heads, registers, retracted } = recordOf(node)
      return { heads: new Map(heads), registers: new Map(registers), retracted: new Map(retracted) }
    },
    setBack: (node, memory) => {
      const record = recordOf(node)
      record.heads.clear()
      record.registers.clear()
      record.retracted.clear()
      record.excused.clear()
      record.ended.clear()
      for (const [id, head] of memory.heads) record.heads.set(id, head)
      for (const [address, number] of memory.registers) record.registers.set(address, number)
      for (const [entry, at] of memory.retracted) record.retracted.set(entry, at)
      for (const entry of memory.retracted.keys()) record.excused.add(entry)
      record.wasSetBack = true
    }
  }
}

/** Since when the entry is out of use; not where the retraction turned out to stand behind a fork. */
export function retractedAt({ retracted }: Seen, entry: string): number | undefined {
  const by = retracted.get(entry)
  if (by === undefined || (by.stream.forkedAt !== undefined && by.seq >= by.stream.forkedAt)) return undefined
  return by.at
}
