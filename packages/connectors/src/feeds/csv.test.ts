import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { item, written } from '../items.fixture.ts'
import { CSV, CSV_COLUMNS, csvCell } from './csv.ts'

/** A plain reader of RFC 4180, as strict as the document allows. */
function read(text: string): string[][] {
  const lines: string[][] = [[]]
  let at = 0
  while (at < text.length) {
    let cell = ''
    if (text[at] === '"') {
      for (at += 1; !(text[at] === '"' && text[at + 1] !== '"'); at += 1) {
        if (text[at] === '"') at += 1
        cell += text[at] ?? ''
      }
      at += 1
    } else while (at < text.length && text[at] !== ',' && text[at] !== '\r') cell += text[at++]
    lines.at(-1)?.push(cell)
    if (text[at] === ',') at += 1
    else if (text.startsWith('\r\n', at)) {
      at += 2
      if (at < text.length) lines.push([])
    } else throw new Error(`no cell ends at ${at}`)
  }
  return lines
}

async function record(...args: Parameters<typeof item>): Promise<Record<string, string | undefined>> {
  const { text } = await written(CSV, [item(...args)])
  const [header, line, ...rest] = read(text)
  expect(rest).toEqual([])
  expect(header).toEqual([...CSV_COLUMNS])
  return Object.fromEntries(CSV_COLUMNS.map((column, i) => [column, line?.[i]]))
}

describe('csv', () => {
  it('has a header and one record a value, traced to its bulletin', async () => {
    expect(await record('ipv4', '192.0.2.7', {}, { firstSeen: '2026-11-24T08:00:00Z' })).toEqual({
      type: 'ipv4',
      value: '192.0.2.7',
      role: 'malicious',
      threat: 'phishing',
      tlp: 'AMBER',
      pap: 'GREEN',
      confidence: '80',
      first_seen: '2026-11-24T08:00:00Z',
      last_seen: '',
      valid_until: '',
      comment: '',
      bulletin: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
      title: 'Hameçonnage messagerie',
      author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH',
      author_name: 'Université de Reims',
      published_at: '2026-11-24T09:00:00.000Z',
      bulletins: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'
    })
  })

  it('is a header alone for nothing', async () => {
    expect((await written(CSV, [])).text).toBe(`${CSV_COLUMNS.join(',')}\r\n`)
  })

  it('puts an apostrophe before what a spreadsheet would compute', async () => {
    const formula = '=HYPERLINK("http://evil.example","x")'
    expect((await record('ipv4', '192.0.2.7', { title: formula })).title).toBe(`'${formula}`)
    expect((await record('filename', '@SUM(A1)')).value).toBe("'@SUM(A1)")
    expect((await record('filename', "'quoted")).value).toBe("''quoted")
    for (const start of ['=', '+', '-', '@', '\t', '\r', '＝']) expect(csvCell(`${start}1`)).toMatch(/^"?'/)
  })

  it('hides no formula behind the separator of a French desktop', async () => {
    const title = 'x;=cmd|calc;+1'
    expect((await record('ipv4', '192.0.2.7', { title })).title).toBe('x; =cmd|calc; +1')
    const { refused } = await written(CSV, [item('url', 'http://evil.example/a;=cmd')])
    expect(refused).toEqual(['value-unsafe http://evil.example/a;=cmd'])
  })

  it('keeps hostile text on its line', async () => {
    const authorName = 'A","B\r\n=1\u202e'
    expect((await record('ipv4', '192.0.2.7', { authorName })).author_name).toBe('A","B =1')
    const { refused } = await written(CSV, [item('user-agent', 'curl\r\nX: y')])
    expect(refused).toHaveLength(1)
  })

  it('gives every value back exactly, less one apostrophe', async () => {
    const values = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('=', '+', '-', '@', "'", '"', ',', 'a', ' '), minLength: 1 })
    )
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const { text, refused } = await written(CSV, [item('user-agent', value)])
        if (refused.length > 0) return
        expect(read(text)[1]?.[1]?.replace(/^'/, '')).toBe(value)
      })
    )
  })
})
