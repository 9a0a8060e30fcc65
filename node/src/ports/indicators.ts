/** Searching and looking up by value; tracing where a value is, how it came and what may be done with it. */
import type { ApiPorts, BulletinQuery, IndicatorHitView, LookupView, Page, Reader } from '@tocsin/api'
import {
  defang,
  guessTypes,
  type Indicator,
  type IndicatorType,
  type InstitutionId,
  isIndicatorType,
  mayUse,
  type Pap,
  refang,
  USES
} from '@tocsin/model'
import { type IndicatorHit, ReplicaError } from '@tocsin/replica'
import { institutionView } from './names.ts'
import { filterOf, readCursor } from './query.ts'
import { sightOf } from './sight.ts'
import { hitView, iso, summaryView, type ViewDeps } from './views.ts'

/** Hits of one value: more than this many bulletins about one thing are cut, newest last. */
const HITS_AT_MOST = 1000
/** Values of one look-up whose reads run side by side. */
const LOOKED_UP_AT_ONCE = 64

async function hitsOf(
  deps: ViewDeps,
  value: string,
  type: string | undefined,
  reader: Reader,
  within: boolean
): Promise<IndicatorHit[]> {
  const found = await Promise.all(
    typesOf(value, type).map((guess) =>
      deps.indicators.lookup(guess.type, guess.value, sightOf(reader), { within, limit: HITS_AT_MOST })
    )
  )
  // The same entry can say a value under two types; each is a hit of its own.
  return found.flat().sort((a, b) => a.held.arrival - b.held.arrival)
}

function typesOf(value: string, type: string | undefined): readonly { type: IndicatorType; value: string }[] {
  const guesses = guessTypes(value)
  return type === undefined ? guesses : guesses.filter((guess) => guess.type === type)
}

/** A page of indicators: of one value, or of every bulletin that the query finds. */
export async function indicatorSearch(
  deps: ViewDeps,
  query: BulletinQuery,
  reader: Reader
): Promise<Page<IndicatorHitView>> {
  if (query.value !== undefined) return ofValue(deps, query, query.value, reader)
  const items: IndicatorHitView[] = []
  const filter = filterOf(deps, query)
  // A bulletin is never cut in two: a page ends with the bulletin that fills it.
  const { items: held, next } = await deps.bulletins.page(filter, sightOf(reader), {
    order: query.order ?? 'arrival',
    limit: Math.max(1, Math.ceil(query.limit / 16)),
    ...readCursor(query.cursor)
  })
  let last: number | undefined
  for (const bulletin of held) {
    for (const indicator of deps.bulletins.body(bulletin)?.indicators ?? []) {
      if (query.type === undefined || indicator.type === query.type)
        items.push(await hitView(deps, bulletin, indicator as Indicator))
    }
    last = bulletin.arrival
    if (items.length >= query.limit) break
  }
  const more = last !== undefined && items.length >= query.limit ? last : next
  return { items, ...(more === undefined ? {} : { next: more.toString(36) }) }
}

async function ofValue(
  deps: ViewDeps,
  query: BulletinQuery,
  value: string,
  reader: Reader
): Promise<Page<IndicatorHitView>> {
  const { after } = readCursor(query.cursor)
  const filter = filterOf(deps, query)
  const all = (await hitsOf(deps, value, query.type, reader, true)).filter(({ held }) => {
    if (after !== undefined && held.arrival <= after) return false
    if (filter.all !== true && held.state !== 'live') return false
    if (filter.author !== undefined && held.descriptor.author !== filter.author) return false
    if (filter.threat !== undefined && held.summary?.threat !== filter.threat) return false
    if (filter.tlp !== undefined && held.descriptor.tlp !== filter.tlp) return false
    return (
      (filter.since === undefined || held.row.at >= filter.since) &&
      (filter.until === undefined || held.row.at <= filter.until)
    )
  })
  const page = all.slice(0, query.limit)
  const items = await Promise.all(page.map(({ held, indicator }) => hitView(deps, held, indicator)))
  const last = page.at(-1)
  return { items, ...(all.length > page.length && last !== undefined ? { next: last.held.arrival.toString(36) } : {}) }
}

export function createIndicatorPorts(deps: ViewDeps): ApiPorts['indicators'] {
  const { replica } = deps

  async function lookUp(value: string, reader: Reader): Promise<LookupView> {
    const types = typesOf(value, undefined).map(({ type }) => type)
    const live = (await hitsOf(deps, value, undefined, reader, true)).filter(({ held }) => held.state === 'live')
    const hits = await Promise.all(live.map(({ held, indicator }) => hitView(deps, held, indicator)))
    return { value, types, hits }
  }

  return {
    search: (query, reader) => indicatorSearch(deps, query, reader),
    lookup: async (values, reader) => {
      const results: LookupView[] = []
      // A few at a time: the database reads in parallel, and ten thousand values never hold ten thousand iterators.
      for (let start = 0; start < values.length; start += LOOKED_UP_AT_ONCE) {
        const part = values.slice(start, start + LOOKED_UP_AT_ONCE)
        results.push(...(await Promise.all(part.map((value) => lookUp(value, reader)))))
      }
      return results
    },
    trace: async (value, reader) => {
      const types = typesOf(value, undefined)
      const hits = await hitsOf(deps, value, undefined, reader, true)
      const views = []
      for (const { held, indicator } of hits) {
        const { state } = (await deps.indicators.factsOf(held))(indicator)
        const pap = (held.summary?.pap ?? 'RED') as Pap
        views.push({
          bulletin: summaryView(deps, held),
          role: indicator.role,
          state,
          entry: held.row.entry,
          ...(held.row.via === undefined ? {} : { via: institutionView(replica, held.row.via as InstitutionId) }),
          receivedAt: iso(held.row.at),
          uses: USES.map((use) => {
            const verdict = mayUse(held.descriptor.tlp, pap, use)
            return verdict.allowed ? { use, allowed: true } : { use, allowed: false, code: verdict.code }
          })
        })
      }
      const [first] = types
      return {
        value: first === undefined ? refang(value) : defang(first.type, first.value),
        types: types.map(({ type }) => type),
        hits: views
      }
    }
  }
}

/** The indicator of a bulletin that a person means by this text. @throws ReplicaError indicator-not-in-bulletin */
export function indicatorNamed(
  of: readonly { readonly type: string; readonly value: string }[],
  text: string
): { type: IndicatorType; value: string } {
  const guesses = guessTypes(text)
  const found = of.find(
    ({ type, value }) => value === text || guesses.some((guess) => guess.type === type && guess.value === value)
  )
  if (found === undefined || !isIndicatorType(found.type))
    throw new ReplicaError('indicator-not-in-bulletin', 'the bulletin does not hold this value', { value: text })
  return { type: found.type, value: found.value }
}
