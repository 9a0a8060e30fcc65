/** Waits between two dials of one peer, ms. */
export interface Backoff {
  /** Wait after the first failure, before jitter. */
  readonly firstMs: number
  /** Longest wait; there is no greatest number of attempts. */
  readonly maxMs: number
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 500, maxMs: 60_000 }

/**
 * Exponential wait with jitter: between half and all of firstMs · 2^failures, at most maxMs. The jitter keeps two peers
 * that lost one another from dialling in step for ever, and a whole circle from dialling a restarted node at once.
 * @param failures dials that failed in a row, 0 for a link that was good
 * @param random uniform in [0, 1)
 */
export function waitAfter(failures: number, backoff: Backoff, random: () => number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failures, 30))
  return full * (0.5 + random() / 2)
}
