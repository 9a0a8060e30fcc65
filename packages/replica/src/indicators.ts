/** Look-ups by value, and what is known of each indicator: in use or not, seen by whom, contested by whom. */
import { decodeDescriptor, institutionKey, type StreamDescriptor } from '@tocsin/journal'
import {
  domainWithin,
  INDICATOR_TYPES,
  type Indicator,
  type IndicatorType,
  type InstitutionId,
  type Tlp,
  tlpAtMost
} from '@tocsin/model'
import {
  arrivalOf,
  type DisablingRow,
  disablingOf,
  type IndicatorRow,
  keys,
  ranges,
  readRow,
  type SightingRow,
  type Store,
  startingWith,
  valuePart
} from '@tocsin/store'
import type { Book } from './book.ts'
import type { BulletinReader, HeldBulletin, Sight } from './bulletins.ts'
import { readEntryRow } from './index-entry.ts'
import type {
  FactsOf,
  IndicatorFacts,
  IndicatorHit,
  IndicatorReader,
  JudgedIndicator,
  PrivateSightings
} from './indicator-facts.ts'
import { indicatorPart, partText } from './read-bulletin.ts'
import { isVoid, retractionOf } from './rules.ts'

/** A sighting with its arrival, if it is about the bulletin itself and not about one that it replaced. */
type Word = SightingRow & { readonly arrival?: number }

/** Corrections of corrections whose sightings are still asked for; each costs one scan. */
const LONGEST_LINEAGE = 16

export function createIndicatorReader(deps: {
  store: Store
  book: Book
  bulletins: BulletinReader
  now: () => number
}): IndicatorReader {
  const { store, book, bulletins } = deps
  // Prefix lengths in use, so that a look-up asks for the few networks there can be and not for all 128.
  let lengths: Promise<Set<string>> | undefined
  let learns = false

  async function lengthsInUse(): Promise<Set<string>> {
    const found = new Set<string>()
    for await (const [, bytes] of store.scan(
      startingWith(Uint8Array.of('v'.charCodeAt(0), INDICATOR_TYPES.cidr.code))
    )) {
      const [address = '', length = ''] = (readRow<IndicatorRow>(bytes).v ?? '').split('/')
      found.add(`${address.includes(':') ? 6 : 4}/${length}`)
    }
    return found
  }

  function hitOf(
    [key, bytes]: readonly [Uint8Array, Uint8Array],
    type: IndicatorType,
    accept: (value: string) => boolean,
    sight: Sight
  ): IndicatorHit | undefined {
    const row = readRow<IndicatorRow>(bytes)
    if (!accept(row.v ?? '')) return undefined
    const held = bulletins.at(arrivalOf(key.subarray(0, key.length - 2)))
    if (held === undefined || !bulletins.visible(held, sight)) return undefined
    return { indicator: indicatorOf(type, row), held }
  }

  async function rows(
    range: { gte: Uint8Array; lt: Uint8Array },
    type: IndicatorType,
    accept: (value: string) => boolean,
    sight: Sight,
    limit: number
  ): Promise<IndicatorHit[]> {
    const hits: IndicatorHit[] = []
    for await (const row of store.scan(range)) {
      const hit = hitOf(row, type, accept, sight)
      if (hit !== undefined) hits.push(hit)
      if (hits.length >= limit) break
    }
    return hits
  }

  /** Of exactly this value: at once where the store remembers its rows. */
  async function exactly(
    part: Uint8Array,
    type: IndicatorType,
    value: string,
    sight: Sight,
    limit: number
  ): Promise<IndicatorHit[]> {
    const accept = (found: string): boolean => found === value
    const known = store.valueRows(part)
    if (known === undefined) return rows(ranges.indicator(part), type, accept, sight, limit)
    return known.flatMap((row) => hitOf(row, type, accept, sight) ?? []).slice(0, limit)
  }

  async function lookup(
    type: IndicatorType,
    value: string,
    sight: Sight,
    options: { within?: boolean; limit?: number } = {}
  ): Promise<IndicatorHit[]> {
    // Memory is given to look-ups once somebody looks up.
    if (!learns) void store.learn()
    learns = true
    const limit = options.limit ?? 1000
    const part = indicatorPart({ type, value })
    const exact = await exactly(part, type, value, sight, limit)
    if (options.within !== true) return exact
    if (type === 'domain') {
      if (!store.mayHoldBelow(part)) return exact
      const below = await rows(
        ranges.indicatorPrefix(part),
        type,
        (found) => found !== value && domainWithin(found, value),
        sight,
        limit
      )
      return [...exact, ...below].slice(0, limit)
    }
    if (type === 'ipv4' || type === 'ipv6')
      return [...exact, ...(await networksAround(value, sight, limit))].slice(0, limit)
    return exact
  }

  /** Every stored network that holds the address: one exact look-up for each prefix length in use. */
  async function networksAround(address: string, sight: Sight, limit: number): Promise<IndicatorHit[]> {
    const bits = address.includes(':') ? 128 : 32
    const hits: IndicatorHit[] = []
    lengths ??= lengthsInUse().catch((error: unknown) => {
      lengths = undefined
      throw error
    })
    const used = await lengths
    for (let length = bits; length >= 1 && hits.length < limit; length--) {
      const network = used.has(`${bits === 32 ? 4 : 6}/${length}`) ? networkOf(address, length) : undefined
      if (network === undefined) continue
      const part = valuePart(INDICATOR_TYPES.cidr.code, network)
      hits.push(...(await exactly(part, 'cidr', network, sight, limit)))
    }
    return hits
  }

  async function factsOf(held: HeldBulletin, sight?: Pick<Sight, 'maxTlp'>): Promise<FactsOf> {
    const author = institutionKey(held.descriptor.author)
    const disabled = new Map<string, number>()
    for await (const [key, bytes] of store.scan(ranges.disablings(held.row.entry, author))) {
      const entry = disablingOf(key)
      const place = counts(entry) === undefined ? undefined : store.get(keys.entry(entry))
      if (place === undefined) continue
      const { arrival } = readEntryRow(place)
      for (const part of readRow<DisablingRow>(bytes).parts)
        disabled.set(part, Math.max(disabled.get(part) ?? 0, arrival))
    }
    const sightings = new Map<string, Word[]>()
    for (const id of await lineage(held)) {
      const isOwn = id === (held.summary?.id ?? held.row.id)
      for await (const [key, bytes] of store.scan(ranges.sightings(id, author))) {
        const row = readRow<SightingRow>(bytes)
        if (!isWord(row, held) || !counts(row.entry, sight?.maxTlp)) continue
        const word = isOwn ? { ...row, arrival: arrivalOf(key) } : row
        const same = sightings.get(row.part)
        if (same === undefined) sightings.set(row.part, [word])
        else same.push(word)
      }
    }
    return (indicator) => {
      const part = disabled.size + sightings.size === 0 ? '' : partText(indicator)
      return judge(held, indicator, disabled.get(part), sightings.get(part) ?? [])
    }
  }

  async function privateSightings(
    held: HeldBulletin,
    indicator: Pick<JudgedIndicator, 'type' | 'value'>,
    sight: Pick<Sight, 'maxTlp'>
  ): Promise<PrivateSightings> {
    const { author } = held.descriptor
    const part = partText(indicator)
    const hidden = new Set<string>()
    const open = new Set<string>([author])
    const published: number[] = []
    for (const id of await lineage(held)) {
      for await (const [, bytes] of store.scan(ranges.sightings(id, institutionKey(author)))) {
        const row = readRow<SightingRow>(bytes)
        if (row.part !== part || row.kind !== 'sighting' || !isWord(row, held)) continue
        // A count that was taken back was read all the same.
        if (row.contributors !== undefined) published.push(row.contributors)
        const stream = row.contributors === undefined ? counts(row.entry, sight.maxTlp) : undefined
        if (stream === undefined || !hasVoice(held, row.author as InstitutionId)) continue
        // Whoever told the audience as well hides nothing: of a count it would only leave the others more alone.
        const told = stream.recipient === author ? hidden : open
        told.add(row.author)
      }
    }
    return { contributors: [...hidden].filter((id) => !open.has(id)).length, published }
  }

  async function said(
    held: HeldBulletin,
    { count, at, ...indicator }: Pick<JudgedIndicator, 'type' | 'value'> & { count: number; at: number },
    by: InstitutionId
  ): Promise<boolean> {
    const part = partText(indicator)
    const id = held.summary?.id ?? held.row.id
    if (id === undefined) return false
    for await (const [, bytes] of store.scan(ranges.sightings(id, institutionKey(held.descriptor.author)))) {
      const row = readRow<SightingRow>(bytes)
      if (row.author === by && row.part === part && row.kind === 'sighting' && row.count === count && row.at === at)
        return true
    }
    return false
  }

  /** Counts are their bulletin's author's alone. */
  function isWord({ contributors, author }: SightingRow, { descriptor }: HeldBulletin): boolean {
    return contributors === undefined || author === descriptor.author
  }

  /** The bulletin's own id, and those of the author's that it replaced: sightings follow to a successor (DESIGN §4). */
  async function lineage(held: HeldBulletin): Promise<ReadonlySet<string>> {
    const ids = new Set<string>()
    let one: HeldBulletin | undefined = held
    while (one !== undefined && ids.size < LONGEST_LINEAGE) {
      const id = one.summary?.id ?? one.row.id
      if (id === undefined || ids.has(id)) break
      ids.add(id)
      const before: string | undefined = one.summary?.supersedes ?? one.row.supersedes
      if (before === undefined) break
      const found: readonly HeldBulletin[] = await bulletins.entriesOf(before, held.descriptor.author)
      // Not held here: its sightings may be.
      if (found.length === 0) ids.add(before)
      one = found[0]
    }
    return ids
  }

  /**
   * The stream of an entry that still says something: not behind a fork's split, not taken back by its author, at most
   * `maxTlp`; of any other undefined.
   */
  function counts(entry: string, maxTlp: Tlp = 'RED'): StreamDescriptor | undefined {
    const place = store.get(keys.entry(entry))
    if (place === undefined) return undefined
    const { stream, seq } = readEntryRow(place)
    const bytes = store.get(keys.descriptor(stream))
    if (bytes === undefined || isVoid(store.get, stream, seq)) return undefined
    const { descriptor } = decodeDescriptor(bytes)
    const says = tlpAtMost(descriptor.tlp, maxTlp) && retractionOf(store.get, entry, descriptor) === undefined
    return says ? descriptor : undefined
  }

  function judge(
    held: HeldBulletin,
    indicator: JudgedIndicator,
    disabledBy: number | undefined,
    sightings: readonly Word[]
  ): IndicatorFacts {
    const disabled = disabledBy !== undefined
    const counts = { sighting: 0, falsePositive: 0, expiration: 0, private: 0 }
    const against = new Set<InstitutionId>()
    let renewedAt: number | undefined
    let renewed: number | undefined
    let contradicted: number | undefined
    let countedAt = 0
    for (const sighting of sightings) {
      if (sighting.kind === 'sighting') {
        if (sighting.contributors === undefined) counts.sighting += sighting.count
        else if (sighting.at >= countedAt) {
          counts.private = sighting.contributors
          countedAt = sighting.at
        }
        if (sighting.at > (renewedAt ?? 0)) {
          renewedAt = sighting.at
          renewed = sighting.arrival
        }
      } else {
        counts[sighting.kind === 'expiration' ? 'expiration' : 'falsePositive'] += 1
        const author = sighting.author as InstitutionId
        if (author !== held.descriptor.author && !hasVoice(held, author)) continue
        against.add(author)
        contradicted = Math.max(contradicted ?? 0, sighting.arrival ?? 0) || undefined
      }
    }
    const contested = isContested(held, against)
    const expired = indicator.validUntil !== undefined && Date.parse(indicator.validUntil) <= deps.now()
    const state =
      held.state !== 'live'
        ? 'retracted'
        : disabled
          ? 'disabled'
          : expired
            ? 'expired'
            : contested
              ? 'contested'
              : 'live'
    const since = {
      ...(disabledBy === undefined ? {} : { disabled: disabledBy }),
      ...(contested && contradicted !== undefined ? { contested: contradicted } : {}),
      ...(renewed === undefined ? {} : { renewed })
    }
    return { state, disabled, contested, counts, since, ...(renewedAt === undefined ? {} : { renewedAt }) }
  }

  /** Whoever is no member of the bulletin's circle has no say in what its members block. */
  function hasVoice({ descriptor }: HeldBulletin, author: InstitutionId): boolean {
    const { circle } = descriptor
    return circle === undefined ? book.view.knows(author) : book.view.isMember(circle, author)
  }

  /** By its author, or by at least max(2, k) institutions, so that one member cannot empty the block lists (DESIGN §6). */
  function isContested(held: HeldBulletin, against: ReadonlySet<InstitutionId>): boolean {
    if (against.has(held.descriptor.author)) return true
    const circle = held.descriptor.circle
    const threshold = circle === undefined ? 2 : (book.charter(circle)?.threshold ?? 2)
    return against.size >= Math.max(2, threshold)
  }

  return {
    lookup,
    factsOf,
    privateSightings,
    said,
    networksChanged: () => {
      lengths = undefined
    }
  }
}

function indicatorOf(type: IndicatorType, row: IndicatorRow): Indicator {
  return {
    type,
    value: row.v ?? '',
    role: row.r === 1 ? 'malicious' : 'context',
    ...(row.c === undefined ? {} : { comment: row.c }),
    ...(row.f === undefined ? {} : { firstSeen: row.f }),
    ...(row.l === undefined ? {} : { lastSeen: row.l }),
    ...(row.u === undefined ? {} : { validUntil: row.u })
  } as Indicator
}

function networkOf(address: string, length: number): string | undefined {
  const parsed = INDICATOR_TYPES.cidr.parse(`${address}/${length}`)
  return parsed.ok ? parsed.value : undefined
}
