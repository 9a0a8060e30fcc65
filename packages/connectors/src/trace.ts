import { formatPap, formatTlp } from '@tocsin/model'
import type { FeedBulletin } from './feed.ts'
import type { FeedRow } from './rows.ts'
import { remark } from './text.ts'

/** A value in hundreds of bulletins is traced to this many, best first, and the rest counted. */
const MOST = 8

/**
 * The remarks that trace a row to its bulletins, without the comment mark: one line per bulletin,
 * `bulletin ID author DID TLP:… PAP:… threat THREAT confidence N name NAME`. The name is a peer's text, made harmless
 * and put last.
 */
export function traceLines(row: FeedRow): string[] {
  const lines = row.bulletins.slice(0, MOST).map(traceLine)
  if (row.bulletins.length > MOST) lines.push(`and ${row.bulletins.length - MOST} more bulletins`)
  return lines
}

/** Writes the remarks of a row above it, each behind this mark on a line: the same text for values of one bulletin. */
export function createTraces(
  mark: string,
  linesOf: (row: FeedRow) => readonly string[] = traceLines
): (row: FeedRow) => string {
  const texts = new WeakMap<FeedBulletin, string>()
  const textOf = (row: FeedRow): string =>
    linesOf(row)
      .map((line) => `${mark}${line}\n`)
      .join('')
  return (row) => {
    if (row.bulletins.length > 1) return textOf(row)
    const [bulletin] = row.bulletins
    let text = texts.get(bulletin)
    if (text === undefined) {
      text = textOf(row)
      texts.set(bulletin, text)
    }
    return text
  }
}

/** The same on one line, ids alone: for a remark behind the value. */
export function traceIds(row: FeedRow): string {
  const ids = row.bulletins.slice(0, MOST).map((bulletin) => remark(bulletin.id, 36))
  const more = row.bulletins.length > MOST ? ` and ${row.bulletins.length - MOST} more` : ''
  return `bulletin ${ids.join(' ')}${more} ${formatTlp(row.tlp)}`
}

/** The best bulletin alone, for consumers that count bytes. */
export function traceBest(row: FeedRow): string {
  return `bulletin ${remark(row.bulletins[0].id, 36)} ${formatTlp(row.tlp)}`
}

/** The same line stands above every value of a bulletin. */
const lines = new WeakMap<FeedBulletin, string>()

/** The trace of what stands alone: a rule that a bulletin carries. */
export function ruleTraceLine(bulletin: FeedBulletin): string {
  return freshLine(bulletin)
}

function traceLine(bulletin: FeedBulletin): string {
  const known = lines.get(bulletin)
  if (known !== undefined) return known
  const line = freshLine(bulletin)
  lines.set(bulletin, line)
  return line
}

function freshLine({ id, author, authorName, tlp, pap, threat, confidence }: FeedBulletin): string {
  const labels = `${formatTlp(tlp)} ${formatPap(pap)} threat ${threat} confidence ${confidence}`
  return `bulletin ${remark(id, 36)} author ${remark(author, 64)} ${labels} name ${remark(authorName, 100)}`
}
