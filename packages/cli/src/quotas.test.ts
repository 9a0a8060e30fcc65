import { DEFAULT_QUOTAS } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { quotaOption, quotaRows } from './quotas.ts'

describe('a quota', () => {
  it('is given by its name, and bytes with a unit', () => {
    const first = quotaOption('entriesADay=100')
    expect(quotaOption('bytesADay=2MiB', first)).toEqual({ entriesADay: 100, bytesADay: 2 ** 21 })
    expect(quotaOption('pendingBytes=1MiB')).toEqual({ pendingBytes: 2 ** 20 })
    expect(quotaOption('newcomerDays=0')).toEqual({ newcomerDays: 0 })
  })

  it.each([
    'entriesADay',
    'entriesADay=',
    'entriesADay=0',
    'entriesADay=-1',
    'entriesADay=1.5',
    'entriesADay=1MB',
    'entries=1',
    '__proto__=1',
    'openVouches=33',
    'pendingBytes=1KiB',
    'newcomerPercent=0',
    'newcomerPercent=101'
  ])('is not %s', (text) => {
    expect(() => quotaOption(text)).toThrow('entriesADay=N')
  })

  it('is shown for members and for newcomers', () => {
    const rows = quotaRows({ ...DEFAULT_QUOTAS, entriesADay: 3 })
    expect(rows).toContainEqual(['bytesADay', '64 MiB', '16 MiB'])
    expect(rows).toContainEqual(['pendingBytes', '4 MiB', '1 MiB'])
    expect(rows).toContainEqual(['retractionsADay', '10000', '10000'])
    expect(rows).toContainEqual(['openVouches', '32', '32'])
    expect(rows).toContainEqual(['entriesADay', '3', '1'])
  })
})
