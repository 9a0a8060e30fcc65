import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refang } from './defang.ts'
import { guessTypes, readIndicator } from './guess.ts'
import { defang, parseIndicator } from './indicator.ts'
import type { IndicatorType } from './indicator-type.ts'

describe('defang', () => {
  it.each<[IndicatorType, string, string]>([
    ['ipv4', '203.0.113.4', '203[.]0[.]113[.]4'],
    ['ipv6', '2001:db8::1', '2001[:]db8[:][:]1'],
    ['cidr', '198.51.100.0/24', '198[.]51[.]100[.]0/24'],
    ['domain', 'evil.example', 'evil[.]example'],
    ['url', 'https://evil.example/a.b?c=d.e', 'hxxps://evil[.]example/a.b?c=d.e'],
    ['url', 'ldap://evil.example:1389/a', 'ldap[:]//evil[.]example:1389/a'],
    ['email', 'a.b@evil.example', 'a.b[@]evil[.]example'],
    ['account', 'jdupont', 'jdupont'],
    ['user-agent', 'Bot (+http://www.evil.example/bot)', 'Bot (+http[:]//www[.]evil.example/bot)'],
    ['sha1', 'a'.repeat(40), 'a'.repeat(40)]
  ])('%s %s → %s', (type, value, shown) => {
    expect(defang(type, value)).toBe(shown)
  })

  it('is undone by refang for whatever a link could be made of', () => {
    const check = (type: IndicatorType, raw: string) => {
      const parsed = parseIndicator(type, raw)
      if (parsed.ok) expect(refang(defang(type, parsed.value))).toBe(parsed.value)
    }
    fc.assert(fc.property(fc.ipV4(), (raw) => check('ipv4', raw)))
    fc.assert(fc.property(fc.ipV6(), (raw) => check('ipv6', raw)))
    fc.assert(fc.property(fc.domain(), (raw) => check('domain', raw)))
    fc.assert(fc.property(fc.emailAddress(), (raw) => raw.includes('{') || check('email', raw)))
    fc.assert(
      fc.property(
        fc.webUrl({ validSchemes: ['http', 'https', 'ftp', 'ldap'] }),
        (raw) => /[([]/.test(raw) || check('url', raw)
      )
    )
  })

  it('leaves nothing that a chat would make a link of', () => {
    fc.assert(
      fc.property(fc.webUrl(), (raw) => {
        const parsed = parseIndicator('url', raw)
        if (parsed.ok) expect(defang('url', parsed.value)).not.toMatch(/^https?:/)
      })
    )
  })
})

describe('refang', () => {
  it.each([
    ['hxxp://evil[.]example/a', 'http://evil.example/a'],
    ['hXXps://evil(.)example', 'https://evil.example'],
    ['h**p://evil.example', 'http://evil.example'],
    ['hxxps[:]//evil{.}example', 'https://evil.example'],
    ['hxxps[://]evil[.]example', 'https://evil.example'],
    ['http[:]//evil[dot]example', 'http://evil.example'],
    ['meow://evil[.]example', 'http://evil.example'],
    ['http__evil.example/a__b', 'http://evil.example/a__b'],
    ['jean__dupont@univ.example', 'jean__dupont@univ.example'],
    ['hxxp:\\\\evil.example', 'http://evil.example'],
    ['https ://evil.example', 'https://evil.example'],
    ['fxp://evil[.]example', 'ftp://evil.example'],
    ['www[.]evil[.example', 'www.evil.example'],
    ['evil[ . ]example', 'evil.example'],
    ['evil (point) example', 'evil . example'],
    ['evil[point]example', 'evil.example'],
    ['user[at]evil[.]example', 'user@evil.example'],
    ['user(@)evil.example', 'user@evil.example'],
    ['user[arobase]evil.example', 'user@evil.example'],
    ['203[.]0[.]113[.]4', '203.0.113.4'],
    ['2001[:]db8[:][:]1', '2001:db8::1'],
    ['ev\u00adil\u200b.exa\u2060mple\ufeff', 'evil.example'],
    ['evil\uff0eexample', 'evil.example']
  ])('%j → %j', (text, value) => {
    expect(refang(text)).toBe(value)
  })

  it.each([
    'evil.example',
    'https://evil.example/a(1).pdf',
    'Re: facture (2)',
    'a sentence. And another',
    'dot at point'
  ])('leaves %j alone', (text) => {
    expect(refang(text)).toBe(text)
  })

  it('is linear in hostile input', () => {
    const started = performance.now()
    for (const unit of ['[', '[.', '(dot', 'h', 'hx', ' ', '[ ', '(at)', '\u200b', '__', ':\\'])
      refang(unit.repeat(100_000))
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('guessTypes', () => {
  const types = (raw: string) => guessTypes(raw).map(({ type }) => type)
  const first = (raw: string) => guessTypes(raw)[0]

  it.each([
    ['hxxps://evil[.]example/a', 'url', 'https://evil.example/a'],
    ['203[.]0[.]113[.]4', 'ipv4', '203.0.113.4'],
    ['203.0.113.4/32', 'ipv4', '203.0.113.4'],
    ['::ffff:203.0.113.4', 'ipv4', '203.0.113.4'],
    ['::ffff:203.0.113.0/120', 'cidr', '203.0.113.0/24'],
    ['2001:DB8::1/128', 'ipv6', '2001:db8::1'],
    ['203.0.113.4/24', 'cidr', '203.0.113.0/24'],
    ['evil[.]fr', 'domain', 'evil.fr'],
    ['x[at]evil[.]fr', 'email', 'x@evil.fr'],
    ['cve-2024-3094', 'vulnerability', 'CVE-2024-3094'],
    ['AS2200', 'asn', 'AS2200'],
    ['HKLM\\Software\\Run', 'regkey', 'HKLM\\software\\run'],
    ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'btc', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4']
  ])('%j is first of all %s', (raw, type, value) => {
    expect(first(raw)).toEqual({ type, value })
  })

  it('names every type that a hash can be', () => {
    expect(types('d41d8cd98f00b204e9800998ecf8427e')).toEqual(['md5', 'ja3'])
    expect(types('A'.repeat(40))).toEqual(['sha1', 'x509-sha1'])
    expect(types('a'.repeat(64))).toEqual(['sha256', 'x509-sha256'])
  })

  it('takes a name with an unknown ending for a file before a domain', () => {
    const found = types('setup.exe')
    expect(found.indexOf('filename')).toBeLessThan(found.indexOf('domain'))
    expect(types('evil.fr').indexOf('domain')).toBe(0)
  })

  it('looks a bare URL up with and without its slash', () => {
    expect(guessTypes('http://evil.example').map(({ value }) => value)).toEqual([
      'http://evil.example',
      'http://evil.example/'
    ])
    expect(guessTypes('http://evil.example/').map(({ value }) => value)).toEqual([
      'http://evil.example/',
      'http://evil.example'
    ])
    expect(guessTypes('http://evil.example/a')).toHaveLength(1)
  })

  it('finds an account in an e-mail address, and nothing in nothing', () => {
    expect(types('x@evil.fr')).toEqual(expect.arrayContaining(['email', 'account', 'message-id']))
    expect(guessTypes('')).toEqual([])
    expect(guessTypes('\u0000')).toEqual([])
  })

  it('gives values in normal form only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        for (const { type, value } of guessTypes(raw)) expect(parseIndicator(type, value)).toEqual({ ok: true, value })
      }),
      { numRuns: 1000 }
    )
  })
})

describe('readIndicator', () => {
  it('takes a range of one and a mapped address for the address they are', () => {
    expect(readIndicator('cidr', '203.0.113.4/32')).toEqual({ ok: true, type: 'ipv4', value: '203.0.113.4' })
    expect(readIndicator('ipv6', '::ffff:203.0.113.4')).toEqual({ ok: true, type: 'ipv4', value: '203.0.113.4' })
    expect(readIndicator('cidr', '::ffff:203.0.113.4/128')).toEqual({ ok: true, type: 'ipv4', value: '203.0.113.4' })
    expect(readIndicator('cidr', '::ffff:203.0.113.4/64')).toMatchObject({ ok: false, code: 'cidr-syntax' })
    expect(readIndicator('ipv4', 'x')).toMatchObject({ ok: false, code: 'ipv4-syntax', type: 'ipv4' })
  })
})
