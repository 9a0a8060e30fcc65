/**
 * Reading what is held, cut to what a reader may see. Every query of the local door passes `visible`: greatest TLP of
 * the token, and the use rule for its use class (DESIGN §6); nothing else in this room hands out content.
 */
import { institutionKey, openBody, type StreamDescriptor } from '@tocsin/journal'
import {
  type Attachment,
  type Bulletin,
  type InstitutionId,
  mayUse,
  type Pap,
  type StreamId,
  type Tlp,
  tlpAtMost,
  type Use
} from '@tocsin/model'
import {
  type ArrivalRow,
  arrivalOf,
  type BulletinSummary,
  keys,
  type Range,
  type RetractionMark,
  ranges,
  readRow,
  type Store
} from '@tocsin/store'
import type { Book } from './book.ts'
import { readEntryRow, threatCode } from './index-entry.ts'
import { retractionOf, voidFrom } from './rules.ts'
import type { Streams } from './streams.ts'

/** What a reader may see. */
export interface Sight {
  readonly maxTlp: Tlp
  readonly use: Use
  /** Least PAP for `detect`, a setting (DESIGN §6). */
  readonly detectNeeds?: Pap
}

export type BulletinState = 'live' | 'retracted' | 'overdue' | 'opaque' | 'void'

/** A bulletin as this replica holds it: one entry of it. */
export interface HeldBulletin {
  readonly arrival: number
  readonly row: ArrivalRow
  readonly descriptor: StreamDescriptor
  readonly state: BulletinState
  readonly retraction?: RetractionMark
  /** Absent once erased. */
  readonly summary?: BulletinSummary
}

export interface BulletinFilter {
  /** Every word must occur in title, text, tags or a value. */
  readonly words?: readonly string[]
  readonly author?: InstitutionId
  readonly threat?: string
  readonly type?: string
  readonly tlp?: Tlp
  /** ms, by arrival. */
  readonly since?: number
  readonly until?: number
  /** Live ones alone, or whatever is held. */
  readonly all?: boolean
}

export interface PageOptions {
  readonly order: 'newest' | 'arrival'
  /** Arrival number to go on after. */
  readonly after?: number
  readonly limit: number
}

export interface BulletinReader {
  at(arrival: number): HeldBulletin | undefined
  visible(held: HeldBulletin, sight: Sight): boolean
  matches(held: HeldBulletin, filter: BulletinFilter): boolean
  page(
    filter: BulletinFilter,
    sight: Sight,
    page: PageOptions
  ): Promise<{ readonly items: HeldBulletin[]; readonly next?: number }>
  /** By bulletin id, entry id or a prefix of either: each inner list is one bulletin with all its entries. */
  find(prefix: string, sight: Sight): Promise<HeldBulletin[][]>
  /** All held entries of the bulletin with this id by this author. */
  entriesOf(id: string, author: InstitutionId): Promise<HeldBulletin[]>
  body(held: HeldBulletin): Bulletin | undefined
  /** Only from the stream of the bulletin that names it: a bulletin must not open what its reader may not see. */
  attachment(held: HeldBulletin, entry: string): Attachment | undefined
}

interface Read {
  readonly row: ArrivalRow
  readonly retraction: RetractionMark | undefined
}

/** Bulletins remembered between two writes. */
const REMEMBERED_AT_MOST = 4096
/** Rows looked at for one page, so that a search for what is nowhere ends; the cursor goes on from there. */
const SCAN_AT_MOST = 50_000

export function createBulletinReader(deps: {
  store: Store
  streams: Streams
  book: Book
  self: InstitutionId
  now: () => number
}): BulletinReader {
  const { store, streams, self } = deps

  // What was read for one hit serves the others of the same bulletin, until anything is written.
  const read = new Map<number, Read | undefined>()
  let readAt = -1

  function at(arrival: number): HeldBulletin | undefined {
    const changes = store.changes()
    if (changes !== readAt || read.size >= REMEMBERED_AT_MOST) {
      read.clear()
      readAt = changes
    }
    if (!read.has(arrival)) read.set(arrival, rowAt(arrival))
    const found = read.get(arrival)
    return found === undefined ? undefined : heldOf(arrival, found)
  }

  function rowAt(arrival: number): Read | undefined {
    const bytes = store.get(keys.arrival(arrival))
    if (bytes === undefined) return undefined
    const row = readRow<ArrivalRow>(bytes)
    const stream = row.kind === 'bulletin' ? streams.get(row.stream as StreamId) : undefined
    return stream === undefined ? undefined : { row, retraction: retractionOf(store.get, row.entry, stream.descriptor) }
  }

  function heldOf(arrival: number, { row, retraction }: Read): HeldBulletin | undefined {
    // A fork freezes a stream, and time passes, without a word in these rows.
    const stream = streams.get(row.stream as StreamId)
    if (stream === undefined) return undefined
    const end = voidFrom(stream.state)
    return {
      arrival,
      row,
      descriptor: stream.descriptor,
      state: stateOf(),
      ...(retraction === undefined ? {} : { retraction }),
      ...(row.bulletin === undefined ? {} : { summary: row.bulletin })
    }

    function stateOf(): BulletinState {
      if (row.seq >= end) return 'void'
      if (retraction !== undefined) return 'retracted'
      if (row.keepUntil <= deps.now()) return 'overdue'
      return row.opaque === undefined && row.bulletin !== undefined ? 'live' : 'opaque'
    }
  }

  function visible(held: HeldBulletin, sight: Sight): boolean {
    if (!tlpAtMost(held.descriptor.tlp, sight.maxTlp)) return false
    // What cannot be read has no PAP to judge by: as strict as can be. An erased one says nothing any more.
    const pap = (held.summary?.pap ?? 'RED') as Pap
    const settings = sight.detectNeeds === undefined ? {} : { detectNeeds: sight.detectNeeds }
    return mayUse(held.descriptor.tlp, pap, sight.use, settings).allowed
  }

  function body(held: HeldBulletin): Bulletin | undefined {
    const bytes = store.get(keys.body(held.row.stream, held.row.seq))
    const opened = bytes === undefined ? undefined : openBody('bulletin', bytes)
    return opened?.ok === true ? (opened.value as Bulletin) : undefined
  }

  function matches(held: HeldBulletin, filter: BulletinFilter): boolean {
    const { summary, row, descriptor } = held
    if (filter.all !== true && held.state !== 'live') return false
    if (filter.author !== undefined && descriptor.author !== filter.author) return false
    if (filter.tlp !== undefined && descriptor.tlp !== filter.tlp) return false
    if (filter.since !== undefined && row.at < filter.since) return false
    if (filter.until !== undefined && row.at > filter.until) return false
    if (filter.threat !== undefined && summary?.threat !== filter.threat) return false
    if (filter.type !== undefined && summary?.types.includes(filter.type) !== true) return false
    return filter.words === undefined || filter.words.length === 0 || hasWords(held, filter.words)
  }

  function hasWords(held: HeldBulletin, words: readonly string[]): boolean {
    const title = held.summary?.title.toLowerCase() ?? ''
    const missing = words.filter((word) => !title.includes(word))
    if (missing.length === 0) return true
    const full = body(held)
    if (full === undefined) return false
    const rest = [full.text, ...full.tags, ...full.indicators.map(({ value }) => value)].join('\n').toLowerCase()
    return missing.every((word) => rest.includes(word))
  }

  /** The narrowest index that serves the filter. */
  function rangeFor(filter: BulletinFilter): Range {
    if (filter.author !== undefined && filter.all !== true) return ranges.author(institutionKey(filter.author))
    if (filter.threat !== undefined) return ranges.threat(threatCode(filter.threat))
    return ranges.arrivals()
  }

  /** One bulletin sent to several recipients is listed once, by its first entry. */
  async function isRepeat(held: HeldBulletin): Promise<boolean> {
    const { descriptor, summary, arrival } = held
    if (summary === undefined || descriptor.tlp !== 'RED' || descriptor.author !== self) return false
    const [first] = await entriesOf(summary.id, self)
    return first !== undefined && first.arrival < arrival
  }

  async function page(
    filter: BulletinFilter,
    sight: Sight,
    { order, after, limit }: PageOptions
  ): Promise<{ items: HeldBulletin[]; next?: number }> {
    const items: HeldBulletin[] = []
    const reverse = order === 'newest'
    let looked = 0
    for await (const [key] of store.scan(startAfter(rangeFor(filter), after, reverse), { reverse })) {
      const arrival = arrivalOf(key)
      const held = at(arrival)
      // Only what the reader may see counts and can be named by the cursor: an empty page must not tell of the rest.
      if (held === undefined || !visible(held, sight)) continue
      looked += 1
      if (reverse && filter.since !== undefined && held.row.at < filter.since) break
      if (matches(held, filter) && !(await isRepeat(held))) items.push(held)
      if (items.length === limit || looked >= SCAN_AT_MOST) return { items, next: arrival }
    }
    return { items }
  }

  async function entriesOf(id: string, author: InstitutionId): Promise<HeldBulletin[]> {
    const held: HeldBulletin[] = []
    for await (const [key] of store.scan(ranges.bulletin(id))) {
      const one = at(arrivalOf(key))
      if (one?.descriptor.author === author) held.push(one)
    }
    return held
  }

  async function find(prefix: string, sight: Sight): Promise<HeldBulletin[][]> {
    const digits = prefix.toLowerCase().replaceAll('-', '')
    if (!/^[0-9a-f]{4,64}$/.test(digits)) return []
    const found = new Map<string, HeldBulletin[]>()
    const add = (held: HeldBulletin | undefined, id: string): void => {
      if (held === undefined || !visible(held, sight)) return
      const group = found.get(`${id}/${held.descriptor.author}`) ?? []
      if (!group.some(({ arrival }) => arrival === held.arrival)) group.push(held)
      found.set(`${id}/${held.descriptor.author}`, group)
    }
    if (digits.length <= 32) {
      for await (const [key] of store.scan(ranges.bulletinPrefix(digits), { limit: 1000 })) {
        const id = Buffer.from(key.subarray(1, 17)).toString('hex')
        if (id.startsWith(digits)) add(at(arrivalOf(key)), id)
      }
    }
    for await (const [key, value] of store.scan(ranges.entryPrefix(digits), { limit: 1000 })) {
      if (!Buffer.from(key.subarray(1)).toString('hex').startsWith(digits)) continue
      const held = at(readEntryRow(value).arrival)
      if (held !== undefined) add(held, (held.summary?.id ?? held.row.id)?.replaceAll('-', '') ?? held.row.entry)
    }
    return [...found.values()]
  }

  function attachment(held: HeldBulletin, entry: string): Attachment | undefined {
    const place = store.get(keys.entry(entry))
    if (place === undefined) return undefined
    const { stream, seq } = readEntryRow(place)
    if (stream !== held.row.stream) return undefined
    const bytes = store.get(keys.body(stream, seq))
    const opened = bytes === undefined ? undefined : openBody('attachment', bytes)
    return opened?.ok === true ? (opened.value as Attachment) : undefined
  }

  return { at, visible, matches, page, find, entriesOf, body, attachment }
}

/** Narrows a range of keys that end in an arrival number to what lies after `after` in the direction of the scan. */
function startAfter(range: Range, after: number | undefined, reverse: boolean): Range {
  if (after === undefined) return range
  const edge = new Uint8Array(range.gte.length + 8)
  edge.set(range.gte)
  new DataView(edge.buffer).setBigUint64(range.gte.length, BigInt(reverse ? after : after + 1))
  return reverse ? { gte: range.gte, lt: edge } : { gte: edge, lt: range.lt }
}
