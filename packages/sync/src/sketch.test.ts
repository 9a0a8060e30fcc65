import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_LISTED, SKETCH_BYTES } from './constants.ts'
import type { Row } from './ports.ts'
import { differenceOf, markRows, readMarks, sketchOf, writeMarks } from './sketch.ts'
import { createRandom, randomBytes } from './testing/random.ts'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const row: fc.Arbitrary<Row> = fc.record({
  kind: fc.constantFrom('register', 'stream'),
  key: id,
  number: fc.nat(),
  hash: id,
  order: fc.nat(4),
  newest: fc.nat()
})
const rows = (most: number) => fc.uniqueArray(row, { selector: ({ key }) => key, maxLength: most })
const salt = fc.uint8Array({ minLength: 8, maxLength: 8 })
const keysOf = (list: readonly Row[]) => list.map(({ key }) => key).sort()

/** Made once: what both sides hold is not what these tests are about. */
const common = (() => {
  const random = createRandom(5)
  const hex = () => Buffer.from(randomBytes(random, 32)).toString('hex')
  return Array.from({ length: 300 }, (): Row => {
    return { kind: 'stream', key: hex(), number: 1, hash: hex(), order: 4, newest: 1 }
  })
})()

describe('a sketch', () => {
  it('gives away exactly what differs, or says that it cannot', () => {
    let told = 0
    let asked = 0
    fc.assert(
      fc.property(salt, rows(5), rows(5), fc.boolean(), (by, ours, theirs, isLarge) => {
        const base = isLarge ? common : common.slice(0, 10)
        const [mine, other] = [markRows([...base, ...ours], by), markRows([...base, ...theirs], by)]
        const sketch = sketchOf(other)
        expect(sketch.length === SKETCH_BYTES).toBe(isLarge)
        asked++
        const found = differenceOf(mine, sketch)
        if (found === undefined) return
        told++
        expect(keysOf(found.ours)).toEqual(keysOf(ours))
        const marked = found.theirs.map((mark) => other.get(mark)?.key ?? 'unknown')
        expect(marked.sort()).toEqual(keysOf(theirs))
      }),
      { numRuns: 500 }
    )
    expect(told / asked).toBeGreaterThan(0.95)
  })

  it('sees a row that grew as one of ours and one of theirs', () => {
    const by = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    const [first, ...rest] = common as [Row, ...Row[]]
    const grown = { ...first, number: 2, hash: 'ab'.repeat(32) }
    const theirs = markRows([grown, ...rest], by)
    const found = differenceOf(markRows(common, by), sketchOf(theirs))
    expect(found?.ours).toEqual([first])
    expect(found?.theirs.map((mark) => theirs.get(mark))).toEqual([grown])
  })

  it('is of one size, whatever it is of, and a list where that is shorter', () => {
    const by = new Uint8Array(8)
    const sizeOf = (count: number) => sketchOf(markRows(common.slice(0, count), by)).length
    expect([0, 1, MAX_LISTED].map(sizeOf)).toEqual([0, 6, 216])
    expect([MAX_LISTED + 1, 100, 300].map(sizeOf)).toEqual([SKETCH_BYTES, SKETCH_BYTES, SKETCH_BYTES])
  })

  it('says that it cannot tell where too much differs', () => {
    const by = new Uint8Array(8)
    const half = markRows(common.slice(0, 150), by)
    expect(differenceOf(half, sketchOf(markRows(common, by)))).toBeUndefined()
  })

  it('marks rows otherwise under another salt, and by every fact of them', () => {
    fc.assert(
      fc.property(salt, salt, row, (one, other, it) => {
        const markOf = (of: Row, by: Uint8Array) => [...markRows([of], by).keys()][0]
        if (Buffer.compare(one, other) !== 0) expect(markOf(it, one)).not.toBe(markOf(it, other))
        expect(markOf({ ...it, number: it.number + 1 }, one)).not.toBe(markOf(it, one))
        expect(markOf({ ...it, hash: 'ab'.repeat(32) }, one)).not.toBe(markOf(it, one))
        expect(markOf({ ...it, order: 1, newest: 1 }, one)).toBe(markOf(it, one))
      })
    )
  })

  it('of whatever bytes ends, and gives at most 28 marks', () => {
    const mine = markRows(common, new Uint8Array(8))
    const bytes = fc.uint8Array({ minLength: SKETCH_BYTES, maxLength: SKETCH_BYTES })
    fc.assert(
      fc.property(bytes, fc.nat(SKETCH_BYTES - 1), fc.nat(255), (random, at, value) => {
        const altered = Uint8Array.from(sketchOf(mine))
        altered[at] = value
        for (const marks of [random, altered]) {
          const found = differenceOf(mine, marks)
          expect((found?.ours.length ?? 0) + (found?.theirs.length ?? 0)).toBeLessThanOrEqual(28)
        }
      }),
      { numRuns: 300 }
    )
  })

  it('has marks that read as they were written', () => {
    const marks = fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { maxLength: MAX_LISTED })
    fc.assert(
      fc.property(marks, (list) => {
        expect(readMarks(writeMarks(list))).toEqual(list)
      })
    )
  })
})
