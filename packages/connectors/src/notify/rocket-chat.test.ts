import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CircleId, type InstitutionId, TLPS } from '@tocsin/model'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChannelAudience } from './audience.ts'
import { chatText, chatValue } from './chat-text.ts'
import { buildNotification, createRocketChat, type NotificationView, type RocketChatOptions } from './rocket-chat.ts'

const CIRCLE = 'c'.repeat(64) as CircleId
const OTHER = 'd'.repeat(64) as CircleId
const AUDIENCE: ChannelAudience = { tlps: ['CLEAR', 'GREEN', 'AMBER'], paps: ['CLEAR', 'GREEN'], circles: [CIRCLE] }

function view(parts: Partial<NotificationView> = {}): NotificationView {
  return {
    id: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
    title: 'Hameçonnage',
    author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId,
    authorName: 'Université de Reims',
    tlp: 'AMBER',
    pap: 'GREEN',
    circle: CIRCLE,
    circleName: 'esr-fr',
    threat: 'phishing',
    confidence: 80,
    indicators: [
      { type: 'domain', value: 'evil.example', role: 'malicious' },
      { type: 'email', value: 'x@evil.example', role: 'malicious' },
      { type: 'domain', value: 'univ.example', role: 'context' }
    ],
    ...parts
  }
}

describe('buildNotification', () => {
  it('says what, from whom and under which labels, values defanged', () => {
    const payload = buildNotification(view(), { lang: 'fr' })
    expect(payload.text).toBe('TLP:AMBER PAP:GREEN Hameçonnage')
    expect(payload.alias).toBe('Tocsin')
    const [attachment] = payload.attachments
    expect(attachment?.text).toMatch(/^```\ndomain {8}evil\[\.\]example\nemail {9}x\[@\]evil\[\.\]example\n/)
    expect(attachment?.text).toMatch(/univ\[\.\]example {2}\(contexte\)\n```$/)
    expect(attachment?.fields.map((field) => field.value)).toEqual(
      ['Université de Reims', 'hameçonnage', '80', 'esr-fr'].map((value, i) =>
        i === 1 ? expect.stringMatching(/ameçonnage/i) : value
      )
    )
    expect(payload).not.toHaveProperty('channel')
  })

  it('neither rings nor links, nor marks up, for a hostile title', () => {
    const title = '@all *see* [here](http://evil.example/x) <http://e.example|y> `c` #general www.evil.example +33612'
    expect(chatText(title, 300)).toBe(
      '＠all ＊see＊ ［here］(hxxp[:]//evil[dot]example/x) ‹hxxp[:]//e[dot]example｜y› ’c’ ＃general www[dot]evil[dot]example ＋33612'
    )
    expect(chatText('one\n\n# two\u202e', 99)).toBe('one ＃ two')
    expect(chatText('fin.(localhost)', 99)).toBe('fin.(localhost)')
  })

  it('lets no text, whatever it is, keep an active character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', '@all ', '](', 'http://a.b ', '```'),
        (text, bait) => {
          const safe = chatText(text + bait + text, 200)
          expect(safe).not.toMatch(/[@#*_~`<>|$\\+\n]|\]\(|https?:|[^\s[]:\/\/|\p{L}\.\p{L}/u)
          expect(safe.replaceAll('[dot]', '').replaceAll('[:]', '')).not.toMatch(/[[\]]/)
        }
      )
    )
  })

  it('keeps a value within its code block', () => {
    expect(chatValue('filename', '```\n@all', 99)).toBe('’’’ [@]all')
    expect(chatValue('account', '@here', 99)).toBe('[@]here')
  })

  it('stays short', () => {
    const indicators = Array.from({ length: 4096 }, () => {
      return { type: 'url', value: `http://evil.example/${'a'.repeat(2000)}`, role: 'malicious' } as const
    })
    const payload = buildNotification(view({ indicators, title: 'é'.repeat(200) }))
    expect(JSON.stringify(payload).length).toBeLessThan(5000)
    expect(payload.attachments[0]?.text).toContain('… 4076 more')
    expect(buildNotification(view({ indicators: [] })).attachments[0]).not.toHaveProperty('text')
  })
})

describe('what a channel may be told', () => {
  const channel = (audience: ChannelAudience) =>
    createRocketChat({ url: 'https://chat.example/hooks/a/b', audience }, { fetch, sleep: async () => {} })
  const code = (audience: ChannelAudience, parts: Partial<NotificationView>) => {
    const verdict = channel(audience).mayTell(view(parts))
    return verdict.allowed ? 'told' : verdict.code
  }

  it('is what its operator declared, and nothing else', () => {
    expect(code(AUDIENCE, {})).toBe('told')
    expect(code(AUDIENCE, { tlp: 'GREEN', circle: undefined })).toBe('told')
    expect(code(AUDIENCE, { circle: OTHER })).toBe('notify-circle-not-declared')
    expect(code(AUDIENCE, { tlp: 'AMBER+STRICT' })).toBe('notify-tlp-not-declared')
    expect(code(AUDIENCE, { pap: 'AMBER' })).toBe('notify-pap-not-declared')
    expect(code({ ...AUDIENCE, tlps: ['AMBER'] }, { tlp: 'CLEAR', circle: undefined })).toBe('notify-tlp-not-declared')
  })

  it('is nothing with missing or contradictory labels', () => {
    expect(code(AUDIENCE, { circle: undefined })).toBe('notify-label-unknown')
    expect(code(AUDIENCE, { tlp: 'GREEN' })).toBe('notify-label-unknown')
    expect(code(AUDIENCE, { tlp: 'WHITE' as 'CLEAR' })).toBe('notify-label-unknown')
  })

  it('is never TLP:RED, not even by declaration', () => {
    expect(code(AUDIENCE, { tlp: 'RED', circle: undefined })).toBe('notify-red')
    expect(() => channel({ ...AUDIENCE, tlps: [...TLPS] })).toThrow(
      expect.objectContaining({ code: 'notify-audience-invalid' })
    )
  })

  it.each([
    { ...AUDIENCE, tlps: [] },
    { ...AUDIENCE, paps: [] },
    { ...AUDIENCE, circles: [] },
    { ...AUDIENCE, circles: ['esr-fr' as CircleId] },
    { ...AUDIENCE, tlps: ['amber' as 'AMBER'] }
  ])('is not decided by half a declaration (%#)', (audience) => {
    expect(() => channel(audience)).toThrow(expect.objectContaining({ code: 'notify-audience-invalid' }))
  })

  it.each([
    ['http://chat.example/hooks/a/b', false],
    ['https://user:pass@chat.example/hooks/a/b', false],
    ['http://127.0.0.1.evil.example/', false],
    ['ftp://127.0.0.1/', false],
    ['chat', false],
    ['http://127.0.0.1:3000/hooks/a/b', true],
    ['http://localhost:3000/hooks/a/b', true],
    ['http://[::1]:3000/hooks/a/b', true],
    ['https://chat.example/hooks/a/b', true]
  ])('goes to %s: %s', (url, allowed) => {
    const make = () => createRocketChat({ url, audience: AUDIENCE }, { fetch, sleep: async () => {} })
    if (allowed) expect(make).not.toThrow()
    else expect(make).toThrow(expect.objectContaining({ code: 'notify-url-invalid' }))
  })
})

describe('sending', () => {
  let server: Server | undefined

  afterEach(async () => {
    server?.closeAllConnections()
    await new Promise<void>((resolve) => {
      if (server === undefined) resolve()
      else server.close(() => resolve())
    })
    server = undefined
  })

  async function chat(
    answer: (request: IncomingMessage, response: ServerResponse, attempt: number) => void,
    options: Partial<RocketChatOptions> = {}
  ) {
    const bodies: string[] = []
    const pauses: number[] = []
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (piece) => {
        body += piece
      })
      request.on('end', () => answer(request, response, bodies.push(body)))
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const channel = createRocketChat(
      { url: `http://127.0.0.1:${port}/hooks/id/secret`, audience: AUDIENCE, ...options },
      { fetch, sleep: async (ms) => void pauses.push(ms) }
    )
    return { channel, bodies, pauses }
  }

  it('posts the payload once', async () => {
    const { channel, bodies } = await chat((_, response) => response.end('{"success":true}'))
    expect(await channel.send(view())).toEqual({ sent: true, attempts: 1 })
    expect(bodies.map((body) => JSON.parse(body))).toEqual([buildNotification(view())])
  })

  it('opens no connection for what may not be told', async () => {
    const { channel, bodies } = await chat((_, response) => response.end())
    expect(await channel.send(view({ circle: OTHER }))).toEqual({
      sent: false,
      code: 'notify-circle-not-declared',
      attempts: 0
    })
    expect(bodies).toEqual([])
  })

  it('tries again where that may help, heeding Retry-After in bounds', async () => {
    const { channel, pauses } = await chat((_, response, attempt) => {
      if (attempt === 1) response.writeHead(503)
      if (attempt === 2) response.writeHead(429, { 'retry-after': '86400' })
      response.end()
    })
    expect(await channel.send(view())).toEqual({ sent: true, attempts: 3 })
    expect(pauses).toEqual([1000, 30_000])
  })

  it('gives up after a bounded number of attempts', async () => {
    const { channel, bodies, pauses } = await chat((_, response) => response.writeHead(502).end(), { attempts: 4 })
    expect(await channel.send(view())).toEqual({ sent: false, code: 'notify-unreachable', attempts: 4, status: 502 })
    expect(bodies).toHaveLength(4)
    expect(pauses).toEqual([1000, 2000, 4000])
  })

  it('does not repeat what the server refuses, nor follow a redirect', async () => {
    const refusing = await chat((_, response) => response.writeHead(404).end('no such hook'))
    expect(await refusing.channel.send(view())).toMatchObject({
      code: 'notify-refused-by-server',
      attempts: 1,
      status: 404
    })
    server?.close()
    const moving = await chat((request, response) => {
      if (request.url === '/elsewhere') response.end()
      else response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect(await moving.channel.send(view())).toMatchObject({ sent: false, code: 'notify-unreachable', attempts: 3 })
  })

  it('does not wait for ever, and tells no secret', async () => {
    const { channel } = await chat(() => {}, { timeoutMs: 30, attempts: 2 })
    const outcome = await channel.send(view())
    expect(outcome).toEqual({ sent: false, code: 'notify-unreachable', attempts: 2 })
    expect(JSON.stringify(outcome)).not.toContain('secret')
  })
})
