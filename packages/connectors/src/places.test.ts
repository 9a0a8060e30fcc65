import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createPlaces } from './places.ts'

it('is a map', () => {
  const entry = fc.tuple(fc.string({ unit: 'binary', maxLength: 3 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300 }), (entries) => {
      const places = createPlaces()
      const map = new Map<string, number>()
      for (const [text, number] of entries) {
        expect(places.get(text)).toBe(map.get(text))
        places.set(text, number)
        map.set(text, number)
      }
      expect(places.size).toBe(map.size)
      for (const [text, number] of map) expect(places.get(text)).toBe(number)
    })
  )
})

it('grows', () => {
  const places = createPlaces()
  for (let number = 0; number < 20_000; number += 1) places.set(`n${number}`, number)
  expect(places.size).toBe(20_000)
  for (let number = 0; number < 20_000; number += 1) expect(places.get(`n${number}`)).toBe(number)
  expect(places.get('n20000')).toBeUndefined()
})
