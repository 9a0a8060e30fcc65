import { INDICATOR_TYPE_NAMES, type Indicator } from '@tocsin/model'
import type { FeedBulletin, FeedInfo, FeedItem, FeedOptions, FeedSource } from '../feed.ts'
import { eventHead, indicatorAttribute, type MispAttribute } from '../misp/event.ts'
import { eventPieces } from '../misp/layout.ts'
import { bulletinKey } from '../order.ts'
import { itemsByBulletin } from '../rows.ts'

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

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  yield '{"response":['
  let separator = '\n'
  for await (const group of byBulletin(items, options)) {
    const { bulletin } = group[0]
    yield separator
    separator = ',\n'
    yield* eventPieces(
      eventHead(bulletin),
      attributesOf(
        group.map(({ indicator }) => indicator),
        bulletin,
        options
      )
    )
  }
  yield '\n]}\n'
}

/** The items of one bulletin, in feed order. */
async function* byBulletin(
  items: FeedSource,
  options: FeedOptions
): AsyncGenerator<readonly [FeedItem, ...FeedItem[]]> {
  let group: [FeedItem, ...FeedItem[]] | undefined
  for await (const some of itemsByBulletin(items, MISP, options)) {
    for (const item of some) {
      if (group !== undefined && isOneBulletin(group[0].bulletin, item.bulletin)) group.push(item)
      else {
        if (group !== undefined) yield group
        group = [item]
      }
    }
  }
  if (group !== undefined) yield group
}

function isOneBulletin(a: FeedBulletin, b: FeedBulletin): boolean {
  return a === b || bulletinKey(a) === bulletinKey(b)
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
