import type { FeedInfo } from './feed.ts'
import { CSV } from './feeds/csv.ts'
import { JSON_FEED } from './feeds/json.ts'
import { LIST } from './feeds/list.ts'
import { RPZ } from './feeds/rpz.ts'
import { STIX } from './feeds/stix.ts'

/** One row a feed, in the order in which they are shown. */
const ROWS = {
  list: LIST,
  rpz: RPZ,
  csv: CSV,
  json: JSON_FEED,
  stix: STIX
} satisfies Readonly<Record<string, FeedInfo>>

/** Names of all feeds. */
export type FeedName = keyof typeof ROWS

/** The one table of feeds: CLI, HTTP, documents and tests are driven by it. */
export const FEEDS: Readonly<Record<FeedName, FeedInfo>> = ROWS

/** In the order in which they are shown. */
export const FEED_NAMES = Object.keys(ROWS) as readonly FeedName[]

/** True for the exact name of a feed. */
export function isFeedName(text: string): text is FeedName {
  return Object.hasOwn(ROWS, text)
}
