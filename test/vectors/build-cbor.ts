import { encode, toHex } from '@tocsin/journal'
import type { Refused } from './records.ts'

export interface CborVectors {
  readonly description: string
  readonly limits: { readonly maxBytes: number; readonly maxDepth: number; readonly maxItems: number }
  readonly valid: readonly { readonly name: string; readonly hex: string; readonly value: unknown }[]
  readonly refused: readonly Refused[]
}

// JSON has no byte strings: the test reads { "bytes": "hex" } as one.
const values: readonly (readonly [string, unknown])[] = [
  ['0', 0],
  ['23', 23],
  ['24', 24],
  ['255', 255],
  ['256', 256],
  ['65536', 65_536],
  ['2^32 − 1', 2 ** 32 - 1],
  ['2^32', 2 ** 32],
  ['2^53 − 1', 2 ** 53 - 1],
  ['−1', -1],
  ['−2^31', -(2 ** 31)],
  ['−2^31 − 1', -(2 ** 31) - 1],
  ['−2^32', -(2 ** 32)],
  ['−2^32 − 1', -(2 ** 32) - 1],
  ['−(2^53 − 1)', -(2 ** 53 - 1)],
  ['empty text', ''],
  ['text beyond the BMP', 'alerte 🔔 é'],
  ['text of 24 bytes', 'x'.repeat(24)],
  ['empty array', []],
  ['empty map', {}],
  ['true, false, null', [true, false, null]],
  ['keys by length, then bytewise', { b: 1, aa: 2, '10': 3, '2': 4, é: 5 }],
  ['nested', { a: [{ b: [] }] }]
]

const refused: readonly (readonly [string, string, string])[] = [
  ['nothing', '', 'cbor-truncated'],
  ['integer cut short', '19ff', 'cbor-truncated'],
  ['text cut short', '6261', 'cbor-truncated'],
  ['bytes announcing 4 GiB', '5affffffff', 'cbor-truncated'],
  ['bytes announcing 2^64 − 1', '5bffffffffffffffff', 'cbor-truncated'],
  ['text announcing 4 GiB', '7affffffff', 'cbor-truncated'],
  ['array announcing 4 billion items', '9affffffff', 'cbor-truncated'],
  ['map announcing 2^63 pairs', 'bb8000000000000000', 'cbor-truncated'],
  ['array with an item missing', '820f', 'cbor-truncated'],
  ['map with a value missing', 'a16161', 'cbor-truncated'],
  ['two items', '0000', 'cbor-trailing-bytes'],
  ['indefinite bytes', '5f4100ff', 'cbor-indefinite'],
  ['indefinite text', '7f6161ff', 'cbor-indefinite'],
  ['indefinite array', '9f00ff', 'cbor-indefinite'],
  ['indefinite map', 'bf616100ff', 'cbor-indefinite'],
  ['a stray break', 'ff', 'cbor-indefinite'],
  ['23 in two bytes', '1817', 'cbor-not-minimal'],
  ['255 in three bytes', '1900ff', 'cbor-not-minimal'],
  ['65535 in five bytes', '1a0000ffff', 'cbor-not-minimal'],
  ['2^32 − 1 in nine bytes', '1b00000000ffffffff', 'cbor-not-minimal'],
  ['−1 in two bytes', '3800', 'cbor-not-minimal'],
  ['text length in two bytes', '780161', 'cbor-not-minimal'],
  ['bytes length in three bytes', '59000100', 'cbor-not-minimal'],
  ['array length in two bytes', '980100', 'cbor-not-minimal'],
  ['map length in two bytes', 'b801616100', 'cbor-not-minimal'],
  ['2^53', '1b0020000000000000', 'cbor-int-range'],
  ['2^64 − 1', '1bffffffffffffffff', 'cbor-int-range'],
  ['−2^53', '3b001fffffffffffff', 'cbor-int-range'],
  ['additional information 28', '1c', 'cbor-reserved'],
  ['additional information 30', '5e', 'cbor-reserved'],
  ['additional information 31 of an integer', '1f', 'cbor-reserved'],
  ['additional information 29 of a simple value', 'fd', 'cbor-reserved'],
  ['a date tag', 'c074323032362d31312d32345430393a30303a30305a', 'cbor-tag'],
  ['a bignum', 'c249010000000000000000', 'cbor-tag'],
  ['a record of cbor-x', 'd9dfff830000a0', 'cbor-tag'],
  ['half float', 'f93c00', 'cbor-float'],
  ['single float', 'fa3f800000', 'cbor-float'],
  ['double float', 'fb3ff0000000000000', 'cbor-float'],
  ['undefined', 'f7', 'cbor-simple'],
  ['simple value 0', 'e0', 'cbor-simple'],
  ['simple value 255', 'f8ff', 'cbor-simple'],
  ['false in two bytes', 'f814', 'cbor-simple'],
  ['a lone continuation byte', '6180', 'cbor-bad-utf8'],
  ['an overlong slash', '62c0af', 'cbor-bad-utf8'],
  ['a surrogate in UTF-8', '63eda080', 'cbor-bad-utf8'],
  ['beyond U+10FFFF', '64f4908080', 'cbor-bad-utf8'],
  ['a character cut short', '62e282', 'cbor-bad-utf8'],
  ['a byte order mark', '63efbbbf', 'cbor-bad-utf8'],
  ['bad UTF-8 in a key', 'a1618000', 'cbor-bad-utf8'],
  ['an integer as key', 'a10000', 'cbor-key-not-text'],
  ['bytes as key', 'a1416100', 'cbor-key-not-text'],
  ['null as key', 'a1f600', 'cbor-key-not-text'],
  ['__proto__ as key', 'a1695f5f70726f746f5f5f00', 'cbor-key-forbidden'],
  ['the same key twice', 'a2616100616101', 'cbor-duplicate-key'],
  ['the empty key twice', 'a260006001', 'cbor-duplicate-key'],
  ['keys in falling order', 'a2616200616100', 'cbor-key-order'],
  ['a longer key first', 'a262616100616200', 'cbor-key-order'],
  ['the same key twice with one between', 'a3616100616200616100', 'cbor-key-order'],
  ['depth 17', `${'81'.repeat(17)}00`, 'cbor-too-deep'],
  ['depth 10,000', '81'.repeat(10_000), 'cbor-too-deep'],
  ['1,001 items', `9903e8${'00'.repeat(1000)}`, 'cbor-too-many-items'],
  ['more than 16 KiB', `594000${'00'.repeat(16_384)}`, 'cbor-too-large']
]

/** Every case, in a fixed order. */
export function buildCbor(): CborVectors {
  return {
    description:
      'The CBOR subset: RFC 8949 §4.2.1 without tags and floats, text keys only, within the limits given here.',
    limits: { maxBytes: 16_384, maxDepth: 16, maxItems: 1000 },
    valid: [
      ...values.map(([name, value]) => ({ name, hex: toHex(encode(value)), value })),
      { name: 'bytes', hex: toHex(encode(Uint8Array.of(0, 255))), value: { bytes: '00ff' } }
    ],
    refused: refused.map(([name, hex, code]) => ({ name, hex, code }))
  }
}
