/**
 * For tests: every route with its scope, what it may reveal, and how to ask it about a given thing. A test over a real
 * replica sends each row's probes twice, once about a thing that is above the token's TLP or against its use and once
 * about a thing that does not exist; `masked` answers must then be equal in status, headers and body.
 */
import { ROUTE_SCOPES, type RouteKey, type RouteScope } from './scopes.ts'
import { COLLECTIONS } from './taxii/collections.ts'

/**
 * `nothing`: only what was asked or is public. `content`: bulletins and indicators, cut to the token's TLP and use,
 * with counts, pages, ETags, 404s and events cut likewise. `community`: peers, circles and audiences, never content.
 * `node`: the whole node, for admins.
 */
export type Reveals = 'nothing' | 'content' | 'community' | 'node'

/** A thing to ask about. For things that do not exist: values of the same shape. */
export interface Known {
  readonly bulletin: string
  readonly value: string
  /** A word of its title or text. */
  readonly word: string
  /** SHA-256 of an attachment. */
  readonly attachment: string
  readonly circle: string
  readonly institution: string
  /** Names of the feeds that there are. */
  readonly feeds: readonly string[]
}

export interface Probe {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  readonly url: string
  readonly payload?: Readonly<Record<string, unknown>> | string
  readonly headers?: Readonly<Record<string, string>>
}

export interface RouteRow {
  readonly scope: RouteScope
  readonly reveals: Reveals
  /** Requests that would reveal the thing if anything did; the first one is well-formed for every token. */
  readonly probes: (known: Known) => readonly Probe[]
}

const get = (url: string): Probe => ({ method: 'GET', url })
const post = (url: string, payload: Readonly<Record<string, unknown>>): Probe => ({ method: 'POST', url, payload })
const q = encodeURIComponent

const PROBES: Readonly<Record<RouteKey, { readonly reveals: Reveals; readonly probes: RouteRow['probes'] }>> = {
  'GET /healthz': { reveals: 'nothing', probes: () => [get('/healthz')] },
  'GET /readyz': { reveals: 'nothing', probes: () => [get('/readyz')] },
  'GET /openapi.json': { reveals: 'nothing', probes: () => [get('/openapi.json')] },

  'GET /v1/bulletins': {
    reveals: 'content',
    probes: ({ value, word }) => [
      get('/v1/bulletins'),
      get('/v1/bulletins?state=all&order=arrival'),
      get('/v1/bulletins?limit=1'),
      get('/v1/bulletins?tlp=RED'),
      get(`/v1/bulletins?text=${q(word)}`),
      get(`/v1/bulletins?value=${q(value)}`)
    ]
  },
  'POST /v1/bulletins': {
    reveals: 'content',
    probes: ({ bulletin, value }) => [
      post('/v1/bulletins?dryRun', { title: 'probe', text: 'probe', threat: 'other', indicators: [] }),
      post('/v1/bulletins?dryRun', { title: 'probe', threat: 'other', about: [bulletin] }),
      post('/v1/bulletins?dryRun', { title: 'probe', threat: 'other', supersedes: bulletin }),
      post('/v1/bulletins?dryRun', { title: 'probe', threat: 'other', text: value })
    ]
  },
  'GET /v1/bulletins/:id': {
    reveals: 'content',
    probes: ({ bulletin }) => [get(`/v1/bulletins/${bulletin}`), get(`/v1/bulletins/${bulletin.slice(0, 8)}`)]
  },
  'GET /v1/bulletins/:id/receipts': {
    reveals: 'content',
    probes: ({ bulletin }) => [get(`/v1/bulletins/${bulletin}/receipts`)]
  },
  'GET /v1/bulletins/:id/attachments/:sha256': {
    reveals: 'content',
    probes: ({ bulletin, attachment }) => [get(`/v1/bulletins/${bulletin}/attachments/${attachment}`)]
  },
  'POST /v1/bulletins/:id/retraction': {
    reveals: 'content',
    probes: ({ bulletin }) => [post(`/v1/bulletins/${bulletin}/retraction`, { reason: 'probe' })]
  },
  'POST /v1/bulletins/:id/retraction/prepare': {
    reveals: 'content',
    probes: ({ bulletin }) => [post(`/v1/bulletins/${bulletin}/retraction/prepare`, {})]
  },
  'POST /v1/bulletins/:id/disabling': {
    reveals: 'content',
    probes: ({ bulletin, value }) => [post(`/v1/bulletins/${bulletin}/disabling`, { values: [value], reason: 'probe' })]
  },
  'GET /v1/sightings': {
    reveals: 'content',
    probes: ({ institution }) => [
      get('/v1/sightings'),
      get('/v1/sightings?limit=1'),
      get('/v1/sightings?since=2020-01-01'),
      get(`/v1/sightings?author=${q(institution)}`)
    ]
  },
  'POST /v1/sightings': {
    reveals: 'content',
    probes: ({ bulletin, value }) => [
      post('/v1/sightings', { value, kind: 'sighting' }),
      post('/v1/sightings', { value, bulletin, kind: 'sighting' }),
      post('/v1/sightings', { value, bulletin, kind: 'sighting', private: true })
    ]
  },
  'POST /v1/sightings/count': {
    reveals: 'content',
    probes: ({ bulletin, value }) => [
      post('/v1/sightings/count', { value, bulletin }),
      post('/v1/sightings/count?dryRun', { value })
    ]
  },
  'POST /v1/extract': {
    reveals: 'nothing',
    probes: ({ value }) => [
      { method: 'POST', url: '/v1/extract', payload: value, headers: { 'content-type': 'text/plain' } }
    ]
  },
  'GET /v1/audience': {
    reveals: 'community',
    probes: ({ circle, institution }) => [
      get(`/v1/audience?tlp=AMBER&circle=${q(circle)}`),
      get(`/v1/audience?tlp=RED&to=${q(institution)}`)
    ]
  },

  'GET /v1/indicators': {
    reveals: 'content',
    probes: ({ value, word }) => [
      get(`/v1/indicators?value=${q(value)}`),
      get(`/v1/indicators?value=${q(value)}&state=all`),
      get(`/v1/indicators?text=${q(word)}`),
      get('/v1/indicators?order=arrival'),
      get('/v1/indicators?limit=1')
    ]
  },
  'POST /v1/lookup': { reveals: 'content', probes: ({ value }) => [post('/v1/lookup', { values: [value] })] },
  'GET /v1/trace': { reveals: 'content', probes: ({ value }) => [get(`/v1/trace?value=${q(value)}`)] },
  // Never ends by itself: a test reads it over a socket.
  'GET /v1/events': { reveals: 'content', probes: () => [get('/v1/events?after=0')] },
  'GET /v1/feeds': { reveals: 'nothing', probes: () => [get('/v1/feeds')] },
  'GET /v1/feeds/:name': {
    reveals: 'content',
    probes: ({ feeds }) => feeds.map((name) => get(`/v1/feeds/${name}`))
  },
  'HEAD /v1/feeds/:name': {
    reveals: 'content',
    probes: ({ feeds }) => feeds.map((name) => ({ method: 'HEAD', url: `/v1/feeds/${name}` }))
  },
  'GET /v1/feeds/:name/refused': {
    reveals: 'content',
    probes: ({ feeds }) => feeds.map((name) => get(`/v1/feeds/${name}/refused`))
  },

  'GET /v1/imports': { reveals: 'nothing', probes: () => [get('/v1/imports')] },
  'POST /v1/imports/:name': {
    reveals: 'content',
    probes: ({ value, word }) => [
      {
        method: 'POST',
        url: '/v1/imports/text?dryRun&tlp=AMBER&pap=GREEN',
        payload: `${word} ${value}`,
        headers: { 'content-type': 'text/plain' }
      }
    ]
  },
  'GET /v1/drafts': {
    reveals: 'content',
    probes: () => [get('/v1/drafts'), get('/v1/drafts?state=all'), get('/v1/drafts?limit=1')]
  },
  'GET /v1/drafts/:id': { reveals: 'content', probes: ({ bulletin }) => [get(`/v1/drafts/${bulletin}`)] },
  'POST /v1/drafts/:id': {
    reveals: 'content',
    probes: ({ bulletin }) => [post(`/v1/drafts/${bulletin}`, { title: 'probe' })]
  },
  'POST /v1/drafts/:id/acceptance': {
    reveals: 'content',
    probes: ({ bulletin }) => [post(`/v1/drafts/${bulletin}/acceptance?dryRun`, {})]
  },
  'DELETE /v1/drafts/:id': {
    reveals: 'content',
    probes: ({ bulletin }) => [{ method: 'DELETE', url: `/v1/drafts/${bulletin}` }]
  },
  'GET /v1/sources': { reveals: 'community', probes: () => [get('/v1/sources')] },
  'GET /v1/sources/:name': { reveals: 'community', probes: () => [get('/v1/sources/probe')] },
  'POST /v1/sources': {
    reveals: 'community',
    probes: () => [post('/v1/sources', { name: 'probe', import: 'text', policy: 'review' })]
  },
  'DELETE /v1/sources/:name': {
    reveals: 'community',
    probes: () => [{ method: 'DELETE', url: '/v1/sources/probe' }]
  },
  'POST /v1/sources/:name/poll': { reveals: 'community', probes: () => [post('/v1/sources/probe/poll', {})] },
  'POST /v1/sources/:name/items': { reveals: 'nothing', probes: () => [post('/v1/sources/probe/items', {})] },
  'GET /v1/misp-feed/:file': {
    reveals: 'content',
    probes: ({ bulletin }) => [
      get('/v1/misp-feed/manifest.json'),
      get('/v1/misp-feed/hashes.csv'),
      get(`/v1/misp-feed/${bulletin}.json`)
    ]
  },
  'GET /taxii2/': { reveals: 'nothing', probes: () => [get('/taxii2/')] },
  'GET /taxii2/tocsin/': { reveals: 'nothing', probes: () => [get('/taxii2/tocsin/')] },
  'GET /taxii2/tocsin/collections/': { reveals: 'nothing', probes: () => [get('/taxii2/tocsin/collections/')] },
  'GET /taxii2/tocsin/collections/:collection/': {
    reveals: 'nothing',
    probes: () => COLLECTIONS.map(({ id }) => get(`/taxii2/tocsin/collections/${id}/`))
  },
  'GET /taxii2/tocsin/collections/:collection/manifest/': {
    reveals: 'content',
    probes: () => COLLECTIONS.map(({ id }) => get(`/taxii2/tocsin/collections/${id}/manifest/`))
  },
  'GET /taxii2/tocsin/collections/:collection/objects/': {
    reveals: 'content',
    probes: () =>
      COLLECTIONS.flatMap(({ id }) => [
        get(`/taxii2/tocsin/collections/${id}/objects/`),
        get(`/taxii2/tocsin/collections/${id}/objects/?limit=1`),
        get(`/taxii2/tocsin/collections/${id}/objects/?match[type]=identity,marking-definition,report`)
      ])
  },
  'POST /taxii2/tocsin/collections/:collection/objects/': {
    reveals: 'nothing',
    probes: () => [
      {
        method: 'POST',
        url: '/taxii2/tocsin/collections/inbox/objects/',
        payload: '{"objects":[]}',
        headers: { 'content-type': 'application/taxii+json;version=2.1' }
      }
    ]
  },
  'GET /taxii2/tocsin/status/:status/': {
    reveals: 'nothing',
    probes: () => [get(`/taxii2/tocsin/status/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}/`)]
  },
  'GET /taxii2/tocsin/collections/:collection/objects/:object/': {
    reveals: 'content',
    probes: ({ bulletin }) =>
      COLLECTIONS.map(({ id }) => get(`/taxii2/tocsin/collections/${id}/objects/report--${bulletin}/`))
  },
  'GET /taxii2/tocsin/collections/:collection/objects/:object/versions/': {
    reveals: 'content',
    probes: ({ bulletin }) =>
      COLLECTIONS.map(({ id }) => get(`/taxii2/tocsin/collections/${id}/objects/report--${bulletin}/versions/`))
  },

  'GET /misp/servers/getVersion': { reveals: 'nothing', probes: () => [get('/misp/servers/getVersion')] },
  'GET /misp/servers/getPyMISPVersion.json': {
    reveals: 'nothing',
    probes: () => [get('/misp/servers/getPyMISPVersion.json')]
  },
  'GET /misp/users/view/me': { reveals: 'nothing', probes: () => [get('/misp/users/view/me')] },
  'GET /misp/attributes/describeTypes.json': {
    reveals: 'nothing',
    probes: () => [get('/misp/attributes/describeTypes.json')]
  },
  'GET /misp/tags': { reveals: 'content', probes: () => [get('/misp/tags')] },
  'POST /misp/attributes/restSearch': {
    reveals: 'content',
    probes: ({ value }) => [
      post('/misp/attributes/restSearch', {}),
      post('/misp/attributes/restSearch', { value, includeEventTags: 1 }),
      post('/misp/attributes/restSearch', { limit: 1, deleted: [0, 1] })
    ]
  },
  'POST /misp/events/restSearch': {
    reveals: 'content',
    probes: ({ value, word }) => [
      post('/misp/events/restSearch', {}),
      post('/misp/events/restSearch', { value }),
      post('/misp/events/restSearch', { eventinfo: `%${word}%` })
    ]
  },
  'GET /misp/events/index': { reveals: 'content', probes: () => [get('/misp/events/index')] },
  'POST /misp/events/index': {
    reveals: 'content',
    probes: ({ word }) => [post('/misp/events/index', {}), post('/misp/events/index', { eventinfo: `%${word}%` })]
  },
  'GET /misp/events/view/:event': {
    reveals: 'content',
    probes: ({ bulletin }) => [get(`/misp/events/view/${bulletin}`)]
  },
  'POST /misp/events/view/:event': {
    reveals: 'content',
    probes: ({ bulletin }) => [post(`/misp/events/view/${bulletin}`, { deleted: [0, 1] })]
  },
  'POST /misp/events/add': { reveals: 'content', probes: () => [post('/misp/events/add', {})] },
  'POST /misp/attributes/add/:event': {
    reveals: 'content',
    probes: ({ bulletin, value }) => [post(`/misp/attributes/add/${bulletin}`, { type: 'domain', value })]
  },
  'POST /misp/sightings/add': { reveals: 'content', probes: ({ value }) => [post('/misp/sightings/add', { value })] },
  'POST /misp/sightings/add/:attribute': {
    reveals: 'content',
    probes: ({ bulletin }) => [post(`/misp/sightings/add/${bulletin}`, {})]
  },

  'GET /v1/exceptions': { reveals: 'community', probes: () => [get('/v1/exceptions')] },
  'POST /v1/exceptions': {
    reveals: 'community',
    probes: ({ value }) => [post('/v1/exceptions', { value, reason: 'probe' })]
  },
  'DELETE /v1/exceptions': {
    reveals: 'community',
    probes: ({ value }) => [{ method: 'DELETE', url: `/v1/exceptions?value=${q(value)}` }]
  },

  'GET /v1/card': { reveals: 'community', probes: () => [get('/v1/card')] },
  'POST /v1/card/prepare': { reveals: 'community', probes: () => [post('/v1/card/prepare', { name: 'probe' })] },
  'POST /v1/cards': { reveals: 'community', probes: () => [post('/v1/cards', { card: 'probe' })] },
  'POST /v1/cards/domains': { reveals: 'community', probes: () => [post('/v1/cards/domains', { card: 'probe' })] },
  'POST /v1/introductions': { reveals: 'community', probes: () => [post('/v1/introductions', { card: 'probe' })] },
  'POST /v1/introductions/:id': {
    reveals: 'community',
    probes: () => [post(`/v1/introductions/${'0'.repeat(32)}`, { groups: ['000', '000', '000'] })]
  },
  'GET /v1/peers': { reveals: 'community', probes: () => [get('/v1/peers')] },
  'POST /v1/peers': {
    reveals: 'community',
    probes: () => [post('/v1/peers', { card: 'probe', number: '0'.repeat(27) })]
  },
  'DELETE /v1/peers/:institution': {
    reveals: 'community',
    probes: ({ institution }) => [{ method: 'DELETE', url: `/v1/peers/${q(institution)}` }]
  },
  'GET /v1/peers/:institution/domains': {
    reveals: 'community',
    probes: ({ institution }) => [get(`/v1/peers/${q(institution)}/domains`)]
  },
  'GET /v1/circles': { reveals: 'community', probes: () => [get('/v1/circles')] },
  'GET /v1/circles/:circle': { reveals: 'community', probes: ({ circle }) => [get(`/v1/circles/${q(circle)}`)] },
  'GET /v1/circles/:circle/pending': {
    reveals: 'community',
    probes: ({ circle }) => [get(`/v1/circles/${q(circle)}/pending`)]
  },
  'GET /v1/circles/:circle/why/:institution': {
    reveals: 'community',
    probes: ({ circle, institution }) => [get(`/v1/circles/${q(circle)}/why/${q(institution)}`)]
  },
  'POST /v1/circles/prepare': {
    reveals: 'community',
    probes: ({ circle }) => [post('/v1/circles/prepare', { action: 'accept', circle })]
  },
  'POST /v1/vouches': {
    reveals: 'community',
    probes: ({ institution, circle }) => [post('/v1/vouches', { institution, circle, how: 'phone' })]
  },
  'POST /v1/registers': { reveals: 'community', probes: () => [post('/v1/registers', { register: 'cHJvYmU=' })] },

  'GET /v1/tokens': { reveals: 'node', probes: () => [get('/v1/tokens')] },
  'POST /v1/tokens': {
    reveals: 'node',
    probes: () => [post('/v1/tokens', { name: 'probe', scope: 'read', maxTlp: 'CLEAR', use: 'release' })]
  },
  'DELETE /v1/tokens/:id': { reveals: 'node', probes: () => [{ method: 'DELETE', url: '/v1/tokens/probe' }] },
  'GET /v1/tokens/:id/uses': { reveals: 'node', probes: () => [get('/v1/tokens/probe/uses')] },
  'GET /v1/uses': { reveals: 'node', probes: () => [get('/v1/uses'), get('/v1/uses?limit=1')] },
  'GET /v1/streams': { reveals: 'node', probes: () => [get('/v1/streams')] },
  'POST /v1/streams/:stream/claim': {
    reveals: 'node',
    probes: () => [post(`/v1/streams/${'ab'.repeat(32)}/claim`, {})]
  },
  'GET /v1/file-feeds': { reveals: 'node', probes: () => [get('/v1/file-feeds')] },
  'GET /v1/evidence': { reveals: 'node', probes: () => [get('/v1/evidence')] },
  'GET /v1/status': { reveals: 'node', probes: () => [get('/v1/status')] }
}

/** One row a route, keyed `METHOD /path` as Fastify writes it. */
export const ROUTE_TABLE: ReadonlyMap<string, RouteRow> = new Map(
  Object.entries(PROBES).map(([route, row]) => [route, { ...row, scope: ROUTE_SCOPES[route as RouteKey] }])
)

/** An answer with every trace of the thing asked about replaced by its name, so that two answers can be compared. */
export function masked(text: string, known: Known): string {
  return Object.entries(known)
    .flatMap(([name, value]): [string, string][] => [
      [name, value],
      [name, encodeURIComponent(value)],
      ...(name === 'bulletin' ? [[name, value.slice(0, 8)] as [string, string]] : [])
    ])
    .toSorted((a, b) => b[1].length - a[1].length)
    .reduce((masked, [name, value]) => masked.replaceAll(value, `<${name}>`), text)
}
