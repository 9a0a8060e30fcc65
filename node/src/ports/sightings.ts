import type { ApiPorts, Reader, SightingAddedView, SightingInput } from '@tocsin/api'
import {
  type BulletinId,
  guessTypes,
  type Indicator,
  type InstitutionId,
  isIndicatorType,
  LEAST_CONTRIBUTORS,
  type Sighting
} from '@tocsin/model'
import { type Audience, type HeldBulletin, type PublishedEntry, ReplicaError, retentionOf } from '@tocsin/replica'
import { NodeError } from '../errors.ts'
import { audienceViewOf } from './audience.ts'
import { indicatorNamed } from './indicators.ts'
import { findOne, findOwn } from './publish.ts'
import { sightingsPage } from './said.ts'
import { sightOf } from './sight.ts'
import type { ViewDeps } from './views.ts'

/** A sighting goes to the audience of the bulletin it is about, or a narrower one; several bulletins: the officer says which. */
export function createSightingPorts(deps: ViewDeps): ApiPorts['sightings'] {
  const { replica, bulletins } = deps

  /** The bulletin that is meant: named, or the only live one that says this value. */
  async function about(
    input: Pick<SightingInput, 'bulletin' | 'type' | 'value'>,
    reader: Reader,
    isOurs: boolean = false
  ): Promise<HeldBulletin> {
    const self = replica.identity.institution
    if (input.bulletin !== undefined) {
      const [held] = await (isOurs ? findOwn : findOne)(deps, input.bulletin, reader)
      if (held !== undefined) return held
    }
    const found = new Map<string, HeldBulletin>()
    for (const { type, value } of guessTypes(input.value)) {
      if (input.type !== undefined && input.type !== type) continue
      for (const { held } of await deps.indicators.lookup(type, value, sightOf(deps, reader))) {
        if (isOurs && held.descriptor.author !== self) continue
        if (held.state === 'live' && held.summary !== undefined)
          found.set(`${held.summary.id}/${held.descriptor.author}`, held)
      }
    }
    const [one, ...more] = [...found.values()]
    if (one === undefined)
      throw new ReplicaError('not-found', 'no live bulletin here says this value', { value: input.value })
    if (more.length > 0) {
      const candidates = [...found.values()].map(({ summary }) => summary?.id ?? '')
      throw new NodeError('several-bulletins', undefined, { candidates })
    }
    return one
  }

  return {
    list: (query, reader) => sightingsPage(deps, query, reader),
    add: async (input, reader) => {
      const held = await about(input, reader)
      const body = bulletins.body(held)
      if (body === undefined || held.state !== 'live') throw new ReplicaError('not-found', 'the bulletin is not live')
      const indicator = indicatorNamed(body.indicators as readonly Indicator[], input.value)
      if (input.type !== undefined && (!isIndicatorType(input.type) || indicator.type !== input.type))
        throw new ReplicaError('indicator-not-in-bulletin', 'the bulletin does not hold this value')
      const { kind, count = 1, comment, at, private: isPrivate = false } = input
      const lastSeen = at === undefined ? undefined : new Date(at).toISOString()
      return reportSighting(deps, held, { indicator, kind, count, lastSeen, comment, isPrivate })
    },
    count: async ({ least = LEAST_CONTRIBUTORS, ...input }, reader, { dryRun }) => {
      const held = await about(input, reader, true)
      const body = bulletins.body(held)
      if (body === undefined || held.state !== 'live') throw new ReplicaError('not-found', 'the bulletin is not live')
      const indicator = indicatorNamed(body.indicators as readonly Indicator[], input.value)
      const audiences = await audiencesFor(deps, held, body.id)
      const told = await deps.indicators.privateSightings(held, indicator, sightOf(deps, reader))
      const common = { bulletin: body.id, ...told, least, dryRun, audience: audienceViewOf(replica, audiences) }
      if (dryRun) {
        const refused = replica.publish.mayCount(indicator, told, least)
        return { ...common, published: [...told.published], ...(refused === undefined ? {} : { refused }), entries: [] }
      }
      const done = await replica.publish.count({
        ...told,
        bulletin: body.id as BulletinId,
        indicator,
        least,
        audiences,
        keepUntil: held.row.keepUntil
      })
      return { ...common, published: [...told.published], entries: done.map(({ entry }) => entry) }
    }
  }
}

/** What is said of an indicator of one bulletin; times in ISO 8601. */
export interface Report extends Pick<Sighting, 'indicator' | 'kind' | 'count'> {
  readonly firstSeen?: string | undefined
  readonly lastSeen?: string | undefined
  readonly comment?: string | undefined
  /** To the author alone. */
  readonly isPrivate: boolean
}

/** Signs a sighting of a live bulletin for whoever may hold it. @throws NodeError private-to-oneself, author-not-a-peer; ReplicaError, StoreError */
export async function reportSighting(
  deps: ViewDeps,
  held: HeldBulletin,
  { indicator, kind, count, firstSeen, lastSeen, comment, isPrivate }: Report
): Promise<SightingAddedView> {
  const { replica } = deps
  const bulletin = (held.summary?.id ?? '') as BulletinId
  const { author } = held.descriptor
  if (isPrivate) {
    const code = cannotTellAlone(deps, author)
    if (code !== undefined) throw new NodeError(code)
  }
  // Whatever would carry a private one further than to its author would be told as well.
  const audiences: Audience[] = isPrivate
    ? [{ tlp: 'RED', recipient: author }]
    : await audiencesFor(deps, held, bulletin)
  const sighting: Sighting = {
    bulletin,
    author,
    indicator,
    kind,
    count,
    ...(firstSeen === undefined ? {} : { firstSeen }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(comment === undefined ? {} : { comment })
  }
  const entries: PublishedEntry[] = []
  for (const audience of audiences)
    entries.push(await replica.publish.sighting(sighting, audience, keptUntil(replica, held, audience)))
  return { entry: entries[0]?.entry ?? '', bulletin, audience: audienceViewOf(replica, audiences) }
}

/** Why an author cannot be told something alone: a word for it goes there straight or not at all. */
export function cannotTellAlone(
  { replica }: ViewDeps,
  author: InstitutionId
): 'private-to-oneself' | 'author-not-a-peer' | undefined {
  if (author === replica.identity.institution) return 'private-to-oneself'
  return replica.isPeer(author) ? undefined : 'author-not-a-peer'
}

/** As long as the bulletin, and never longer than a stream without a circle keeps anything. */
function keptUntil(replica: ViewDeps['replica'], { row }: HeldBulletin, { circle }: Audience): number {
  return Math.min(row.keepUntil, replica.world.now() + retentionOf(replica.book, circle).maxMs)
}

/** For RED and AMBER+STRICT the author alone; else whoever may hold the bulletin. Our own RED: all of its recipients. */
async function audiencesFor(
  { replica, bulletins }: ViewDeps,
  { descriptor }: HeldBulletin,
  id: string
): Promise<Audience[]> {
  const { tlp, circle, author } = descriptor
  const own = author === replica.identity.institution
  if (!own && (tlp === 'RED' || tlp === 'AMBER+STRICT')) return [{ tlp: 'RED', recipient: author }]
  if (tlp !== 'RED') return [circle === undefined ? { tlp } : { tlp, circle }]
  const entries = await bulletins.entriesOf(id, author)
  const recipients = new Set(entries.flatMap((entry) => entry.descriptor.recipient ?? []))
  return [...recipients].map((recipient) => ({ tlp, recipient }))
}
