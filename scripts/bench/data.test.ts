import { BulletinSchema, parseIndicator } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { bulletinOf, indicatorsOf, payloadOf } from './data.ts'

const slice = { seed: 1, first: 12_345, count: 1_000 }

describe('the records', () => {
  it('are in normal form, of every kind, and no two alike', () => {
    const indicators = indicatorsOf(slice)
    for (const { type, value } of indicators) expect(parseIndicator(type, value)).toMatchObject({ ok: true, value })
    expect(new Set(indicators.map(({ type }) => type)).size).toBe(5)
    expect(new Set(indicators.map(({ value }) => value)).size).toBe(1_000)
  })

  it('make lawful bulletins, the same for the same seed', () => {
    const bulletin = bulletinOf(slice)
    expect(BulletinSchema.safeParse({ ...bulletin, attachments: [] }).success).toBe(true)
    expect(bulletinOf(slice)).toEqual(bulletin)
    expect(bulletinOf({ ...slice, seed: 2 }).id).not.toBe(bulletin.id)
    expect(payloadOf(slice).length).toBeGreaterThan(190)
  })
})
