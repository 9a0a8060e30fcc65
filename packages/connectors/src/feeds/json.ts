import { INDICATOR_TYPE_NAMES } from '@tocsin/model'
import { FEED_FIELDS, type FeedBulletin, type FeedInfo, type FeedOptions, type FeedSource, PIECE } from '../feed.ts'
import { type FeedRow, rowsOf } from '../rows.ts'
import { escapeInvisible, oneLine } from '../text.ts'

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
  actsAtOnce: false,
  says: FEED_FIELDS,
  types: INDICATOR_TYPE_NAMES,
  options: [],
  write
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  let piece = '{"indicators":['
  let separator = '\n'
  for await (const rows of rowsOf(items, JSON_FEED, options)) {
    for (const row of rows) {
      piece += separator + lineOf(row)
      separator = ',\n'
      if (piece.length >= PIECE) {
        yield piece
        piece = ''
      }
    }
  }
  yield `${piece}\n]}\n`
}

function lineOf(row: FeedRow): string {
  const { type, value, role, firstSeen, lastSeen, validUntil, tlp, pap } = row
  // Absent values are left out by JSON.stringify.
  const comment = row.comment === undefined ? undefined : oneLine(row.comment, 500)
  const own = JSON.stringify({ type, value, role, comment, firstSeen, lastSeen, validUntil, tlp, pap })
  return `${escapeInvisible(own.slice(0, -1))},"bulletins":[${row.bulletins.map(bulletinText).join(',')}]}`
}

/** The same text stands behind every value of a bulletin. */
const texts = new WeakMap<FeedBulletin, string>()

function bulletinText(bulletin: FeedBulletin): string {
  const known = texts.get(bulletin)
  if (known !== undefined) return known
  const { id, title, author, authorName, tlp, pap, threat, confidence, publishedAt } = bulletin
  const shape = {
    id,
    title: oneLine(title, 200),
    author,
    authorName: oneLine(authorName, 100),
    tlp,
    pap,
    threat,
    confidence,
    publishedAt: new Date(publishedAt).toISOString()
  }
  const text = escapeInvisible(JSON.stringify(shape))
  texts.set(bulletin, text)
  return text
}
