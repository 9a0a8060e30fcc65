import { describe, expect, it } from 'vitest'
import { ACTS, NO_ACTS } from './acts.ts'
import type { TokenUseView } from './node-views.ts'
import { ROUTE_SCOPES, type RouteKey } from './scopes.ts'
import { bearer, openApi } from './testing/open-api.ts'

describe('the record of acts', () => {
  it('decides of every route of an admin that is no look', () => {
    const routes = (Object.keys(ROUTE_SCOPES) as RouteKey[]).filter(
      (route) => ROUTE_SCOPES[route] === 'admin' && !route.startsWith('GET ')
    )
    for (const route of routes) expect([route, ACTS.has(route) !== NO_ACTS.has(route)]).toEqual([route, true])
    for (const route of NO_ACTS) expect(routes).toContain(route)
  })

  it('has an act before it is done, and how it ended before its answer leaves', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const seen: TokenUseView[][] = []
    const uses = async () => [...(await node.ports.tokens.allUses({ limit: 10 })).items]
    const add = node.ports.exceptions.add
    node.ports.exceptions.add = async (...given) => {
      seen.push((await uses()).map((it) => ({ ...it })))
      return add(...given)
    }
    const headers = bearer(node.token('publish'))
    const payload = { value: 'x.example', reason: 'ours' }
    const { statusCode } = await api.app.inject({ method: 'POST', url: '/v1/exceptions', headers, payload })
    expect(statusCode).toBe(201)
    expect(seen).toMatchObject([[{ route: 'POST /v1/exceptions', status: 0 }]])
    expect(await uses()).toMatchObject([{ route: 'POST /v1/exceptions', status: 201 }])
  })

  it('has what was refused, and neither looks nor who has no token', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const headers = bearer(node.token('admin'))
    const ask = (method: 'GET' | 'POST', url: string, more = {}) => api.app.inject({ method, url, ...more })
    await ask('GET', '/v1/exceptions', { headers })
    await ask('POST', '/v1/exceptions', { payload: {} })
    await ask('POST', '/v1/exceptions', { headers, payload: { value: '', reason: 'x' } })
    await ask('POST', '/v1/tokens', {
      headers,
      payload: { name: 'wide', scope: 'admin', maxTlp: 'AMBER', use: 'block' }
    })
    const { items } = await node.ports.tokens.allUses({ limit: 10 })
    expect(items.map(({ route, about, status }) => [route, about, status]).toSorted()).toEqual([
      ['POST /v1/exceptions', undefined, 400],
      ['POST /v1/tokens', 'wide admin TLP:AMBER block', 422]
    ])
  })
})
