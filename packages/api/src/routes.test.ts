import { describe, expect, it } from 'vitest'
import type { Scope } from './reader.ts'
import { type Known, masked, type Probe, ROUTE_TABLE } from './route-table.ts'
import { ROUTE_SCOPES, scopeReaches } from './scopes.ts'
import { CIRCLE, INSTITUTIONS } from './testing/institutions.ts'
import { bearer, openApi } from './testing/open-api.ts'

const ABSENT: Known = {
  bulletin: '00000000-0000-4000-8000-000000000000',
  value: 'absent.example.org',
  word: 'quagga',
  attachment: '0'.repeat(64),
  circle: CIRCLE.name,
  institution: INSTITUTIONS.valenciennes.name,
  feeds: ['list', 'rpz', 'csv', 'json']
}

const request = (probe: Probe, token?: string) => ({
  method: probe.method,
  url: probe.url,
  headers: { ...probe.headers, ...(token === undefined ? {} : bearer(token)) },
  ...(probe.payload === undefined
    ? {}
    : { payload: typeof probe.payload === 'string' ? probe.payload : { ...probe.payload } })
})

/** TAXII has a shape of its own for errors; an answer to HEAD has none. */
const codeOf = (body: string): string | undefined => {
  const { code, error_code } = body === '' ? {} : (JSON.parse(body) as { code?: string; error_code?: string })
  return code ?? error_code
}

describe('the scope table', () => {
  it('has a row for every route of Fastify and no other row', async () => {
    await using opened = openApi({ feedsListen: { host: '127.0.0.1', port: 0, allow: ['127.0.0.1'] } })
    const { api } = opened
    await api.app.ready()
    await api.feedsApp?.ready()
    const seen = api.routes.map(({ method, url }) => `${method} ${url}`)
    expect(seen.toSorted()).toEqual(Object.keys(ROUTE_SCOPES).toSorted())
    expect([...ROUTE_TABLE.keys()].toSorted()).toEqual(seen.toSorted())
    // Fastify's own word that nothing else is routed: its printed tree has as many methods as we saw.
    const printed = api.app.printRoutes({ commonPrefix: false }).match(/\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b/g)
    expect(printed).toHaveLength(seen.length)
    for (const { method, url } of api.routes) expect(api.app.hasRoute({ method: method as 'GET', url })).toBe(true)
    expect(api.feedRoutes).toEqual([
      { method: 'GET', url: '/healthz' },
      { method: 'HEAD', url: '/v1/feeds/:name' },
      { method: 'GET', url: '/v1/feeds/:name' },
      { method: 'GET', url: '/v1/misp-feed/:file' },
      ...api.routes.filter(({ url }) => url.startsWith('/misp/') && !/\/add/.test(url)),
      ...seen
        .filter((route) => route.startsWith('GET /taxii2/') && !route.includes('/status/'))
        .map((route) => ({ method: 'GET', url: route.slice(4) }))
    ])
  })

  it.each([...ROUTE_TABLE])('is enforced at %s', async (_route, { scope, probes }) => {
    await using opened = openApi()
    const { api, node } = opened
    const probe = probes(ABSENT)[0]
    if (probe === undefined) throw new Error('a row without a probe')
    const bare = await api.app.inject(request(probe))
    if (scope === 'open') {
      expect(bare.statusCode).toBe(200)
      return
    }
    expect(bare.statusCode).toBe(401)
    const isBare = probe.method === 'HEAD'
    expect(codeOf(bare.body)).toBe(isBare ? undefined : 'unauthenticated')
    if (scope === 'source') {
      // Not even the node's own token opens it.
      expect((await api.app.inject(request(probe, node.token('admin')))).statusCode).toBe(401)
      return
    }
    for (const has of ['read', 'publish', 'admin'] satisfies Scope[]) {
      // Reaching the event stream would never end; its scope is the lowest and live.test.ts reads it.
      if (probe.url.startsWith('/v1/events')) continue
      const { statusCode, body } = await api.app.inject(request(probe, node.token(has)))
      if (scopeReaches(has, scope)) expect([401, 403]).not.toContain(statusCode)
      else
        expect({ statusCode, code: codeOf(body) }).toEqual({
          statusCode: 403,
          code: isBare ? undefined : 'forbidden-scope'
        })
    }
  })
})

describe('a thing above the TLP or against the use of a token', () => {
  const rows = [...ROUTE_TABLE].filter(([route, row]) => row.reveals === 'content' && route !== 'GET /v1/events')

  it.each(rows)('is not told from one that does not exist at %s', async (_route, { probes }) => {
    await using opened = openApi()
    const { api, node } = opened
    node.arrive({ title: 'seen by all', tlp: 'CLEAR', pap: 'CLEAR', indicators: [{ type: 'ipv4', value: '9.9.9.9' }] })
    const tokens = [node.token('publish', 'GREEN', 'hunt'), node.token('publish', 'RED', 'block')]
    const before = await Promise.all(tokens.map((token) => answers(token, ABSENT)))

    const data = Buffer.from('a sample')
    const hidden = node.arrive({
      title: 'zorilla campaign',
      tlp: 'AMBER',
      pap: 'RED',
      indicators: [{ type: 'domain', value: 'hidden.example.org' }],
      attachments: [{ name: 'sample.bin', base64: data.toString('base64') }]
    })
    const known: Known = {
      ...ABSENT,
      bulletin: hidden.id,
      value: 'hidden.example.org',
      word: 'zorilla',
      attachment: hidden.attachments[0]?.sha256 ?? ''
    }
    const after = await Promise.all(tokens.map((token) => answers(token, known)))
    expect(after).toEqual(before)

    async function answers(token: string, thing: Known) {
      const all = []
      for (const probe of probes(thing)) {
        const { statusCode, headers, body } = await api.app.inject(request(probe, token))
        all.push({ statusCode, etag: headers.etag, body: timeless(masked(body, thing)) })
      }
      return all
    }
  })

  it('is seen by a token that may', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const { id } = node.arrive({ title: 'zorilla', tlp: 'AMBER', pap: 'RED' })
    const found = await api.app.inject({
      url: `/v1/bulletins/${id}`,
      headers: bearer(node.token('read', 'AMBER', 'hunt'))
    })
    expect(found.json().title).toBe('zorilla')
  })
})

/** A dry run says until when it would be kept, which is the time of the question. */
function timeless(body: string): string {
  return body.replaceAll(/"keepUntil":"[^"]+"/g, '"keepUntil":""')
}
