import type { Scope } from './reader.ts'

/** `open` needs no token; `source` that of the source itself, which opens nothing else. */
export type RouteScope = Scope | 'open' | 'source'

/**
 * The one table of who may call what. A route without a row cannot be registered, and a row without a route fails
 * the tests. `read` is for tools and clients: it reaches bulletins and feeds as far as the token's TLP and use go, and
 * nothing about who is in which circle. `publish` is an officer's: membership and audiences are his business. `admin`
 * covers peers, statements, tokens, evidence and the counts of the whole node, which no TLP limits.
 */
export const ROUTE_SCOPES = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /openapi.json': 'open',

  'GET /v1/bulletins': 'read',
  'POST /v1/bulletins': 'publish',
  'GET /v1/bulletins/:id': 'read',
  'GET /v1/bulletins/:id/receipts': 'publish',
  'GET /v1/bulletins/:id/attachments/:sha256': 'read',
  'POST /v1/bulletins/:id/retraction': 'publish',
  'POST /v1/bulletins/:id/retraction/prepare': 'publish',
  'POST /v1/bulletins/:id/disabling': 'publish',
  'GET /v1/sightings': 'read',
  'POST /v1/sightings': 'publish',
  'POST /v1/sightings/count': 'publish',
  'POST /v1/extract': 'publish',
  'GET /v1/audience': 'publish',

  'GET /v1/indicators': 'read',
  'POST /v1/lookup': 'read',
  'GET /v1/trace': 'read',
  'GET /v1/events': 'read',
  'GET /v1/feeds': 'read',
  'GET /v1/feeds/:name': 'read',
  'HEAD /v1/feeds/:name': 'read',
  'GET /v1/feeds/:name/refused': 'read',

  'GET /v1/imports': 'publish',
  'POST /v1/imports/:name': 'publish',
  'GET /v1/drafts': 'publish',
  'GET /v1/drafts/:id': 'publish',
  'POST /v1/drafts/:id': 'publish',
  'POST /v1/drafts/:id/acceptance': 'publish',
  'DELETE /v1/drafts/:id': 'publish',
  'GET /v1/sources': 'publish',
  'GET /v1/sources/:name': 'publish',
  'POST /v1/sources': 'admin',
  'DELETE /v1/sources/:name': 'admin',
  'POST /v1/sources/:name/poll': 'admin',
  'POST /v1/sources/:name/items': 'source',

  'GET /v1/misp-feed/:file': 'read',

  'GET /taxii2/': 'read',
  'GET /taxii2/tocsin/': 'read',
  'GET /taxii2/tocsin/collections/': 'read',
  'GET /taxii2/tocsin/collections/:collection/': 'read',
  'GET /taxii2/tocsin/collections/:collection/manifest/': 'read',
  'GET /taxii2/tocsin/collections/:collection/objects/': 'read',
  'POST /taxii2/tocsin/collections/:collection/objects/': 'publish',
  'GET /taxii2/tocsin/status/:status/': 'publish',
  'GET /taxii2/tocsin/collections/:collection/objects/:object/': 'read',
  'GET /taxii2/tocsin/collections/:collection/objects/:object/versions/': 'read',

  'GET /misp/servers/getVersion': 'read',
  'GET /misp/servers/getPyMISPVersion.json': 'read',
  'GET /misp/users/view/me': 'read',
  'GET /misp/attributes/describeTypes.json': 'read',
  'GET /misp/tags': 'read',
  'POST /misp/attributes/restSearch': 'read',
  'POST /misp/events/restSearch': 'read',
  'GET /misp/events/index': 'read',
  'POST /misp/events/index': 'read',
  'GET /misp/events/view/:event': 'read',
  'POST /misp/events/view/:event': 'read',
  'POST /misp/events/add': 'publish',
  'POST /misp/attributes/add/:event': 'publish',
  'POST /misp/sightings/add': 'publish',
  'POST /misp/sightings/add/:attribute': 'publish',

  'GET /v1/exceptions': 'publish',
  'POST /v1/exceptions': 'publish',
  'DELETE /v1/exceptions': 'publish',

  'GET /v1/card': 'publish',
  'POST /v1/card/prepare': 'admin',
  'POST /v1/cards': 'admin',
  'POST /v1/cards/domains': 'admin',
  'POST /v1/introductions': 'admin',
  'POST /v1/introductions/:id': 'admin',
  'GET /v1/peers': 'publish',
  'POST /v1/peers': 'admin',
  'DELETE /v1/peers/:institution': 'admin',
  'GET /v1/peers/:institution/domains': 'admin',
  'GET /v1/circles': 'publish',
  'GET /v1/circles/:circle': 'publish',
  'GET /v1/circles/:circle/pending': 'publish',
  'GET /v1/circles/:circle/why/:institution': 'publish',
  'POST /v1/circles/prepare': 'admin',
  'POST /v1/vouches': 'admin',
  'POST /v1/registers': 'admin',

  'GET /v1/tokens': 'admin',
  'POST /v1/tokens': 'admin',
  'DELETE /v1/tokens/:id': 'admin',
  'GET /v1/tokens/:id/uses': 'admin',
  'GET /v1/uses': 'admin',
  'GET /v1/streams': 'admin',
  'POST /v1/streams/:stream/claim': 'admin',
  'GET /v1/file-feeds': 'admin',
  'GET /v1/evidence': 'admin',
  'GET /v1/status': 'admin'
} as const satisfies Readonly<Record<string, RouteScope>>

/** `METHOD /path` as Fastify writes it. */
export type RouteKey = keyof typeof ROUTE_SCOPES

const RANK: Readonly<Record<Scope, number>> = { read: 0, publish: 1, admin: 2 }

/** True if a token of scope `has` may call a route of scope `needs`: each scope includes those below it. */
export function scopeReaches(has: Scope, needs: Scope): boolean {
  return RANK[has] >= RANK[needs]
}

/** The row of a route, or undefined. */
export function scopeOf(method: string, url: string): RouteScope | undefined {
  const key = `${method} ${url}`
  return Object.hasOwn(ROUTE_SCOPES, key) ? ROUTE_SCOPES[key as RouteKey] : undefined
}
