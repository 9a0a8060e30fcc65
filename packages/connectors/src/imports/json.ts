import type { Imported, ImportInfo, ImportMapping, ImportOptions, ImportPlace, ImportRefusal } from '../import.ts'
import { isObject, type JsonObject, readJson } from '../import-json.ts'
import { mappingOf, type Row, type RowField } from '../import-row.ts'
import { draftsOfRows } from '../import-rows.ts'
import { linesOf } from '../import-source.ts'

/**
 * JSON of any tool, as one document or an object a line, by a mapping: each field of a draft is a path such as `src.ip`,
 * `tags.*.name` (all of a list), or `=phishing` (always that). `items` is where a document holds its records, else it is an
 * array or one record. Without a mapping it reads our own JSON feed, line by line, and whatever has the same fields.
 */
export const JSON_IMPORT: ImportInfo = {
  name: 'json',
  title: { en: 'JSON with a mapping', fr: 'JSON avec correspondance' },
  mediaTypes: ['application/json', 'application/x-ndjson'],
  extensions: ['json', 'jsonl', 'ndjson'],
  limits: { bytes: 1024 * 1024 * 1024, drafts: 2_000, indicators: 1_000_000 },
  options: ['mapping', 'charset'],
  read
}

/** Of one line, and of a document that does not end with its line. */
const MAX_DOCUMENT = 32 * 1024 * 1024

/** As feeds/json.ts writes. */
const OWN: ImportMapping = {
  value: 'value',
  type: 'type',
  role: 'role',
  comment: 'comment',
  firstSeen: 'firstSeen',
  lastSeen: 'lastSeen',
  validUntil: 'validUntil',
  tlp: 'tlp',
  pap: 'pap',
  title: 'bulletins.0.title',
  threat: 'bulletins.0.threat',
  confidence: 'bulletins.0.confidence',
  bulletin: 'bulletins.*.id'
}
const OWN_BEGIN = '{"indicators":['
const OWN_END = ']}'

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const mapping = mappingOf(options.mapping, OWN)
  yield* draftsOfRows('json', 'JSON', records(source, mapping), options)
}

type Records = readonly (Row | ImportRefusal)[]

async function* records(source: AsyncIterable<Uint8Array>, mapping: ImportMapping): AsyncGenerator<Records> {
  const paths = pathsOf(mapping)
  let mode: 'own' | 'lines' | 'whole' | undefined
  const held: string[] = []
  let length = 0
  for await (const lines of linesOf(source, MAX_DOCUMENT)) {
    const rows: (Row | ImportRefusal)[] = []
    for (const { number, offset, text, refused } of lines) {
      const place = { line: number, offset }
      if (text === undefined || refused !== undefined) {
        if (refused !== undefined) rows.push({ kind: 'refused', ...refused, place })
        continue
      }
      const line = text.trim()
      if (line === '' && mode !== 'whole') continue
      if (mode === undefined && line === OWN_BEGIN) {
        mode = 'own'
        continue
      }
      if (mode === 'own' && line === OWN_END) continue
      if (mode === 'whole') {
        length += text.length
        if (length <= MAX_DOCUMENT) held.push(text)
        continue
      }
      const json = readJson(mode === 'own' ? line.replace(/,$/, '') : line)
      if (json.ok) {
        mode ??= 'lines'
        rows.push(...rowsOf(json.value, paths, place, ''))
      } else if (mode === undefined && json.code === 'not-json') {
        // The first line is no JSON by itself: the document goes on.
        mode = 'whole'
        length = text.length
        held.push(text)
      } else rows.push({ kind: 'refused', code: json.code, message: json.message, place })
    }
    if (rows.length > 0) yield rows
  }
  if (mode === 'whole') yield wholeRows(held, length, paths)
}

function wholeRows(held: readonly string[], length: number, paths: Paths): Records {
  const place = { offset: 0 }
  if (length > MAX_DOCUMENT) {
    return [
      { kind: 'refused', code: 'source-too-large', message: `a document of more than ${MAX_DOCUMENT} bytes`, place }
    ]
  }
  const json = readJson(held.join('\n'))
  if (json.ok) return rowsOf(json.value, paths, {}, 'record')
  return [{ kind: 'refused', code: json.code, message: json.message, place: { offset: json.offset ?? 0 } }]
}

type Path = { readonly literal: string } | { readonly steps: readonly string[] }
type Paths = ReadonlyMap<RowField, Path>

function pathsOf(mapping: ImportMapping): Paths {
  return new Map(
    Object.entries(mapping).map(([field, place]): [RowField, Path] => [
      field as RowField,
      place.startsWith('=') ? { literal: place.slice(1) } : { steps: place.split('.') }
    ])
  )
}

function rowsOf(document: unknown, paths: Paths, place: ImportPlace, name: string): (Row | ImportRefusal)[] {
  const items = paths.get('items')
  const found = items !== undefined && 'steps' in items ? at(document, items.steps) : [document]
  // An empty list says that there is nothing; no list says that the mapping is wrong, or that the other side changed.
  if (found.length === 0) return [{ kind: 'refused', code: 'record-invalid', message: 'nothing at items', place }]
  const whole = found.flat()
  return whole.map((record, index) => {
    const many = whole.length > 1 || name !== ''
    const here = many ? { ...place, path: `${name}[${index}]` } : place
    if (!isObject(record)) return { kind: 'refused', code: 'record-invalid', message: 'no object', place: here }
    return rowOf(record, paths, here)
  })
}

function rowOf(record: JsonObject, paths: Paths, place: ImportPlace): Row {
  return {
    place,
    get(field) {
      const path = paths.get(field)
      if (path === undefined) return []
      return 'literal' in path ? [path.literal] : at(record, path.steps).flatMap(textsOf)
    }
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value]
  if (typeof value === 'number' && Number.isFinite(value)) return [String(value)]
  if (typeof value === 'boolean') return [String(value)]
  return Array.isArray(value) ? value.flatMap((one) => (Array.isArray(one) ? [] : textsOf(one))) : []
}

/** Everything at a path; `*` is each of a list. */
function at(value: unknown, steps: readonly string[]): unknown[] {
  let found: unknown[] = [value]
  for (const step of steps) {
    found = found.flatMap((one): unknown[] => {
      if (Array.isArray(one)) return step === '*' ? one : /^\d{1,6}$/.test(step) ? [one[Number(step)]] : []
      return isObject(one) && Object.hasOwn(one, step) ? [one[step]] : []
    })
  }
  return found.filter((one) => one !== undefined && one !== null)
}
