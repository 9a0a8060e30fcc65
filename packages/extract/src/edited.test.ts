import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEditor, stack } from './edited.ts'

describe('createEditor', () => {
  it('maps a replaced character to the whole of what it replaces', () => {
    const editor = createEditor('evil[.]com')
    editor.replace(4, 7, '.', true)
    const edited = editor.finish()
    expect(edited.text).toBe('evil.com')
    expect(edited.range(0, 8)).toEqual([0, 10])
    expect(edited.range(4, 5)).toEqual([4, 7])
    expect(edited.range(5, 8)).toEqual([7, 10])
    expect(edited.marked(0, 8)).toBe(true)
    expect(edited.marked(5, 8)).toBe(false)
  })

  it('leaves what was deleted at an edge outside, and inside inside', () => {
    const editor = createEditor('\u200bab\u200bcd\u200b')
    for (const at of [0, 3, 6]) editor.replace(at, at + 1, '')
    const edited = editor.finish()
    expect(edited.text).toBe('abcd')
    expect(edited.range(0, 4)).toEqual([1, 6])
  })

  it('maps every unedited character to itself, through two layers', () => {
    const edits = fc.array(fc.tuple(fc.nat(4), fc.nat(3), fc.string({ maxLength: 3 })), { maxLength: 8 })
    fc.assert(
      fc.property(fc.string({ minLength: 0, maxLength: 60 }), edits, edits, (source, first, second) => {
        const lower = edit(source, first)
        const both = stack(lower, edit(lower.text, second))
        for (let start = 0; start <= both.text.length; start++) {
          for (let end = start; end <= both.text.length; end++) {
            const [from, to] = both.range(start, end)
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeGreaterThanOrEqual(from)
            expect(to).toBeLessThanOrEqual(source.length)
          }
        }
        if (first.length === 0 && second.length === 0) expect(both.text).toBe(source)
      })
    )
  })
})

/** Edits from left to right: so many characters on, so many replaced, by that. */
function edit(source: string, edits: readonly (readonly [number, number, string])[]) {
  const editor = createEditor(source)
  let at = 0
  for (const [skip, length, by] of edits) {
    const from = Math.min(source.length, at + skip)
    const to = Math.min(source.length, from + length)
    editor.replace(from, to, by)
    at = to
  }
  return editor.finish()
}
