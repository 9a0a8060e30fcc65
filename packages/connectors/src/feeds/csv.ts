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

/** The cells of a bulletin, the same behind every value of it. */
interface BulletinCells {
  readonly title: string
  readonly authorName: string
  readonly publishedAt: string
}

const cellsOf = new WeakMap<FeedBulletin, BulletinCells>()

function bulletinCells(bulletin: FeedBulletin): BulletinCells {
  const known = cellsOf.get(bulletin)
  if (known !== undefined) return known
  const cells = {
    title: remarkCell(bulletin.title, 200),
    authorName: remarkCell(bulletin.authorName, 100),
    publishedAt: new Date(bulletin.publishedAt).toISOString()
  }
  cellsOf.set(bulletin, cells)
  return cells
}

function lineOf(row: FeedRow): string {
  const best = row.bulletins[0]
  const { title, authorName, publishedAt } = bulletinCells(best)
  const cells: Record<(typeof CSV_COLUMNS)[number], string> = {
    type: row.type,
    value: row.value,
    role: row.role,
    threat: best.threat,
    tlp: row.tlp,
    pap: row.pap,
    confidence: String(best.confidence),
    first_seen: row.firstSeen ?? '',
    last_seen: row.lastSeen ?? '',
    valid_until: row.validUntil ?? '',
    comment: remarkCell(row.comment ?? '', 500),
    bulletin: best.id,
    title,
    author: best.author,
    author_name: authorName,
    published_at: publishedAt,
    bulletins: row.bulletins.map((bulletin) => bulletin.id).join(' ')
  }
  return `${CSV_COLUMNS.map((column) => csvCell(cells[column])).join(',')}\r\n`
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
