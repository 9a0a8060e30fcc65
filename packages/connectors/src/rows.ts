import {
  INDICATOR_TYPES,
  type Indicator,
  type IndicatorType,
  mayUse,
  type Pap,
  stricterPap,
  stricterTlp,
  type Tlp,
  type Use
} from '@tocsin/model'
import { ConnectorError, type FeedRefusalCode } from './errors.ts'
import type { FeedBulletin, FeedInfo, FeedItem, FeedOptions, FeedSource } from './feed.ts'

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
}

/** Uses in which somebody or something acts on a value: a context indicator has no place there (DESIGN §2). */
const ACTING: ReadonlySet<Use> = new Set(['block', 'detect', 'release'])

/**
 * The items that the labels let into this feed, one row per distinct value, in feed order. The use rule is asked here
 * once more although the source has been gated: a caller's slip must not become a leak.
 */
export async function* rowsOf(
  items: FeedSource,
  info: Pick<FeedInfo, 'name' | 'types' | 'use'>,
  options: FeedOptions
): AsyncGenerator<FeedRow> {
  const admits = admission(info, options)
  if (options.sorted) yield* streamed(items, admits)
  else yield* collected(items, admits)
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

async function* streamed(items: FeedSource, admits: (item: FeedItem) => boolean): AsyncGenerator<FeedRow> {
  let group: FeedItem[] = []
  let last: Place | undefined
  for await (const item of items) {
    if (!admits(item)) continue
    const place = placeOf(item)
    const order = last === undefined ? 0 : comparePlaces(last, place)
    if (order > 0) {
      throw new ConnectorError('feed-out-of-order', 'the source is not in feed order', { type: item.indicator.type })
    }
    if (order < 0) {
      yield merge(group)
      group = []
    }
    group.push(item)
    last = place
  }
  if (group.length > 0) yield merge(group)
}

async function* collected(items: FeedSource, admits: (item: FeedItem) => boolean): AsyncGenerator<FeedRow> {
  const groups = new Map<string, { place: Place; items: FeedItem[] }>()
  for await (const item of items) {
    if (!admits(item)) continue
    const key = `${item.indicator.type}\n${item.indicator.value}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { place: placeOf(item), items: [item] })
    else group.items.push(item)
  }
  const ordered = [...groups.values()].sort((a, b) => comparePlaces(a.place, b.place))
  for (const group of ordered) yield merge(group.items)
}

interface Place {
  readonly code: number
  readonly key: string
  readonly value: string
}

function placeOf({ indicator }: FeedItem): Place {
  const info = INDICATOR_TYPES[indicator.type]
  return { code: info.code, key: info.indexKey(indicator.value), value: indicator.value }
}

function comparePlaces(a: Place, b: Place): number {
  return a.code - b.code || compareUtf8(a.key, b.key) || compareUtf8(a.value, b.value)
}

/** Orders texts as their UTF-8 bytes, as the store does; JavaScript's own order differs beyond U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

// Surrogates (U+D800…DFFF) stand for code points above all others: moved behind U+E000…FFFF.
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function merge(items: readonly FeedItem[]): FeedRow {
  const [best, ...rest] = [...items].sort((a, b) => compareBulletins(a.bulletin, b.bulletin))
  if (best === undefined) throw new RangeError('a row needs an item')
  const { type, value } = best.indicator
  if (rest.length === 0) {
    const { role, comment, firstSeen, lastSeen, validUntil } = best.indicator
    const { tlp, pap } = best.bulletin
    return { type, value, role, comment, firstSeen, lastSeen, validUntil, tlp, pap, bulletins: [best.bulletin] }
  }
  const all = [best, ...rest]
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
    bulletins: distinct(
      best.bulletin,
      rest.map((item) => item.bulletin)
    )
  }
}

// One bulletin may come twice, over two streams (RED to several recipients).
function distinct(best: FeedBulletin, others: readonly FeedBulletin[]): [FeedBulletin, ...FeedBulletin[]] {
  const seen = new Set([`${best.author} ${best.id}`])
  const kept = others.filter(({ author, id }) => {
    const key = `${author} ${id}`
    return !seen.has(key) && seen.add(key)
  })
  return [best, ...kept]
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
