import type { FeedRow } from './rows.ts'

/** What a line of a consumer that counts bytes has besides the value, at most: `traceBest`, its mark and its end. */
const TRACE_BYTES = 80

/** Rows handed on at a stretch. */
const STRETCH = 2048

interface Ranked {
  readonly row: FeedRow
  /** Place in feed order: breaks ties, and restores that order. */
  readonly index: number
}

/**
 * The `limit` best rows, of these as many as have room in `bytes`, in feed order: highest confidence first, then newest, both of a row's best bulletin. What falls
 * out is told to `refuse`. Holds `limit` rows, however many come.
 */
export async function* bestOf(
  rows: AsyncIterable<readonly FeedRow[]>,
  limit: number,
  bytes: number,
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
  const kept = bytes === Number.POSITIVE_INFINITY ? heap : lightest(heap, bytes, refuse)
  kept.sort((a, b) => a.index - b.index)
  for (let at = 0; at < kept.length; at += STRETCH) yield kept.slice(at, at + STRETCH).map(({ row }) => row)
}

/** The best that have room. */
function lightest(all: Ranked[], bytes: number, refuse: (row: FeedRow) => void): Ranked[] {
  let room = bytes
  return all
    .sort((a, b) => (isBetter(a, b) ? -1 : 1))
    .filter(({ row }) => {
      room -= Buffer.byteLength(row.value) + TRACE_BYTES
      if (room < 0) refuse(row)
      return room >= 0
    })
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
