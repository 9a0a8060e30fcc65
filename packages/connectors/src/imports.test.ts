import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imported } from './imports.fixture.ts'
import { IMPORTS, importNamed } from './imports.ts'

describe('IMPORTS', () => {
  it('has rows that are complete, under names of their own', () => {
    expect(new Set(IMPORTS.map(({ name }) => name)).size).toBe(IMPORTS.length)
    for (const info of IMPORTS) {
      expect(info.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(info.title.en && info.title.fr).toBeTruthy()
      for (const type of info.mediaTypes) expect(type).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/)
      for (const limit of Object.values(info.limits)) expect(limit).toBeGreaterThan(0)
      expect(importNamed(info.name)).toBe(info)
    }
    expect(importNamed('constructor')).toBeUndefined()
  })

  it.each(IMPORTS)('$name: makes nothing of nothing, and throws for no bytes at all', async (info) => {
    const options = info.options.includes('secret') ? { isSecret: () => true } : {}
    const { drafts } = await imported(info, '', options)
    expect(drafts).toEqual([])
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 200 }))
    await fc.assert(
      fc.asyncProperty(bytes, async (source) => {
        for (const { draft, key } of (await imported(info, source, options)).drafts) {
          expect(draft.tlp !== undefined && draft.pap !== undefined).toBe(true)
          expect(key).toMatch(/^[a-z0-9-]+:./)
        }
      }),
      { numRuns: 50 }
    )
  })

  it.each(IMPORTS)('$name: gives the same keys however the bytes come', async (info) => {
    const options = info.options.includes('secret') ? { isSecret: () => true } : {}
    const bytes = fc.string({ maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 7 }), async (source, size) => {
        expect(await imported(info, source, options, size)).toEqual(await imported(info, source, options))
      }),
      { numRuns: 50 }
    )
  })
})
