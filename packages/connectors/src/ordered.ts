/**
 * The sorting of what is held. Four characters of each text at a time are numbers, which V8 sorts without calling back for
 * each pair; behind what a group of texts has in common, the next four.
 */
import type { FeedItem } from './feed.ts'
import { compareUtf8, type ItemOrder, keyOf } from './order.ts'

/** Items sorted, or handed on, at a stretch: a few milliseconds, after which others have their turn. */
export const STRETCH = 2048

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Fewer are compared one with another. */
const FEW = 12
/** Read at a time. */
const UNITS = 4

const BEYOND_ASCII = /[^\0-\x7f]/

/** Numbers in order but for a group that agrees in all that was looked at: [start, end) and how far that was. */
type Group = readonly [start: number, end: number, depth: number]

/** The items' numbers in order, with turns for others in between. */
export async function ordered(
  items: readonly FeedItem[],
  { ranksOf }: Pick<ItemOrder<never>, 'ranksOf'>
): Promise<Uint32Array> {
  const keys = items.map(keyOf)
  const ranks = ranksOf(items)
  const isAscii = !keys.some((key) => BEYOND_ASCII.test(key))
  const sorter = createSorter(items.length)
  let since = 0

  async function sort(group: Group): Promise<void> {
    const [start, end] = group
    const isLarge = end - start > STRETCH
    since += end - start
    if (isLarge || since > STRETCH) {
      await turn()
      since = 0
    }
    if (!isAscii) sorter.compareAll(group, keys)
    else if (isLarge) for (const part of sorter.split(group, keys)) await sort(part)
    else sorter.sort(group, keys)
  }

  for (const group of sorter.byNumber(ranks)) await sort(group)
  return sorter.numbers
}

function createSorter(length: number) {
  const numbers = new Uint32Array(length)
  // What is compared in the upper half; the item's number in the lower one leads to it, and keeps equals in order.
  const pairs = new BigUint64Array(length)
  const halves = new Uint32Array(pairs.buffer)
  const [upper, lower] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [1, 0] : [0, 1]

  /** Sorts what stands in `pairs` for [start, end), and calls back for each run of equal upper halves. */
  function settle(start: number, end: number, equal: (from: number, to: number, half: number) => void): void {
    pairs.subarray(start, end).sort()
    let from = start
    for (let i = start; i < end; i += 1) {
      numbers[i] = halves[2 * i + lower] ?? 0
      const half = halves[2 * i + upper] ?? 0
      if (i + 1 < end && half === halves[2 * i + 2 + upper]) continue
      if (i > from) equal(from, i + 1, half)
      from = i + 1
    }
  }

  function byNumber(ranks: Uint32Array): Group[] {
    for (let i = 0; i < length; i += 1) {
      halves[2 * i + upper] = ranks[i] ?? 0
      halves[2 * i + lower] = i
    }
    const groups: Group[] = []
    settle(0, length, (from, to) => groups.push([from, to, 0]))
    return groups
  }

  /** One step for texts in ASCII; the groups in which more has to be looked at. */
  function split([start, end, depth]: Group, keys: readonly string[]): Group[] {
    const first = keys[numbers[start] ?? 0] ?? ''
    let common = first.length
    for (let i = start + 1; i < end && common > depth; i += 1) {
      const key = keys[numbers[i] ?? 0] ?? ''
      let at = depth
      while (at < common && key.charCodeAt(at) === first.charCodeAt(at)) at += 1
      common = at
    }
    for (let i = start; i < end; i += 1) {
      const number = numbers[i] ?? 0
      halves[2 * i + upper] = unitsAt(keys[number] ?? '', common)
      halves[2 * i + lower] = number
    }
    const groups: Group[] = []
    settle(start, end, (from, to, half) => {
      // Where a text ends, the others of its group end as well: they are equal.
      if ((half & 0xff) !== 0) groups.push([from, to, common + UNITS])
    })
    return groups
  }

  function compareAll([start, end]: Group, keys: readonly string[]): void {
    numbers.subarray(start, end).sort((a, b) => compareUtf8(keys[a] ?? '', keys[b] ?? ''))
  }

  function sort(group: Group, keys: readonly string[]): void {
    const [start, end] = group
    if (end - start >= FEW) {
      for (const part of split(group, keys)) sort(part, keys)
      return
    }
    for (let i = start + 1; i < end; i += 1) {
      const number = numbers[i] ?? 0
      const key = keys[number] ?? ''
      let at = i
      for (; at > start && (keys[numbers[at - 1] ?? 0] ?? '') > key; at -= 1) numbers[at] = numbers[at - 1] ?? 0
      numbers[at] = number
    }
  }

  return { numbers, byNumber, split, sort, compareAll }
}

/** Four characters as a number that orders as they do; behind the end stands 0, which is before any character. */
function unitsAt(text: string, at: number): number {
  let units = 0
  for (let i = at; i < at + UNITS; i += 1) units = units * 256 + (i < text.length ? text.charCodeAt(i) + 1 : 0)
  return units
}
