/** Signed addresses of peers, kept in the local part of the store: they are nobody's business but this node's. */
import type { RecordShelf } from '@tocsin/network'
import { keys, ranges, type Store } from '@tocsin/store'

const AREA = 'peer-record'

export function createRecordShelf(store: Store): RecordShelf {
  return {
    async load() {
      const records: Uint8Array[] = []
      for await (const [, record] of store.scan(ranges.local(AREA))) records.push(record)
      return records
    },
    keep: (nodeKey, record) => store.transact((tx) => tx.put(keys.local(AREA, nodeKey), record)),
    forget: (nodeKey) => store.transact((tx) => tx.del(keys.local(AREA, nodeKey)), { frees: true })
  }
}
