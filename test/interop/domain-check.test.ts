/** What the domains of a card publish: a real BIND and a real web server, honest, wrong, silent, slow and hostile. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cardDigest, createDomainCheck } from '@tocsin/node/domains'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { missingBindTools, type Named, startNamed, withoutBind } from './bind.ts'

const DIGEST = cardDigest(`did:key:z6Mk${'R'.repeat(44)}` as Parameters<typeof cardDigest>[0])
const OTHER = 'ab'.repeat(32)
const POLICY = '$TTL 5\n@ SOA localhost. hostmaster.localhost. 1 60 60 600 5\n@ NS localhost.\n'

const WEB = '@ A 127.0.0.1'
const ZONES = {
  'one.example': [`_tocsin TXT "tocsin-card=${DIGEST}"`],
  'among-others.example': ['_tocsin TXT "v=spf1 -all"', `_tocsin TXT "tocsin-card=${DIGEST}"`],
  'two-strings.example': [`_tocsin TXT "tocsin-card=${DIGEST.slice(0, 30)}" "${DIGEST.slice(30)}"`],
  'capitals.example': [`_tocsin TXT "tocsin-card=${DIGEST.toUpperCase()}"`],
  'both-keys.example': [`_tocsin TXT "tocsin-card=${OTHER}"`, `_tocsin TXT "tocsin-card=${DIGEST}"`],
  'alias.example': ['_tocsin CNAME _tocsin.one.example.'],
  'different.example': [`_tocsin TXT "tocsin-card=${OTHER}"`],
  'malformed.example': ['_tocsin TXT "tocsin-card=yes"'],
  'not-there.example': [`@ TXT "tocsin-card=${DIGEST}"`],
  'nothing.example': ['_tocsin TXT "v=spf1 -all"'],
  'file.example': [WEB],
  'moved-within.example': [WEB],
  'moved-away.example': [WEB],
  'round.example': [WEB],
  'other-file.example': [WEB],
  'page.example': [WEB],
  'broken.example': [WEB],
  'huge.example': [WEB],
  'cut.example': [WEB],
  'slow.example': [WEB],
  'both-places.example': [WEB, `_tocsin TXT "tocsin-card=${OTHER}"`]
} as const

type Answer = (response: ServerResponse, path: string) => void
const text =
  (body: string): Answer =>
  (response) =>
    response.end(body)
const moved =
  (location: string): Answer =>
  (response, path) =>
    path.endsWith('/moved') ? response.end(`tocsin-card=${DIGEST}\n`) : response.writeHead(302, { location }).end()

const SITES: Readonly<Record<string, Answer>> = {
  'file.example': text(`# Tocsin\r\ntocsin-card=${DIGEST}\r\n`),
  'moved-within.example': moved('/moved'),
  'moved-away.example': (response, path) => moved(`http://file.example:${port}${path}`)(response, ''),
  'round.example': moved('/.well-known/tocsin-card'),
  'other-file.example': text(`tocsin-card=${OTHER}\n`),
  'page.example': text('<!doctype html><title>Not found</title><p>tocsin-card= is not here'),
  'broken.example': (response) => response.writeHead(500).end(`tocsin-card=${DIGEST}`),
  'huge.example': (response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  },
  // Its line lies across the last byte that is read.
  'cut.example': text(`${'#'.repeat(4_095 - 40)}\ntocsin-card=${DIGEST}\n`),
  'slow.example': (response) => response.writeHead(200).flushHeaders(),
  'both-places.example': text(`tocsin-card=${DIGEST}\n`)
}

let port = 0
let bind: Named
let web: Server
let missing: string[] = []
const asked: string[] = []

beforeAll(async () => {
  missing = await missingBindTools()
  if (missing.length > 0) return
  bind = await startNamed({ policyZone: 'rpz.tocsin.invalid', policy: POLICY, zones: ZONES })
  web = createServer((request, response) => {
    const host = (request.headers.host ?? '').split(':')[0] ?? ''
    asked.push(host)
    SITES[host]?.(response, request.url ?? '')
  }).listen(0, '127.0.0.1')
  await once(web, 'listening')
  port = (web.address() as AddressInfo).port
})

afterAll(async () => {
  web?.closeAllConnections()
  web?.close()
  await bind?.[Symbol.asyncDispose]()
})

beforeEach((context) => {
  if (missing.length > 0) withoutBind(missing, context)
  asked.length = 0
})

const check = (domain: string, options: Parameters<typeof createDomainCheck>[0] = {}) =>
  createDomainCheck({
    servers: [`127.0.0.1:${bind.port}`],
    webOf: (name) => `http://${name}:${port}`,
    anywhere: true,
    ...options
  })(DIGEST, [domain]).then(([found]) => found)

describe('the TXT record of a domain', () => {
  it.each([
    ['one.example', 'verified'],
    ['among-others.example', 'verified'],
    ['two-strings.example', 'verified'],
    ['capitals.example', 'verified'],
    ['both-keys.example', 'verified'],
    ['alias.example', 'verified'],
    ['different.example', 'different'],
    ['malformed.example', 'different'],
    ['not-there.example', 'not-published'],
    ['nothing.example', 'not-published'],
    ['no-such-name.nothing.example', 'not-published']
  ])('%s is %s', async (domain, found) => {
    expect((await check(domain))?.dns).toEqual({ found })
  })

  it('is unreachable where the name servers of the domain fail', async () => {
    // Delegated to nobody that answers: named says SERVFAIL.
    expect((await check('no-such-domain.example'))?.dns).toEqual({ found: 'unreachable', reason: 'ESERVFAIL' })
  })

  it('is unreachable where nothing listens, and where nothing answers in time', async () => {
    const hole = createSocket('udp4')
    hole.bind(0, '127.0.0.1')
    await once(hole, 'listening')
    try {
      expect(await check('one.example', { servers: ['127.0.0.1:1'] })).toMatchObject({
        verdict: 'unreachable',
        dns: { found: 'unreachable', reason: 'ECONNREFUSED' }
      })
      const before = Date.now()
      const silent = await check('one.example', { servers: [`127.0.0.1:${hole.address().port}`], timeout: 300 })
      expect(silent?.dns).toEqual({ found: 'unreachable', reason: 'timeout' })
      expect(Date.now() - before).toBeLessThan(2_000)
    } finally {
      hole.close()
    }
  })
})

describe('the file of a domain', () => {
  it.each([
    ['file.example', { found: 'verified' }],
    ['moved-within.example', { found: 'verified' }],
    ['other-file.example', { found: 'different' }],
    ['page.example', { found: 'not-published' }],
    ['cut.example', { found: 'not-published' }],
    ['huge.example', { found: 'not-published' }],
    ['round.example', { found: 'unreachable', reason: 'too-many-redirects' }],
    ['broken.example', { found: 'unreachable', reason: 'http-500' }],
    ['nothing.example', { found: 'unreachable', reason: 'ENODATA' }]
  ])('%s is %o', async (domain, expected) => {
    expect((await check(domain))?.web).toEqual(expected)
  })

  it('is not looked for at another host, though the server sends us there', async () => {
    expect((await check('moved-away.example'))?.web).toEqual({ found: 'not-published' })
    expect(asked).toEqual(['moved-away.example'])
  })

  it('holds nothing up when it never comes', async () => {
    const before = Date.now()
    expect((await check('slow.example', { timeout: 300 }))?.web).toEqual({ found: 'unreachable', reason: 'timeout' })
    expect(Date.now() - before).toBeLessThan(2_000)
  })

  it('is not asked for at an address of special purpose: a card by mail opens no door of this network', async () => {
    expect((await check('file.example', { anywhere: false }))?.web).toEqual({
      found: 'unreachable',
      reason: 'address-of-special-purpose'
    })
    expect(asked).toEqual([])
  })

  it('is asked for over TLS, and a server that speaks none is none', async () => {
    const plain = await check('file.example', { webOf: (name) => `https://${name}:${port}` })
    expect(plain?.web).toMatchObject({ found: 'unreachable', reason: expect.stringMatching(/SSL|TLS|EPROTO/) })
  })
})

describe('a whole check', () => {
  it('is different where either place is: whoever holds one of them is somebody else', async () => {
    expect(await check('both-places.example')).toEqual({
      domain: 'both-places.example',
      verdict: 'different',
      dns: { found: 'different' },
      web: { found: 'verified' }
    })
  })

  it('asks every domain of a card, in order, within its time', async () => {
    const domains = Array.from({ length: 64 }, (_, index) => (index % 2 === 0 ? 'one.example' : 'slow.example'))
    const before = Date.now()
    const all = await createDomainCheck({
      servers: [`127.0.0.1:${bind.port}`],
      webOf: (name) => `http://${name}:${port}`,
      anywhere: true,
      timeout: 500
    })(DIGEST, domains)
    expect(Date.now() - before).toBeLessThan(3_000)
    expect(all.map(({ domain }) => domain)).toEqual(domains)
    expect(all[0]?.verdict).toBe('verified')
    expect(all.at(-1)?.verdict).toBe('unreachable')
  })
})
