import { expect, it } from 'vitest'
import { ROUTE_SCOPES } from './scopes.ts'
import { createMemoryNode } from './testing/memory-ports.ts'
import { bearer, openApi } from './testing/open-api.ts'

it('describes every route in OpenAPI 3.1, with its scope, its problems and how to authenticate', async () => {
  await using opened = openApi()
  const document = (await opened.api.app.inject('/openapi.json')).json()
  expect(document.openapi).toBe('3.1.0')
  const described = Object.entries<Record<string, { summary: string; responses: Record<string, unknown> }>>(
    document.paths
  )
  const routes = described.flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
  )
  expect([...routes, 'GET /openapi.json'].toSorted()).toEqual(Object.keys(ROUTE_SCOPES).toSorted())
  for (const operation of described.flatMap(([, methods]) => Object.values(methods))) {
    expect(operation.summary).not.toBe('')
    expect(operation.responses).toHaveProperty('4XX')
  }
  expect(document.paths['/healthz'].get.security).toEqual([])
  expect(document.paths['/v1/bulletins'].post.security).toEqual([{ bearer: [] }])
  expect(document.paths['/v1/bulletins'].post.requestBody.content['application/json'].schema.properties).toHaveProperty(
    'indicators'
  )
  expect(document.paths['/v1/feeds/{name}'].get.security).toEqual([{ bearer: [] }, { basic: [] }])
  expect(Object.keys(document.paths['/v1/extract'].post.requestBody.content)).toEqual(['text/plain', 'message/rfc822'])
})

it('says when it is up and when it can serve', async () => {
  await using opened = openApi()
  const { api, node } = opened
  node.unready = 'the store is being repaired'
  expect((await api.app.inject('/healthz')).json()).toEqual({ status: 'ok' })
  expect((await api.app.inject('/readyz')).json()).toMatchObject({
    status: 503,
    code: 'not-ready',
    detail: node.unready
  })
  node.unready = undefined
  expect((await api.app.inject('/readyz')).json()).toEqual({ status: 'ready' })
})

it('finishes a publish under way before it stops, past connections on which nothing was asked', async () => {
  const node = createMemoryNode()
  const entered = Promise.withResolvers<void>()
  const written = Promise.withResolvers<void>()
  await using opened = openApi({
    ports: {
      ...node.ports,
      bulletins: {
        ...node.ports.bulletins,
        publish: async (draft, reader, options) => {
          entered.resolve()
          await written.promise
          return node.ports.bulletins.publish(draft, reader, options)
        }
      }
    }
  })
  const { address } = await opened.api.start()
  const headers = { ...bearer(node.token('publish')), 'content-type': 'application/json' }
  const published = fetch(`${address}/v1/bulletins`, { method: 'POST', headers, body: '{"title":"t"}' })
  await entered.promise
  const stopped = opened.api.stop()
  written.resolve()
  expect((await published).status).toBe(201)
  await stopped
  await expect(fetch(`${address}/healthz`)).rejects.toThrow()
})
