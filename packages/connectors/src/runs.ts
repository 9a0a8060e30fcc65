/** Sorted records, held in memory while they are few and else in a file without a name: the bulletins of a run, then its records. */
import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { FeedBulletin } from './feed.ts'
import { type SortedRecords, weightOf } from './held.ts'
import { openNameless } from './nameless.ts'
import { bulletinOf, recordEnd } from './record.ts'

/** One run, read from its beginning. */
export interface Run {
  /** Where the record lies that is read. */
  readonly bytes: Buffer
  readonly start: number
  /** False at the end. */
  readonly isOpen: boolean
  /** Goes on to the next record of those in memory; false where there is none. */
  next(): boolean
  /** Reads on, and goes to the next record or to the end. */
  refill(): Promise<void>
  /** That of the record. */
  bulletin(): FeedBulletin
}

export interface Runs {
  add(records: SortedRecords): Promise<void>
  /** Every run that was added, in order. */
  read(): readonly Run[]
  /** The file is gone. */
  close(): Promise<void>
}

/** Read at a time of each run, bytes. */
const PIECE = 128 * 1024
/** Bulletins of which the items come again and again; those of others are read anew. */
const REMEMBERED = 4096

/**
 * @param folder where the file may be made; without one all runs are held
 * @param most held in memory, bytes
 */
export function createRuns(folder: string | undefined, most: number): Runs {
  const runs: Run[] = []
  let held = 0
  let file: FileHandle | undefined
  let size = 0
  let bulletinAt: ReturnType<typeof createBulletins>

  async function append(to: FileHandle, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await to.write(bytes, at, bytes.length - at, size)
      at += bytesWritten
      size += bytesWritten
    }
  }

  async function put(to: FileHandle, { bytes, bulletins }: SortedRecords): Promise<Run> {
    const texts = bulletins.map((bulletin) => Buffer.from(JSON.stringify(bulletin)))
    const places = new Float64Array(bulletins.length + 1)
    for (const [number, text] of texts.entries()) places[number + 1] = (places[number] as number) + text.length
    const first = size
    await append(to, Buffer.concat(texts))
    const start = size
    await append(to, bytes)
    const bulletin = (number: number): FeedBulletin =>
      bulletinAt(first + (places[number] as number), first + (places[number + 1] as number))
    return readRun(Buffer.alloc(0), bulletin, { file: to, start, end: size })
  }

  return {
    add: async (records) => {
      const { bytes, bulletins } = records
      const weight = weightOf(bytes.length, bulletins.length)
      if (folder === undefined || held + weight <= most) {
        held += weight
        runs.push(readRun(bytes, (number) => bulletins[number] as FeedBulletin))
        return
      }
      if (file === undefined) {
        file = await openNameless(folder)
        bulletinAt = createBulletins(file)
      }
      runs.push(await put(file, records))
    },
    read: () => runs,
    close: async () => file?.close()
  }
}

interface Part {
  readonly file: FileHandle
  readonly start: number
  readonly end: number
}

/** Reads what is in `bytes`, and then the part of a file. */
function readRun(held: Buffer, bulletinAt: (number: number) => FeedBulletin, part?: Part): Run {
  let from = part?.start ?? 0
  const until = part?.end ?? 0
  /** Of the bytes what is there, and where the next record begins. */
  let used = held.length
  let after = 0

  /** What is left, and a piece more; twice as much where not even one record fits. */
  async function more(file: FileHandle): Promise<void> {
    const left = used - after
    const { bytes } = run
    const to = bytes.length >= 2 * left && bytes.length > 0 ? bytes : Buffer.allocUnsafeSlow(Math.max(PIECE, 2 * left))
    bytes.copy(to, 0, after, used)
    const { bytesRead } = await file.read(to, left, Math.min(to.length - left, until - from), from)
    if (bytesRead === 0) throw new Error('the file in which a feed is sorted is cut')
    run.bytes = to
    after = 0
    used = left + bytesRead
    from += bytesRead
  }

  const run = {
    bytes: held,
    start: 0,
    isOpen: true,
    next: () => {
      const end = recordEnd(run.bytes, after, used)
      if (end === undefined) return false
      run.start = after
      after = end
      return true
    },
    refill: async () => {
      while (!run.next()) {
        if (part === undefined || from >= until) {
          run.isOpen = false
          return
        }
        await more(part.file)
      }
    },
    bulletin: () => bulletinAt(bulletinOf(run.bytes, run.start))
  }
  return run
}

/** Reads bulletins where they stand, the same one as the same object while it is remembered. */
function createBulletins({ fd }: FileHandle): (start: number, end: number) => FeedBulletin {
  const known = new Map<number, FeedBulletin>()
  // At once, since almost always from memory: a turn for each item costs more than the item.
  return (start, end) => {
    const found = known.get(start)
    if (found !== undefined) return found
    const bytes = Buffer.allocUnsafe(end - start)
    if (readSync(fd, bytes, 0, bytes.length, start) < bytes.length)
      throw new Error('the file in which a feed is sorted is cut')
    const bulletin = JSON.parse(bytes.toString()) as FeedBulletin
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? 0)
    known.set(start, bulletin)
    return bulletin
  }
}
