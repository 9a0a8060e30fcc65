import { SyncError } from './errors.ts'

/** A token bucket for frames that cost an answer. */
export interface Budget {
  /** Throws `control-flood` when the bucket is empty. */
  take(now: number, capacity: number, perSecond: number): void
}

export function createBudget(): Budget {
  let spent = 0
  let since = 0
  return {
    take(now, capacity, perSecond) {
      spent = Math.max(0, spent - (Math.max(0, now - since) / 1000) * perSecond) + 1
      since = now
      if (spent > capacity) throw new SyncError('control-flood', 'Too many frames that cost an answer.', { capacity })
    }
  }
}
