import { encode, toHex } from '@tocsin/journal'
import { type Bytes, fails, holds, type VectorFile } from './case.ts'

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
  ['additional information 28 of a simple value', 'fc', 'cbor-reserved'],
  ['additional information 29 of a simple value', 'fd', 'cbor-reserved'],
  ['additional information 30 of a simple value', 'fe', 'cbor-reserved'],
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
  ['an integer of eight bytes cut short', '1b00000000', 'cbor-truncated'],
  ['a byte order mark in a key', 'a163efbbbf00', 'cbor-bad-utf8'],
  ['a key of indefinite length', 'a17f6161ff00', 'cbor-indefinite'],
  ['a tagged key', 'a1c0616100', 'cbor-tag'],
  ['trailing bytes behind a map', 'a000', 'cbor-trailing-bytes'],
  ['simple value 24 in two bytes', 'f818', 'cbor-simple'],
  ['an array cut short inside a map', 'a161618200', 'cbor-truncated']
]

const LIMITS = { maxBytes: 16_384, maxDepth: 16, maxItems: 1000 }

const atLimits: readonly (readonly [string, unknown])[] = [
  ['depth 16', Array.from({ length: 15 }).reduce<unknown>((inner) => [inner], [0])],
  ['depth 16, of maps', Array.from({ length: 16 }).reduce<unknown>((inner) => ({ a: inner }), 0)],
  ['1,000 items', Array.from({ length: 999 }, () => 0)]
]

const beyond: readonly (readonly [string, Bytes, string])[] = [
  ['depth 10,000', [{ repeat: '81', times: 10_000 }], 'cbor-too-deep'],
  ['depth 17, of maps', [{ repeat: 'a16161', times: 17 }, '00'], 'cbor-too-deep'],
  ['1,001 items', ['9903e8', { repeat: '00', times: 1000 }], 'cbor-too-many-items'],
  ['501 pairs: keys are counted', ['b901f5', { repeat: '616100', times: 501 }], 'cbor-too-many-items'],
  ['more than 16 KiB', ['594000', { repeat: '00', times: 16_384 }], 'cbor-too-large']
]

/** Every case, in a fixed order. */
export function buildCbor(): VectorFile {
  return {
    description: 'The CBOR subset: RFC 8949 §4.2.1 without tags and floats, text keys only, within the limits given.',
    cases: [
      ...[...values, ...atLimits].map(([name, value]) =>
        holds('cbor', name, { hex: toHex(encode(value)), ...LIMITS }, value)
      ),
      holds(
        'cbor',
        'as many bytes as its place allows',
        { hex: '83010203', maxBytes: 4, maxDepth: 1, maxItems: 4 },
        [1, 2, 3]
      ),
      fails('cbor', 'a byte more', { hex: '83010203', maxBytes: 3, maxDepth: 1, maxItems: 4 }, 'cbor-too-large'),
      fails('cbor', 'an item more', { hex: '83010203', maxBytes: 4, maxDepth: 1, maxItems: 3 }, 'cbor-too-many-items'),
      fails(
        'cbor',
        'one item where none is allowed',
        { hex: '00', maxBytes: 4, maxDepth: 1, maxItems: 0 },
        'cbor-too-many-items'
      ),
      fails(
        'cbor',
        'an empty array where none is allowed',
        { hex: '80', maxBytes: 4, maxDepth: 0, maxItems: 4 },
        'cbor-too-deep'
      ),
      holds('cbor', 'bytes', { hex: '4200ff', ...LIMITS }, Uint8Array.of(0, 255)),
      ...[...refused, ...beyond].map(([name, hex, code]) => fails('cbor', name, { hex, ...LIMITS }, code))
    ]
  }
}
