/** Keys in order, in blocks, so that one that comes or goes moves some hundreds and not all of them. */
export interface SortedKeys {
  /** To be called with a key that is not there. */
  add(key: string): void
  delete(key: string): void
  /** From `low` on, up to and without `high`. */
  between(low: string, high: string | undefined, reverse: boolean): Iterable<string>
}

const BLOCK = 256

/** @param keys in their order */
export function sortedKeys(keys: readonly string[]): SortedKeys {
  const blocks: string[][] = []
  for (let at = 0; at < keys.length; at += BLOCK) blocks.push(keys.slice(at, at + BLOCK))

  /** The block in which this key is, or is to be. */
  function blockOf(key: string): number {
    let low = 0
    let high = blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((blocks[middle]?.[0] ?? '') <= key) low = middle
      else high = middle - 1
    }
    return low
  }

  return {
    add: (key) => {
      if (blocks.length === 0) blocks.push([])
      const index = blockOf(key)
      const block = blocks[index] as string[]
      block.splice(lowerBound(block, key), 0, key)
      if (block.length > 2 * BLOCK) blocks.splice(index + 1, 0, block.splice(BLOCK))
    },
    delete: (key) => {
      const index = blockOf(key)
      const block = blocks[index] ?? []
      const at = lowerBound(block, key)
      if (block[at] !== key) return
      block.splice(at, 1)
      if (block.length === 0) blocks.splice(index, 1)
    },
    *between(low, high, reverse) {
      const first = blockOf(low)
      const last = high === undefined ? blocks.length - 1 : blockOf(high)
      for (let step = 0; step <= last - first; step++) {
        const block = blocks[reverse ? last - step : first + step] ?? []
        const from = lowerBound(block, low)
        const to = high === undefined ? block.length : lowerBound(block, high)
        for (let at = 0; at < to - from; at++) yield block[reverse ? to - 1 - at : from + at] as string
      }
    }
  }
}

function lowerBound(list: readonly string[], key: string): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}
