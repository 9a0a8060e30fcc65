import {
  type Indicator,
  type IndicatorType,
  mayUse,
  type Pap,
  stricterPap,
  stricterTlp,
  type Tlp,
  type Use
} from '@tocsin/model'
import { bestOf } from './best.ts'
import { ConnectorError, type FeedRefusalCode } from './errors.ts'
import type { FeedBulletin, FeedInfo, FeedItem, FeedOptions, FeedSource } from './feed.ts'
import { bulletinKey, compareUtf8 } from './order.ts'
import { sorted } from './sorted.ts'

/** One distinct value of a feed with every bulletin that it comes from. */
export interface FeedRow {
  readonly type: IndicatorType
  readonly value: string
  readonly role: Indicator['role']
  readonly comment: string | undefined
  /** ISO 8601: the earliest, the latest, and the latest that binds (absent if one bulletin sets none). */
  readonly firstSeen: string | undefined
  readonly lastSeen: string | undefined
  readonly validUntil: string | undefined
  /** The strictest of the bulletins named: labels only tighten. */
  readonly tlp: Tlp
  readonly pap: Pap
  /** Best first: highest confidence, then newest, then by id. Never empty. */
  readonly bulletins: readonly [FeedBulletin, ...FeedBulletin[]]
  /** What the row was made of: one item a bulletin, in the order of `bulletins`. */
  readonly items: readonly FeedItem[]
}

/** Uses in which somebody or something acts on a value: a context indicator has no place there (DESIGN §2). */
const ACTING: ReadonlySet<Use> = new Set(['block', 'detect', 'release'])

/**
 * The items that the labels let into this feed, one row per distinct value, in feed order; some at a time, since a turn
 * of the microtask queue for each of a million rows costs more than the row. The use rule is asked here once more
 * although the source has been gated: a caller's slip must not become a leak.
 */
export async function* rowsOf(
  items: FeedSource,
  info: Pick<FeedInfo, 'name' | 'types' | 'use' | 'limit' | 'limitBytes'>,
  options: FeedOptions
): AsyncGenerator<readonly FeedRow[]> {
  const limit = limitOf(info, options)
  const admits = admission(info, options)
  const rows = collected(items, admits, options.folder)
  if (limit === undefined) yield* rows
  else
    yield* bestOf(rows, limit, info.limitBytes ?? Number.POSITIVE_INFINITY, (row) =>
      refuseRow(row, 'over-limit', options)
    )
}

/** The items that the labels let into this feed, one of each value of each bulletin: by bulletin, in feed order within each. */
export async function* itemsByBulletin(
  items: FeedSource,
  info: Pick<FeedInfo, 'name' | 'types' | 'use' | 'limit' | 'limitBytes'>,
  options: FeedOptions
): AsyncGenerator<readonly FeedItem[]> {
  // What is the best of all, or comes in order, is known by value alone.
  const isByValue = limitOf(info, options) !== undefined
  const source = isByValue ? itemsOf(rowsOf(items, info, options)) : admitted(items, admission(info, options))
  let last: FeedItem | undefined
  for await (const some of sorted(source, 'bulletin', options.folder)) {
    const once: FeedItem[] = []
    for (const item of some) {
      if (last !== undefined && isSame(last, item)) {
        if (compareBulletins(item.bulletin, last.bulletin) < 0) last = item
        continue
      }
      if (last !== undefined) once.push(last)
      last = item
    }
    if (once.length > 0) yield once
  }
  if (last !== undefined) yield [last]
}

function isSame(a: FeedItem, b: FeedItem): boolean {
  const { indicator, bulletin } = a
  if (indicator.value !== b.indicator.value || indicator.type !== b.indicator.type) return false
  return bulletin === b.bulletin || bulletinKey(bulletin) === bulletinKey(b.bulletin)
}

async function* itemsOf(rows: AsyncIterable<readonly FeedRow[]>): AsyncGenerator<readonly FeedItem[]> {
  for await (const some of rows) yield some.flatMap((row) => row.items)
}

function limitOf(info: Pick<FeedInfo, 'limit'>, options: FeedOptions): number | undefined {
  const limit = options.limit ?? info.limit
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new ConnectorError('feed-number-invalid', 'a limit must be a whole number above 0', { limit })
  }
  return limit
}

/** Tells one row of a feed apart to whoever counts what was left out. */
export function refuseRow(row: FeedRow, code: FeedRefusalCode, options: FeedOptions): void {
  const { id, author } = row.bulletins[0]
  options.onRefused?.({ code, type: row.type, value: row.value, bulletin: { id, author } })
}

function admission(info: Pick<FeedInfo, 'name' | 'types' | 'use'>, options: FeedOptions): (item: FeedItem) => boolean {
  const carried = new Set(info.types)
  const odd = options.types?.find((type) => !carried.has(type))
  if (odd !== undefined) {
    throw new ConnectorError('feed-type-not-carried', `the feed ${info.name} cannot carry ${odd}`, { type: odd })
  }
  const wanted = options.types === undefined ? undefined : new Set(options.types)
  const use = options.use ?? info.use

  const refusal = ({ indicator, bulletin }: FeedItem): FeedRefusalCode | undefined => {
    if (!carried.has(indicator.type)) return 'type-not-carried'
    if (bulletin.tlp === 'RED' && options.byHand !== true) return 'red-never-in-feeds'
    if (indicator.role === 'context' && ACTING.has(use)) return 'context-indicator'
    const verdict = mayUse(bulletin.tlp, bulletin.pap, use, options.useSettings ?? {})
    return verdict.allowed ? undefined : verdict.code
  }

  return (item) => {
    // What the caller did not ask for is no refusal.
    if (wanted !== undefined && !wanted.has(item.indicator.type)) return false
    const code = refusal(item)
    if (code === undefined) return true
    const { indicator, bulletin } = item
    const { id, author } = bulletin
    options.onRefused?.({ code, type: indicator.type, value: indicator.value, bulletin: { id, author } })
    return false
  }
}

/**
 * Each value's items together. Where a folder for it is named, what is too much to hold is sorted in a file there; else all
 * of it is held.
 */
async function* collected(
  items: FeedSource,
  admits: (item: FeedItem) => boolean,
  folder: string | undefined
): AsyncGenerator<readonly FeedRow[]> {
  let group: FeedItem[] = []
  for await (const some of sorted(admitted(items, admits), 'value', folder)) {
    const rows: FeedRow[] = []
    for (const item of some) {
      const last = group[0]?.indicator
      if (last !== undefined && (last.value !== item.indicator.value || last.type !== item.indicator.type)) {
        rows.push(merge(group))
        group = [item]
      } else group.push(item)
    }
    if (rows.length > 0) yield rows
  }
  if (group.length > 0) yield [merge(group)]
}

async function* admitted(items: FeedSource, admits: (item: FeedItem) => boolean): AsyncGenerator<readonly FeedItem[]> {
  for await (const some of items) yield listOf(some).filter(admits)
}

function listOf(some: FeedItem | readonly FeedItem[]): readonly FeedItem[] {
  return 'indicator' in some ? [some] : some
}

function merge(items: readonly FeedItem[]): FeedRow {
  const [one] = items
  if (one === undefined) throw new RangeError('a row needs an item')
  if (items.length === 1) return rowOf(one, items)
  const [best = one, ...rest] = [...items].sort((a, b) => compareBulletins(a.bulletin, b.bulletin))
  const { type, value } = best.indicator
  const all: readonly [FeedItem, ...FeedItem[]] = [best, ...rest]
  const each = oncePerBulletin(all)
  const ends = all.map((item) => item.indicator.validUntil)
  return {
    type,
    value,
    role: all.some((item) => item.indicator.role === 'malicious') ? 'malicious' : 'context',
    comment: all.find((item) => (item.indicator.comment ?? '') !== '')?.indicator.comment,
    firstSeen: extreme(
      all.map((item) => item.indicator.firstSeen),
      -1
    ),
    lastSeen: extreme(
      all.map((item) => item.indicator.lastSeen),
      1
    ),
    validUntil: ends.includes(undefined) ? undefined : extreme(ends, 1),
    tlp: all.map((item) => item.bulletin.tlp).reduce(stricterTlp),
    pap: all.map((item) => item.bulletin.pap).reduce(stricterPap),
    bulletins: [best.bulletin, ...each.slice(1).map((item) => item.bulletin)],
    items: each
  }
}

/** A row of one item. */
function rowOf({ indicator, bulletin }: FeedItem, items: readonly FeedItem[]): FeedRow {
  const { type, value, role, comment, firstSeen, lastSeen, validUntil } = indicator
  const { tlp, pap } = bulletin
  return { type, value, role, comment, firstSeen, lastSeen, validUntil, tlp, pap, bulletins: [bulletin], items }
}

// One bulletin may come twice, over two streams (RED to several recipients).
function oncePerBulletin(items: readonly FeedItem[]): readonly FeedItem[] {
  const seen = new Set<string>()
  return items.filter(({ bulletin: { author, id } }) => {
    const key = `${author} ${id}`
    return !seen.has(key) && seen.add(key)
  })
}

function compareBulletins(a: FeedBulletin, b: FeedBulletin): number {
  return (
    b.confidence - a.confidence ||
    b.publishedAt - a.publishedAt ||
    compareUtf8(a.id, b.id) ||
    compareUtf8(a.author, b.author)
  )
}

/** The earliest (-1) or latest (1) of some ISO times, compared as instants since precisions may differ. */
function extreme(times: readonly (string | undefined)[], direction: 1 | -1): string | undefined {
  let found: string | undefined
  for (const time of times) {
    if (time === undefined) continue
    if (found === undefined || (Date.parse(time) - Date.parse(found)) * direction > 0) found = time
  }
  return found
}
