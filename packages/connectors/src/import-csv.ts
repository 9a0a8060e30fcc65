/** Records of a table (RFC 4180) from lines, with the line that each begins at. */
import type { ImportRefusal } from './import.ts'
import { type Line, linesOf } from './import-source.ts'

export interface CsvRecord {
  readonly line: number
  readonly offset: number
  readonly cells: readonly string[]
}

/** Of one record: its lines and its UTF-16 units. Beyond, a quote was left open. */
const MAX_LINES = 100
const MAX_UNITS = 64 * 1024
const MAX_CELLS = 512

/**
 * The records of a table. A line whose quotes do not close within a hundred lines is refused alone, and reading goes on
 * with the next; so no open quote swallows a table.
 */
export async function* csvRecords(
  source: AsyncIterable<Uint8Array>,
  separatorFor: (firstLine: string) => string
): AsyncGenerator<readonly (CsvRecord | ImportRefusal)[]> {
  let separator: string | undefined
  let waiting: Counted[] = []

  function* records(isEnd: boolean): Generator<CsvRecord | ImportRefusal> {
    let from = 0
    while (from < waiting.length) {
      const begin = waiting[from]
      if (begin === undefined) break
      const { line } = begin
      const place = { line: line.number, offset: line.offset }
      if (line.text === undefined) {
        from += 1
        if (line.refused !== undefined) yield { kind: 'refused', ...line.refused, place }
        continue
      }
      const to = endOf(waiting, from, isEnd)
      if (to === 'more') break
      if (to === 'open') {
        from += 1
        yield malformed('a quote is not closed', place)
        continue
      }
      const text = waiting
        .slice(from, to)
        .map((it) => it.line.text ?? '')
        .join('\n')
      from = to
      if (text.trim() === '') continue
      separator ??= separatorFor(text)
      const cells = cellsOf(text, separator)
      yield cells === undefined
        ? malformed('text behind a closing quote, or too many cells', place)
        : { ...place, cells }
    }
    waiting = waiting.slice(from)
  }

  for await (const lines of linesOf(source, MAX_UNITS)) {
    for (const line of lines) waiting.push({ line, quotes: quotesIn(line.text ?? '') })
    const some = [...records(false)]
    if (some.length > 0) yield some
  }
  const rest = [...records(true)]
  if (rest.length > 0) yield rest
}

interface Counted {
  readonly line: Line
  readonly quotes: number
}

function quotesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1
  return count
}

/** The index behind the record's last line; or that it is not here yet, or never closes. */
function endOf(lines: readonly Counted[], from: number, isEnd: boolean): number | 'more' | 'open' {
  let quotes = 0
  let units = 0
  for (let at = from; at < from + MAX_LINES; at += 1) {
    const one = lines[at]
    if (one === undefined) return isEnd ? 'open' : 'more'
    if (one.line.text === undefined) return 'open'
    quotes += one.quotes
    units += one.line.text.length
    if (units > MAX_UNITS) return 'open'
    if (quotes % 2 === 0) return at + 1
  }
  return 'open'
}

/** RFC 4180 §2, with any separator; undefined for text behind a closing quote. */
function cellsOf(text: string, separator: string): string[] | undefined {
  const cells: string[] = []
  let at = 0
  for (;;) {
    if (cells.length >= MAX_CELLS) return undefined
    if (text[at] === '"') {
      let cell = ''
      let from = at + 1
      for (;;) {
        const quote = text.indexOf('"', from)
        if (quote < 0) return undefined
        cell += text.slice(from, quote)
        if (text[quote + 1] !== '"') {
          at = quote + 1
          break
        }
        cell += '"'
        from = quote + 2
      }
      cells.push(cell)
      if (at >= text.length) return cells
      if (text[at] !== separator) return undefined
      at += 1
    } else {
      const next = text.indexOf(separator, at)
      cells.push(text.slice(at, next < 0 ? undefined : next))
      if (next < 0) return cells
      at = next + 1
    }
  }
}

function malformed(message: string, place: ImportRefusal['place']): ImportRefusal {
  return { kind: 'refused', code: 'csv-malformed', message, place }
}
