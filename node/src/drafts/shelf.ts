import { randomUUID } from 'node:crypto'
import type { RemarkView } from '@tocsin/api'
import type { ReadDraft } from '@tocsin/connectors'
import type { Draft } from '@tocsin/model'
import { ReplicaError } from '@tocsin/replica'
import { ranges, readRow, type Store, type Tx, writeRow } from '@tocsin/store'
import { NodeError } from '../errors.ts'
import { planOf } from './plan.ts'
import { type DraftHead, type KeyRow, keyHash, rowOf, type SightingDraft, versionOf } from './rows.ts'
import { freshOf, joined, MAX_SIGHTINGS, markParts, type SightingBatch, titleOf } from './sighting-plan.ts'

/** Open drafts: more than a person will ever look at. */
const MAX_OPEN = 2_000
/** Bytes of all open drafts: a full shelf must not fill the disk. */
const MAX_BYTES = 512 * 1024 * 1024
/** Bytes of one, as `POST /v1/bulletins` takes it. */
const MAX_DRAFT = 24 * 1024 * 1024
/** Closed ones, as a record of who decided what; the oldest go first. */
const MAX_CLOSED = 10_000

/** Warnings of one draft, in memory while it is open. */
const MAX_WARNINGS = 100

const DAY = 86_400_000
/** A draft that nobody looked at for so long goes; the item may come again. */
const OPEN_FOR = 30 * DAY
const CLOSED_FOR = 180 * DAY
/** Longer than any bulletin is kept (two years), so that its own export finds its key. */
const KEYS_FOR = 800 * DAY

/** Who brings an item. */
export interface From {
  readonly import: string
  readonly source?: string
  /** Token or source. */
  readonly by: string
}

/** What became of an item; `head` is the draft that was made or changed. */
export type Taken =
  | { readonly outcome: 'new' | 'changed'; readonly head: DraftHead }
  | { readonly outcome: 'known'; readonly draft?: string; readonly bulletin?: string }
  | { readonly outcome: 'refused'; readonly code: 'drafts-full' | 'draft-too-large' }

export interface DraftShelf {
  /**
   * Keeps an item as a draft unless it is known. One that has changed takes the place of its open draft, or becomes a
   * new one that supersedes its bulletin where `isLive` says that this still stands. With `dryRun` nothing is kept.
   */
  take(
    item: ReadDraft,
    from: From,
    options: { readonly isLive: (bulletin: string) => Promise<boolean>; readonly dryRun: boolean }
  ): Promise<Taken>
  /**
   * Keeps what was met as a draft of sightings, in the one that waits for the same source and labels where it has room.
   * Undefined where other imports counted all of it meanwhile. With `dryRun` nothing is kept.
   */
  sight(batch: SightingBatch, from: From, options: { readonly dryRun: boolean }): Promise<Taken | undefined>
  /** Newest first. */
  heads(): readonly DraftHead[]
  head(id: string): DraftHead | undefined
  /** @throws NodeError draft-closed */
  body(head: DraftHead): Draft
  /** Of a draft of sightings. @throws NodeError draft-closed */
  sightings(head: DraftHead): readonly SightingDraft[]
  /** @throws NodeError draft-closed, draft-changed unless `version` is what it holds, draft-too-large */
  edit(id: string, version: string, draft: Draft): Promise<DraftHead>
  /** As `edit`, of a draft of sightings: from then on nothing that is met is added to it. */
  editSightings(
    id: string,
    version: string,
    change: { readonly sightings: readonly SightingDraft[]; readonly isPrivate: boolean }
  ): Promise<DraftHead>
  /** Says under which bulletin it will be published, before it is. @throws NodeError draft-closed, draft-changed */
  begin(id: string, version: string, bulletin: string): Promise<void>
  /** It was not published after all. */
  stop(id: string): Promise<void>
  /** Ends it; the content goes. */
  close(id: string, end: { state: 'accepted' | 'discarded'; by: string; bulletin?: string }): Promise<void>
  /** What is past its time: once an hour. */
  sweep(): Promise<void>
}

/** Opens the shelf of this store. @throws StoreError */
export async function createDraftShelf(store: Store, now: () => number): Promise<DraftShelf> {
  const heads = new Map<string, DraftHead>()
  for await (const [, value] of store.scan(ranges.local('draft'))) {
    const head = readRow<DraftHead>(value)
    heads.set(head.id, head)
  }

  const open = (): DraftHead[] => [...heads.values()].filter(({ state }) => state === 'open')

  function put(tx: Tx, head: DraftHead, json?: string): DraftHead {
    tx.put(rowOf.draft(head.id), writeRow(head))
    if (json !== undefined) tx.put(rowOf.body(head.id), Buffer.from(json))
    tx.committed(() => heads.set(head.id, head))
    return head
  }

  /** As this transaction sees it: what memory holds is of those that are on disk. */
  function openHead(tx: Pick<Tx, 'get'>, id: string): DraftHead {
    const row = tx.get(rowOf.draft(id))
    if (row === undefined) throw new ReplicaError('not-found', 'no such draft', { id })
    const head = readRow<DraftHead>(row)
    if (head.state !== 'open') throw closed(head)
    return head
  }

  function content<T>(head: DraftHead, tx: Pick<Tx, 'get'> = store): T {
    const row = tx.get(rowOf.body(head.id))
    if (row === undefined) throw closed(head)
    return readRow<T>(row)
  }

  const body = (head: DraftHead): Draft => content<Draft>(head)

  /** Why there is no room for one more, or for `over` with so many bytes. */
  function refusal(bytes: number, over: DraftHead | undefined): Taken | undefined {
    if (bytes > MAX_DRAFT) return { outcome: 'refused', code: 'draft-too-large' }
    const held = open()
    const total = held.reduce((sum, head) => sum + head.bytes, 0) - (over?.bytes ?? 0)
    const isFull = (over === undefined && held.length >= MAX_OPEN) || total + bytes > MAX_BYTES
    return isFull ? { outcome: 'refused', code: 'drafts-full' } : undefined
  }

  return {
    heads: () => [...heads.values()].toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)),
    head: (id) => heads.get(id),
    body,
    sightings: (head) => content<readonly SightingDraft[]>(head),

    take: async (item, from, { isLive, dryRun }) => {
      const key = keyHash(item.key)
      const row = store.get(rowOf.key(key))
      const bulletin = row === undefined ? undefined : readRow<KeyRow>(row).bulletin
      const live = bulletin !== undefined && (await isLive(bulletin)) ? bulletin : undefined

      const work = (tx: Pick<Tx, 'get'>, write?: Tx): Taken => {
        const planned = planOf(tx, item, key, live)
        if ('known' in planned) {
          const { draft, bulletin: as } = planned.known ?? {}
          return {
            outcome: 'known',
            ...(draft === undefined ? {} : { draft }),
            ...(as === undefined ? {} : { bulletin: as })
          }
        }
        const { draft, digest, fresh, over, changed } = planned
        const json = JSON.stringify(draft)
        const bytes = Buffer.byteLength(json)
        const full = refusal(bytes, over)
        if (full !== undefined) return full
        const warnings = [
          ...(changed && over === undefined
            ? [{ code: 'source-changed', message: 'the item changed at its source' }]
            : []),
          ...item.warnings
        ]
        const head: DraftHead = {
          id: over?.id ?? randomUUID(),
          version: versionOf(json),
          state: 'open',
          ...from,
          reference: item.reference,
          ...shown(draft),
          bytes,
          key,
          createdAt: over?.createdAt ?? now(),
          expiresAt: now() + OPEN_FOR,
          edited: over?.edited ?? false,
          warnings: keptWarnings(item.grows === true && over !== undefined ? [...over.warnings, ...warnings] : warnings)
        }
        if (write !== undefined) {
          put(write, head, json)
          const as = live === undefined ? {} : { bulletin: live }
          write.put(rowOf.key(key), writeRow({ digest, draft: head.id, ...as, at: now() } satisfies KeyRow))
          for (const it of fresh) write.put(rowOf.value(key, it), writeRow({ at: now() }))
        }
        return { outcome: over === undefined ? 'new' : 'changed', head }
      }
      return dryRun ? work(store) : store.transact((tx) => work(tx, tx))
    },

    sight: async (batch, from, { dryRun }) => {
      const { tlp, pap, isPrivate } = batch
      const work = (tx: Pick<Tx, 'get'>, write?: Tx): Taken | undefined => {
        const fresh = freshOf(tx, batch.tallies)
        if (fresh.length === 0) return undefined
        const waits = open()
          // What a person went through stays as he left it.
          .filter((it) => it.kind === 'sightings' && it.accepting === undefined && !it.edited)
          .filter((it) => it.private === isPrivate)
          .filter((it) => it.import === from.import && it.source === from.source && it.by === from.by)
          .find((it) => it.tlp === tlp && it.pap === pap)
        const before = waits === undefined ? [] : content<readonly SightingDraft[]>(waits, tx)
        const together = joined(before, fresh)
        const over = together.length <= MAX_SIGHTINGS ? waits : undefined
        const sightings = over === undefined ? joined([], fresh) : together
        const json = JSON.stringify(sightings)
        const bytes = Buffer.byteLength(json)
        const full = refusal(bytes, over)
        if (full !== undefined) return full
        const head: DraftHead = {
          id: over?.id ?? randomUUID(),
          kind: 'sightings',
          private: isPrivate,
          version: versionOf(json),
          state: 'open',
          ...from,
          reference: batch.reference,
          title: titleOf(batch.title, sightings),
          tlp,
          pap,
          count: sightings.length,
          bytes,
          key: '',
          createdAt: over?.createdAt ?? now(),
          expiresAt: now() + OPEN_FOR,
          edited: false,
          warnings: []
        }
        if (write !== undefined) {
          put(write, head, json)
          markParts(write, batch.tallies, now())
        }
        return { outcome: over === undefined ? 'new' : 'changed', head }
      }
      return dryRun ? work(store) : store.transact((tx) => work(tx, tx))
    },

    edit: async (id, version, draft) => {
      const json = JSON.stringify(draft)
      const bytes = Buffer.byteLength(json)
      if (bytes > MAX_DRAFT) throw new NodeError('draft-too-large')
      return store.transact((tx) => {
        const { threat: _threat, ...rest } = seen(openHead(tx, id), version)
        if (rest.kind === 'sightings') throw new NodeError('draft-of-sightings')
        return put(tx, { ...rest, ...shown(draft), version: versionOf(json), bytes, edited: true }, json)
      })
    },

    editSightings: (id, version, { sightings, isPrivate }) => {
      const json = JSON.stringify(sightings)
      return store.transact((tx) => {
        const head = seen(openHead(tx, id), version)
        const count = sightings.length
        const bytes = Buffer.byteLength(json)
        // Who accepts says to whom, too.
        const next = versionOf(`${json} ${isPrivate}`)
        return put(tx, { ...head, private: isPrivate, version: next, count, bytes, edited: true }, json)
      })
    },

    begin: (id, version, bulletin) =>
      store.transact((tx) => {
        put(tx, { ...seen(openHead(tx, id), version), accepting: bulletin })
      }),

    stop: (id) =>
      store.transact((tx) => {
        const { accepting: _accepting, ...head } = openHead(tx, id)
        put(tx, head)
      }),

    close: async (id, { state, by, bulletin }) => {
      await store.transact(
        (tx) => {
          const { accepting: _accepting, ...head } = openHead(tx, id)
          const as = bulletin === undefined ? {} : { bulletin }
          put(tx, { ...head, state, title: '', warnings: [], bytes: 0, closedAt: now(), closedBy: by, ...as })
          tx.del(rowOf.body(id))
          if (head.kind === 'sightings') return
          const row = tx.get(rowOf.key(head.key))
          const known = row === undefined ? undefined : readRow<KeyRow>(row)
          if (known?.draft === id) tx.put(rowOf.key(head.key), writeRow({ ...known, ...as }))
        },
        { frees: true }
      )
    },

    sweep: async () => {
      const at = now()
      for (const head of open()) {
        if (head.expiresAt > at || head.accepting !== undefined) continue
        // What a tool met a month ago is no news: of sightings the marks stay.
        const indicators = head.kind === 'sightings' ? [] : body(head).indicators
        await store.transact(
          (tx) => {
            put(tx, { ...head, state: 'expired', title: '', warnings: [], bytes: 0, closedAt: at })
            tx.del(rowOf.body(head.id))
            // Nobody said no: the item, and each value of a log, may come again.
            if (head.kind !== 'sightings') tx.del(rowOf.key(head.key))
            for (const it of indicators) tx.del(rowOf.value(head.key, it))
          },
          { frees: true }
        )
      }
      const ended = [...heads.values()].filter(({ state }) => state !== 'open')
      const oldest = ended.toSorted((a, b) => (b.closedAt ?? 0) - (a.closedAt ?? 0)).slice(MAX_CLOSED)
      const old = [...new Set([...oldest, ...ended.filter(({ closedAt = 0 }) => closedAt + CLOSED_FOR <= at)])]
      if (old.length > 0) {
        await store.transact(
          (tx) => {
            for (const { id } of old) tx.del(rowOf.draft(id))
            tx.committed(() => {
              for (const { id } of old) heads.delete(id)
            })
          },
          { frees: true }
        )
      }
      for (const area of ['import-key', 'import-value']) await sweepArea(store, area, at - KEYS_FOR)
    }
  }
}

/** Deletes rows that were written before `then` (ms), some thousand at a time. */
async function sweepArea(store: Store, area: string, then: number): Promise<void> {
  let old: Uint8Array[] = []
  const flush = async (): Promise<void> => {
    const some = old
    old = []
    if (some.length === 0) return
    await store.transact(
      (tx) => {
        for (const row of some) tx.del(row)
      },
      { frees: true }
    )
  }
  for await (const [key, value] of store.scan(ranges.local(area))) {
    if (readRow<{ at: number }>(value).at >= then) continue
    old.push(key)
    if (old.length >= 4_096) await flush()
  }
  await flush()
}

/** Those about labels first: on them hangs whether a policy may publish. */
function keptWarnings(all: readonly RemarkView[]): RemarkView[] {
  const distinct = [...new Map(all.map((it) => [`${it.code} ${it.message}`, it])).values()]
  const isLabel = ({ code }: RemarkView): boolean => code.startsWith('label')
  return [...distinct.filter(isLabel), ...distinct.filter((it) => !isLabel(it))].slice(0, MAX_WARNINGS)
}

function shown({ title = '', tlp = 'RED', pap = 'RED', threat, indicators }: Draft) {
  return { title, tlp, pap, ...(threat === undefined ? {} : { threat }), count: indicators.length }
}

function seen(head: DraftHead, version: string): DraftHead {
  if (head.version !== version) throw new NodeError('draft-changed')
  return head
}

function closed({ state, bulletin }: DraftHead): NodeError {
  return new NodeError('draft-closed', undefined, { state, ...(bulletin === undefined ? {} : { bulletin }) })
}
