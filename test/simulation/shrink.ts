/** The least history that still breaks the same rule: delta debugging (Zeller and Hildebrandt 2002) on the list of actions. */

/** @returns true while there is time and the list still fails as it did */
export type StillFails<T> = (list: readonly T[]) => Promise<boolean>

export interface Shrunk<T> {
  readonly list: readonly T[]
  readonly runs: number
}

/**
 * Drops ever smaller parts of the list as long as the rest still fails.
 * @param isOver asked before each run: the best so far is the answer once it is
 */
export async function shrink<T>(
  list: readonly T[],
  stillFails: StillFails<T>,
  isOver: () => boolean = () => false
): Promise<Shrunk<T>> {
  let best = list
  let runs = 0
  let parts = 2
  while (best.length > 0) {
    const size = Math.ceil(best.length / parts)
    let isSmaller = false
    for (let start = 0; start < best.length && !isOver(); ) {
      const rest = [...best.slice(0, start), ...best.slice(start + size)]
      runs += 1
      if (await stillFails(rest)) {
        best = rest
        isSmaller = true
      } else start += size
    }
    if (isOver() || (size === 1 && !isSmaller)) break
    parts = isSmaller ? Math.max(2, Math.min(parts, best.length)) : Math.min(parts * 2, best.length)
  }
  return { list: best, runs }
}
