/** What leaves for tools, over real HTTP from a real node: the use rule, the safety catch, and how fast a no is a no. */
import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { FEED_NAMES, FEEDS, type FeedName } from '@tocsin/connectors'
import type { IndicatorType } from '@tocsin/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const world = { now: Date.now, random: (bytes: number) => randomBytes(bytes) }

/** One rule of each kind for which there is a feed. */
const RULES = [
  {
    kind: 'sigma',
    name: 'Carried',
    text: 'title: Carried\nlogsource: { product: windows }\ndetection: { a: { Image: x.exe }, condition: a }\n'
  },
  { kind: 'yara', name: 'Carried', text: 'rule Carried { strings: $a = "evil loader" condition: $a }' },
  { kind: 'suricata', name: 'Carried', text: 'alert ip 203.0.113.9 any -> any any (msg:"Carried"; sid:1; rev:1;)' }
]

interface Refusal {
  readonly value: string
  readonly code: string
}

describe('feeds', () => {
  let federation: Federation
  let reims: Institution
  let metz: Institution

  beforeAll(async () => {
    federation = await createFederation({ world })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    metz = await federation.institution('Metz', 'univ-metz.fr')
    await federation.link(reims, metz)
    await federation.circle('esr-fr', 1, [reims, metz])
  })

  afterAll(() => federation?.end())

  async function feed(name: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${reims.api}/v1/feeds/${name}`, { headers: { authorization: `Bearer ${reims.token}`, ...headers } })
  }

  async function text(name: string): Promise<string> {
    return (await feed(name)).text()
  }

  async function refusals(name: string): Promise<Map<string, string>> {
    const { items } = await reims.call<{ items: Refusal[] }>('GET', `/v1/feeds/${name}/refused?use=block`)
    return new Map(items.map(({ value, code }) => [value, code]))
  }

  it('blocks neither the university whose address was forged nor the host of the document', async () => {
    const eml = [
      'From: "Support" <x@univ-metz.fr>',
      'To: victim@univ-reims.fr',
      'Subject: Document partage',
      'Message-ID: <1@univ-metz.fr>',
      'Date: Tue, 24 Nov 2026 09:00:00 +0100',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Ouvrez https://docs.google.com/forms/d/e/1FAIpQLSfake0000/viewform et https://drive.google.com/'
    ].join('\r\n')
    const extracted = await fetch(`${reims.api}/v1/extract`, {
      method: 'POST',
      headers: { authorization: `Bearer ${reims.token}`, 'content-type': 'message/rfc822' },
      body: eml
    })
    const { found } = (await extracted.json()) as { found: { type: string; value: string; role: string }[] }
    const indicators = [
      ...found.map(({ type, value, role }) => ({ type, value, role })),
      // Even where an officer insists.
      { type: 'domain', value: 'univ-metz.fr' },
      { type: 'email', value: 'x@univ-metz.fr' },
      { type: 'domain', value: 'docs.google.com' },
      { type: 'domain', value: 'google.com' }
    ]
    await publish(reims, { tlp: 'AMBER', pap: 'GREEN', threat: 'phishing', title: 'forged', indicators })
    const rpz = await text('rpz')
    for (const name of ['univ-metz.fr', 'google.com', 'docs.google.com', 'drive.google.com'])
      expect(rpz).not.toMatch(new RegExp(`^(\\*\\.)?${name.replaceAll('.', '\\.')} `, 'm'))
    expect(await text('list')).not.toMatch(/^(univ-metz\.fr|x@univ-metz\.fr|(docs\.)?google\.com)$/m)
    const refused = await refusals('list')
    expect(refused.get('univ-metz.fr')).toBe('member-domain')
    expect(refused.get('x@univ-metz.fr')).toBe('member-domain')
    expect(refused.get('docs.google.com')).toBe('never-block-list')
  })

  it('lets no peer protect a domain by founding a circle of its own', async () => {
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'c2',
      indicators: [{ type: 'domain', value: 'c2-bad.com' }]
    })
    const stranger = await federation.institution('Stranger', 'c2-bad.com')
    await federation.link(reims, stranger)
    await stranger.sign(
      await stranger.call('POST', '/v1/circles/prepare', {
        action: 'create',
        name: 'mine',
        threshold: 1,
        founders: [reims.card]
      })
    )
    await federation.accept(stranger, 'mine')
    await until('Reims holds its charter', () => reims.call('GET', '/v1/circles/mine'))
    expect(await text('list')).toMatch(/^c2-bad\.com$/m)
    await reims.call('DELETE', `/v1/peers/${stranger.id}`)
  })

  it('holds back each for its own rule', async () => {
    const past = new Date(Date.now() - 86_400_000).toISOString()
    const indicators = [
      { type: 'ipv4', value: '45.155.205.10' },
      { type: 'ipv4', value: '45.155.205.11', role: 'context' },
      { type: 'ipv4', value: '10.1.2.3' },
      { type: 'domain', value: 'github.io' },
      { type: 'vulnerability', value: 'CVE-2026-12345' },
      { type: 'domain', value: 'over.evil-campaign.net', validUntil: past },
      { type: 'domain', value: 'off.evil-campaign.net' },
      { type: 'domain', value: 'wrong.evil-campaign.net' }
    ]
    const id = await publish(reims, { tlp: 'AMBER', pap: 'GREEN', title: 'rules', indicators })
    await reims.call('POST', `/v1/bulletins/${id}/disabling`, { values: ['off.evil-campaign.net'], reason: 'ours' })
    await reims.call('POST', '/v1/sightings', {
      value: 'wrong.evil-campaign.net',
      bulletin: id,
      kind: 'false-positive'
    })
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'AMBER',
      title: 'not to block',
      indicators: [{ type: 'ipv4', value: '45.155.205.12' }]
    })
    const list = await text('list')
    expect(list).toMatch(/^45\.155\.205\.10$/m)
    for (const { value } of indicators.slice(1)) expect(list).not.toContain(`\n${value}\n`)
    expect(list).not.toContain('45.155.205.12')
    const refused = await refusals('list')
    expect(Object.fromEntries([...refused].filter(([value]) => indicators.some((one) => one.value === value)))).toEqual(
      {
        '45.155.205.11': 'context-indicator',
        '10.1.2.3': 'special-purpose-range',
        'github.io': 'public-suffix',
        'CVE-2026-12345': 'not-blockable-type',
        'over.evil-campaign.net': 'expired',
        'off.evil-campaign.net': 'disabled',
        'wrong.evil-campaign.net': 'contested'
      }
    )
  })

  it('empties every feed of an exception within a second, and fills it again when it is removed', async () => {
    const value = 'shared-host.evil-campaign.net'
    await publish(metz, { tlp: 'AMBER', pap: 'GREEN', title: 'by Metz', indicators: [{ type: 'domain', value }] })
    for (const name of ['list', 'rpz']) await until(`${name} holds it`, async () => (await text(name)).includes(value))
    await reims.call('POST', '/v1/exceptions', { value, reason: 'our own service lives there' })
    for (const name of ['list', 'rpz']) expect(await text(name)).not.toContain(value)
    for (const name of ['csv', 'json']) expect(await (await feed(`${name}?use=block`)).text()).not.toContain(value)
    expect((await refusals('list')).get(value)).toBe('local-exception')
    await reims.call('DELETE', `/v1/exceptions?value=${value}`)
    expect(await text('list')).toContain(value)
  })

  it('asks for the type of a value that can be several, and takes a name for a name', async () => {
    const named = (value: string, more = {}) => reims.call('POST', '/v1/exceptions', { value, reason: 'ours', ...more })
    expect(await named('x.example')).toMatchObject({ type: 'domain', value: 'x.example' })
    expect(await named('x.example', { type: 'account' })).toMatchObject({ type: 'account' })
    await expect(named('jdupont')).rejects.toMatchObject({
      status: 400,
      code: 'type-needed',
      body: { types: expect.arrayContaining(['account', 'mutex']) }
    })
    await expect(reims.call('DELETE', '/v1/exceptions?value=x.example')).rejects.toMatchObject({ code: 'type-needed' })
    await reims.call('DELETE', '/v1/exceptions?value=x.example&type=account')
    await reims.call('DELETE', '/v1/exceptions?value=x[.]example')
    expect(await reims.call('GET', '/v1/exceptions')).toEqual({ items: [] })
  })

  it('answers 304 while nothing changed, moves the serial only on change, and lets the retracted go', async () => {
    const serial = async (): Promise<string | undefined> => /(\d+) ; serial/.exec(await text('rpz'))?.[1]
    const id = await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'to retract',
      indicators: [{ type: 'domain', value: 'gone.evil-campaign.net' }]
    })
    const first = await feed('rpz')
    const etag = first.headers.get('etag') ?? ''
    expect(await first.text()).toContain('gone.evil-campaign.net')
    expect((await feed('rpz', { 'if-none-match': etag })).status).toBe(304)
    const before = await serial()
    expect(await serial()).toBe(before)
    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })
    const second = await feed('rpz', { 'if-none-match': etag })
    expect(second.status).toBe(200)
    expect(await second.text()).not.toContain('gone.evil-campaign.net')
    expect(Number(await serial())).toBeGreaterThan(Number(before))
    const after = await serial()
    await reims.stop()
    await reims.start()
    expect(await serial()).toBe(after)
  })

  it('has every format in either encoding, 304 while nothing changed, and what a peer published within a second', async () => {
    const url = (name: FeedName) => `${name}?use=${FEEDS[name].use}`
    const tags = new Map<FeedName, string>()
    for (const name of FEED_NAMES) {
      const zipped = await feed(url(name), { 'accept-encoding': 'gzip' })
      const plain = await feed(url(name), { 'accept-encoding': 'identity' })
      expect(zipped.headers.get('content-encoding')).toBe('gzip')
      expect(plain.headers.get('content-encoding')).toBeNull()
      expect(plain.headers.get('content-type')).toBe(FEEDS[name].mediaType)
      // fetch unpacks by itself.
      expect(await zipped.text()).toBe(await plain.text())
      for (const answer of [zipped, plain]) {
        const same = await feed(url(name), { 'if-none-match': answer.headers.get('etag') ?? '' })
        expect({ name, status: same.status, body: await same.text() }).toEqual({ name, status: 304, body: '' })
      }
      tags.set(name, plain.headers.get('etag') ?? '')
    }

    const values: Readonly<Partial<Record<IndicatorType, string>>> = {
      ipv4: '45.155.205.99',
      domain: 'fresh-campaign.net',
      url: 'http://fresh-campaign.net/x9/form.php',
      email: 'fresh@fresh-campaign.net',
      'email-subject': 'Fresh campaign 9',
      'message-id': 'fresh-9@fresh-campaign.net',
      md5: 'f'.repeat(32),
      sha1: 'f'.repeat(40),
      sha256: 'f'.repeat(64),
      ja3: 'e'.repeat(32),
      'x509-sha1': 'd'.repeat(40)
    }
    const id = await publish(metz, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'of every type',
      indicators: Object.entries(values).map(([type, value]) => ({ type, value })),
      rules: RULES
    })
    await arrives(reims, id)
    const admitted = performance.now()
    for (const name of FEED_NAMES) {
      const { types, rules } = FEEDS[name]
      const isCarried = Object.keys(values).some((type) => types.includes(type as IndicatorType))
      expect(isCarried || RULES.some(({ kind }) => kind === rules)).toBe(true)
      const answer = await feed(url(name), { 'if-none-match': tags.get(name) ?? '' })
      expect({ name, status: answer.status }).toEqual({ name, status: 200 })
      await answer.arrayBuffer()
    }
    // All of them one after another, not each: a feed is asked for anew at every request.
    console.log(
      `${FEED_NAMES.length} formats hold it ${Math.round(performance.now() - admitted)} ms after it was admitted`
    )
  })

  it('hands out the rules of a live bulletin, counts what is refused, and takes them back with it', async () => {
    const id = await publish(metz, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'of rules alone',
      rules: [...RULES, { kind: 'yara', name: 'Broken', text: 'rule Broken { condition: nobody_knows }' }].map(
        (rule) => ({
          ...rule,
          text: rule.text.replaceAll('Carried', 'Short-lived').replace('Short-lived {', 'ShortLived {')
        })
      )
    })
    await arrives(reims, id)
    for (const kind of ['sigma', 'yara', 'suricata']) expect(await text(`${kind}?use=detect`)).toContain(id)
    const refused = async (use: string): Promise<string[]> => {
      const { items } = await reims.call<{ items: (Refusal & { bulletin: string })[] }>(
        'GET',
        `/v1/feeds/yara/refused?use=${use}`
      )
      return items.filter(({ bulletin }) => bulletin === id).map(({ value, code }) => `${value} ${code}`)
    }
    expect(await refused('detect')).toEqual(['Broken rule-malformed'])
    expect((await refused('block')).toSorted()).toEqual(['Broken rule-not-for-use', 'Carried rule-not-for-use'])
    await metz.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'withdrawn' })
    await until('the retraction', async () => !(await text('yara?use=detect')).includes(id))
    for (const kind of ['sigma', 'suricata']) expect(await text(`${kind}?use=detect`)).not.toContain(id)
    expect((await refused('detect')).toSorted()).toEqual(['Broken retracted', 'Carried retracted'])
  })

  it('takes a token as password, keeps it to its use, and never holds RED', async () => {
    const { secret } = await reims.call<{ secret: string }>('POST', '/v1/tokens', {
      name: 'resolver',
      scope: 'read',
      maxTlp: 'AMBER',
      use: 'block'
    })
    const basic = (password: string): Record<string, string> => ({
      authorization: `Basic ${Buffer.from(`bind:${password}`).toString('base64')}`
    })
    expect((await fetch(`${reims.api}/v1/feeds/rpz`, { headers: basic(secret) })).status).toBe(200)
    expect((await fetch(`${reims.api}/v1/feeds/rpz`, { headers: basic('wrong') })).status).toBe(401)
    const other = await fetch(`${reims.api}/v1/feeds/csv?use=hunt`, { headers: basic(secret) })
    expect({ status: other.status, code: ((await other.json()) as { code: string }).code }).toEqual({
      status: 403,
      code: 'forbidden-use'
    })
    await publish(reims, {
      to: ['Metz'],
      pap: 'CLEAR',
      title: 'red',
      indicators: [{ type: 'domain', value: 'red.evil-campaign.net' }]
    })
    for (const name of ['list', 'rpz', 'csv', 'json']) expect(await text(name)).not.toContain('red.evil-campaign.net')
    await reims.call('DELETE', '/v1/tokens/resolver')
    expect((await fetch(`${reims.api}/v1/feeds/rpz`, { headers: basic(secret) })).status).toBe(401)
  })

  it('tells a channel of its declared audience alone, defanged', async () => {
    const told: string[] = []
    const chat = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        told.push(Buffer.concat(chunks).toString())
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}')
      })
    })
    await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(chat.address() as AddressInfo).port}/hooks/id/secret`
      await reims.stop()
      await appendFile(
        join(reims.home, 'config.toml'),
        `\n[[notify]]\nkind = "rocket-chat"\nurl = "${url}"\ntlp = "AMBER"\ncircle = "esr-fr"\npap = "GREEN"\n`
      )
      await reims.start()
      await publish(reims, { to: ['Metz'], pap: 'GREEN', title: 'secret-red' })
      await publish(reims, { tlp: 'AMBER+STRICT', pap: 'GREEN', title: 'secret-strict' })
      await publish(reims, { tlp: 'AMBER', pap: 'RED', title: 'secret-pap' })
      const id = await publish(metz, {
        tlp: 'AMBER',
        pap: 'GREEN',
        title: 'told to all',
        indicators: [{ type: 'domain', value: 'told.evil-campaign.net' }]
      })
      await arrives(reims, id)
      await until('the channel is told', () => told.some((one) => one.includes('told to all')))
      expect(told.join('\n')).toContain('told[.]evil-campaign[.]net')
      expect(told.join('\n')).not.toContain('told.evil-campaign.net')
      expect(told.join('\n')).not.toMatch(/secret-(red|strict|pap)/)
    } finally {
      await new Promise((resolve) => chat.close(resolve))
    }
  })
})
