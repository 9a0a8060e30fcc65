import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keys, ranges, valuePart, zonePart } from './keyspace.ts'
import { createOverlay, type Overlay } from './overlay.ts'
import { createIndicatorPacker, type PackedRows, rowsOf, setArrival } from './packed.ts'

const value = fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' })
const labels = fc
  .array(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 1, maxLength: 40 })
  .map((names) => `${names.join('.')}.`)
const item = fc.record({ type: fc.integer({ min: 1, max: 255 }), value, labels: fc.option(labels, { nil: undefined }) })

function pack(items: readonly { type: number; value: string; labels: string | undefined }[]): PackedRows {
  const packer = createIndicatorPacker(items.length)
  for (const one of items) packer.add(one.type, one.value, one.labels, JSON.stringify({ v: one.value }))
  return packer.done()
}

const plain = (rows: Iterable<{ key: Uint8Array; value: Uint8Array }>) =>
  [...rows].map((row) => [Buffer.from(row.key).toString('hex'), Buffer.from(row.value).toString('utf8')])

describe('packed rows', () => {
  it('are the rows that the map of the store names', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), fc.maxSafeNat(), (items, arrival) => {
        const rows = pack(items)
        setArrival(rows, arrival)
        const expected = items.map((one, index) => {
          const part = one.labels === undefined ? valuePart(one.type, one.value) : zonePart(one.type, one.labels)
          return {
            key: keys.indicator(part, arrival, index),
            value: new TextEncoder().encode(JSON.stringify({ v: one.value }))
          }
        })
        expect(plain(rowsOf(rows))).toEqual(plain(expected))
      })
    )
  })

  it('hold a bulletin of 4,096 long values', () => {
    const items = Array.from({ length: 4096 }, (_, index) => ({
      type: 5,
      value: `${'é'.repeat(400)}${index}`,
      labels: undefined
    }))
    const rows = [...rowsOf(pack(items))]
    expect(rows.length).toBe(4096)
    expect(Buffer.from(rows[4095]?.value ?? []).toString('utf8')).toBe(JSON.stringify({ v: items[4095]?.value }))
    expect(ranges.indicator(valuePart(5, items[7]?.value ?? '')).gte).toEqual(
      new Uint8Array(rows[7]?.key.subarray(0, 19) ?? [])
    )
  })
})

type Step =
  | { readonly what: 'put' | 'del' | 'get'; readonly place: number }
  | { readonly what: 'rows'; readonly places: readonly number[] }
  | { readonly what: 'join' }

describe('writes that are not on disk yet', () => {
  // Places 0…3 are of the prefix of packed rows, the others of another.
  const keyAt = (place: number) => Uint8Array.of(place < 4 ? 118 : 104, place)
  const packedAt = (places: readonly number[], stamp: number): PackedRows => ({
    bytes: Uint8Array.from(places.flatMap((place) => [118, place, stamp])),
    ends: Uint32Array.from(places.flatMap((_, index) => [3 * index + 2, 3 * index + 3]))
  })
  const place = fc.integer({ min: 0, max: 7 })
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ what: fc.constantFrom('put' as const, 'del' as const, 'get' as const), place }),
    fc.record({
      what: fc.constant('rows' as const),
      places: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
    }),
    fc.record({ what: fc.constant('join' as const) })
  )

  it('are read as they were written, packed or not, in one transaction and over several', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const group = createOverlay()
        let own: Overlay = createOverlay()
        const expected = new Map<number, number | null>()
        for (const [stamp, one] of steps.entries()) {
          if (one.what === 'put') {
            own.write(keyAt(one.place), Uint8Array.of(stamp))
            expected.set(one.place, stamp)
          } else if (one.what === 'del') {
            own.write(keyAt(one.place), null)
            expected.set(one.place, null)
          } else if (one.what === 'rows') {
            own.writeRows(packedAt(one.places, stamp))
            for (const at of one.places) expected.set(at, stamp)
          } else if (one.what === 'join') {
            group.join(own)
            own = createOverlay()
          } else {
            const found = own.get(keyAt(one.place)) ?? group.get(keyAt(one.place))
            expect(found === undefined ? undefined : (found.value?.[0] ?? null)).toBe(expected.get(one.place))
          }
        }
        group.join(own)
        const written = new Map<number, number | null>()
        for (const operation of group.operations())
          written.set(operation.key[1] ?? -1, operation.type === 'put' ? (operation.value[0] ?? -1) : null)
        expect(written).toEqual(expected)
      }),
      { numRuns: 1000 }
    )
  })
})
