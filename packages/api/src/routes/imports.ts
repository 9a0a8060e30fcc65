import { Readable } from 'node:stream'
import { z } from 'zod'
import { readerOf } from '../auth.ts'
import { type Door, readBodyWith } from '../door.ts'
import { ImportedView, ImportView } from '../draft-views.ts'
import { ApiError } from '../errors.ts'
import type { ApiPorts } from '../ports.ts'
import { ImportParams, ImportQuery } from '../requests.ts'
import { listOf } from '../views.ts'

/** What comes in, as drafts. */
export function importRoutes(app: Door, ports: Pick<ApiPorts, 'imports'>): void {
  const { imports } = ports

  app.get(
    '/v1/imports',
    { schema: { summary: 'The formats that can be imported', response: { 200: listOf(ImportView) } } },
    async () => ({ items: [...imports.list()] })
  )

  app.register(async (scope: Door) => {
    takeStreams(scope)
    scope.post(
      '/v1/imports/:name',
      {
        validatorCompiler: readBodyWith((body) => body),
        schema: {
          summary: 'Read a document of one of the formats as drafts; with dryRun keep nothing and say what would be',
          consumes: [...new Set(imports.list().flatMap(({ mediaTypes }) => mediaTypes)), 'application/octet-stream'],
          params: ImportParams,
          querystring: ImportQuery,
          body: z.string(),
          response: { 200: ImportedView }
        }
      },
      async (request) => {
        const { name } = request.params
        if (!imports.list().some((row) => row.name === name)) {
          throw new ApiError('unknown-import', 404, undefined, { imports: imports.list().map((row) => row.name) })
        }
        const { dryRun = false, ...settings } = request.query
        return imports.run(name, bodyOf(request.body), settings, readerOf(request), { dryRun })
      }
    )
  })
}

/**
 * Bodies of any media type as they come, unread: the import's own limits hold before anything is decoded, and Fastify's
 * are for bodies that it reads itself.
 */
export function takeStreams(scope: Door): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
}

/**
 * The body as it comes. What is left of one beyond its limit is thrown away as it arrives: a socket cut short would take the
 * answer with it. Of an empty body Fastify hands over nothing.
 */
export function bodyOf(body: unknown): AsyncIterable<Uint8Array> {
  return body instanceof Readable ? wholly(body) : nothing()
}

async function* wholly(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false })
  } finally {
    // Node throws away what nobody began to read; of this somebody did, and its connection would never end.
    body.resume()
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
