/**
 * Over the real replica: what is above a token's TLP or against its use is not told from what does not exist, at any
 * route of Fastify's own list: counts, pages, ETags, 404s and events too.
 */
import { randomBytes } from 'node:crypto'
import { type Known, masked, type Probe, ROUTE_TABLE } from '@tocsin/api/testing'
import { FEED_NAMES } from '@tocsin/connectors'
import { mayUse, type Pap, TLPS, type Tlp, tlpAtMost, USES, type Use } from '@tocsin/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { introduce } from '../harness/introduce.ts'
import { publish } from '../harness/line.ts'

interface Token {
  readonly secret: string
  readonly maxTlp: Tlp
  readonly use: Use
}

interface Hidden {
  readonly tlp: Tlp
  readonly pap: Pap
}

interface Heard {
  readonly id: string
  readonly tlp: string
  readonly arrival: number
}

const ABSENT = {
  bulletin: 'facade51-0000-4000-8000-0000c0ffee51',
  value: 'absent.example.org',
  word: 'quagga',
  attachment: 'facade51'.repeat(8),
  feeds: FEED_NAMES
}
const HIDDEN: readonly Hidden[] = [
  { tlp: 'CLEAR', pap: 'GREEN' },
  { tlp: 'GREEN', pap: 'AMBER' },
  { tlp: 'AMBER', pap: 'RED' },
  { tlp: 'AMBER+STRICT', pap: 'CLEAR' },
  { tlp: 'RED', pap: 'RED' }
]
const CONTENT = [...ROUTE_TABLE].filter(([, row]) => row.reveals === 'content')

describe('a token', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  const tokens: Token[] = []

  beforeAll(async () => {
    federation = await createFederation({ world: { now: Date.now, random: (bytes) => randomBytes(bytes) } })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr', { run: false })
    await introduce(reims, uphf.card)
    await federation.circle('esr-fr', 1, [reims])
    await publish(reims, {
      tlp: 'CLEAR',
      pap: 'CLEAR',
      title: 'seen by all',
      indicators: [{ type: 'ipv4', value: '93.184.216.34' }]
    })
    const rights = [
      ...TLPS.map((maxTlp) => ({ maxTlp, use: 'hunt' as Use })),
      ...USES.map((use) => ({ maxTlp: 'RED' as Tlp, use }))
    ]
    for (const { maxTlp, use } of rights) {
      const wanted = { name: `${maxTlp} ${use} ${tokens.length}`, scope: 'publish', maxTlp, use }
      const { secret } = await reims.call<{ secret: string }>('POST', '/v1/tokens', wanted)
      tokens.push({ secret, maxTlp, use })
    }
  })

  afterAll(() => federation?.end())

  const sees = ({ maxTlp, use }: Token, { tlp, pap }: Hidden): boolean =>
    tlpAtMost(tlp, maxTlp) && mayUse(tlp, pap, use).allowed

  async function ask(secret: string, { method, url, payload, headers }: Probe): Promise<Response> {
    const isText = typeof payload === 'string'
    const body = payload === undefined ? undefined : isText ? payload : JSON.stringify(payload)
    const json = body === undefined || isText ? {} : { 'content-type': 'application/json' }
    return fetch(`${reims.api}${url}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, ...json, ...headers },
      ...(body === undefined ? {} : { body })
    })
  }

  async function answers({ secret }: Token, known: Known): Promise<unknown[]> {
    const all: unknown[] = []
    for (const [route, { probes }] of CONTENT) {
      if (route === 'GET /v1/events') continue
      for (const probe of probes(known)) {
        const response = await ask(secret, probe)
        const body = masked((await response.text()).replaceAll('[.]', '.'), known).replaceAll(
          /"keepUntil":"[^"]+"/g,
          ''
        )
        all.push({ url: masked(probe.url, known), status: response.status, etag: response.headers.get('etag'), body })
      }
    }
    return all
  }

  async function hide({ tlp, pap }: Hidden): Promise<Known> {
    const word = randomBytes(6).toString('hex')
    const value = `${randomBytes(6).toString('hex')}.example.org`
    const id = await publish(reims, {
      title: `campaign ${word}`,
      pap,
      ...(tlp === 'RED' ? { to: [uphf.id] } : { tlp }),
      indicators: [{ type: 'domain', value }],
      attachments: [{ name: 'sample.bin', base64: randomBytes(32).toString('base64') }]
    })
    await reims.call('POST', '/v1/sightings', { value, bulletin: id, kind: 'sighting' })
    const { attachments } = await reims.call<{ attachments: { sha256: string }[] }>('GET', `/v1/bulletins/${id}`)
    return {
      bulletin: id,
      value,
      word,
      attachment: attachments[0]?.sha256 ?? '',
      circle: 'esr-fr',
      institution: uphf.id,
      feeds: FEED_NAMES
    }
  }

  it.each(HIDDEN)('does not tell $tlp PAP:$pap that it may not see from what does not exist', async (hidden) => {
    const blind = tokens.filter((token) => !sees(token, hidden))
    const seeing = tokens.filter((token) => sees(token, hidden))
    expect(blind.length).toBeGreaterThan(0)
    const absent: Known = { ...ABSENT, circle: 'esr-fr', institution: uphf.id }
    const before: unknown[][] = []
    for (const token of blind) before.push(await answers(token, absent))
    const known = await hide(hidden)
    for (const [index, token] of blind.entries()) {
      expect(await answers(token, known), `${token.maxTlp} ${token.use}`).toEqual(before[index])
    }
    // The probes can tell: a token that may see it gets another answer.
    for (const token of seeing) {
      expect((await ask(token.secret, { method: 'GET', url: `/v1/bulletins/${known.bulletin}` })).status).toBe(200)
    }
  })

  it('hears no event of what it may not see, and no gap that counts', async () => {
    const token = tokens.find(({ maxTlp, use }) => maxTlp === 'GREEN' && use === 'hunt') as Token
    const first = await publish(reims, { tlp: 'CLEAR', pap: 'CLEAR', title: 'before' })
    for (const hidden of [
      { tlp: 'AMBER', pap: 'RED' },
      { tlp: 'RED', pap: 'RED' }
    ] as const)
      await hide(hidden)
    const last = await publish(reims, { tlp: 'CLEAR', pap: 'CLEAR', title: 'after' })
    const heard = await eventsUntil(token, last)
    expect(heard.map(({ id }) => id)).toContain(first)
    expect(heard.every(({ tlp }) => tlp === 'CLEAR' || tlp === 'GREEN')).toBe(true)
    const arrivalOf = (id: string): number => heard.find((one) => one.id === id)?.arrival ?? 0
    // Times, not a count: two hidden bulletins between them do not make the distance three.
    expect(arrivalOf(last) - arrivalOf(first)).toBeGreaterThan(1000)
  })

  async function eventsUntil(token: Token, id: string): Promise<Heard[]> {
    const stop = new AbortController()
    const headers = { authorization: `Bearer ${token.secret}` }
    const response = await fetch(`${reims.api}/v1/events?after=0`, { headers, signal: stop.signal })
    const heard: Heard[] = []
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: ?(.*)$/m.exec(block)?.[1]
        if (/^event: ?bulletin$/m.test(block) && data !== undefined) heard.push(JSON.parse(data) as Heard)
      }
      if (heard.some((one) => one.id === id)) break
    }
    stop.abort()
    return heard
  }
})
