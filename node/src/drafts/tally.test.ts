import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InstitutionId } from '@tocsin/model'
import { openStore, readRow, type Store } from '@tocsin/store'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MarkRow, rowOf } from './rows.ts'
import { createDraftShelf, type DraftShelf } from './shelf.ts'
import { createTallies } from './tally.ts'

const NOW = 1_800_000_000_000
const FROM = { import: 'eve', by: 'admin' }
const about = (value: string) => ({
  bulletin: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
  author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId,
  type: 'ipv4' as const,
  value
})

describe('counting what was met', () => {
  let folder: string
  let store: Store
  let shelf: DraftShelf

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-tally-'))
    store = await openStore({ path: folder })
    shelf = await createDraftShelf(store, () => NOW)
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  interface Record {
    readonly key: string
    readonly value: string
    readonly at: number
    readonly isOnce: boolean
  }

  function tallied(records: readonly Record[]) {
    const tallies = createTallies((key, indicator) => {
      const row = store.get(rowOf.value(key, indicator))
      return row === undefined ? undefined : readRow<MarkRow>(row).through
    })
    for (const { value, ...met } of records) tallies.count(about(value), met)
    const batch = { tlp: 'AMBER', pap: 'GREEN', isPrivate: false, title: 'met', reference: 'met' } as const
    return { ...batch, tallies: tallies.all() }
  }

  const sum = (id: string): number => {
    const head = shelf.head(id)
    return head === undefined ? 0 : shelf.sightings(head).reduce((all, { count }) => all + count, 0)
  }

  it('counts a record once, in any order of growing logs, repeats, decisions and restarts', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ does: fc.constant('log' as const), day: fc.nat(1), length: fc.nat(12) }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('mail' as const), id: fc.nat(4) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          does: fc.constant('close' as const),
          as: fc.constantFrom('accepted' as const, 'discarded' as const)
        })
      },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const) }) }
    )
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        run += 1
        const told = new Set<string>()
        let counted = 0
        const settle = async (state: 'accepted' | 'discarded'): Promise<void> => {
          for (const head of shelf.heads().filter((it) => it.state === 'open')) {
            counted += sum(head.id)
            await shelf.close(head.id, { state, by: 'admin' })
          }
        }
        for (const it of steps) {
          if (it.does === 'restart') shelf = await createDraftShelf(store, () => NOW)
          else if (it.does === 'close') await settle(it.as)
          else {
            // A log is sent from its beginning again, as far as it has grown.
            const records: Record[] =
              it.does === 'log'
                ? Array.from({ length: it.length }, (_, n) => ({
                    key: `${run}/day ${it.day}`,
                    value: `198.51.100.${n % 3}`,
                    at: 1_000 * n,
                    isOnce: false
                  }))
                : [{ key: `${run}#${it.id}`, value: '198.51.100.1', at: NOW, isOnce: true }]
            for (const { key, at } of records) told.add(`${key} ${at}`)
            await shelf.sight(tallied(records), FROM, { dryRun: false })
            expect(await shelf.sight(tallied(records), FROM, { dryRun: false })).toBeUndefined()
          }
          const open = shelf.heads().filter(({ state }) => state === 'open')
          expect(open.length).toBeLessThanOrEqual(1)
          expect(counted + open.reduce((all, { id }) => all + sum(id), 0)).toBe(told.size)
        }
        await settle('discarded')
      }),
      { numRuns: 25 }
    )
  })

  it('counts once what two imports read at the same time', async () => {
    const records = [1, 2, 3].map((n) => ({ key: 'day', value: '198.51.100.1', at: n, isOnce: false }))
    const [one, other] = [tallied(records), tallied(records)]
    const taken = await Promise.all([one, other].map((batch) => shelf.sight(batch, FROM, { dryRun: false })))
    expect(taken.filter((it) => it !== undefined).length).toBe(1)
    expect(shelf.heads().map(({ id }) => sum(id))).toEqual([3])
  })

  it('makes another draft where one would be more than a person reads', async () => {
    const many = (from: number) =>
      Array.from({ length: 600 }, (_, n) => ({
        key: 'day',
        value: `10.${from}.${n >> 8}.${n & 255}`,
        at: 1,
        isOnce: false
      }))
    for (const from of [1, 2]) await shelf.sight(tallied(many(from)), FROM, { dryRun: false })
    expect(shelf.heads().map(({ count }) => count)).toEqual([600, 600])
    expect(await shelf.sight(tallied(many(2)), FROM, { dryRun: true })).toBeUndefined()
  })
})
