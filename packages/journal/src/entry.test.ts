import { createHash } from 'node:crypto'
import type { EntryId, StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyHashOf, bodyHashOfChunks, bodyMatches, CHUNK, chunkHashes, MAX_ATTACHMENT_BODY, MAX_BODY } from './body.ts'
import { utf8 } from './bytes.ts'
import { admitKey } from './ed25519.ts'
import { checkLink, type EntryFields, parseSignedHeader, sealEntry, signedHeaderBytes, verifyHeader } from './entry.ts'
import { JournalError } from './errors.ts'
import { quarterStart } from './quarter.ts'
import { decodeDescriptor, encodeDescriptor } from './stream.ts'
import { descriptor, NOW, node, QUARTER, root } from './test-world.ts'

const stream = decodeDescriptor(encodeDescriptor(descriptor))
const body = utf8('a body of at least one byte')
const first: EntryFields = {
  stream: stream.id,
  seq: 1,
  previous: null,
  clock: NOW,
  kind: 'bulletin',
  keepUntil: NOW + 1
}
const one = sealEntry(node, first, body)
const second: EntryFields = { ...first, seq: 2, previous: one.id }
const key = admitKey(node.publicKey)

describe('entry header', () => {
  it('goes round, 190 bytes with its signature, and verifies', () => {
    const fields = fc.record({
      clock: fc.maxSafeNat(),
      keepUntil: fc.maxSafeNat(),
      seq: fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }),
      kind: fc.oneof(
        fc.constantFrom('bulletin', 'sighting', 'retraction', 'disabling', 'attachment'),
        fc.integer({ min: 6, max: 255 })
      )
    })
    fc.assert(
      fc.property(fields, fc.uint8Array({ minLength: 1, maxLength: 100 }), (some, bytes) => {
        const sealed = sealEntry(node, { ...second, ...some } as EntryFields, bytes)
        const parsed = parseSignedHeader(signedHeaderBytes(sealed))
        expect(parsed).toEqual(sealed)
        expect(parsed.header).toMatchObject({ ...some, stream: stream.id, previous: one.id, bodyLength: bytes.length })
        expect(verifyHeader(key, parsed)).toBe(true)
        expect(bodyMatches(parsed.header, bytes)).toBe(true)
      })
    )
  })

  it('is signed as a whole: any flipped bit is refused or no longer verifies', () => {
    const good = signedHeaderBytes(one)
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = good.slice()
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      try {
        expect(verifyHeader(key, parseSignedHeader(bytes))).toBe(false)
      } catch (error) {
        if (!(error instanceof JournalError)) throw error
      }
    }
  })

  it('is signed by the node key, not by the root key', () => {
    expect(verifyHeader(admitKey(root.publicKey), one)).toBe(false)
  })

  it('has an id that the signature is no part of', () => {
    const bytes = signedHeaderBytes(one)
    bytes.fill(0, 126)
    expect(parseSignedHeader(bytes).id).toBe(one.id)
  })

  it.each<[string, EntryFields, string]>([
    ['seq 0', { ...first, seq: 0 }, 'entry-sequence'],
    ['seq 1 with a previous entry', { ...second, seq: 1 }, 'entry-previous'],
    ['seq 2 without one', { ...first, seq: 2 }, 'entry-previous'],
    ['kind 0', { ...first, kind: 0 }, 'entry-kind'],
    ['kind 256', { ...first, kind: 256 }, 'entry-field'],
    ['a clock before 1970', { ...first, clock: -1 }, 'entry-field'],
    ['a stream id that is none', { ...first, stream: 'ab' as StreamId }, 'entry-field']
  ])('does not seal %s', (_name, fields, code) => {
    expect(() => sealEntry(node, fields, body)).toThrow(expect.objectContaining({ code }))
  })

  it('bounds the body by its kind', () => {
    const seal = (kind: EntryFields['kind'], length: number) => () =>
      sealEntry(node, { ...first, kind }, new Uint8Array(length))
    const tooLong = expect.objectContaining({ code: 'entry-body-length' })
    expect(seal('bulletin', 0)).toThrow(tooLong)
    expect(seal('bulletin', MAX_BODY)).not.toThrow()
    expect(seal('bulletin', MAX_BODY + 1)).toThrow(tooLong)
    expect(seal('attachment', MAX_ATTACHMENT_BODY)).not.toThrow()
    expect(seal(77, MAX_ATTACHMENT_BODY)).not.toThrow()
    expect(seal(77, MAX_ATTACHMENT_BODY + 1)).toThrow(tooLong)
  })

  it('throws nothing but JournalError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), (bytes) => {
        try {
          parseSignedHeader(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(JournalError)
        }
      })
    )
  })
})

describe('body hash', () => {
  it('is over the hashes of 64 KiB chunks', () => {
    const long = new Uint8Array(2 * CHUNK + 1).fill(7)
    const list = chunkHashes(long)
    expect(list.length).toBe(3 * 32)
    const sha = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
    expect(Buffer.from(list.subarray(64))).toEqual(sha(long.subarray(2 * CHUNK)))
    const whole = createHash('sha256').update('tocsin/body/1\0').update(list).digest('hex')
    expect([bodyHashOf(long), bodyHashOfChunks(list)]).toEqual([whole, whole])
  })

  it('is compared together with the length', () => {
    expect(bodyMatches(one.header, body)).toBe(true)
    expect(bodyMatches(one.header, utf8('a body of at least one Byte'))).toBe(false)
    expect(bodyMatches({ ...one.header, bodyLength: 3 }, body)).toBe(false)
  })
})

describe('chain', () => {
  const seal = (fields: Partial<EntryFields>) => sealEntry(node, { ...second, ...fields }, body)
  const two = seal({})

  it('accepts the first entry and the one after it', () => {
    expect(checkLink(null, one, stream)).toEqual({ allowed: true })
    expect(checkLink(one, two, stream)).toEqual({ allowed: true })
    expect(checkLink(one, seal({ clock: quarterStart(QUARTER + 1) - 1 }), stream)).toEqual({ allowed: true })
  })

  it.each([
    ['wrong-stream', one, seal({ stream: 'ee'.repeat(32) as StreamId })],
    ['seq-gap', null, two],
    ['seq-gap', two, two],
    ['seq-gap', one, seal({ seq: 3 })],
    ['previous-mismatch', one, seal({ previous: 'ee'.repeat(32) as EntryId })],
    ['clock-falls', one, seal({ clock: NOW - 1 })],
    ['clock-outside-quarter', one, seal({ clock: quarterStart(QUARTER + 1) })],
    ['clock-outside-quarter', null, sealEntry(node, { ...first, clock: quarterStart(QUARTER) - 1 }, body)],
    ['clock-outside-quarter', one, seal({ clock: Number.MAX_SAFE_INTEGER })]
  ])('refuses %s', (code, before, after) => {
    expect(checkLink(before, after, stream)).toEqual({ allowed: false, code })
  })
})
