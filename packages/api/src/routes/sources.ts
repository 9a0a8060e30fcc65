import { TocsinError } from '@tocsin/model'
import { z } from 'zod'
import { type Guesses, readerOf, secretOf } from '../auth.ts'
import { type Door, readBodyWith } from '../door.ts'
import { DeliveredView, SourceCreatedView, SourceView } from '../draft-views.ts'
import { ApiError } from '../errors.ts'
import { whereabouts } from '../log.ts'
import type { ApiPorts } from '../ports.ts'
import { SourceInput, SourceParams } from '../requests.ts'
import { listOf } from '../views.ts'
import { bodyOf, takeStreams } from './imports.ts'

/** Where items come from by themselves: who may send what, and the one door that their tokens open. */
export function sourceRoutes(app: Door, ports: Pick<ApiPorts, 'sources'>, guesses: Guesses): void {
  const { sources } = ports

  app.get(
    '/v1/sources',
    { schema: { summary: 'Sources, without their tokens', response: { 200: listOf(SourceView) } } },
    async () => ({ items: [...(await sources.list())] })
  )

  app.get(
    '/v1/sources/:name',
    {
      schema: { summary: 'One source, with its latest refusals', params: SourceParams, response: { 200: SourceView } }
    },
    (request) => sources.get(request.params.name)
  )

  app.post(
    '/v1/sources',
    {
      schema: {
        summary: 'Make a source; its token is shown this once',
        body: SourceInput,
        response: { 201: SourceCreatedView }
      }
    },
    async (request, reply) => {
      const { name, import: format, policy } = request.body
      request.act = `${name} ${format} ${policy}`
      return reply.code(201).send(await sources.add(request.body, readerOf(request)))
    }
  )

  app.delete(
    '/v1/sources/:name',
    {
      schema: {
        summary: 'End a source; its drafts stay',
        params: SourceParams,
        response: { 204: z.undefined().describe('Ended') }
      }
    },
    async (request, reply) => {
      await sources.remove(request.params.name, readerOf(request))
      return reply.code(204).send()
    }
  )

  app.post(
    '/v1/sources/:name/poll',
    {
      schema: {
        summary: 'Fetch a source now, whose time has not come yet',
        params: SourceParams,
        response: { 202: SourceView }
      }
    },
    async (request, reply) => reply.code(202).send(await sources.poll(request.params.name))
  )

  app.register(async (scope: Door) => {
    takeStreams(scope)
    scope.post(
      '/v1/sources/:name/items',
      {
        validatorCompiler: readBodyWith((body) => body),
        schema: {
          summary:
            'Deliver to a source, with its own token: as Bearer or the password of Basic, or in the item where its format has a place for it',
          consumes: ['application/octet-stream'],
          params: SourceParams,
          body: z.string(),
          response: { 200: DeliveredView }
        },
        onRequest: async (request, reply) => {
          const { name } = request.params
          const token = secretOf(request.headers.authorization, true)
          // A body is read for a token within it; otherwise a stranger's is not.
          if (token === undefined && !sources.carriesToken(name)) await guesses.wrong(request, reply)
        }
      },
      async (request, reply) => {
        const token = secretOf(request.headers.authorization, true)
        const view = await delivered(
          () => sources.deliver(request.params.name, token, bodyOf(request.body)),
          (error) => request.log.error({ route: request.routeOptions.url, ...whereabouts(error) }, 'delivery failed')
        )
        // Behind a proxy all senders share one address: a right token passes however many were wrong.
        if (view === undefined) return guesses.wrong(request, reply)
        return { counts: view.counts }
      }
    )
  })
}

/** Rocket.Chat never tries again after a 500, and others give up: what is our fault is said to be so for now. */
async function delivered<T>(deliver: () => Promise<T>, onBug: (error: unknown) => void): Promise<T> {
  try {
    return await deliver()
  } catch (error) {
    if (!(error instanceof TocsinError)) onBug(error)
    throw new ApiError('source-unavailable', 503)
  }
}
