import { constants, zstdCompressSync } from 'node:zlib'
import { chunkHashes, concatBytes, fromHex, sha256, toHex, utf8 } from '@tocsin/journal'
import { packEntries } from '@tocsin/sync/testing'
import { buildPush } from './build-push.ts'
import { type Bytes, type Case, fails, holds, type VectorFile } from './case.ts'
import { entryOf, headerHex, streamOf } from './world.ts'

const stream = streamOf('Reims', { tlp: 'GREEN' })
const other = streamOf('Reims', { tlp: 'CLEAR' })
const bodies = ['first', 'second', 'third'].map(utf8)
const headers = ['first', 'second', 'third'].map((body, index) =>
  fromHex(headerHex(entryOf(stream, 'Reims', body, index + 1)))
)
const entry = (index: number, present = true) => ({
  header: headers[index] ?? new Uint8Array(0),
  body: present ? (bodies[index] ?? null) : null
})
const raw = packEntries([entry(0), entry(1), entry(2)])
// As libzstd 1.5 compresses it; another version may do so otherwise, and must read it all the same.
const packed = fromHex(
  '28b52ffd604d012d0c008416010123f2cb389c53d7d1e2303fe3e9a319e0bdde604736f32a5d600b0752f30a362700010001a0f9e92005c6cf25e9def912819f062523cf944c5e5a679b0e9c3f076401395b95e34d3a35000001a0ff0f7c00bc8dd81fec5450e3aac41be3500dd0bb086e9a5009e0d44a4b0ef9254225c5b46b5e1261bd0b59675caf20890dc0253e6b50f512d25c6b1602b85e9ea173b705666972737402990688f86761613728f1e87ed40aa52ff4e5c0ff50800bf1e9c086d39c30ed5b984a940c16263e285af92506bfc24b5ffb3ae2d115b48b04f4bc84d698154ca8f225545dcdacf3bba4cc7b3f9a758b738fe7ca7c9588267c376cdc37d56c0d51aa007365636f6e6403051b9d2be8a1850bd825d0e24a932a6f53b7c33218ab65f38d1045a43f4056a159e0c0a6ea7776219c9e1b7beb251639ffb2261910aced06a78c0225b2226634d66f8de004f0eafc877ff02d384a2f0c8f332eba89c8de74b49d9485b1092de00174686972640a0001c407e61990069e00820067f1065d470387a9f681d1860132'
)

/** A zstd frame of raw blocks alone (RFC 8878 §3.1.1), written by hand: deterministic, whatever library compresses. */
function stored(content: Uint8Array, head: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let start = 0; start < content.length || start === 0; start += 65_536) {
    const part = content.subarray(start, start + 65_536)
    const isLast = start + 65_536 >= content.length ? 1 : 0
    const size = (part.length << 3) | isLast
    blocks.push(Uint8Array.of(size & 0xff, (size >> 8) & 0xff, size >> 16), part)
  }
  return concatBytes(fromHex('28b52ffd'), head, ...blocks)
}

// Frame header descriptors: 0x20 single segment with a size of one byte, 0x60 of two (less 256), 0x00 a window descriptor.
const singleSegment = (length: number): Uint8Array =>
  length < 256 ? Uint8Array.of(0x20, length) : Uint8Array.of(0x60, (length - 256) & 0xff, (length - 256) >> 8)
const windowOf = (log: number): Uint8Array => Uint8Array.of(0x00, (log - 10) << 3)
const plain = stored(raw, singleSegment(raw.length))
const skippable = fromHex('502a4d180100000009')

interface Shown {
  readonly packed: Bytes
  readonly rawLength?: number
  readonly stream?: string
  readonly first?: number
  readonly count?: number
}

const input = ({ packed: hex, rawLength = raw.length, stream: of = stream.id, first = 1, count = 3 }: Shown) => ({
  packed: hex,
  rawLength,
  stream: of,
  first,
  count
})

const hexOf = (bytes: Uint8Array): string => toHex(bytes)
const whole = (bytes: Uint8Array): string => toHex(stored(bytes, singleSegment(bytes.length)))

/** The content size of the entries, little-endian; of two bytes it is less 256. */
function sizeOf(width: number): Uint8Array {
  const size = width === 2 ? raw.length - 256 : raw.length
  return Uint8Array.from({ length: width }, (_, index) => Math.floor(size / 256 ** index) & 0xff)
}
// XXH64 of the entries, as libzstd writes it behind any frame of them.
const checksum = new Uint8Array(zstdCompressSync(raw, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }).subarray(-4))

const good: readonly (readonly [string, Shown, readonly boolean[]])[] = [
  ['three entries in stored blocks', { packed: hexOf(plain) }, [true, true, true]],
  ['three entries, compressed', { packed: hexOf(packed) }, [true, true, true]],
  [
    'a window of 512 KiB and seven eighths',
    { packed: hexOf(stored(raw, Uint8Array.of(0, ((19 - 10) << 3) | 7))) },
    [true, true, true]
  ],
  [
    'a content size of four bytes',
    { packed: hexOf(stored(raw, concatBytes(Uint8Array.of(0xa0), sizeOf(4)))) },
    [true, true, true]
  ],
  [
    'a content size of eight bytes',
    { packed: hexOf(stored(raw, concatBytes(Uint8Array.of(0xe0), sizeOf(8)))) },
    [true, true, true]
  ],
  [
    'its checksum',
    { packed: hexOf(concatBytes(stored(raw, concatBytes(Uint8Array.of(0x64), sizeOf(2))), checksum)) },
    [true, true, true]
  ],
  ['a window of 1 MiB', { packed: hexOf(stored(raw, windowOf(20))) }, [true, true, true]],
  [
    'an erased body between',
    { packed: whole(packEntries([entry(0), entry(1, false), entry(2)])), rawLength: raw.length - 6 },
    [true, false, true]
  ],
  [
    'from the second on',
    { packed: whole(packEntries([entry(1), entry(2)])), rawLength: raw.length - 196, first: 2, count: 2 },
    [true, true]
  ],
  ['a header alone', { packed: whole(packEntries([entry(0, false)])), rawLength: 191, count: 1 }, [false]]
]

/** Blocks of one repeated byte (RFC 8878 §3.1.1.2, RLE): a megabyte in a few bytes. */
function bomb(megabytes: number, head: string): Bytes {
  // 128 KiB a block, not the last: size << 3 | type RLE << 1.
  const block = '02001000'
  return [`28b52ffd${head}`, { repeat: block, times: megabytes * 8 }, '03000000']
}

const compression: readonly (readonly [string, Shown])[] = [
  ['nothing', { packed: '' }],
  ['no zstd', { packed: hexOf(utf8('not a frame')) }],
  ['uncompressed entries', { packed: hexOf(raw) }],
  ['cut by one byte', { packed: hexOf(plain.subarray(0, -1)) }],
  ['the frame header alone', { packed: hexOf(plain.subarray(0, 7)) }],
  ['a trailing byte', { packed: `${hexOf(plain)}00` }],
  ['a second frame', { packed: hexOf(concatBytes(plain, plain)) }],
  ['an empty second frame', { packed: `${hexOf(plain)}28b52ffd2000010000` }],
  ['a skippable frame in front', { packed: hexOf(concatBytes(skippable, plain)) }],
  ['a skippable frame behind', { packed: hexOf(concatBytes(plain, skippable)) }],
  ['a skippable frame alone', { packed: hexOf(skippable) }],
  ['a byte less announced', { packed: hexOf(plain), rawLength: raw.length - 1 }],
  ['a byte more announced', { packed: hexOf(plain), rawLength: raw.length + 1 }],
  ['no bytes announced', { packed: hexOf(plain), rawLength: 0 }],
  ['more than 1 MiB announced', { packed: bomb(2, '0050'), rawLength: 2_097_152 }],
  ['a bomb: 64 MiB for what is announced', { packed: bomb(64, '0050') }],
  ['a bomb of one frame size', { packed: bomb(64, 'a000000004') }],
  ...[21, 24, 27, 31].map((log) => [`a window of 2^${log}`, { packed: hexOf(stored(raw, windowOf(log))) }] as const),
  ['a window of 1 MiB and an eighth', { packed: hexOf(stored(raw, Uint8Array.of(0, ((20 - 10) << 3) | 1))) }],
  [
    'a content size that is not the content’s',
    { packed: hexOf(stored(raw, singleSegment(raw.length + 1))), rawLength: raw.length + 1 }
  ],
  [
    'a dictionary',
    { packed: hexOf(stored(raw, Uint8Array.of(0x61, 7, (raw.length - 256) & 0xff, (raw.length - 256) >> 8))) }
  ],
  [
    'a reserved bit',
    { packed: hexOf(stored(raw, Uint8Array.of(0x68, (raw.length - 256) & 0xff, (raw.length - 256) >> 8))) }
  ],
  ['a reserved block type', { packed: `28b52ffd2001${'0f0000'}00`, rawLength: 1 }],
  [
    'a wrong checksum',
    { packed: `${hexOf(stored(raw, Uint8Array.of(0x64, (raw.length - 256) & 0xff, (raw.length - 256) >> 8)))}deadbeef` }
  ]
]

const change = (offset: number, hex: string): Uint8Array => {
  const bytes = raw.slice()
  bytes.set(fromHex(hex), offset)
  return bytes
}
const short = raw.subarray(0, -1)
const long = concatBytes(raw, new Uint8Array(1))

const entries: readonly (readonly [string, Shown])[] = [
  ['presence 2', { packed: whole(change(0, '02')) }],
  ['presence 255 of the second', { packed: whole(change(196, 'ff')) }],
  ['a header that cannot be read', { packed: whole(change(1, '02')) }],
  ['of another stream', { packed: whole(raw), stream: other.id }],
  ['the second of another stream', { packed: whole(change(197 + 1, '5a'.repeat(32))) }],
  ['from another seq', { packed: whole(raw), first: 2 }],
  ['seqs with a gap', { packed: whole(packEntries([entry(0), entry(2)])), rawLength: raw.length - 197, count: 2 }],
  [
    'seqs in falling order',
    { packed: whole(packEntries([entry(1), entry(0)])), rawLength: raw.length - 196, count: 2 }
  ],
  ['one entry twice', { packed: whole(packEntries([entry(0), entry(0)])), rawLength: 392, count: 2 }],
  ['fewer entries than counted', { packed: whole(raw), count: 4 }],
  ['more entries than counted', { packed: whole(raw), count: 2 }],
  ['the last body cut', { packed: whole(short), rawLength: short.length }],
  ['the last header cut', { packed: whole(raw.subarray(0, 393 + 100)), rawLength: 493 }],
  ['a byte behind the last entry', { packed: whole(long), rawLength: long.length }],
  ['as many bytes as there may be, none of them an entry', { packed: bomb(1, '0050'), rawLength: 1_048_576 }],
  ['a presence byte alone', { packed: '28b52ffd200109000001', rawLength: 1, count: 1 }]
]

const body = new Uint8Array(200_000).fill(0x5a)
const large = fromHex(headerHex(entryOf(stream, 'Reims', 'Z'.repeat(200_000))))
const list = concatBytes(...[0, 1, 2, 3].map((index) => sha256(body.subarray(index * 65_536, (index + 1) * 65_536))))
const chunks: readonly (readonly [string, string, string])[] = [
  ['one hash short', hexOf(large), hexOf(list.subarray(0, 96))],
  ['one hash more', hexOf(large), hexOf(concatBytes(list, list.subarray(0, 32)))],
  ['not whole hashes', hexOf(large), hexOf(list.subarray(0, 127))],
  ['hashes in another order', hexOf(large), hexOf(concatBytes(list.subarray(32), list.subarray(0, 32)))],
  ['of another body', hexOf(large), hexOf(list.map((byte) => byte ^ 1))],
  ['of a body of 64 KiB or less: it goes in a batch', hexOf(headers[0] ?? raw), hexOf(sha256(utf8('first')))]
]
const lastChunk = [{ repeat: '5a', times: 200_000 - 3 * 65_536 }]
const chunkInput = { header: hexOf(large), chunks: hexOf(list) }

/** A body of so many bytes, announced. */
function largest(length: number): { header: string; chunks: string } {
  const header = headerHex(entryOf(stream, 'Reims', 'Z'.repeat(length)))
  return { header, chunks: hexOf(chunkHashes(new Uint8Array(length).fill(0x5a))) }
}

/** Every case, in a fixed order. */
export function buildBatch(): VectorFile {
  return {
    description:
      'Batches: one zstd frame that inflates to exactly rawLength bytes, and the entries in it; pushes, and what was signed; and large bodies: the list of chunk hashes, and each chunk.',
    cases: [
      ...good.map(([name, shown, present]): Case => {
        const first = shown.first ?? 1
        const result = present.map((has, index) => ({
          header: hexOf(headers[first - 1 + index] ?? raw),
          body: has ? hexOf(bodies[first - 1 + index] ?? raw) : null
        }))
        return holds('batch', name, input(shown), result)
      }),
      ...compression.map(([name, shown]) => fails('batch', name, input(shown), 'bad-compression')),
      ...entries.map(([name, shown]) => fails('batch', name, input(shown), 'bad-batch')),
      ...buildPush(),
      holds('large', 'of four chunks', chunkInput, true),
      holds('large', 'of 64 KiB and a byte', largest(65_537), true),
      fails('large', 'of 64 KiB', largest(65_536), 'bad-batch'),
      ...chunks.map(([name, header, hashes]) => fails('large', name, { header, chunks: hashes }, 'bad-batch')),
      holds('chunk', 'the first', { ...chunkInput, index: 0, bytes: [{ repeat: '5a', times: 65_536 }] }, true),
      holds('chunk', 'the last', { ...chunkInput, index: 3, bytes: lastChunk }, true),
      fails(
        'chunk',
        'a byte changed',
        { ...chunkInput, index: 0, bytes: ['5b', { repeat: '5a', times: 65_535 }] },
        'chunk-mismatch'
      ),
      fails(
        'chunk',
        'a byte short',
        { ...chunkInput, index: 0, bytes: [{ repeat: '5a', times: 65_535 }] },
        'chunk-mismatch'
      ),
      fails(
        'chunk',
        'the last one, a byte long',
        { ...chunkInput, index: 3, bytes: ['5a', ...lastChunk] },
        'chunk-mismatch'
      ),
      fails('chunk', 'behind the last', { ...chunkInput, index: 4, bytes: '5a' }, 'chunk-mismatch'),
      fails(
        'chunk',
        'in the place of the last',
        { ...chunkInput, index: 3, bytes: [{ repeat: '5a', times: 65_536 }] },
        'chunk-mismatch'
      )
    ]
  }
}
