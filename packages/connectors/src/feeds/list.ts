import { INDICATOR_TYPE_NAMES } from '@tocsin/model'
import { type FeedComments, type FeedInfo, type FeedOptions, type FeedSource, PIECE } from '../feed.ts'
import { refuseRow, rowsOf } from '../rows.ts'
import { isPlainLine } from '../text.ts'
import { createTraces, traceIds } from '../trace.ts'

/**
 * One value a line, for firewalls, proxies and `grep -f`. Remarks begin with `#` and stand above the values that they
 * explain (once for neighbours from the same bulletins), or behind each value after a space, or nowhere.
 */
export const LIST: FeedInfo = {
  name: 'list',
  title: { en: 'Plain list, one value a line', fr: 'Liste simple, une valeur par ligne' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'txt',
  use: 'block',
  actsAtOnce: false,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  types: INDICATOR_TYPE_NAMES,
  options: ['comments'],
  write
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  const comments = options.comments ?? 'above'
  const traceOf = createTraces('# ')
  let piece = ''
  let trace = ''
  for await (const rows of rowsOf(items, LIST, options)) {
    for (const row of rows) {
      if (!carries(row.value, comments)) {
        refuseRow(row, 'value-unsafe', options)
        continue
      }
      if (comments === 'above') {
        const above = traceOf(row)
        if (above !== trace) piece += above
        trace = above
      }
      piece += comments === 'trailing' ? `${row.value} # ${traceIds(row)}\n` : `${row.value}\n`
      if (piece.length >= PIECE) {
        yield piece
        piece = ''
      }
    }
  }
  if (piece !== '') yield piece
}

// A first `#` would make the value a remark; behind a space, consumers of lists with remarks cut the line.
function carries(value: string, comments: FeedComments): boolean {
  if (!isPlainLine(value) || value.startsWith('#')) return false
  return comments === 'trailing' ? !/\s/u.test(value) : comments === 'none' || !value.includes(' #')
}
