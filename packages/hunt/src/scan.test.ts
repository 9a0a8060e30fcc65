import { describe, expect, it } from 'vitest'
import { createIndexBuilder } from './build.ts'
import { createCases } from './cases.fixture.ts'
import { referenceFinds, type Value } from './reference.fixture.ts'
import { createScanner } from './scan.ts'

function finds(indicators: readonly Value[], line: Buffer, seed?: number): string[] {
  const builder = createIndexBuilder(seed)
  for (const { type, value } of indicators) builder.add(type, value)
  const found: string[] = []
  const block = Buffer.concat([line, Buffer.from([0])])
  createScanner(builder.build()).scan(block, 0, line.length, (number, start, end) => {
    found.push(`${number} ${start}-${end}`)
  })
  return found.sort()
}

describe('the scanner', () => {
  it('equals the slow, obvious matcher in 100,000 random cases', () => {
    let found = 0
    for (const { indicators, line } of createCases(1, 100_000)) {
      const expected = referenceFinds(indicators, line)
      const ours = finds(indicators, line, 7)
      if (ours.join() !== expected.join())
        expect({ indicators, line: line.toString('latin1'), finds: ours }).toEqual({ finds: expected })
      found += expected.length
    }
    // A generator whose lines hold nothing would prove nothing.
    expect(found).toBeGreaterThan(50_000)
  })

  it('takes a long run of foreign letters apart where a character ends', () => {
    for (const lead of ['', 'x', 'xy']) {
      const line = Buffer.from(`${lead}évil.example–${'–é.'.repeat(1_000)}`)
      expect(finds([{ type: 'domain', value: 'xn--vil-9la.example' }], line)).toHaveLength(lead === '' ? 1 : 0)
    }
  })
})
