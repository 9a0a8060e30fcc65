/** A part of MISP's REST interface, so that its clients read here unchanged: the base address to give them is `/misp/`. */
import { z } from 'zod'
import { readerOf } from '../auth.ts'
import type { Door } from '../door.ts'
import { ApiError } from '../errors.ts'
import { boundsOf, isAboutAttributes, meetsAttribute, meetsEvent } from '../misp/filter.ts'
import { sendMisp, sendMispError } from '../misp/media.ts'
import type { MispAttribute, MispEvent } from '../misp/ports.ts'
import { type MispFilter, MispSearch } from '../misp/search.ts'
import { eventShape, foundAttribute, indexShape, MISP_VERSION, tagShape, userShape } from '../misp/shapes.ts'
import type { ApiPorts } from '../ports.ts'
import type { Explain } from '../problem.ts'
import type { Reader } from '../reader.ts'
import { gathered, type OpenAnswers, streamOf } from '../streams.ts'

type MispPorts = Pick<ApiPorts, 'misp'>

export const MISP_CONFIG = { basic: true, bare: true }
const config = MISP_CONFIG
const produces = ['application/json']
/** Of a page without a limit. */
const PAGE = 60

export const EventParams = z.strictObject({ event: z.string().max(64) })

/** What is asked for in the address is refused where no route knows it: passed over, it would give too much. */
export const NoQuery = z.strictObject({})

const passed = z.unknown().exactOptional()

/** Settings of `/events/view/1/deleted:1`, or of a body of it; all but one change nothing of what there is here. */
const View = z.strictObject({
  deleted: passed,
  excludeGalaxy: passed,
  excludeLocalTags: passed,
  extended: passed,
  includeAnalystData: passed,
  includeEventCorrelations: passed,
  includeFeedCorrelations: passed,
  includeGranularCorrelations: passed,
  includeWarninglistHits: passed
})

/** With `deleted` what was taken back is shown too, with `only` nothing else. */
function shown(event: MispEvent, { deleted }: z.output<typeof View>): readonly MispAttribute[] {
  const said = [deleted].flat().map(String)
  if (said.includes('only')) return event.attributes.filter((attribute) => attribute.deleted)
  const isAll = said.includes('1') || said.includes('true')
  return isAll ? event.attributes : event.attributes.filter((attribute) => !attribute.deleted)
}

/** Reading: what the feed listener has as well. */
export function mispRoutes(door: Door, ports: MispPorts, answers: OpenAnswers, explain: Explain): void {
  door.register(async (app: Door) => {
    app.setErrorHandler((error, request, reply) => sendMispError(request, reply, error, explain))
    aboutRoutes(app, ports)
    searchRoutes(app, ports, answers)
    eventRoutes(app, ports)
  })
}

function aboutRoutes(app: Door, { misp }: MispPorts): void {
  app.get(
    '/misp/servers/getVersion',
    { config, schema: { summary: 'MISP: version', querystring: NoQuery, produces } },
    (request, reply) => {
      const writes = readerOf(request).scope !== 'read'
      return sendMisp(reply, {
        version: MISP_VERSION,
        pymisp_recommended_version: MISP_VERSION,
        perm_sync: false,
        perm_sighting: writes,
        perm_galaxy_editor: false,
        request_encoding: ['gzip'],
        filter_sightings: false
      })
    }
  )

  app.get(
    '/misp/servers/getPyMISPVersion.json',
    { config, schema: { summary: 'MISP: version of PyMISP', querystring: NoQuery, produces } },
    (_request, reply) => sendMisp(reply, { version: MISP_VERSION })
  )

  app.get(
    '/misp/users/view/me',
    { config, schema: { summary: 'MISP: whose token this is', querystring: NoQuery, produces } },
    (request, reply) => sendMisp(reply, userShape(readerOf(request)))
  )

  app.get(
    '/misp/attributes/describeTypes.json',
    { config, schema: { summary: 'MISP: types and categories', querystring: NoQuery, produces } },
    (_request, reply) => sendMisp(reply, { result: misp.describeTypes() })
  )

  app.get(
    '/misp/tags',
    { config, schema: { summary: 'MISP: tags of what the token reads', querystring: NoQuery, produces } },
    async (request, reply) => {
      const counts = new Map<string, { readonly shape: object; count: number }>()
      for await (const { head } of misp.events(readerOf(request)))
        for (const tag of head.Tag) {
          const known = counts.get(tag.name)
          if (known === undefined) counts.set(tag.name, { shape: tagShape(tag), count: 1 })
          else known.count += 1
        }
      return sendMisp(reply, { Tag: [...counts.values()].map(({ shape, count }) => ({ ...shape, count })) })
    }
  )
}

interface Found {
  readonly event: MispEvent
  readonly attributes: readonly MispAttribute[]
}

/** Events that are meant, with those of their attributes that are. */
async function* found(misp: ApiPorts['misp'], filter: MispFilter, reader: Reader): AsyncGenerator<Found> {
  const asks = isAboutAttributes(filter)
  for await (const event of misp.events(reader, boundsOf(filter))) {
    if (!meetsEvent(filter, event)) continue
    const attributes = event.attributes.filter((attribute) => meetsAttribute(filter, attribute, event))
    if (attributes.length > 0 || !asks) yield { event, attributes }
  }
}

/** From the first to the last of a page; every one where no limit is set. */
async function* paged<T>(items: AsyncIterable<T>, { limit, page }: MispFilter): AsyncGenerator<T> {
  const size =
    limit === 0 ? Number.POSITIVE_INFINITY : (limit ?? (page === undefined ? Number.POSITIVE_INFINITY : PAGE))
  const first = page === undefined || page === 1 ? 0 : (page - 1) * size
  let index = 0
  for await (const item of items) {
    if (index >= first + size) return
    if (index >= first) yield item
    index += 1
  }
}

function searchRoutes(app: Door, { misp }: MispPorts, answers: OpenAnswers): void {
  app.post(
    '/misp/attributes/restSearch',
    { config, schema: { summary: 'MISP: attributes', querystring: NoQuery, body: MispSearch, produces } },
    (request, reply) => {
      const filter = request.body
      const reader = readerOf(request)
      async function* attributes(): AsyncGenerator<object> {
        for await (const one of found(misp, filter, reader))
          for (const attribute of one.attributes)
            yield foundAttribute(attribute, one.event, filter.includeEventTags === true)
      }
      answers.stream(reply)
      const text = listed('{"response":{"Attribute":[', paged(attributes(), filter), ']}}')
      return reply.type('application/json').send(streamOf(gathered(text)))
    }
  )

  app.post(
    '/misp/events/restSearch',
    { config, schema: { summary: 'MISP: events', querystring: NoQuery, body: MispSearch, produces } },
    (request, reply) => {
      const filter = request.body
      const reader = readerOf(request)
      async function* events(): AsyncGenerator<object> {
        for await (const { event, attributes } of paged(found(misp, filter, reader), filter)) {
          // The whole event is given, as by MISP, with what is meant by `deleted` alone left out.
          const all = event.attributes.filter(({ deleted }) => (filter.deleted ?? [false]).includes(deleted))
          yield {
            Event: eventShape(
              event,
              filter.metadata === true ? undefined : isAboutAttributes(filter) ? attributes : all
            )
          }
        }
      }
      answers.stream(reply)
      return reply.type('application/json').send(streamOf(gathered(listed('{"response":[', events(), ']}'))))
    }
  )
}

async function* listed(before: string, items: AsyncIterable<object>, after: string): AsyncGenerator<string> {
  let separator = before
  for await (const item of items) {
    yield separator + JSON.stringify(item)
    separator = ','
  }
  yield separator === before ? before + after : after
}

function eventRoutes(app: Door, { misp }: MispPorts): void {
  async function index(filter: MispFilter, reader: Reader): Promise<object[]> {
    const lines: object[] = []
    for await (const { event } of paged(found(misp, filter, reader), filter)) lines.push(indexShape(event))
    return lines
  }

  app.get(
    '/misp/events/index',
    { config, schema: { summary: 'MISP: heads of events', querystring: NoQuery, produces } },
    async (request, reply) => sendMisp(reply, await index({}, readerOf(request)))
  )

  app.post(
    '/misp/events/index',
    {
      config,
      schema: { summary: 'MISP: heads of events, filtered', querystring: NoQuery, body: MispSearch, produces }
    },
    async (request, reply) => sendMisp(reply, await index(request.body, readerOf(request)))
  )

  const view = async (id: string, settings: z.output<typeof View>, reader: Reader): Promise<object> => {
    const event = await eventNamed(misp, id, reader)
    if (event === undefined) throw new ApiError('unknown-event', 404)
    return { Event: eventShape(event, shown(event, settings)) }
  }

  app.get(
    '/misp/events/view/:event',
    { config, schema: { summary: 'MISP: an event by id or uuid', params: EventParams, querystring: View, produces } },
    async (request, reply) => sendMisp(reply, await view(request.params.event, request.query, readerOf(request)))
  )

  app.post(
    '/misp/events/view/:event',
    {
      config,
      schema: {
        summary: 'MISP: the same with settings',
        params: EventParams,
        querystring: NoQuery,
        body: View,
        produces
      }
    },
    async (request, reply) => sendMisp(reply, await view(request.params.event, request.body, readerOf(request)))
  )
}

/** By the number that we gave it, or by its uuid. */
export async function eventNamed(misp: ApiPorts['misp'], id: string, reader: Reader): Promise<MispEvent | undefined> {
  if (/^\d{1,16}$/.test(id)) return misp.event(Number(id), reader)
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? misp.event(id.toLowerCase(), reader) : undefined
}
