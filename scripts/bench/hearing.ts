/** Waiting for what arrives, one waiter for each place at a time. */

export interface Hearing {
  /** To be called whenever something arrived. */
  waiting: (() => void) | undefined
}

/** True once all of them have it; false when so many ms are over first. */
export async function until<T extends Hearing>(
  all: readonly T[],
  within: number,
  has: (one: T) => boolean
): Promise<boolean> {
  const end = performance.now() + within
  for (const one of all) {
    while (!has(one)) {
      const left = end - performance.now()
      if (left <= 0) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        one.waiting = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  return true
}
