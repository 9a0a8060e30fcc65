import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ImportCut } from './import-source.ts'
import { pieces } from './imports.fixture.ts'
import { type JsonPart, type JsonPath, jsonParts } from './json-parts.ts'

async function partsOf(text: string, opens: (path: JsonPath) => boolean, size = 7, most = 1000): Promise<JsonPart[]> {
  const all: JsonPart[] = []
  for await (const parts of jsonParts(pieces(text, size), { opens, most })) all.push(...parts)
  return all
}

/** The document that the parts make. */
function joined(parts: readonly JsonPart[]): unknown {
  const root: Record<string, unknown> = {}
  const put = (path: JsonPath, value: unknown): void => {
    let place: Record<string, unknown> = root
    for (const [depth, step] of ['root', ...path].entries()) {
      if (depth === path.length)
        Object.defineProperty(place, String(step), { value, enumerable: true, writable: true, configurable: true })
      else {
        if (!Object.hasOwn(place, String(step)))
          Object.defineProperty(place, String(step), {
            value: typeof path[depth] === 'number' ? [] : {},
            enumerable: true,
            writable: true,
            configurable: true
          })
        place = place[String(step)] as Record<string, unknown>
      }
    }
  }
  for (const part of parts) if (part.kind === 'value') put(part.path, part.value)
  return root.root
}

const noEmpty = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.keys(value).length > 0 && Object.values(value).every(noEmpty))

describe('jsonParts', () => {
  it('gives the same document whatever is opened, however the bytes come', async () => {
    const document = fc.jsonValue({ maxDepth: 4 }).filter(noEmpty)
    await fc.assert(
      fc.asyncProperty(
        document,
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 9 }),
        async (value, deep, size) => {
          const text = JSON.stringify(value, null, deep)
          const parts = await partsOf(text, (path) => path.length < deep, size, 100_000)
          expect(JSON.stringify(joined(parts))).toBe(JSON.stringify(JSON.parse(text)))
        }
      ),
      { numRuns: 500 }
    )
  })

  it('refuses what JSON.parse refuses, and nothing else', async () => {
    const broken = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '{', ':', 'x', '1', ' '))
      .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1))
      .filter((text) => text.trim() !== '')
    await fc.assert(
      fc.asyncProperty(broken, fc.integer({ min: 0, max: 3 }), async (text, deep) => {
        const isJson = (() => {
          try {
            JSON.parse(text)
            return true
          } catch {
            return false
          }
        })()
        const read = partsOf(text, (path) => path.length < deep)
        if (isJson) await read
        else await expect(read).rejects.toBeInstanceOf(ImportCut)
      }),
      { numRuns: 1000 }
    )
  })

  it('passes over a part that is too large, and goes on', async () => {
    const text = JSON.stringify({ list: ['a', 'b'.repeat(2000), { c: 'd' }] })
    const parts = await partsOf(text, (path) => path.length < 2)
    expect(parts).toEqual([
      { kind: 'value', path: ['list', 0], value: 'a' },
      { kind: 'too-large', path: ['list', 1] },
      { kind: 'value', path: ['list', 2], value: { c: 'd' } },
      { kind: 'end', path: ['list'] },
      { kind: 'end', path: [] }
    ])
  })

  it('stops at what is too deep, opened or not', async () => {
    for (const opens of [() => true, () => false])
      await expect(partsOf('['.repeat(40) + ']'.repeat(40), opens)).rejects.toMatchObject({
        code: 'json-too-deep',
        offset: 32
      })
  })
})
