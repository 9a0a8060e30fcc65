import { type EntryKind, encode, sealBody, toHex } from '@tocsin/journal'
import { author, bulletinId } from './records.ts'

export interface BodyVectors {
  readonly description: string
  readonly readable: readonly {
    readonly name: string
    readonly kind: EntryKind
    readonly hex: string
    readonly value: unknown
  }[]
  readonly opaque: readonly {
    readonly name: string
    readonly kind: EntryKind | number
    readonly hex: string
    readonly code: string
  }[]
}

const nonce = Uint8Array.from({ length: 16 }, (_, index) => 0xf0 + index)
const sighting = {
  bulletin: bulletinId,
  author,
  indicator: { type: 'ipv4', value: '198.51.100.7' },
  kind: 'sighting',
  count: 3
} as const

/** Every case, in a fixed order. */
export function buildBody(): BodyVectors {
  const good = sealBody('sighting', sighting, nonce)
  return {
    description:
      'Bodies: CBOR [nonce of 16 bytes, 1, value]. What cannot be read is held opaque; the chain stands without it.',
    readable: [{ name: 'sighting', kind: 'sighting', hex: toHex(good), value: sighting }],
    opaque: [
      { name: 'an unknown kind', kind: 200, hex: toHex(good), code: 'unknown-kind' },
      {
        name: 'a later version',
        kind: 'sighting',
        hex: toHex(encode([nonce, 2, 'whatever'])),
        code: 'unknown-version'
      },
      { name: 'not CBOR', kind: 'sighting', hex: 'ff', code: 'bad-cbor' },
      { name: 'cut short', kind: 'sighting', hex: toHex(good.subarray(0, -1)), code: 'bad-cbor' },
      {
        name: 'a short nonce',
        kind: 'sighting',
        hex: toHex(encode([nonce.subarray(1), 1, sighting])),
        code: 'bad-shape'
      },
      { name: 'no array', kind: 'sighting', hex: toHex(encode(sighting)), code: 'bad-shape' },
      {
        name: 'an unknown field',
        kind: 'sighting',
        hex: toHex(encode([nonce, 1, { ...sighting, tlp: 'CLEAR' }])),
        code: 'bad-shape'
      },
      { name: 'the shape of another kind', kind: 'bulletin', hex: toHex(good), code: 'bad-shape' }
    ]
  }
}
