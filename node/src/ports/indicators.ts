/** Searching and looking up by value; tracing where a value is, how it came and what may be done with it. */
import type { ApiPorts, BulletinQuery, IndicatorHitView, LookupView, Page, Reader } from '@tocsin/api'
import {
  defang,
  guessTypes,
  type IndicatorType,
  type InstitutionId,
  isIndicatorType,
  mayUse,
  type Pap,
  parseIndicator,
  refang,
  type TypedValue,
  USES
} from '@tocsin/model'
import { type IndicatorHit, ReplicaError } from '@tocsin/replica'
import { institutionView } from './names.ts'
import { filterOf, readCursor } from './query.ts'
import { sightOf } from './sight.ts'
import { hitViews, iso, summaryView, type ViewDeps } from './views.ts'

/** Hits of one value in a look-up or a trace: more than this many are cut, newest last. */
const HITS_AT_MOST = 1000
/** Hits of one value that the pages of a search go through, all in memory: a domain's subdomains, mostly. */
const SEARCHED_AT_MOST = 50_000
/** Values of one look-up whose reads run side by side. */
const LOOKED_UP_AT_ONCE = 64

/** Everything that the value can be or lies in, in order of arrival. */
async function hitsOf(
  deps: ViewDeps,
  guesses: readonly TypedValue[],
  reader: Reader,
  limit: number
): Promise<IndicatorHit[]> {
  const sight = sightOf(deps, reader)
  const found = await Promise.all(
    guesses.map((guess) => deps.indicators.lookup(guess.type, guess.value, sight, { within: true, limit }))
  )
  // The same entry can say a value under two types; each is a hit of its own.
  return found.flat().sort((a, b) => a.held.arrival - b.held.arrival)
}

/** With a type, also what nobody would guess a text to be: a mutex, an account. */
function typesOf(value: string, type?: string): readonly TypedValue[] {
  const guesses = guessTypes(value)
  if (type === undefined || !isIndicatorType(type) || guesses.some((guess) => guess.type === type)) return guesses
  const parsed = parseIndicator(type, value)
  return parsed.ok ? [...guesses, { type, value: parsed.value }] : guesses
}

/** A page of indicators: of one value, or of every bulletin that the query finds. */
export async function indicatorSearch(
  deps: ViewDeps,
  query: BulletinQuery,
  reader: Reader
): Promise<Page<IndicatorHitView>> {
  if (query.value !== undefined) return ofValue(deps, query, query.value, reader)
  const hits: IndicatorHit[] = []
  const sight = sightOf(deps, reader)
  // A bulletin is never cut in two: a page ends with the bulletin that fills it.
  const { items: held, next } = await deps.bulletins.page(filterOf(deps, query), sight, {
    order: query.order ?? 'arrival',
    limit: Math.max(1, Math.ceil(query.limit / 16)),
    ...readCursor(query.cursor)
  })
  let more = next
  for (const bulletin of held) {
    for (const indicator of deps.bulletins.body(bulletin)?.indicators ?? []) {
      if (query.type === undefined || indicator.type === query.type) hits.push({ held: bulletin, indicator })
    }
    if (hits.length < query.limit) continue
    if (bulletin !== held.at(-1)) more = bulletin.arrival
    break
  }
  const items = await hitViews(deps, hits, sight)
  return { items, ...(more === undefined ? {} : { next: more.toString(36) }) }
}

async function ofValue(
  deps: ViewDeps,
  query: BulletinQuery,
  value: string,
  reader: Reader
): Promise<Page<IndicatorHitView>> {
  const { after } = readCursor(query.cursor)
  // The type is the indicator's: an address may be meant by a network around it.
  const { type, ...filter } = filterOf(deps, query)
  const newest = query.order === 'newest'
  const all = (await hitsOf(deps, typesOf(value, type), reader, SEARCHED_AT_MOST)).filter(({ held, indicator }) => {
    if (after !== undefined && (newest ? held.arrival >= after : held.arrival <= after)) return false
    return (type === undefined || indicator.type === type) && deps.bulletins.matches(held, filter)
  })
  if (newest) all.reverse()
  // One bulletin can say a value in several ways: a page ends behind all of them, since the cursor names the bulletin.
  let end = Math.min(query.limit, all.length)
  while (end < all.length && all[end]?.held.arrival === all[end - 1]?.held.arrival) end += 1
  const page = all.slice(0, end)
  const items = await hitViews(deps, page, sightOf(deps, reader))
  const last = page.at(-1)
  return { items, ...(all.length > end && last !== undefined ? { next: last.held.arrival.toString(36) } : {}) }
}

export function createIndicatorPorts(deps: ViewDeps): ApiPorts['indicators'] {
  const { replica } = deps

  async function lookUp(value: string, reader: Reader): Promise<LookupView> {
    const types = typesOf(value)
    const live = (await hitsOf(deps, types, reader, HITS_AT_MOST)).filter(({ held }) => held.state === 'live')
    return { value, types: types.map(({ type }) => type), hits: await hitViews(deps, live, sightOf(deps, reader)) }
  }

  return {
    search: (query, reader) => indicatorSearch(deps, query, reader),
    lookup: async (values, reader) => {
      const results: LookupView[] = []
      // A few at a time: the database reads in parallel, and ten thousand values never hold ten thousand iterators.
      for (let start = 0; start < values.length; start += LOOKED_UP_AT_ONCE) {
        const part = values.slice(start, start + LOOKED_UP_AT_ONCE)
        results.push(...(await Promise.all(part.map((value) => lookUp(value, reader)))))
        // What is in memory waits for nobody: others have their turn here.
        if (start + LOOKED_UP_AT_ONCE < values.length) await new Promise((resolve) => setImmediate(resolve))
      }
      return results
    },
    trace: async (value, reader) => {
      const types = typesOf(value)
      const sight = sightOf(deps, reader)
      const hits = await hitsOf(deps, types, reader, HITS_AT_MOST)
      const views = []
      for (const { held, indicator } of hits) {
        const { state } = (await deps.indicators.factsOf(held, sight))(indicator)
        const pap = (held.summary?.pap ?? 'RED') as Pap
        views.push({
          bulletin: summaryView(deps, held),
          role: indicator.role,
          state,
          entry: held.row.entry,
          ...(held.row.via === undefined ? {} : { via: institutionView(replica, held.row.via as InstitutionId) }),
          receivedAt: iso(held.row.at),
          uses: USES.map((use) => {
            const verdict = mayUse(held.descriptor.tlp, pap, use, { detectNeeds: deps.detectNeeds })
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
