import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCidr, parseIpv6, rangeOf } from './ip.ts'
import { createRangeSet } from './range-set.ts'
import { isSpecialPurpose } from './special-purpose.ts'

describe('IPv6 in canonical form', () => {
  it('agrees with the URL standard, whose serializer is another implementation of RFC 5952', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    const groups = fc.array(group, { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, (numbers) => {
        const text = numbers.map((number) => number.toString(16)).join(':')
        const parsed = parseIpv6(text)
        if (parsed.ok) expect(`[${parsed.value}]`).toBe(new URL(`http://[${text}]/`).hostname)
        else expect(parsed.code).toBe('ipv6-mapped')
      }),
      { numRuns: 2000 }
    )
  })
})

describe('ranges', () => {
  it('reads addresses, ranges and mapped addresses', () => {
    expect(rangeOf('0.0.0.255')).toEqual({ bits: 32, first: 255n, last: 255n })
    expect(rangeOf('0.0.1.7/24')).toEqual({ bits: 32, first: 256n, last: 511n })
    expect(rangeOf('::ffff:0.0.1.0/120')).toEqual({ bits: 32, first: 256n, last: 511n })
    expect(rangeOf('::ff')).toEqual({ bits: 128, first: 255n, last: 255n })
    for (const bad of ['', 'x', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/1/1', 'fe80::1%x', '1.2.3.4/+8', 'evil.example']) {
      expect(rangeOf(bad)).toBeUndefined()
    }
  })

  it('clears host bits so that the range holds the address it was made of', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 8, max: 31 }), (address, length) => {
        const parsed = parseCidr(`${address}/${length}`)
        if (!parsed.ok) throw new Error(parsed.code)
        const range = rangeOf(parsed.value)
        const point = rangeOf(address)
        if (range === undefined || point === undefined) throw new Error('no range')
        expect(range.first <= point.first && point.last <= range.last).toBe(true)
        expect(rangeOf(parsed.value.replace(/\/.*/, ''))?.first).toBe(range.first)
      })
    )
  })

  it('finds an overlap exactly where a linear search finds one', () => {
    const cidr = fc.tuple(fc.ipV4(), fc.integer({ min: 4, max: 32 })).map(([address, length]) => `${address}/${length}`)
    fc.assert(
      fc.property(fc.array(cidr, { maxLength: 30 }), cidr, (texts, probe) => {
        const range = rangeOf(probe)
        if (range === undefined) throw new Error('no range')
        const linear = texts.some((text) => {
          const held = rangeOf(text)
          return held !== undefined && held.first <= range.last && range.first <= held.last
        })
        expect(createRangeSet(texts).overlaps(range)).toBe(linear)
      }),
      { numRuns: 1000 }
    )
    const any = rangeOf('::/0')
    if (any === undefined) throw new Error('no range')
    expect(createRangeSet(['1.2.3.4']).overlaps(any)).toBe(false)
    expect(createRangeSet([]).overlaps(any)).toBe(false)
  })
})

describe('special purpose (RFC 6890 and successors)', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.0.9',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.4',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '10.0.0.0/8',
    '8.0.0.0/6',
    '192.0.0.0/16',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8/90',
    '64:ff9b::808:808',
    '100::1',
    '2001::1',
    '2001:10::1',
    '2001:db8::1',
    '2002:808:808::1',
    '3fff::1',
    '4000::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
    '2000::/15',
    'not an address',
    ''
  ])('%s is', (text) => {
    expect(isSpecialPurpose(text)).toBe(true)
  })

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '45.155.205.233',
    '193.49.0.1',
    '172.32.0.1',
    '100.128.0.1',
    '9.255.255.255',
    '11.0.0.0/8',
    '2a01:111:f400::1',
    '2606:4700::1',
    '2001:660::1',
    '::ffff:8.8.8.8'
  ])('%s is not', (text) => {
    expect(isSpecialPurpose(text)).toBe(false)
  })
})
