import { INDICATOR_TYPE_NAMES, INDICATOR_TYPES } from '@tocsin/model'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keyLength, readValue, roomForKey, writeKey } from './key-text.ts'
import { compareUtf8 } from './order.ts'

const letters = fc.constantFrom(
  'a',
  'b',
  '.',
  '\0',
  '\x7f',
  '\x80',
  'é',
  '\u07ff',
  '\u20ac',
  '\ud7ff',
  '\ue000',
  '\uffff'
)
const anyText = fc.string({ unit: fc.oneof(letters, fc.constantFrom('\ud800', '\udfff', '\u{1f600}')), maxLength: 9 })
const anyType = fc.constantFrom(...INDICATOR_TYPE_NAMES)

function written(type: (typeof INDICATOR_TYPE_NAMES)[number], value: string): Buffer {
  const bytes = Buffer.alloc(roomForKey(value) + 3, 0xff)
  const end = writeKey(bytes, 3, type, value)
  expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xff, 0xff])
  return bytes.subarray(3, end)
}

it('orders as the index keys do in UTF-8', () => {
  fc.assert(
    fc.property(anyType, anyText, anyText, (type, a, b) => {
      const { indexKey } = INDICATOR_TYPES[type]
      const order = Math.sign(compareUtf8(indexKey(a), indexKey(b)))
      expect(Math.sign(Buffer.compare(written(type, a), written(type, b)))).toBe(order)
    }),
    { numRuns: 1000 }
  )
})

it('gives every value back, lone surrogates too', () => {
  fc.assert(
    fc.property(anyType, fc.oneof(anyText, fc.string({ maxLength: 3000, size: 'max' })), (type, value) => {
      const bytes = written(type, value)
      const isAscii = bytes.length === keyLength(type, value)
      expect(isAscii).toBe(/^[\0-\x7f]*$/.test(value))
      expect(readValue(bytes, 0, bytes.length, type, isAscii)).toBe(value)
      expect(Math.max(0, ...bytes)).toBeLessThan(0xf0)
    }),
    { numRuns: 1000 }
  )
})
