import { INDICATOR_TYPE_NAMES, parseIndicator } from '@tocsin/model'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isNormal } from './normal.ts'

it.each([
  ['cidr', '192.0.2.77/24'],
  ['cidr', '2001:db8::1/32'],
  ['ipv6', '2001:DB8::1'],
  ['ipv6', '::ffff:192.0.2.1'],
  ['domain', '*.evil.example'],
  ['domain', 'evil.example.'],
  ['domain', 'xn--a.example'],
  ['domain', 'com'],
  ['sha256', 'A'.repeat(64)],
  ['url', 'evil.example/x']
] as const)('%s %s is no normal form', (type, value) => expect(isNormal(type, value)).toBe(false))

it('says what the parser of the type says', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 70 }),
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom('a', 'b', '0', '9', '.', '-', '_', 'x', 'n', ':', '/'), maxLength: 66 })
  )
  fc.assert(
    fc.property(fc.constantFrom(...INDICATOR_TYPE_NAMES), text, (type, value) => {
      const parsed = parseIndicator(type, value)
      expect(isNormal(type, value)).toBe(parsed.ok && parsed.value === value)
    }),
    { numRuns: 2000 }
  )
})
