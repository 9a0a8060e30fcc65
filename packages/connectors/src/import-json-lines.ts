import type { ImportPlace, ImportRefusal } from './import.ts'
import { isObject, type JsonObject, readJson } from './import-json.ts'
import { linesOf, MAX_LINE } from './import-source.ts'

/** One object of a log; `text` is its line. */
export interface JsonRecord {
  readonly kind: 'record'
  readonly object: JsonObject
  readonly text: string
  readonly place: ImportPlace
}

/**
 * The objects of a log that holds one a line, many at a time, with what is none refused in its place.
 * @param most bytes of a line
 * @param isPassed true for lines that need not be parsed; empty ones never are
 */
export async function* jsonLines(
  source: AsyncIterable<Uint8Array>,
  most: number = MAX_LINE,
  isPassed: (text: string) => boolean = () => false
): AsyncGenerator<readonly (JsonRecord | ImportRefusal)[]> {
  for await (const lines of linesOf(source, most)) {
    const records: (JsonRecord | ImportRefusal)[] = []
    for (const { number, offset, text, refused } of lines) {
      const place = { line: number, offset }
      if (refused !== undefined) records.push({ kind: 'refused', ...refused, place })
      if (refused !== undefined || text === undefined || text.trim() === '' || isPassed(text)) continue
      const json = readJson(text)
      if (!json.ok) records.push({ kind: 'refused', code: json.code, message: json.message, place })
      else if (!isObject(json.value))
        records.push({ kind: 'refused', code: 'record-invalid', message: 'no object', place })
      else records.push({ kind: 'record', object: json.value, text, place })
    }
    yield records
  }
}
