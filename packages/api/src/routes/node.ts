import { z } from 'zod'
import type { Door } from '../door.ts'
import { ApiError } from '../errors.ts'
import type { ApiPorts } from '../ports.ts'
import { TokenInput, TokenParams } from '../requests.ts'
import { EvidenceView, listOf, StatusView, TokenCreatedView, TokenView } from '../views.ts'

/** Tokens, evidence and the state of the node. */
export function nodeRoutes(app: Door, ports: Pick<ApiPorts, 'tokens' | 'evidence' | 'status'>): void {
  const { tokens } = ports

  app.get('/v1/status', { schema: { summary: 'The state of this node', response: { 200: StatusView } } }, () =>
    ports.status()
  )

  app.get(
    '/v1/evidence',
    { schema: { summary: 'Who broke a rule, with proof', response: { 200: listOf(EvidenceView) } } },
    async () => ({ items: await ports.evidence() })
  )

  app.get(
    '/v1/tokens',
    { schema: { summary: 'Tokens, without their secrets', response: { 200: listOf(TokenView) } } },
    async () => ({
      items: await tokens.list()
    })
  )

  app.post(
    '/v1/tokens',
    {
      schema: {
        summary: 'Make a token; its secret is shown this once',
        body: TokenInput,
        response: { 201: TokenCreatedView }
      }
    },
    async (request, reply) => {
      const { scope, maxTlp, use } = request.body
      // Promise only what holds: whoever can make tokens can make himself one of RED and hunt.
      if (scope === 'admin' && (maxTlp !== 'RED' || use !== 'hunt')) throw new ApiError('limited-admin-token', 422)
      return reply.code(201).send(await tokens.create(request.body))
    }
  )

  app.delete(
    '/v1/tokens/:id',
    {
      schema: {
        summary: 'Revoke a token, effective at its next request',
        params: TokenParams,
        response: { 204: z.undefined().describe('Revoked') }
      }
    },
    async (request, reply) => {
      await tokens.revoke(request.params.id)
      return reply.code(204).send()
    }
  )
}

/** `/healthz`: the process answers. */
export function healthRoute(app: Door): void {
  app.get(
    '/healthz',
    { schema: { summary: 'The process answers', response: { 200: z.object({ status: z.literal('ok') }) } } },
    async () => ({ status: 'ok' as const })
  )
}

/** `/readyz`: it can also serve. */
export function readyRoute(app: Door, ports: Pick<ApiPorts, 'notReady'>): void {
  app.get(
    '/readyz',
    { schema: { summary: 'The node can serve', response: { 200: z.object({ status: z.literal('ready') }) } } },
    async () => {
      const reason = ports.notReady()
      if (reason !== undefined) throw new ApiError('not-ready', 503, reason)
      return { status: 'ready' as const }
    }
  )
}
