import {
  bodyHashOf,
  chunkHashes,
  concatBytes,
  decodeDescriptor,
  type EntryFields,
  encodeDescriptor,
  parseSignedHeader,
  quarterStart,
  type SignedHeader,
  sealEntry,
  signedHeaderBytes,
  toHex,
  utf8
} from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { fails, holds, refusals, type VectorFile } from './case.ts'
import { DAY, descriptor, NOW, node, otherRoot, patch, QUARTER, root } from './records.ts'

const stream = decodeDescriptor(encodeDescriptor(descriptor))
const body = utf8('vector')
const first: EntryFields = {
  stream: stream.id,
  seq: 1,
  previous: null,
  clock: NOW,
  kind: 'bulletin',
  keepUntil: NOW + 365 * DAY
}
const one = sealEntry(node, first, body)
const second: EntryFields = { ...first, seq: 2, previous: one.id }
const seal = (fields: Partial<EntryFields>): SignedHeader => sealEntry(node, { ...second, ...fields }, body)
const two = seal({})
const wire = (signed: SignedHeader): Uint8Array => signedHeaderBytes(signed)

/** Changes header bytes and signs again, so that nothing but the change is wrong. */
function resigned(signed: SignedHeader, offset: number, hex: string): Uint8Array {
  const bytes = patch(signed.bytes, offset, hex)
  return concatBytes(bytes, node.sign(concatBytes(utf8('tocsin/entry/1\0'), bytes)))
}

// Offsets of HEADER_BYTES: stream 1, seq 33, previous 41, clock 73, kind 81, body length 82, body hash 86, keep-until 118.
const refused: readonly (readonly [string, Uint8Array, string])[] = [
  ['empty', new Uint8Array(0), 'entry-length'],
  ['header without signature', one.bytes, 'entry-length'],
  ['one byte long', Uint8Array.from([...wire(one), 0]), 'entry-length'],
  ['version 0', resigned(one, 0, '00'), 'entry-version'],
  ['version 2', resigned(one, 0, '02'), 'entry-version'],
  ['seq 0', resigned(one, 33, '0000000000000000'), 'entry-sequence'],
  ['seq 2^53', resigned(two, 33, '0020000000000000'), 'entry-sequence'],
  ['seq 1 with a previous entry', resigned(two, 33, '0000000000000001'), 'entry-previous'],
  ['seq 2 without a previous entry', resigned(one, 33, '0000000000000002'), 'entry-previous'],
  ['clock 2^53', resigned(one, 73, '0020000000000000'), 'entry-time'],
  ['kind 0', resigned(one, 81, '00'), 'entry-kind'],
  ['seq 2^64 − 1', resigned(two, 33, 'ffffffffffffffff'), 'entry-sequence'],
  ['clock 2^64 − 1', resigned(one, 73, 'ffffffffffffffff'), 'entry-time'],
  ['a sighting of 2 MiB + 1', resigned(seal({ kind: 'sighting' }), 82, '00200001'), 'entry-body-length'],
  ['an unknown kind of 9 MiB + 1', resigned(seal({ kind: 6 }), 82, '00900001'), 'entry-body-length'],
  ['one byte short', wire(one).subarray(0, 189), 'entry-length'],
  ['no body', resigned(one, 82, '00000000'), 'entry-body-length'],
  ['a bulletin of 2 MiB + 1', resigned(one, 82, '00200001'), 'entry-body-length'],
  ['an attachment of 9 MiB + 1', resigned(seal({ kind: 'attachment' }), 82, '00900001'), 'entry-body-length'],
  ['a body of 4 GiB − 1', resigned(one, 82, 'ffffffff'), 'entry-body-length'],
  ['keep-until 2^64 − 1', resigned(one, 118, 'ffffffffffffffff'), 'entry-time']
]

const unsigned: readonly (readonly [string, Uint8Array])[] = [
  ['body hash changed', patch(wire(one), 86, '00')],
  ['clock changed', patch(wire(one), 80, 'ff')],
  ['signature of zeros', concatBytes(one.bytes, new Uint8Array(64))],
  ['signed by the root key', signedHeaderBytes(sealEntry(root, first, body))],
  ['signed by another institution', signedHeaderBytes(sealEntry(otherRoot, first, body))],
  ['signed without the domain string', concatBytes(one.bytes, node.sign(one.bytes))],
  [
    'signed under another domain string',
    concatBytes(one.bytes, node.sign(concatBytes(utf8('tocsin/hop/1\0'), one.bytes)))
  ],
  ['replayed into another stream', patch(wire(one), 1, '5a'.repeat(32))],
  ['the signature of the next entry', concatBytes(one.bytes, two.signature)]
]

const links: readonly (readonly [string, SignedHeader | null, SignedHeader, string])[] = [
  ['the first', null, one, 'allowed'],
  ['the second', one, two, 'allowed'],
  ['the same clock again', one, seal({ clock: NOW }), 'allowed'],
  ['the last millisecond of the quarter', one, seal({ clock: quarterStart(QUARTER + 1) - 1 }), 'allowed'],
  ['of another stream', one, seal({ stream: '5a'.repeat(32) as StreamId }), 'wrong-stream'],
  ['the second without the first', null, two, 'seq-gap'],
  ['the third after the first', one, seal({ seq: 3 }), 'seq-gap'],
  ['the same again', two, two, 'seq-gap'],
  ['after an entry that is not there', one, seal({ previous: '5a'.repeat(32) as EntryId }), 'previous-mismatch'],
  ['a clock that falls', one, seal({ clock: NOW - 1 }), 'clock-falls'],
  ['a clock of the next quarter', one, seal({ clock: quarterStart(QUARTER + 1) }), 'clock-outside-quarter'],
  [
    'a clock of the quarter before',
    null,
    sealEntry(node, { ...first, clock: quarterStart(QUARTER) - 1 }, body),
    'clock-outside-quarter'
  ]
]

const valid: readonly (readonly [string, SignedHeader])[] = [
  ['the first of a stream', one],
  ['the second', two],
  ['an attachment', seal({ kind: 'attachment' })],
  ['a kind of a later version', seal({ kind: 200 })],
  ['kind 255', seal({ kind: 255 })],
  ...(['sighting', 'retraction', 'disabling'] as const).map((kind) => [`a ${kind}`, seal({ kind })] as const),
  ['the greatest numbers', seal({ seq: 2 ** 53 - 1, clock: 2 ** 53 - 1, keepUntil: 2 ** 53 - 1 })]
]

const HASHED = [1, 65_535, 65_536, 65_537, 131_072, 200_000]

/** Body lengths that their kinds just allow: [name, header, its length]. */
const lengths: readonly (readonly [string, SignedHeader, string])[] = [
  ['a body of one byte', one, '00000001'],
  ['a bulletin of 2 MiB', one, '00200000'],
  ['a disabling of 2 MiB', seal({ kind: 'disabling' }), '00200000'],
  ['an attachment of 9 MiB', seal({ kind: 'attachment' }), '00900000'],
  ['an unknown kind of 9 MiB', seal({ kind: 6 }), '00900000']
]

/** Every case, in a fixed order. */
export function buildEntry(): VectorFile {
  const descriptorHex = toHex(stream.bytes)
  const matching = { hex: toHex(wire(one)), body: toHex(body) }
  return {
    description:
      'Signed entry headers: 126 bytes ‖ signature 64. The node key signs "tocsin/entry/1\\0" ‖ header; id is the SHA-256 of the header.',
    cases: [
      ...valid.map(([name, it]) =>
        holds('entry-header', name, { hex: toHex(wire(it)) }, { id: it.id, header: it.header })
      ),
      ...lengths.map(([name, signed, length]) => {
        const { id, header } = parseSignedHeader(resigned(signed, 82, length))
        return holds('entry-header', name, { hex: toHex(resigned(signed, 82, length)) }, { id, header })
      }),
      ...refusals('entry-header', refused),
      fails(
        'entry-header',
        'a disabling of 2 MiB + 1',
        { hex: toHex(resigned(seal({ kind: 'disabling' }), 82, '00200001')) },
        'entry-body-length'
      ),
      ...valid.map(([name, it]) =>
        holds('entry-signature', name, { descriptor: descriptorHex, hex: toHex(wire(it)) }, true)
      ),
      ...unsigned.map(([name, bytes]) =>
        fails('entry-signature', name, { descriptor: descriptorHex, hex: toHex(bytes) }, 'bad-signature')
      ),
      ...links.map(([name, previous, next, expected]) => {
        const input = {
          descriptor: descriptorHex,
          previous: previous && toHex(wire(previous)),
          next: toHex(wire(next))
        }
        return expected === 'allowed'
          ? holds('entry-link', name, input, true)
          : fails('entry-link', name, input, expected)
      }),
      ...HASHED.map((length) => {
        const bytes = new Uint8Array(length).fill(0x5a)
        return holds(
          'body-hash',
          `${length} bytes`,
          { body: [{ repeat: '5a', times: length }] },
          { hash: bodyHashOf(bytes), chunks: toHex(chunkHashes(bytes)) }
        )
      }),
      holds('body-match', 'the body of its header', matching, true),
      fails('body-match', 'a byte changed', { ...matching, body: toHex(utf8('Vector')) }, 'body-mismatch'),
      fails('body-match', 'a byte more', { ...matching, body: toHex(utf8('vectors')) }, 'body-mismatch'),
      fails('body-match', 'a byte less', { ...matching, body: toHex(utf8('vecto')) }, 'body-mismatch'),
      fails('body-match', 'nothing', { ...matching, body: '' }, 'body-mismatch')
    ]
  }
}
