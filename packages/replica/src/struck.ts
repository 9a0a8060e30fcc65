/** Who was struck from a circle leaves the allow-list, once: whoever is put back by hand stays (DESIGN §7). */
import type { InstitutionId } from '@tocsin/model'
import { keys, ranges, type Store, type Tx } from '@tocsin/store'
import type { Book } from './book.ts'
import type { Peers } from './peers.ts'

export interface Struck {
  /** Takes the newly struck off the allow-list; true when somebody left it. */
  drop(): Promise<boolean>
  /** The operator puts somebody on the list, knowing what there is to know. */
  pardon(tx: Tx, id: InstitutionId): void
}

export async function loadStruck(store: Store, book: Book, peers: Peers): Promise<Struck> {
  // Strikes that have had their effect, as `circle/institution`.
  const done = new Set<string>()
  for await (const [key] of store.scan(ranges.local('struck')))
    done.add(Buffer.from(key).toString('utf8').split('\0')[1] ?? '')

  function strikes(): Map<string, InstitutionId> {
    return new Map(
      book
        .circles()
        .flatMap((circle) => [...(book.roster(circle)?.struck.keys() ?? [])].map((id) => [`${circle}/${id}`, id]))
    )
  }

  function keep(tx: Tx, name: string): void {
    tx.put(keys.local('struck', name), new Uint8Array(0))
    tx.committed(() => done.add(name))
  }

  return {
    drop: async () => {
      const now = strikes()
      const fresh = [...now].filter(([name]) => !done.has(name))
      // Lifted: should it be struck again, that counts anew.
      const lifted = [...done].filter((name) => !now.has(name))
      if (fresh.length + lifted.length === 0) return false
      const leaving = new Set(fresh.flatMap(([, id]) => (peers.has(id) ? [id] : [])))
      await store.transact((tx) => {
        for (const [name] of fresh) keep(tx, name)
        for (const name of lifted) {
          tx.del(keys.local('struck', name))
          tx.committed(() => done.delete(name))
        }
        for (const id of leaving) peers.remove(tx, id)
        tx.committed(() => book.look())
      })
      return leaving.size > 0
    },
    pardon: (tx, id) => {
      for (const [name, struck] of strikes()) if (struck === id && !done.has(name)) keep(tx, name)
    }
  }
}
