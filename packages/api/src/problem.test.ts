import { TocsinError } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { API_ERRORS } from './errors.ts'
import { problemOf, statusOf } from './problem.ts'
import { createMemoryNode } from './testing/memory-ports.ts'
import { bearer, openApi } from './testing/open-api.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

describe('a room’s error', () => {
  it.each([
    ['not-found', 404],
    ['unknown-circle', 404],
    ['ambiguous-institution', 409],
    ['forbidden-tlp', 403],
    ['card-malformed', 422]
  ])('%s is answered with %i', (code, status) => {
    expect(statusOf(new TocsinError(code, 'message'))).toBe(status)
  })

  it('keeps the members of RFC 9457 whatever its facts are, and shows no bytes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (facts) => {
        const problem = problemOf(
          new TocsinError('some-code', 'why', { ...facts, status: 200, key: new Uint8Array(4) }),
          () => undefined
        )
        expect(problem).toMatchObject({
          status: 422,
          code: 'some-code',
          detail: 'why',
          type: 'urn:tocsin:error:some-code'
        })
        expect(problem.key).toBeUndefined()
        expect(JSON.parse(JSON.stringify(problem))).toMatchObject({ code: 'some-code' })
      })
    )
  })

  it('has the explanation of its own room as title', async () => {
    await using opened = openApi({ explain: (code) => (code === 'card-malformed' ? 'Not a card.' : undefined) })
    const { api, node } = opened
    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/cards',
      headers: bearer(node.token('admin')),
      payload: { card: 'rubbish' }
    })
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.json()).toMatchObject({ status: 422, code: 'card-malformed', title: 'Not a card.' })
  })
})

describe('a request that is not as the route wants it', () => {
  it.each([
    [
      'an unknown field',
      'POST',
      '/v1/sightings',
      { value: '1.1.1.1', kind: 'sighting', cuont: 3 },
      'cuont',
      'unknown-field'
    ],
    [
      'a nested one',
      'POST',
      '/v1/bulletins',
      { title: 't', indicators: [{ type: 'ipv4', value: '1.1.1.1', roel: 'x' }] },
      'indicators[0].roel',
      'unknown-field'
    ],
    [
      'one in a union',
      'POST',
      '/v1/vouches',
      { institution: 'a', circle: 'b', how: 'phone', hwo: 1 },
      'hwo',
      'unknown-field'
    ],
    ['one in the query', 'GET', '/v1/bulletins?limti=3', undefined, 'limti', 'unknown-field'],
    ['a bad item', 'POST', '/v1/lookup', { values: ['a', 7] }, 'values[1]', 'invalid-type'],
    ['a bad label', 'GET', '/v1/bulletins?tlp=PURPLE', undefined, 'tlp', 'custom'],
    [
      'a bad indicator',
      'POST',
      '/v1/bulletins',
      { title: 't', indicators: [{ type: 'ipv4', value: 'no' }] },
      'indicators[0].value',
      undefined
    ]
  ] as const)('names the path of %s', async (_name, method, url, payload, path, code) => {
    await using opened = openApi()
    const { api, node } = opened
    const answer = await api.app.inject({
      method,
      url,
      headers: bearer(node.token('admin')),
      ...(payload === undefined ? {} : { payload })
    })
    expect(answer.statusCode).toBe(400)
    const problem = answer.json()
    expect(problem.code).toBe('invalid-request')
    expect(problem.problems).toHaveLength(1)
    expect(problem.problems[0].path).toBe(path)
    if (code !== undefined) expect(problem.problems[0].code).toBe(code)
  })

  it('lists every bad line of a draft and gives the good ones back', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const indicators = [
      { type: 'ipv4', value: '192.0.2.7' },
      { type: 'ipv4', value: '300.1.1.1' },
      { type: 'domain', value: 'no domain' }
    ]
    const headers = bearer(node.token('publish'))
    const refused = await api.app.inject({
      method: 'POST',
      url: '/v1/bulletins',
      headers,
      payload: { title: 't', indicators }
    })
    expect(refused.statusCode).toBe(400)
    expect(refused.json().problems.map((it: { path: string }) => it.path)).toEqual([
      'indicators[1].value',
      'indicators[2].value'
    ])
    expect(refused.json().draft.indicators).toMatchObject([{ value: '192.0.2.7' }])

    const dry = await api.app.inject({
      method: 'POST',
      url: '/v1/bulletins?dryRun',
      headers,
      payload: { title: 't', indicators }
    })
    expect(dry.statusCode).toBe(200)
    expect(dry.json()).toMatchObject({ dryRun: true, indicators: [{ value: '192.0.2.7' }] })
    expect(dry.json().problems).toHaveLength(2)
  })

  it('is refused as malformed, oversized, of another type or at no route', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const headers = { ...bearer(node.token('admin')), ...JSON_TYPE }
    const post = (url: string, payload: string, more = {}) =>
      api.app.inject({ method: 'POST', url, headers: { ...headers, ...more }, payload })
    expect((await post('/v1/lookup', '{"values":')).json()).toMatchObject({ status: 400, code: 'malformed-body' })
    expect((await post('/v1/lookup', '{"__proto__":{"a":1}}')).json()).toMatchObject({
      status: 400,
      code: 'malformed-body'
    })
    expect((await post('/v1/cards', JSON.stringify({ card: 'x'.repeat(2 ** 20) }))).json()).toMatchObject({
      status: 413,
      code: 'body-too-large'
    })
    expect((await post('/v1/lookup', 'a', { 'content-type': 'text/csv' })).json()).toMatchObject({
      status: 415,
      code: 'unsupported-media-type'
    })
    expect((await post('/v2', '{}')).json()).toMatchObject({ status: 404, code: 'unknown-route' })
    expect((await api.app.inject({ url: '/v1/bulletins/%ff', headers })).json()).toMatchObject({ status: 400 })
    const many = JSON.stringify({ values: Array.from({ length: 10_001 }, (_, i) => `10.0.0.${i}`) })
    expect((await post('/v1/lookup', many)).json()).toMatchObject({
      status: 400,
      problems: [{ path: 'values', code: 'too-big' }]
    })
  })

  it('takes a bulletin of more than Fastify’s usual 1 MiB and a mail of 11 MiB', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const headers = bearer(node.token('publish'))
    const base64 = Buffer.alloc(7 * 1024 * 1024).toString('base64')
    const attachments = [1, 2].map((i) => ({ name: `${i}.bin`, base64 }))
    const published = await api.app.inject({
      method: 'POST',
      url: '/v1/bulletins',
      headers,
      payload: { title: 't', attachments }
    })
    expect(published.statusCode).toBe(201)
    const mail = `Subject: loud\r\n\r\n${'a'.repeat(11 * 1024 * 1024)}`
    const extracted = await api.app.inject({
      method: 'POST',
      url: '/v1/extract',
      headers: { ...headers, 'content-type': 'message/rfc822' },
      payload: mail
    })
    expect(extracted.json()).toMatchObject({ title: 'loud' })
  })
})

it('answers a bug with nothing but its code, and logs where it is without its message', async () => {
  const secret = 'a value of TLP:RED'
  const node = createMemoryNode()
  const lines: string[] = []
  const log = createLog(lines)
  await using opened = openApi({
    log,
    ports: {
      ...node.ports,
      status: async () => {
        throw new Error(secret)
      }
    }
  })
  const token = node.token('admin')
  const answer = await opened.api.app.inject({ url: '/v1/status', headers: bearer(token) })
  expect(answer.json()).toEqual({
    type: 'urn:tocsin:error:internal',
    title: API_ERRORS.internal,
    status: 500,
    detail: API_ERRORS.internal,
    code: 'internal'
  })
  expect(lines.join('\n')).toContain('problem.test.ts')
  expect(lines.join('\n')).not.toContain(secret)
})

it('logs no token, no query and no body', async () => {
  const lines: string[] = []
  await using opened = openApi({ log: createLog(lines) })
  const { api, node } = opened
  const token = node.token('publish')
  await api.app.inject({ url: '/v1/indicators?value=secret-value.example.org', headers: bearer(token) })
  await api.app.inject({
    method: 'POST',
    url: '/v1/bulletins',
    headers: bearer(token),
    payload: { title: 'secret-title' }
  })
  await api.app.inject({
    method: 'POST',
    url: '/v1/bulletins',
    headers: bearer(token),
    payload: { title: 7, secret: 1 }
  })
  await api.app.inject({ url: '/v1/indicators', headers: bearer('wrong-token') })
  expect(lines.length).toBeGreaterThanOrEqual(4)
  const all = lines.join('\n')
  expect(all).toContain('/v1/indicators')
  for (const never of ['secret-', token, 'wrong-token']) expect(all).not.toContain(never)
})

/** A logger of pino's shape that keeps every line of every level. */
function createLog(lines: string[]) {
  const write = (...parts: unknown[]) => {
    lines.push(JSON.stringify(parts, (_key, value) => (value instanceof Error ? String(value.stack) : value)))
  }
  const log = {
    level: 'trace',
    fatal: write,
    error: write,
    warn: write,
    info: write,
    debug: write,
    trace: write,
    silent: () => undefined,
    child: () => log
  }
  return log
}
