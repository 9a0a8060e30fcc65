import { describe, expect, it } from 'vitest'
import { secretOf } from './auth.ts'
import { bearer, openApi } from './testing/open-api.ts'

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
})

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc.DEF-1_2~+/==', 'abc.DEF-1_2~+/=='],
    ['bearer  abc', 'abc'],
    ['Bearer abc def', undefined],
    ['Bearer', undefined],
    ['Token abc', undefined],
    [undefined, undefined]
  ])('%s carries %s', (header, secret) => expect(secretOf(header, false)).toBe(secret))

  it('carries a password with colons, and only where Basic is taken', () => {
    const { authorization } = basic('resolver', 'a:b')
    expect(secretOf(authorization, true)).toBe('a:b')
    expect(secretOf(authorization, false)).toBeUndefined()
    expect(secretOf(basic('resolver', '').authorization, true)).toBeUndefined()
  })
})

describe('authentication', () => {
  it('challenges with what the route takes (RFC 9110 §11.6.1)', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const plain = await api.app.inject('/v1/bulletins')
    expect(plain.headers['www-authenticate']).toBe('Bearer realm="tocsin"')
    const feed = await api.app.inject('/v1/feeds/list')
    expect(feed.headers['www-authenticate']).toEqual(['Bearer realm="tocsin"', 'Basic realm="tocsin", charset="UTF-8"'])
    const wrong = await api.app.inject({ url: '/v1/bulletins', headers: bearer('wrong') })
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="tocsin", error="invalid_token"')
    const low = await api.app.inject({ url: '/v1/tokens', headers: bearer(node.token('read')) })
    expect(low.headers['www-authenticate']).toBe('Bearer realm="tocsin", error="insufficient_scope"')
    expect(low.json()).toMatchObject({ code: 'forbidden-scope', needs: 'admin', has: 'read' })
  })

  it('takes the token as password for feeds only', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const headers = basic('firewall', node.token('read'))
    expect((await api.app.inject({ url: '/v1/feeds/list', headers })).statusCode).toBe(200)
    expect((await api.app.inject({ url: '/v1/bulletins', headers })).statusCode).toBe(401)
  })

  it('refuses an address after many wrong tokens, but not a token that was good before', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const good = node.token('read')
    const late = node.token('read')
    const ask = (token: string, remoteAddress = '198.51.100.7') =>
      api.app.inject({ url: '/v1/bulletins', headers: bearer(token), remoteAddress })
    expect((await ask(good)).statusCode).toBe(200)
    for (let i = 0; i < 20; i += 1) expect((await ask(`guess-${i}`)).statusCode).toBe(401)
    const refused = await ask('guess-again')
    expect(refused.json()).toMatchObject({ status: 429, code: 'too-many-failed-authentications' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask(late)).statusCode).toBe(429)
    expect((await ask(good)).statusCode).toBe(200)
    expect((await ask(late, '198.51.100.8')).statusCode).toBe(200)
  })

  it('sees a revocation at the next request', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const admin = bearer(node.token('admin'))
    const payload = { name: 'siem', scope: 'read', maxTlp: 'TLP:AMBER', use: 'detect' }
    const made = (await api.app.inject({ method: 'POST', url: '/v1/tokens', headers: admin, payload })).json()
    const ask = () => api.app.inject({ url: '/v1/bulletins', headers: bearer(made.secret) })
    expect((await ask()).statusCode).toBe(200)
    expect((await api.app.inject({ method: 'DELETE', url: `/v1/tokens/${made.id}`, headers: admin })).statusCode).toBe(
      204
    )
    expect((await ask()).statusCode).toBe(401)
  })

  it('makes no admin token that only seems limited', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const payload = { name: 'ops', scope: 'admin', maxTlp: 'GREEN', use: 'hunt' }
    const refused = await api.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: bearer(node.token('admin')),
      payload
    })
    expect(refused.json()).toMatchObject({ status: 422, code: 'limited-admin-token' })
  })
})
