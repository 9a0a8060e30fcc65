import type { IndicatorType } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rpzOwners } from './rpz-owner.ts'

const ZONE = 'rpz.tocsin.invalid'

function owners(type: IndicatorType, value: string, zone = ZONE): string {
  const made = rpzOwners(type, value, zone)
  return made.ok ? made.owners.join(' ') : made.code
}

describe('rpzOwners', () => {
  it.each([
    ['domain', 'evil.example', 'evil.example *.evil.example'],
    ['domain', 'xn--e1afmkfd.example', 'xn--e1afmkfd.example *.xn--e1afmkfd.example'],
    ['domain', '_dmarc.evil.example', '_dmarc.evil.example *._dmarc.evil.example'],
    ['ipv4', '203.0.113.4', '32.4.113.0.203.rpz-ip'],
    ['cidr', '198.51.100.0/24', '24.0.100.51.198.rpz-ip'],
    // Host bits cleared: BIND would ignore the record and say so in its log alone.
    ['cidr', '198.51.100.77/25', '25.0.100.51.198.rpz-ip'],
    ['cidr', '198.51.100.255/9', '9.0.0.0.198.rpz-ip'],
    ['ipv6', '2001:db8::1', '128.1.zz.db8.2001.rpz-ip'],
    ['ipv6', '2001:db8:0:0:1:0:0:1', '128.1.0.0.1.zz.db8.2001.rpz-ip'],
    ['ipv6', '2001:0:0:1:0:0:0:1', '128.1.zz.1.0.0.2001.rpz-ip'],
    ['ipv6', '2001:db8:1:1:1:1:0:1', '128.1.0.1.1.1.1.db8.2001.rpz-ip'],
    ['ipv6', '64:ff9b::192.0.2.33', '128.221.c000.zz.ff9b.64.rpz-ip'],
    ['cidr', '2001:db8::ffff/32', '32.zz.db8.2001.rpz-ip'],
    ['cidr', '2001:db8:8000::/33', '33.zz.8000.db8.2001.rpz-ip'],
    ['cidr', '2a00::/11', '11.zz.2a00.rpz-ip']
  ] as const)('%s %s', (type, value, expected) => {
    expect(owners(type, value)).toBe(expected)
  })

  it.each([
    ['url', 'http://evil.example/', 'type-not-carried'],
    ['email', 'x@univ-metz.fr', 'type-not-carried'],
    ['domain', 'com', 'owner-too-broad'],
    ['domain', '*.evil.example', 'value-unsafe'],
    ['domain', 'evil.example CNAME rpz-passthru.\nx.example', 'value-unsafe'],
    ['domain', 'evil.example.', 'value-unsafe'],
    ['domain', 'a;b.example', 'value-unsafe'],
    ['domain', '$include.example', 'value-unsafe'],
    ['domain', `${'a'.repeat(64)}.example`, 'value-unsafe'],
    ['domain', '24.0.2.0.192.rpz-ip', 'owner-reserved'],
    ['domain', 'evil.rpz-nsdname', 'owner-reserved'],
    ['ipv4', '203.0.113.4/8', 'value-unsafe'],
    ['ipv4', '203.0.113', 'value-unsafe'],
    ['cidr', '0.0.0.0/0', 'owner-too-broad'],
    ['cidr', '::/0', 'owner-too-broad'],
    ['cidr', '203.0.113.4/33', 'value-unsafe'],
    ['cidr', '2001:db8::/129', 'value-unsafe'],
    ['ipv6', '::ffff:203.0.113.4', 'value-unsafe'],
    ['ipv6', 'fe80::1%eth0', 'value-unsafe']
  ] as const)('refuses %s %s as %s', (type, value, code) => {
    expect(owners(type, value)).toBe(code)
  })

  it('counts the zone, the wildcard and every length octet in the 255', () => {
    const name = (length: number) => `${`${'b'.repeat(63)}.`.repeat(3)}${'a'.repeat(length - 192)}`
    // wildcard 2 + name 247 and 1 + zone 'rpz' 4 + root 1 = 255
    expect(owners('domain', name(247), 'rpz')).toBe(`${name(247)} *.${name(247)}`)
    expect(owners('domain', name(248), 'rpz')).toBe('owner-too-long')
    expect(owners('domain', name(247), 'rpz2')).toBe('owner-too-long')
  })

  it('keeps every address apart and reads back', () => {
    const words = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
      minLength: 8,
      maxLength: 8
    })
    fc.assert(
      fc.property(words, (list) => {
        fc.pre(list[5] !== 0xffff)
        const owner = owners('ipv6', list.map((word) => word.toString(16)).join(':'))
        const parts = owner
          .replace(/^128\./, '')
          .replace(/\.rpz-ip$/, '')
          .split('.')
        const gap = parts.indexOf('zz')
        if (gap >= 0) parts.splice(gap, 1, ...Array<string>(9 - parts.length).fill('0'))
        expect(parts.reverse().map((part) => Number.parseInt(part, 16))).toEqual(list)
      })
    )
  })
})
