import fc from 'fast-check'
import { MemoryLevel } from 'memory-level'
import { describe, expect, it } from 'vitest'
import { keys, type Range, ranges, valuePart, zonePart } from './keyspace.ts'
import { createPlaces } from './places.ts'
import { type Database, openStore } from './store.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const memory = () =>
  new MemoryLevel({ keyEncoding: 'view', valueEncoding: 'view', storeEncoding: 'view' }) as unknown as Database

const NAMES = ['evil.example', 'www.evil.example', 'a.www.evil.example', 'b.www.evil.example', 'good.example', 'x.org']
const labels = (name: string): string => `${name.split('.').reverse().join('.')}.`
const PARTS = [
  ...NAMES.map((name) => zonePart(4, labels(name))),
  ...['8.8.8.8', '9.9.9.9', '1.1.1.1'].map((value) => valuePart(1, value)),
  valuePart(2, '8.8.8.8')
]
const ID = '00000000-0000-4000-8000-00000000000'
const author = (number: number): Uint8Array => new Uint8Array(32).fill(number + 1)
const entry = (number: number): string => (number + 10).toString(16).padStart(2, '0').repeat(32)

type Step = {
  readonly part: number
  readonly arrival: number
  readonly what: 'put' | 'del' | 'sight' | 'disable' | 'learn'
}

const step: fc.Arbitrary<Step> = fc.record({
  part: fc.integer({ min: 0, max: PARTS.length - 1 }),
  arrival: fc.integer({ min: 1, max: 2 ** 50 }),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('put' as const) },
    { weight: 1, arbitrary: fc.constantFrom('del' as const, 'sight' as const, 'disable' as const, 'learn' as const) }
  )
})

async function found(rows: AsyncIterable<[Uint8Array, Uint8Array]>): Promise<string[]> {
  const out: string[] = []
  for await (const [key, value] of rows) out.push(`${hex(key)} ${hex(value)}`)
  return out
}

describe('a store that remembers where values stand', () => {
  it('answers like one that scans, whenever it began to remember', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const database = memory()
        const store = await openStore({ path: '', database })
        const written: Promise<unknown>[] = []
        const puts: Uint8Array[] = []
        for (const [index, { part, arrival, what }] of steps.entries()) {
          const at = PARTS[part] as Uint8Array
          if (what === 'learn') void store.learn()
          else if (what === 'put') {
            const key = keys.indicator(at, arrival, index)
            puts.push(key)
            written.push(store.transact((tx) => tx.put(key, Uint8Array.of(index))))
          } else if (what === 'sight') {
            const key = keys.sighting(`${ID}${part % 4}`, author(part), arrival)
            written.push(store.transact((tx) => tx.put(key, Uint8Array.of(index))))
          } else if (what === 'disable') {
            const key = keys.disabling(entry(part), author(part), entry(index))
            written.push(store.transact((tx) => tx.put(key, Uint8Array.of(index))))
          } else {
            const key = puts[arrival % Math.max(1, puts.length)]
            if (key !== undefined) written.push(store.transact((tx) => tx.del(key)))
          }
          if (index % 7 === 0) await Promise.all(written)
        }
        await Promise.all(written)
        await store.learn()
        const raw = (range: Range): Promise<string[]> =>
          found(database.iterator(range) as unknown as AsyncIterable<[Uint8Array, Uint8Array]>)
        for (const part of PARTS) {
          const exact = await raw(ranges.indicator(part))
          expect(store.valueRows(part)?.map(([key, value]) => `${hex(key)} ${hex(value)}`)).toEqual(exact)
          expect(await found(store.scan(ranges.indicator(part)))).toEqual(exact)
          const all = await raw(ranges.indicatorPrefix(part))
          expect(await found(store.scan(ranges.indicatorPrefix(part)))).toEqual(all)
          if (all.length > exact.length) expect(store.mayHoldBelow(part)).toBe(true)
        }
        for (let number = 0; number < PARTS.length; number++) {
          const sightings = ranges.sightings(`${ID}${number % 4}`, author(number))
          expect(await found(store.scan(sightings))).toEqual(await raw(sightings))
          const disablings = ranges.disablings(entry(number), author(number))
          expect(await found(store.scan(disablings))).toEqual(await raw(disablings))
        }
        await store.close()
      }),
      { numRuns: 150 }
    )
  })

  it('scans until it has learnt, and after a close while it learns', async () => {
    const database = memory()
    const store = await openStore({ path: '', database })
    const part = PARTS[0] as Uint8Array
    await store.transact((tx) => {
      for (let index = 0; index < 5000; index++) tx.put(keys.indicator(part, index + 1, 0), Uint8Array.of(1))
    })
    expect(store.valueRows(part)).toBeUndefined()
    expect(store.mayHoldBelow(part)).toBe(true)
    const learning = store.learn()
    expect(store.valueRows(part)).toBeUndefined()
    await store.close()
    await learning
    expect(store.valueRows(part)).toBeUndefined()
  })
})

describe('places', () => {
  it('tell what is nowhere from what is there, nearly always', () => {
    const places = createPlaces()
    const part = (number: number) => valuePart(1, `value ${number}`)
    const count = 50_000
    for (let number = 0; number < count; number++) places.add(keys.indicator(part(number), number + 1, number % 4096))
    for (let number = 0; number < count; number++) {
      expect(places.of(part(number))).toContainEqual({ arrival: number + 1, index: number % 4096 })
    }
    let wrong = 0
    for (let number = count; number < 2 * count; number++) if (places.of(part(number))?.length !== 0) wrong += 1
    expect(wrong).toBeLessThan(20)
    expect(places.size).toBe(count)
  })

  it('remember the rows of a value said by many no longer one by one', () => {
    const places = createPlaces()
    const [part, other] = [valuePart(1, '8.8.8.8'), valuePart(1, '9.9.9.9')]
    for (let arrival = 1; arrival <= 10_000; arrival++) places.add(keys.indicator(part, arrival, 0))
    places.add(keys.indicator(other, 1, 0))
    expect(places.of(part)).toBeUndefined()
    expect(places.of(other)).toEqual([{ arrival: 1, index: 0 }])
    expect(places.mayHold(ranges.indicator(part).gte)).toBe(true)
    expect(places.size).toBeLessThan(100)
  })
})
