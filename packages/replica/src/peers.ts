/** The allow-list: local, explicit, the last word on who connects (DESIGN §2). */
import type { InstitutionId } from '@tocsin/model'
import { keys, ranges, readRow, type Store, type Tx, writeRow } from '@tocsin/store'

export interface PeerRecord {
  readonly institution: InstitutionId
  /** ms. */
  readonly addedAt: number
}

export interface Peers {
  has(id: InstitutionId): boolean
  get(id: InstitutionId): PeerRecord | undefined
  list(): readonly PeerRecord[]
  add(tx: Tx, record: PeerRecord): void
  remove(tx: Tx, id: InstitutionId): void
}

export async function loadPeers(store: Store): Promise<Peers> {
  const records = new Map<InstitutionId, PeerRecord>()
  for await (const [, value] of store.scan(ranges.local('peer'))) {
    const record = readRow<PeerRecord>(value)
    records.set(record.institution, record)
  }
  return {
    has: (id) => records.has(id),
    get: (id) => records.get(id),
    list: () => [...records.values()],
    add: (tx, record) => {
      tx.put(keys.local('peer', record.institution), writeRow(record))
      tx.committed(() => records.set(record.institution, record))
    },
    remove: (tx, id) => {
      tx.del(keys.local('peer', id))
      tx.committed(() => records.delete(id))
    }
  }
}
