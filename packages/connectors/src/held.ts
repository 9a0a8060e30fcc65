/** Items held as bytes until they are as many as a run has. */
import type { FeedBulletin, FeedItem } from './feed.ts'
import { bulletinKey, compareUtf8, type FeedOrder } from './order.ts'
import { ordered } from './ordered.ts'
import { bulletinOf, restOf, roomFor, setShared, TEXT, textEnd, writeRecord } from './record.ts'

/** Records in order, one behind the other, and the bulletins that they name by number. */
export interface SortedRecords {
  readonly bytes: Buffer
  readonly bulletins: readonly FeedBulletin[]
}

export interface Held {
  readonly length: number
  /** Bytes, bulletins among them. */
  readonly weight: number
  add(item: FeedItem): void
  /** What is held in order, equals in that of their arrival; nothing is held any longer. */
  take(): SortedRecords
}

const FIRST = 16 * 1024
/** What a bulletin takes in memory. */
const BULLETIN_BYTES = 500

/** What so many bytes of records and so many bulletins take in memory. */
export const weightOf = (bytes: number, bulletins: number): number => bytes + BULLETIN_BYTES * bulletins

export function createHeld(order: FeedOrder): Held {
  let bytes = Buffer.allocUnsafe(FIRST)
  let used = 0
  let starts: number[] = []
  let numbers = new Map<FeedBulletin, number>()
  let last: FeedBulletin | undefined
  let number = 0

  function numberOf(bulletin: FeedBulletin): number {
    if (bulletin === last) return number
    last = bulletin
    number = numbers.get(bulletin) ?? numbers.size
    numbers.set(bulletin, number)
    return number
  }

  return {
    get length() {
      return starts.length
    },
    get weight() {
      return weightOf(used, numbers.size)
    },
    add: ({ indicator, bulletin }) => {
      const rest = restOf(indicator)
      // Twice, since they are put in order behind where they came.
      const most = 2 * (used + roomFor(indicator, rest))
      if (most > bytes.length) bytes = Buffer.concat([bytes.subarray(0, used)], 2 * most)
      starts.push(used)
      used = writeRecord(bytes, used, indicator, rest, numberOf(bulletin))
    },
    take: () => {
      const bulletins = [...numbers.keys()]
      const records = { bytes: inOrder(bytes, Uint32Array.from([...starts, used]), bulletins, order), bulletins }
      used = 0
      starts = []
      numbers = new Map()
      last = undefined
      return records
    }
  }
}

/** The records that begin at `starts` (the last of which is the end of all), in order and with what each shares. */
function inOrder(bytes: Buffer, starts: Uint32Array, bulletins: readonly FeedBulletin[], order: FeedOrder): Buffer {
  const records = starts.subarray(0, -1)
  const ends = records.map((start) => textEnd(bytes, start))
  const ranked = order === 'value' ? undefined : ranksOf(bulletins)
  const ranks = ranked && records.map((start) => ranked[bulletinOf(bytes, start)] as number)
  const numbers = ordered({ bytes, starts: records.map((start) => start + TEXT), ends, ranks })

  /** As `record.ts` has it, of the record before, if there is one. */
  function shared(before: number | undefined, number: number): number {
    if (ranks !== undefined && (before === undefined || ranks[before] !== ranks[number])) return 0
    if (before === undefined) return 1
    const a = (starts[before] as number) + TEXT
    const b = (starts[number] as number) + TEXT
    const most = Math.min((ends[before] as number) - a, (ends[number] as number) - b)
    let common = 0
    while (common < most && bytes[a + common] === bytes[b + common]) common += 1
    return 1 + common
  }

  // Behind the records, since bytes move quickest within a buffer.
  const first = starts.at(-1) as number
  let at = first
  let before: number | undefined
  for (const number of numbers) {
    const start = starts[number] as number
    const end = starts[number + 1] as number
    bytes.copyWithin(at, start, end)
    setShared(bytes, at, shared(before, number))
    at += end - start
    before = number
  }
  return Buffer.from(bytes.subarray(first, at))
}

/** Bulletins by their place among each other; the same for two objects of one. */
function ranksOf(bulletins: readonly FeedBulletin[]): Uint32Array {
  const keys = bulletins.map(bulletinKey)
  const ranks = new Map([...new Set(keys)].sort(compareUtf8).map((key, rank) => [key, rank]))
  return Uint32Array.from(keys, (key) => ranks.get(key) as number)
}
