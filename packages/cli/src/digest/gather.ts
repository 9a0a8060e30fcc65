import type { BulletinSummaryView, BulletinView, OwnCardView, SightingView } from '@tocsin/api'
import { type Client, type Query, segment } from '../client.ts'
import { Problem } from '../errors.ts'

/** What others said of an indicator of ours in the period. */
export interface SeenIndicator {
  readonly type: string
  readonly defanged: string
  /** Times it was seen, by their counts. */
  readonly seen: number
  /** Words that call it wrong, and that say it is over. */
  readonly wrong: number
  readonly over: number
}

/** A bulletin of ours that others spoke of in the period. */
export interface SeenBulletin extends BulletinSummaryView {
  readonly said: readonly SeenIndicator[]
}

/** What came in a period, as far as a mail may say it. */
export interface Digest {
  /** In the order of arrival. */
  readonly fresh: readonly BulletinView[]
  readonly retracted: readonly BulletinView[]
  readonly seen: readonly SeenBulletin[]
  /** New ones of which only the number is told. */
  readonly more: number
}

/** Bulletins read whole for each part; the rest is counted. */
const MOST = 200

interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/**
 * Asks the node for what came here since a moment (ms): by its own clock, so that what was long on its way is told once
 * it is here. TLP:RED is for named recipients: nothing here tells of it, not even its number.
 */
export async function gatherDigest(client: Client, since: number): Promise<Digest> {
  const fresh: BulletinSummaryView[] = []
  const gone: BulletinSummaryView[] = []
  const mine = new Map<string, BulletinSummaryView>()
  const me = (await client.get<OwnCardView>('/v1/card')).id
  const bulletins = pages<BulletinSummaryView>(client, '/v1/bulletins', { state: 'all', order: 'arrival' })
  for await (const one of bulletins) {
    if (one.tlp === 'RED') continue
    if (one.author.id === me) mine.set(one.id, one)
    if (one.state === 'live' && Date.parse(one.receivedAt) >= since) fresh.push(one)
    if (Date.parse(one.retractedAt ?? '') >= since) gone.push(one)
  }
  const shown = await wholes(client, fresh.slice(-MOST))
  const retracted = await wholes(client, gone.slice(-MOST))
  return {
    fresh: shown,
    retracted,
    seen: await seenSince(client, { since, me, mine }),
    more: fresh.length - shown.length
  }
}

/** Bulletins of ours in the order in which others first spoke of them. */
async function seenSince(
  client: Client,
  { since, me, mine }: { since: number; me: string; mine: ReadonlyMap<string, BulletinSummaryView> }
): Promise<readonly SeenBulletin[]> {
  const said = new Map<string, Map<string, SeenIndicator>>()
  const query = { author: me, since: new Date(since).toISOString() }
  for await (const one of pages<SightingView>(client, '/v1/sightings', query)) {
    // What came to us alone stays with us; what we said ourselves is no news.
    if (one.tlp === 'RED' || one.by.id === me || !mine.has(one.bulletin)) continue
    const of = said.get(one.bulletin) ?? new Map<string, SeenIndicator>()
    said.set(one.bulletin, of)
    const { type, defanged, kind, count } = one
    const { seen, wrong, over } = of.get(`${type} ${defanged}`) ?? { seen: 0, wrong: 0, over: 0 }
    of.set(`${type} ${defanged}`, {
      type,
      defanged,
      seen: seen + (kind === 'sighting' ? count : 0),
      wrong: wrong + (kind === 'false-positive' ? 1 : 0),
      over: over + (kind === 'expiration' ? 1 : 0)
    })
  }
  return [...said].flatMap(([id, of]) => {
    const one = mine.get(id)
    return one === undefined ? [] : [{ ...one, said: [...of.values()] }]
  })
}

async function wholes(client: Client, listed: readonly BulletinSummaryView[]): Promise<readonly BulletinView[]> {
  const views: BulletinView[] = []
  for (const one of listed) {
    const view = await whole(client, one)
    if (view !== undefined) views.push(view)
  }
  return views
}

/**
 * The bulletin that was listed; undefined if it is gone since. Authors choose their ids: where two chose one, the node
 * names the entries, and the place in the order of arrival says which is meant.
 */
async function whole(client: Client, { id, arrival }: BulletinSummaryView): Promise<BulletinView | undefined> {
  try {
    return await read(client, id)
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    const { candidates } = error.facts
    for (const entry of Array.isArray(candidates) ? candidates.map(String) : []) {
      const view = await read(client, entry)
      if (view.arrival === arrival) return view
    }
    return undefined
  }
}

const read = (client: Client, id: string): Promise<BulletinView> =>
  client.get<BulletinView>(`/v1/bulletins/${segment(id)}`)

async function* pages<T>(client: Client, path: string, query: Query): AsyncGenerator<T> {
  let cursor: string | undefined
  do {
    const page = await client.get<Page<T>>(path, { ...query, limit: 1_000, cursor })
    yield* page.items
    cursor = page.next
  } while (cursor !== undefined)
}
