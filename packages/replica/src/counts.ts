/**
 * What was published of private sightings, by value: earlier numbers are compared with the next one (decision 0022). A row
 * goes with what it counts: once no bulletin held names the value, and no count of it is kept anywhere any more.
 */
import type { Sighting } from '@tocsin/model'
import { keys, ranges, readRow, type Store, type Tx, writeRow } from '@tocsin/store'
import { partText } from './read-bulletin.ts'
import { UNMERGED } from './sweep.ts'

const AREA = 'count'
const SEPARATOR = 0

interface CountRow {
  readonly published: readonly number[]
  /** ms: keep-until of the last of these counts. */
  readonly until: number
}

type Indicator = Sighting['indicator']

/** Numbers that were published of this value, in whatever bulletin. */
export function countsBefore(from: Pick<Store | Tx, 'get'>, indicator: Indicator): readonly number[] {
  return rowOf(from, keyOf(indicator)).published
}

export function noteCount(tx: Tx, indicator: Indicator, published: readonly number[], keepUntil: number): void {
  const key = keyOf(indicator)
  const row: CountRow = { published: [...new Set(published)], until: Math.max(rowOf(tx, key).until, keepUntil) }
  tx.put(key, writeRow(row))
}

/** Drops the rows of which nothing is left to count. Answers how many. */
export async function sweepCounts(store: Store, now: number): Promise<number> {
  const over: Uint8Array[] = []
  for await (const [found] of store.scan(ranges.local(AREA))) {
    const key = Uint8Array.from(found)
    if (rowOf(store, key).until <= now && !(await isNamed(store, key))) over.push(key)
  }
  if (over.length === 0) return 0
  return store.transact(
    (tx) => {
      // A count may have been published since it was looked at.
      const gone = over.filter((key) => rowOf(tx, key).until <= now)
      for (const key of gone) tx.del(key)
      if (gone.length > 0) tx.put(UNMERGED, new Uint8Array(0))
      return gone.length
    },
    { frees: true }
  )
}

async function isNamed(store: Store, key: Uint8Array): Promise<boolean> {
  const name = Buffer.from(key.subarray(key.indexOf(SEPARATOR) + 1)).toString('utf8')
  for await (const _ of store.scan(ranges.indicator(Buffer.from(name, 'base64')), { limit: 1 })) return true
  return false
}

function keyOf(indicator: Indicator): Uint8Array {
  return keys.local(AREA, partText(indicator))
}

function rowOf({ get }: Pick<Store | Tx, 'get'>, key: Uint8Array): CountRow {
  const row = get(key)
  if (row === undefined) return { published: [], until: 0 }
  const read = readRow<CountRow | readonly number[]>(row)
  // As it was written before rows were swept.
  return 'published' in read ? read : { published: read, until: 0 }
}
