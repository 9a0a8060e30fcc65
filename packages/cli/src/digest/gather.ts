import type { BulletinSummaryView, BulletinView, StatusView } from '@tocsin/api'
import { type Client, type Query, segment } from '../client.ts'
import { Problem } from '../errors.ts'

/** What happened in a period, as far as a mail may say it. */
export interface Digest {
  /** In the order of arrival. */
  readonly fresh: readonly BulletinView[]
  readonly retracted: readonly BulletinView[]
  /** Our own that somebody said something of. */
  readonly seen: readonly BulletinView[]
  /** New ones of which only the number is told. */
  readonly more: number
}

/** Bulletins read whole for each part; the rest is counted. */
const MOST = 200
const DAY = 86_400_000
/** How far back our own bulletins are looked at for what others saw of them, in ms. */
const OWN_SPAN = 90 * DAY

interface Page {
  readonly items: readonly BulletinSummaryView[]
  readonly next?: string
}

/** Asks the node. TLP:RED is for named recipients: nothing here tells of it, not even its number. */
export async function gatherDigest(client: Client, since: number, now: number): Promise<Digest> {
  const me = (await client.get<StatusView>('/v1/status')).institution.id
  const fresh: BulletinSummaryView[] = []
  const retracted: BulletinView[] = []
  const own: BulletinSummaryView[] = []
  for await (const one of summaries(client, { state: 'all' })) {
    if (one.tlp === 'RED') continue
    if (one.state === 'retracted' && retracted.length < MOST) {
      const view = await whole(client, one)
      if (view !== undefined && Date.parse(view.retraction?.at ?? '') >= since) retracted.push(view)
    }
    if (one.state !== 'live') continue
    if (Date.parse(one.receivedAt) >= since) fresh.push(one)
    if (one.author.id === me && Date.parse(one.receivedAt) >= now - OWN_SPAN) own.push(one)
  }
  const seen: BulletinView[] = []
  for (const one of own.slice(-MOST)) {
    const view = await whole(client, one)
    const isSeen = ({ sighting, falsePositive, private: told }: BulletinView['indicators'][number]['sightings']) =>
      sighting + falsePositive + told > 0
    if (view?.indicators.some(({ sightings }) => isSeen(sightings)) === true) seen.push(view)
  }
  const shown: BulletinView[] = []
  for (const one of fresh.slice(-MOST)) {
    const view = await whole(client, one)
    if (view !== undefined) shown.push(view)
  }
  return { fresh: shown, retracted, seen, more: fresh.length - shown.length }
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

async function* summaries(client: Client, query: Query): AsyncGenerator<BulletinSummaryView> {
  let cursor: string | undefined
  do {
    const page = await client.get<Page>('/v1/bulletins', { ...query, order: 'arrival', limit: 1_000, cursor })
    yield* page.items
    cursor = page.next
  } while (cursor !== undefined)
}
