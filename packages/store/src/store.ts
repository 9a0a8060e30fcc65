/**
 * One Level database: synchronous reads, and writes that only ever happen in a transaction. Transactions queue up
 * while a write is on its way to the disk and then go together in one atomic, fsync'd batch (group commit): one
 * fsync costs about a quarter of a millisecond, so a burst of a hundred pays it once (P2P.md, Level).
 */
import { statfsSync } from 'node:fs'
import type { AbstractLevel } from 'abstract-level'
import { Level } from 'level'
import { StoreError } from './errors.ts'
import { type Found, lookAtFiles, refuseCutTables } from './files.ts'
import { keys, type Range, startingWith } from './keyspace.ts'
import { createOverlay, type Overlay } from './overlay.ts'
import type { PackedRows } from './packed.ts'
import { createPlaces, type Places } from './places.ts'
import { readRow, writeRow } from './rows.ts'

export type Database = AbstractLevel<string | Buffer | Uint8Array, Uint8Array, Uint8Array>

/** Reads see what this transaction and the ones before it in the same group wrote. */
export interface Tx {
  get(key: Uint8Array): Uint8Array | undefined
  put(key: Uint8Array, value: Uint8Array): void
  del(key: Uint8Array): void
  /** Every row of these as `put` would; nothing changes them afterwards. */
  putRows(rows: PackedRows): void
  /** Runs once the group is on disk, in order, before the transaction resolves; never when the write failed. */
  committed(then: () => void): void
}

export interface TransactOptions {
  /** This work erases more than it writes: it goes on when the disk is full, or nothing could ever be freed. */
  readonly frees?: boolean
}

export interface Store {
  get(key: Uint8Array): Uint8Array | undefined
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  scan(
    range: Range,
    options?: { readonly reverse?: boolean; readonly limit?: number }
  ): AsyncIterable<[Uint8Array, Uint8Array]>
  /**
   * Runs `work` (synchronous, reads and writes through `tx`) and resolves with what it returned once it is durable.
   * When `work` throws nothing of it is written and the others of its group are not touched; what a `committed`
   * callback throws rejects its own transaction alone, which is durable all the same.
   * @throws StoreError store-disk-full, store-write-failed, store-closed
   */
  transact<T>(work: (tx: Tx) => T, options?: TransactOptions): Promise<T>
  /** Remembers, from now on and in the background for what is held, where rows of values stand. Never rejects. */
  learn(): Promise<void>
  /** Rows of exactly this value (`valuePart`, `zonePart`), in order; undefined where a scan has to find them. */
  valueRows(part: Uint8Array): readonly (readonly [Uint8Array, Uint8Array])[] | undefined
  /** False only if no name below the one of this `zonePart` is held. */
  mayHoldBelow(part: Uint8Array): boolean
  /** Moves with every batch that was written: what was read is as it was while this is. */
  changes(): number
  /** Lets erased rows leave the files: LevelDB keeps deleted values until they are merged away. */
  compact(): Promise<void>
  /** Undefined while writes are taken, else the code of what stopped them. */
  failure(): string | undefined
  close(): Promise<void>
}

export interface StoreOptions {
  /** Folder of the database. */
  readonly path: string
  /** Below this many free bytes nothing is accepted, so that LevelDB itself never meets a full disk. */
  readonly minFreeBytes?: number
  /** Another database of the same interface (tests, simulation). */
  readonly database?: Database
  /** What stands for the free space of the disk where another database stands for the disk. */
  readonly freeBytes?: () => number
}

const FORMAT = 1
const MIN_FREE_BYTES = 64 * 1024 * 1024
/** A group ends here, so that one fsync never waits for an unbounded batch. */
const GROUP_MAX_WORKS = 512
const GROUP_MAX_BYTES = 2 * 1024 * 1024
/** After so much of a group others have their turn: a bulletin or two of a thousand indicators, some milliseconds. */
const TURN_BYTES = 256 * 1024
/** fsync before the batch resolves. */
const SYNC: object = { sync: true }

interface Pending {
  readonly run: (tx: Tx) => void
  readonly frees: boolean
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface Done {
  readonly pending: Pending
  readonly callbacks: readonly (() => void)[]
}

/**
 * Opens the store, alone: a second process fails with `store-locked`.
 * @throws StoreError store-locked, store-damaged, store-version-unknown
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const found: Found = options.database === undefined ? await lookAtFiles(options.path) : { held: false, cut: [] }
  const database =
    options.database ?? (new Level(options.path, { keyEncoding: 'view', valueEncoding: 'view' }) as unknown as Database)
  await open(database)
  const queue: Pending[] = []
  let running = false
  let draining: Promise<void> = Promise.resolve()
  let failed: string | undefined
  let full = false
  let closed = false
  let places: Places | undefined
  let learnt = false
  let changes = 0
  let learning: Promise<void> = Promise.resolve()

  function read(key: Uint8Array): Uint8Array | undefined {
    if (closed && database.status !== 'open') throw new StoreError('store-closed', 'the store is closed')
    try {
      return database.getSync(key)
    } catch (error) {
      return unreadable(error)
    }
  }

  try {
    await refuseCutTables(options.path, found.cut)
    checkFormat(read(keys.local('meta', 'format')), found.held)
    await database.batch(
      [{ type: 'put', key: keys.local('meta', 'format'), value: writeRow({ format: FORMAT }) }],
      SYNC
    )
  } catch (error) {
    await database.close()
    throw error instanceof StoreError ? error : new StoreError('store-write-failed', 'the store cannot be written')
  }

  function transact<T>(work: (tx: Tx) => T, { frees = false }: TransactOptions = {}): Promise<T> {
    if (closed) return Promise.reject(new StoreError('store-closed', 'the store is closed'))
    return new Promise<T>((resolve, reject) => {
      let result: T
      queue.push({
        run: (tx) => {
          result = work(tx)
        },
        frees,
        resolve: () => resolve(result),
        reject
      })
      // Set and cleared in the same turn as the queue is looked at: a work queued by the answer to another is not lost.
      if (!running) {
        running = true
        draining = drain()
      }
    })
  }

  async function drain(): Promise<void> {
    // One turn of the event loop lets works that arrive together share a group.
    await turn()
    while (queue.length > 0) {
      const refused = noSpace(options)
      full = refused?.code === 'store-disk-full'
      const group = createOverlay()
      const done: Done[] = []
      while (queue.length > 0 && done.length < GROUP_MAX_WORKS && group.bytes() < GROUP_MAX_BYTES) {
        const pending = queue.shift() as Pending
        const stopped = failed === undefined ? refused : earlierFailure(failed)
        if (stopped !== undefined && !(full && pending.frees && failed === undefined)) {
          pending.reject(stopped)
          continue
        }
        const before = group.bytes()
        try {
          done.push({ pending, callbacks: runIn(group, read, pending.run) })
        } catch (error) {
          pending.reject(error)
        }
        // By what was written and not by the clock, so that a simulation goes the same way every time.
        if (Math.floor(group.bytes() / TURN_BYTES) > Math.floor(before / TURN_BYTES)) await turn()
      }
      await commit(group, done)
    }
    running = false
  }

  async function commit(group: Overlay, done: readonly Done[]): Promise<void> {
    try {
      const operations = group.operations()
      if (operations.length > 0) await database.batch(operations, SYNC)
      places?.note(operations)
      changes += 1
    } catch (error) {
      failed = 'store-write-failed'
      const failure = new StoreError('store-write-failed', 'a write did not reach the disk', { cause: String(error) })
      for (const { pending } of done) pending.reject(failure)
      return
    }
    // First what all of them change in memory, in order, then their answers: nobody is told before the rest is in place.
    const answers = done.map(({ pending, callbacks }) => answerOf(pending, callbacks))
    for (const answer of answers) answer()
  }

  async function load(into: Places): Promise<void> {
    try {
      for (const range of LEARNT) {
        const found = database.keys(range)
        try {
          for (let some = await found.nextv(1000); some.length > 0 && !closed; some = await found.nextv(1000))
            for (const key of some) into.add(key as Uint8Array)
        } finally {
          await found.close()
        }
      }
      learnt = !closed
    } catch {
      // What cannot be read is found, and said, by whoever asks for it.
      places = undefined
    }
  }

  return {
    get: read,
    learn: () => {
      if (places === undefined && !closed) {
        places = createPlaces()
        learning = load(places)
      }
      return learning
    },
    valueRows: (part) => {
      const found = learnt ? places?.of(part) : undefined
      return found?.flatMap(({ arrival, index }) => {
        const key = keys.indicator(part, arrival, index)
        const value = read(key)
        return value === undefined ? [] : [[key, value] as const]
      })
    },
    changes: () => changes,
    mayHoldBelow: (part) => !learnt || (places?.mayHoldBelow(part) ?? true),
    getMany: (wanted) => database.getMany([...wanted]).catch(unreadable),
    scan: (range, extra = {}) =>
      learnt && isBeginning(range) && places?.mayHold(range.gte) === false
        ? nothing()
        : readable(database.iterator({ ...range, reverse: extra.reverse ?? false, limit: extra.limit ?? -1 })),
    transact,
    compact: () => compact(database),
    failure: () => failed ?? (full ? 'store-disk-full' : undefined),
    close: async () => {
      closed = true
      await draining
      await learning
      await database.close()
    }
  }
}

/**
 * Merges everything down. A flushed memtable may land on a level below which nothing overlaps, and no compaction ever
 * rewrites such a file, deleted values and all: so the first pass flushes, then two rows at the very ends make a file
 * that overlaps all others, and the second pass has to merge them.
 */
async function compact(database: Database): Promise<void> {
  const { compactRange } = database as unknown as { compactRange?: CompactRange }
  if (compactRange === undefined) return
  const pass = (): Promise<void> => compactRange.call(database, FIRST_KEY, LAST_KEY, { keyEncoding: 'view' })
  await pass()
  const now = new Uint8Array(0)
  await database.batch([FIRST_KEY, LAST_KEY].map((key) => ({ type: 'put', key, value: now }) as const))
  await pass()
}

type CompactRange = (from: Uint8Array, to: Uint8Array, options: object) => Promise<void>
const FIRST_KEY = Uint8Array.of(0)
const LAST_KEY = Uint8Array.of(0xff)

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Runs the work over the group's writes; what it wrote joins them only when it did not throw. */
function runIn(
  group: Overlay,
  read: (key: Uint8Array) => Uint8Array | undefined,
  run: (tx: Tx) => void
): (() => void)[] {
  const own = createOverlay()
  const callbacks: (() => void)[] = []
  run({
    get: (key) => {
      const pending = own.get(key) ?? group.get(key)
      return pending === undefined ? read(key) : (pending.value ?? undefined)
    },
    put: own.write,
    del: (key) => own.write(key, null),
    putRows: own.writeRows,
    committed: (then) => callbacks.push(then)
  })
  group.join(own)
  return callbacks
}

/** Where `Places` looks: sightings, disablings, values. */
const LEARNT: readonly Range[] = ['g', 'z', 'v'].map((prefix) => startingWith(Uint8Array.of(prefix.charCodeAt(0))))

/** Whether the range is all keys with one beginning. */
function isBeginning({ gte, lt }: Range): boolean {
  return Buffer.compare(startingWith(gte).lt, lt) === 0
}

async function* nothing(): AsyncGenerator<never> {}

function answerOf(pending: Pending, callbacks: readonly (() => void)[]): () => void {
  const errors: unknown[] = []
  for (const callback of callbacks) {
    try {
      callback()
    } catch (error) {
      errors.push(error)
    }
  }
  return errors.length === 0 ? pending.resolve : () => pending.reject(errors[0])
}

function earlierFailure(code: string): StoreError {
  return new StoreError('store-write-failed', 'an earlier write failed; restart the node', { code })
}

/** A table can be whole and hold noise: LevelDB finds that when it reads the block. */
function unreadable(error: unknown): never {
  if (error instanceof Error && (error as { code?: string }).code === 'LEVEL_DATABASE_NOT_OPEN')
    throw new StoreError('store-closed', 'the store is closed')
  throw new StoreError('store-damaged', 'a row cannot be read', { cause: String(error) })
}

/** The same rows; what the reader itself throws meanwhile stays its own. */
function readable<Row>(rows: AsyncIterable<Row>): AsyncIterable<Row> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = rows[Symbol.asyncIterator]()
      return {
        next: () => iterator.next().catch(unreadable),
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined }
      }
    }
  }
}

async function open(database: Database): Promise<void> {
  try {
    await database.open()
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
    const code = (cause as { code?: string } | undefined)?.code
    const facts = { cause: String(cause?.message ?? error) }
    if (code === 'LEVEL_LOCKED') throw new StoreError('store-locked', 'another process has this store open', facts)
    throw new StoreError('store-damaged', 'the store cannot be opened', facts)
  }
}

function checkFormat(row: Uint8Array | undefined, held: boolean): void {
  if (row === undefined) {
    // LevelDB takes a cut MANIFEST for an earlier state, in which the rows are not there any more.
    if (held) throw new StoreError('store-damaged', 'the rows of the store are lost')
    return
  }
  let format: unknown
  try {
    format = readRow<{ format: unknown }>(row).format
  } catch {
    throw new StoreError('store-damaged', 'the store does not say its format')
  }
  if (format !== FORMAT)
    throw new StoreError('store-version-unknown', 'the store is of another version', { format, known: FORMAT })
}

/** Synchronous: the call takes two microseconds, and a turn of the thread pool many times that. */
function noSpace(options: StoreOptions): StoreError | undefined {
  if (options.database !== undefined && options.freeBytes === undefined) return undefined
  const least = options.minFreeBytes ?? MIN_FREE_BYTES
  try {
    const free = options.freeBytes?.() ?? freeBytesOf(options.path)
    if (free >= least) return undefined
    return new StoreError('store-disk-full', 'too little space is left on the disk', { free, least })
  } catch (error) {
    return new StoreError('store-write-failed', 'the folder of the store is gone', { cause: String(error) })
  }
}

function freeBytesOf(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}
