import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readerOf } from '../auth.ts'
import type { Door } from '../door.ts'
import { ApiError } from '../errors.ts'
import type { FeedQuery, OpenFeed } from '../feed-ports.ts'
import { FeedFormatView, FeedRefusalView } from '../node-views.ts'
import type { ApiPorts } from '../ports.ts'
import { FeedParams, FeedQueryInput } from '../requests.ts'
import { gathered, type OpenAnswers, streamOf } from '../streams.ts'
import { listOf } from '../views.ts'

type FeedPorts = Pick<ApiPorts, 'feeds'>

/** One feed, as firewalls and resolvers fetch it. Rspamd asks by HEAD whether its map has changed, and reads it only then. */
export function feedRoute(app: Door, ports: FeedPorts, answers: OpenAnswers): void {
  app.head(
    '/v1/feeds/:name',
    {
      config: { basic: true },
      schema: { summary: 'Whether a feed has changed', params: FeedParams, querystring: FeedQueryInput }
    },
    async (request, reply) => {
      const feed = await open(ports, request.params.name, request.query, request)
      return sendFeed(feed, request, reply, answers)
    }
  )

  app.get(
    '/v1/feeds/:name',
    {
      config: { basic: true },
      schema: {
        summary: 'A feed for a tool; the token may be the password of Basic authentication',
        params: FeedParams,
        querystring: FeedQueryInput,
        produces: ['text/plain', 'text/csv', 'application/json']
      }
    },
    async (request, reply) => {
      const feed = await open(ports, request.params.name, request.query, request)
      return sendFeed(feed, request, reply, answers)
    }
  )
}

/** The formats that there are. */
export function feedTableRoute(app: Door, { feeds }: FeedPorts): void {
  app.get(
    '/v1/feeds',
    { schema: { summary: 'The formats of feeds', response: { 200: listOf(FeedFormatView) } } },
    async () => ({ items: [...feeds.table] })
  )
}

/** What a feed left out. */
export function feedRefusalRoute(app: Door, ports: FeedPorts): void {
  app.get(
    '/v1/feeds/:name/refused',
    {
      schema: {
        summary: 'What a feed leaves out, each with its rule',
        params: FeedParams,
        querystring: FeedQueryInput,
        response: { 200: listOf(FeedRefusalView) }
      }
    },
    async (request) => {
      const { name } = request.params
      known(ports, name)
      return { items: await ports.feeds.refused(name, request.query, readerOf(request)) }
    }
  )
}

function known({ feeds }: FeedPorts, name: string): void {
  const names = feeds.table.map((feed) => feed.name)
  if (!names.includes(name)) throw new ApiError('unknown-feed', 404, undefined, { feeds: names })
}

function open(ports: FeedPorts, name: string, query: FeedQuery, request: FastifyRequest): Promise<OpenFeed> {
  known(ports, name)
  return ports.feeds.open(name, query, readerOf(request))
}

/** The answer, or 304 where the client has it; gzip where it takes it. */
export async function sendFeed(feed: OpenFeed, request: FastifyRequest, reply: FastifyReply, answers: OpenAnswers) {
  const tag = feed.etag.replace(/^W\//, '').replaceAll('"', '')
  const gzip = takesGzip(request.headers['accept-encoding'])
  // RFC 9110 §8.8.3.3: two encodings of one thing are two representations, each with its own strong tag.
  reply.header('etag', gzip ? `"${tag}-gzip"` : `"${tag}"`)
  reply.header('cache-control', 'private, no-cache')
  reply.header('vary', 'Accept-Encoding, Authorization')
  if (isCurrent(request.headers['if-none-match'], tag)) {
    await feed.body[Symbol.asyncIterator]().return?.()
    return reply.code(304).send()
  }
  reply.type(feed.mediaType)
  if (request.method === 'HEAD') {
    await feed.body[Symbol.asyncIterator]().return?.()
    if (gzip) reply.header('content-encoding', 'gzip')
    // A stream has no length; the empty text would say that the feed is empty (RFC 9110 §8.6).
    return reply.send(Readable.from([]))
  }
  answers.stream(reply)
  const body = feed.body[Symbol.asyncIterator]()
  // Whoever goes before he was sent anything leaves a body that nobody has begun: what holds it must hear of it.
  const giveUp = (): void => void Promise.resolve(body.return?.()).catch(() => undefined)
  if (reply.raw.destroyed) giveUp()
  else reply.raw.once('close', giveUp)
  const plain = streamOf(gathered({ [Symbol.asyncIterator]: () => body }))
  if (!gzip) return reply.send(plain)
  reply.header('content-encoding', 'gzip')
  // A source that fails destroys the gzip stream with it: the client sees a cut answer, never a complete short one.
  return reply.send(pipeline(plain, createGzip(), () => undefined))
}

/** Accept-Encoding of RFC 9110 §12.5.3, as far as gzip goes. */
export function takesGzip(header: string | undefined): boolean {
  const weights = new Map(
    (header ?? '').split(',').map((part): [string, number] => {
      const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const q = parameters.find((text) => text.startsWith('q='))
      return [coding, q === undefined ? 1 : Number(q.slice(2))]
    })
  )
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0
}

/** If-None-Match of RFC 9110 §13.1.2: weak comparison, either encoding's tag. */
export function isCurrent(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',').some((part) => {
    const given = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(part)?.[1]
    return given === tag || given === `${tag}-gzip`
  })
}
