import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createPacked } from './packed.ts'

const record = fc.record({ value: fc.string({ unit: 'binary', maxLength: 300 }) })
/** More than a piece holds, and what takes most octets. */
const LARGE = { value: 'x\n\u2028é😀'.repeat(100_000) }

it('gives back what was added, in order and once', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 100 }), (all) => {
      const packed = createPacked<{ readonly value: string }>()
      for (const one of all) packed.add(one)
      expect(packed.length).toBe(all.length)
      expect([...packed.drain()]).toEqual(all)
      expect([...packed.drain()]).toEqual([])
      packed.add({ value: 'later' })
      expect([...packed.drain()]).toEqual([{ value: 'later' }])
    })
  )
})

it('holds records of any size', () => {
  const packed = createPacked<{ readonly value: string }>()
  const all = [{ value: 'a' }, LARGE, { value: 'b' }, ...Array.from({ length: 50_000 }, (_, n) => ({ value: `c${n}` }))]
  for (const one of all) packed.add(one)
  expect([...packed.drain()]).toEqual(all)
})
