import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from './bytes.ts'
import { decode, encode } from './codec.ts'
import { JournalError } from './errors.ts'

const limits = { maxBytes: 1 << 20, maxDepth: 16, maxItems: 100_000 }

const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((it) => !it.startsWith('\ufeff'))
const key = text.filter((it) => it !== '__proto__')
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger().map((it) => it + 0),
    text,
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 40 }),
    fc.dictionary(key, tie('value'), { maxKeys: 40, noNullPrototype: true })
  )
}))

const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (error instanceof JournalError) return error.code
    throw error
  }
}

describe('codec', () => {
  it('gives back every value of the subset, and the same bytes for it', () => {
    fc.assert(
      fc.property(value, (it) => {
        const bytes = encode(it)
        const read = decode(bytes, limits)
        expect(read).toEqual(it)
        expect(toHex(encode(read))).toBe(toHex(bytes))
      }),
      { numRuns: 500 }
    )
  })

  it.each([0, 1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1])(
    'writes ±%d as an integer in its shortest form',
    (number) => {
      for (const it of [number, -number, -number - 1]) {
        if (!Number.isSafeInteger(it)) continue
        const bytes = encode(it)
        expect(bytes[0] ?? 0).toBeLessThan(0x40)
        expect(decode(bytes, limits)).toBe(it + 0)
      }
    }
  )

  it('orders keys by length, then bytewise, whatever order JavaScript keeps', () => {
    const expected = 'a5613101616202623130036261620462c3a905'
    expect(toHex(encode({ ab: 4, '10': 3, é: 5, b: 2, '1': 1 }))).toBe(expected)
    // U+FFFD sorts before U+10000 in UTF-8, after its surrogates in UTF-16; same length needs a filler.
    const astral = encode({ '\u{10000}': 1, '\ufffda': 2 })
    expect(decode(astral, limits)).toEqual({ '\ufffda': 2, '\u{10000}': 1 })
  })

  it('leaves out keys that are undefined', () => {
    expect(toHex(encode({ a: undefined, b: 1 }))).toBe(toHex(encode({ b: 1 })))
  })

  it('decodes into plain values that share no memory with their source', () => {
    const bytes = encode({ data: Uint8Array.of(1, 2, 3) })
    const read = decode(bytes, limits) as { data: Uint8Array }
    bytes.fill(0)
    expect(read.data).toEqual(Uint8Array.of(1, 2, 3))
    expect(Buffer.isBuffer(read.data)).toBe(false)
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  it.each<[string, unknown]>([
    ['a float', 1.5],
    ['an unsafe integer', 2 ** 53],
    ['NaN', Number.NaN],
    ['a bigint', 1n],
    ['undefined in an array', [undefined]],
    ['a hole', new Array(1)],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a date', new Date(0)],
    ['a Map', new Map()],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate as key', { '\udc00': 1 }],
    ['a byte order mark', '\ufeffa'],
    ['itself', cyclic]
  ])('does not encode %s', (_, it) => {
    expect(codeOf(() => encode(it))).toBe('cbor-unencodable')
  })

  it('does not encode __proto__ as a key', () => {
    expect(codeOf(() => encode(JSON.parse('{"__proto__":1}')))).toBe('cbor-key-forbidden')
  })

  it('holds to its limits', () => {
    const nested = (depth: number): Uint8Array => Uint8Array.from([...new Array<number>(depth).fill(0x81), 0])
    expect(codeOf(() => decode(nested(16), limits))).toBe('accepted')
    expect(codeOf(() => decode(nested(17), limits))).toBe('cbor-too-deep')
    expect(codeOf(() => decode(nested(1_000_000), { ...limits, maxDepth: 16 }))).toBe('cbor-too-deep')
    expect(codeOf(() => decode(new Uint8Array(11), { ...limits, maxBytes: 10 }))).toBe('cbor-too-large')
    expect(codeOf(() => decode(encode([1, 2, { a: 1 }]), { ...limits, maxItems: 6 }))).toBe('accepted')
    expect(codeOf(() => decode(encode([1, 2, { a: 1 }]), { ...limits, maxItems: 5 }))).toBe('cbor-too-many-items')
  })

  it('takes any bytes, and accepts only what it would write itself', () => {
    // Heads with random arguments reach much further into the scanner than uniform bytes do.
    const head = fc.constantFrom(
      0x00,
      0x18,
      0x19,
      0x1b,
      0x20,
      0x3b,
      0x41,
      0x58,
      0x61,
      0x62,
      0x78,
      0x80,
      0x81,
      0x82,
      0x9f,
      0xa0,
      0xa1,
      0xa2,
      0xbf,
      0xc0,
      0xf4,
      0xf6,
      0xf7,
      0xf9,
      0xff
    )
    const fuzz = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(fc.oneof(head, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0x61, max: 0x63 })), { maxLength: 24 })
        .map((it) => Uint8Array.from(it))
    )
    let accepted = 0
    fc.assert(
      fc.property(fuzz, (bytes) => {
        if (codeOf(() => decode(bytes, limits)) !== 'accepted') return
        accepted++
        expect(toHex(encode(decode(bytes, limits)))).toBe(toHex(bytes))
      }),
      { numRuns: 20_000 }
    )
    expect(accepted).toBeGreaterThan(100)
  })

  it('finds one flipped bit out, or reads another value', () => {
    const one = encode({ id: 'x'.repeat(40), list: [1, 70_000, -3, null, true], data: Uint8Array.of(1, 2) })
    for (let bit = 0; bit < one.length * 8; bit++) {
      const bytes = one.slice()
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if (codeOf(() => decode(bytes, limits)) !== 'accepted') continue
      expect(decode(bytes, limits)).not.toEqual(decode(one, limits))
      expect(encode(decode(bytes, limits))).toEqual(bytes)
    }
  })

  it('allocates nothing from an announced length', () => {
    const huge = [
      '5b00000000ffffffff',
      '7b00000000ffffffff',
      '9b00000000ffffffff',
      'bb00000000ffffffff',
      '9bffffffffffffffff',
      '5affffffff',
      '9affffffff',
      'baffffffff'
    ]
    const before = process.memoryUsage().rss
    for (let round = 0; round < 1000; round++) {
      for (const hex of huge) {
        expect(codeOf(() => decode(fromHex(hex), { maxBytes: Infinity, maxDepth: 16, maxItems: Infinity }))).toMatch(
          /^cbor-(truncated|not-minimal)$/
        )
      }
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 2 ** 20)
  })
})
