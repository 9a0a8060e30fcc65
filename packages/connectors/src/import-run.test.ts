import { describe, expect, it } from 'vitest'
import type { Imported, ImportInfo } from './import.ts'
import { wholeOf } from './import-source.ts'
import { imported } from './imports.fixture.ts'

const place = { line: 1, offset: 0 }

/** An import that says what it is told to. */
function saying(items: readonly Imported[], limits: Partial<ImportInfo['limits']> = {}): ImportInfo {
  return {
    name: 'said',
    title: { en: 'Said', fr: 'Dit' },
    mediaTypes: ['text/plain'],
    extensions: [],
    limits: { bytes: 100, drafts: 10, indicators: 10_000, ...limits },
    options: [],
    async *read(source) {
      await wholeOf(source)
      yield* items
    }
  }
}

const item = (draft: object, more: object = {}): Imported => ({
  kind: 'draft',
  draft,
  key: 'said:1',
  reference: 'one',
  place,
  warnings: [],
  ...more
})

const addresses = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ type: 'ipv4', value: `198.18.${i >> 8}.${i & 255}` }))

describe('readImport', () => {
  it('refuses bad indicators by their place and keeps the good ones', async () => {
    const indicators = [
      { type: 'ipv4', value: '198.51.100.7' },
      { type: 'ipv4', value: '300.1.1.1' },
      { type: 'nonsense', value: 'x' }
    ]
    const { drafts, refused } = await imported(saying([item({ tlp: 'AMBER', pap: 'GREEN', indicators })]), '')
    expect(drafts.map(({ draft }) => draft.indicators.map(({ value }) => value))).toEqual([['198.51.100.7']])
    expect(refused.map(({ place }) => place.path)).toEqual(['indicators[1].value', 'indicators[2].type'])
  })

  it('takes no value that a decoder changed, and says where it stood', async () => {
    const indicators = [
      { type: 'url', value: 'https://evil.example/caf\uFFFD' },
      { type: 'url', value: 'https://evil.example/café' }
    ]
    const labels = { title: 'x', tlp: 'AMBER', pap: 'GREEN' }
    const { drafts, refused } = await imported(saying([item({ ...labels, indicators })]), '')
    expect(drafts.map(({ draft }) => draft.indicators.map(({ value }) => value))).toEqual([
      ['https://evil.example/café']
    ])
    expect(refused).toMatchObject([{ code: 'encoding-damaged', place: { path: 'indicators[0].value' } }])
    const alone = await imported(saying([item({ tlp: 'AMBER', pap: 'GREEN', indicators: indicators.slice(0, 1) })]), '')
    expect([alone.drafts.length, alone.refused.map(({ code }) => code)]).toEqual([0, ['encoding-damaged']])
  })

  it('loses no other item for one that cannot be read', async () => {
    const bad = item({ title: 'x', tlp: 'ORANGE' })
    const good = item({ title: 'y', tlp: 'AMBER', pap: 'GREEN' }, { key: 'said:2' })
    const { drafts, refused } = await imported(saying([bad, item({}), good]), '')
    expect(refused.map(({ code }) => code)).toEqual(['unknown-tlp', 'nothing-in-it'])
    expect(drafts.map(({ key }) => key)).toEqual(['said:2'])
  })

  it('cuts what no bulletin holds into several, each under its key', async () => {
    const whole = item({ title: 'many', text: 'once', indicators: addresses(9000) })
    const { drafts } = await imported(saying([whole]), '')
    expect(drafts.map(({ key, draft }) => [key, draft.title, draft.text, draft.indicators.length])).toEqual([
      ['said:1', 'many (1/3)', 'once', 4096],
      ['said:1#2', 'many (2/3)', undefined, 4096],
      ['said:1#3', 'many (3/3)', undefined, 808]
    ])
  })

  it.each([
    ['drafts', { drafts: 2 }],
    ['indicators', { indicators: 3 }]
  ])('stops at the limit of %s and says so', async (_name, limits) => {
    const items = [1, 2, 3].map((n) =>
      item({ title: `${n}`, indicators: addresses(n === 3 ? 2 : 1) }, { key: `said:${n}` })
    )
    const { drafts, refused } = await imported(saying(items, limits), '')
    expect(drafts.length).toBe(2)
    expect(refused).toMatchObject([{ code: 'too-much' }])
  })

  it('reads nothing of a source above its limit', async () => {
    const { drafts, refused } = await imported(saying([item({ title: 'x' })]), 'x'.repeat(101))
    expect(drafts).toEqual([])
    expect(refused).toMatchObject([{ code: 'source-too-large', place: { offset: 100 } }])
  })

  it('shows no more of a hostile message than one short line', async () => {
    const refusal: Imported = { kind: 'refused', code: 'label-missing', message: `a\n\u202e${'b'.repeat(1e5)}`, place }
    const { refused } = await imported(saying([refusal]), '')
    expect(refused[0]?.message).toMatch(/^a b{1,298}…$/)
  })
})
