/** Items in order in bounded memory: as bytes, in sorted runs, of which what is too much to hold goes into a file. */
import type { FeedItem } from './feed.ts'
import { createHeld } from './held.ts'
import { merged } from './merged.ts'
import type { FeedOrder } from './order.ts'
import { createRuns } from './runs.ts'

/** Sorted at a time, bytes: a few milliseconds. */
const RUN = 1024 * 1024
/** Held in memory where there is a file for the rest, bytes. */
const MOST = 16 * RUN
/** Items handed on at a stretch: a few milliseconds, after which others have their turn. */
const STRETCH = 2048

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * The items in this order, some at a time; what it calls equal in the order of their arrival.
 * @param folder where the file may be; without one all items are held
 * @param sizes of a test: bytes of a run, and those held in memory
 */
export async function* sorted(
  items: AsyncIterable<readonly FeedItem[]>,
  order: FeedOrder,
  folder?: string,
  { run = RUN, most = MOST } = {}
): AsyncGenerator<readonly FeedItem[]> {
  const held = createHeld(order)
  const runs = createRuns(folder, most)
  try {
    for await (const some of items) {
      for (const item of some) {
        held.add(item)
        if (held.weight < run) continue
        await runs.add(held.take())
        await turn()
      }
    }
    if (held.weight > 0) await runs.add(held.take())
    for await (const some of merged(runs.read(), STRETCH)) {
      yield some
      await turn()
    }
  } finally {
    await runs.close()
  }
}
