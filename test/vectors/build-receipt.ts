import {
  createViaSealer,
  fromHex,
  nodeKey,
  type SigningKey,
  sha256,
  signingKey,
  streamMark,
  toHex,
  utf8
} from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { type Case, fails, holds, type VectorFile } from './case.ts'
import { idOf } from './world.ts'

const SEED = toHex(sha256(utf8('node of Reims')))
const node: SigningKey = signingKey(fromHex(SEED))
const OWN = toHex(sha256(utf8('this start of Lorraine')))
const STREAM = '5a'.repeat(32) as StreamId
const SECOND = '5b'.repeat(32) as StreamId
/** The same to its 16th byte, by which receipts name it. */
const ALIKE = `${'5a'.repeat(16)}${'00'.repeat(16)}` as StreamId
const INSTITUTIONS = ['Reims', 'Valenciennes', 'Toulouse', 'Lorraine'].map(idOf)
const LAST = Number.MAX_SAFE_INTEGER

const sealer = createViaSealer(fromHex(OWN))
const at = (stream: StreamId, seq: number, via: InstitutionId) => ({
  nodeKey: nodeKey(node.publicKey),
  stream,
  seq,
  via
})
const sealed = toHex(sealer.seal(at(STREAM, 3, idOf('Toulouse'))))
const flipped = (hex: string, byte: number): string =>
  toHex(fromHex(hex).map((value, place) => (place === byte ? value ^ 1 : value)))

/** What the author reads with the seed of its node key. */
const read = {
  seed: SEED,
  key: toHex(sealer.key),
  stream: STREAM,
  seq: 3,
  via: sealed,
  institutions: INSTITUTIONS
}

const seals: readonly (readonly [string, StreamId, number, InstitutionId])[] = [
  ['of the first entry', STREAM, 1, idOf('Valenciennes')],
  ['of a later entry by the same', STREAM, 2, idOf('Valenciennes')],
  ['of another stream by the same', SECOND, 1, idOf('Valenciennes')],
  ['of the last entry that can be', STREAM, LAST, idOf('Toulouse')],
  ['by the author itself', STREAM, 1, idOf('Reims')]
]

/** Public keys that give everybody the same secret, little-endian (RFC 7748 §6.1 has receivers refuse them). */
const SMALL: readonly (readonly [string, string])[] = [
  ['zero', '00'.repeat(32)],
  ['one', `01${'00'.repeat(31)}`],
  ['order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
  ['order 8, the other', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
  ['p − 1', `ec${'ff'.repeat(30)}7f`],
  ['p', `ed${'ff'.repeat(30)}7f`],
  ['p + 1', `ee${'ff'.repeat(30)}7f`]
]

const refused: readonly (readonly [string, Partial<typeof read>])[] = [
  ['with the seed of another node key', { seed: toHex(sha256(utf8('node of Toulouse'))) }],
  ['with the seed of the root key', { seed: toHex(sha256(utf8('root of Reims'))) }],
  ['with the seed of the holder', { seed: OWN }],
  ['of another receipt’s key', { key: toHex(createViaSealer(sha256(utf8('the next start'))).key) }],
  ['of another stream', { stream: SECOND }],
  ['of the entry before', { seq: 2 }],
  ['of the entry after', { seq: 4 }],
  ['of entry 2^32 + 3', { seq: 2 ** 32 + 3 }],
  ...[0, 7, 15].map((byte) => [`with bit ${8 * byte} turned`, { via: flipped(sealed, byte) }] as const),
  ...[0, 8, 31].map((byte) => [`with bit ${8 * byte} of the key turned`, { key: flipped(read.key, byte) }] as const),
  ['of nothing', { via: '00'.repeat(16) }],
  ['in the clear', { via: toHex(streamMark(STREAM)) }],
  ['by somebody unknown', { institutions: INSTITUTIONS.filter((id) => id !== idOf('Toulouse')) }],
  ['by nobody', { institutions: [] }],
  ...SMALL.map(([name, key]) => [`under a key that all share: ${name}`, { key }] as const)
]

/** Via whom an entry came, sealed for the author of its stream (§9). */
export function buildReceipt(): VectorFile {
  const sealing: Case[] = seals.map(([name, stream, seq, via]) =>
    holds(
      'via-seal',
      name,
      { seed: OWN, nodeKey: nodeKey(node.publicKey), stream, seq, via },
      { key: toHex(sealer.key), via: toHex(sealer.seal(at(stream, seq, via))) }
    )
  )
  const opened: Case[] = [
    ...seals.map(([name, stream, seq, via]) =>
      holds('via', name, { ...read, stream, seq, via: toHex(sealer.seal(at(stream, seq, via))) }, { via })
    ),
    holds('via', 'of a stream that is named alike', { ...read, stream: ALIKE }, { via: idOf('Toulouse') })
  ]
  return {
    description: 'Via whom an entry came, as a receipt seals it for the node key that signed the stream (§9)',
    cases: [
      ...sealing,
      ...opened,
      ...refused.map(([name, change]) => fails('via', name, { ...read, ...change }, 'refused'))
    ]
  }
}
