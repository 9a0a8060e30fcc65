import { INDICATOR_TYPE_NAMES, type IndicatorType, parseIndicator } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternOf } from './pattern.ts'
import { readPattern } from './pattern-read.ts'

const one = (type: string, value: string) => [{ type, value }]

describe('a pattern', () => {
  it.each([
    ["[ipv4-addr:value = '192.0.2.7']", one('ipv4', '192.0.2.7')],
    ["[ipv4-addr:value='192.0.2.0/24']", one('cidr', '192.0.2.0/24')],
    ["[ ipv6-addr:value = '2001:db8::1' ]", one('ipv6', '2001:db8::1')],
    ["([url:value = 'https://a.example/x?y=\\'z\\'&b=\\\\c'])", one('url', "https://a.example/x?y='z'&b=\\c")],
    ["[file:hashes.'SHA-256' = 'aa']", one('sha256', 'aa')],
    ["[file:hashes.SHA256 = 'aa']", one('sha256', 'aa')],
    ["[x509-certificate:hashes.'SHA-1' = 'aa']", one('x509-sha1', 'aa')],
    ['[autonomous-system:number = 2200]', one('asn', '2200')],
    ["[email-message:from_ref.value = 'a@b.example']", one('email', 'a@b.example')],
    ["[file:name = 'a AND b] OR [c']", one('filename', 'a AND b] OR [c')],
    [
      "[domain-name:value = 'a.example' OR domain-name:value = 'b.example']",
      [...one('domain', 'a.example'), ...one('domain', 'b.example')]
    ],
    [
      "[domain-name:value IN ('a.example', 'b.example')] OR [ipv4-addr:value = '192.0.2.7']",
      [...one('domain', 'a.example'), ...one('domain', 'b.example'), ...one('ipv4', '192.0.2.7')]
    ],
    ["[file:hashes.MD5 = 'aa' AND file:hashes.'SHA-1' = 'bb']", [...one('md5', 'aa'), ...one('sha1', 'bb')]]
  ])('%s names its values', (pattern, values) => {
    expect(readPattern(pattern)).toEqual(values)
  })

  it.each([
    '',
    '[]',
    "domain-name:value = 'a.example'",
    "[domain-name:value = 'a.example'",
    "[domain-name:value = 'a.example'] AND [ipv4-addr:value = '192.0.2.7']",
    "[domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.7']",
    "[domain-name:value = 'a.example'] REPEATS 5 TIMES",
    "[domain-name:value = 'a.example'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'",
    "[domain-name:value != 'a.example']",
    "[NOT domain-name:value = 'a.example']",
    "[domain-name:value LIKE '%.example']",
    "[ipv4-addr:value ISSUBSET '192.0.2.0/24']",
    "[file:name = 'a.exe' AND file:hashes.MD5 = 'aa']",
    "[file:hashes.MD5 = 'aa' AND file:hashes.MD5 = 'bb']",
    "[file:hashes.MD5 = 'aa' AND file:hashes.'SHA-1' = 'bb' OR file:name = 'x']",
    "[process:command_line = 'x']",
    "[file:constructor = 'x']",
    "[__proto__:value = 'x']",
    "[artifact:payload_bin = h'00']",
    "[domain-name:value = 'a.example'] garbage"
  ])('%s is no list of values', (pattern) => {
    expect(readPattern(pattern)).toBeUndefined()
  })

  it('that we wrote names what we wrote', () => {
    const values = fc.tuple(fc.constantFrom(...INDICATOR_TYPE_NAMES), fc.string({ unit: 'binary', minLength: 1 }))
    fc.assert(
      fc.property(values, ([type, value]: [IndicatorType, string]) => {
        const pattern = patternOf(type, value)
        // Types that are told apart by the value, and those that are spelt otherwise, come below.
        if (pattern === undefined || ['ipv4', 'ipv6', 'cidr', 'asn', 'regkey'].includes(type)) return
        expect(readPattern(pattern)).toEqual([{ type, value }])
      })
    )
    for (const [type, value] of [
      ['ipv4', '192.0.2.7'],
      ['ipv6', '2001:db8::1'],
      ['cidr', '192.0.2.0/24'],
      ['cidr', '2001:db8::/32'],
      ['asn', 'AS2200'],
      ['regkey', 'HKLM\\software\\evil']
    ] as const) {
      const [read] = readPattern(patternOf(type, value) ?? '') ?? []
      expect(read?.type).toBe(type)
      expect(parseIndicator(type, read?.value ?? '')).toEqual({ ok: true, value })
    }
  })

  it('of any kind is read in its own length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        readPattern(text)
        readPattern(`[domain-name:value = '${text}']`)
      })
    )
    for (const part of ["'\\", '[', '(', "a:b.'c'.", "[a:b = 'c'] OR ", '((((', "a:b.c.d.e.f.'"]) {
      const began = performance.now()
      readPattern(part.repeat(65_536 / part.length))
      expect(performance.now() - began).toBeLessThan(1000)
    }
  })
})
