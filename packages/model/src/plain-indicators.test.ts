import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BODY_SCHEMAS, readEntryBody } from './body.ts'
import { ACCEPTED, REFUSED } from './indicator.cases.ts'
import { parseIndicator } from './indicator.ts'
import { INDICATOR_TYPE_NAMES } from './indicator-type.ts'
import { plainIndicators } from './plain-indicators.ts'
import { isTime } from './shape.ts'

const UUID = '8f14e45f-ceea-4e7a-9c3d-2b1a0f6d5e4c'
const BULLETIN = {
  id: UUID,
  title: 'phishing',
  text: '',
  threat: 'phishing',
  pap: 'GREEN',
  confidence: 80,
  tags: [],
  indicators: [],
  references: [],
  rules: [],
  attachments: [],
  about: []
}

const rare = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: odd })

const typed = fc.constantFrom(
  ...ACCEPTED.flatMap(([type, raw, value]) => [
    { type, value },
    { type, value },
    { type, value },
    { type, value: raw }
  ]),
  ...REFUSED.slice(0, 10).map(([type, value]) => ({ type, value }))
)
const made = fc.oneof(
  fc.domain().map((value) => ({ type: 'domain', value: value.toLowerCase() })),
  fc.ipV4().map((value) => ({ type: 'ipv4', value })),
  fc.ipV6().map((value) => ({ type: 'ipv6', value })),
  fc.webUrl().map((value) => ({ type: 'url', value })),
  fc.emailAddress().map((value) => ({ type: 'email', value })),
  fc.stringMatching(/^[0-9a-f]{64}$/).map((value) => ({ type: 'sha256', value }))
)
const anyTyped = fc.oneof({ weight: 4, arbitrary: made }, { weight: 1, arbitrary: typed })
const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(undefined), fc.integer(), fc.constant(null))
const indicator = fc
  .tuple(
    anyTyped,
    fc.record(
      {
        role: rare(fc.constantFrom('malicious', 'context'), odd),
        comment: rare(fc.string({ maxLength: 60, unit: 'grapheme-ascii' }), odd),
        firstSeen: rare(time, odd),
        lastSeen: rare(time, odd),
        validUntil: rare(time, odd),
        note: fc.string()
      },
      { requiredKeys: ['role'] }
    ),
    fc.integer({ min: 0, max: 40 })
  )
  // An unknown field is as rare as the other faults.
  .map(([what, { note, ...rest }, dice]) => ({ ...what, ...rest, ...(dice === 0 ? { note } : {}) }))

describe('indicators read without zod', () => {
  it('agree with the schemas on the verdict and on the value', () => {
    let plain = 0
    let refused = 0
    fc.assert(
      fc.property(fc.array(rare(indicator, odd), { maxLength: 6 }), (indicators) => {
        const bulletin = { ...BULLETIN, indicators }
        const slow = BODY_SCHEMAS.bulletin.safeParse(bulletin)
        const fast = readEntryBody('bulletin', bulletin)
        expect(fast.success).toBe(slow.success)
        if (fast.success) expect(JSON.stringify(fast.data)).toBe(JSON.stringify(slow.data))
        else expect(fast.error.issues).toEqual(slow.error?.issues)
        // What the schema refuses, nothing else lets pass; what it accepts need not be asked twice.
        expect(plainIndicators(indicators, 4096) !== undefined).toBe(slow.success)
        if (slow.success) plain += 1
        else refused += 1
      }),
      { numRuns: 2000 }
    )
    expect(plain).toBeGreaterThan(200)
    expect(refused).toBeGreaterThan(200)
  })

  it('agree for every example of every type', () => {
    for (const [type, raw, value] of ACCEPTED) {
      for (const text of [raw, value]) {
        const indicators = [{ type, value: text, role: 'malicious' }]
        const slow = BODY_SCHEMAS.bulletin.safeParse({ ...BULLETIN, indicators })
        expect(readEntryBody('bulletin', { ...BULLETIN, indicators }).success, `${type} ${text}`).toBe(slow.success)
        expect(plainIndicators(indicators, 1) !== undefined, `${type} ${text}`).toBe(slow.success)
      }
    }
    expect(new Set(ACCEPTED.map(([type]) => type)).size).toBe(INDICATOR_TYPE_NAMES.length)
  })

  it('leave to the schema what is no plain list of plain objects', () => {
    const good = { type: 'ipv4', value: '8.8.8.8', role: 'malicious' }
    expect(plainIndicators([good], 1)).toEqual([good])
    expect(plainIndicators([good, { ...good }], 2)).toBeUndefined()
    expect(plainIndicators([good], 0)).toBeUndefined()
    expect(plainIndicators({ 0: good, length: 1 }, 1)).toBeUndefined()
    // A field that is there and undefined, one that is inherited, an object of a class.
    expect(plainIndicators([{ ...good, comment: undefined }], 1)).toBeUndefined()
    expect(plainIndicators([Object.create(good)], 1)).toBeUndefined()
    expect(plainIndicators([Object.assign(Object.create({ note: 1 }), good)], 1)).toBeUndefined()
    expect(readEntryBody('bulletin', Object.create({ ...BULLETIN, indicators: [good] })).success).toBe(
      BODY_SCHEMAS.bulletin.safeParse(Object.create({ ...BULLETIN, indicators: [good] })).success
    )
  })
})

describe('a name that is plainly one', () => {
  const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/)
  const name = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.stringMatching(/^[a-z]([a-z0-9-]{0,5}[a-z0-9])?$/))
    .map(([labels, last]) => [...labels, last].join('.'))

  it('is what IDNA makes of it', () => {
    fc.assert(
      fc.property(name, (text) => {
        const parsed = parseIndicator('domain', text)
        if (text.startsWith('-') || text.includes('xn--')) return
        expect(parsed).toEqual({ ok: true, value: text })
        expect(domainToASCII(text)).toBe(text)
      }),
      { numRuns: 3000 }
    )
  })

  it('is none where it is too long, begins with a hyphen, or lies about an A-label', () => {
    const long = `${'a'.repeat(60)}.`.repeat(4)
    expect(parseIndicator('domain', `${long}${'b'.repeat(9)}`).ok).toBe(true)
    expect(parseIndicator('domain', `${long}${'b'.repeat(10)}`).ok).toBe(false)
    expect(parseIndicator('domain', `${'a'.repeat(64)}.example`).ok).toBe(false)
    expect(parseIndicator('domain', '-a.example').ok).toBe(false)
    expect(parseIndicator('domain', 'xn--a.example').ok).toBe(false)
    expect(parseIndicator('domain', 'www.xn--a.example').ok).toBe(false)
    expect(parseIndicator('domain', 'evil.0x7f').ok).toBe(false)
  })
})

describe('a time', () => {
  it('is what Date makes of the same text', () => {
    const digits = (width: number, max: number) =>
      fc.integer({ min: 0, max }).map((number) => String(number).padStart(width, '0'))
    const spelt = fc
      .tuple(digits(4, 2400), digits(2, 13), digits(2, 32), digits(2, 25), digits(2, 61), digits(2, 61), digits(3, 999))
      .map(([y, m, d, h, min, s, ms]) => `${y}-${m}-${d}T${h}:${min}:${s}.${ms}Z`)
    const ends = fc
      .tuple(fc.integer({ min: 1960, max: 2410 }), digits(2, 12), fc.constantFrom('28', '29', '30', '31'))
      .map(([y, m, d]) => `${y}-${m}-${d}T23:59:59.999Z`)
    fc.assert(
      fc.property(fc.oneof(spelt, ends, fc.string()), (text) => {
        const ms = Date.parse(text)
        const is = /^\d{4}-.{18}Z$/.test(text) && ms >= 0 && new Date(ms).toISOString() === text
        expect(isTime(text)).toBe(is)
      }),
      { numRuns: 5000 }
    )
  })
})
