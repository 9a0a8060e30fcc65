import { z } from 'zod'
import { readerOf } from '../auth.ts'
import { type Door, readBodyWith } from '../door.ts'
import { ExceptionView } from '../node-views.ts'
import type { ApiPorts } from '../ports.ts'
import { AudienceView, ExtractionView } from '../publish-views.ts'
import {
  AudienceQueryInput,
  CountInput,
  ExceptionInput,
  ExceptionQuery,
  ExtractQuery,
  PublishQuery,
  SightingInput,
  SightingQueryInput
} from '../requests.ts'
import { CountView, SightingAddedView, SightingView } from '../sighting-views.ts'
import { listOf, pageOf } from '../views.ts'

/** A message or mail of 10 MiB and some air. */
const EXTRACT_LIMIT = 12 * 1024 * 1024

const MAIL = 'message/rfc822'

/** What an officer does around a bulletin: read a mail, ask who would see it, report, except. */
export function officerRoutes(
  app: Door,
  ports: Pick<ApiPorts, 'extract' | 'audience' | 'sightings' | 'exceptions'>
): void {
  const { exceptions } = ports

  app.register(async (scope: Door) => {
    scope.addContentTypeParser([MAIL, 'text/plain'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post(
      '/v1/extract',
      {
        bodyLimit: EXTRACT_LIMIT,
        // The body is bytes, since a mail is often not UTF-8; of an empty one Fastify hands over nothing.
        validatorCompiler: readBodyWith((body) => (Buffer.isBuffer(body) ? body : Buffer.alloc(0))),
        schema: {
          summary: 'Indicators in a pasted message (text/plain) or a mail (message/rfc822), and what was left out',
          consumes: ['text/plain', MAIL],
          querystring: ExtractQuery,
          body: z.string(),
          response: { 200: ExtractionView }
        }
      },
      (request) => {
        const mail = request.headers['content-type']?.toLowerCase().startsWith(MAIL) === true
        const bytes = request.body as unknown as Buffer
        return ports.extract({ bytes, mail, drop: request.query.drop, context: request.query.context })
      }
    )
  })

  app.get(
    '/v1/audience',
    {
      schema: {
        summary: 'Who would hold a bulletin of these labels, before it is signed',
        querystring: AudienceQueryInput,
        response: { 200: AudienceView }
      }
    },
    (request) => ports.audience(request.query)
  )

  app.get(
    '/v1/sightings',
    {
      schema: {
        summary: 'What was said of indicators, in order of arrival',
        querystring: SightingQueryInput,
        response: { 200: pageOf(SightingView) }
      }
    },
    (request) => ports.sightings.list(request.query, readerOf(request))
  )

  app.post(
    '/v1/sightings',
    {
      schema: {
        summary: 'Report that an indicator was seen, is a false positive or has expired',
        body: SightingInput,
        response: { 201: SightingAddedView }
      }
    },
    async (request, reply) => reply.code(201).send(await ports.sightings.add(request.body, readerOf(request)))
  )

  app.post(
    '/v1/sightings/count',
    {
      schema: {
        summary: 'Publish how many institutions told us alone that they saw an indicator of a bulletin of ours',
        querystring: PublishQuery,
        body: CountInput,
        response: { 200: CountView, 201: CountView }
      }
    },
    async (request, reply) => {
      const dryRun = request.query.dryRun === true
      const view = await ports.sightings.count(request.body, readerOf(request), { dryRun })
      return reply.code(dryRun ? 200 : 201).send(view)
    }
  )

  app.get(
    '/v1/exceptions',
    { schema: { summary: 'What is never blocked here', response: { 200: listOf(ExceptionView) } } },
    async () => ({ items: await exceptions.list() })
  )

  app.post(
    '/v1/exceptions',
    {
      schema: {
        summary: 'Never block a value here, effective at once in every feed',
        body: ExceptionInput,
        response: { 201: ExceptionView }
      }
    },
    async (request, reply) => {
      const { value, until } = request.body
      request.act = `${value}${until === undefined ? '' : ` until ${until}`}`
      const made = await exceptions.add(request.body, readerOf(request))
      request.act = `${made.type} ${request.act}`
      return reply.code(201).send(made)
    }
  )

  app.delete(
    '/v1/exceptions',
    {
      schema: {
        summary: 'End an exception',
        querystring: ExceptionQuery,
        response: { 204: z.undefined().describe('Ended') }
      }
    },
    async (request, reply) => {
      request.act = request.query.value
      await exceptions.remove(request.query.value, request.query.type)
      return reply.code(204).send()
    }
  )
}
