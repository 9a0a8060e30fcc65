import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FeedItem, FeedOptions } from './feed.ts'
import { item, stream } from './items.fixture.ts'
import { compareUtf8 } from './order.ts'
import { type FeedRow, rowsOf } from './rows.ts'

const INFO = { name: 'list', use: 'block', types: ['ipv4', 'cidr', 'domain', 'url'] } as const

async function rows(items: FeedItem[], options: FeedOptions = {}): Promise<{ rows: FeedRow[]; refused: string[] }> {
  const refused: string[] = []
  const all: FeedRow[] = []
  const onRefused: FeedOptions['onRefused'] = ({ code, value }) => refused.push(`${code} ${value}`)
  for await (const rows of rowsOf(stream(items), INFO, { ...options, onRefused })) all.push(...rows)
  return { rows: all, refused }
}

describe('admission', () => {
  it('asks the use rule for each bulletin', async () => {
    const amber = item('ipv4', '192.0.2.1', { pap: 'AMBER' })
    expect(await rows([amber])).toEqual({ rows: [], refused: ['pap-forbids-use 192.0.2.1'] })
    expect((await rows([amber], { use: 'detect' })).rows).toHaveLength(1)
    expect((await rows([amber], { use: 'detect', useSettings: { detectNeeds: 'GREEN' } })).rows).toHaveLength(0)
    expect((await rows([item('ipv4', '192.0.2.1')], { use: 'release' })).refused).toEqual([
      'tlp-forbids-release 192.0.2.1'
    ])
  })

  it('keeps TLP:RED out unless a person exports by hand', async () => {
    const red = item('ipv4', '192.0.2.1', { tlp: 'RED' })
    expect((await rows([red])).refused).toEqual(['red-never-in-feeds 192.0.2.1'])
    expect((await rows([red], { byHand: true })).rows).toHaveLength(1)
  })

  it('keeps context indicators out of what acts, not out of a hunt', async () => {
    const context = item('domain', 'univ.example', {}, { role: 'context' })
    expect((await rows([context])).refused).toEqual(['context-indicator univ.example'])
    expect((await rows([context], { use: 'detect' })).rows).toHaveLength(0)
    expect((await rows([context], { use: 'hunt' })).rows).toHaveLength(1)
  })

  it('refuses what the format cannot carry, and passes over what was not asked for', async () => {
    const items = [item('md5', 'd41d8cd98f00b204e9800998ecf8427e'), item('domain', 'evil.example')]
    expect((await rows(items)).refused).toEqual(['type-not-carried d41d8cd98f00b204e9800998ecf8427e'])
    expect(await rows(items, { types: ['ipv4'] })).toEqual({ rows: [], refused: [] })
    await expect(rows(items, { types: ['md5'] })).rejects.toMatchObject({ code: 'feed-type-not-carried' })
  })
})

describe('order', () => {
  const some = [
    item('domain', 'b.example'),
    item('domain', 'a.sub.example'),
    item('ipv4', '192.0.2.9'),
    item('cidr', '198.51.100.0/24'),
    item('domain', 'sub.example'),
    item('ipv4', '192.0.2.9', { id: '7d0b1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55', confidence: 90 })
  ]

  it('gives the same rows for the same items in any order', async () => {
    const expected = (await rows(some)).rows
    expect(expected.map((row) => row.value)).toHaveLength(5)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(some, { minLength: some.length }), async (items) => {
        expect((await rows(items)).rows).toEqual(expected)
      }),
      { numRuns: 30 }
    )
  })

  it('orders thousands of values as their bytes, whether they come one by one or a bulletin at a time', async () => {
    // Letters, private use (U+E000…) and pairs beyond U+FFFF: where UTF-16 and UTF-8 disagree.
    const texts = Array.from({ length: 9000 }, (_, index) => {
      const high = index % 3 === 0 ? '\ue000' : index % 3 === 1 ? '\u{1f600}' : 'e'
      return `${high}${((index * 7919) % 9000).toString(36)}`
    })
    const all = texts.map((text) => item('url', text))
    const bytes = (text: string): Buffer => Buffer.from(text)
    const expected = [...texts].sort((a, b) => Buffer.compare(bytes(a), bytes(b)))
    const one = (await rows(all)).rows.map(({ value }) => value)
    expect(one).toEqual(expected)
    const several: string[] = []
    const parts = [all.slice(0, 4000), [], all.slice(4000, 4001), all.slice(4001)]
    for await (const some of rowsOf(stream(parts), INFO, {})) several.push(...some.map(({ value }) => value))
    expect(several).toEqual(expected)
  })

  it('compares as UTF-8 does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
      })
    )
    expect(compareUtf8('\uffff', '\u{10000}')).toBeLessThan(0)
  })
})

describe('merging', () => {
  it('names every bulletin once, best first, and takes the strictest labels', async () => {
    const old = { id: '11111111-1111-4111-8111-111111111111', confidence: 50, tlp: 'CLEAR', pap: 'CLEAR' } as const
    const best = { id: '22222222-2222-4222-8222-222222222222', confidence: 90, tlp: 'GREEN', pap: 'GREEN' } as const
    const strict = { id: '33333333-3333-4333-8333-333333333333', confidence: 50, tlp: 'AMBER+STRICT' } as const
    const { rows: merged } = await rows([
      item('ipv4', '192.0.2.1', old, { firstSeen: '2026-01-02T00:00:00Z', validUntil: '2027-01-01T00:00:00Z' }),
      item('ipv4', '192.0.2.1', best, { lastSeen: '2026-03-01T00:00:00.000Z', comment: 'seen again' }),
      item('ipv4', '192.0.2.1', strict, { firstSeen: '2026-01-01T23:00:00.000Z' }),
      item('ipv4', '192.0.2.1', strict)
    ])
    expect(merged).toHaveLength(1)
    expect(merged[0]).toMatchObject({
      tlp: 'AMBER+STRICT',
      pap: 'GREEN',
      comment: 'seen again',
      firstSeen: '2026-01-01T23:00:00.000Z',
      lastSeen: '2026-03-01T00:00:00.000Z',
      validUntil: undefined
    })
    expect(merged[0]?.bulletins.map((bulletin) => bulletin.id[0])).toEqual(['2', '1', '3'])
  })
})
