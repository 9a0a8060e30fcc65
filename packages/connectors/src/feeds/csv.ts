import { INDICATOR_TYPE_NAMES } from '@tocsin/model'
import { FEED_FIELDS, type FeedBulletin, type FeedInfo, type FeedOptions, type FeedSource, PIECE } from '../feed.ts'
import { type FeedRow, refuseRow, rowsOf } from '../rows.ts'
import { isPlainLine, oneLine } from '../text.ts'

/** The columns, in order; new ones are only ever added at the end. */
export const CSV_COLUMNS = [
  'type',
  'value',
  'role',
  'threat',
  'tlp',
  'pap',
  'confidence',
  'first_seen',
  'last_seen',
  'valid_until',
  'comment',
  'bulletin',
  'title',
  'author',
  'author_name',
  'published_at',
  'bulletins'
] as const

/**
 * RFC 4180: a header line, comma, CRLF, cells quoted where needed. Spreadsheets take cells that begin with = + - @ (or
 * a tab) for formulas, so such a cell gets a leading apostrophe — and so does one that begins with an apostrophe, so
 * that taking off one leading apostrophe always gives the exact value back. `bulletin`, `title`, `author…` are those
 * of the best bulletin, `bulletins` has the ids of all; `tlp` and `pap` are the strictest.
 */
export const CSV: FeedInfo = {
  name: 'csv',
  title: { en: 'Table (CSV, RFC 4180)', fr: 'Tableau (CSV, RFC 4180)' },
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  use: 'detect',
  actsAtOnce: false,
  says: FEED_FIELDS,
  types: INDICATOR_TYPE_NAMES,
  options: [],
  write
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  let piece = `${CSV_COLUMNS.join(',')}\r\n`
  for await (const rows of rowsOf(items, CSV, options)) {
    for (const row of rows) {
      if (!carries(row.value)) {
        refuseRow(row, 'value-unsafe', options)
        continue
      }
      piece += lineOf(row)
      if (piece.length >= PIECE) {
        yield piece
        piece = ''
      }
    }
  }
  if (piece !== '') yield piece
}

type Cells<K extends (typeof CSV_COLUMNS)[number]> = Readonly<Record<K, string>>

/** Columns whose cells are the same for every value of a bulletin. */
type OfBulletin = 'threat' | 'confidence' | 'bulletin' | 'title' | 'author' | 'author_name' | 'published_at'

const cellsOf = new WeakMap<FeedBulletin, Cells<OfBulletin>>()

function bulletinCells(bulletin: FeedBulletin): Cells<OfBulletin> {
  const known = cellsOf.get(bulletin)
  if (known !== undefined) return known
  const cells = {
    threat: csvCell(bulletin.threat),
    confidence: csvCell(String(bulletin.confidence)),
    bulletin: csvCell(bulletin.id),
    title: csvCell(remarkCell(bulletin.title, 200)),
    author: csvCell(bulletin.author),
    author_name: csvCell(remarkCell(bulletin.authorName, 100)),
    published_at: new Date(bulletin.publishedAt).toISOString()
  }
  cellsOf.set(bulletin, cells)
  return cells
}

function lineOf(row: FeedRow): string {
  const [best, ...others] = row.bulletins
  const of = bulletinCells(best)
  const bulletins = others.length === 0 ? of.bulletin : csvCell(row.bulletins.map(({ id }) => id).join(' '))
  const cells: Cells<(typeof CSV_COLUMNS)[number]> = {
    type: row.type,
    value: csvCell(row.value),
    role: row.role,
    threat: of.threat,
    tlp: row.tlp,
    pap: row.pap,
    confidence: of.confidence,
    first_seen: cellOf(row.firstSeen),
    last_seen: cellOf(row.lastSeen),
    valid_until: cellOf(row.validUntil),
    comment: row.comment === undefined ? '' : csvCell(remarkCell(row.comment, 500)),
    bulletin: of.bulletin,
    title: of.title,
    author: of.author,
    author_name: of.author_name,
    published_at: of.published_at,
    bulletins
  }
  return `${CSV_COLUMNS.map((column) => cells[column]).join(',')}\r\n`
}

function cellOf(text: string | undefined): string {
  return text === undefined ? '' : csvCell(text)
}

// A spreadsheet of a French desktop splits at semicolons: what follows one would begin a cell of its own.
const FORMULA_INSIDE = /[;\t][=+\-@＝＋－＠]/u
const FORMULA_START = /^[=+\-@＝＋－＠\t\r']/u

function carries(value: string): boolean {
  return isPlainLine(value) && !FORMULA_INSIDE.test(value)
}

function remarkCell(text: string, maxLength: number): string {
  return oneLine(text, maxLength).replace(/;(?=[=+\-@＝＋－＠])/gu, '; ')
}

/** One cell: the apostrophe rule, then the quotes of RFC 4180 §2. */
export function csvCell(text: string): string {
  const cell = FORMULA_START.test(text) ? `'${text}` : text
  return /[",;\r\n\t]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
