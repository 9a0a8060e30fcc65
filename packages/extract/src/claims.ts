/** A range of the view that has been read already, half-open. */
export type Claim = readonly [number, number]

/** True when `[from, to)` meets one of the claims, which are sorted and do not overlap. */
export function overlaps(claims: readonly Claim[], from: number, to: number): boolean {
  let low = 0
  let high = claims.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((claims[middle]?.[1] ?? 0) <= from) low = middle + 1
    else high = middle
  }
  const next = claims[low]
  return next !== undefined && next[0] < to
}

/** Both lists in one, sorted. */
export function mergeClaims(a: readonly Claim[], b: readonly Claim[]): Claim[] {
  return [...a, ...b].sort((x, y) => x[0] - y[0])
}

/**
 * The end of the run that `at` lies in, where a run ends before the first character that `ends`. Remembers the last
 * run, so that asking many times inside one long run stays linear.
 */
export function createRunEnds(view: string, ends: (code: number) => boolean): (at: number) => number {
  let from = 0
  let to = 0
  return (at) => {
    if (at >= from && at < to) return to
    from = at
    to = at
    while (to < view.length && !ends(view.charCodeAt(to))) to++
    return to
  }
}

/** Ends a line. */
export function isLineBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x2028 || code === 0x2029
}
