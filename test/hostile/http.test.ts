/** The local door, spoken to byte by byte: a web page in the officer's browser, a guesser, a careless script. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly text: string
}

const MIB = 2 ** 20

describe('the HTTP door of a running node', () => {
  let federation: Federation
  let victim: Institution

  beforeAll(async () => {
    federation = await createFederation()
    victim = await federation.institution('Valenciennes', 'uphf.fr')
  })

  afterAll(() => federation?.end())

  /** Sends these bytes and reads until the node has answered and closed. */
  function ask(request: string | Buffer): Promise<Answer> {
    const { hostname, port } = new URL(victim.api)
    return new Promise((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), hostname, () => socket.write(request))
      socket.setEncoding('utf8')
      socket.on('data', (data: string) => {
        text += data
      })
      // It may close while we still send: what it said before counts.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])
        if (Number.isNaN(status)) reject(new Error(`no answer: ${text.slice(0, 200)}`))
        else resolve({ status, code: /"code":"([^"]+)"/.exec(text)?.[1], text })
      })
    })
  }

  const lines = (first: string, headers: Record<string, string>, body = ''): string => {
    const all: Record<string, string> = { host: new URL(victim.api).host, connection: 'close', ...headers }
    const rows = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    return `${first} HTTP/1.1\r\n${rows.join('')}\r\n${body}`
  }
  const admin = (): Record<string, string> => ({ authorization: `Bearer ${victim.token}` })
  const posted = (body: string, headers: Record<string, string> = {}): string =>
    lines(
      'POST /v1/bulletins',
      { ...admin(), 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers },
      body
    )

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[::1].evil.example'
  ])('answers a page that rebinds its name to loopback with nothing, token or not: Host %s', async (host) => {
    expect(await ask(lines('GET /v1/status', { ...admin(), host }))).toMatchObject({
      status: 403,
      code: 'forbidden-host'
    })
    expect(await ask(lines('GET /healthz', { host }))).toMatchObject({ status: 403, code: 'forbidden-host' })
  })

  it('wants exactly one Host', async () => {
    const twice = `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`
    expect(await ask(twice)).toMatchObject({ status: 400, code: 'invalid-request' })
    expect((await ask('GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n')).status).toBeGreaterThanOrEqual(400)
  })

  it('gives no other origin leave to read', async () => {
    const { text } = await ask(lines('GET /v1/status', { ...admin(), origin: 'https://evil.example' }))
    expect(text.toLowerCase()).not.toContain('access-control-allow')
    const preflight = await ask(
      lines('OPTIONS /v1/bulletins', { origin: 'https://evil.example', 'access-control-request-method': 'POST' })
    )
    expect(preflight.status).toBeGreaterThanOrEqual(400)
    expect(preflight.text.toLowerCase()).not.toContain('access-control-allow')
  })

  it.each([
    ['none', {}],
    ['another', { authorization: 'Bearer tocsin_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['as Basic where no feed is', { authorization: `Basic ${Buffer.from('x:y').toString('base64')}` }],
    ['in the query', {}]
  ])('a token: %s', async (how, headers) => {
    const path = how === 'in the query' ? `/v1/status?token=${victim.token}` : '/v1/status'
    expect(await ask(lines(`GET ${path}`, headers as Record<string, string>))).toMatchObject({
      status: 401,
      code: 'unauthenticated'
    })
  })

  it('a body of a form, as a page could post it without asking: refused', async () => {
    const body = JSON.stringify({ title: 'forged', threat: 'other' })
    const forged = await ask(posted(body, { 'content-type': 'text/plain' }))
    // Read as the text that it says it is, which is no draft.
    expect(forged).toMatchObject({ status: 400, code: 'bad-type' })
  })

  it.each([
    ['no JSON', '{"title": '],
    ['a prototype', '{"title":"x","__proto__":{"admin":true}}'],
    ['deep nesting', '['.repeat(100_000)]
  ])('malformed JSON, %s: refused', async (_, body) => {
    expect(await ask(posted(body))).toMatchObject({ status: 400, code: 'malformed-body' })
  })

  it('an unknown field: refused with its path', async () => {
    const answer = await ask(posted(JSON.stringify({ title: 'x', threat: 'other', admin: true })))
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('"path":"admin"')
  })

  it('a body announced larger than the route takes: refused before it is sent', async () => {
    const huge = lines('POST /v1/extract', {
      ...admin(),
      'content-type': 'text/plain',
      'content-length': String(4096 * MIB)
    })
    expect(await ask(huge)).toMatchObject({ status: 413, code: 'body-too-large' })
  })

  it.each([
    '/v1/bulletins/..%2f..%2fadmin-token',
    '/v1/bulletins/../../admin-token',
    '/v1/feeds/..%2f..%2fadmin-token',
    '/v1/feeds/list%00.txt',
    '//evil.example/v1/status',
    '/v1//status',
    '/v1/status/',
    '/V1/STATUS',
    '/%2e%2e/%2e%2e/etc/passwd'
  ])('a path trick gives nothing away: %s', async (path) => {
    const { status, text } = await ask(lines(`GET ${path}`, admin()))
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(text).not.toContain(victim.token)
    expect(text).not.toContain('root:')
    expect(text).not.toContain(victim.home)
  })

  it.each([
    ['two lengths', 'content-length: 5\r\ncontent-length: 6'],
    ['length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked']
  ])('a request that two readers would cut differently, %s: refused', async (_, headers) => {
    const request = `POST /v1/bulletins HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${victim.token}\r\ncontent-type: application/json\r\n${headers}\r\nconnection: close\r\n\r\nhello`
    expect((await ask(request)).status).toBe(400)
  })

  it('lives, and has published nothing', async () => {
    expect((await fetch(`${victim.api}/readyz`)).status).toBe(200)
    expect((await victim.call<{ items: unknown[] }>('GET', '/v1/bulletins')).items).toEqual([])
  })
})
