import { openStore } from '@tocsin/store'
import { describe, expect, it } from 'vitest'
import { createDisk, type Disk } from './disk.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value)

interface Open {
  open(): Promise<void>
  getSync(key: Uint8Array): Uint8Array | undefined
  batch(operations: object[], options?: object): Promise<void>
  iterator(options?: object): AsyncIterable<[Uint8Array, Uint8Array]>
}

/** A disk whose synced writes land when they are told to. */
function slowDisk(): { disk: Disk; land: () => void } {
  const waiting: (() => void)[] = []
  const land = (): void => {
    for (const run of waiting.splice(0)) run()
  }
  return { disk: createDisk({ later: (run) => waiting.push(run) }), land }
}

async function mounted(disk: Disk): Promise<Open> {
  const database = disk.mount() as unknown as Open
  await database.open()
  return database
}

const put = (key: string, value: string): object => ({ type: 'put', key: bytes(key), value: bytes(value) })
const del = (key: string): object => ({ type: 'del', key: bytes(key) })

describe('a disk in memory', () => {
  it('shows a synced write once it has landed, and keeps it through a crash', async () => {
    const { disk, land } = slowDisk()
    const database = await mounted(disk)
    const written = database.batch([put('a', '1')], { sync: true })
    expect(database.getSync(bytes('a'))).toBeUndefined()
    land()
    await written
    expect(text(database.getSync(bytes('a')))).toBe('1')
    disk.crash(() => 0)
    expect(text((await mounted(disk)).getSync(bytes('a')))).toBe('1')
  })

  it('loses what was not synced from any point on, back to what stood before', async () => {
    for (const kept of [0, 1, 2]) {
      const { disk, land } = slowDisk()
      const database = await mounted(disk)
      const first = database.batch([put('a', '1'), put('b', '1')], { sync: true })
      land()
      await first
      await database.batch([put('a', '2')])
      await database.batch([del('b'), put('c', '3')])
      expect(disk.crash(() => kept)).toEqual({ lost: 2 - kept })
      const again = await mounted(disk)
      expect(text(again.getSync(bytes('a')))).toBe(kept > 0 ? '2' : '1')
      expect(text(again.getSync(bytes('b')))).toBe(kept > 1 ? undefined : '1')
      expect(text(again.getSync(bytes('c')))).toBe(kept > 1 ? '3' : undefined)
    }
  })

  it('leaves it to chance whether a write under way is there after a crash; its promise never resolves', async () => {
    for (const landed of [0, 1]) {
      const { disk, land } = slowDisk()
      const database = await mounted(disk)
      let isDone = false
      void database.batch([put('a', '1')], { sync: true }).then(() => {
        isDone = true
      })
      disk.crash((most) => Math.min(landed, most - 1))
      land()
      await Promise.resolve()
      expect(isDone).toBe(false)
      expect(text((await mounted(disk)).getSync(bytes('a')))).toBe(landed === 1 ? '1' : undefined)
    }
  })

  it('makes all before it safe with one synced write', async () => {
    const { disk, land } = slowDisk()
    const database = await mounted(disk)
    await database.batch([put('a', '1')])
    const synced = database.batch([put('b', '2')], { sync: true })
    land()
    await synced
    expect(disk.crash(() => 0)).toEqual({ lost: 0 })
    expect(text((await mounted(disk)).getSync(bytes('a')))).toBe('1')
  })

  it('is read in order, both ways, within bounds, as it was when the reading began', async () => {
    const { disk } = slowDisk()
    const database = await mounted(disk)
    await database.batch(['d', 'b', 'a', 'c'].map((key) => put(key, key)))
    const read = async (options: object): Promise<string> => {
      let all = ''
      for await (const [key, value] of database.iterator(options)) {
        if (all === '') await database.batch([put('bb', 'x'), del('bb')])
        all += `${text(key)}${text(value)} `
      }
      return all.trim()
    }
    expect(await read({})).toBe('aa bb cc dd')
    expect(await read({ gte: bytes('b'), lt: bytes('d') })).toBe('bb cc')
    expect(await read({ gt: bytes('a'), lte: bytes('c') })).toBe('bb cc')
    expect(await read({ reverse: true, limit: 2 })).toBe('dd cc')
    await database.batch([del('b')])
    expect(await read({})).toBe('aa cc dd')
  })

  it('can be copied and set back', async () => {
    const { disk } = slowDisk()
    const database = await mounted(disk)
    await database.batch([put('a', '1')])
    const image = disk.image()
    await database.batch([put('a', '2')])
    const copy = slowDisk().disk
    copy.restore(image)
    expect(text((await mounted(copy)).getSync(bytes('a')))).toBe('1')
    expect(text(database.getSync(bytes('a')))).toBe('2')
    disk.restore(image)
    expect(text((await mounted(disk)).getSync(bytes('a')))).toBe('1')
  })

  it('carries the real store, which says when it is full and when it broke', async () => {
    const disk = createDisk({ later: (run) => run() })
    let free = 1e9
    const store = await openStore({ path: '', database: disk.mount(), freeBytes: () => free })
    await store.transact((tx) => tx.put(bytes('k'), bytes('v')))
    free = 0
    await expect(store.transact((tx) => tx.put(bytes('k'), bytes('w')))).rejects.toMatchObject({
      code: 'store-disk-full'
    })
    free = 1e9
    await store.transact((tx) => tx.put(bytes('k'), bytes('x')))
    disk.breakDown()
    await expect(store.transact((tx) => tx.put(bytes('k'), bytes('y')))).rejects.toMatchObject({
      code: 'store-write-failed'
    })
    disk.crash(() => 0)
    const again = await openStore({ path: '', database: disk.mount(), freeBytes: () => free })
    expect(text(again.get(bytes('k')))).toBe('x')
  })
})
