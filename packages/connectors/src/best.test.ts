import fc from 'fast-check'
import { expect, it } from 'vitest'
import { item, stream } from './items.fixture.ts'
import { type FeedRow, rowsOf } from './rows.ts'

const INFO = { name: 'list', use: 'block', types: ['ipv4'] } as const

/** Values and what fell out, of items with these confidences and times, from 192.0.2.0 on. */
async function best(ranks: readonly (readonly [number, number])[], limit: number, own?: number) {
  const items = ranks.map(([confidence, publishedAt], i) =>
    item('ipv4', `192.0.${i >> 8}.${i & 255}`, { confidence, publishedAt })
  )
  const refused: string[] = []
  const kept: FeedRow[] = []
  const onRefused = ({ code, value }: { code: string; value: string }) => refused.push(`${code} ${value}`)
  const info = own === undefined ? INFO : { ...INFO, limit: own }
  for await (const rows of rowsOf(stream(items), info, { ...(limit > 0 ? { limit } : {}), onRefused }))
    kept.push(...rows)
  return { kept, refused }
}

it('keeps the most confident, of these the newest, in feed order', async () => {
  const { kept, refused } = await best(
    [
      [50, 9],
      [90, 1],
      [50, 8],
      [80, 0]
    ],
    3
  )
  expect(kept.map(({ value }) => value)).toEqual(['192.0.0.0', '192.0.0.1', '192.0.0.3'])
  expect(refused).toEqual(['over-limit 192.0.0.2'])
})

it('keeps to the limit of the format where the caller sets none', async () => {
  expect((await best(Array(5).fill([50, 1]), 0, 2)).kept).toHaveLength(2)
  expect((await best(Array(5).fill([50, 1]), 4, 2)).kept).toHaveLength(4)
})

it('is the head of the whole sorted, whatever comes', async () => {
  const ranks = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { maxLength: 300 })
  await fc.assert(
    fc.asyncProperty(ranks, fc.integer({ min: 1, max: 60 }), async (all, limit) => {
      const { kept, refused } = await best(all, limit)
      const whole = (await best(all, 0)).kept
      const rank = ({ bulletins: [one] }: FeedRow) => [one.confidence, one.publishedAt] as const
      const sorted = whole
        .map((row, index) => ({ row, index }))
        .sort((a, b) => rank(b.row)[0] - rank(a.row)[0] || rank(b.row)[1] - rank(a.row)[1] || a.index - b.index)
      const expected = sorted.slice(0, limit).toSorted((a, b) => a.index - b.index)
      expect(kept).toEqual(expected.map(({ row }) => row))
      expect(refused).toHaveLength(whole.length - kept.length)
    }),
    { numRuns: 50 }
  )
})
