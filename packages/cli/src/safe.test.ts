import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeJson, safeLine, safeText } from './safe.ts'

// What a terminal may obey or misshow: controls, escape sequences, bidirectional and invisible characters.
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u001b[2J', '\u001b]0;title\u0007', '\u009b31m', '\r', '\n', '\t', '\u0000', '\u007f', '\u2028'),
    fc.constantFrom('\u202e', '\u2066', '\u200b', '\u00ad', '\ufeff', '\u{e0041}', '\ud800', 'a', 'é', '😀', '"', '\\'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 2 })
  )
})
const DANGEROUS =
  /[^\P{Cc}]|[\u2028\u2029\u061C\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]/u
const DANGEROUS_BUT_LAYOUT = new RegExp(`(?![\\t\\n])(?:${DANGEROUS.source})`, 'u')

describe('text of peers', () => {
  it('is one harmless line', () => {
    fc.assert(fc.property(hostile, (text) => !DANGEROUS.test(safeLine(text)) && safeLine(text).isWellFormed()))
  })

  it('keeps its lines, and nothing else that moves a cursor', () => {
    fc.assert(fc.property(hostile, (text) => !DANGEROUS_BUT_LAYOUT.test(safeText(text))))
    expect(safeText('a\r\n\tb\rc')).toBe('a\n\tb\nc')
  })

  it('is harmless as JSON and still the same', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(0, 2), (text, indent) => {
        const json = safeJson({ text }, indent)
        expect(DANGEROUS_BUT_LAYOUT.test(json)).toBe(false)
        expect(JSON.parse(json)).toEqual({ text })
      })
    )
  })

  it('loses whole sequences and no words', () => {
    expect(safeLine('\u001b[31mrouge\u001b[0m\u202egpj.exe\nend')).toBe('rougegpj.exe end')
    expect(safeLine('Évènement à l’université — 😀')).toBe('Évènement à l’université — 😀')
  })
})
