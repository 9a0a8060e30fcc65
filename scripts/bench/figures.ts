/** Figures out of repeated measurements. */

/** What repetitions gave; `median` is what tables show, `least` and `most` are its spread. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  /** How many times it was measured. */
  readonly times: number
}

/** @throws RangeError when there is nothing to tell */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('nothing was measured')
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: percentile(sorted, 50),
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    times: sorted.length
  }
}

/** Nearest rank, so that a percentile is always a value that was measured. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Exponent of the power law y = c · x^k that fits best (least squares on logarithms): 0 constant, 1 linear. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }))
  const middle = (of: 'x' | 'y'): number => sum(logs.map((point) => point[of])) / logs.length
  const [x0, y0] = [middle('x'), middle('y')]
  return sum(logs.map(({ x, y }) => (x - x0) * (y - y0))) / sum(logs.map(({ x }) => (x - x0) ** 2))
}

/** ms of the machine's monotonic clock, the same in every process: what happens in one may be timed in another. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Three significant digits, thousands apart: 0.0213, 12.9, 1,280. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
