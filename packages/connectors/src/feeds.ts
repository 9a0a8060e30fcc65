import type { FeedInfo, FeedName } from './feed.ts'
import { CSV } from './feeds/csv.ts'
import { JSON_FEED } from './feeds/json.ts'
import { LIST } from './feeds/list.ts'
import { RPZ } from './feeds/rpz.ts'

/** The one table of feeds: CLI, HTTP, documents and tests are driven by it. */
export const FEEDS: Readonly<Record<FeedName, FeedInfo>> = { list: LIST, rpz: RPZ, csv: CSV, json: JSON_FEED }

/** In the order in which they are shown. */
export const FEED_NAMES: readonly FeedName[] = ['list', 'rpz', 'csv', 'json']

/** True for the exact name of a feed. */
export function isFeedName(text: string): text is FeedName {
  return FEED_NAMES.some((name) => name === text)
}
