/** Quarters of the calendar year in UTC, counted from 1970 Q1 = 0. Streams end with their quarter. */

/** The quarter in which a time (ms since the epoch) lies. */
export function quarterOf(ms: number): number {
  const date = new Date(ms)
  return (date.getUTCFullYear() - 1970) * 4 + Math.floor(date.getUTCMonth() / 3)
}

/** First millisecond (since the epoch) of a quarter; `quarterStart(q + 1)` is the first one after it. */
export function quarterStart(quarter: number): number {
  return Date.UTC(1970 + Math.floor(quarter / 4), (quarter % 4) * 3, 1)
}
