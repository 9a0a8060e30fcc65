/**
 * A database in memory that models a disk: a write is seen, and its promise resolves, when the world says that it
 * reached the disk; what was written without `sync` may be lost by a crash from any point on, as the tail of LevelDB's
 * log; a batch is whole or not there. It has the part of abstract-level that the store uses, without its queues and
 * encodings: a simulation opens thousands of them.
 */
import { toLatin1 } from '@tocsin/journal'
import type { Database } from '@tocsin/store'
import { type SortedKeys, sortedKeys } from './sorted-keys.ts'

interface Row {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

/** What a batch replaced, so that it can be lost again. */
type Undo = readonly (readonly [string, Row | undefined])[]

interface Flight {
  readonly operations: readonly Operation[]
  readonly sync: boolean
  /** The process that wrote still lives. */
  readonly epoch: number
  readonly resolve: () => void
}

/** What stood on the disk at one moment. */
export interface Image {
  readonly rows: ReadonlyMap<string, Row>
}

export interface Disk {
  /** A database over this disk for a new process; that of the process before is dead from now on. */
  mount(): Database
  /** The process dies: chance decides what of the writes under way and of the unsynced ones is there afterwards. */
  crash(below: (most: number) => number): { readonly lost: number }
  image(): Image
  /** Puts another state in place; to be called while no process runs. */
  restore(image: Image): void
  /** From now on every write fails, until a new process mounts the disk. */
  breakDown(): void
  readonly size: number
}

export interface DiskOptions {
  /** Calls back when a write has reached the disk; in the order of the calls. */
  readonly later: (run: () => void) => void
}

const copyOf = ({ key, value }: Row): Row => ({ key: new Uint8Array(key), value: new Uint8Array(value) })

export function createDisk({ later }: DiskOptions): Disk {
  let rows = new Map<string, Row>()
  let sorted: SortedKeys | undefined
  let unsynced: Undo[] = []
  let flights: Flight[] = []
  let epoch = 0
  let broken = false

  function set(id: string, row: Row | undefined): void {
    const had = rows.has(id)
    if (row !== undefined) rows.set(id, row)
    else rows.delete(id)
    if (sorted === undefined || had === (row !== undefined)) return
    if (row === undefined) sorted.delete(id)
    else sorted.add(id)
  }

  function apply({ operations, sync }: Flight): void {
    const undo: (readonly [string, Row | undefined])[] = []
    for (const operation of operations) {
      const id = toLatin1(operation.key)
      if (!sync) undo.push([id, rows.get(id)])
      set(id, operation.type === 'put' ? copyOf(operation) : undefined)
    }
    // fsync covers the whole log: what was written before it is safe as well.
    if (sync) unsynced = []
    else unsynced.push(undo)
  }

  function land(flight: Flight): void {
    if (flight.epoch !== epoch) return
    flights = flights.filter((other) => other !== flight)
    apply(flight)
    flight.resolve()
  }

  function found(options: RangeOptions): [Uint8Array, Uint8Array][] {
    sorted ??= sortedKeys([...rows.keys()].sort())
    const out: [Uint8Array, Uint8Array][] = []
    for (const id of sorted.between(lowOf(options), highOf(options), options.reverse === true)) {
      if (options.limit !== undefined && options.limit >= 0 && out.length >= options.limit) break
      const row = rows.get(id)
      if (row !== undefined) out.push([row.key, row.value])
    }
    return out
  }

  function database(): unknown {
    const mine = epoch
    const self = {
      status: 'opening',
      open: async () => {
        self.status = 'open'
      },
      close: async () => {
        self.status = 'closed'
      },
      getSync: (key: Uint8Array) => {
        if (self.status !== 'open') throw notOpen()
        return rows.get(toLatin1(key))?.value
      },
      get: async (key: Uint8Array) => self.getSync(key),
      getMany: async (keys: readonly Uint8Array[]) => keys.map(self.getSync),
      batch: (operations: readonly Operation[], { sync = false }: { sync?: boolean } = {}) => {
        if (self.status !== 'open') return Promise.reject(notOpen())
        if (broken) return Promise.reject(new Error('the disk does not write'))
        return new Promise<void>((resolve) => {
          const flight = { operations, sync, epoch: mine, resolve }
          if (mine !== epoch) return
          flights.push(flight)
          if (sync) later(() => land(flight))
          else land(flight)
        })
      },
      iterator: (options: RangeOptions = {}) => iterate(found(options))
    }
    return self
  }

  return {
    mount: () => {
      epoch += 1
      broken = false
      return database() as Database
    },
    crash: (below) => {
      const landed = below(flights.length + 1)
      const under = flights.splice(0)
      for (const flight of under.slice(0, landed)) apply(flight)
      const kept = below(unsynced.length + 1)
      const lost = unsynced.splice(kept)
      for (const undo of lost.reverse()) for (const [id, row] of [...undo].reverse()) set(id, row)
      unsynced = []
      flights = []
      epoch += 1
      return { lost: lost.length }
    },
    image: () => ({ rows: new Map(rows) }),
    restore: (image) => {
      rows = new Map(image.rows)
      sorted = undefined
      unsynced = []
      flights = []
      epoch += 1
    },
    breakDown: () => {
      broken = true
    },
    get size() {
      return rows.size
    }
  }
}

interface RangeOptions {
  readonly gte?: Uint8Array
  readonly gt?: Uint8Array
  readonly lt?: Uint8Array
  readonly lte?: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
}

/** A snapshot, as LevelDB's iterators are. */
function iterate(list: readonly [Uint8Array, Uint8Array][]): object {
  let at = 0
  return {
    next: async () => list[at++],
    close: async () => {},
    all: async () => list.slice(at),
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const row = list[at++]
        return row === undefined ? { done: true as const, value: undefined } : { done: false as const, value: row }
      },
      return: async () => ({ done: true as const, value: undefined })
    })
  }
}

/** The first key of the range, and the first behind it: nothing lies between a key and that key with a zero byte. */
const lowOf = ({ gte, gt }: RangeOptions): string =>
  gte !== undefined ? toLatin1(gte) : gt !== undefined ? `${toLatin1(gt)}\0` : ''
const highOf = ({ lt, lte }: RangeOptions): string | undefined =>
  lt !== undefined ? toLatin1(lt) : lte !== undefined ? `${toLatin1(lte)}\0` : undefined

function notOpen(): Error {
  return Object.assign(new Error('Database is not open'), { code: 'LEVEL_DATABASE_NOT_OPEN' })
}
