import { request } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSourceCheck, isLocalHostHeader, isLoopback } from './source.ts'
import { bearer, openApi } from './testing/open-api.ts'

describe('source ranges', () => {
  it('hold exactly the addresses whose leading bits are theirs', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    const number = (quad: readonly number[]) => quad.reduce((sum, octet) => sum * 256 + octet, 0)
    fc.assert(
      fc.property(octets, octets, fc.integer({ min: 0, max: 32 }), (net, address, bits) => {
        const size = 2 ** (32 - bits)
        const inside = Math.floor(number(net) / size) === Math.floor(number(address) / size)
        const allows = createSourceCheck([`${net.join('.')}/${bits}`])
        expect(allows(address.join('.'))).toBe(inside)
        expect(allows(`::ffff:${address.join('.')}`)).toBe(inside)
      })
    )
  })

  it('hold IPv6 and single addresses, and nothing that is no address', () => {
    const allows = createSourceCheck(['2001:db8::/32', '192.0.2.1'])
    expect(allows('2001:db8:1::7')).toBe(true)
    expect(allows('2001:db9::7')).toBe(false)
    expect(allows('192.0.2.1')).toBe(true)
    expect(allows('192.0.2.2')).toBe(false)
    expect(allows('example.org')).toBe(false)
    expect(allows(undefined)).toBe(false)
    expect(createSourceCheck([])('127.0.0.1')).toBe(false)
  })

  it.each(['10.0.0.0/33', 'example.org/8', '10.0.0.0/', '10.0.0.0/-1', '2001:db8::/129', ''])('refuse %s', (range) => {
    expect(() => createSourceCheck([range])).toThrow(RangeError)
  })
})

describe('the loopback listener', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.0.0.1:8321', true],
    ['localhost:8321', true],
    ['LocalHost', true],
    ['[::1]:8321', true],
    ['rebound.example.org:8321', false],
    ['localhost.example.org', false],
    ['127.0.0.1.example.org', false],
    ['127.0.0.1:8321@example.org', false],
    ['', false],
    [undefined, false]
  ])('as %s: served is %s', (host, served) => expect(isLocalHostHeader(host)).toBe(served))

  it('knows itself', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopback)).toBe(true)
    expect(['0.0.0.0', '::', '10.0.0.1', 'localhost.example.org'].some(isLoopback)).toBe(false)
  })

  it('refuses a foreign Host over a socket, before the token is looked at, and never allows another origin', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const { address } = await api.start()
    const headers = bearer(node.token('admin'))
    const refused = await ask(`${address}/v1/status`, { ...headers, host: 'rebound.example.org' })
    expect(refused).toMatchObject({ status: 403, body: expect.stringContaining('forbidden-host') })
    const served = await ask(`${address}/v1/status`, { ...headers, origin: 'https://example.org' })
    expect(served.status).toBe(200)
    expect(Object.keys(served.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    expect(served.headers['cache-control']).toBe('no-store')
    const preflight = await ask(`${address}/v1/status`, { origin: 'https://example.org' }, 'OPTIONS')
    expect(preflight.status).toBe(404)
  })
})

describe('the feed listener', () => {
  it('serves feeds and health to the allowed ranges under any Host, and nothing else', async () => {
    await using opened = openApi({ feedsListen: { host: '127.0.0.1', port: 0, allow: ['127.0.0.0/8'] } })
    const { api, node } = opened
    const { feedsAddress = '' } = await api.start()
    const headers = { ...bearer(node.token('read')), host: 'tocsin.univ-reims.fr' }
    expect((await ask(`${feedsAddress}/v1/feeds/list`, headers)).status).toBe(200)
    expect((await ask(`${feedsAddress}/healthz`, {})).status).toBe(200)
    expect((await ask(`${feedsAddress}/v1/feeds/list`, {})).status).toBe(401)
    for (const path of ['/v1/bulletins', '/v1/status', '/openapi.json', '/readyz', '/v1/feeds/list/refused']) {
      expect((await ask(`${feedsAddress}${path}`, headers)).status).toBe(404)
    }
  })

  it('refuses other addresses, whatever a forwarding header says', async () => {
    await using opened = openApi({ feedsListen: { host: '127.0.0.1', port: 0, allow: ['192.0.2.0/24'] } })
    const { api, node } = opened
    const { feedsAddress = '' } = await api.start()
    const headers = { ...bearer(node.token('read')), 'x-forwarded-for': '192.0.2.7' }
    const refused = await ask(`${feedsAddress}/v1/feeds/list`, headers)
    expect(refused).toMatchObject({ status: 403, body: expect.stringContaining('forbidden-source') })
    expect((await ask(`${feedsAddress}/healthz`, {})).status).toBe(403)
  })
})

/** fetch() would not send another Host. */
function ask(url: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const sent = request(url, { headers, method, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
    })
    sent.on('error', reject).end()
  })
}
