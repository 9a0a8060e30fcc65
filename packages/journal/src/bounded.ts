/** A cache that forgets what was used longest ago, so that strangers' keys cannot fill memory. */
export interface BoundedCache<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
  readonly size: number
}

/** Makes a least-recently-used cache of at most `limit` rows, on the insertion order of Map. */
export function createBoundedCache<K, V>(limit: number): BoundedCache<K, V> {
  const rows = new Map<K, V>()
  return {
    get(key) {
      const value = rows.get(key)
      if (value === undefined) return undefined
      rows.delete(key)
      rows.set(key, value)
      return value
    },
    set(key, value) {
      rows.delete(key)
      rows.set(key, value)
      if (rows.size <= limit) return
      const oldest = rows.keys().next()
      if (oldest.done !== true) rows.delete(oldest.value)
    },
    get size() {
      return rows.size
    }
  }
}
