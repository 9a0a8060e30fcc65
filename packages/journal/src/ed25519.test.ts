import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from './bytes.ts'
import { admitKey, generateSeed, signingKey, verify } from './ed25519.ts'

const key = signingKey(new Uint8Array(32).fill(7))
const admitted = admitKey(key.publicKey)

describe('keys', () => {
  it('signs what the admitted key verifies, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (message, other) => {
        const signature = key.sign(message)
        expect(signature.length).toBe(64)
        expect(verify(admitted, message, signature)).toBe(true)
        expect(verify(admitted, other, signature)).toBe(toHex(message) === toHex(other))
      })
    )
  })

  it('makes fresh seeds of 32 bytes, and keys that are admitted', () => {
    const [one, two] = [generateSeed(), generateSeed()]
    expect([one.length, toHex(one) === toHex(two)]).toEqual([32, false])
    expect(admitKey(signingKey(one).publicKey).hex).toBe(toHex(signingKey(one).publicKey))
    expect(() => signingKey(one.subarray(1))).toThrow(expect.objectContaining({ code: 'seed-length' }))
  })

  it('refuses a signature with any bit flipped, or of another length', () => {
    const message = utf8('tocsin')
    const signature = key.sign(message)
    for (let bit = 0; bit < 512; bit++) {
      const bytes = signature.slice()
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(verify(admitted, message, bytes)).toBe(false)
    }
    expect(verify(admitted, message, signature.subarray(1))).toBe(false)
    expect(verify(admitted, message, Uint8Array.from([...signature, 0]))).toBe(false)
  })

  it('admits a key once and shares it; nobody can change what is shared', () => {
    expect(admitKey(key.publicKey)).toBe(admitted)
    admitted.bytes.fill(0)
    key.publicKey.fill(0)
    expect(toHex(admitted.bytes)).toBe(toHex(key.publicKey))
    expect(verify(admitted, utf8('x'), key.sign(utf8('x')))).toBe(true)
  })

  it('answers for any 32 bytes with a key or a code', () => {
    let refused = 0
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        try {
          expect(toHex(admitKey(bytes).bytes)).toBe(toHex(bytes))
        } catch (error) {
          refused++
          expect(error).toMatchObject({ code: expect.stringMatching(/^key-(not-canonical|bad-order)$/) })
        }
      }),
      { numRuns: 300 }
    )
    expect(refused).toBeGreaterThan(0)
  })

  it.each([
    ['', 'key-not-canonical'],
    ['00'.repeat(31), 'key-not-canonical'],
    ['00'.repeat(33), 'key-not-canonical'],
    [`01${'00'.repeat(31)}`, 'key-bad-order'],
    [`02${'00'.repeat(31)}`, 'key-not-canonical'] // off the curve
  ])('refuses %s', (hex, code) => {
    expect(() => admitKey(fromHex(hex))).toThrow(expect.objectContaining({ code }))
  })
})
