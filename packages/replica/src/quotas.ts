/**
 * Quotas that delay and never drop (DESIGN §8.5). One bucket an author and circle: a flood fills its own author's and
 * nobody else's. It is as large as half a month of the daily rate, so that the history of years, or an import of a
 * million indicators, comes at once; what is beyond waits until the bucket has drained, by the clock of this node.
 */
import type { Charter } from '@tocsin/journal'
import { type CircleId, DEFAULT_QUOTAS, type InstitutionId, type Quotas as Limits } from '@tocsin/model'
import { keys, ranges, readRow, type Store, writeRow } from '@tocsin/store'
import { DAY, MINUTE } from './constants.ts'
import type { World } from './types.ts'

/** What a charter may set, and what no charter does. */
export interface QuotaLimits extends Readonly<Required<Limits>> {
  /** All that one peer brings, whoever wrote it: so many times what one author may. */
  readonly peerShare: number
  /** Days of the rate that come at once. */
  readonly days: number
  /** Proofs of forks of one author; a bucket holds one day. */
  readonly forksADay: number
  /** Newer receipts of one author in one circle; a bucket holds an hour's. */
  readonly receiptsADay: number
}

export const QUOTAS: QuotaLimits = { ...DEFAULT_QUOTAS, peerShare: 16, days: 16, forksADay: 64, receiptsADay: 43_200 }

/** Why something waits, and for how long, ms. */
export interface Wait {
  readonly code: 'quota-author' | 'quota-peer'
  readonly retryAfter: number
}

/** What one piece of work draws; nothing is booked before `keep`, which belongs behind the commit. */
export interface Draw {
  /** Undefined when there is room, which is then reserved. `bytes` where bytes are counted too. */
  take(count: number, bytes?: number): Wait | undefined
  keep(): void
}

export interface Quotas {
  /** A peer's entries of one stream, and their bytes. */
  entries(of: EntriesOf, from: InstitutionId): Draw
  /** Streams that a peer brings the first entries of. */
  streams(of: EntriesOf, from: InstitutionId): Draw
  /** `take(targets)`: see `agedCost`. */
  retractions(of: Pick<EntriesOf, 'author' | 'circle'>): Draw
  /** Newer versions of registers: statements of a circle, or cards of none. */
  registers(author: InstitutionId, circle: CircleId | undefined): Draw
  /** Newer receipts of one author in a circle. */
  receipts(author: InstitutionId, circle: CircleId | undefined): Draw
  forks(author: InstitutionId): Draw
  /** Writes what changed, to be called every few seconds: a restart gives nobody a fresh bucket. */
  flush(): Promise<void>
  /** Buckets that are not empty. */
  readonly size: number
}

export interface EntriesOf {
  readonly author: InstitutionId
  readonly circle?: CircleId | undefined
  readonly kind: string
}

interface Bucket {
  /** What was drawn and has not drained yet. */
  readonly spent: number
  /** ms. */
  readonly at: number
  /** How fast it drains. */
  readonly perDay: number
}

interface Measure {
  readonly name: string
  readonly of: 'author' | 'peer'
  readonly unit: 'count' | 'bytes'
  readonly perDay: number
  readonly capacity: number
}

/** More buckets than members of all circles together have: the fullest stay. */
const MAX_BUCKETS = 16_384

export async function loadQuotas(deps: {
  world: Pick<World, 'now'>
  store: Store
  charter: (circle: CircleId) => Charter | undefined
  /** See `createNewcomers`. */
  partOf: (author: InstitutionId, circle: CircleId | undefined) => number
  limits?: Partial<QuotaLimits>
}): Promise<Quotas> {
  const { world, store, charter, partOf } = deps
  const limits = { ...QUOTAS, ...deps.limits }
  const buckets = new Map<string, Bucket>()
  const changed = new Set<string>()

  for await (const [key, value] of store.scan(ranges.local('quota'))) {
    const name = Buffer.from(key).toString('utf8').split('\0')[1] ?? ''
    buckets.set(name, readRow<Bucket>(value))
  }

  /** What of it has not drained by now. */
  function spent({ name, perDay }: Pick<Measure, 'name' | 'perDay'>, now: number): number {
    const bucket = buckets.get(name)
    if (bucket === undefined) return 0
    // A clock that ran ahead and was set back: it drains from here on, and does not wait until that time has come.
    if (bucket.at > now) buckets.set(name, { ...bucket, at: now })
    return Math.max(0, bucket.spent - (Math.max(0, now - bucket.at) / DAY) * perDay)
  }

  function draw(measures: readonly Measure[]): Draw {
    const drawn = { count: 0, bytes: 0 }

    /** How long until this much fits; 0 when it does. */
    function waitFor(measure: Measure, cost: number, now: number): number {
      const room = measure.capacity - spent(measure, now) - drawn[measure.unit]
      // What is larger than the whole bucket goes through an empty one: nothing waits for ever.
      if (Math.min(cost, measure.capacity) <= room) return 0
      // Not for each entry by itself: the peer sends a window full each time that it is asked.
      const worthwhile = Math.min(Math.max(cost, measure.capacity / 64), measure.capacity)
      return Math.ceil(Math.max(MINUTE, ((worthwhile - room) / measure.perDay) * DAY))
    }

    return {
      take: (count, bytes = 0) => {
        const now = world.now()
        let longest: Wait | undefined
        for (const measure of measures) {
          const retryAfter = waitFor(measure, measure.unit === 'count' ? count : bytes, now)
          if (retryAfter > (longest?.retryAfter ?? 0)) longest = { code: `quota-${measure.of}`, retryAfter }
        }
        if (longest !== undefined) return longest
        drawn.count += count
        drawn.bytes += bytes
        return undefined
      },
      keep: () => {
        const now = world.now()
        for (const measure of measures) {
          const more = drawn[measure.unit]
          if (more === 0) continue
          buckets.set(measure.name, { spent: spent(measure, now) + more, at: now, perDay: measure.perDay })
          changed.add(measure.name)
        }
        drawn.count = 0
        drawn.bytes = 0
        if (buckets.size > MAX_BUCKETS) tidy(now)
      }
    }
  }

  /** Drops what has drained; where that is not enough, the emptiest. */
  function tidy(now: number): void {
    const rests = [...buckets].map(([name, { perDay }]) => ({ name, rest: spent({ name, perDay }, now) }))
    rests.sort((a, b) => a.rest - b.rest)
    let surplus = buckets.size > MAX_BUCKETS ? buckets.size - MAX_BUCKETS / 2 : 0
    for (const { name, rest } of rests) {
      if (rest > 0 && surplus <= 0) break
      buckets.delete(name)
      changed.add(name)
      surplus -= 1
    }
  }

  function measure(
    [of, unit, name]: readonly [Measure['of'], Measure['unit'], string],
    perDay: number,
    days = 1
  ): Measure {
    return { of, unit, name: `${unit}|${name}`, perDay, capacity: perDay * days }
  }

  /** What the charter says, where there is one; else what holds at this node. */
  function limitsOf(circle: CircleId | undefined): QuotaLimits {
    const set = circle === undefined ? undefined : charter(circle)
    return { ...limits, ...set?.quotas }
  }

  return {
    entries: ({ author, circle, kind }, from) => {
      const { days, peerShare } = limits
      const { entriesADay, bytesADay } = limitsOf(circle)
      const name = `${kind}|${author}|${circle ?? ''}`
      const part = partOf(author, circle)
      const share = peerShare * partOf(from, undefined)
      return draw([
        measure(['author', 'count', name], entriesADay * part, days),
        measure(['author', 'bytes', name], bytesADay * part, days),
        measure(['peer', 'count', from], limits.entriesADay * share, days),
        measure(['peer', 'bytes', from], limits.bytesADay * share, days)
      ])
    },
    streams: ({ author, circle }, from) => {
      const { peerShare } = limits
      // Never less than a day's: streams are few, and none opens in part.
      const days = Math.max(1, limits.days)
      return draw([
        measure(
          ['author', 'count', `streams|${author}|${circle ?? ''}`],
          limitsOf(circle).streamsADay * partOf(author, circle),
          days
        ),
        measure(['peer', 'count', `streams|${from}`], limits.streamsADay * peerShare * partOf(from, undefined), days)
      ])
    },
    // Not tighter for newcomers: what is taken back late does harm for so much longer.
    retractions: ({ author, circle }) =>
      draw([measure(['author', 'count', `targets|${author}|${circle ?? ''}`], limitsOf(circle).retractionsADay)]),
    registers: (author, circle) =>
      draw([
        measure(
          ['author', 'count', `registers|${author}|${circle ?? ''}`],
          limitsOf(circle).statementsADay * partOf(author, circle)
        )
      ]),
    // One every two seconds is what a node may sign; newcomers' say as much as others' to the authors who wait for them.
    receipts: (author, circle) =>
      draw([measure(['author', 'count', `receipts|${author}|${circle ?? ''}`], limits.receiptsADay, 1 / 24)]),
    forks: (author) => draw([measure(['author', 'count', `forks|${author}`], limits.forksADay)]),
    flush: async () => {
      tidy(world.now())
      if (changed.size === 0) return
      const names = [...changed]
      changed.clear()
      try {
        await store.transact((tx) => {
          for (const name of names) {
            const bucket = buckets.get(name)
            const key = keys.local('quota', name)
            if (bucket === undefined) tx.del(key)
            else tx.put(key, writeRow(bucket))
          }
        })
      } catch (error) {
        for (const name of names) changed.add(name)
        throw error
      }
    },
    get size() {
      return buckets.size
    }
  }
}

/** Days after which age makes nothing cheaper. */
const OLD_DAYS = 30

/**
 * What a retraction of so many targets costs by its author's clock: full price within its day, and less with each day
 * since, so that somebody who was away hears all of a year's retractions before its bulletins. Dating back gains an
 * author a month's worth, once.
 */
export function agedCost(targets: number, clock: number, now: number): number {
  return targets / (1 + Math.min(Math.max(0, Math.floor((now - clock) / DAY)), OLD_DAYS))
}
