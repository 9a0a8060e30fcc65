/** What MISP's clients write: events and attributes become drafts, sightings are sightings. Nothing is published by it. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { readerOf } from '../auth.ts'
import { type Door, readBodyWith } from '../door.ts'
import type { ImportedView } from '../draft-views.ts'
import { ApiError } from '../errors.ts'
import { sendMisp, sendMispError } from '../misp/media.ts'
import { numberOf } from '../misp/shapes.ts'
import type { ApiPorts } from '../ports.ts'
import type { Explain } from '../problem.ts'
import type { Reader } from '../reader.ts'
import { EventParams, eventNamed, MISP_CONFIG, NoQuery } from './misp.ts'

type WritePorts = Pick<ApiPorts, 'misp' | 'imports' | 'drafts' | 'sightings'>

const config = MISP_CONFIG
const produces = ['application/json']
/** How an answer is to look, and what to do with what is there already: neither is different here. */
const AddQuery = z.strictObject({
  metadata: z.unknown().exactOptional(),
  breakOnDuplicate: z.unknown().exactOptional()
})
/** Of an event: a hundred thousand attributes. */
const EVENT_MAX = 64 * 1024 * 1024

export function mispWriteRoutes(door: Door, ports: WritePorts, explain: Explain): void {
  door.register(async (app: Door) => {
    app.setErrorHandler((error, request, reply) => sendMispError(request, reply, error, explain))
    attributeRoute(app, ports)
    sightingRoutes(app, ports)
    app.register(async (scope: Door) => eventRoute(scope, ports))
  })
}

function eventRoute(app: Door, { imports }: WritePorts): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: EVENT_MAX }, (_request, body, done) =>
    done(null, body)
  )
  app.post(
    '/misp/events/add',
    {
      config,
      bodyLimit: EVENT_MAX,
      validatorCompiler: readBodyWith((body) => body),
      schema: {
        summary: 'MISP: add an event, as a draft',
        querystring: AddQuery,
        consumes: produces,
        produces,
        body: z.string()
      }
    },
    async (request, reply) => {
      const body = bytesOf(request.body)
      // Clients send the event with or without its name around it; the import has limits of its own.
      const isNamed = /^\s*\{\s*"Event"\s*:/.test(body.subarray(0, 1024).toString('latin1'))
      const bytes = isNamed ? [body] : [Buffer.from('{"Event":'), body, Buffer.from('}')]
      const view = await imports.run('misp', each(bytes), {}, readerOf(request), { dryRun: false })
      return sendMisp(reply, { Event: takenEvent(view) })
    }
  )
}

/** As the parser gave it; of an empty body there is nothing. */
function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** The event as its client knows it: whatever was refused is said, and it is not published. */
function takenEvent(view: ImportedView): object {
  const [item] = view.items
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(item?.reference ?? '')?.[0]
  if (item === undefined || uuid === undefined) {
    const [first] = view.refused
    throw new ApiError('event-not-taken', 422, first?.message, { refused: view.refused.slice(0, 100) })
  }
  return {
    uuid,
    info: item.title,
    published: item.outcome === 'known' && item.bulletin !== undefined,
    attribute_count: String(item.indicatorCount),
    Tag: [{ name: `tlp:${item.tlp.toLowerCase()}` }, { name: `PAP:${item.pap}` }],
    Attribute: []
  }
}

const Short = z.string().max(1000)

/** What is read of an attribute; its other fields change nothing. */
const Attribute = z.object({
  type: z.string().max(100),
  value: z.union([z.string().max(65_536), z.number().transform(String)]),
  category: Short.nullish(),
  to_ids: z.union([z.boolean(), z.number(), z.string().max(10)]).nullish(),
  comment: Short.nullish(),
  distribution: z.union([z.string().max(10), z.number()]).nullish(),
  first_seen: Short.nullish(),
  last_seen: Short.nullish(),
  uuid: Short.nullish(),
  Tag: z
    .array(z.object({ name: Short }))
    .max(100)
    .nullish()
})

const Attributes = z
  .union([Attribute, z.array(Attribute).min(1).max(10_000), z.object({ Attribute })])
  .transform((it) => (Array.isArray(it) ? it : 'Attribute' in it ? [it.Attribute] : [it]))

function attributeRoute(app: Door, ports: WritePorts): void {
  app.post(
    '/misp/attributes/add/:event',
    {
      config,
      schema: {
        summary: 'MISP: add attributes to an event, as a draft',
        params: EventParams,
        querystring: AddQuery,
        body: Attributes,
        produces
      }
    },
    async (request, reply) => {
      const reader = readerOf(request)
      const base = await baseOf(ports, request.params.event, reader)
      if (base === undefined) throw new ApiError('unknown-event', 404)
      const attributes = request.body
      // The same attributes sent again are the same draft.
      const what = JSON.stringify([base.uuid, attributes.map(({ type, value }) => [type, value])])
      const uuid = uuidOf(what)
      const Event = { uuid, info: `+ ${base.info}`, Tag: base.tags.map((name) => ({ name })), Attribute: attributes }
      const bytes = Buffer.from(JSON.stringify({ Event }))
      const view = await ports.imports.run('misp', each([bytes]), {}, reader, { dryRun: false })
      takenEvent(view)
      const shapes = attributes.map((attribute) => {
        const own = attribute.uuid ?? uuidOf(JSON.stringify([uuid, attribute.type, attribute.value]))
        return { id: numberOf(own), ...attribute, uuid: own, deleted: false }
      })
      return sendMisp(reply, { Attribute: shapes.length === 1 ? shapes[0] : shapes })
    }
  )
}

interface Base {
  readonly uuid: string
  readonly info: string
  /** Labels and threat, which hold for what is added. */
  readonly tags: readonly string[]
}

/** An event that is held, or one that waits as a draft. */
async function baseOf({ misp, drafts }: WritePorts, id: string, reader: Reader): Promise<Base | undefined> {
  const event = await eventNamed(misp, id, reader)
  if (event !== undefined) {
    const names = event.head.Tag.map(({ name }) => name)
    const tags = names.filter((name) => /^(?:tlp|pap|rsit):/i.test(name) || name.startsWith('tocsin:threat='))
    return { uuid: event.head.uuid, info: event.head.info, tags }
  }
  const uuid = id.toLowerCase()
  let cursor: string | undefined
  do {
    const page = await drafts.list({ state: 'open', limit: 1000, ...(cursor === undefined ? {} : { cursor }) }, reader)
    const draft = page.items.find((it) => it.import === 'misp' && it.reference.startsWith(`MISP event ${uuid} `))
    if (draft !== undefined) {
      const { title, tlp, pap, threat } = draft
      const threats = threat === undefined ? [] : [`tocsin:threat="${threat}"`]
      return { uuid, info: title, tags: [`tlp:${tlp.toLowerCase()}`, `PAP:${pap}`, ...threats] }
    }
    cursor = page.next
  } while (cursor !== undefined)
  return undefined
}

/** MISP core format §2.6: seen, a false positive, or over. */
const KINDS = { '0': 'sighting', '1': 'false-positive', '2': 'expiration' } as const

const Sighting = z.object({
  value: z.string().max(4096).nullish(),
  values: z
    .union([
      z
        .string()
        .max(4096)
        .transform((it) => [it]),
      z.array(z.string().max(4096)).max(100)
    ])
    .nullish(),
  id: z.union([z.string().max(64), z.number().transform(String)]).nullish(),
  uuid: z.string().max(64).nullish(),
  type: z
    .union([z.enum(['0', '1', '2']), z.literal([0, 1, 2]).transform((it) => String(it) as '0' | '1' | '2')])
    .nullish(),
  source: z.string().max(400).nullish(),
  timestamp: z.coerce.number().int().min(0).max(100_000_000_000).nullish()
})

function sightingRoutes(app: Door, ports: WritePorts): void {
  const add = async (
    input: z.output<typeof Sighting>,
    attribute: string | undefined,
    reader: Reader
  ): Promise<object> => {
    const named = attribute ?? input.uuid ?? input.id ?? undefined
    const about =
      named === undefined
        ? [...(input.values ?? []), ...(input.value == null ? [] : [input.value])].map((value) => ({ value }))
        : [await attributeNamed(ports.misp, named, reader)]
    if (about.length === 0) throw new ApiError('invalid-request', 400, 'no value, id or uuid')
    const kind = KINDS[input.type ?? '0']
    const seconds = input.timestamp ?? Math.floor(Date.now() / 1000)
    let entry = ''
    for (const one of about) {
      const at = input.timestamp == null ? {} : { at: new Date(seconds * 1000).toISOString() }
      const comment = input.source == null || input.source.trim() === '' ? {} : { comment: input.source.trim() }
      entry = (await ports.sightings.add({ ...one, kind, ...at, ...comment }, reader)).entry
    }
    if (about.length > 1) return { saved: true, message: `${about.length} sightings successfully added.` }
    const uuid = uuidOf(entry)
    return {
      Sighting: {
        id: numberOf(uuid),
        uuid,
        type: input.type ?? '0',
        date_sighting: String(seconds),
        source: input.source ?? ''
      }
    }
  }

  app.post(
    '/misp/sightings/add',
    { config, schema: { summary: 'MISP: a sighting of a value', querystring: NoQuery, body: Sighting, produces } },
    async (request, reply) => sendMisp(reply, await add(request.body, undefined, readerOf(request)))
  )

  app.post(
    '/misp/sightings/add/:attribute',
    {
      config,
      schema: {
        summary: 'MISP: a sighting of an attribute',
        params: z.strictObject({ attribute: z.string().max(64) }),
        querystring: NoQuery,
        body: Sighting,
        produces
      }
    },
    async (request, reply) => sendMisp(reply, await add(request.body, request.params.attribute, readerOf(request)))
  )
}

/** Which value of which bulletin an attribute says; numbers and uuids cannot be read backwards, so all are looked at. */
async function attributeNamed(
  misp: ApiPorts['misp'],
  id: string,
  reader: Reader
): Promise<{ readonly value: string; readonly bulletin: string }> {
  for await (const { head, attributes } of misp.events(reader)) {
    const found = attributes.find(
      ({ uuid, deleted }) => !deleted && (uuid === id.toLowerCase() || numberOf(uuid) === id)
    )
    const bulletin = head.Tag.map(({ name }) => /^tocsin:bulletin="(.*)"$/.exec(name)?.[1]).find(
      (it) => it !== undefined
    )
    if (found !== undefined && bulletin !== undefined) return { value: found.value, bulletin }
  }
  throw new ApiError('unknown-attribute', 404)
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

async function* each(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}
