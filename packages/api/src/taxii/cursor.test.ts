import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { momentOf, NEXT_MAX, parseMoment, readCursor, writeCursor } from './cursor.ts'

const US = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) * 1000 })

describe('moments', () => {
  it('come back exactly, in the order of their texts', () => {
    fc.assert(
      fc.property(US, US, (a, b) => {
        expect(momentOf(a)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
        expect(parseMoment(momentOf(a))).toBe(a)
        expect(Math.sign(a - b)).toBe(momentOf(a) < momentOf(b) ? -1 : momentOf(a) > momentOf(b) ? 1 : 0)
      })
    )
  })

  it('are read with any precision, finer digits cut', () => {
    expect(parseMoment('2026-11-30T15:00:00Z')).toBe(Date.UTC(2026, 10, 30, 15) * 1000)
    expect(parseMoment('2026-11-30T15:00:00.5Z')).toBe(Date.UTC(2026, 10, 30, 15) * 1000 + 500_000)
    expect(parseMoment('2026-11-30T15:00:00.123456789Z')).toBe(Date.UTC(2026, 10, 30, 15) * 1000 + 123_456)
  })

  it.each([
    '',
    '2026-11-30',
    '2026-11-30T15:00:00',
    '2026-11-30T15:00:00+01:00',
    '2026-11-30T15:00:00 01:00',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-30T25:00:00Z',
    '1969-12-31T23:59:59Z',
    "2026-11-30T15:00:00Z' OR 1=1",
    '９０２６-11-30T15:00:00Z'
  ])('are not %j', (text) => {
    expect(parseMoment(text)).toBeUndefined()
  })
})

describe('a cursor', () => {
  const ids = fc.array(fc.string({ maxLength: 300 }), { maxLength: 20 })

  it('says its place and what is asked for, in letters of an address', () => {
    fc.assert(
      fc.property(US, fc.integer({ min: -1, max: 100_000 }), ids, (arrival, index, types) => {
        const text = writeCursor({ arrival, index }, { types })
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(readCursor(text)).toEqual({ after: { arrival, index }, filter: { types } })
      })
    )
  })

  it('of the longest query that is taken is itself taken', () => {
    const longest = Array.from({ length: 100 }, () => `indicator--${'0'.repeat(36)}`)
    expect(writeCursor({ arrival: 1, index: 1 }, { ids: longest }).length).toBeLessThan(NEXT_MAX)
  })

  it('of anybody else is none, and nothing throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.json().map((text) => btoa(encodeURI(text)))
        ),
        (text) => {
          const read = readCursor(text)
          if (read !== undefined) expect(read.after.arrival).toBeGreaterThanOrEqual(0)
        }
      )
    )
    for (const value of [
      {},
      [],
      { a: '1', i: 0 },
      { a: 1e300, i: 0 },
      { a: 1, i: 0, use: 'hunt' },
      { a: 1, i: Number.NaN }
    ])
      expect(readCursor(Buffer.from(JSON.stringify(value)).toString('base64url'))).toBeUndefined()
  })
})
