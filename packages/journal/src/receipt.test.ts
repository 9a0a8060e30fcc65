import type { InstitutionId, StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admitKey, generateSeed, signingKey } from './ed25519.ts'
import { institutionId, nodeKey } from './institution.ts'
import { createViaSealer, openVia, streamMark } from './receipt.ts'
import { author, node, other, otherRoot } from './test-world.ts'
import { agree, montgomeryOf, x25519Key, x25519PublicKey } from './x25519.ts'

const stream = '5a'.repeat(32) as StreamId
const sealer = createViaSealer(new Uint8Array(32).fill(7))
const all = [author, other]
const sealed = (via: InstitutionId, seq = 3) => sealer.seal({ nodeKey: nodeKey(node.publicKey), stream, seq, via })

describe('via whom', () => {
  it('is read by the key that signs the stream', () => {
    expect(openVia(node, sealer.key, { stream, seq: 3, via: sealed(other) }, all)).toBe(other)
    expect(openVia(node, sealer.key, { stream, seq: 3, via: sealed(author) }, all)).toBe(author)
  })

  it('is read by no other key, and at no other place', () => {
    const at = { stream, seq: 3, via: sealed(other) }
    expect(openVia(otherRoot, sealer.key, at, all)).toBeUndefined()
    expect(openVia(node, createViaSealer(new Uint8Array(32).fill(8)).key, at, all)).toBeUndefined()
    expect(openVia(node, sealer.key, { ...at, seq: 4 }, all)).toBeUndefined()
    expect(openVia(node, sealer.key, { ...at, stream: '5b'.repeat(32) as StreamId }, all)).toBeUndefined()
  })

  it('shows nobody that two entries came the same way', () => {
    expect(sealed(other, 3)).not.toEqual(sealed(other, 4))
    expect(sealed(other, 3)).not.toEqual(sealed(author, 3))
  })

  it('of somebody unknown is nobody', () => {
    expect(openVia(node, sealer.key, { stream, seq: 3, via: sealed(other) }, [author])).toBeUndefined()
  })

  it('under a key that gives everybody the same secret is nobody', () => {
    const zero = new Uint8Array(32)
    expect(node.agree(zero)).toBeUndefined()
    expect(openVia(node, zero, { stream, seq: 3, via: sealed(other) }, all)).toBeUndefined()
  })

  it('names a stream by the first half of its id', () => {
    expect(Buffer.from(streamMark(stream)).toString('hex')).toBe('5a'.repeat(16))
  })
})

describe('the X25519 key of a node key', () => {
  it('is the one that its seed has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const key = signingKey(seed)
        admitKey(key.publicKey)
        const theirs = x25519Key(new Uint8Array(32).fill(3))
        // Both ways to one secret: over the Montgomery form of the public key, and by the private key itself.
        expect(agree(theirs, montgomeryOf(key.publicKey))).toEqual(key.agree(x25519PublicKey(theirs)))
      }),
      { numRuns: 50 }
    )
  })

  it('agrees as RFC 7748 §6.1 says', () => {
    const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
    const alice = x25519Key(bytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'))
    expect(Buffer.from(x25519PublicKey(alice)).toString('hex')).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'
    )
    const bob = bytes('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
    expect(Buffer.from(agree(alice, bob) ?? []).toString('hex')).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'
    )
  })

  it('is a new one for each seed', () => {
    const [one, two] = [signingKey(generateSeed()), signingKey(generateSeed())]
    expect(institutionId(one.publicKey)).not.toBe(institutionId(two.publicKey))
    expect(montgomeryOf(one.publicKey)).not.toEqual(montgomeryOf(two.publicKey))
  })
})
