import { INDICATOR_TYPE_NAMES } from '@tocsin/model'
import { type FeedInfo, type FeedOptions, type FeedSource, PIECE } from '../feed.ts'
import { type FeedRow, rowsOf } from '../rows.ts'
import { oneLine } from '../text.ts'

/**
 * One JSON document `{"indicators":[…]}`, one indicator a line, so that it can be streamed, compared and grepped. The
 * only format that carries every value: invisible characters are escaped, not refused. All bulletins of a value are
 * named with their own labels; `tlp` and `pap` of the indicator are the strictest of them.
 */
export const JSON_FEED: FeedInfo = {
  name: 'json',
  title: { en: 'JSON document', fr: 'Document JSON' },
  mediaType: 'application/json',
  extension: 'json',
  use: 'detect',
  types: INDICATOR_TYPE_NAMES,
  options: [],
  write
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  let piece = '{"indicators":['
  let separator = '\n'
  for await (const row of rowsOf(items, JSON_FEED, options)) {
    piece += separator + escapeInvisible(JSON.stringify(shapeOf(row)))
    separator = ',\n'
    if (piece.length >= PIECE) {
      yield piece
      piece = ''
    }
  }
  yield `${piece}\n]}\n`
}

function shapeOf(row: FeedRow): object {
  const { type, value, role, firstSeen, lastSeen, validUntil, tlp, pap } = row
  // Absent values are left out by JSON.stringify.
  const comment = row.comment === undefined ? undefined : oneLine(row.comment, 500)
  const bulletins = row.bulletins.map((bulletin) => ({
    id: bulletin.id,
    title: oneLine(bulletin.title, 200),
    author: bulletin.author,
    authorName: oneLine(bulletin.authorName, 100),
    tlp: bulletin.tlp,
    pap: bulletin.pap,
    threat: bulletin.threat,
    confidence: bulletin.confidence,
    publishedAt: new Date(bulletin.publishedAt).toISOString()
  }))
  return { type, value, role, comment, firstSeen, lastSeen, validUntil, tlp, pap, bulletins }
}

// JSON.stringify leaves DEL, C1 controls, bidirectional marks and line separators as they are; terminals and logs do not.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function escapeInvisible(json: string): string {
  // By UTF-16 unit: what lies beyond U+FFFF is escaped as a pair (RFC 8259 §7).
  return json.replace(INVISIBLE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
    ).join('')
  )
}
