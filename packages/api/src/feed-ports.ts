/** What feeds need from the node. */
import type { Use } from '@tocsin/model'
import type { FeedFormatView } from './node-views.ts'
import type { Reader } from './reader.ts'

export interface FeedQuery {
  readonly use?: Use
  readonly types?: readonly string[]
  readonly threat?: string
  readonly author?: string
  readonly minConfidence?: number
  /** ms. */
  readonly maxAge?: number
  readonly zone?: string
  /** Whether a format that has comments traces its lines in them; so it does unless told not to. */
  readonly comments?: boolean
  /** Most values, the best kept: highest confidence first, then newest. */
  readonly limit?: number
}

export interface OpenFeed {
  readonly mediaType: string
  readonly etag: string
  readonly body: AsyncIterable<string>
}

/** What the feed left out and the rule, for `export --refused` and the feed's status. */
export interface FeedRefusal {
  readonly type: string
  readonly value: string
  readonly bulletin: string
  readonly code: string
}

export interface FeedsPort {
  readonly table: readonly FeedFormatView[]
  open(name: string, query: FeedQuery, reader: Reader): Promise<OpenFeed>
  refused(name: string, query: FeedQuery, reader: Reader): Promise<readonly FeedRefusal[]>
}
