/**
 * Runs of items in a file without a name. Each run is the bulletins that its items are of, then its items in order:
 *
 *   bulletin  length u32, JSON
 *   item      type code u8, flags u8, bulletin's place in the file u48, length u32, value, [length u32, JSON of the rest]
 */
import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { INDICATOR_TYPE_NAMES, INDICATOR_TYPES, type Indicator, type IndicatorType } from '@tocsin/model'
import type { FeedBulletin, FeedItem } from './feed.ts'
import { openNameless } from './nameless.ts'

/** One run, read from its beginning. */
export interface Run {
  /** The next item in memory; undefined where the file must be asked. */
  next(): FeedItem | undefined
  /** Reads on, and gives the next item; undefined at the end. */
  refill(): Promise<FeedItem | undefined>
}

export interface Runs {
  /** Appends these items in the order of `order`, their numbers. */
  add(items: readonly FeedItem[], order: Uint32Array): Promise<void>
  /** Every run that was added, in order. */
  read(): readonly Run[]
  /** The file is gone. */
  close(): Promise<void>
}

const MALICIOUS = 1
/** Two bytes a character; else one. */
const WIDE = 2
const HAS_REST = 4

const HEAD = 12
/** Read at a time of each run, bytes. */
const PIECE = 128 * 1024
/** Written at a time, bytes. */
const WRITTEN = 3 * PIECE
/** Bulletins of which the items come again and again; those of others are read anew. */
const REMEMBERED = 4096
/** Most bulletins are shorter, bytes. */
const USUAL = 1024

const TYPES: readonly (IndicatorType | undefined)[] = INDICATOR_TYPE_NAMES.reduce<(IndicatorType | undefined)[]>(
  (all, type) => {
    all[INDICATOR_TYPES[type].code] = type
    return all
  },
  []
)

const BEYOND_BYTES = /[^\0-\xff]/

/** Makes the file in `folder`. */
export async function openRuns(folder: string): Promise<Runs> {
  const file = await openNameless(folder)
  const bounds: { readonly start: number; readonly end: number }[] = []
  const bulletins = createBulletins(file)
  let piece = Buffer.allocUnsafeSlow(WRITTEN)
  let size = 0

  async function append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, size)
      at += bytesWritten
      size += bytesWritten
    }
  }

  /** Writes what is used of the piece; after it so many bytes fit. Gives what is used then. */
  async function flush(used: number, bytes: number): Promise<number> {
    await append(piece.subarray(0, used))
    if (bytes > piece.length) piece = Buffer.allocUnsafeSlow(bytes)
    return 0
  }

  async function add(items: readonly FeedItem[], order: Uint32Array): Promise<void> {
    const places = new Map<FeedBulletin, number>()
    let used = 0
    for (const { bulletin } of items) {
      if (places.has(bulletin)) continue
      const text = JSON.stringify(bulletin)
      const most = 4 + 3 * text.length
      if (used + most > piece.length) used = await flush(used, most)
      places.set(bulletin, size + used)
      const length = piece.write(text, used + 4)
      piece.writeUInt32LE(length, used)
      used += 4 + length
    }
    const start = size + used
    for (const number of order) {
      const { indicator, bulletin } = items[number] as FeedItem
      const rest = restOf(indicator)
      const most = HEAD + 2 * indicator.value.length + 4 + 3 * (rest?.length ?? 0)
      if (used + most > piece.length) used = await flush(used, most)
      used = writeItem(piece, used, indicator, rest, places.get(bulletin) ?? 0)
    }
    await flush(used, 0)
    bounds.push({ start, end: size })
  }

  return {
    add,
    read: () => bounds.map(({ start, end }) => readRun(file, start, end, bulletins)),
    close: () => file.close()
  }
}

/** Gives the end of what it wrote. */
function writeItem(
  piece: Buffer,
  start: number,
  { type, value, role }: Indicator,
  rest: string | undefined,
  bulletin: number
): number {
  const isWide = BEYOND_BYTES.test(value)
  piece[start] = INDICATOR_TYPES[type].code
  piece[start + 1] = (role === 'malicious' ? MALICIOUS : 0) | (isWide ? WIDE : 0) | (rest === undefined ? 0 : HAS_REST)
  piece.writeUIntLE(bulletin, start + 2, 6)
  const length = piece.write(value, start + HEAD, isWide ? 'utf16le' : 'latin1')
  piece.writeUInt32LE(length, start + 8)
  const end = start + HEAD + length
  if (rest === undefined) return end
  const written = piece.write(rest, end + 4)
  piece.writeUInt32LE(written, end)
  return end + 4 + written
}

/** JSON of what few indicators have; undefined where there is nothing else. */
function restOf(indicator: Indicator): string | undefined {
  for (const name in indicator) {
    if (name === 'type' || name === 'value' || name === 'role') continue
    const { type: _, value: __, role: ___, ...rest } = indicator
    return JSON.stringify(rest)
  }
  return undefined
}

function readRun(file: FileHandle, start: number, end: number, bulletinAt: (place: number) => FeedBulletin): Run {
  let piece = Buffer.alloc(0)
  /** Of `piece` what was read, and what is there. */
  let at = 0
  let used = 0
  let from = start

  function next(): FeedItem | undefined {
    if (at + HEAD > used) return undefined
    const flags = piece[at + 1] ?? 0
    const ends = at + HEAD + piece.readUInt32LE(at + 8)
    let rest: Partial<Indicator> | undefined
    let after = ends
    if ((flags & HAS_REST) !== 0) {
      if (ends + 4 > used) return undefined
      after = ends + 4 + piece.readUInt32LE(ends)
      if (after > used) return undefined
      rest = JSON.parse(piece.toString('utf8', ends + 4, after)) as Partial<Indicator>
    } else if (ends > used) return undefined
    const value = piece.toString((flags & WIDE) !== 0 ? 'utf16le' : 'latin1', at + HEAD, ends)
    const type = TYPES[piece[at] ?? 0] as IndicatorType
    const role = (flags & MALICIOUS) !== 0 ? 'malicious' : 'context'
    const bulletin = bulletinAt(piece.readUIntLE(at + 2, 6))
    at = after
    const indicator = rest === undefined ? { type, value, role } : { type, value, role, ...rest }
    return { indicator: indicator as Indicator, bulletin }
  }

  /** What is left, and a piece more; twice as much where not even one item fits. */
  async function more(): Promise<void> {
    const left = used - at
    const to = piece.length >= 2 * left && piece.length > 0 ? piece : Buffer.allocUnsafeSlow(Math.max(PIECE, 2 * left))
    piece.copy(to, 0, at, used)
    const { bytesRead } = await file.read(to, left, Math.min(to.length - left, end - from), from)
    if (bytesRead === 0) throw new Error('the file in which a feed is sorted is cut')
    piece = to
    at = 0
    used = left + bytesRead
    from += bytesRead
  }

  return {
    next,
    refill: async () => {
      let item = next()
      while (item === undefined && from < end) {
        await more()
        item = next()
      }
      return item
    }
  }
}

/** Reads bulletins where they stand, the same one as the same object while it is remembered. */
function createBulletins(file: FileHandle): (place: number) => FeedBulletin {
  const known = new Map<number, FeedBulletin>()
  let piece = Buffer.allocUnsafe(USUAL)
  // At once, since almost always from memory: a turn for each item costs more than the item.
  return (place) => {
    const found = known.get(place)
    if (found !== undefined) return found
    const read = readSync(file.fd, piece, 0, piece.length, place)
    const length = piece.readUInt32LE(0)
    if (4 + length > read) {
      piece = Buffer.allocUnsafe(4 + length)
      if (readSync(file.fd, piece, 0, piece.length, place) < piece.length)
        throw new Error('the file in which a feed is sorted is cut')
    }
    const bulletin = JSON.parse(piece.toString('utf8', 4, 4 + length)) as FeedBulletin
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? 0)
    known.set(place, bulletin)
    return bulletin
  }
}
