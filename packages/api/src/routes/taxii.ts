/** A TAXII 2.1 server: what the feeds hold, as objects that a client reads on from where it stopped. */
import { readerOf } from '../auth.ts'
import type { Door } from '../door.ts'
import { ApiError } from '../errors.ts'
import type { ApiPorts } from '../ports.ts'
import type { Explain } from '../problem.ts'
import type { Reader } from '../reader.ts'
import { scopeReaches } from '../scopes.ts'
import { type Collection, collectionNamed, collectionsOf, INBOX, isInbox } from '../taxii/collections.ts'
import { momentOf, writeCursor } from '../taxii/cursor.ts'
import { CONTENT_MAX, STIX_MEDIA, sendTaxii, sendTaxiiError, TAXII_MEDIA, takesTaxii } from '../taxii/media.ts'
import type { TaxiiItem } from '../taxii/ports.ts'
import {
  CollectionParams,
  NoQuery,
  ObjectParams,
  ObjectQuery,
  ObjectsQuery,
  type PageAsked,
  pageAsked,
  VersionsQuery
} from '../taxii/query.ts'
import { inboxRoutes } from './taxii-inbox.ts'

const ROOT = '/taxii2/tocsin/'
const COLLECTION = `${ROOT}collections/:collection/`

/** The whole server, or without `imports` what is read: the feed listener takes nothing in. */
export function taxiiRoutes(
  door: Door,
  ports: Pick<ApiPorts, 'taxii'> & Partial<Pick<ApiPorts, 'imports'>>,
  explain: Explain
): void {
  const { taxii, imports } = ports
  door.register(async (app: Door) => {
    app.setErrorHandler((error, request, reply) => sendTaxiiError(request, reply, error, explain))
    app.addHook('onRequest', async (request) => {
      if (!takesTaxii(request.headers.accept)) throw new ApiError('not-acceptable', 406)
    })
    const writes = (reader: Reader): boolean => imports !== undefined && scopeReaches(reader.scope, 'publish')
    rootRoutes(app)
    collectionRoutes(app, writes)
    objectRoutes(app, { taxii })
    if (imports !== undefined) inboxRoutes(app, imports)
  })
}

const config = { basic: true }
const produces = [TAXII_MEDIA]

function rootRoutes(app: Door): void {
  app.get(
    '/taxii2/',
    { config, schema: { summary: 'TAXII 2.1: discovery', querystring: NoQuery, produces } },
    (_request, reply) =>
      sendTaxii(reply, {
        title: 'Tocsin',
        description: 'Indicators of compromise that universities share.',
        default: ROOT,
        api_roots: [ROOT]
      })
  )

  app.get(
    ROOT,
    { config, schema: { summary: 'TAXII 2.1: the API root', querystring: NoQuery, produces } },
    (_request, reply) => sendTaxii(reply, { title: 'Tocsin', versions: [TAXII_MEDIA], max_content_length: CONTENT_MAX })
  )
}

function collectionRoutes(app: Door, writes: (reader: Reader) => boolean): void {
  app.get(
    `${ROOT}collections/`,
    { config, schema: { summary: 'TAXII 2.1: what this token reads', querystring: NoQuery, produces } },
    (request, reply) => {
      const reader = readerOf(request)
      const read = collectionsOf(reader).map(collectionResource)
      const collections = writes(reader) ? [...read, INBOX_RESOURCE] : read
      return sendTaxii(reply, collections.length === 0 ? {} : { collections })
    }
  )

  app.get(
    COLLECTION,
    {
      config,
      schema: { summary: 'TAXII 2.1: one collection', params: CollectionParams, querystring: NoQuery, produces }
    },
    (request, reply) => {
      const { collection } = request.params
      const reader = readerOf(request)
      if (isInbox(collection) && writes(reader)) return sendTaxii(reply, INBOX_RESOURCE)
      return sendTaxii(reply, collectionResource(readable(collection, reader)))
    }
  )
}

function objectRoutes(app: Door, { taxii }: Pick<ApiPorts, 'taxii'>): void {
  const page = async (name: string, asked: PageAsked, reader: Reader) => {
    const { use } = readable(name, reader)
    return asked.isEmpty ? { items: [] } : await taxii.page(use, asked, reader)
  }

  app.get(
    `${COLLECTION}objects/`,
    {
      config,
      schema: { summary: 'TAXII 2.1: objects', params: CollectionParams, querystring: ObjectsQuery, produces }
    },
    async (request, reply) => {
      const asked = pageAsked(request.query)
      const { items, next } = await page(request.params.collection, asked, readerOf(request))
      reply.headers(added(asked, items, next !== undefined))
      return sendTaxii(reply, {
        more: next !== undefined,
        ...(next === undefined ? {} : { next: writeCursor(next, asked.filter) }),
        // Optional in the standard; Elastic's client takes its absence for an error.
        objects: items.map(({ object }) => object)
      })
    }
  )

  app.get(
    `${COLLECTION}manifest/`,
    {
      config,
      schema: {
        summary: 'TAXII 2.1: what objects there are',
        params: CollectionParams,
        querystring: ObjectsQuery,
        produces
      }
    },
    async (request, reply) => {
      const asked = pageAsked(request.query)
      const { items, next } = await page(request.params.collection, asked, readerOf(request))
      reply.headers(added(asked, items, next !== undefined))
      return sendTaxii(reply, {
        more: next !== undefined,
        ...(next === undefined ? {} : { next: writeCursor(next, asked.filter) }),
        objects: items.map(({ id, version, place }) => ({
          id,
          date_added: momentOf(place.arrival),
          version,
          media_type: STIX_MEDIA
        }))
      })
    }
  )

  app.get(
    `${COLLECTION}objects/:object/`,
    { config, schema: { summary: 'TAXII 2.1: one object', params: ObjectParams, querystring: ObjectQuery, produces } },
    async (request, reply) => {
      const asked = pageAsked(request.query, request.params.object)
      const { items } = await page(request.params.collection, asked, readerOf(request))
      if (items.length === 0 && asked.after === undefined && !isNarrowed(asked))
        throw new ApiError('unknown-object', 404)
      reply.headers(added(asked, items, false))
      return sendTaxii(reply, { more: false, objects: items.map(({ object }) => object) })
    }
  )

  app.get(
    `${COLLECTION}objects/:object/versions/`,
    {
      config,
      schema: {
        summary: 'TAXII 2.1: versions of an object',
        params: ObjectParams,
        querystring: VersionsQuery,
        produces
      }
    },
    async (request, reply) => {
      const asked = pageAsked(request.query, request.params.object)
      const { items } = await page(request.params.collection, asked, readerOf(request))
      if (items.length === 0 && asked.after === undefined && !isNarrowed(asked))
        throw new ApiError('unknown-object', 404)
      reply.headers(added(asked, items, false))
      return sendTaxii(reply, { more: false, versions: items.map(({ version }) => version) })
    }
  )
}

function isNarrowed({ filter, isEmpty }: PageAsked): boolean {
  return isEmpty || filter.versions !== undefined
}

function collectionResource({ id, title, description, use }: Collection): object {
  return { id, title, description, alias: use, can_read: true, can_write: false, media_types: [STIX_MEDIA] }
}

const INBOX_RESOURCE = { ...INBOX, can_read: false, can_write: true, media_types: [STIX_MEDIA] }

/** Ids are the same at every node: that one exists tells nobody anything. */
function readable(name: string, reader: Reader): Collection {
  if (isInbox(name)) throw new ApiError('forbidden-scope', 403, 'nothing is read from the inbox')
  const collection = collectionNamed(name)
  if (collection === undefined) throw new ApiError('unknown-collection', 404)
  if (!collectionsOf(reader).includes(collection))
    throw new ApiError('forbidden-scope', 403, `this token is for ${reader.use}, the collection for ${collection.use}`)
  return collection
}

/**
 * When the first and the last object of an answer were added. An empty one repeats what the client knew, or a client that
 * keeps the last header would begin again. One that was cut names the moment before: whoever comes back by `added_after`
 * instead of `next`, after a restart, must not miss the rest of a bulletin.
 */
function added(asked: PageAsked, items: readonly TaxiiItem[], isCut: boolean): Record<string, string> {
  const [first] = items
  const last = items.at(-1)
  if (first === undefined || last === undefined) {
    const known = asked.after?.arrival
    return known === undefined ? {} : { 'x-taxii-date-added-last': momentOf(known) }
  }
  return {
    'x-taxii-date-added-first': momentOf(first.place.arrival),
    'x-taxii-date-added-last': momentOf(last.place.arrival - (isCut ? 1 : 0))
  }
}
