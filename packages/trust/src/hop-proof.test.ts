import { admitKey, sha256, signingKey, toHex, utf8 } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrustError, type TrustErrorCode } from './errors.ts'
import {
  checkHopProof,
  HOP_PROOF_BYTES,
  HOP_PROOF_DRIFT_MS,
  type HopProofFields,
  openHopProof,
  parseHopProof,
  sealHopProof
} from './hop-proof.ts'
import { DAY, institution } from './test-fixtures.ts'

const node = signingKey(sha256(utf8('node of relay')))
const nodeKey = admitKey(node.publicKey)
const NOW = 1_795_000_000_000
const fields: HopProofFields = {
  from: institution('relay'),
  to: institution('receiver'),
  stream: 'ab'.repeat(32) as StreamId,
  first: 3,
  last: 9,
  lastId: 'cd'.repeat(32) as EntryId,
  rosterDigest: 'ef'.repeat(32),
  day: DAY,
  time: NOW
}

function codeOf(act: () => unknown): TrustErrorCode | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof TrustError) return error.code
    throw error
  }
}

describe('a hop proof', () => {
  it('has 253 bytes and gives back what was sealed', () => {
    const bytes = sealHopProof(node, fields)
    expect(bytes).toHaveLength(HOP_PROOF_BYTES)
    expect(openHopProof(bytes, nodeKey)).toEqual({ ...fields, bytes })
  })

  it('has the layout that docs/protocol.md describes', () => {
    // A vector: version, the two root keys, stream, range, last id, digest, day, time; Ed25519 is deterministic.
    const hex = toHex(sealHopProof(node, fields))
    expect(hex.slice(0, 2)).toBe('01')
    expect(hex.slice(130, 194)).toBe('ab'.repeat(32))
    expect(hex.slice(194, 226)).toBe('00000000000000030000000000000009')
    expect(hex.slice(226, 290)).toBe('cd'.repeat(32))
    expect(hex.slice(290, 354)).toBe('ef'.repeat(32))
    expect(hex.slice(354, 378)).toBe(`00004e20${NOW.toString(16).padStart(16, '0')}`)
  })

  it('survives the trip for any fields', () => {
    const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
    const some = fc.record({
      from: fc.constantFrom('a', 'b').map(institution),
      to: fc.constantFrom('a', 'b').map(institution),
      stream: id.map((hex) => hex as StreamId),
      range: fc.tuple(count, count),
      lastId: id.map((hex) => hex as EntryId),
      rosterDigest: fc.option(
        id.filter((hex) => hex !== '00'.repeat(32)),
        { nil: undefined }
      ),
      day: fc.nat(0xffffffff),
      time: fc.maxSafeNat()
    })
    fc.assert(
      fc.property(some, ({ range, rosterDigest, ...rest }) => {
        const [first, last] = [Math.min(...range), Math.max(...range)]
        const digest = rosterDigest === undefined ? {} : { rosterDigest }
        const sealed = { ...rest, first, last, ...digest }
        const { bytes: _, ...opened } = openHopProof(sealHopProof(node, sealed), nodeKey)
        expect(opened).toEqual(sealed)
      })
    )
  })

  it('does not open after any bit of it was changed', () => {
    const bytes = sealHopProof(node, fields)
    fc.assert(
      fc.property(fc.nat(HOP_PROOF_BYTES - 1), fc.nat(7), (place, bit) => {
        const forged = bytes.slice()
        forged[place] = (forged[place] ?? 0) ^ (1 << bit)
        expect(codeOf(() => openHopProof(forged, nodeKey))).toMatch(/^hop-proof-(version|field|signature)$/)
      })
    )
  })

  it('does not open under another key, nor as a bare signature over its fields', () => {
    const bytes = sealHopProof(node, fields)
    const other = signingKey(sha256(utf8('another node')))
    expect(codeOf(() => openHopProof(bytes, admitKey(other.publicKey)))).toBe('hop-proof-signature')
    const bare = bytes.slice()
    bare.set(node.sign(bytes.subarray(0, 189)), 189)
    expect(codeOf(() => openHopProof(bare, nodeKey))).toBe('hop-proof-signature')
  })

  it('refuses what is no proof', () => {
    const bytes = sealHopProof(node, fields)
    for (const length of [0, 189, 252, 254]) {
      const cut = new Uint8Array(length)
      cut.set(bytes.subarray(0, length))
      expect(codeOf(() => parseHopProof(cut))).toBe('hop-proof-length')
    }
    const later = bytes.slice()
    later[0] = 2
    expect(codeOf(() => parseHopProof(later))).toBe('hop-proof-version')
    const huge = bytes.slice()
    huge.fill(0xff, 105, 113)
    expect(codeOf(() => parseHopProof(huge))).toBe('hop-proof-field')
    for (const wrong of [{ first: 0 }, { first: 10 }, { last: 2 ** 53 }, { day: 2 ** 32 }, { time: -1 }, { time: 0.5 }])
      expect(codeOf(() => sealHopProof(node, { ...fields, ...wrong }))).toBe('hop-proof-field')
  })
})

describe('checkHopProof', () => {
  const batch = { from: fields.from, to: fields.to, stream: fields.stream, first: 3, last: 9, lastId: fields.lastId }

  it('takes the proof of this batch only', () => {
    const code = (change: Partial<typeof batch>, now = NOW) => {
      const verdict = checkHopProof(fields, { ...batch, ...change }, now)
      return verdict.allowed ? 'allowed' : verdict.code
    }
    expect(code({})).toBe('allowed')
    expect(code({ from: institution('other') })).toBe('proof-other-sender')
    expect(code({ to: institution('other') })).toBe('proof-other-receiver')
    expect(code({ stream: '00'.repeat(32) as StreamId })).toBe('proof-other-stream')
    expect(code({ first: 4 })).toBe('proof-other-range')
    expect(code({ last: 8 })).toBe('proof-other-range')
    expect(code({ lastId: '00'.repeat(32) as EntryId })).toBe('proof-other-range')
    expect(code({}, NOW + HOP_PROOF_DRIFT_MS)).toBe('allowed')
    expect(code({}, NOW + HOP_PROOF_DRIFT_MS + 1)).toBe('proof-other-time')
    expect(code({}, NOW - HOP_PROOF_DRIFT_MS - 1)).toBe('proof-other-time')
  })
})
