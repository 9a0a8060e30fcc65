/** Writes the tables of docs/formats.md from the table of feeds. Run it after a format was added or changed. */
import { readFileSync, writeFileSync } from 'node:fs'
import { BEGIN, END, formatTables } from './formats-tables.ts'

const path = new URL('../docs/formats.md', import.meta.url)
const [before = '', rest = ''] = readFileSync(path, 'utf8').split(BEGIN)
const [, after = ''] = rest.split(END)
writeFileSync(path, `${before}${BEGIN}\n${formatTables()}\n${END}${after}`)
