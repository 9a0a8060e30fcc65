import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ordered } from './ordered.ts'

/** Texts that begin alike, end early and come twice, and a rank of each. */
const texts = fc.array(
  fc.record({
    text: fc
      .tuple(
        fc.constantFrom('', 'a', 'a.b.a', 'b'.repeat(300)),
        fc.array(fc.constantFrom(0, 1, 0x2e, 0x61, 0xef), { maxLength: 9 })
      )
      .map(([start, rest]) => Buffer.concat([Buffer.from(start), Buffer.from(rest)])),
    rank: fc.constantFrom(0, 1, 0xffffffff)
  }),
  { maxLength: 120, size: 'max' }
)

it('is the order of one text and another, equals by number', () => {
  fc.assert(
    fc.property(texts, fc.boolean(), (some, hasRanks) => {
      const lengths = some.map(({ text }) => text.length)
      const starts = Uint32Array.from(lengths, (_, number) =>
        lengths.slice(0, number).reduce((sum, one) => sum + one, 0)
      )
      const found = ordered({
        bytes: Buffer.concat(some.map(({ text }) => text)),
        starts,
        ends: starts.map((start, number) => start + (lengths[number] ?? 0)),
        ranks: hasRanks ? Uint32Array.from(some, ({ rank }) => rank) : undefined
      })
      const expected = [...some.entries()].sort(
        ([one, a], [other, b]) => (hasRanks ? a.rank - b.rank : 0) || Buffer.compare(a.text, b.text) || one - other
      )
      expect([...found]).toEqual(expected.map(([number]) => number))
    }),
    { numRuns: 500 }
  )
})
