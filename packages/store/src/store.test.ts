import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryLevel } from 'memory-level'
import { afterEach, describe, expect, it } from 'vitest'
import { STORE_ERRORS } from './errors.ts'
import { keys, startingWith } from './keyspace.ts'
import { writeRow } from './rows.ts'
import { type Database, openStore, type Store, type StoreOptions } from './store.ts'

const key = (name: string): Uint8Array => keys.local('test', name)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (found: Uint8Array | undefined): string | undefined =>
  found === undefined ? undefined : new TextDecoder().decode(found)

const folders: string[] = []
const stores: Store[] = []

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-store-'))
  folders.push(path)
  return path
}

async function opened(options: StoreOptions): Promise<Store> {
  const store = await openStore(options)
  stores.push(store)
  return store
}

function memory(): Database {
  return new MemoryLevel({
    keyEncoding: 'view',
    valueEncoding: 'view',
    storeEncoding: 'view'
  }) as unknown as Database
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

describe('a transaction', () => {
  it('is durable when it resolves and is read again by the next process', async () => {
    const path = folder()
    const store = await opened({ path })
    const done = await store.transact((tx) => {
      tx.put(key('a'), bytes('1'))
      return 'done'
    })
    expect(done).toBe('done')
    await store.close()
    expect(text((await opened({ path })).get(key('a')))).toBe('1')
  })

  it('sees what the ones before it in its group wrote, and its own deletions', async () => {
    const store = await opened({ path: '', database: memory() })
    const seen: (string | undefined)[] = []
    await Promise.all([
      store.transact((tx) => tx.put(key('a'), bytes('1'))),
      store.transact((tx) => {
        seen.push(text(tx.get(key('a'))))
        tx.del(key('a'))
        seen.push(text(tx.get(key('a'))))
      }),
      store.transact((tx) => seen.push(text(tx.get(key('a')))))
    ])
    expect(seen).toEqual(['1', undefined, undefined])
    expect(store.get(key('a'))).toBeUndefined()
  })

  it('that throws leaves nothing and does not disturb its group', async () => {
    const database = memory()
    const store = await opened({ path: '', database })
    const calls: string[] = []
    const batches: number[] = []
    const batch = database.batch.bind(database) as (rows: never, options: never) => Promise<void>
    database.batch = ((rows: { length: number }, options: never) => {
      batches.push(rows.length)
      return batch(rows as never, options)
    }) as never
    const results = await Promise.allSettled([
      store.transact((tx) => {
        tx.put(key('a'), bytes('1'))
        tx.committed(() => calls.push('a'))
      }),
      store.transact((tx) => {
        tx.put(key('b'), bytes('2'))
        tx.committed(() => calls.push('b'))
        throw new RangeError('no')
      }),
      store.transact((tx) => {
        expect(tx.get(key('b'))).toBeUndefined()
        tx.put(key('c'), bytes('3'))
        tx.committed(() => calls.push('c'))
      })
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(calls).toEqual(['a', 'c'])
    expect(['a', 'b', 'c'].map((name) => text(store.get(key(name))))).toEqual(['1', undefined, '3'])
    expect(batches).toEqual([2])
  })

  it('whose callback throws is rejected alone, after the others of its group were told', async () => {
    const store = await opened({ path: '', database: memory() })
    const order: string[] = []
    const results = await Promise.allSettled([
      store.transact((tx) => {
        tx.put(key('a'), bytes('1'))
        tx.committed(() => {
          throw new Error('a bug')
        })
        tx.committed(() => order.push('after the bug'))
      }),
      store.transact((tx) => {
        tx.put(key('b'), bytes('2'))
        tx.committed(() => order.push('b'))
      })
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(order).toEqual(['after the bug', 'b'])
    expect(text(store.get(key('a')))).toBe('1')
    await store.transact((tx) => tx.put(key('c'), bytes('3')))
  })

  it('queued by the answer to another is not lost', async () => {
    const store = await opened({ path: '', database: memory() })
    let last: Promise<void> | undefined
    await store
      .transact(() => {})
      .then(() => {
        last = store.transact((tx) => tx.put(key('late'), bytes('x')))
      })
    await last
    expect(text(store.get(key('late')))).toBe('x')
  })
})

describe('a store that cannot write', () => {
  it('acknowledges nothing, says so and goes on reading', async () => {
    const database = memory()
    const store = await opened({ path: '', database })
    await store.transact((tx) => tx.put(key('a'), bytes('1')))
    let called = false
    database.batch = (() => Promise.reject(new Error('EIO'))) as never
    const write = (name: string): Promise<void> =>
      store.transact((tx) => {
        tx.put(key(name), bytes('2'))
        tx.committed(() => {
          called = true
        })
      })
    const [first, second] = await Promise.allSettled([write('b'), write('c')])
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'store-write-failed' } })
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'store-write-failed' } })
    expect(called).toBe(false)
    expect(store.failure()).toBe('store-write-failed')
    await expect(write('d')).rejects.toMatchObject({ code: 'store-write-failed' })
    await expect(store.transact((tx) => tx.del(key('a')), { frees: true })).rejects.toMatchObject({
      code: 'store-write-failed'
    })
    expect(text(store.get(key('a')))).toBe('1')
    expect(store.get(key('b'))).toBeUndefined()
  })

  it('stops accepting on a full disk, says so, still reads and still erases', async () => {
    const path = folder()
    const before = await opened({ path })
    await before.transact((tx) => tx.put(key('a'), bytes('1')))
    await before.close()
    const store = await opened({ path, minFreeBytes: Number.MAX_SAFE_INTEGER })
    await expect(store.transact((tx) => tx.put(key('b'), bytes('2')))).rejects.toMatchObject({
      code: 'store-disk-full'
    })
    expect(store.failure()).toBe('store-disk-full')
    expect(text(store.get(key('a')))).toBe('1')
    await store.transact((tx) => tx.del(key('a')), { frees: true })
    expect(store.get(key('a'))).toBeUndefined()
  })

  it('answers even when its folder has gone', async () => {
    const path = folder()
    const store = await opened({ path })
    rmSync(path, { recursive: true })
    await expect(store.transact((tx) => tx.put(key('a'), bytes('1')))).rejects.toMatchObject({
      code: 'store-write-failed'
    })
  })

  it('refuses after it was closed', async () => {
    const store = await openStore({ path: folder() })
    const last = store.transact((tx) => tx.put(key('a'), bytes('1')))
    await store.close()
    await last
    await expect(store.transact(() => {})).rejects.toMatchObject({ code: 'store-closed' })
    expect(() => store.get(key('a'))).toThrow(expect.objectContaining({ code: 'store-closed' }))
  })
})

describe('opening', () => {
  it('refuses a second process while one has it', async () => {
    const path = folder()
    await opened({ path })
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'store-locked' })
  })

  it('refuses a store of a later version, and lets go of it', async () => {
    const path = folder()
    const store = await opened({ path })
    await store.transact((tx) => tx.put(keys.local('meta', 'format'), writeRow({ format: 2 })))
    await store.close()
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'store-version-unknown' })
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'store-version-unknown' })
  })

  it('refuses a store that does not say its format', async () => {
    const path = folder()
    const store = await opened({ path })
    await store.transact((tx) => tx.put(keys.local('meta', 'format'), bytes('?')))
    await store.close()
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'store-damaged' })
  })

  async function written(): Promise<string> {
    const path = folder()
    const store = await openStore({ path })
    await store.transact((tx) => {
      for (let n = 0; n < 100; n++) tx.put(key(`row ${n}`), bytes('x'.repeat(1000)))
    })
    await store.compact()
    await store.close()
    return path
  }

  it.each(['.ldb', 'MANIFEST'])('finds a cut %s', async (kind) => {
    const path = await written()
    const name = readdirSync(path).find((one) => one.includes(kind)) ?? ''
    truncateSync(join(path, name), Math.floor(readFileSync(join(path, name)).length / 2))
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'store-damaged' })
  })

  it.each(['.ldb', 'CURRENT'])('finds that %s is gone instead of beginning anew', async (kind) => {
    const path = await written()
    rmSync(join(path, readdirSync(path).find((one) => one.includes(kind)) ?? ''))
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'store-damaged' })
  })

  it('says so where a table is whole and a block of it is noise, by whatever way it is read', async () => {
    const path = await written()
    const name = join(path, readdirSync(path).find((one) => one.endsWith('.ldb')) ?? '')
    const table = readFileSync(name)
    table.fill(0xa5, Math.floor(table.length / 3), Math.floor(table.length / 2))
    writeFileSync(name, table)
    const store = await opened({ path })
    const damaged = { code: 'store-damaged' }
    const rows = Array.from({ length: 100 }, (_, n) => key(`row ${n}`))
    const scanned = async (): Promise<void> => {
      for await (const _ of store.scan({ gte: key(''), lt: key('s') }));
    }
    await expect(scanned()).rejects.toMatchObject(damaged)
    await expect(store.getMany(rows)).rejects.toMatchObject(damaged)
    expect(() => rows.map((row) => store.get(row))).toThrow(expect.objectContaining(damaged))
  })

  it('does not mind what a compaction that was killed left behind', async () => {
    const path = await written()
    writeFileSync(join(path, '000999.ldb'), 'half a table')
    expect(text((await opened({ path })).get(key('row 7')))?.length).toBe(1000)
  })
})

describe('compaction', () => {
  it('leaves nothing of a deleted row in any file, wherever LevelDB had put it', async () => {
    const path = folder()
    const store = await opened({ path })
    const marker = Buffer.from(crypto.getRandomValues(new Uint8Array(16)))
    const holders = (): string[] => readdirSync(path).filter((name) => readFileSync(join(path, name)).includes(marker))
    await store.transact((tx) => tx.put(key('secret'), marker))
    expect(holders().length).toBeGreaterThan(0)
    await store.transact((tx) => tx.del(key('secret')))
    await store.compact()
    expect(holders()).toEqual([])
  })
})

describe('ranges', () => {
  it('end after every key with the prefix, also where it ends in ff', () => {
    expect(startingWith(Uint8Array.of(1, 0xff))).toEqual({ gte: Uint8Array.of(1, 0xff), lt: Uint8Array.of(2) })
    expect(startingWith(Uint8Array.of(0xff))).toEqual({ gte: Uint8Array.of(0xff), lt: Uint8Array.of(0xff, 0xff) })
  })
})

it('explains every code', () => {
  for (const line of Object.values(STORE_ERRORS)) expect(line.length).toBeGreaterThan(10)
})
