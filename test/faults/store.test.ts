/** A store that is open elsewhere, or damaged: the node says so, in words, and never begins as if nothing had been. */
import { cp, open, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { type Ran, startProcess, tocsin } from '../harness/process.ts'

describe('the store of a stopped node', () => {
  let federation: Federation
  let reims: Institution
  let good: string
  const ids: string[] = []

  beforeAll(async () => {
    federation = await createFederation()
    // The peer confirms the heads after each start, or publishing would wait for half a minute.
    const [first, peer] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr')
    ])
    reims = first
    await federation.link(reims, peer)
    ids.push(await publish(reims, { tlp: 'CLEAR', title: 'kept in a table' }))
    // Each start writes what the log held into a table, so that there is one of every kind of file.
    await reims.stop()
    await reims.start()
    ids.push(await publish(reims, { tlp: 'CLEAR', title: 'kept in the log' }))
  })

  afterAll(() => federation?.end())

  it('a second process on the same home is refused, and the first works on', async () => {
    const second = await tocsin(['run'], { home: reims.home })
    expect(second.code).toBe(1)
    expectWords(second, 'store-locked')
    ids.push(await publish(reims, { tlp: 'CLEAR', title: 'after the second' }))
    await reims.stop()
    good = `${reims.home}/store.good`
    await cp(join(reims.home, 'store'), good, { recursive: true })
  })

  function expectWords({ stderr }: Ran, code: string): void {
    expect(stderr).toContain(`(${code})`)
    expect(stderr).toContain('→')
    expect(stderr).not.toMatch(/^\s+at /m)
  }

  async function fresh(): Promise<string> {
    const store = join(reims.home, 'store')
    await rm(store, { recursive: true })
    await cp(good, store, { recursive: true })
    return store
  }

  async function file(store: string, pattern: RegExp): Promise<string> {
    const sized = await Promise.all(
      (await readdir(store))
        .filter((name) => pattern.test(name))
        .map(async (name) => ({ path: join(store, name), size: (await stat(join(store, name))).size }))
    )
    const largest = sized.sort((a, b) => b.size - a.size)[0]
    if (largest === undefined) throw new Error(`no ${pattern} in the store`)
    return largest.path
  }

  async function overwrite(path: string, at: (size: number) => number, length: number): Promise<void> {
    const handle = await open(path, 'r+')
    try {
      await handle.write(Buffer.alloc(length, 0xa5), 0, length, at((await handle.stat()).size))
    } finally {
      await handle.close()
    }
  }

  const half = (size: number): number => size >> 1

  const DAMAGES: readonly [string, (store: string) => Promise<void>][] = [
    ['CURRENT is gone', (store) => rm(join(store, 'CURRENT'))],
    ['CURRENT is empty', (store) => writeFile(join(store, 'CURRENT'), '')],
    ['CURRENT names nothing', (store) => writeFile(join(store, 'CURRENT'), 'MANIFEST-999999\n')],
    ['the manifest is gone', async (store) => rm(await file(store, /^MANIFEST/))],
    ['the manifest is noise', async (store) => writeFile(await file(store, /^MANIFEST/), Buffer.alloc(4096, 0xa5))],
    ['the manifest is empty', async (store) => truncate(await file(store, /^MANIFEST/))],
    ['a table is gone', async (store) => rm(await file(store, /\.ldb$/))],
    [
      'a table is cut',
      async (store) => {
        const path = await file(store, /\.ldb$/)
        await truncate(path, (await stat(path)).size >> 1)
      }
    ],
    ['a table is empty', async (store) => truncate(await file(store, /\.ldb$/))]
  ]

  it.each(DAMAGES)('%s: it does not start, says store-damaged and what to do', async (_, damage) => {
    await damage(await fresh())
    const ran = await tocsin(['run'], { home: reims.home })
    expect(ran.code).toBe(1)
    expectWords(ran, 'store-damaged')
  })

  const PARTIAL: readonly [string, (store: string) => Promise<void>][] = [
    ['the middle of a table is noise', async (store) => overwrite(await file(store, /\.ldb$/), half, 64)],
    ['the start of a table is noise', async (store) => overwrite(await file(store, /\.ldb$/), () => 0, 64)],
    ['the log is noise', async (store) => overwrite(await file(store, /\.log$/), half, 64)],
    [
      'the log is cut',
      async (store) => {
        const path = await file(store, /\.log$/)
        await truncate(path, (await stat(path)).size >> 1)
      }
    ]
  ]

  it.each(PARTIAL)('%s: it serves what is whole, or says what is the matter', async (_, damage) => {
    await damage(await fresh())
    let log: string
    try {
      const running = await startProcess(reims.home)
      const answers = await Promise.all(
        [...ids.map((id) => `/v1/bulletins/${id}`), '/v1/bulletins', '/v1/status'].map((path) =>
          fetch(`${reims.api}${path}`, { headers: { authorization: `Bearer ${reims.token}` } })
        )
      )
      for (const answer of answers) {
        const { code } = (await answer.json()) as { code?: string }
        expect([undefined, 'not-found', 'store-damaged']).toContain(code)
      }
      await running.stop()
      log = running.log()
    } catch (error) {
      log = String(error)
      expect(log).toContain('store-damaged')
    }
    expect(log).not.toMatch(/^\s+at /m)
  })

  it('the undamaged copy starts with everything', async () => {
    await fresh()
    await reims.start()
    for (const id of ids) expect(await reims.call('GET', `/v1/bulletins/${id}`)).toMatchObject({ id })
    await reims.stop()
  })

  it('starts without its store, as it was told, and publishes', async () => {
    await rename(join(reims.home, 'store'), join(reims.home, 'store.aside'))
    await reims.start()
    expect((await reims.call<{ items: unknown[] }>('GET', '/v1/bulletins')).items).toEqual([])
    await publish(reims, { tlp: 'CLEAR', title: 'again' })
  })
})
