import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asUtf8 } from './import-charset.ts'

describe('what is no UTF-8', () => {
  it('is read by its byte order mark, and the mark is no part of it', async () => {
    expect(await read(utf16('\uFEFFvaleur\ncafé.example', 'le'))).toBe('valeur\ncafé.example')
    expect(await read(utf16('\uFEFFvaleur\ncafé.example', 'be'))).toBe('valeur\ncafé.example')
  })

  it('is read by the charset that was said', async () => {
    expect(await read(Buffer.from('caf\xe9 \x80', 'latin1'), 'windows-1252')).toBe('café €')
    expect(await read(Buffer.from('caf\xe9 \xa4', 'latin1'), 'iso-8859-15')).toBe('café €')
    expect(await read(utf16('café', 'le'), 'utf-16le')).toBe('café')
  })

  it('believes a mark more than what was said', async () => {
    expect(await read(utf16('\uFEFFcafé', 'be'), 'windows-1252')).toBe('café')
    expect(await read(Buffer.from('\uFEFFcafé'), 'windows-1252')).toBe('\uFEFFcafé')
  })

  it('is left alone where nobody said anything', async () => {
    expect([...(await bytes([Buffer.from([0xe9, 0x0a])]))]).toEqual([0xe9, 0x0a])
  })

  it('shows what the charset has no character for', async () => {
    expect(await read(Buffer.from([0xd8]), 'utf-16le')).toBe('\uFFFD')
    expect(await read(Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]))).toBe('\uFFFDA')
  })

  it('is the same however it is cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('le' as const, 'be' as const),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        async (text, order, sizes) => {
          const whole = utf16(`\uFEFF${text}`, order)
          expect((await bytes(cut(whole, sizes))).toString()).toBe(text)
        }
      )
    ))

  it('has a name that is known, before anything is read', () => {
    const never = (async function* () {
      yield await Promise.reject(new Error('read'))
    })()
    expect(() => asUtf8(never, 'klingon')).toThrow(expect.objectContaining({ code: 'import-charset-unknown' }))
  })
})

function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(text, 'utf16le')
  return order === 'le' ? bytes : bytes.swap16()
}

function cut(whole: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0, turn = 0; at < whole.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    parts.push(whole.subarray(at, at + size))
    at += size
  }
  return parts
}

async function bytes(parts: readonly Uint8Array[], charset?: string): Promise<Buffer> {
  const source = (async function* () {
    yield* parts
  })()
  const out: Uint8Array[] = []
  for await (const part of asUtf8(source, charset)) out.push(part)
  return Buffer.concat(out)
}

const read = async (whole: Uint8Array, charset?: string): Promise<string> => (await bytes([whole], charset)).toString()
