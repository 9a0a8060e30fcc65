import type { ReadDraft } from '@tocsin/connectors'
import { type BulletinId, type Draft, MAX_INDICATORS } from '@tocsin/model'
import { readRow, type Tx } from '@tocsin/store'
import { type DraftHead, digestOf, type KeyRow, rowOf } from './rows.ts'

/** What an item changes: `over` is the draft whose place it takes, `fresh` the values of a log that were not taken yet. */
export interface Plan {
  readonly digest: string
  readonly draft: Draft
  readonly fresh: Draft['indicators']
  readonly changed: boolean
  readonly over?: DraftHead
}

/** What taking an item would do, as this transaction sees the shelf; or that there is nothing to do. */
export function planOf(
  tx: Pick<Tx, 'get'>,
  { draft: said, grows }: ReadDraft,
  key: string,
  live: string | undefined
): Plan | { readonly known: KeyRow | undefined } {
  const known = rowAt<KeyRow>(tx, rowOf.key(key))
  const before = known === undefined ? undefined : rowAt<DraftHead>(tx, rowOf.draft(known.draft))
  const waits = before?.state === 'open' && before.accepting === undefined ? before : undefined
  const held = waits === undefined ? undefined : rowAt<Draft>(tx, rowOf.body(waits.id))
  const digest = digestOf(said)
  if (grows === true) {
    const fresh = said.indicators.filter((it) => tx.get(rowOf.value(key, it)) === undefined)
    if (fresh.length === 0) return { known }
    // A log goes on in the draft that still waits, as long as a bulletin can hold it.
    if (waits !== undefined && held !== undefined && held.indicators.length + fresh.length <= MAX_INDICATORS) {
      const draft = { ...held, indicators: [...held.indicators, ...fresh] }
      return { digest, draft, fresh, changed: false, over: waits }
    }
    return { digest, draft: { ...said, indicators: fresh }, fresh, changed: false }
  }
  if (known?.digest === digest) return { known }
  // What a person has changed is his: the new wording stands beside it.
  const over = waits !== undefined && !waits.edited ? waits : undefined
  const supersedes = over === undefined ? live : held?.supersedes
  const draft = supersedes === undefined ? said : { ...said, supersedes: supersedes as BulletinId }
  return { digest, draft, fresh: [], changed: known !== undefined, ...(over === undefined ? {} : { over }) }
}

function rowAt<T>(tx: Pick<Tx, 'get'>, key: Uint8Array): T | undefined {
  const row = tx.get(key)
  return row === undefined ? undefined : readRow<T>(row)
}
