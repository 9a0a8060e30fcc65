import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounded, ImportCut, type Line, linesOf, wholeOf } from './import-source.ts'
import { pieces } from './imports.fixture.ts'

async function all(source: string | Uint8Array, size: number, most?: number, limit = 1e6): Promise<Line[]> {
  const lines: Line[] = []
  for await (const some of linesOf(bounded(pieces(source, size), limit), most)) lines.push(...some)
  return lines
}

describe('linesOf', () => {
  it('gives every line with its place, however the bytes come', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/[\r\n\uFEFF]/g, ' '))
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), async (texts, size) => {
        const source = texts.map((text) => `${text}\n`).join('')
        const lines = await all(source, size)
        expect(lines.map(({ text }) => text)).toEqual(texts)
        expect(lines.map(({ number }) => number)).toEqual(texts.map((_, index) => index + 1))
        const bytes = Buffer.from(source)
        for (const { offset, text = '' } of lines) {
          expect(bytes.subarray(offset, offset + Buffer.byteLength(text)).toString()).toBe(text)
        }
      })
    )
  })

  it('passes over a line that is too long and keeps the others', async () => {
    const lines = await all(`a\r\n${'x'.repeat(5000)}\nb`, 100, 50)
    expect(lines).toMatchObject([
      { text: 'a' },
      { number: 2, refused: { code: 'line-too-long' } },
      { number: 3, text: 'b' }
    ])
  })

  it('keeps what came before the limit of the source', async () => {
    const lines = await all('one\ntwo\nthree\n', 3, 100, 10)
    expect(lines).toMatchObject([
      { text: 'one' },
      { text: 'two' },
      { offset: 10, refused: { code: 'source-too-large' } }
    ])
  })
})

it('reads no more of a whole source than its limit', async () => {
  await expect(wholeOf(bounded(pieces('12345', 2), 4))).rejects.toThrow(ImportCut)
  expect((await wholeOf(bounded(pieces('1234', 3), 4))).toString()).toBe('1234')
})
