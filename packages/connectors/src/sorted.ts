/** Items in order in bounded memory: what is too much to hold goes as sorted runs into a file, and is merged from there. */
import type { FeedItem } from './feed.ts'
import type { ItemOrder } from './order.ts'
import { ordered, STRETCH, turn } from './ordered.ts'
import { openRuns, type Run } from './runs.ts'

/** Held before a run is written, in bytes as guessed below: some ten megabytes of memory. */
const HELD = 2 * 1024 * 1024
/** What an item takes besides its texts, and a bulletin. */
const ITEM_BYTES = 60
const BULLETIN_BYTES = 500

/**
 * The items in this order, some at a time; what it calls equal in the order of their arrival.
 * @param folder where the file may be; without one all items are held
 * @param held of a test: bytes after which a run is written
 */
export async function* sorted<P>(
  items: AsyncIterable<readonly FeedItem[]>,
  order: ItemOrder<P>,
  folder?: string,
  held = HELD
): AsyncGenerator<readonly FeedItem[]> {
  let some: FeedItem[] = []
  let weight = 0
  let last: FeedItem | undefined
  let runs: Awaited<ReturnType<typeof openRuns>> | undefined
  try {
    for await (const more of items) {
      for (const item of more) {
        const { value, comment } = item.indicator
        weight += ITEM_BYTES + value.length + (comment?.length ?? 0)
        if (item.bulletin !== last?.bulletin) weight += BULLETIN_BYTES
        last = item
        some.push(item)
        if (folder === undefined || weight < held) continue
        runs ??= await openRuns(folder)
        await runs.add(some, await ordered(some, order))
        some = []
        weight = 0
      }
    }
    const rest = await ordered(some, order)
    if (runs === undefined) {
      for (let at = 0; at < rest.length; at += STRETCH) {
        yield Array.from(rest.subarray(at, at + STRETCH), (number) => some[number] as FeedItem)
        await turn()
      }
      return
    }
    await runs.add(some, rest)
    some = []
    yield* merged(runs.read(), order)
  } finally {
    await runs?.close()
  }
}

interface Front<P> {
  readonly run: Run
  /** Earlier runs came earlier. */
  readonly number: number
  item: FeedItem
  place: P
}

async function* merged<P>(runs: readonly Run[], order: ItemOrder<P>): AsyncGenerator<readonly FeedItem[]> {
  // A binary heap with the first item on top.
  const heap: Front<P>[] = []
  for (const [number, run] of runs.entries()) {
    const item = run.next() ?? (await run.refill())
    if (item !== undefined) heap.push({ run, number, item, place: order.placeOf(item) })
  }
  const isBefore = (a: Front<P>, b: Front<P>): boolean => (order.compare(a.place, b.place) || a.number - b.number) < 0
  heap.sort((a, b) => (isBefore(a, b) ? -1 : 1))
  let out: FeedItem[] = []
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    out.push(top.item)
    const next = top.run.next() ?? (await top.run.refill())
    if (next === undefined) {
      const end = heap.pop() as Front<P>
      if (end !== top) heap[0] = end
    } else {
      top.item = next
      top.place = order.placeOf(next)
    }
    sink(heap, isBefore)
    if (out.length < STRETCH) continue
    yield out
    out = []
    await turn()
  }
  if (out.length > 0) yield out
}

/** Puts the top where it belongs. */
function sink<F>(heap: F[], isBefore: (a: F, b: F) => boolean): void {
  const moved = heap[0]
  if (moved === undefined) return
  let at = 0
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
    if (left === undefined) break
    const takesRight = right !== undefined && isBefore(right, left)
    const first = takesRight ? right : left
    if (isBefore(moved, first)) break
    heap[at] = first
    at = 2 * at + (takesRight ? 2 : 1)
  }
  heap[at] = moved
}
