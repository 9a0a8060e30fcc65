/** Feeds: what may be used for what, at this moment. Nothing leaves without the use rule and the safety catch. */
import type { ApiPorts, FeedFormatView, FeedQuery, FeedRefusal, OpenFeed, Reader } from '@tocsin/api'
import {
  FEED_NAMES,
  FEEDS,
  type FeedInfo,
  type FeedItem,
  type FeedName,
  type FeedOptionName,
  feedEtag,
  isFeedName,
  nextSerial,
  type RuleItem
} from '@tocsin/connectors'
import { sha256Hex, utf8 } from '@tocsin/journal'
import { type Bulletin, type IndicatorType, isIndicatorType, mayUse, type Use } from '@tocsin/model'
import type { BulletinFilter, HeldBulletin } from '@tocsin/replica'
import { keys, ranges, readRow, writeRow } from '@tocsin/store'
import { NodeError } from '../errors.ts'
import { aboutOf } from './about.ts'
import { createFeedHashes } from './feed-hashes.ts'
import { resolveInstitution } from './names.ts'
import { sightOf } from './sight.ts'
import { createUseRules, refusalOf, type UseRuleDeps, type UseRules } from './use-rules.ts'

export interface FeedDeps extends UseRuleDeps {
  /** Moves whenever an entry arrived, was erased, or a roster changed. */
  readonly version: () => string
  /** Where what is too much to hold is sorted and kept: nobody else's. */
  readonly folder: string
}

interface Serial {
  readonly hash: string
  readonly serial: number
  /** ms: when it moved. */
  readonly at: number
}

const PAGE = 256
/** Indicators judged at a stretch: a few milliseconds. */
const INDICATORS_A_TURN = 1000
/** Zones whose serial is remembered; one forgotten takes the clock, which is newer (RFC 1982, connectors' nextSerial). */
const SERIALS_AT_MOST = 256

/** What doors other than HTTP make their feeds of. */
export interface FeedContents {
  /** Everything that may be used so, in order of arrival. */
  items(query: FeedQuery, use: Use, reader: Reader): AsyncIterable<readonly FeedItem[]>
  /** Where what is too much to hold is sorted. */
  readonly folder: string
  /** Moves whenever what is in a feed may have changed, but for what ends by the clock. */
  version(): string
  /** Of a zone under a name of its own; moves only with the hash, and survives restarts. */
  serial(name: string, hash: string): Promise<number>
  /** How many a feed leaves out, by rule. */
  leftOut(name: FeedName, query: FeedQuery, reader: Reader): Promise<Readonly<Record<string, number>>>
}

export function createFeedPorts(deps: FeedDeps): {
  readonly ports: ApiPorts['feeds']
  readonly contents: FeedContents
} {
  const { replica, bulletins, indicators } = deps
  const useRules = createUseRules(deps)
  const contentVersion = (): string => `${deps.version()}/${deps.exceptions.version()}`
  const hashes = createFeedHashes(contentVersion, replica.world.now, deps.folder)

  function useOf(name: FeedName, query: FeedQuery, reader: Reader): Use {
    const { use: standard, actsAtOnce } = FEEDS[name]
    if (reader.scope === 'admin') return query.use ?? standard
    const wanted = query.use ?? (actsAtOnce ? standard : reader.use)
    // A token speaks for one use: a list made for hunting must not end in a resolver.
    if (wanted !== reader.use) throw new NodeError('forbidden-use', undefined, { use: wanted, allowed: reader.use })
    return wanted
  }

  type Refuse = (refusal: FeedRefusal) => void
  /** What of a bulletin passes; what does not is told. */
  type Gate<T> = (held: HeldBulletin, rules: UseRules, refuse: Refuse) => Promise<readonly T[]>

  /** Everything that passes, in order of arrival; what does not is told to `refuse`, if somebody asks. */
  async function* passing<T>(
    gate: Gate<T>,
    query: FeedQuery,
    use: Use,
    reader: Reader,
    refuse: Refuse | undefined
  ): AsyncGenerator<readonly T[]> {
    const rules = useRules.now(use)
    // Whoever asks what was left out is told of the use rule and of retractions too, as far as he may see: an admin.
    const sight = { ...sightOf(deps, reader), ...(refuse === undefined ? { use } : {}) }
    const filter: BulletinFilter = {
      ...(query.threat === undefined ? {} : { threat: query.threat }),
      ...(query.author === undefined ? {} : { author: resolveInstitution(replica, query.author) }),
      ...(query.maxAge === undefined ? {} : { since: replica.world.now() - query.maxAge }),
      ...(refuse === undefined ? {} : { all: true })
    }
    let after: number | undefined
    let sinceTurn = 0
    do {
      const page = await bulletins.page(filter, sight, {
        order: 'arrival',
        limit: PAGE,
        ...(after === undefined ? {} : { after })
      })
      for (const held of page.items) {
        if ((held.summary?.confidence ?? 0) < (query.minConfidence ?? 0)) continue
        yield await gate(held, rules, refuse ?? (() => undefined))
        // A large feed must not keep everybody else waiting.
        sinceTurn += held.summary?.count ?? 0
        if (sinceTurn < INDICATORS_A_TURN) continue
        await new Promise((resolve) => setImmediate(resolve))
        sinceTurn = 0
      }
      after = page.next
    } while (after !== undefined)
  }

  async function itemsOf(held: HeldBulletin, rules: UseRules, refuse: Refuse): Promise<readonly FeedItem[]> {
    const body = bulletins.body(held)
    if (body === undefined || held.state === 'void') return []
    const about = aboutOf(replica, held, body)
    const usable = usableFor(held, body, rules)
    const factsOf = await indicators.factsOf(held)
    const passed: FeedItem[] = []
    for (const indicator of body.indicators) {
      const code = usable.allowed ? refusalOf(rules, indicator, held, factsOf(indicator)) : usable.code
      if (code === undefined) passed.push({ indicator, bulletin: about })
      else refuse({ type: indicator.type, value: indicator.value, bulletin: body.id, code })
    }
    return passed
  }

  async function rulesOf(held: HeldBulletin, rules: UseRules, refuse: Refuse): Promise<readonly RuleItem[]> {
    const body = bulletins.body(held)
    if (body === undefined || held.state === 'void' || body.rules.length === 0) return []
    const about = aboutOf(replica, held, body)
    const usable = usableFor(held, body, rules)
    const state = held.state === 'live' ? undefined : held.state === 'overdue' ? 'expired' : 'retracted'
    const code = usable.allowed ? state : usable.code
    if (code === undefined) return body.rules.map((rule) => ({ rule, bulletin: about }))
    for (const { kind, name } of body.rules) refuse({ type: kind, value: name, bulletin: body.id, code })
    return []
  }

  /** May this use be made of a bulletin of these labels, by the operator's settings? */
  const usableFor = (held: HeldBulletin, body: Bulletin, rules: UseRules): ReturnType<typeof mayUse> =>
    mayUse(held.descriptor.tlp, body.pap, rules.use, { detectNeeds: deps.detectNeeds })

  function write(
    name: FeedName,
    query: FeedQuery,
    use: Use,
    reader: Reader,
    serial: number,
    refuse?: (refusal: FeedRefusal) => void
  ): AsyncIterable<string> {
    const types = query.types?.filter(isIndicatorType) as IndicatorType[] | undefined
    const heeds = (option: FeedOptionName): boolean => FEEDS[name].options.includes(option)
    const { rules } = FEEDS[name]
    const refuseKind: Refuse = (refusal) => (rules === undefined || refusal.type === rules) && refuse?.(refusal)
    const told = refuse === undefined ? undefined : refuseKind
    return FEEDS[name].write(rules === undefined ? passing(itemsOf, query, use, reader, told) : nothing(), {
      use,
      ...(rules === undefined ? {} : { rules: passing(rulesOf, query, use, reader, told) }),
      useSettings: { detectNeeds: deps.detectNeeds },
      folder: deps.folder,
      ...(types === undefined ? {} : { types }),
      ...(query.zone === undefined || !heeds('zone') ? {} : { zone: query.zone }),
      ...(query.comments === false && heeds('comments') ? { comments: 'none' } : {}),
      ...(query.limit === undefined ? {} : { limit: query.limit }),
      ...(heeds('serial') ? { serial } : {}),
      onRefused: ({ type, value, bulletin, code }) => refuse?.({ type, value, bulletin: bulletin.id, code })
    })
  }

  /** One name for what a reader asks for: equal answers have equal names. */
  function nameFor(name: FeedName, query: FeedQuery, use: Use, reader: Reader): string {
    return sha256Hex(utf8(JSON.stringify([name, Object.entries({ ...query, use }).sort(), reader.maxTlp])))
  }

  /** The serial moves only when the content does, and survives restarts. */
  async function serialFor(id: string, hash: string): Promise<number> {
    const key = keys.local('feed-serial', id)
    const now = replica.world.now()
    const held = replica.store.get(key)
    if (held !== undefined) {
      const last = readRow<Serial>(held)
      if (last.hash === hash) return last.serial
    }
    const given = await replica.store.transact((tx) => {
      const row = tx.get(key)
      const last = row === undefined ? undefined : readRow<Serial>(row)
      if (last?.hash === hash) return last.serial
      const serial = nextSerial(last?.serial, true, now)
      tx.put(key, writeRow({ hash, serial, at: now } satisfies Serial))
      return serial
    })
    await forgetSerials()
    return given
  }

  /** Whoever may read feeds can ask for as many zones as he likes. */
  async function forgetSerials(): Promise<void> {
    const rows: { key: Uint8Array; at: number }[] = []
    for await (const [key, value] of replica.store.scan(ranges.local('feed-serial'))) {
      rows.push({ key, at: readRow<Partial<Serial>>(value).at ?? 0 })
    }
    const old = rows.sort((a, b) => b.at - a.at).slice(SERIALS_AT_MOST)
    if (old.length === 0) return
    await replica.store.transact((tx) => {
      for (const { key } of old) tx.del(key)
    })
  }

  function named(name: string): FeedName {
    if (!isFeedName(name)) throw new RangeError(`no feed ${name}: the HTTP door lets none through`)
    return name
  }

  const ports: ApiPorts['feeds'] = {
    table: FEED_NAMES.map((name) => viewOf(FEEDS[name])),
    open: async (text, query, reader): Promise<OpenFeed> => {
      const name = named(text)
      const use = useOf(name, query, reader)
      const id = nameFor(name, query, use, reader)
      const hasSerial = FEEDS[name].options.includes('serial')
      // Only a zone says its serial, which its hash leaves out.
      const { hash, body } = await hashes.of(id, () => write(name, query, use, reader, 0), { keep: !hasSerial })
      const serial = hasSerial ? await serialFor(id, hash) : 0
      return {
        mediaType: FEEDS[name].mediaType,
        etag: feedEtag(hash),
        body: body ?? write(name, query, use, reader, serial)
      }
    },
    refused: async (text, query, reader) => {
      const name = named(text)
      const refusals: FeedRefusal[] = []
      const pieces = write(name, query, useOf(name, query, reader), reader, 0, (refusal) => refusals.push(refusal))
      for await (const _ of pieces) {
        // Only the refusals are wanted.
      }
      return refusals
    }
  }

  const contents: FeedContents = {
    items: (query, use, reader) => passing(itemsOf, query, use, reader, undefined),
    folder: deps.folder,
    version: contentVersion,
    serial: (name, hash) => serialFor(sha256Hex(utf8(name)), hash),
    leftOut: async (name, query, reader) => {
      const counts: Record<string, number> = {}
      const pieces = write(name, query, useOf(name, query, reader), reader, 0, ({ code }) => {
        counts[code] = (counts[code] ?? 0) + 1
      })
      for await (const _ of pieces) {
        // Only what is not in them is wanted.
      }
      return counts
    }
  }
  return { ports, contents }
}

/** What a feed of rules is handed of indicators. */
async function* nothing(): AsyncGenerator<FeedItem> {}

function viewOf({ name, title, mediaType, extension, use, types, options, limit }: FeedInfo): FeedFormatView {
  return {
    name,
    title,
    mediaType,
    extension,
    use,
    types: [...types],
    options: options.filter((option) => option !== 'serial' && option !== 'ttl'),
    ...(limit === undefined ? {} : { limit })
  }
}
