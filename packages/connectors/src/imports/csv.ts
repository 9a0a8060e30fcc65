import { ConnectorError } from '../errors.ts'
import { CSV_COLUMNS } from '../feeds/csv.ts'
import type { Imported, ImportInfo, ImportMapping, ImportOptions, ImportRefusal } from '../import.ts'
import { type CsvRecord, csvRecords } from '../import-csv.ts'
import { mappingOf, type Row, type RowField } from '../import-row.ts'
import { draftsOfRows } from '../import-rows.ts'

/**
 * A table (RFC 4180; comma, semicolon or tab, as its first line has most of) by a mapping: each field of a draft is a
 * column's name, `#3` (the third one), or `=phishing` (always that). If all are numbers there is no header, and lines that
 * begin with `#` are remarks. Without a mapping, columns are those of our own CSV feed.
 */
export const CSV_IMPORT: ImportInfo = {
  name: 'csv',
  title: { en: 'Table (CSV) with a mapping', fr: 'Tableau (CSV) avec correspondance' },
  mediaTypes: ['text/csv', 'text/tab-separated-values'],
  extensions: ['csv', 'tsv'],
  limits: { bytes: 1024 * 1024 * 1024, drafts: 2_000, indicators: 1_000_000 },
  options: ['mapping', 'charset'],
  read
}

const OWN: ImportMapping = {
  value: 'value',
  type: 'type',
  role: 'role',
  threat: 'threat',
  tlp: 'tlp',
  pap: 'pap',
  confidence: 'confidence',
  firstSeen: 'first_seen',
  lastSeen: 'last_seen',
  validUntil: 'valid_until',
  comment: 'comment',
  title: 'title',
  bulletin: 'bulletins'
}
const NUMBER = /^#([1-9]\d{0,2})$/
const SEPARATORS = [',', ';', '\t'] as const

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const mapping = mappingOf(options.mapping, OWN)
  const places = Object.values(mapping).filter((place) => !place.startsWith('='))
  const numbered = places.filter((place) => NUMBER.test(place)).length
  if (numbered > 0 && numbered < places.length) {
    throw new ConnectorError('import-mapping-invalid', 'columns are named or numbered, not both')
  }
  yield* draftsOfRows('csv', 'CSV', rows(source, mapping, numbered > 0), options)
}

type Columns = ReadonlyMap<RowField, { readonly literal: string } | { readonly index: number }>

async function* rows(
  source: AsyncIterable<Uint8Array>,
  mapping: ImportMapping,
  isNumbered: boolean
): AsyncGenerator<readonly (Row | ImportRefusal)[]> {
  let columns = isNumbered ? columnsOf(mapping, []) : undefined
  let width = Number.POSITIVE_INFINITY
  let isOwn = false
  for await (const records of csvRecords(source, separatorOf)) {
    const out: (Row | ImportRefusal)[] = []
    for (const record of records) {
      if ('kind' in record) {
        out.push(record)
        continue
      }
      if (isNumbered && record.cells[0]?.startsWith('#')) continue
      if (columns !== undefined) {
        out.push(rowOf(record, columns, width, isOwn))
        continue
      }
      const header = record.cells.map((cell) => cell.trim())
      columns = columnsOf(mapping, header)
      width = header.length
      isOwn = CSV_COLUMNS.every((name, index) => header[index] === name)
      const { line, offset } = record
      if (mapping.value !== undefined && !columns.has('value')) {
        out.push({
          kind: 'refused',
          code: 'record-invalid',
          message: `no column ${mapping.value} in the header: the mapping value=COLUMN names the one that holds the values`,
          place: { line, offset }
        })
      }
    }
    if (out.length > 0) yield out
  }
}

function columnsOf(mapping: ImportMapping, header: readonly string[]): Columns {
  return new Map(
    Object.entries(mapping).flatMap(([field, place]): [RowField, { literal: string } | { index: number }][] => {
      if (place.startsWith('=')) return [[field as RowField, { literal: place.slice(1) }]]
      const number = NUMBER.exec(place)?.[1]
      const index = number === undefined ? header.indexOf(place) : Number(number) - 1
      return index < 0 ? [] : [[field as RowField, { index }]]
    })
  )
}

function rowOf(
  { line, offset, cells }: CsvRecord,
  columns: Columns,
  width: number,
  isOwn: boolean
): Row | ImportRefusal {
  const place = { line, offset }
  if (cells.length > width) {
    return { kind: 'refused', code: 'csv-malformed', message: `${cells.length} cells under ${width} columns`, place }
  }
  return {
    place,
    get(field) {
      const column = columns.get(field)
      if (column === undefined) return []
      if ('literal' in column) return [column.literal]
      const cell = cells[column.index] ?? ''
      // What our own feed put before what a spreadsheet would take for a formula.
      const text = isOwn ? cell.replace(/^'/, '') : cell
      return text.trim() === '' ? [] : [text]
    }
  }
}

function separatorOf(firstLine: string): string {
  const count = (separator: string): number => firstLine.split(separator).length
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best), SEPARATORS[0] as string)
}
