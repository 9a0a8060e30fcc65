import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACCEPTED, REFUSED } from './indicator.cases.ts'
import { INDICATOR_TYPES, indicatorTypeOf, parseIndicator } from './indicator.ts'
import { INDICATOR_TYPE_NAMES, type IndicatorType } from './indicator-type.ts'
import { INDICATOR_ERRORS } from './parsed.ts'
import { USES } from './use.ts'

describe('the indicator table', () => {
  it('has a row for each type, each with its own code', () => {
    expect(Object.keys(INDICATOR_TYPES)).toEqual([...INDICATOR_TYPE_NAMES])
    for (const type of INDICATOR_TYPE_NAMES) {
      const info = INDICATOR_TYPES[type]
      expect(info.type).toBe(type)
      expect(indicatorTypeOf(info.code)).toBe(type)
      expect(info.title.en).not.toBe('')
      expect(info.title.fr).not.toBe('')
      expect(USES).toEqual(expect.arrayContaining([...info.uses]))
    }
    expect(indicatorTypeOf(0)).toBeUndefined()
    expect(indicatorTypeOf(28)).toBeUndefined()
  })

  it('keeps the codes that stores hold', () => {
    expect(INDICATOR_TYPE_NAMES.map((type) => `${INDICATOR_TYPES[type].code} ${type}`)).toEqual([
      '1 ipv4',
      '2 ipv6',
      '3 cidr',
      '4 domain',
      '5 url',
      '6 email',
      '7 message-id',
      '8 email-subject',
      '9 md5',
      '10 sha1',
      '11 sha256',
      '12 sha512',
      '13 ssdeep',
      '14 tlsh',
      '15 filename',
      '16 asn',
      '17 ja3',
      '18 ja4',
      '19 jarm',
      '20 x509-sha1',
      '21 x509-sha256',
      '22 user-agent',
      '23 regkey',
      '24 mutex',
      '25 btc',
      '26 account',
      '27 vulnerability'
    ])
  })

  it('fixes the lifetimes of DESIGN §6', () => {
    const days = (type: IndicatorType) => INDICATOR_TYPES[type].lifetimeDays
    expect([days('ipv4'), days('ipv6'), days('url'), days('domain'), days('sha256')]).toEqual([14, 14, 30, 90, 730])
    expect(days('vulnerability')).toBeNull()
  })

  it('never blocks what innocents share, nor asks third parties about people', () => {
    const blockable = INDICATOR_TYPE_NAMES.filter((type) => INDICATOR_TYPES[type].uses.includes('block'))
    expect(blockable).toEqual([
      'ipv4',
      'ipv6',
      'cidr',
      'domain',
      'url',
      'email',
      'md5',
      'sha1',
      'sha256',
      'sha512',
      'x509-sha1',
      'x509-sha256'
    ])
    expect(INDICATOR_TYPES.account.uses).toEqual(['hunt', 'detect'])
  })

  it('indexes names by reversed labels and everything else as it is', () => {
    expect(INDICATOR_TYPES.domain.indexKey('www.evil.example')).toBe('example.evil.www.')
    expect(INDICATOR_TYPES.ipv4.indexKey('203.0.113.4')).toBe('203.0.113.4')
  })
})

describe('parseIndicator', () => {
  it.each(ACCEPTED)('%s %j → %j', (type, raw, value) => {
    expect(parseIndicator(type, raw)).toEqual({ ok: true, value })
  })

  it.each(REFUSED)('%s %j is refused: %s', (type, raw, code) => {
    expect(parseIndicator(type, raw)).toMatchObject({ ok: false, code })
  })

  it('covers every type and every code, both ways', () => {
    expect(new Set(ACCEPTED.map(([type]) => type))).toEqual(new Set(INDICATOR_TYPE_NAMES))
    expect(new Set(REFUSED.map(([type]) => type))).toEqual(new Set(INDICATOR_TYPE_NAMES))
    const tested = new Set<string>(REFUSED.map(([, , code]) => code))
    expect(Object.keys(INDICATOR_ERRORS).filter((code) => !tested.has(code))).toEqual(['unknown-type'])
    expect(parseIndicator('constructor' as IndicatorType, 'x')).toMatchObject({ ok: false, code: 'unknown-type' })
  })

  it('never repeats the value in its reason', () => {
    for (const [type, raw] of REFUSED) {
      const parsed = parseIndicator(type, raw)
      if (!parsed.ok && raw.trim().length > 5) expect(parsed.reason).not.toContain(raw.trim())
    }
  })

  const types = fc.constantFrom(...INDICATOR_TYPE_NAMES)
  // Near misses: a good value with something inserted, so that both answers occur.
  const near = fc
    .tuple(fc.constantFrom(...ACCEPTED), fc.string({ unit: 'grapheme', maxLength: 3 }), fc.nat(60))
    .map(([[type, raw], extra, at]): [IndicatorType, string] => [type, raw.slice(0, at) + extra + raw.slice(at)])

  it('is idempotent: a normal form is its own normal form', () => {
    const check = (type: IndicatorType, raw: string) => {
      const once = parseIndicator(type, raw)
      if (!once.ok) return
      expect(parseIndicator(type, once.value)).toEqual(once)
      expect(once.value.length).toBeLessThanOrEqual(INDICATOR_TYPES[type].maxLength)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is tested
      expect(once.value).not.toMatch(/^\s|\s$|[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      expect(once.value.isWellFormed()).toBe(true)
    }
    fc.assert(fc.property(types, fc.string({ unit: 'binary', maxLength: 80 }), check), { numRuns: 3000 })
    fc.assert(fc.property(types, fc.string({ unit: 'grapheme', maxLength: 80 }), check), { numRuns: 3000 })
    fc.assert(
      fc.property(near, ([type, raw]) => check(type, raw)),
      { numRuns: 10_000 }
    )
    fc.assert(fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (raw) => check('url', raw)))
    fc.assert(fc.property(fc.emailAddress(), (raw) => check('email', raw)))
  })

  it('answers any text at all without throwing', () => {
    fc.assert(
      fc.property(
        types,
        fc.string({ unit: 'binary' }),
        (type, raw) => typeof parseIndicator(type, raw).ok === 'boolean'
      )
    )
  })

  it('is linear in hostile input', () => {
    const started = performance.now()
    for (const type of INDICATOR_TYPE_NAMES) {
      for (const unit of [
        'a',
        '.',
        'a.',
        '1',
        ':',
        '@',
        '\\',
        '[',
        ' ',
        '%',
        '-',
        '0:',
        '1.',
        '/',
        '=',
        '\u00e9',
        '=a@'
      ]) {
        parseIndicator(type, unit.repeat(200_000))
        parseIndicator(type, unit.repeat(4000))
        parseIndicator(type, `http://${unit.repeat(4000)}`)
      }
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
