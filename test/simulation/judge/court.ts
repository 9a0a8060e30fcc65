/** What the parts of the judge share: the world, what was truly signed in it, and what each node was seen to take in. */
import type { InstitutionId, StreamId } from '@tocsin/model'
import { createLedger, type Ledger } from '../ledger.ts'
import { HOUR } from '../parties.ts'
import type { Process } from '../sim-node.ts'
import type { World } from '../world.ts'
import { createRecords, type Records } from './records.ts'
import { createRosters, type Rosters } from './rosters.ts'

export interface Court extends Records, Rosters {
  readonly world: World
  readonly ledger: Ledger
  readonly counts: Map<string, number>
  count(what: string): void
  /** A stream of which all that was held here is past its time goes whole. */
  isGone(process: Process, stream: string): boolean
  /** Number of the node, for a message. */
  numberOf(id: InstitutionId): number | string
}

export function createCourt(world: World): Court {
  const ledger = createLedger()
  const counts = new Map<string, number>()
  const records = createRecords()
  const { recordOf } = records

  function isGone({ node, replica }: Process, id: string): boolean {
    const stream = ledger.stream(id)
    if (stream === undefined) return true
    const now = replica.world.now()
    const closing = replica.book.closing(id as StreamId)
    const end = typeof closing === 'object' ? closing.last : Number.POSITIVE_INFINITY
    const upTo = Math.min(recordOf(node).heads.get(id)?.seq ?? 0, end)
    let last = 0
    // Of two entries for one place either may be the one that was held.
    for (const [seq, all] of stream.at)
      if (seq <= upTo) last = Math.max(last, Math.min(...all.map(({ keepUntil }) => keepUntil)))
    return last <= now + HOUR
  }

  return {
    ...records,
    world,
    ledger,
    counts,
    count: (what) => {
      counts.set(what, (counts.get(what) ?? 0) + 1)
    },
    ...createRosters(records, world.now),
    isGone,
    numberOf: (id) => world.nodes.find(({ party }) => party.id === id)?.index ?? id
  }
}
