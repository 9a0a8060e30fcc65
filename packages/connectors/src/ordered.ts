/**
 * The sorting of texts that lie in one buffer. Four bytes of each at a time are numbers, which V8 sorts without calling back
 * for each pair; behind what a group of texts has in common, the next four.
 */

/** Where each text lies, and what comes before its bytes; no byte is above 0xef. */
export interface Texts {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly ranks?: Uint32Array | undefined
}

/** Fewer are compared one with another. */
const FEW = 16
/** Read at a time. */
const UNITS = 4

/** The texts' numbers in order; equal ones in the order of their numbers. */
export function ordered({ bytes, starts, ends, ranks }: Texts): Uint32Array {
  const { length } = starts
  const numbers = new Uint32Array(length)
  // What is compared in the upper half; the text's number in the lower one leads to it, and keeps equals in order.
  const pairs = new BigUint64Array(length)
  const halves = new Uint32Array(pairs.buffer)
  const [upper, lower] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [1, 0] : [0, 1]

  /** Sorts what stands in `pairs` for [start, end), and calls back for each run of equal upper halves. */
  function settle(start: number, end: number, equal: (from: number, to: number, half: number) => void): void {
    pairs.subarray(start, end).sort()
    let from = start
    for (let i = start; i < end; i += 1) {
      numbers[i] = halves[2 * i + lower] as number
      const half = halves[2 * i + upper] as number
      if (i + 1 < end && half === halves[2 * i + 2 + upper]) continue
      if (i > from) equal(from, i + 1, half)
      from = i + 1
    }
  }

  /** Four bytes as a number that orders as they do; behind the end stands 0, which is before any byte. */
  function unitsAt(at: number, end: number): number {
    let units = 0
    for (let i = at; i < at + UNITS; i += 1) units = units * 256 + (i < end ? (bytes[i] as number) + 1 : 0)
    return units
  }

  /** How many bytes the texts of a group have in common, given that so many are. */
  function commonOf(start: number, end: number, depth: number): number {
    const first = starts[numbers[start] as number] as number
    let common = (ends[numbers[start] as number] as number) - first
    for (let i = start + 1; i < end && common > depth; i += 1) {
      const number = numbers[i] as number
      const from = starts[number] as number
      const most = Math.min(common, (ends[number] as number) - from)
      let at = depth
      while (at < most && bytes[from + at] === bytes[first + at]) at += 1
      common = at
    }
    return common
  }

  /** Texts that agree in their first `depth` bytes. */
  function sort(start: number, end: number, depth: number): void {
    if (end - start < FEW) {
      insert(start, end, depth)
      return
    }
    const common = commonOf(start, end, depth)
    for (let i = start; i < end; i += 1) {
      const number = numbers[i] as number
      halves[2 * i + upper] = unitsAt((starts[number] as number) + common, ends[number] as number)
      halves[2 * i + lower] = number
    }
    settle(start, end, (from, to, half) => {
      // Where a text ends, the others of its group end as well: they are equal.
      if ((half & 0xff) !== 0) sort(from, to, common + UNITS)
    })
  }

  function isBehind(a: number, b: number, depth: number): boolean {
    let x = (starts[a] as number) + depth
    let y = (starts[b] as number) + depth
    const end = ends[a] as number
    const other = ends[b] as number
    while (x < end && y < other) {
      const difference = (bytes[x] as number) - (bytes[y] as number)
      if (difference !== 0) return difference > 0
      x += 1
      y += 1
    }
    return x < end
  }

  function insert(start: number, end: number, depth: number): void {
    for (let i = start + 1; i < end; i += 1) {
      const number = numbers[i] as number
      let at = i
      for (; at > start && isBehind(numbers[at - 1] as number, number, depth); at -= 1)
        numbers[at] = numbers[at - 1] as number
      numbers[at] = number
    }
  }

  for (let i = 0; i < length; i += 1) numbers[i] = i
  if (ranks === undefined) sort(0, length, 0)
  else {
    for (let i = 0; i < length; i += 1) {
      halves[2 * i + upper] = ranks[i] as number
      halves[2 * i + lower] = i
    }
    settle(0, length, (from, to) => sort(from, to, 0))
  }
  return numbers
}
