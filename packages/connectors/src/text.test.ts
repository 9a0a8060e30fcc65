import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainLine, oneLine, remark } from './text.ts'

describe('oneLine', () => {
  it('turns breaks into spaces and drops what cannot be seen', () => {
    expect(oneLine('a\r\nb\u2028c\u0000d', 99)).toBe('a b c d')
    expect(oneLine('abc\u202egpj.exe\u200b\ufeff', 99)).toBe('abcgpj.exe')
    expect(oneLine('x\u{e0041}\u{e007f}y', 99)).toBe('xy')
    expect(oneLine('bad \ud800 half', 99)).toBe('bad half')
  })

  it('cuts by code point, with an ellipsis', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…')
    expect(oneLine('🔔🔔🔔🔔🔔', 3)).toBe('🔔🔔…')
    expect(oneLine('abcd', 4)).toBe('abcd')
  })

  it('is always one printable line within its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (text, most) => {
        const line = oneLine(text, most)
        expect([...line].length).toBeLessThanOrEqual(most)
        expect(line === '' || isPlainLine(line)).toBe(true)
      })
    )
  })

  it('takes no longer for a megabyte of padding', () => {
    expect(oneLine(`${'\u200b'.repeat(1_000_000)}a`, 10)).toBe('…')
  })
})

describe('remark', () => {
  it('leaves nothing that ends or quotes a comment', () => {
    expect(remark('a"b\'c`d\\e;f#g\nh', 99)).toBe('a’b’c’d’e’f’g h')
  })
})

describe('isPlainLine', () => {
  it('refuses controls, bidirectional marks, separators and outer spaces', () => {
    for (const value of ['', ' a', 'a ', 'a\tb', 'a\nb', 'a\u202eb', 'a\u2028b', 'a\u0085b', '\ud800']) {
      expect(isPlainLine(value), JSON.stringify(value)).toBe(false)
    }
    expect(isPlainLine('Facture n° 12 à payer.pdf')).toBe(true)
  })
})
