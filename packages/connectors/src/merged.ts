/**
 * Runs into one. A tree of losers: whoever stands first meets, once it has moved on, only those that lost to it. What is compared
 * is how each differs from the record handed out last, one number; bytes are looked at only where these are equal, and
 * only behind what is known to be (offset-value codes, Conner 1977).
 */
import type { FeedItem } from './feed.ts'
import { compareKeys } from './order.ts'
import { readRecord, sharedOf, TEXT, textEnd } from './record.ts'
import type { Run } from './runs.ts'

/** More than a record has bytes. */
const MOST = 2 ** 32
/** Of a run that is at its end. */
const LAST = Number.POSITIVE_INFINITY
/** Nothing is different. */
const EQUAL = 0

/** Items in order, so many at a stretch; equal ones in the order of the runs. */
export async function* merged(runs: readonly Run[], stretch: number): AsyncGenerator<FeedItem[]> {
  for (const run of runs) await run.refill()
  const tree = createTree(runs)
  let out: FeedItem[] = []
  for (let waits = tree.take(out, stretch); waits !== undefined || out.length > 0; waits = tree.take(out, stretch)) {
    if (waits !== undefined) {
      await waits.refill()
      tree.moved()
      continue
    }
    yield out
    out = []
  }
}

function createTree(runs: readonly Run[]) {
  const codes = Float64Array.from(runs, codeOf)
  // Of each inner node the loser; the leaves follow them.
  const losers = new Int32Array(runs.length)
  let first = runs.length < 2 ? 0 : play(1)

  function play(node: number): number {
    if (node >= runs.length) return node - runs.length
    const a = play(2 * node)
    const b = play(2 * node + 1)
    const winner = firstOf(a, b)
    losers[node] = winner === a ? b : a
    return winner
  }

  /** Which of two comes first; the code of the other is then what it has to that one. */
  function firstOf(a: number, b: number): number {
    const code = codes[a] as number
    const other = codes[b] as number
    if (code !== other) return code < other ? a : b
    return code === EQUAL || code === LAST ? Math.min(a, b) : compared(a, b, code)
  }

  /** Of two that differ from the record before at the same place and alike. */
  function compared(a: number, b: number, code: number): number {
    const x = runs[a] as Run
    const y = runs[b] as Run
    // What is known to be equal.
    let at = MOST - Math.floor(code / 256)
    if (at === 0) {
      const order = compareKeys(x.bulletin(), y.bulletin())
      if (order !== 0) return order < 0 ? a : b
    }
    const from = x.start + TEXT
    const to = y.start + TEXT
    const most = Math.min(textEnd(x.bytes, x.start) - from, textEnd(y.bytes, y.start) - to)
    while (at < most && x.bytes[from + at] === y.bytes[to + at]) at += 1
    const byte = byteAt(x, at)
    const its = byteAt(y, at)
    const isFirst = byte < its || (byte === its && a < b)
    const second = isFirst ? b : a
    codes[second] = byte === its ? EQUAL : codeAt(runs[second] as Run, at + 1)
    return isFirst ? a : b
  }

  /** The first run has gone on: looks which one is first now. */
  function moved(): void {
    codes[first] = codeOf(runs[first] as Run)
    for (let node = (first + runs.length) >> 1; node > 0; node >>= 1) {
      const other = losers[node] as number
      const winner = firstOf(first, other)
      if (winner !== first) losers[node] = first
      first = winner
    }
  }

  return {
    moved,
    /** Puts items into `out` until it has so many, or all there are; gives the run that must be refilled before the next. */
    take: (out: FeedItem[], most: number): Run | undefined => {
      while (out.length < most && runs.length > 0) {
        const run = runs[first] as Run
        if (!run.isOpen) return undefined
        out.push(readRecord(run.bytes, run.start, run.bulletin()))
        if (!run.next()) return run
        moved()
      }
      return undefined
    }
  }
}

/** Of a record that differs from the one before it in its run. */
function codeOf(run: Run): number {
  if (!run.isOpen) return LAST
  const { bytes, start } = run
  const shared = sharedOf(bytes, start)
  return start + TEXT + shared - 1 === textEnd(bytes, start) ? EQUAL : codeAt(run, shared)
}

/** The earlier two texts differ, and the higher the byte, the later. Before all bytes, at 0, comes the bulletin. */
function codeAt({ bytes, start }: Run, place: number): number {
  return (MOST - place) * 256 + (place === 0 ? 0 : (bytes[start + TEXT + place - 1] as number))
}

/** A byte of code and key; behind them what is before all bytes. */
function byteAt({ bytes, start }: Run, at: number): number {
  return start + TEXT + at < textEnd(bytes, start) ? (bytes[start + TEXT + at] as number) : -1
}
