import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketDigests, bucketOf, differingBuckets, digestOf, inBuckets } from './digest.ts'
import type { Row } from './ports.ts'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const row: fc.Arbitrary<Row> = fc.record({
  kind: fc.constantFrom('register', 'stream'),
  key: id,
  number: fc.nat(),
  hash: id,
  order: fc.nat(4),
  newest: fc.nat()
})
const rows = fc.uniqueArray(row, { selector: ({ key }) => key, maxLength: 40 })

describe('digest', () => {
  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(rows, (list) => {
        expect(digestOf([...list].reverse())).toEqual(digestOf(list))
        expect(bucketDigests([...list].reverse())).toEqual(bucketDigests(list))
      })
    )
  })

  it('changes with every fact of a row, and not with its place in the order of catching up', () => {
    fc.assert(
      fc.property(rows, row, (list, one) => {
        const digest = digestOf([...list, one])
        expect(digestOf([...list, { ...one, order: 0, newest: 1 }])).toEqual(digest)
        expect(digestOf(list)).not.toEqual(digest)
        expect(digestOf([...list, { ...one, number: one.number + 1 }])).not.toEqual(digest)
        expect(digestOf([...list, { ...one, hash: 'ab'.repeat(32) }])).not.toEqual(digest)
        expect(digestOf([...list, { ...one, kind: one.kind === 'stream' ? 'register' : 'stream' }])).not.toEqual(digest)
      })
    )
  })

  it('points at exactly the buckets whose rows differ', () => {
    fc.assert(
      fc.property(rows, row, (list, one) => {
        const mask = differingBuckets(bucketDigests(list), bucketDigests([...list, one]))
        for (const { key } of [...list, one]) expect(inBuckets(mask, key)).toBe(bucketOf(key) === bucketOf(one.key))
        expect(differingBuckets(bucketDigests(list), bucketDigests(list))).toEqual(new Uint8Array(8))
      })
    )
  })

  it('has the domain string alone for no rows', () => {
    // SHA-256('tocsin/digest/1\0'), computed with sha256sum.
    expect(Buffer.from(digestOf([])).toString('hex')).toBe(EMPTY)
  })
})

const EMPTY = '395c29c1114cfe8522237f5be657208d1a462acf3c43165b5613dce70815c5fb'
