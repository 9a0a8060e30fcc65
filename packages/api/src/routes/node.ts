import { tlpAtMost } from '@tocsin/model'
import { z } from 'zod'
import type { Door } from '../door.ts'
import { ApiError } from '../errors.ts'
import { EvidenceView, FileFeedView, StatusView, TokenCreatedView, TokenUseView, TokenView } from '../node-views.ts'
import type { ApiPorts } from '../ports.ts'
import { TokenInput, TokenParams, UsesQuery } from '../requests.ts'
import { listOf, pageOf } from '../views.ts'

/** ms: a client is looked at again at least every year. */
const CLIENT_LIFETIME = 400 * 86_400_000

/** Tokens, evidence and the state of the node. */
export function nodeRoutes(app: Door, ports: Pick<ApiPorts, 'tokens' | 'evidence' | 'status' | 'fileFeeds'>): void {
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
    '/v1/file-feeds',
    { schema: { summary: 'The files that this node keeps up to date', response: { 200: listOf(FileFeedView) } } },
    async () => ({ items: [...ports.fileFeeds()] })
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
      const { scope, maxTlp, use, client, expiresAt } = request.body
      request.act = tokenText(request.body)
      // Promise only what holds: whoever can make tokens can make himself one of RED and hunt.
      if (scope === 'admin' && (maxTlp !== 'RED' || use !== 'hunt')) throw new ApiError('limited-admin-token', 422)
      // TLP 2.0 lets AMBER go to clients of the recipient, AMBER+STRICT and RED not.
      const lifetime = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - Date.now()
      if (client !== undefined && !(scope === 'read' && tlpAtMost(maxTlp, 'AMBER') && lifetime <= CLIENT_LIFETIME))
        throw new ApiError('client-token-too-wide', 422)
      const made = await tokens.create(request.body)
      request.act = `${made.id} ${tokenText(made)}`
      return reply.code(201).send(made)
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
      const { id } = request.params
      const named = (await tokens.list()).find((one) => one.id === id || one.name === id)
      request.act = named === undefined ? id : `${named.id} ${named.name}`
      await tokens.revoke(id)
      return reply.code(204).send()
    }
  )

  app.get(
    '/v1/tokens/:id/uses',
    {
      schema: {
        summary: 'What the client of a token fetched, and what was done with it, newest first',
        params: TokenParams,
        response: { 200: listOf(TokenUseView) }
      }
    },
    async (request) => ({ items: await tokens.uses(request.params.id) })
  )

  app.get(
    '/v1/uses',
    {
      schema: {
        summary: 'The same of all tokens, and what was changed in the files of the home',
        querystring: UsesQuery,
        response: { 200: pageOf(TokenUseView) }
      }
    },
    (request) => tokens.allUses(request.query)
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

function tokenText({ name, scope, maxTlp, use, client }: Omit<TokenView, 'id' | 'createdAt'>): string {
  return `${name} ${scope} TLP:${maxTlp} ${use}${client === undefined ? '' : ` for ${client}`}`
}
