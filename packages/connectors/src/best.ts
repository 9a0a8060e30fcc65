import type { FeedRow } from './rows.ts'

/** Rows handed on at a stretch. */
const STRETCH = 2048

interface Ranked {
  readonly row: FeedRow
  /** Place in feed order: breaks ties, and restores that order. */
  readonly index: number
}

/**
 * The `limit` best rows, in feed order: highest confidence first, then newest, both of a row's best bulletin. What falls
 * out is told to `refuse`. Holds `limit` rows, however many come.
 */
export async function* bestOf(
  rows: AsyncIterable<readonly FeedRow[]>,
  limit: number,
  refuse: (row: FeedRow) => void
): AsyncGenerator<readonly FeedRow[]> {
  // A binary heap with the worst row on top.
  const heap: Ranked[] = []
  let index = 0
  for await (const some of rows) {
    for (const row of some) {
      const ranked = { row, index }
      index += 1
      const worst = heap[0]
      if (heap.length < limit) rise(heap, ranked)
      else if (worst === undefined || !isBetter(ranked, worst)) refuse(row)
      else {
        refuse(worst.row)
        sink(heap, ranked)
      }
    }
  }
  heap.sort((a, b) => a.index - b.index)
  for (let at = 0; at < heap.length; at += STRETCH) yield heap.slice(at, at + STRETCH).map(({ row }) => row)
}

function isBetter(a: Ranked, b: Ranked): boolean {
  const [one] = a.row.bulletins
  const [other] = b.row.bulletins
  const order = one.confidence - other.confidence || one.publishedAt - other.publishedAt || b.index - a.index
  return order > 0
}

function rise(heap: Ranked[], added: Ranked): void {
  let at = heap.length
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !isBetter(parent, added)) break
    heap[at] = parent
    at = above
  }
  heap[at] = added
}

/** Replaces the top. */
function sink(heap: Ranked[], added: Ranked): void {
  let at = 0
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
    if (left === undefined) break
    const takesRight = right !== undefined && isBetter(left, right)
    const worse = takesRight ? right : left
    if (!isBetter(added, worse)) break
    heap[at] = worse
    at = 2 * at + (takesRight ? 2 : 1)
  }
  heap[at] = added
}
