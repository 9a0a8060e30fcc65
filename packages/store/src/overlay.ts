/** Writes that are not on disk yet, in order, and what a reader sees of them. */
import { toLatin1 } from '@tocsin/journal'
import { type PackedRows, rowsOf } from './packed.ts'

export type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

export interface Overlay {
  /** What was written last under this key, null where it was deleted; undefined where nothing was. */
  get(key: Uint8Array): Latest | undefined
  write(key: Uint8Array, value: Uint8Array | null): void
  writeRows(rows: PackedRows): void
  /** Everything of `later`, after what is here. */
  join(later: Overlay): void
  /** In the order of writing: of two with one key, the later counts. */
  operations(): Operation[]
  /** Length of all keys and values. */
  bytes(): number
  /** What `get` sees, by name, except of the prefixes `unread`. */
  readonly latest: ReadonlyMap<string, Latest>
  readonly unread: ReadonlySet<number>
}

interface Latest {
  readonly value: Uint8Array | null
}

export function createOverlay(): Overlay {
  const operations: Operation[] = []
  // Keys as texts, one character a byte.
  const latest = new Map<string, Latest>()
  // Prefixes of packed rows. Nobody reads those before they are on disk, so they are not looked at until somebody does.
  const unread = new Set<number>()
  let bytes = 0

  function note(operation: Operation): void {
    latest.set(toLatin1(operation.key), { value: operation.type === 'put' ? operation.value : null })
  }

  function push(operation: Operation): void {
    operations.push(operation)
    bytes += operation.key.length + (operation.type === 'put' ? operation.value.length : 0)
  }

  return {
    get: (key) => {
      if (unread.has(key[0] ?? 0)) {
        for (const operation of operations) note(operation)
        unread.clear()
      }
      return latest.get(toLatin1(key))
    },
    write: (key, value) => {
      const operation: Operation = value === null ? { type: 'del', key } : { type: 'put', key, value }
      push(operation)
      note(operation)
    },
    writeRows: (rows) => {
      for (const { key, value } of rowsOf(rows)) push({ type: 'put', key, value })
      if (rows.ends.length > 0) unread.add(rows.bytes[0] ?? 0)
    },
    join: (later) => {
      for (const operation of later.operations()) operations.push(operation)
      for (const [id, value] of later.latest) latest.set(id, value)
      for (const prefix of later.unread) unread.add(prefix)
      bytes += later.bytes()
    },
    operations: () => operations,
    bytes: () => bytes,
    latest,
    unread
  }
}
