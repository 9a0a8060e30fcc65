import type { Indicator, IndicatorType, InstitutionId, Pap, Rule, Threat, Tlp, Use, UseSettings } from '@tocsin/model'
import type { FeedRefusalCode } from './errors.ts'

/** What a feed says of the bulletin that an indicator comes from; `publishedAt` in ms since the epoch. */
export interface FeedBulletin {
  readonly id: string
  readonly title: string
  readonly author: InstitutionId
  readonly authorName: string
  readonly tlp: Tlp
  readonly pap: Pap
  readonly threat: Threat
  /** 0…100 */
  readonly confidence: number
  readonly publishedAt: number
  /** ms since the epoch: past it nobody holds the bulletin. */
  readonly keepUntil?: number | undefined
}

/** One indicator of one bulletin, as the replica hands it out, the safety catch already applied. */
export interface FeedItem {
  readonly indicator: Indicator
  readonly bulletin: FeedBulletin
}

/**
 * Where a feed reads, one item or several at a time: the caller has applied the safety catch (DESIGN §6), retractions,
 * disablings and expiry.
 */
export type FeedSource = AsyncIterable<FeedItem | readonly FeedItem[]>

/** One detection rule of one bulletin that stands. */
export interface RuleItem {
  readonly rule: Rule
  readonly bulletin: FeedBulletin
}

/** Languages of carried rules for which there is a feed. */
export type CarriedKind = Extract<Rule['kind'], 'sigma' | 'yara' | 'suricata'>

/** One item that is not in the feed, and the rule that kept it out; of a carried rule its kind and its name. */
export interface FeedRefusal {
  readonly code: FeedRefusalCode
  readonly type: IndicatorType | Rule['kind']
  readonly value: string
  readonly bulletin: Pick<FeedBulletin, 'id' | 'author'>
}

/**
 * Where the traces stand: on `#` or `;` lines of their own above what they explain, behind each value, or nowhere (for
 * consumers that know no comments).
 */
export type FeedComments = 'above' | 'trailing' | 'none'

/** What a caller may set; each feed says in `FeedInfo.options` which of the format's own options it heeds. */
export interface FeedOptions {
  /** The use the feed is for; the feed's default if absent. */
  readonly use?: Use | undefined
  /** Local policy for `detect` (DESIGN §6). */
  readonly useSettings?: UseSettings | undefined
  /** Only these types; all that the format carries if absent. */
  readonly types?: readonly IndicatorType[] | undefined
  /**
   * Where a file may be made in which more items than a few megabytes are sorted, so that memory stays flat. It has no
   * name from the moment it is made and is gone with the process at the latest.
   */
  readonly folder?: string | undefined
  /** A person exports by hand for himself: TLP:RED is let through. Never set it for a feed that runs by itself. */
  readonly byHand?: boolean | undefined
  /** Told of every item left out. */
  readonly onRefused?: ((refusal: FeedRefusal) => void) | undefined
  readonly comments?: FeedComments | undefined
  /** Name of the response policy zone at the consumer: bounds the length of owners. */
  readonly zone?: string | undefined
  /** SOA serial, see `nextSerial`. */
  readonly serial?: number | undefined
  /** Time to live of the policy records in seconds. */
  readonly ttl?: number | undefined
  /** Most values; the best are kept: highest confidence first, then newest. */
  readonly limit?: number | undefined
  /** Where a feed of carried rules reads, retractions and expiry already applied. */
  readonly rules?: AsyncIterable<readonly RuleItem[]> | undefined
}

/** The options that only some formats know. */
export type FeedOptionName = 'comments' | 'zone' | 'serial' | 'ttl'

/** What a line says of an indicator besides its value. */
export const FEED_FIELDS = ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence', 'dates', 'comment'] as const
export type FeedField = (typeof FEED_FIELDS)[number]

/** One row of the table that drives CLI, HTTP, documents and tests. */
export interface FeedInfo {
  /** The key of its row. */
  readonly name: string
  readonly title: { readonly en: string; readonly fr: string }
  /** For `Content-Type`. */
  readonly mediaType: string
  /** Of a file, without the dot. */
  readonly extension: string
  /** The use class unless the caller names another. */
  readonly use: Use
  /**
   * The consumer acts by whatever it reads, so the use of whoever asks is not taken for the feed's: a token for another
   * use is refused.
   */
  readonly actsAtOnce: boolean
  /** What is said of an indicator besides its value; for the rest see docs/formats.md. */
  readonly says: readonly FeedField[]
  /** What the format can carry. */
  readonly types: readonly IndicatorType[]
  readonly options: readonly FeedOptionName[]
  /** It hands out the rules of this kind that bulletins carry (`FeedOptions.rules`), and no indicator. */
  readonly rules?: CarriedKind
  /** Most values that the consumer takes, unless the caller says otherwise; the best are kept. */
  readonly limit?: number
  /** Most bytes that the consumer takes; the best are kept. */
  readonly limitBytes?: number
  /**
   * The feed as pieces of text that together are the document; same items and options give the same bytes, whatever
   * the order of the items. Throws ConnectorError before the first piece if the options make no sense.
   */
  write(items: FeedSource, options?: FeedOptions): AsyncGenerator<string>
}

/** Pieces are handed on once they are this long (UTF-16 units): big enough for the cost of an await not to matter. */
export const PIECE = 32_768
