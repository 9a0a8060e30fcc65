/** What was read of the parts of a source, such as the events of a feed, so that only what has changed is read again. */
import { createHash } from 'node:crypto'
import { keys, ranges, readRow, type Store, writeRow } from '@tocsin/store'
import type { PolledSources } from '../polls/rounds.ts'

interface SeenRow {
  readonly source: string
  readonly state: string
}

/** Rows that are deleted at once. */
const BATCH = 1_000

/** A hash, as all keys that name what came from elsewhere. */
const keyOf = (source: string, part: string): Uint8Array =>
  keys.local('source-seen', createHash('sha256').update(`${source}\0${part}`).digest('hex').slice(0, 32))

export function createSeen(store: Store): Pick<PolledSources, 'seen' | 'see'> {
  return {
    seen: (source, part) => {
      const row = store.get(keyOf(source, part))
      return row === undefined ? undefined : readRow<SeenRow>(row).state
    },
    see: async (source, part, state) => {
      const row: SeenRow = { source, state }
      await store.transact((tx) => tx.put(keyOf(source, part), writeRow(row)))
    }
  }
}

/** Of a source that has ended: another one of its name begins anew. */
export async function forgetSeen(store: Store, source: string): Promise<void> {
  let batch: Uint8Array[] = []
  const forget = async (): Promise<void> => {
    const gone = batch
    batch = []
    await store.transact(
      (tx) => {
        for (const key of gone) tx.del(key)
      },
      { frees: true }
    )
  }
  for await (const [key, value] of store.scan(ranges.local('source-seen'))) {
    if (readRow<SeenRow>(value).source !== source) continue
    batch.push(key)
    if (batch.length === BATCH) await forget()
  }
  if (batch.length > 0) await forget()
}
