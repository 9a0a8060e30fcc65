import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createMemoryNode } from '../testing/memory-ports.ts'
import { bearer, openApi } from '../testing/open-api.ts'
import { isCurrent, takesGzip } from './feeds.ts'

describe('a feed', () => {
  it('is fetched again only when it changed, in either encoding', async () => {
    await using opened = openApi()
    const { api, node } = opened
    node.arrive({ title: 't', indicators: [{ type: 'domain', value: 'evil.example.org' }] })
    const auth = bearer(node.token('read'))
    const ask = (headers = {}) => api.app.inject({ url: '/v1/feeds/list', headers: { ...auth, ...headers } })

    const plain = await ask()
    expect(plain.body).toBe('evil.example.org\n')
    expect(plain.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'private, no-cache',
      vary: 'Accept-Encoding, Authorization'
    })
    const zipped = await ask({ 'accept-encoding': 'gzip, br' })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body)
    expect(zipped.headers.etag).not.toBe(plain.headers.etag)

    for (const etag of [plain.headers.etag, zipped.headers.etag]) {
      const same = await ask({ 'if-none-match': `"other", W/${String(etag)}` })
      expect({ status: same.statusCode, body: same.body }).toEqual({ status: 304, body: '' })
    }
    node.arrive({ title: 't', indicators: [{ type: 'domain', value: 'worse.example.org' }] })
    expect((await ask({ 'if-none-match': String(plain.headers.etag) })).statusCode).toBe(200)
  })

  it('says by HEAD whether it has changed, without being read', async () => {
    const node = createMemoryNode()
    let returned = 0
    const body: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('read')),
        return: async () => {
          returned += 1
          return { done: true, value: undefined }
        }
      })
    }
    const open = async () => ({ mediaType: 'text/plain', etag: 'x', body })
    await using opened = openApi({ ports: { ...node.ports, feeds: { ...node.ports.feeds, open } } })
    const headers = bearer(node.token('read'))
    const ask = (more = {}) =>
      opened.api.app.inject({ method: 'HEAD', url: '/v1/feeds/list', headers: { ...headers, ...more } })
    const changed = await ask({ 'if-none-match': '"y"' })
    expect([changed.statusCode, changed.headers.etag, changed.body]).toEqual([200, '"x"', ''])
    expect(changed.headers['content-length']).toBeUndefined()
    expect((await ask({ 'if-none-match': '"x"' })).statusCode).toBe(304)
    expect(returned).toBe(2)
  })

  it('is cut by an exception at the next request, which is listed with its rule', async () => {
    await using opened = openApi()
    const { api, node } = opened
    node.arrive({ title: 't', indicators: [{ type: 'domain', value: 'evil.example.org' }] })
    const headers = bearer(node.token('publish'))
    const payload = { value: 'evil[.]example[.]org', reason: 'our library needs it' }
    expect((await api.app.inject({ method: 'POST', url: '/v1/exceptions', headers, payload })).statusCode).toBe(201)
    expect((await api.app.inject({ url: '/v1/feeds/list', headers })).body).toBe('')
    expect((await api.app.inject({ url: '/v1/feeds/list/refused', headers })).json().items).toMatchObject([
      { value: 'evil.example.org', code: 'local-exception' }
    ])
  })

  it('is of a known name', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const answer = await api.app.inject({ url: '/v1/feeds/stix', headers: bearer(node.token('read')) })
    expect(answer.json()).toMatchObject({ status: 404, code: 'unknown-feed', feeds: ['list', 'rpz', 'csv', 'json'] })
  })

  it.each(['identity', 'gzip'])('never looks complete when its source fails (%s)', async (encoding) => {
    const node = createMemoryNode()
    await using opened = openApi({
      ports: {
        ...node.ports,
        feeds: {
          ...node.ports.feeds,
          open: async () => ({ mediaType: 'text/plain', etag: 'x', body: failing() })
        }
      }
    })
    const { address } = await opened.api.start()
    const headers = { ...bearer(node.token('read')), 'accept-encoding': encoding }
    const answer = await fetch(`${address}/v1/feeds/list`, { headers })
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
  })

  it.each(['before', 'after'])(
    'tells its body once nobody reads on: the client went %s the first byte',
    async (when) => {
      const node = createMemoryNode()
      const leaving = new AbortController()
      let end = (): void => undefined
      const ended = new Promise<void>((resolve) => {
        end = resolve
      })
      let pieces = 0
      // Gives one piece, and then nothing until it is told.
      const body: AsyncIterableIterator<string> = {
        [Symbol.asyncIterator]: () => body,
        next: async () => {
          pieces += 1
          if (pieces === 1) return { done: false, value: 'x\n'.repeat(100_000) }
          await ended
          return { done: true, value: undefined }
        },
        return: async () => {
          end()
          return { done: true, value: undefined }
        }
      }
      const open = async () => {
        if (when === 'before') leaving.abort()
        return { mediaType: 'text/plain', etag: 'x', body }
      }
      await using opened = openApi({ ports: { ...node.ports, feeds: { ...node.ports.feeds, open } } })
      const { address } = await opened.api.start()
      const headers = { ...bearer(node.token('read')), 'accept-encoding': 'identity' }
      const asked = fetch(`${address}/v1/feeds/list`, { headers, signal: leaving.signal })
      if (when === 'before') await expect(asked).rejects.toThrow()
      else {
        expect((await asked).status).toBe(200)
        leaving.abort()
      }
      await ended
    }
  )
})

async function* failing(): AsyncGenerator<string> {
  for (let i = 0; i < 200_000; i += 1) yield `${i}.example.org\n`
  throw new Error('the store went away')
}

it.each([
  ['gzip', true],
  ['br, gzip;q=0.5', true],
  ['GZIP', true],
  ['*', true],
  ['gzip;q=0', false],
  ['gzip;q=0, *', false],
  ['identity', false],
  [undefined, false]
])('Accept-Encoding %s takes gzip: %s', (header, takes) => expect(takesGzip(header)).toBe(takes))

it.each([
  ['"a"', true],
  ['"a-gzip"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ['*', true],
  ['"ab"', false],
  ['a', false],
  [undefined, false]
])('If-None-Match %s is current: %s', (header, current) => expect(isCurrent(header, 'a')).toBe(current))
