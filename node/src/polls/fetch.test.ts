import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { type FetchOptions, fetchSource, wholeText } from './fetch.ts'
import { createReach, readPollUrl } from './reach.ts'
import { serve } from './server.fixture.ts'

const options = (more: Partial<FetchOptions> = {}): FetchOptions => ({
  most: 1_000_000,
  timeout: 20_000,
  reach: createReach(),
  signal: new AbortController().signal,
  ...more
})

async function read(url: string, more: Partial<FetchOptions> = {}): Promise<string> {
  return wholeText((await fetchSource(new URL(url), options(more))).body)
}

const failsBy = (code: string) => expect.objectContaining({ code })

it('reads a body, gzipped too, with its login', async () => {
  await using server = await serve(({ headers }, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(`hello ${headers.authorization}`))
  })
  expect(await read(server.url)).toBe('hello undefined')
  expect(await read(server.url, { login: { secret: 'abc' } })).toBe('hello Bearer abc')
  const basic = Buffer.from('u:p').toString('base64')
  expect(await read(server.url, { login: { user: 'u', secret: 'p' } })).toBe(`hello Basic ${basic}`)
})

it.each([
  ['an endless body', 'identity', () => Buffer.alloc(65_536, 120)],
  ['an endless body that unpacks to nothing', 'gzip', () => gzipSync('')]
])('hangs up on %s at its limit', async (_name, coding, chunk) => {
  const bytes = chunk()
  await using server = await serve((_request, response) => {
    response.setHeader('content-encoding', coding)
    const go = (): void => {
      while (!response.destroyed && response.write(bytes));
    }
    response.on('drain', go)
    go()
  })
  await expect(read(server.url, { most: 200_000 })).rejects.toEqual(failsBy('poll-too-large'))
})

it('hangs up on a small body that unpacks to a large one', async () => {
  await using server = await serve((_request, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(Buffer.alloc(5_000_000)))
  })
  await expect(read(server.url, { most: 100_000 })).rejects.toEqual(failsBy('poll-too-large'))
})

it('gives up on a server that says nothing, and on one that never ends', async () => {
  await using silent = await serve(() => undefined)
  await expect(read(silent.url, { timeout: 100 })).rejects.toEqual(failsBy('poll-timeout'))
  await using slow = await serve((_request, response) => void response.write('x'))
  await expect(read(slow.url, { timeout: 300 })).rejects.toEqual(failsBy('poll-timeout'))
})

it('says that a server is away, or broke off', async () => {
  const gone = await serve(() => undefined)
  await gone[Symbol.asyncDispose]()
  await expect(read(gone.url)).rejects.toMatchObject({ code: 'poll-unreachable', facts: { cause: 'ECONNREFUSED' } })
  await using rude = await serve((request, response) => {
    response.setHeader('content-length', '100')
    response.write('half', () => request.socket.destroy())
  })
  await expect(read(rude.url)).rejects.toEqual(failsBy('poll-unreachable'))
})

it('follows a redirect on the same server alone, and carries its secret nowhere', async () => {
  await using other = await serve((_request, response) => void response.end('stolen'))
  await using server = await serve((_request, response, { pathname }) => {
    if (pathname === '/here') return void response.end('here')
    const to = { '/a': '/here', '/b': `${other.url}/`, '/c': '/c', '/d': 'file:///etc/passwd', '/e': 'https://[bad' }
    response.writeHead(302, { location: to[pathname as keyof typeof to] }).end()
  })
  expect(await read(`${server.url}/a`)).toBe('here')
  for (const path of ['b', 'c', 'd', 'e']) {
    await expect(read(`${server.url}/${path}`, { login: { secret: 's' } })).rejects.toEqual(failsBy('poll-redirected'))
  }
  expect(other.asked).toEqual([])
})

it.each([
  'http://example.net/x',
  'http://192.0.2.1/x',
  'ftp://127.0.0.1/x',
  'file:///etc/passwd',
  'https://u:p@example.net/',
  'https://u@example.net/',
  'nonsense'
])('takes no address like %s', (text) => {
  expect(() => readPollUrl(text, createReach())).toThrow(failsBy('poll-url-invalid'))
})

it.each([
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '100.100.100.200',
  '0.0.0.0',
  '[::]',
  '224.0.0.1',
  '255.255.255.255'
])('asks nothing of %s unless the operator opens it', (host) => {
  expect(() => readPollUrl(`https://${host}/`, createReach())).toThrow(failsBy('poll-address-forbidden'))
  const open = createReach(['169.254.0.0/16', '::/0', '0.0.0.0/0'])
  expect(readPollUrl(`https://${host}/`, open).protocol).toBe('https:')
})

it.each([
  'https://misp.example.org/feed/',
  'https://10.1.2.3/x',
  'http://127.0.0.1:8471/',
  'http://[::1]/',
  'http://localhost/'
])('takes %s', (text) => expect(readPollUrl(text, createReach()).href).toBe(text))

it('judges what a name resolves to, by the look-up that connects', async () => {
  await using server = await serve((_request, response) => void response.end('here'))
  const byName = server.url.replace('127.0.0.1', 'localhost')
  const seen: string[] = []
  const reach = (address: string): boolean => {
    seen.push(address)
    return false
  }
  await expect(read(byName, { reach })).rejects.toEqual(failsBy('poll-address-forbidden'))
  expect(seen.length).toBeGreaterThan(0)
  expect(server.asked).toEqual([])
})

/** Signed by nobody but itself. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1OCdF9Vjv8bMQqsE
izb/6HsHQi5VYkBU3+lP30b/vkShRANCAAQlwTsHIysxAfRUKb9DUIBoHuPHY4X9
+h5GKlvdtNbaSaZVwEXM/OGvcRKaH92Huj1ZQJWLHPqdyciN3L9oKD30
-----END PRIVATE KEY-----`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUbmFXnAMa40yaSLPgk/Q3MTgtiDswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDE3MTUzMVoYDzIxMjYxMTA2
MTcxNTMxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQlwTsHIysxAfRUKb9DUIBoHuPHY4X9+h5GKlvdtNbaSaZVwEXM/OGv
cRKaH92Huj1ZQJWLHPqdyciN3L9oKD30o2kwZzAdBgNVHQ4EFgQUKWHbebwkfbTN
awZ7ybXZom4OS4QwHwYDVR0jBBgwFoAUKWHbebwkfbTNawZ7ybXZom4OS4QwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhANVXXq7ddB0/M6nelwQG/MK+ycAipFGIQ7wE6zUhrxOHAiB+1KlPGUi9
nBqIsgztmRZtIa2LTyTetN3A1VzVpsAShg==
-----END CERTIFICATE-----`

it('tells its secret to no server whose certificate nobody vouches for', async () => {
  const seen: unknown[] = []
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
    seen.push(request.headers.authorization)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`
    await expect(read(url, { login: { secret: 's' } })).rejects.toMatchObject({
      code: 'poll-unreachable',
      facts: { cause: 'DEPTH_ZERO_SELF_SIGNED_CERT' }
    })
    expect(seen).toEqual([])
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
