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
import { bestOf } from './best.ts'
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
  const limit = options.limit ?? info.limit
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new ConnectorError('feed-number-invalid', 'a limit must be a whole number above 0', { limit })
  }
  const admits = admission(info, options)
  const rows = options.sorted ? streamed(items, admits) : collected(items, admits)
  if (limit === undefined) yield* rows
  else
    yield* bestOf(rows, limit, info.limitBytes ?? Number.POSITIVE_INFINITY, (row) =>
      refuseRow(row, 'over-limit', options)
    )
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

async function* streamed(items: FeedSource, admits: (item: FeedItem) => boolean): AsyncGenerator<readonly FeedRow[]> {
  let group: FeedItem[] = []
  let last: Place | undefined
  for await (const some of items) {
    const rows: FeedRow[] = []
    for (const item of listOf(some)) {
      if (!admits(item)) continue
      const place = placeOf(item)
      const order = last === undefined ? 0 : comparePlaces(last, place)
      if (order > 0) {
        throw new ConnectorError('feed-out-of-order', 'the source is not in feed order', { type: item.indicator.type })
      }
      if (order < 0) {
        rows.push(merge(group))
        group = []
      }
      group.push(item)
      last = place
    }
    if (rows.length > 0) yield rows
  }
  if (group.length > 0) yield [merge(group)]
}

/** Rows handed on, or sorted, at a stretch: a few milliseconds, after which others have their turn. */
const STRETCH = 2048

/** Holds the items and, beside each, no more than a number: a million of them are a feed that a node serves. */
async function* collected(items: FeedSource, admits: (item: FeedItem) => boolean): AsyncGenerator<readonly FeedRow[]> {
  const held: FeedItem[] = []
  for await (const some of items) for (const item of listOf(some)) if (admits(item)) held.push(item)
  const order = await ordered(held)
  let rows: FeedRow[] = []
  for (let at = 0; at < order.length; ) {
    const group = [held[order[at] ?? 0] as FeedItem]
    const { type, value } = (group[0] as FeedItem).indicator
    for (at += 1; at < order.length; at += 1) {
      const next = held[order[at] ?? 0] as FeedItem
      if (next.indicator.value !== value || next.indicator.type !== type) break
      group.push(next)
    }
    rows.push(merge(group))
    if (rows.length < STRETCH) continue
    yield rows
    rows = []
    await turn()
  }
  if (rows.length > 0) yield rows
}

/** The items' numbers in feed order: short runs, then merged two by two, with turns for others in between. */
async function ordered(items: readonly FeedItem[]): Promise<Uint32Array> {
  const compare = comparing(items)
  let from = new Uint32Array(items.length).map((_, i) => i)
  for (let start = 0; start < from.length; start += STRETCH) {
    from.subarray(start, start + STRETCH).sort(compare)
    await turn()
  }
  let to = new Uint32Array(items.length)
  for (let width = STRETCH; width < from.length; width *= 2) {
    let since = 0
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      let [i, j] = [start, middle]
      for (let out = start; out < end; out += 1) {
        const takesLeft = j >= end || (i < middle && compare(from[i] ?? 0, from[j] ?? 0) <= 0)
        to[out] = (takesLeft ? from[i++] : from[j++]) ?? 0
        since += 1
        if (since % (4 * STRETCH) === 0) await turn()
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}

/** Compares two items by their numbers. Index keys that are the values themselves take no room. */
function comparing(items: readonly FeedItem[]): (a: number, b: number) => number {
  const codes = new Uint8Array(items.length)
  const keys = new Array<string>(items.length)
  let areLow = true
  for (let i = 0; i < items.length; i += 1) {
    const { type, value } = (items[i] as FeedItem).indicator
    const info = INDICATOR_TYPES[type]
    codes[i] = info.code
    keys[i] = info.indexKey(value)
    areLow &&= !HIGH.test(value)
  }
  return (a, b) => {
    const codeOrder = (codes[a] ?? 0) - (codes[b] ?? 0)
    if (codeOrder !== 0) return codeOrder
    const [one = '', other = ''] = [keys[a], keys[b]]
    if (one !== other) return areLow ? (one < other ? -1 : 1) : compareUtf8(one, other)
    const [first, second] = [(items[a] as FeedItem).indicator.value, (items[b] as FeedItem).indicator.value]
    if (first === second) return 0
    return areLow ? (first < second ? -1 : 1) : compareUtf8(first, second)
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function listOf(some: FeedItem | readonly FeedItem[]): readonly FeedItem[] {
  return 'indicator' in some ? [some] : some
}

interface Place {
  readonly code: number
  readonly key: string
  readonly value: string
  /** JavaScript's own order of key and value is that of UTF-8. */
  readonly isLow: boolean
}

// From the surrogates on the order of UTF-16 units is not that of UTF-8.
const HIGH = /[\ud800-\uffff]/

function placeOf({ indicator }: FeedItem): Place {
  const info = INDICATOR_TYPES[indicator.type]
  const { value } = indicator
  return { code: info.code, key: info.indexKey(value), value, isLow: !HIGH.test(value) }
}

function comparePlaces(a: Place, b: Place): number {
  if (a.code !== b.code) return a.code - b.code
  if (!a.isLow || !b.isLow) return compareUtf8(a.key, b.key) || compareUtf8(a.value, b.value)
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.value === b.value ? 0 : a.value < b.value ? -1 : 1
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
  const [best, ...rest] =
    items.length === 1 ? items : [...items].sort((a, b) => compareBulletins(a.bulletin, b.bulletin))
  if (best === undefined) throw new RangeError('a row needs an item')
  const { type, value } = best.indicator
  if (rest.length === 0) {
    const { role, comment, firstSeen, lastSeen, validUntil } = best.indicator
    const { tlp, pap } = best.bulletin
    return {
      type,
      value,
      role,
      comment,
      firstSeen,
      lastSeen,
      validUntil,
      tlp,
      pap,
      bulletins: [best.bulletin],
      items: [best]
    }
  }
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
