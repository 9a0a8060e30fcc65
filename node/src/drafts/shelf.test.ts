import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadDraft } from '@tocsin/connectors'
import { type DraftInput, parseDraft } from '@tocsin/model'
import { openStore } from '@tocsin/store'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDraftShelf, type DraftShelf, type Taken } from './shelf.ts'

const DAY = 86_400_000
const FROM = { import: 'test', by: 'admin' }

function item(key: string, input: DraftInput, more: Partial<ReadDraft> = {}): ReadDraft {
  const parsed = parseDraft({ tlp: 'AMBER', pap: 'GREEN', ...input })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return { kind: 'draft', draft: parsed.draft, key, reference: key, place: {}, warnings: [], ...more }
}

const ips = (...values: string[]) => values.map((value) => ({ type: 'ipv4' as const, value }))
const idOf = (taken: Taken): string => (taken.outcome === 'new' || taken.outcome === 'changed' ? taken.head.id : '')

describe('the shelf of drafts', () => {
  let folder: string
  let store: Awaited<ReturnType<typeof openStore>>
  let shelf: DraftShelf
  let now = 1_800_000_000_000
  let live: string[] = []

  const take = (it: ReadDraft, dryRun = false) =>
    shelf.take(it, FROM, { isLive: async (id) => live.includes(id), dryRun })
  const valuesOf = (id: string): string[] => {
    const head = shelf.head(id)
    return head === undefined ? [] : shelf.body(head).indicators.map(({ value }) => value)
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-drafts-'))
    store = await openStore({ path: folder })
    live = []
    shelf = await createDraftShelf(store, () => now)
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('takes an item once, whatever became of its draft, also after a restart', async () => {
    const it = item('a:1', { title: 'one' })
    expect((await take(it, true)).outcome).toBe('new')
    expect(shelf.heads()).toEqual([])
    const first = await take(it)
    expect(first.outcome).toBe('new')
    expect(await take(it)).toEqual({ outcome: 'known', draft: idOf(first) })
    shelf = await createDraftShelf(store, () => now)
    expect((await take(it)).outcome).toBe('known')
    await shelf.close(idOf(first), { state: 'discarded', by: 'admin' })
    expect((await take(it)).outcome).toBe('known')
    expect(shelf.heads()).toMatchObject([{ state: 'discarded', title: '', closedBy: 'admin' }])
    expect(() => shelf.body(shelf.heads()[0] as never)).toThrow('draft')
  })

  it('lets a changed item take the place of its draft, but not of what a person changed', async () => {
    const first = idOf(await take(item('a:1', { title: 'one' })))
    const second = await take(item('a:1', { title: 'two' }))
    expect(second).toMatchObject({ outcome: 'changed', head: { id: first, title: 'two' } })
    const version = shelf.head(first)?.version ?? ''
    await shelf.edit(first, version, item('a:1', { title: 'mine' }).draft)
    await expect(shelf.edit(first, version, item('a:1', { title: 'x' }).draft)).rejects.toThrow('changed')
    const third = await take(item('a:1', { title: 'three' }))
    expect(third).toMatchObject({ outcome: 'new', head: { warnings: [{ code: 'source-changed' }] } })
    expect(shelf.head(first)?.title).toBe('mine')
  })

  it('supersedes the bulletin of a changed item while that stands', async () => {
    const bulletin = '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'
    const first = idOf(await take(item('a:1', { title: 'one' })))
    await shelf.begin(first, shelf.head(first)?.version ?? '', bulletin)
    await shelf.close(first, { state: 'accepted', by: 'admin', bulletin })
    expect(await take(item('a:1', { title: 'one' }))).toMatchObject({ outcome: 'known', bulletin })
    const gone = idOf(await take(item('a:1', { title: 'two' })))
    expect(shelf.body(shelf.head(gone) as never).supersedes).toBeUndefined()
    live = [bulletin]
    const other = idOf(await take(item('b:1', { title: 'one' })))
    await shelf.close(other, { state: 'accepted', by: 'admin', bulletin })
    const changed = idOf(await take(item('b:1', { title: 'two' })))
    expect(shelf.body(shelf.head(changed) as never).supersedes).toBe(bulletin)
    await take(item('b:1', { title: 'three' }))
    expect(shelf.body(shelf.head(changed) as never)).toMatchObject({ title: 'three', supersedes: bulletin })
  })

  it('adds to the draft of a log what is new, and makes another once that is closed', async () => {
    const log = (...values: string[]) =>
      item('log:today', { title: 'log', indicators: ips(...values) }, { grows: true })
    const first = idOf(await take(log('198.51.100.1', '198.51.100.2')))
    expect((await take(log('198.51.100.2'))).outcome).toBe('known')
    expect((await take(log('198.51.100.2', '198.51.100.3'))).outcome).toBe('changed')
    expect(valuesOf(first)).toEqual(['198.51.100.1', '198.51.100.2', '198.51.100.3'])
    await shelf.close(first, { state: 'discarded', by: 'admin' })
    expect((await take(log('198.51.100.1'))).outcome).toBe('known')
    const second = idOf(await take(log('198.51.100.1', '198.51.100.4')))
    expect(valuesOf(second)).toEqual(['198.51.100.4'])
  })

  it('takes an item once when it comes many times at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => take(item('a:1', { title: 'one' }))))
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['known', 'known', 'known', 'known', 'new'])
  })

  it('ends drafts that nobody looked at, and lets their items come again', async () => {
    const log = item('log:1', { title: 'log', indicators: ips('198.51.100.1') }, { grows: true })
    await take(item('a:1', { title: 'one' }))
    await take(log)
    now += 31 * DAY
    await shelf.sweep()
    expect(shelf.heads().map(({ state }) => state)).toEqual(['expired', 'expired'])
    expect((await take(item('a:1', { title: 'one' }))).outcome).toBe('new')
    expect((await take(log)).outcome).toBe('new')
    now += 31 * DAY
    await shelf.sweep()
    now += 200 * DAY
    await shelf.sweep()
    expect(shelf.heads()).toEqual([])
  })

  it('takes no more than its bound of drafts, and says so', async () => {
    const taken = []
    for (let n = 0; n < 2_001; n += 100) {
      taken.push(
        ...(await Promise.all(Array.from({ length: 100 }, (_, i) => take(item(`a:${n + i}`, { title: 't' })))))
      )
    }
    const codes = taken.flatMap((it) => (it.outcome === 'refused' ? [it.code] : []))
    expect(codes.length).toBeGreaterThan(0)
    expect(new Set(codes)).toEqual(new Set(['drafts-full']))
    expect((await take(item('a:1', { title: 'changed' }))).outcome).toBe('changed')
  })

  it('offers no value of a log twice and no item again, in any order of what happens', async () => {
    const values = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 })
    const step = fc.oneof(
      fc.record({ does: fc.constant('log' as const), key: fc.integer({ min: 0, max: 1 }), values }),
      fc.record({
        does: fc.constant('item' as const),
        key: fc.integer({ min: 0, max: 2 }),
        title: fc.integer({ min: 0, max: 2 })
      }),
      fc.record({
        does: fc.constantFrom('accept' as const, 'discard' as const, 'edit' as const),
        nth: fc.nat({ max: 3 })
      }),
      fc.record({ does: fc.constant('restart' as const) })
    )
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        run += 1
        const seen = new Map<string, string>()
        for (const it of steps) {
          if (it.does === 'restart') shelf = await createDraftShelf(store, () => now)
          else if (it.does === 'log') {
            const indicators = ips(...it.values.map((n) => `198.51.100.${n}`))
            const log = item(`log:${run}/${it.key}`, { title: 'log', indicators }, { grows: true })
            const taken = await take(log)
            if (taken.outcome !== 'known') {
              for (const value of valuesOf(idOf(taken))) {
                const place = `${it.key} ${value}`
                expect(seen.get(place) ?? idOf(taken)).toBe(idOf(taken))
                seen.set(place, idOf(taken))
              }
            }
            expect((await take(log)).outcome).toBe('known')
          } else if (it.does === 'item') {
            const one = item(`item:${run}/${it.key}`, { title: `t${it.title}` })
            await take(one)
            expect((await take(one)).outcome).toBe('known')
          } else {
            const open = shelf.heads().filter(({ state }) => state === 'open')
            const head = open[it.nth]
            if (head === undefined) continue
            if (it.does === 'edit') await shelf.edit(head.id, head.version, { ...shelf.body(head), text: 'mine' })
            else await shelf.close(head.id, { state: it.does === 'accept' ? 'accepted' : 'discarded', by: 'admin' })
          }
        }
        const before = shelf.heads()
        shelf = await createDraftShelf(store, () => now)
        expect(shelf.heads()).toEqual(before)
        for (const head of before) {
          if (head.state === 'open') expect(shelf.body(head).indicators.length).toBe(head.count)
          else expect(() => shelf.body(head)).toThrow()
        }
      }),
      { numRuns: 25 }
    )
  })
})
