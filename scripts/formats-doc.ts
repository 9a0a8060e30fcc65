/** Writes the tables of docs/formats.md from the table of feeds, and from what comes back. Run it after a format was changed. */
import { readFileSync, writeFileSync } from 'node:fs'
import { BEGIN, END, formatTables } from './formats-tables.ts'
import { roundTripTables, TRIPS_BEGIN, TRIPS_END } from './round-trips.ts'

const path = new URL('../docs/formats.md', import.meta.url)

function fill(text: string, [begin, end]: readonly [string, string], made: string): string {
  const [before = '', rest = ''] = text.split(begin)
  const [, after = ''] = rest.split(end)
  return `${before}${begin}\n${made}\n${end}${after}`
}

const text = fill(readFileSync(path, 'utf8'), [BEGIN, END], formatTables())
writeFileSync(path, fill(text, [TRIPS_BEGIN, TRIPS_END], await roundTripTables()))
