import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FeedItem } from './feed.ts'
import { item } from './items.fixture.ts'
import { BY_BULLETIN, BY_VALUE, type ItemOrder } from './order.ts'
import { ordered } from './ordered.ts'

const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
const ascii = fc.constantFrom('\0', '.', 'a', 'b', '\x7f')
const anyLetter = fc.constantFrom('\0', '.', 'a', '\x80', 'é', '\u20ac', '\ue000', '\uffff', '\u{1f600}')

/** Texts that begin alike, end early and come twice. */
const texts = (unit: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.constantFrom('', 'a', 'a.b.a', 'b'.repeat(300)), fc.string({ unit, maxLength: 9 }))
    .map((two) => two.join(''))

const items = (unit: fc.Arbitrary<string>) =>
  fc.array(
    fc
      .tuple(fc.constantFrom('domain', 'url'), texts(unit), fc.constantFrom(...ids))
      .map(([type, value, id]) => item(type as 'url', value, { id })),
    { maxLength: 80, size: 'max' }
  )

function expected<P>(some: readonly FeedItem[], { placeOf, compare }: ItemOrder<P>): number[] {
  const places = some.map(placeOf)
  return places.map((_, number) => number).sort((a, b) => compare(places[a] as P, places[b] as P) || a - b)
}

it.each([
  ['ASCII', ascii],
  ['any letters', anyLetter]
])('is the order of one item and another, equals as they came: %s', async (_, unit) => {
  await fc.assert(
    fc.asyncProperty(items(unit), async (some) => {
      expect([...(await ordered(some, BY_VALUE))]).toEqual(expected(some, BY_VALUE))
      expect([...(await ordered(some, BY_BULLETIN))]).toEqual(expected(some, BY_BULLETIN))
    }),
    { numRuns: 300 }
  )
})

it('lets others have their turn while it sorts many, and sorts them', async () => {
  const many = Array.from({ length: 20_000 }, (_, n) => item('domain', `n${(n * 7919) % 10_007}.example`))
  let turns = 0
  const counting = setInterval(() => {
    turns += 1
  }, 0)
  const numbers = await ordered(many, BY_VALUE)
  clearInterval(counting)
  expect(turns).toBeGreaterThan(1)
  expect([...numbers]).toEqual(expected(many, BY_VALUE))
})
