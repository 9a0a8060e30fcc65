import { DraftSchema } from '@tocsin/model'
import { z } from 'zod'
import { readerOf } from '../auth.ts'
import { type Door, readBodyWith } from '../door.ts'
import { DRAFT_LIMIT, readDraft } from '../draft-body.ts'
import type { SightingsChange } from '../draft-ports.ts'
import { DraftSummaryView, DraftView, SightedView } from '../draft-views.ts'
import { ApiError } from '../errors.ts'
import type { ApiPorts } from '../ports.ts'
import { problemsOf } from '../problem.ts'
import { PublishView } from '../publish-views.ts'
import { AcceptQuery, DraftEditQuery, DraftQueryInput, IdParams, SightingsChangeInput } from '../requests.ts'
import { pageOf } from '../views.ts'

/** What waits for a person: seen, changed, accepted as a bulletin, or discarded. */
export function draftRoutes(app: Door, ports: Pick<ApiPorts, 'drafts'>): void {
  const { drafts } = ports

  app.get(
    '/v1/drafts',
    {
      schema: {
        summary: 'Drafts, newest first; with state=all also what became of closed ones',
        querystring: DraftQueryInput,
        response: { 200: pageOf(DraftSummaryView) }
      }
    },
    (request) => drafts.list(request.query, readerOf(request))
  )

  app.get(
    '/v1/drafts/:id',
    { schema: { summary: 'One draft whole, by id or unique prefix', params: IdParams, response: { 200: DraftView } } },
    (request) => drafts.get(request.params.id, readerOf(request))
  )

  app.post(
    '/v1/drafts/:id',
    {
      bodyLimit: DRAFT_LIMIT,
      // Each kind is read by its own shape, so that a problem is named with its path and not as one of either's.
      validatorCompiler: readBodyWith((body) => body),
      schema: {
        summary: 'Put another content in the place of a draft’s; of a draft of sightings those that are left of them',
        params: IdParams,
        querystring: DraftEditQuery,
        body: z.union([DraftSchema, SightingsChangeInput]),
        response: { 200: DraftView }
      }
    },
    (request) => {
      const content = ofSightings(request.body) ? readSightings(request.body) : readDraft(request.body, false).draft
      return drafts.edit(request.params.id, content, readerOf(request), request.query)
    }
  )

  app.post(
    '/v1/drafts/:id/acceptance',
    {
      schema: {
        summary: 'Publish a draft as a bulletin or report its sightings, or with dryRun show what that would do',
        params: IdParams,
        querystring: AcceptQuery,
        response: { 200: z.union([SightedView, PublishView]), 201: PublishView }
      }
    },
    async (request, reply) => {
      const { dryRun = false, ...rest } = request.query
      const view = await drafts.accept(request.params.id, readerOf(request), { dryRun, ...rest })
      if ('id' in view && view.id !== undefined) reply.code(201).header('location', `/v1/bulletins/${view.id}`)
      return view
    }
  )

  app.delete(
    '/v1/drafts/:id',
    {
      schema: {
        summary: 'Discard a draft; the same item does not come again',
        params: IdParams,
        response: { 204: z.undefined().describe('Discarded') }
      }
    },
    async (request, reply) => {
      await drafts.discard(request.params.id, readerOf(request))
      return reply.code(204).send()
    }
  )
}

function ofSightings(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'sightings' in body
}

function readSightings(body: unknown): SightingsChange {
  const read = SightingsChangeInput.safeParse(body)
  if (read.success) return read.data
  const problems = read.error.issues.flatMap((issue) => problemsOf(issue))
  throw new ApiError('invalid-request', 400, `body: ${problems.length} problem(s)`, { where: 'body', problems })
}
