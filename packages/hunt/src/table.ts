/** A bit for each hash that may stand for something. */
export interface Filter {
  readonly bits: Uint32Array
  readonly bitShift: number
}

/**
 * Open addressing over flat arrays: a hash leads to the numbers that were put under it, and a bit for each hash that
 * fits a processor's cache turns most questions away before the table is touched.
 */
export interface Table extends Filter {
  /** Hash and number + 1, side by side; 0 is an empty place. */
  readonly slots: Uint32Array
  readonly mask: number
}

/** Bits of the filter at most: 1 MiB, about what a core keeps close. */
const MOST_BITS = 23

/** An empty table for so many numbers. */
export function createTable(count: number): Table {
  const capacity = 2 ** Math.max(4, Math.ceil(Math.log2(count * 2 + 1)))
  return { slots: new Uint32Array(capacity * 2), mask: capacity - 1, ...createFilter(count) }
}

/** An empty filter for so many hashes. */
export function createFilter(count: number): Filter {
  const bitLog = Math.min(MOST_BITS, Math.max(10, Math.ceil(Math.log2(count * 16 + 1))))
  return { bits: new Uint32Array(2 ** (bitLog - 5)), bitShift: 32 - bitLog }
}

/** Puts a number under a hash; several may stand under one. The table was made for them. */
export function put(table: Table, hash: number, number: number): void {
  const { slots, mask } = table
  let at = hash & mask
  while (slots[at * 2 + 1] !== 0) at = (at + 1) & mask
  slots[at * 2] = hash
  slots[at * 2 + 1] = number + 1
  mark(table, hash)
}

/** Sets the bit of a hash. */
export function mark({ bits, bitShift }: Filter, hash: number): void {
  const bit = hash >>> bitShift
  bits[bit >>> 5] = (bits[bit >>> 5] as number) | (1 << (bit & 31))
}

/** False if nothing stands under this hash; true if something may. */
export function mayHold({ bits, bitShift }: Filter, hash: number): boolean {
  const bit = hash >>> bitShift
  return (((bits[bit >>> 5] as number) >>> (bit & 31)) & 1) !== 0
}

/** Spreads a running hash over all its bits (murmur3's finish), as an unsigned number. */
export function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Factor of the running hash (FNV-1a). */
export const PRIME = 0x01000193
