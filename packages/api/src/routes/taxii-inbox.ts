import { z } from 'zod'
import { readerOf } from '../auth.ts'
import { type Door, readBodyWith } from '../door.ts'
import { ApiError } from '../errors.ts'
import type { ApiPorts } from '../ports.ts'
import { collectionNamed, isInbox } from '../taxii/collections.ts'
import { CONTENT_MAX, isTaxii, sendTaxii, TAXII_MEDIA } from '../taxii/media.ts'
import { CollectionParams, NoQuery, StatusParams } from '../taxii/query.ts'
import { createStatuses, statusOf } from '../taxii/statuses.ts'

/** What others add: read as an import, and never published by it. */
export function inboxRoutes(door: Door, imports: ApiPorts['imports']): void {
  const statuses = createStatuses()

  door.register(async (app: Door) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: CONTENT_MAX }, (request, body, done) => {
      if (isTaxii(request.headers['content-type'])) done(null, body)
      else done(new ApiError('unsupported-media-type', 415))
    })
    app.post(
      '/taxii2/tocsin/collections/:collection/objects/',
      {
        config: { basic: true },
        bodyLimit: CONTENT_MAX,
        validatorCompiler: readBodyWith((body) => body),
        schema: {
          summary: 'TAXII 2.1: add objects, as drafts',
          params: CollectionParams,
          querystring: NoQuery,
          consumes: [TAXII_MEDIA],
          produces: [TAXII_MEDIA],
          body: z.string()
        }
      },
      async (request, reply) => {
        const { collection } = request.params
        if (!isInbox(collection)) {
          if (collectionNamed(collection) === undefined) throw new ApiError('unknown-collection', 404)
          throw new ApiError('forbidden-scope', 403, 'objects are added to the inbox alone')
        }
        const reader = readerOf(request)
        const bytes: unknown = request.body
        const objects = objectsIn(bytes)
        const at = Date.now()
        const view = await imports.run('stix', once(bytes as Uint8Array), {}, reader, { dryRun: false })
        const status = statusOf(objects, view, at)
        statuses.add(reader.token, status)
        reply.code(202)
        return sendTaxii(reply, status)
      }
    )
  })

  door.get(
    '/taxii2/tocsin/status/:status/',
    {
      config: { basic: true },
      schema: {
        summary: 'TAXII 2.1: what became of what was added',
        params: StatusParams,
        querystring: NoQuery,
        produces: [TAXII_MEDIA]
      }
    },
    (request, reply) => {
      const status = statuses.find(readerOf(request).token, request.params.status)
      if (status === undefined) throw new ApiError('unknown-status', 404)
      return sendTaxii(reply, status)
    }
  )
}

/** The list of an envelope; the import reads the same bytes by its own rules. */
function objectsIn(bytes: unknown): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(Buffer.isBuffer(bytes) ? bytes.toString('utf8') : '')
  } catch {
    throw new ApiError('malformed-body', 422)
  }
  const objects = typeof value === 'object' && value !== null && 'objects' in value ? value.objects : undefined
  if (!Array.isArray(objects)) throw new ApiError('malformed-body', 422, 'an envelope has a list of objects')
  return objects
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
