import { INDICATOR_TYPE_NAMES, type Indicator } from '@tocsin/model'
import type { FeedBulletin, FeedInfo, FeedOptions, FeedSource } from '../feed.ts'
import { eventHead, indicatorAttribute, type MispAttribute } from '../misp/event.ts'
import { eventPieces } from '../misp/layout.ts'
import { compareUtf8, rowsOf } from '../rows.ts'

/**
 * Events in MISP's core format as a MISP itself exports them: `{"response":[{"Event":…}]}`, one event a bulletin, one
 * attribute a line. What a MISP polls is the layout of a MISP feed, which has the rules, text and links too.
 */
export const MISP: FeedInfo = {
  name: 'misp',
  title: { en: 'MISP events', fr: 'Événements MISP' },
  mediaType: 'application/json',
  extension: 'json',
  use: 'detect',
  actsAtOnce: false,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence', 'dates', 'comment'],
  types: INDICATOR_TYPE_NAMES,
  options: [],
  write
}

/** The items of one bulletin, in feed order. */
interface Group {
  readonly bulletin: FeedBulletin
  readonly indicators: Indicator[]
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  const groups = new Map<string, Group>()
  for await (const rows of rowsOf(items, MISP, options)) {
    for (const row of rows) {
      for (const { indicator, bulletin } of row.items) {
        const key = `${bulletin.id} ${bulletin.author}`
        const group = groups.get(key)
        if (group === undefined) groups.set(key, { bulletin, indicators: [indicator] })
        else group.indicators.push(indicator)
      }
    }
  }
  yield '{"response":['
  let separator = '\n'
  const ordered = [...groups.entries()].sort(([a], [b]) => compareUtf8(a, b))
  for (const [, { bulletin, indicators }] of ordered) {
    yield separator
    separator = ',\n'
    yield* eventPieces(eventHead(bulletin), attributesOf(indicators, bulletin, options))
  }
  yield '\n]}\n'
}

function* attributesOf(
  indicators: readonly Indicator[],
  bulletin: FeedBulletin,
  options: FeedOptions
): Generator<MispAttribute> {
  for (const indicator of indicators) {
    const attribute = indicatorAttribute(indicator, bulletin)
    if (attribute !== undefined) yield attribute
    else {
      const { type, value } = indicator
      const { id, author } = bulletin
      options.onRefused?.({ code: 'value-unsafe', type, value, bulletin: { id, author } })
    }
  }
}
