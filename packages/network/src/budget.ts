import type { Clock } from './clock.ts'

/** How often a peer may ask for something: so many at once, refilled by time. */
export interface Budget {
  /** Takes one; false when nothing is left. */
  spend(): boolean
}

export function createBudget(most: number, perSecond: number, clock: Clock): Budget {
  let left = most
  let at = clock.now()
  return {
    spend() {
      const now = clock.now()
      // A clock that is set back gives nothing and takes nothing.
      left = Math.min(most, left + (Math.max(0, now - at) / 1000) * perSecond)
      at = now
      if (left < 1) return false
      left -= 1
      return true
    }
  }
}
