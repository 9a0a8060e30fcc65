import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { INDICATOR_TYPES } from '@tocsin/model'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FeedItem } from './feed.ts'
import { FEEDS } from './feeds.ts'
import { item, stream, text } from './items.fixture.ts'
import { compareKeys, compareUtf8 } from './order.ts'
import { sorted } from './sorted.ts'

/** Many runs, and none of them in memory. */
const IN_FILE = { run: 1000, most: 0 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-sorted-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function all(pieces: AsyncIterable<readonly FeedItem[]>): Promise<FeedItem[]> {
  const found: FeedItem[] = []
  for await (const some of pieces) found.push(...some)
  return found
}

const letters = fc.constantFrom('a', 'B', '.', '\t', '\0', 'é', '\u20ac', '\ue000', '\u{1f600}', '\ud800')
const anyText = fc.string({ unit: letters, maxLength: 6 })
const bulletins = fc.record({
  id: fc.constantFrom('11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'),
  title: anyText,
  confidence: fc.nat(2),
  keepUntil: fc.option(fc.nat(), { nil: undefined })
})
const details = fc.record(
  {
    role: fc.constantFrom('malicious', 'context'),
    comment: anyText,
    firstSeen: fc.constant('2026-01-02T00:00:00Z'),
    validUntil: fc.constant('2027-01-01T00:00:00.000Z')
  },
  { requiredKeys: [] }
)
const items = fc.array(bulletins, { minLength: 1, maxLength: 4 }).chain((some) =>
  fc
    .array(
      fc
        .tuple(fc.constantFrom('ipv4', 'domain', 'url', 'email-subject'), anyText, fc.nat(some.length - 1), details)
        .map(([type, value, number, more]) => ({ made: item(type as 'url', value, {}, more as object), number })),
      { maxLength: 60 }
    )
    .map((made) => {
      const objects = some.map((bulletin) => item('url', '', bulletin).bulletin)
      return made.map(
        ({ made: { indicator }, number }): FeedItem => ({ indicator, bulletin: objects[number] as never })
      )
    })
)

function compare(a: FeedItem, b: FeedItem): number {
  const [one, other] = [INDICATOR_TYPES[a.indicator.type], INDICATOR_TYPES[b.indicator.type]]
  return one.code - other.code || compareUtf8(one.indexKey(a.indicator.value), other.indexKey(b.indicator.value))
}

it('is the order of one item and another, wherever runs end and whatever is in a file, equals as they came', async () => {
  await fc.assert(
    fc.asyncProperty(
      items,
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 0, max: 9000 }),
      fc.constantFrom('value' as const, 'bulletin' as const),
      async (some, run, most, order) => {
        const expected = [...some].sort(
          (a, b) => (order === 'bulletin' ? compareKeys(a.bulletin, b.bulletin) : 0) || compare(a, b)
        )
        const parts = [some.slice(0, 7), some.slice(7)]
        expect(await all(sorted(stream(parts), order))).toEqual(expected)
        expect(await all(sorted(stream(parts), order, folder, { run, most }))).toEqual(expected)
      }
    ),
    { numRuns: 300 }
  )
  expect(await readdir(folder)).toEqual([])
})

it('lets others have their turn', async () => {
  const many = Array.from({ length: 20_000 }, (_, n) => item('domain', `n${(n * 7919) % 10_007}.example`))
  let turns = 0
  const counting = setInterval(() => {
    turns += 1
  }, 0)
  await all(sorted(stream([many]), 'value', folder, { run: 100_000 }))
  clearInterval(counting)
  expect(turns).toBeGreaterThan(1)
})

it('leaves no file, and no name of one, whoever stops', async () => {
  const many = Array.from({ length: 3000 }, (_, number) => item('url', `https://${number}.example/`))
  const pieces = sorted(stream([many]), 'value', folder, IN_FILE)
  await pieces.next()
  expect(await readdir(folder)).toEqual([])
  await pieces.return(undefined)

  async function* failing(): AsyncGenerator<readonly FeedItem[]> {
    yield many
    throw new RangeError('cut')
  }
  await expect(all(sorted(failing(), 'value', folder, IN_FILE))).rejects.toThrow('cut')
  await expect(all(sorted(stream([many]), 'value', join(folder, 'absent'), IN_FILE))).rejects.toThrow('ENOENT')
})

it('writes a value and a bulletin larger than what is read at a time', async () => {
  const title = 'é'.repeat(100_000)
  const long = ['b', 'a'].map((letter) => item('url', letter.repeat(200_000), { title }, { comment: title }))
  expect(await all(sorted(stream([long]), 'value', folder, { run: 1, most: 0 }))).toEqual([long[1], long[0]])
})

it('makes the same feeds of many items, by value and by bulletin', async () => {
  const many = Array.from({ length: 16_000 }, (_, number) =>
    item('domain', `n${(number * 7919) % 10_000}.example`, {
      id: `11111111-1111-4111-8111-${String(number % 5).padStart(12, '0')}`,
      confidence: number % 5
    })
  )
  for (const name of ['json', 'misp'] as const) {
    const write = (items: readonly FeedItem[]) => text(FEEDS[name].write(stream([items]), { folder }))
    expect(await write([...many].reverse()), name).toBe(await write(many))
  }
}, 30_000)
