import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase58, encodeBase58 } from './base58.ts'
import { createBoundedCache } from './bounded.ts'
import {
  compareBytes,
  concatBytes,
  copyBytes,
  equalBytes,
  fromHex,
  isZero,
  sha256,
  sha256Hex,
  sha256Latin1,
  toHex,
  utf8
} from './bytes.ts'
import { JournalError } from './errors.ts'
import { readFields, writeFields } from './fields.ts'

const anyBytes = fc.uint8Array({ maxLength: 64 })

describe('hex', () => {
  it('goes round', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
      })
    )
  })

  it.each(['0', 'AB', '0x00', 'zz', ' 00', '00\n', 'é0'])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'hex-malformed' }))
  })

  it('refuses another length than asked for', () => {
    expect(fromHex('abcd', 2)).toEqual(Uint8Array.of(0xab, 0xcd))
    expect(() => fromHex('abcd', 3)).toThrow(JournalError)
  })
})

describe('base58btc', () => {
  // The examples of draft-msporny-base58-03 §5.
  it.each([
    ['48656c6c6f20576f726c6421', '2NEpo7TZRRrLZSi2U'],
    ['0000287fb4cd', '11233QC4'],
    ['', ''],
    ['000000', '111']
  ])('writes %s as %s', (hex, text) => {
    expect(encodeBase58(fromHex(hex))).toBe(text)
    expect(toHex(decodeBase58(text))).toBe(hex)
  })

  it('goes round', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes)
      })
    )
  })

  it.each(['0', 'O', 'I', 'l', 'a b', '€', '1'.repeat(129)])('refuses %j', (text) => {
    expect(() => decodeBase58(text)).toThrow(expect.objectContaining({ code: 'base58-malformed' }))
  })
})

describe('bytes', () => {
  it('compares and joins', () => {
    expect(compareBytes(utf8('a'), utf8('ab'))).toBe(-1)
    expect(compareBytes(utf8('b'), utf8('ab'))).toBe(1)
    expect(equalBytes(utf8('ab'), concatBytes(utf8('a'), utf8(''), utf8('b')))).toBe(true)
    expect(equalBytes(utf8('ab'), utf8('abc'))).toBe(false)
    expect([isZero(new Uint8Array(3)), isZero(Uint8Array.of(0, 1))]).toEqual([true, false])
  })

  it('hashes as FIPS 180-4 does', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(sha256Hex(utf8('abc'))).toBe(abc)
    expect(toHex(sha256(utf8('abc')))).toBe(abc)
    expect(Buffer.from(sha256Latin1('abc'), 'latin1').toString('hex')).toBe(abc)
    expect(Buffer.from(sha256Latin1('é'), 'latin1').toString('hex')).toBe(sha256Hex(utf8('é')))
  })

  it('copies into memory of its own', () => {
    const given = Buffer.from('abc')
    const copy = copyBytes(given)
    given[0] = 0
    expect(copy).toEqual(utf8('abc'))
  })
})

describe('bounded cache', () => {
  it('forgets what was used longest ago', () => {
    const cache = createBoundedCache<string, number>(2)
    cache.set('a', 1)
    cache.set('b', 2)
    expect(cache.get('a')).toBe(1)
    cache.set('c', 3)
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2])
  })
})

describe('fields', () => {
  it('goes round at every width', () => {
    const value = fc.record({
      byte: fc.integer({ min: 0, max: 255 }),
      word: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      long: fc.maxSafeNat()
    })
    fc.assert(
      fc.property(value, ({ byte, word, long }) => {
        const record = writeFields(15, 'entry-field').uint(byte, 1).uint(word, 4).uint(long, 8).hex('abcd', 2).done()
        const fields = readFields(record)
        expect([fields.uint(1), fields.uint(4), fields.uint(8), fields.hex(2)]).toEqual([byte, word, long, 'abcd'])
      })
    )
  })

  it.each([256, -1, 1.5, Number.NaN])('refuses %d in one byte', (value) => {
    expect(() => writeFields(1, 'entry-field').uint(value, 1)).toThrow(expect.objectContaining({ code: 'entry-field' }))
  })

  it('refuses bytes of another width and a record with a field missing', () => {
    expect(() => writeFields(2, 'entry-field').hex('ab', 2)).toThrow(JournalError)
    expect(() => writeFields(2, 'entry-field').uint(1, 1).done()).toThrow(JournalError)
  })

  it('reads no integer that JavaScript would round', () => {
    expect(readFields(fromHex('0020000000000000')).uint(8)).toBeUndefined()
    expect(readFields(fromHex('001fffffffffffff')).uint(8)).toBe(Number.MAX_SAFE_INTEGER)
  })
})
