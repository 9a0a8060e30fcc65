/** docs/imports.md names every import with its limits, and every field that a mapping knows. */
import { readFileSync } from 'node:fs'
import { IMPORTS, ROW_FIELDS } from '@tocsin/connectors'
import { expect, it } from 'vitest'

const TEXT = readFileSync(new URL('../../docs/imports.md', import.meta.url), 'utf8')

const UNITS = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10]
] as const

function bytes(count: number): string {
  const [unit, size] = UNITS.find(([, size]) => count >= size) ?? ['B', 1]
  return `${count / size} ${unit}`
}

it('docs/imports.md has every import with its limits, and no other', () => {
  const rows = [...TEXT.matchAll(/^\| `([a-z0-9-]+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, ...cells]) => cells)
  expect(rows).toEqual(
    IMPORTS.map(({ name, title, limits }) => [
      name,
      title.en,
      bytes(limits.bytes),
      limits.indicators.toLocaleString('en')
    ])
  )
  for (const { name } of IMPORTS) expect(TEXT).toMatch(new RegExp(`\\*\\*\`${name}\`\\*\\*`))
})

it('docs/imports.md names every field of a mapping', () => {
  for (const field of ROW_FIELDS) expect(TEXT).toContain(`\`${field}\``)
})
