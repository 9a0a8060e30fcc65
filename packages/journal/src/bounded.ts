/** A cache that forgets what was used longest ago, so that strangers' keys cannot fill memory. */
export interface BoundedCache<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
  readonly size: number
}

interface Row<V> {
  readonly value: V
  /** Number of the move that put it where it is. */
  readonly at: number
}

/**
 * Makes a cache of at most `limit` rows on the insertion order of Map. A used row moves to the end, but for the newer half
 * of them: to move one costs ten times what it costs to find it, and it stays for `limit / 2` newer ones all the same.
 */
export function createBoundedCache<K, V>(limit: number): BoundedCache<K, V> {
  const rows = new Map<K, Row<V>>()
  let moves = 0

  function put(key: K, value: V): void {
    rows.delete(key)
    moves += 1
    rows.set(key, { value, at: moves })
  }

  return {
    get(key) {
      const row = rows.get(key)
      if (row === undefined) return undefined
      if (moves - row.at >= limit / 2) put(key, row.value)
      return row.value
    },
    set(key, value) {
      put(key, value)
      if (rows.size <= limit) return
      const oldest = rows.keys().next()
      if (oldest.done !== true) rows.delete(oldest.value)
    },
    get size() {
      return rows.size
    }
  }
}
