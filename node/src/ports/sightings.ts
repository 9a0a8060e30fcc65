import type { ApiPorts, Reader, SightingInput } from '@tocsin/api'
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
    add: async (input, reader) => {
      const held = await about(input, reader)
      const body = bulletins.body(held)
      if (body === undefined || held.state !== 'live') throw new ReplicaError('not-found', 'the bulletin is not live')
      const indicator = indicatorNamed(body.indicators as readonly Indicator[], input.value)
      if (input.type !== undefined && (!isIndicatorType(input.type) || indicator.type !== input.type))
        throw new ReplicaError('indicator-not-in-bulletin', 'the bulletin does not hold this value')
      const audiences = input.private === true ? privately(held.descriptor.author) : await audiencesFor(held, body.id)
      const seen = input.at === undefined ? undefined : new Date(input.at).toISOString()
      const sighting: Sighting = {
        bulletin: body.id,
        author: held.descriptor.author,
        indicator,
        kind: input.kind,
        count: input.count ?? 1,
        ...(seen === undefined ? {} : { lastSeen: seen }),
        ...(input.comment === undefined ? {} : { comment: input.comment })
      }
      const entries: PublishedEntry[] = []
      for (const audience of audiences)
        entries.push(await replica.publish.sighting(sighting, audience, keptUntil(held, audience)))
      const entry = entries[0]?.entry ?? ''
      return { entry, bulletin: body.id, audience: audienceViewOf(replica, audiences) }
    },
    count: async ({ least = LEAST_CONTRIBUTORS, ...input }, reader, { dryRun }) => {
      const held = await about(input, reader, true)
      const body = bulletins.body(held)
      if (body === undefined || held.state !== 'live') throw new ReplicaError('not-found', 'the bulletin is not live')
      const indicator = indicatorNamed(body.indicators as readonly Indicator[], input.value)
      const audiences = await audiencesFor(held, body.id)
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

  /** As long as the bulletin, and never longer than a stream without a circle keeps anything. */
  function keptUntil({ row }: HeldBulletin, { circle }: Audience): number {
    return Math.min(row.keepUntil, replica.world.now() + retentionOf(replica.book, circle).maxMs)
  }

  /** To the author alone, straight: whatever would carry it further would be told as well. */
  function privately(author: InstitutionId): Audience[] {
    if (author === replica.identity.institution) throw new NodeError('private-to-oneself')
    if (!replica.isPeer(author)) throw new NodeError('author-not-a-peer')
    return [{ tlp: 'RED', recipient: author }]
  }

  /** For RED and AMBER+STRICT the author alone; else whoever may hold the bulletin. Our own RED: all of its recipients. */
  async function audiencesFor({ descriptor }: HeldBulletin, id: string): Promise<Audience[]> {
    const { tlp, circle, author } = descriptor
    const own = author === replica.identity.institution
    if (!own && (tlp === 'RED' || tlp === 'AMBER+STRICT')) return [{ tlp: 'RED', recipient: author }]
    if (tlp !== 'RED') return [circle === undefined ? { tlp } : { tlp, circle }]
    const entries = await bulletins.entriesOf(id, author)
    const recipients = new Set(entries.flatMap((entry) => entry.descriptor.recipient ?? []))
    return [...recipients].map((recipient) => ({ tlp, recipient }))
  }
}
