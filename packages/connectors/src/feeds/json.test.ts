import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PIECE } from '../feed.ts'
import { item, stream, written } from '../items.fixture.ts'
import { JSON_FEED } from './json.ts'

describe('json', () => {
  it('is one document, one indicator a line, every bulletin with its own labels', async () => {
    const other = { id: '7d0b1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55', tlp: 'CLEAR', pap: 'CLEAR', confidence: 10 } as const
    const { text } = await written(JSON_FEED, [
      item('ipv4', '192.0.2.7'),
      item('ipv4', '192.0.2.7', other),
      item('domain', 'evil.example')
    ])
    expect(text.split('\n')).toHaveLength(5)
    const { indicators } = JSON.parse(text)
    expect(indicators.map((one: { value: string }) => one.value)).toEqual(['192.0.2.7', 'evil.example'])
    expect(indicators[0]).toMatchObject({ tlp: 'AMBER', pap: 'GREEN', bulletins: [{ tlp: 'AMBER' }, { tlp: 'CLEAR' }] })
    expect(indicators[1]).toEqual({
      type: 'domain',
      value: 'evil.example',
      role: 'malicious',
      tlp: 'AMBER',
      pap: 'GREEN',
      bulletins: [
        {
          id: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
          title: 'Hameçonnage messagerie',
          author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH',
          authorName: 'Université de Reims',
          tlp: 'AMBER',
          pap: 'GREEN',
          threat: 'phishing',
          confidence: 80,
          publishedAt: '2026-11-24T09:00:00.000Z'
        }
      ]
    })
  })

  it('is a document for nothing', async () => {
    expect(JSON.parse((await written(JSON_FEED, [])).text)).toEqual({ indicators: [] })
  })

  it('carries every value exactly, and shows no invisible character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (value) => {
        const { text } = await written(JSON_FEED, [item('filename', value)])
        expect(JSON.parse(text).indicators[0].value).toBe(value)
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      })
    )
  })

  it('is handed on in pieces', async () => {
    const many = Array.from({ length: 1000 }, (_, number) => item('domain', `n${number}.example`))
    const pieces = JSON_FEED.write(stream([many]))
    const first = (await pieces.next()).value ?? ''
    expect(first).toMatch(/^{"indicators":\[\n/)
    expect(first.length).toBeLessThan(2 * PIECE)
    expect((await pieces.next()).done).toBe(false)
    await pieces.return(undefined)
  })
})
