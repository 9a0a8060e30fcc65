import { encode, fromHex, sha256Hex, toHex, utf8 } from '@tocsin/journal'
import { decodeFrame, FRAME_CODES, type Frame, type HelloFrame } from '@tocsin/sync/testing'
import { type Bytes, type Case, compact, fails, holds, type VectorFile } from './case.ts'
import { NOW } from './records.ts'
import { entryOf, headerHex, streamOf } from './world.ts'

/** A frame as JSON: the fields of docs/protocol.md, bytes as hex, the direct scope as null. */
export function frameJson(frame: Frame): unknown {
  const flat = frame.type === 'hello' ? flatten(frame) : frame
  return JSON.parse(
    JSON.stringify(flat, (key, item: unknown) => {
      if (item instanceof Uint8Array) return briefly(item)
      if (key === 'scope' && item === 'direct') return null
      // The kind of a row is its order's.
      return isRow(item) ? { ...item, kind: undefined } : item
    })
  )
}

function flatten({ card, ...hello }: HelloFrame): unknown {
  return { ...hello, cardNumber: card.number, cardHash: card.hash }
}

/** Hex; of more than 1 KiB only length and SHA-256. */
function briefly(bytes: Uint8Array): unknown {
  return bytes.length <= 1024 ? toHex(bytes) : { length: bytes.length, sha256: sha256Hex(bytes) }
}

function isRow(item: unknown): item is { kind?: string } {
  return typeof item === 'object' && item !== null && 'newest' in item
}

type FrameType = Frame['type']

const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const stream = streamOf('Reims', { tlp: 'GREEN' })
const header = fromHex(headerHex(entryOf(stream, 'Reims')))
const INSTANCE = new Uint8Array(16).fill(0x1a)
const PROOF = new Uint8Array(253).fill(0x2b)
const ROW = [4, id(1), 7, id(2), NOW]
const SALT = new Uint8Array(8).fill(0x3c)
const REGISTER_ROW = [0, id(3), NOW, id(4), 0]
const HELLO = [
  1,
  0,
  NOW,
  id(5),
  INSTANCE,
  new Uint8Array(88),
  4_194_304,
  NOW,
  [
    [null, id(6)],
    [id(7), id(8)]
  ]
]
const STREAM = fromHex(stream.id)

const HEAD = new Uint8Array(16).fill(0x3c)
const SIGNATURE = new Uint8Array(64).fill(0x4d)
const MAX = 2 ** 53 - 1
const ROSTER = new Uint8Array(36).fill(0x5e)
const PUSH = [STREAM, 2, NOW, 1, NOW, SIGNATURE, HEAD, ROSTER, NOW, SIGNATURE, 300, new Uint8Array(64)]

const many = (count: number, item: unknown): unknown[] => Array.from({ length: count }, () => item)
const at = (items: readonly unknown[], place: number, item: unknown): unknown[] =>
  items.map((other, index) => (index === place ? item : other))

const good: readonly (readonly [FrameType, string, readonly unknown[]])[] = [
  ['hello', 'of two scopes', HELLO],
  ['hello', 'of none, without a card', [1, 0, 0, id(0), INSTANCE, new Uint8Array(0), 1_048_576, 0, []]],
  [
    'hello',
    'of the greatest numbers and the longest proof',
    [1, 0, 2 ** 53 - 1, id(5), INSTANCE, new Uint8Array(256), 2 ** 53 - 1, 2 ** 53 - 1, []]
  ],
  ['accept', '', []],
  ['refuse', 'with a code', ['version-unsupported']],
  ['refuse', 'with the shortest code', ['x']],
  ['refuse', 'with the longest code', ['x'.repeat(64)]],
  [
    'digests',
    'after a roster change',
    [
      true,
      [
        [null, id(6)],
        [id(7), id(8)]
      ]
    ]
  ],
  ['digests', 'by time', [false, []]],
  ['sketch', 'of the direct scope, by its marks', [null, SALT, new Uint8Array(12).fill(9)]],
  ['sketch', 'of a circle, by cells', [id(7), SALT, new Uint8Array(224).fill(9)]],
  ['sketch', 'of nothing', [id(7), SALT, new Uint8Array(0)]],
  ['sketch', 'of the longest list', [id(7), SALT, new Uint8Array(216)]],
  ['differences', 'that answer a sketch', [id(7), true, new Uint8Array(6).fill(9), [ROW, REGISTER_ROW]]],
  ['differences', 'that end a comparison', [null, false, new Uint8Array(0), []]],
  ['differences', 'with the longest list', [null, true, new Uint8Array(216), []]],
  ['buckets', 'of the direct scope', [null, new Uint8Array(1024).fill(9)]],
  ['buckets', 'of a circle', [id(7), new Uint8Array(1024)]],
  ['rows', 'that answer buckets', [id(7), new Uint8Array(8).fill(255), true, false, [ROW, REGISTER_ROW]]],
  ['rows', 'that end a comparison', [null, new Uint8Array(8), false, true, []]],
  ['introduce', 'a circle', [id(7), [REGISTER_ROW]]],
  [
    'want',
    'two streams',
    [
      [
        [id(1), 1, true],
        [id(2), 2 ** 53 - 1, false]
      ]
    ]
  ],
  ['want', 'nothing', [[]]],
  ['want', '64 streams', [many(64, [id(1), 1, false])]],
  ['want-registers', 'nothing', [[]]],
  ['want-registers', '256', [many(256, id(1))]],
  ['unavailable', 'nothing', [[], []]],
  ['unavailable', 'as much as there may be', [many(64, id(1)), many(256, id(2))]],
  ['registers', 'none', [[]]],
  ['introduce', 'a circle of which nothing is held', [id(7), []]],
  ['twin', 'without a proof', [INSTANCE, new Uint8Array(0)]],
  ['chunk', 'of one byte', [1, 0, Uint8Array.of(1)]],
  ['large', 'of one chunk, without a proof', [1, STREAM, header, null, new Uint8Array(0), new Uint8Array(32)]],
  ['batch', 'of one byte, without a proof', [STREAM, 1, 1, 1, null, new Uint8Array(0), new Uint8Array(1)]],
  ['want-registers', 'two', [[id(1), id(2)]]],
  ['unavailable', 'a stream and a register', [[id(1)], [id(2)]]],
  ['batch', 'with its descriptor', [STREAM, 1, 1, 195, stream.bytes, PROOF, new Uint8Array(64)]],
  [
    'batch',
    'of the greatest counts',
    [STREAM, 2 ** 53 - 1, 512, 1_048_576, null, new Uint8Array(512), new Uint8Array(1)]
  ],
  [
    'registers',
    'two',
    [
      [
        [id(1), new Uint8Array(300)],
        [id(2), new Uint8Array(1)]
      ]
    ]
  ],
  ['registers', 'one of 34 KiB', [[[id(1), new Uint8Array(34_816)]]]],
  ['large', 'with its descriptor', [1, STREAM, header, stream.bytes, PROOF, new Uint8Array(160)]],
  ['large', 'of 144 chunks', [2, STREAM, header, null, PROOF, new Uint8Array(144 * 32)]],
  ['chunk', 'the last one', [1, 4, utf8('end')]],
  ['chunk', 'of 64 KiB', [1, 0, new Uint8Array(65_536)]],
  ['large-done', '', [1]],
  ['have', 'that stands for a push', [false, [[STREAM, 3, HEAD]]]],
  [
    'have',
    'that is lazy',
    [
      true,
      [
        [STREAM, 2 ** 53 - 1, HEAD],
        [0, 1, HEAD],
        [1023, 2, HEAD]
      ]
    ]
  ],
  ['have', 'of 256 streams', [true, many(256, [7, 1, HEAD])]],
  ['push', 'of a stream by its id', PUSH],
  ['push', 'of a stream by its number, with the roster of the one before', at(at(PUSH, 0, 5), 7, null)],
  ['push', 'of the greatest numbers', [1023, MAX, MAX, 255, MAX, SIGNATURE, HEAD, null, MAX, SIGNATURE, 65_536, id(1)]],
  ['prune', '', [STREAM]],
  ['graft', '', [STREAM]],
  ['decline', 'a stream', [true, id(1), 'unknown-circle', 0]],
  ['decline', 'a register', [false, id(1), 'too-new', 2]],
  ['credit', '', [262_144]],
  ['twin', '', [INSTANCE, new Uint8Array(88)]],
  ['heartbeat', '', []]
]

const frame = (type: FrameType, items: unknown, behind = ''): string =>
  FRAME_CODES[type].toString(16).padStart(2, '0') + toHex(encode(items)) + behind

const namedFields = (type: FrameType, name: string): string => (name === '' ? type : `${type} ${name}`)

/** Something of another type, as far from it as possible. */
function another(item: unknown): unknown {
  if (typeof item === 'number') return 'x'
  if (typeof item === 'boolean') return 1
  if (typeof item === 'string') return utf8(item)
  return item === null ? 0 : Array.isArray(item) ? {} : 'x'
}

/** What every type must refuse, from its first good frame. */
function everyFault([type, , items]: (typeof good)[number]): Case[] {
  const faults: readonly (readonly [string, string])[] = [
    ['without a body', FRAME_CODES[type].toString(16).padStart(2, '0')],
    ['with a trailing byte', frame(type, items, '00')],
    ['with a map for its array', frame(type, {})],
    ['with a field more', frame(type, [...items, 0])],
    ['of indefinite length', `${FRAME_CODES[type].toString(16).padStart(2, '0')}9f${toHex(encode(items)).slice(2)}ff`],
    ...(items.length === 0 ? [] : [['with a field less', frame(type, items.slice(0, -1))] as const]),
    ...items.map((item, place) => {
      const changed = items.map((other, index) => (index === place ? another(item) : other))
      return [`field ${place + 1} of another type`, frame(type, changed)] as const
    })
  ]
  return faults.map(([name, hex]) => fails('frame', `${type} ${name}`, { hex: compact(hex) }, 'bad-frame'))
}

const first = (type: FrameType): readonly unknown[] => good.find(([of]) => of === type)?.[2] ?? []

/** An array of `count` times the same item, without its megabytes. */
function repeated(type: FrameType, before: readonly unknown[], count: number, item: unknown): Bytes {
  const head = `${FRAME_CODES[type].toString(16).padStart(2, '0')}${(0x80 + before.length + 1).toString(16)}`
  const list = `99${count.toString(16).padStart(4, '0')}`
  return [head + before.map((it) => toHex(encode(it))).join('') + list, { repeat: toHex(encode(item)), times: count }]
}

const special: readonly (readonly [string, Bytes, string])[] = [
  ['empty', '', 'unknown-frame'],
  ['type 0', '0080', 'unknown-frame'],
  ['type 99', '6380', 'unknown-frame'],
  ['type 255', 'ff80', 'unknown-frame'],
  ['longer than a frame may be', ['14', { repeat: '00', times: 1_114_112 }], 'frame-too-long'],
  ['hello of nothing', frame('hello', []), 'bad-frame'],
  ['hello of major 0', frame('hello', at(HELLO, 0, 0)), 'version-unsupported'],
  ['hello of major 2, whatever follows', frame('hello', [2, 'x']), 'version-unsupported'],
  ['hello of a negative minor', frame('hello', at(HELLO, 1, -1)), 'bad-frame'],
  ['hello with a card hash of 31 bytes', frame('hello', at(HELLO, 3, new Uint8Array(31))), 'bad-frame'],
  ['hello with an instance of 17 bytes', frame('hello', at(HELLO, 4, new Uint8Array(17))), 'bad-frame'],
  ['hello with a proof of 257 bytes', frame('hello', at(HELLO, 5, new Uint8Array(257))), 'bad-frame'],
  [
    'hello that names a scope twice',
    frame(
      'hello',
      at(HELLO, 8, [
        [id(7), id(1)],
        [id(7), id(2)]
      ])
    ),
    'bad-frame'
  ],
  [
    'hello that names the direct scope twice',
    frame(
      'hello',
      at(HELLO, 8, [
        [null, id(1)],
        [null, id(1)]
      ])
    ),
    'bad-frame'
  ],
  ['hello of 257 scopes', frame('hello', at(HELLO, 8, many(257, [id(1), id(1)]))), 'bad-frame'],
  ['hello with a digest of 16 bytes', frame('hello', at(HELLO, 8, [[null, new Uint8Array(16)]])), 'bad-frame'],
  ['hello with a scope of three fields', frame('hello', at(HELLO, 8, [[null, id(1), 0]])), 'bad-frame'],
  ['hello of a later minor with fields nested too deep', frame('hello', [...at(HELLO, 1, 1), [[[1]]]]), 'bad-frame'],
  ['hello of a later minor without a field of this one', frame('hello', at(HELLO, 1, 1).slice(0, -1)), 'bad-frame'],
  ['refuse with a sentence', frame('refuse', ['go away']), 'bad-frame'],
  ['refuse with capitals', frame('refuse', ['Silent']), 'bad-frame'],
  ['refuse with an empty code', frame('refuse', ['']), 'bad-frame'],
  ['refuse with a code that ends in a hyphen', frame('refuse', ['silent-']), 'bad-frame'],
  ['refuse with two hyphens', frame('refuse', ['hello--timeout']), 'bad-frame'],
  ['refuse with a code of 65 letters', frame('refuse', ['x'.repeat(65)]), 'bad-frame'],
  ['refuse with a line break', frame('refuse', ['silent\n']), 'bad-frame'],
  ['sketch of 223 bytes', frame('sketch', [null, SALT, new Uint8Array(223)]), 'bad-frame'],
  ['sketch with a mark cut off', frame('sketch', [null, SALT, new Uint8Array(7)]), 'bad-frame'],
  ['sketch of 37 marks', frame('sketch', [null, SALT, new Uint8Array(222)]), 'bad-frame'],
  ['sketch with a salt of 7 bytes', frame('sketch', [null, new Uint8Array(7), new Uint8Array(6)]), 'bad-frame'],
  ['differences with cells', frame('differences', [null, true, new Uint8Array(224), []]), 'bad-frame'],
  ['differences of 37 marks', frame('differences', [null, true, new Uint8Array(222), []]), 'bad-frame'],
  ['differences with a mark cut off', frame('differences', [null, true, new Uint8Array(5), []]), 'bad-frame'],
  ['4,097 rows of differences', repeated('differences', [null, true, new Uint8Array(0)], 4097, ROW), 'bad-frame'],
  ['buckets of 1,023 bytes', frame('buckets', [null, new Uint8Array(1023)]), 'bad-frame'],
  ['buckets of a scope of 31 bytes', frame('buckets', [new Uint8Array(31), new Uint8Array(1024)]), 'bad-frame'],
  ['rows with a mask of 9 bytes', frame('rows', at(first('rows'), 1, new Uint8Array(9))), 'bad-frame'],
  ['a row of order 5', frame('introduce', [id(7), [at(ROW, 0, 5)]]), 'bad-frame'],
  ['a row of number 0', frame('introduce', [id(7), [at(ROW, 2, 0)]]), 'bad-frame'],
  ['a row of six fields', frame('introduce', [id(7), [[...ROW, 0]]]), 'bad-frame'],
  ['a row of four fields', frame('introduce', [id(7), [ROW.slice(0, 4)]]), 'bad-frame'],
  ['4,097 rows', repeated('introduce', [id(7)], 4097, ROW), 'bad-frame'],
  ['introduce of the direct scope', frame('introduce', [null, []]), 'bad-frame'],
  ['want from 0', frame('want', [[[id(1), 0, true]]]), 'bad-frame'],
  ['want of 65 streams', frame('want', [many(65, [id(1), 1, false])]), 'bad-frame'],
  ['want with a number for a flag', frame('want', [[[id(1), 1, 1]]]), 'bad-frame'],
  ['want-registers of 257', repeated('want-registers', [], 257, id(1)), 'bad-frame'],
  ['want-registers nested', frame('want-registers', [[[id(1)]]]), 'bad-frame'],
  ['unavailable of 65 streams', frame('unavailable', [many(65, id(1)), []]), 'bad-frame'],
  ['unavailable of 257 registers', repeated('unavailable', [[]], 257, id(1)), 'bad-frame'],
  ['batch from 0', frame('batch', at(first('batch'), 1, 0)), 'bad-frame'],
  ['batch of no entries', frame('batch', at(first('batch'), 2, 0)), 'bad-frame'],
  ['batch of 513 entries', frame('batch', at(first('batch'), 2, 513)), 'bad-frame'],
  ['batch of no bytes', frame('batch', at(first('batch'), 3, 0)), 'bad-frame'],
  ['batch of 1 MiB + 1', frame('batch', at(first('batch'), 3, 1_048_577)), 'bad-frame'],
  ['batch with a descriptor of 189 bytes', frame('batch', at(first('batch'), 4, new Uint8Array(189))), 'bad-frame'],
  ['batch with a proof of 513 bytes', frame('batch', at(first('batch'), 5, new Uint8Array(513))), 'bad-frame'],
  ['batch with nothing packed', frame('batch', at(first('batch'), 6, new Uint8Array(0))), 'bad-frame'],
  ['registers of 257', repeated('registers', [], 257, [id(1), new Uint8Array(1)]), 'bad-frame'],
  ['a register of no bytes', frame('registers', [[[id(1), new Uint8Array(0)]]]), 'bad-frame'],
  ['a register of 34 KiB + 1', frame('registers', [[[id(1), new Uint8Array(34_817)]]]), 'bad-frame'],
  ['large number 0', frame('large', at(first('large'), 0, 0)), 'bad-frame'],
  ['large with a header of 126 bytes', frame('large', at(first('large'), 2, header.subarray(0, 126))), 'bad-frame'],
  ['large without chunk hashes', frame('large', at(first('large'), 5, new Uint8Array(0))), 'bad-frame'],
  ['large of a list of 31 bytes', frame('large', at(first('large'), 5, new Uint8Array(31))), 'bad-frame'],
  ['large of a list of 4,609 bytes', frame('large', at(first('large'), 5, new Uint8Array(4609))), 'bad-frame'],
  ['large with a proof of 513 bytes', frame('large', at(first('large'), 4, new Uint8Array(513))), 'bad-frame'],
  ['large of 145 chunks', frame('large', at(first('large'), 5, new Uint8Array(145 * 32))), 'bad-frame'],
  ['chunk of no bytes', frame('chunk', [1, 0, new Uint8Array(0)]), 'bad-frame'],
  ['chunk of 64 KiB + 1', ['0e8301005a00010001', { repeat: '00', times: 65_537 }], 'bad-frame'],
  ['chunk of number 0', frame('chunk', [0, 0, new Uint8Array(1)]), 'bad-frame'],
  ['chunk of a negative index', frame('chunk', [1, -1, new Uint8Array(1)]), 'bad-frame'],
  ['have of nothing', frame('have', [true, []]), 'bad-frame'],
  ['have of 257 streams', repeated('have', [true], 257, [7, 1, HEAD]), 'bad-frame'],
  ['have of seq 0', frame('have', [true, [[STREAM, 0, HEAD]]]), 'bad-frame'],
  ['have of a stream of 33 bytes', frame('have', [true, [[new Uint8Array(33), 1, HEAD]]]), 'bad-frame'],
  ['have of number 1,024', frame('have', [true, [[1024, 1, HEAD]]]), 'bad-frame'],
  ['have of number −1', frame('have', [true, [[-1, 1, HEAD]]]), 'bad-frame'],
  ['have with a whole id', frame('have', [true, [[STREAM, 1, id(1)]]]), 'bad-frame'],
  ['have with a number for its flag', frame('have', [0, [[STREAM, 1, HEAD]]]), 'bad-frame'],
  ['push of a first entry', frame('push', at(PUSH, 1, 1)), 'bad-frame'],
  ['push of number 1,024', frame('push', at(PUSH, 0, 1024)), 'bad-frame'],
  ['push of kind 0', frame('push', at(PUSH, 3, 0)), 'bad-frame'],
  ['push of kind 256', frame('push', at(PUSH, 3, 256)), 'bad-frame'],
  ['push with a signature of 63 bytes', frame('push', at(PUSH, 5, new Uint8Array(63))), 'bad-frame'],
  ['push with a check of 8 bytes', frame('push', at(PUSH, 6, new Uint8Array(8))), 'bad-frame'],
  ['push with a roster of 32 bytes', frame('push', at(PUSH, 7, id(1))), 'bad-frame'],
  ['push of an empty body', frame('push', at(PUSH, 10, 0)), 'bad-frame'],
  ['push of 64 KiB + 1', frame('push', at(PUSH, 10, 65_537)), 'bad-frame'],
  ['push with nothing packed', frame('push', at(PUSH, 11, new Uint8Array(0))), 'bad-frame'],
  ['prune of a stream of 31 bytes', frame('prune', [new Uint8Array(31)]), 'bad-frame'],
  ['graft of the direct scope', frame('graft', [null]), 'bad-frame'],
  ['decline with a sentence', frame('decline', [true, id(1), 'no thanks', 0]), 'bad-frame'],
  ['credit of 0', frame('credit', [0]), 'bad-frame'],
  ['credit of −1', frame('credit', [-1]), 'bad-frame'],
  ['credit as a float', '1281f93c00', 'bad-frame'],
  ['credit of 2^53', '12811b0020000000000000', 'bad-frame'],
  ['credit not in its shortest form', '12811801', 'bad-frame'],
  ['credit as a tagged integer', '1281c101', 'bad-frame'],
  ['twin with an instance of 15 bytes', frame('twin', [new Uint8Array(15), new Uint8Array(88)]), 'bad-frame'],
  ['twin with a proof of 257 bytes', frame('twin', [INSTANCE, new Uint8Array(257)]), 'bad-frame'],
  ['more items than its type has', ['12811a000f4240', { repeat: '00', times: 64 }], 'bad-frame']
]

/** Every case, in a fixed order. */
export function buildFrame(): VectorFile {
  const later = frame('hello', [...at(HELLO, 1, 1), 'from a later minor version'])
  // Sixteen items are the fields of this version.
  const longer = (count: number): string => frame('hello', [...at(HELLO, 1, 1), many(count, 0)])
  const most = longer(783)
  const rest = [STREAM, 1, 1, 1_048_576, null, new Uint8Array(0)]
  const overhead = frame('batch', [...rest, new Uint8Array(65_536)]).length / 2 - 65_536
  const longest = (more: number): string => frame('batch', [...rest, new Uint8Array(1_114_112 - overhead + more)])
  const seen = new Set<FrameType>()
  const firsts = good.filter(([type]) => !seen.has(type) && seen.add(type))
  for (const type of Object.keys(FRAME_CODES))
    if (!seen.has(type as FrameType)) throw new Error(`no frame of type ${type}`)
  return {
    description:
      'Frames of the exchange: the type in one byte, then one CBOR array. What is judged here needs no session: order and answers are the state machine’s.',
    cases: [
      ...good.map(([type, name, items]) => {
        const hex = frame(type, items)
        return holds('frame', namedFields(type, name), { hex: compact(hex) }, frameJson(decodeFrame(fromHex(hex))))
      }),
      holds(
        'frame',
        'hello of a later minor version, of 800 items',
        { hex: compact(most) },
        frameJson(decodeFrame(fromHex(most)))
      ),
      fails('frame', 'hello of a later minor version, of 801 items', { hex: compact(longer(784)) }, 'bad-frame'),
      holds('frame', 'hello of a later minor version', { hex: compact(later) }, frameJson(decodeFrame(fromHex(later)))),
      holds(
        'frame',
        'batch as long as a frame may be',
        { hex: compact(longest(0)) },
        frameJson(decodeFrame(fromHex(longest(0))))
      ),
      fails('frame', 'batch a byte longer', { hex: compact(longest(1)) }, 'frame-too-long'),
      ...firsts.flatMap(everyFault),
      ...special.map(([name, hex, code]) =>
        fails('frame', name, { hex: typeof hex === 'string' ? compact(hex) : hex }, code)
      )
    ]
  }
}
