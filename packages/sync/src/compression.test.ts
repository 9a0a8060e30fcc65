import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compress, decompress } from './compression.ts'
import { MAX_RAW } from './constants.ts'
import { SyncError } from './errors.ts'
import { createRandom, randomBytes } from './testing/random.ts'

const bad = expect.objectContaining({ code: 'bad-compression' })

describe('compression', () => {
  it('gives back what went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 5000 }), (raw) => {
        expect(decompress(compress(raw), raw.length)).toEqual(raw)
      })
    )
    const most = new Uint8Array(MAX_RAW).fill(7)
    expect(decompress(compress(most), MAX_RAW)).toHaveLength(MAX_RAW)
  })

  it('makes one frame, also where it fills chunks of 16 KiB exactly', () => {
    const noise = randomBytes(createRandom(1), 8 * 16_384)
    let exact = 0
    for (let chunks = 1; chunks <= 8; chunks++) {
      for (let length = chunks * 16_384 - 64; length <= chunks * 16_384; length++) {
        const packed = compress(noise.subarray(0, length))
        if (packed.length === chunks * 16_384) exact++
        expect(decompress(packed, length)).toHaveLength(length)
      }
    }
    expect(exact).toBe(8)
  })

  it('never adds more than the frame allowance to incompressible bytes', () => {
    const raw = Uint8Array.from({ length: 262_144 }, (_, index) => (index * 2_654_435_761) >>> 13)
    expect(compress(raw).length).toBeLessThan(raw.length + 200)
  })

  it('refuses trailing bytes, a second frame, and a truncated one', () => {
    const packed = compress(new Uint8Array(100))
    expect(() => decompress(Buffer.concat([packed, Buffer.of(0)]), 100)).toThrow(bad)
    expect(() => decompress(Buffer.concat([packed, packed]), 100)).toThrow(bad)
    expect(() => decompress(packed.subarray(0, -1), 100)).toThrow(bad)
  })

  it('refuses another length than announced', () => {
    const packed = compress(new Uint8Array(100))
    for (const length of [0, 1, 99, 101, MAX_RAW, MAX_RAW + 1, -1]) {
      expect(() => decompress(packed, length)).toThrow(bad)
    }
  })

  it('refuses a bomb, a window beyond 1 MiB and a skippable frame', () => {
    const bomb = zstdCompressSync(new Uint8Array(64 * MAX_RAW))
    expect(() => decompress(bomb, MAX_RAW)).toThrow(bad)
    // One raw block of one byte behind a window descriptor (RFC 8878 §3.1.1.1.2): 2^20 is read, 2^27 is not.
    const framed = (window: number) => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, window, 0x09, 0x00, 0x00, 42)
    expect(decompress(framed(10 << 3), 1)).toEqual(Uint8Array.of(42))
    for (const log of [21, 24, 27, 31]) expect(() => decompress(framed((log - 10) << 3), 1)).toThrow(bad)
    const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9)
    expect(() => decompress(skippable, 1)).toThrow(bad)
    expect(() => decompress(Buffer.concat([skippable, compress(new Uint8Array(5))]), 5)).toThrow(bad)
  })

  it('throws nothing but its own code, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: -5, max: 2 * MAX_RAW }), (bytes, length) => {
        try {
          decompress(bytes, length)
        } catch (error) {
          expect(error).toBeInstanceOf(SyncError)
        }
      })
    )
  })
})
