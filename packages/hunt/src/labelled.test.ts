import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createIndexBuilder } from './build.ts'
import { indicatorAt } from './index-shape.ts'
import { createScanner } from './scan.ts'
import type { HuntedType } from './types.ts'

const read = (name: string): string[] =>
  readFileSync(new URL(`../corpus/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')

/** Lines with what a person says that they hold. */
const labelled = (): { line: string; held: string[] }[] => {
  const text = read('labelled.txt')
  return Array.from({ length: text.length / 2 }, (_, pair) => {
    const label = text[pair * 2] ?? ''
    expect(label.startsWith('#')).toBe(true)
    return { line: text[pair * 2 + 1] ?? '', held: label.slice(1).trim().split(', ').filter(Boolean) }
  })
}

it('finds in a labelled log what a person finds there, and nothing else', () => {
  const builder = createIndexBuilder()
  const indicators = read('indicators.txt').map((row) => row.split(' ') as [HuntedType, string])
  for (const [type, value] of indicators) builder.add(type, value)
  const index = builder.build()
  const scanner = createScanner(index)
  const lines = labelled()
  expect(lines.length).toBeGreaterThan(100)
  expect(lines.filter(({ held }) => held.length === 0).length).toBeGreaterThan(lines.length / 2)
  const wrong: unknown[] = []
  const met = new Set<string>()
  let [right, found, wanted] = [0, 0, 0]
  for (const { line, held } of lines) {
    const here = new Set<string>()
    const block = Buffer.from(`${line}\0`)
    scanner.scan(block, 0, block.length - 1, (number) => {
      const { type, value } = indicatorAt(index, number)
      here.add(`${type} ${value}`)
    })
    right += held.filter((one) => here.has(one)).length
    found += here.size
    wanted += held.length
    for (const one of here) met.add(one)
    if ([...here].sort().join() !== held.toSorted().join()) wrong.push({ line, held, found: [...here] })
  }
  expect(wrong).toEqual([])
  expect({ precision: right / found, recall: right / wanted }).toEqual({ precision: 1, recall: 1 })
  // Every indicator was there to be found.
  expect(met.size).toBe(indicators.length)
})
