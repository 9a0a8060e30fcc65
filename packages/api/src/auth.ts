/**
 * Who asks: Bearer (RFC 6750), or for the feeds also Basic (RFC 7617) with the token as password, since firewalls and
 * resolvers often know nothing else. The secret itself is never kept or logged.
 */
import { createHash } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Door } from './door.ts'
import { ApiError } from './errors.ts'
import type { ApiPorts } from './ports.ts'
import type { Reader } from './reader.ts'
import { type RouteScope, scopeReaches } from './scopes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route whose scope is not `open`. */
    reader: Reader | undefined
  }
  interface FastifyContextConfig {
    scope?: RouteScope
    basic?: boolean
    /** The token alone, without a scheme, as MISP's clients send it. */
    bare?: boolean
  }
}

/** Wrong tokens from one address (IPv6: one /64) before it has to wait. */
const WRONG_TOKENS = 20
/** ms until an address's wrong tokens are forgotten. */
const WRONG_TOKENS_WINDOW = 60_000
/** Tokens remembered as good, so that guesses on the same machine do not lock its tools out. */
const KNOWN_GOOD = 256

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i
const BARE = /^([A-Za-z0-9._~+/-]+=*) *$/
const BASIC = /^Basic +([A-Za-z0-9+/]+=*) *$/i

/** For routes that look at a secret of their own kind: wrong ones count as wrong tokens do. */
export interface Guesses {
  /** Counts one and throws ApiError 401, or 429 where too many came from this address. */
  wrong(request: FastifyRequest, reply: FastifyReply): Promise<never>
}

/** The token of an Authorization header; undefined if there is none of a known form. */
export function secretOf(header: string | undefined, basic: boolean, bare = false): string | undefined {
  if (header === undefined) return undefined
  const alone = bare ? BARE.exec(header)?.[1] : undefined
  if (alone !== undefined) return alone
  const bearer = BEARER.exec(header)?.[1]
  if (bearer !== undefined) return bearer
  const pair = basic ? BASIC.exec(header)?.[1] : undefined
  if (pair === undefined) return undefined
  // RFC 7617 §2: the user-id has no colon, the password may.
  const text = Buffer.from(pair, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 || colon === text.length - 1 ? undefined : text.slice(colon + 1)
}

/** The reader of a request on a route that needs a token; a route that reaches this without one is a bug. */
export function readerOf(request: FastifyRequest): Reader {
  if (request.reader === undefined) throw new Error('route without authentication')
  return request.reader
}

/** Challenges of RFC 9110 §11.6.1; Basic is offered only where it is taken. */
function challenge(reply: FastifyReply, basic: boolean, error?: string): void {
  const detail = error === undefined ? '' : `, error="${error}"`
  const bearer = `Bearer realm="tocsin"${detail}`
  reply.header('www-authenticate', basic ? [bearer, 'Basic realm="tocsin", charset="UTF-8"'] : bearer)
}

/**
 * Checks token and scope before a body is read. An address with too many wrong tokens is refused before its next
 * guess is looked at; a token that was good before still passes.
 */
export async function addAuthentication(app: Door, ports: Pick<ApiPorts, 'authenticate'>): Promise<Guesses> {
  await app.register(rateLimit, { global: false, max: WRONG_TOKENS, timeWindow: WRONG_TOKENS_WINDOW, ipv6Subnet: 64 })
  const wrongTokens = app.createRateLimit()
  const knownGood = new Set<string>()
  app.decorateRequest('reader', undefined)

  async function refuseGuessers(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const guesses = await wrongTokens(request, { increment: false })
    if (guesses.isAllowed || guesses.remaining > 0) return
    reply.header('retry-after', guesses.ttlInSeconds)
    throw new ApiError('too-many-failed-authentications', 429)
  }

  app.addHook('onRequest', async (request, reply) => {
    const { scope, basic = false, bare = false } = request.routeOptions.config
    // The 404 handler has no row either: there is nothing behind it.
    if (scope === undefined || scope === 'open' || scope === 'source') return
    const secret = secretOf(request.headers.authorization, basic, bare)
    if (secret === undefined) {
      challenge(reply, basic)
      throw new ApiError('unauthenticated', 401)
    }
    const print = createHash('sha256').update(secret).digest('base64')
    if (!knownGood.has(print)) await refuseGuessers(request, reply)
    const reader = await ports.authenticate(secret)
    if (reader === undefined) {
      knownGood.delete(print)
      await wrongTokens(request)
      challenge(reply, basic, 'invalid_token')
      throw new ApiError('unauthenticated', 401)
    }
    remember(knownGood, print)
    if (!scopeReaches(reader.scope, scope)) {
      challenge(reply, basic, 'insufficient_scope')
      throw new ApiError('forbidden-scope', 403, undefined, { needs: scope, has: reader.scope })
    }
    request.reader = reader
  })

  return {
    async wrong(request, reply) {
      await refuseGuessers(request, reply)
      await wrongTokens(request)
      challenge(reply, false, 'invalid_token')
      throw new ApiError('unauthenticated', 401)
    }
  }
}

function remember(known: Set<string>, print: string): void {
  known.delete(print)
  known.add(print)
  const oldest = known.size > KNOWN_GOOD ? known.values().next().value : undefined
  if (oldest !== undefined) known.delete(oldest)
}
