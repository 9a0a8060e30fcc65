import { parseIndicator } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FEEDS } from '../feeds.ts'
import { imported } from '../imports.fixture.ts'
import { item, written } from '../items.fixture.ts'
import { JSON_IMPORT } from './json.ts'

const valuesOf = ({ drafts }: Awaited<ReturnType<typeof imported>>) =>
  drafts.flatMap(({ draft }) => draft.indicators.map(({ type, value }) => `${type} ${value}`))

const URLHAUS = JSON.stringify(
  {
    query_status: 'ok',
    urls: [
      {
        id: 3001,
        url: 'http://198.51.100.9/x.sh',
        threat: 'malware_download',
        tags: ['elf', 'mirai'],
        date_added: '2026-11-30 09:00:00 UTC'
      },
      { id: 3002, url: 'http://evil.example.org/y', threat: 'malware_download', tags: null }
    ]
  },
  null,
  2
)

describe('json', () => {
  it('reads a document by a mapping, one draft for each id', async () => {
    const mapping = {
      items: 'urls',
      id: 'id',
      value: 'url',
      type: '=url',
      threat: '=dropper',
      tags: 'tags.*',
      title: '=URLhaus'
    }
    const all = await imported(JSON_IMPORT, URLHAUS, { mapping })
    expect(all.refused).toEqual([])
    expect(valuesOf(all)).toEqual(['url http://198.51.100.9/x.sh', 'url http://evil.example.org/y'])
    expect(all.drafts[0]?.draft).toMatchObject({ title: 'URLhaus', threat: 'dropper', tags: ['elf', 'mirai'] })
    expect(new Set(all.drafts.map(({ key }) => key)).size).toBe(2)
    const again = await imported(JSON_IMPORT, JSON.stringify(JSON.parse(URLHAUS)), { mapping })
    expect(again.drafts.map(({ key }) => key)).toEqual(all.drafts.map(({ key }) => key))
  })

  it('says that a document has nothing where its records should be; an empty list is no mistake', async () => {
    const mapping = { items: 'data.urls', value: 'url' }
    const renamed = await imported(JSON_IMPORT, '{"data":{"links":[{"url":"http://evil.example/"}]}}', { mapping })
    expect(renamed.refused).toMatchObject([{ code: 'record-invalid', message: 'nothing at items' }])
    expect(renamed.drafts).toEqual([])
    const quiet = await imported(JSON_IMPORT, '{"data":{"urls":[]}}', { mapping })
    expect([quiet.drafts, quiet.refused]).toEqual([[], []])
  })

  it('reads an object a line, and gathers what has the same labels', async () => {
    const lines = [
      { src: { ip: '198.51.100.1' }, seen: 1796029200, tlp: 'TLP:GREEN' },
      { src: { ip: '198.51.100.2' }, seen: 'yesterday', tlp: 'TLP:GREEN' },
      { src: { ip: '198.51.100.3' }, tlp: 'amber' },
      { src: { ip: 'no address' } },
      { src: {} },
      { src: { ip: '10.0.0.1' } },
      { src: { ip: '198.51.100.4' }, tlp: 'tlp:ex:chr' }
    ]
    const source = lines.map((line) => JSON.stringify(line)).join('\n')
    const mapping = { value: 'src.ip', type: '=ipv4', lastSeen: 'seen', tlp: 'tlp' }
    const { drafts, refused } = await imported(JSON_IMPORT, `${source}\n{"src":\n`, { mapping })
    expect(
      drafts.map(({ draft }) => [draft.tlp, draft.indicators.map(({ value, lastSeen }) => [value, lastSeen])])
    ).toEqual([
      [
        'GREEN',
        [
          ['198.51.100.1', '2026-11-30T09:00:00.000Z'],
          ['198.51.100.2', undefined]
        ]
      ],
      ['AMBER', [['198.51.100.3', undefined]]]
    ])
    expect(refused.map(({ code, place }) => [code, place.line])).toEqual([
      ['bad-time', 2],
      ['ipv4-syntax', 4],
      ['nothing-in-it', 5],
      ['label-unknown', 7],
      ['not-json', 8]
    ])
    expect(drafts[0]?.warnings).toMatchObject([{ code: 'left-out', place: { line: 6 } }])
  })

  it('gives back what our own feed wrote, with the bulletin that it came from', async () => {
    const domain = fc
      .domain()
      .map((text) => parseIndicator('domain', text))
      .filter((read) => read.ok)
      .map(({ value }) => value)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(domain, { minLength: 1, maxLength: 10 }),
        fc.string({ maxLength: 40 }),
        async (names, comment) => {
          const items = names.map((name) => item('domain', name, {}, { comment }))
          const { text } = await written(FEEDS.json, items)
          const back = await imported(JSON_IMPORT, text, { labels: {} })
          expect(back.refused).toEqual([])
          expect(valuesOf(back).toSorted()).toEqual(
            items.map(({ indicator }) => `domain ${indicator.value}`).toSorted()
          )
          expect(back.drafts[0]).toMatchObject({
            bulletins: ['0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'],
            draft: { tlp: 'AMBER', pap: 'GREEN', threat: 'phishing', confidence: 80, title: 'Hameçonnage messagerie' }
          })
        }
      ),
      { numRuns: 30 }
    )
  })

  it('refuses a mapping that makes no sense, before the first byte', async () => {
    for (const mapping of [{ nonsense: 'a' }, { type: '=ipv4' }, { value: ' ' }]) {
      await expect(imported(JSON_IMPORT, '{}', { mapping })).rejects.toThrow(/field|mapped/)
    }
  })

  it('stands whatever a document holds, and walks into no prototype', async () => {
    const mapping = { value: 'a.*.b', id: '__proto__.x', title: 'constructor.name', tags: 'a', tlp: 'toString' }
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json({ maxDepth: 5 })), async (documents) => {
        const { drafts } = await imported(JSON_IMPORT, documents.join('\n'), { mapping })
        for (const { draft } of drafts) expect(draft.title).not.toMatch(/Object|Function/)
      }),
      { numRuns: 200 }
    )
  })

  it('hands on what it holds before a long log is at its end', async () => {
    async function* many(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 1000; n += 1) {
        const lines = Array.from({ length: 200 }, (_, i) => `{"value":"198.${n >> 8}.${n & 255}.${i}","type":"ipv4"}\n`)
        yield Buffer.from(lines.join(''))
      }
    }
    let values = 0
    let most = 0
    for await (const one of JSON_IMPORT.read(many(), {
      source: 's',
      labels: { tlp: 'GREEN', pap: 'GREEN' },
      context: { ownDomains: [], circleDomains: [] },
      now: 0
    })) {
      if (one.kind !== 'draft') continue
      const count = one.draft.indicators?.length ?? 0
      values += count
      most = Math.max(most, count)
    }
    expect(values).toBe(200_000)
    expect(most).toBeLessThanOrEqual(60_000)
  })
})
