import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvCell } from '../feeds/csv.ts'
import { FEEDS } from '../feeds.ts'
import { csvRecords } from '../import-csv.ts'
import { imported, pieces } from '../imports.fixture.ts'
import { item, written } from '../items.fixture.ts'
import { CSV_IMPORT } from './csv.ts'
import { STIX_BUNDLE } from './stix.ts'

const valuesOf = ({ drafts }: Awaited<ReturnType<typeof imported>>) =>
  drafts.flatMap(({ draft }) => draft.indicators.map(({ type, value }) => `${type} ${value}`))

describe('csvRecords', () => {
  it('gives every cell back, whatever it holds and however the bytes come', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\r\uFEFF]/g, ''))
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`))
        const source = quoted.map((row) => `${row.join(',')}\r\n`).join('')
        const found: (readonly string[])[] = []
        for await (const some of csvRecords(pieces(source, size), () => ',')) {
          for (const one of some) found.push('kind' in one ? [one.code] : one.cells)
        }
        expect(found).toEqual(rows)
      })
    )
  })

  it('refuses an open quote alone, and reads on with the next line', async () => {
    const open = Array.from({ length: 300 }, (_, n) => `"a${n},b`).join('\n')
    const source = `x,y\n1,"2\n3",extra,more\n"bad" cell,1\n${open}\n5,6\n`
    const found: string[] = []
    for await (const some of csvRecords(pieces(source), () => ',')) {
      for (const one of some) found.push('kind' in one ? `${one.place.line} ${one.code}` : one.cells.join('|'))
    }
    expect(found.slice(0, 3)).toEqual(['x|y', '1|2\n3|extra|more', '4 csv-malformed'])
    expect(found.at(-1)).toBe('5|6')
  })
})

describe('csv', () => {
  it('reads columns by name, by number and as what they always are', async () => {
    const named =
      'Adresse;Vu le;Remarque\r\n198.51.100.7;2026-11-30;"a ; b"\r\n300.1.1.1;;\r\nevil[.]example[.]org;;\r\n'
    const mapping = { value: 'Adresse', lastSeen: 'Vu le', comment: 'Remarque', title: '=Liste', threat: '=scan' }
    const all = await imported(CSV_IMPORT, named, { mapping })
    expect(valuesOf(all)).toContain('ipv4 198.51.100.7')
    expect(valuesOf(all)).toContain('domain evil.example.org')
    expect(all.drafts[0]?.draft).toMatchObject({ title: 'Liste', threat: 'scan' })
    expect(all.drafts[0]?.draft.indicators[0]).toMatchObject({ comment: 'a ; b', lastSeen: '2026-11-30T00:00:00.000Z' })

    const numbered = '# abuse list\n# ip,port\n198.51.100.8,443\n"198.51.100.9",80\n'
    const tab = await imported(CSV_IMPORT, numbered, { mapping: { value: '#1', type: '=ipv4' } })
    expect(valuesOf(tab)).toEqual(['ipv4 198.51.100.8', 'ipv4 198.51.100.9'])
    expect(tab.refused).toEqual([])
    await expect(imported(CSV_IMPORT, '', { mapping: { value: '#1', type: 'kind' } })).rejects.toThrow('numbered')
  })

  it('reads what a spreadsheet saves: Unicode text with its mark, windows-1252 where that is said', async () => {
    const text = 'Adresse;Remarque\r\nexample.org;hameçonnage\r\n'
    const mapping = { value: 'Adresse', comment: 'Remarque' }
    const unicode = await imported(CSV_IMPORT, Buffer.from(`\uFEFF${text}`, 'utf16le'), { mapping }, 7)
    const ansi = await imported(CSV_IMPORT, Buffer.from(text, 'latin1'), { mapping, charset: 'windows-1252' }, 7)
    for (const { drafts, refused } of [unicode, ansi]) {
      expect(drafts[0]?.warnings).toEqual([])
      expect(refused).toEqual([])
      expect(drafts[0]?.draft.indicators).toMatchObject([{ value: 'example.org', comment: 'hameçonnage' }])
    }
    const blind = await imported(CSV_IMPORT, Buffer.from(text, 'latin1'), { mapping }, 7)
    expect(blind.drafts[0]?.warnings).toMatchObject([
      { code: 'text-damaged', message: 'no UTF-8 here: hame\uFFFDonnage' }
    ])
    await expect(imported(STIX_BUNDLE, '', { charset: 'windows-1252' })).rejects.toMatchObject({
      code: 'import-charset-unfit'
    })
  })

  it('refuses by line what is no record, a header without the column among it', async () => {
    const { refused } = await imported(CSV_IMPORT, 'type,value\nipv4,1.2.3\nnonsense,x\nipv4\ndomain,a.example,extra\n')
    expect(refused.map(({ code, place }) => [code, place.line])).toEqual([
      ['ipv4-syntax', 2],
      ['type-unknown', 3],
      ['nothing-in-it', 4],
      ['csv-malformed', 5]
    ])
    const none = await imported(CSV_IMPORT, 'a,b\n1,2\n')
    expect(none.refused[0]).toMatchObject({ code: 'record-invalid', place: { line: 1 } })
  })

  it('gives back what our own feed wrote, formulas and labels included', async () => {
    const items = [
      item('domain', 'evil.example'),
      item('email-subject', '=cmd|calc', { tlp: 'GREEN', id: '7a6c1d52-2d6e-4c3e-9d1e-1f2a3b4c5d6e' }),
      item('email-subject', '\'quoted, "twice"', { pap: 'AMBER' }, { comment: 'line, "one"' }),
      item('url', 'http://evil.example/a?b=c,d')
    ]
    const { text } = await written(FEEDS.csv, items, { use: 'hunt' })
    const back = await imported(CSV_IMPORT, text, { labels: {} })
    expect(back.refused).toEqual([])
    expect(valuesOf(back).toSorted()).toEqual(items.map(({ indicator: it }) => `${it.type} ${it.value}`).toSorted())
    expect(back.drafts.every(({ bulletins }) => bulletins?.length === 1)).toBe(true)
    expect(back.drafts.map(({ draft }) => [draft.tlp, draft.pap]).toSorted()).toEqual([
      ['AMBER', 'AMBER'],
      ['AMBER', 'GREEN'],
      ['GREEN', 'GREEN']
    ])
  })

  it('stands whatever the cells hold', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('=1+1', '"', '""', ',', '\n', '\u202e', '198.51.100.7')
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell)), async (rows) => {
        const source = `type,value\n${rows.map((row) => `${row.map(csvCell).join(',')}\n`).join('')}ipv4,198.51.100.200\n`
        expect(valuesOf(await imported(CSV_IMPORT, source))).toContain('ipv4 198.51.100.200')
      }),
      { numRuns: 200 }
    )
  })
})
