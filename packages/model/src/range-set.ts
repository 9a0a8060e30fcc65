import { type AddressRange, rangeOf } from './ip.ts'

/** Address ranges that answer in logarithmic time whether something overlaps them. */
export interface RangeSet {
  /** True if any address of `range` is in the set. */
  overlaps(range: AddressRange): boolean
}

function merge(ranges: readonly AddressRange[], bits: 32 | 128): AddressRange[] {
  const sorted = ranges.filter((range) => range.bits === bits).sort((a, b) => (a.first < b.first ? -1 : 1))
  const merged: AddressRange[] = []
  for (const range of sorted) {
    const before = merged.at(-1)
    if (before === undefined || range.first > before.last) merged.push(range)
    else if (range.last > before.last) merged[merged.length - 1] = { ...before, last: range.last }
  }
  return merged
}

/** A set over addresses and CIDR ranges; what is neither is left out, so callers check their input first. */
export function createRangeSet(texts: readonly string[]): RangeSet {
  const ranges = texts.map(rangeOf).filter((range) => range !== undefined)
  const families = { 32: merge(ranges, 32), 128: merge(ranges, 128) }
  return {
    overlaps(range: AddressRange): boolean {
      const held = families[range.bits]
      let low = 0
      let high = held.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((held[middle]?.first ?? 0n) <= range.last) low = middle + 1
        else high = middle
      }
      // Merged ranges are disjoint and sorted, so only the last one that starts in time can reach in.
      const candidate = held[low - 1]
      return candidate !== undefined && candidate.last >= range.first
    }
  }
}
