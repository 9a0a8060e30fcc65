/** Suricata, YARA and ClamAV load what we write for them, and find in traffic and files what is listed, and only that. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FEEDS, type FeedItem, type FeedName, importNamed, readImport } from '@tocsin/connectors'
import { createIndexBuilder, createScanner, type Find, isHunted, openLog, searchLog } from '@tocsin/hunt'
import { type IndicatorType, parseIndicator } from '@tocsin/model'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { missingTools, run, without } from './bind.ts'
import { item as carried } from './consumer.ts'
import { type Capture, clientHello, createCapture, question } from './pcap.ts'

const NOW = Date.UTC(2026, 10, 24, 9)
const MALWARE = Buffer.from('MZ this stands for a malicious file, and is none. '.repeat(4))
const INNOCENT = Buffer.from('MZ this stands for an innocent file of another school. '.repeat(4))
const digest = (algorithm: string, data: Buffer | string): string => createHash(algorithm).update(data).digest('hex')

const LISTED = {
  domain: 'login-univ.evil-campus.com',
  ipv4: '91.200.12.34',
  ipv6: '2a0e:5700:4::1f',
  cidr: '185.220.100.0/25',
  url: "http://pages.example-cms.com/~staff/reset.php?id=7;x='1'",
  'user-agent': 'Bad"Bot; v|1| \\ (é)',
  ja3: digest('md5', '771,4865,0,,'),
  'x509-sha1': '4aa3667682cb6b23bbc3584723a463a778a4a118',
  md5: digest('md5', MALWARE),
  sha1: digest('sha1', MALWARE),
  sha256: digest('sha256', MALWARE)
} as const satisfies Partial<Record<IndicatorType, string>>

const item = (type: IndicatorType, value: string, authorName = 'Université de Reims'): FeedItem =>
  carried(type, value, authorName, 'AMBER+STRICT')

/** What a peer may publish to break its readers' tools. */
function hostile(): FeedItem[] {
  const label = (letter: string) => letter.repeat(63)
  const name = '"; drop all any\n\talert ip any any -> any any (sid:1;) \\ */ 10.0.0.5,1,100'
  return [
    item('domain', `${label('a')}.${label('b')}.${label('c')}.${'d'.repeat(50)}.com`, name),
    item('domain', 'evil.info"; sid:1; content:"'),
    item('domain', '*.evil-campus.com'),
    item('domain', 'evil.org\nevil-campus.com'),
    item('cidr', '10.0.0.99/8'),
    item('ipv4', '10.0.0.5, any'),
    item('ipv6', '::ffff:10.0.0.5'),
    item('url', `http://long.example-cms.com/${'a'.repeat(3900)}`),
    item('url', 'http://[2001:db8::1]/a'),
    item('url', 'http://evil.info/a|00|b"c;d'),
    item('user-agent', 'x'.repeat(1024)),
    item('user-agent', '|"; sid:5; msg:"'),
    item('user-agent', '#\tx'),
    item('filename', '-'),
    item('filename', '#fields'),
    item('md5', `${'A'.repeat(32)}`),
    item('sha256', `${'a'.repeat(63)}:`)
  ]
}

const listed = (Object.entries(LISTED) as [IndicatorType, string][]).map(([type, value]) => item(type, value))

let folder = ''
const missing = new Map<string, readonly string[]>()

async function feed(name: FeedName, items: readonly FeedItem[]): Promise<string> {
  async function* source(): AsyncGenerator<FeedItem> {
    yield* items
  }
  let text = ''
  for await (const piece of FEEDS[name].write(source())) text += piece
  return text
}

const write = (name: string, data: string | Buffer): Promise<void> => writeFile(join(folder, name), data)

beforeAll(async () => {
  for (const tools of [['suricata'], ['yara', 'yarac'], ['clamscan']])
    missing.set(tools[0] ?? '', await missingTools(tools))
})

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-ids-'))
  return () => rm(folder, { recursive: true, force: true })
})

afterAll(() => missing.clear())

const CLIENT = '10.0.0.5'

function asks(capture: Capture, name: string): void {
  capture.datagram({ address: CLIENT, port: 40_000 }, { address: '10.0.0.53', port: 53 }, question(name))
}

let port = 41_000
function talks(capture: Capture, server: string, at: number, parts: readonly Buffer[]): void {
  port += 1
  const client = server.includes(':') ? '2a0e:5700:1::5' : CLIENT
  capture.connection({ address: client, port }, { address: server, port: at }, parts)
}

function fetches(
  capture: Capture,
  url: URL | string,
  agent = 'Mozilla/5.0',
  file = Buffer.from('hello'),
  server = '198.51.100.7'
): void {
  const { host, pathname, search } = new URL(url)
  const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${agent}\r\n\r\n`
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${file.length}\r\n\r\n`
  talks(capture, server, 80, [Buffer.from(request), Buffer.concat([Buffer.from(head), file])])
}

/** What the rules need, and nothing else: Suricata makes one kind of hash alone unless it is told to make more. */
const CONFIGURATION = (): string => `%YAML 1.1
---
default-log-dir: ${folder}
stats: { enabled: no }
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types: [alert, files: { force-hash: [md5, sha1, sha256] }]
app-layer:
  protocols:
    dns: { udp: { enabled: yes, detection-ports: { dp: 53 } }, tcp: { enabled: yes, detection-ports: { dp: 53 } } }
    http: { enabled: yes }
    tls: { enabled: yes, detection-ports: { dp: 443 } }
reputation-categories-file: ${folder}/categories.txt
default-reputation-path: ${folder}
reputation-files: [ iprep.list ]
`

/** Rules that read the lists: those of docs/formats.md. */
const READERS = `alert dns any any -> any any (msg:"list domain"; dns.query; dataset:isset,tocsin-domain,type string,load domain.lst; sid:1; rev:1;)
alert ip any any -> any any (msg:"list ip"; ip.dst; dataset:isset,tocsin-ip,type ip,load ip.lst; sid:2; rev:1;)
alert ip any any -> any any (msg:"list iprep"; iprep:any,Tocsin,>,50; sid:3; rev:1;)
alert http any any -> any any (msg:"list md5"; filemd5:md5.lst; sid:4; rev:1;)
alert http any any -> any any (msg:"list sha1"; filesha1:sha1.lst; sid:5; rev:1;)
alert http any any -> any any (msg:"list sha256"; filesha256:sha256.lst; sid:6; rev:1;)
`

async function prepareSuricata(items: readonly FeedItem[]): Promise<void> {
  await write('suricata.yaml', CONFIGURATION())
  await write('categories.txt', '1,Tocsin,Shared by universities\n')
  await write('iprep.list', await feed('suricata-iprep', items))
  for (const name of ['domain', 'ip', 'md5', 'sha1', 'sha256'] as const)
    await write(`${name}.lst`, await feed(`suricata-${name}`, items))
  await write('tocsin.rules', READERS + (await feed('suricata-rules', items)))
}

const suricata = (...args: string[]) =>
  run('suricata', ['-c', join(folder, 'suricata.yaml'), '-S', join(folder, 'tocsin.rules'), '-l', folder, ...args])

/** What Suricata alerts for in this traffic: the messages of the rules, without what every one has. */
async function alerts(capture: Capture): Promise<string[]> {
  await write('traffic.pcap', capture.file())
  const { status, output } = await suricata('-r', join(folder, 'traffic.pcap'), '-k', 'none', '--runmode', 'single')
  if (status !== 0) throw new Error(output)
  const events = (await readFile(join(folder, 'eve.json'), 'utf8')).trim().split('\n').filter(Boolean)
  const messages = events.flatMap((line) => {
    const { alert } = JSON.parse(line) as { alert?: { signature: string } }
    return alert === undefined ? [] : [alert.signature]
  })
  return [...new Set(messages)]
    .map((text) => /^Tocsin phishing (\S+) TLP:AMBER\+STRICT 0b9f/.exec(text)?.[1] ?? text)
    .toSorted()
}

describe('Suricata', () => {
  beforeEach((context) => {
    const tools = missing.get('suricata') ?? []
    if (tools.length > 0) without('Suricata 7', tools, context)
  })

  it('finds nothing wrong with rules and lists, whatever a peer published', async () => {
    await prepareSuricata([...hostile(), ...listed])
    const { status, output } = await suricata('-T')
    expect(output).not.toMatch(/^(?:Error|Warning)/m)
    expect(status).toBe(0)
    const rules = (await readFile(join(folder, 'tocsin.rules'), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('alert'))
    expect(output).toContain(`${rules.length} rules successfully loaded, 0 rules failed`)
  })

  it('takes any link and any user agent that an indicator can be', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'a |"\\;:\'#(),!%é/?=&') })
    )
    const items = (['url', 'user-agent'] as const).flatMap((type) =>
      fc.sample(text, 1000).flatMap((tail) => {
        const parsed = parseIndicator(type, type === 'url' ? `http://evil.info/${tail}` : tail)
        return parsed.ok ? [item(type, parsed.value)] : []
      })
    )
    expect(items.length).toBeGreaterThan(500)
    await prepareSuricata(items)
    const { status, output } = await suricata('-T')
    expect({ status, output }).toMatchObject({ status: 0, output: expect.not.stringMatching(/^(?:Error|Warning)/m) })
  })

  it('finds nothing wrong with empty ones', async () => {
    await prepareSuricata([])
    expect(await suricata('-T')).toMatchObject({ status: 0, output: expect.not.stringMatching(/^(?:Error|Warning)/m) })
  })

  it('alerts for what is listed', async () => {
    await prepareSuricata([...hostile(), ...listed])
    const capture = createCapture(NOW / 1000)
    asks(capture, LISTED.domain)
    fetches(capture, 'http://a.example.com/', 'Mozilla/5.0', MALWARE)
    fetches(capture, LISTED.url, 'Mozilla/5.0')
    fetches(capture, 'http://b.example.com/', LISTED['user-agent'])
    talks(capture, '198.51.100.8', 443, [clientHello('www.example.com')])
    talks(capture, LISTED.ipv4, 8443, [Buffer.from('hello')])
    talks(capture, LISTED.ipv6, 8443, [Buffer.from('hello')])
    talks(capture, '185.220.100.127', 8443, [Buffer.from('hello')])
    expect(await alerts(capture)).toEqual(
      [
        ...['list domain', 'list ip', 'list iprep', 'list md5', 'list sha1', 'list sha256'],
        ...['cidr', 'domain', 'ipv4', 'ipv6', 'ja3', 'url', 'user-agent']
      ].toSorted()
    )
  })

  it('writes a log in which hunt finds again what it alerted for, and nothing else', async () => {
    await prepareSuricata(listed)
    const capture = createCapture(NOW / 1000)
    asks(capture, `deep.${LISTED.domain}`)
    fetches(capture, 'http://a.example.com/', 'Mozilla/5.0', MALWARE)
    talks(capture, LISTED.ipv4, 8443, [Buffer.from('hello')])
    talks(capture, '185.220.100.127', 8443, [Buffer.from('hello')])
    await alerts(capture)
    const builder = createIndexBuilder()
    for (const { indicator } of listed) if (isHunted(indicator.type)) builder.add(indicator.type, indicator.value)
    const finds: Find[] = []
    await using log = await openLog(join(folder, 'eve.json'))
    await searchLog(log, createScanner(builder.build()), { context: 0, onFind: (find) => finds.push(find) })
    const { md5, sha1, sha256 } = LISTED
    const expected = [`deep.${LISTED.domain}`, LISTED.ipv4, '185.220.100.127', md5, sha1, sha256]
    expect([...new Set(finds.map(({ text }) => text))].toSorted()).toEqual(expected.toSorted())
  })

  it('writes alerts that come back as sightings of the very values, by the bulletin of the rule', async () => {
    await prepareSuricata(listed)
    const capture = createCapture(NOW / 1000)
    asks(capture, `deep.${LISTED.domain}`)
    fetches(capture, LISTED.url, 'Mozilla/5.0')
    fetches(capture, 'http://a.example.com/', LISTED['user-agent'], MALWARE)
    talks(capture, '198.51.100.8', 443, [clientHello(`tls.${LISTED.domain}`)])
    talks(capture, LISTED.ipv4, 8443, [Buffer.from('hello')])
    talks(capture, LISTED.ipv6, 8443, [Buffer.from('hello')])
    talks(capture, '185.220.100.127', 8443, [Buffer.from('hello')])
    await alerts(capture)
    const met = new Map<string, Set<string | undefined>>()
    const eve = importNamed('eve')
    if (eve === undefined) throw new Error('no import of this name')
    const options = { source: 'eve', labels: {}, context: { ownDomains: [], circleDomains: [] }, now: NOW }
    for await (const it of readImport(eve, createReadStream(join(folder, 'eve.json')), options)) {
      if (it.kind !== 'sighting') throw new Error(JSON.stringify(it))
      expect(Math.abs(it.at - NOW)).toBeLessThan(3_600_000)
      for (const { type, value } of it.values) {
        const place = `${type} ${value}`
        met.set(place, (met.get(place) ?? new Set()).add(it.bulletin))
      }
    }
    const rules = '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'
    const url = parseIndicator('url', LISTED.url)
    for (const place of [
      `domain deep.${LISTED.domain}`,
      `domain tls.${LISTED.domain}`,
      `url ${url.ok ? url.value : ''}`,
      `ipv4 ${LISTED.ipv4}`,
      `ipv6 ${LISTED.ipv6}`,
      'ipv4 185.220.100.127',
      `ja3 ${LISTED.ja3}`
    ])
      expect([place, met.get(place)?.has(rules)]).toEqual([place, true])
    for (const type of ['md5', 'sha1', 'sha256'] as const) expect(met.has(`${type} ${LISTED[type]}`)).toBe(true)
  })

  it.each([
    ['asked for in DNS', (capture: Capture) => asks(capture, `deep.below.${LISTED.domain.toUpperCase()}`)],
    ['named in TLS', (capture: Capture) => talks(capture, '198.51.100.8', 443, [clientHello(`a.${LISTED.domain}`)])],
    ['asked for in HTTP', (capture: Capture) => fetches(capture, `http://a.${LISTED.domain}:8080/`)]
  ])('alerts for what is below a listed domain, %s', async (_where, traffic) => {
    await prepareSuricata([item('domain', LISTED.domain)])
    const capture = createCapture(NOW / 1000)
    traffic(capture)
    expect(await alerts(capture)).toEqual(['domain'])
  })

  it('alerts for a link to an address, of either family', async () => {
    const links = ['http://[2001:db8::1]/a', 'http://192.0.2.7:8080/b']
    await prepareSuricata(links.map((link) => item('url', link)))
    for (const link of links) {
      const capture = createCapture(NOW / 1000)
      fetches(capture, link)
      expect([link, await alerts(capture)]).toEqual([link, ['url']])
      await rm(join(folder, 'eve.json'))
    }
  })

  it('is silent for the neighbours of what is listed', async () => {
    await prepareSuricata([...hostile(), ...listed.filter(({ indicator }) => indicator.type !== 'ja3')])
    const capture = createCapture(NOW / 1000)
    for (const name of [
      'evil-campus.com',
      'not-login-univ.evil-campus.com',
      'login-univ.evil-campus.com.example.org'
    ]) {
      asks(capture, name)
      fetches(capture, `http://${name}/`)
      talks(capture, '198.51.100.8', 443, [clientHello(name)])
    }
    fetches(capture, LISTED.url.replace('id=7', 'id=8'))
    fetches(capture, `${LISTED.url}&more`)
    fetches(capture, 'http://c.example.com/', `${LISTED['user-agent']}x`, INNOCENT)
    talks(capture, '91.200.12.35', 8443, [Buffer.from('hello')])
    talks(capture, '185.220.100.128', 8443, [Buffer.from('hello')])
    talks(capture, '2a0e:5700:4::20', 8443, [Buffer.from('hello')])
    expect(await alerts(capture)).toEqual([])
  })
})

describe('YARA', () => {
  beforeEach((context) => {
    const tools = missing.get('yara') ?? []
    if (tools.length > 0) without('YARA', tools, context)
  })

  it.each(['md5', 'sha1', 'sha256'] as const)(
    'hits the file by its %s, and no other, and says the bulletin',
    async (type) => {
      await write('tocsin.yar', await feed('yara-hash', [...hostile(), item(type, LISTED[type])]))
      await write('malware', MALWARE)
      await write('innocent', INNOCENT)
      const compiled = await run('yarac', ['-w', join(folder, 'tocsin.yar'), join(folder, 'tocsin.yac')])
      expect(compiled).toEqual({ status: 0, output: '' })
      const { output } = await run('yara', ['-m', '-r', join(folder, 'tocsin.yar'), folder])
      const hits = output
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('tocsin_'))
      expect(hits).toHaveLength(1)
      expect(hits[0]).toContain(`tocsin_${type}_${LISTED[type]}`)
      expect(hits[0]).toContain('bulletin="0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11"')
      expect(hits[0]?.endsWith('/malware')).toBe(true)
    }
  )

  it('compiles rules for nothing at all', async () => {
    await write('tocsin.yar', await feed('yara-hash', []))
    expect(await run('yarac', [join(folder, 'tocsin.yar'), join(folder, 'tocsin.yac')])).toMatchObject({ status: 0 })
  })
})

describe('ClamAV', () => {
  beforeEach((context) => {
    const tools = missing.get('clamscan') ?? []
    if (tools.length > 0) without('ClamAV', tools, context)
  })

  const scan = async (name: string) =>
    run('clamscan', ['--no-summary', '-d', join(folder, 'tocsin.hsb'), join(folder, name)])

  it.each(['md5', 'sha1', 'sha256'] as const)('finds the file by its %s, and no other', async (type) => {
    await write('tocsin.hsb', await feed('clamav-hash', [...hostile(), item(type, LISTED[type])]))
    await write('malware', MALWARE)
    await write('innocent', INNOCENT)
    const { status, output } = await scan('malware')
    expect(status).toBe(1)
    expect(output).toContain('Tocsin.phishing.0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11.UNOFFICIAL FOUND')
    expect(output).not.toMatch(/LibClamAV (?:Error|Warning)/)
    expect((await scan('innocent')).status).toBe(0)
  })

  it('loads signatures for nothing at all', async () => {
    await write('tocsin.hsb', await feed('clamav-hash', []))
    await write('innocent', INNOCENT)
    const { status, output } = await scan('innocent')
    expect([status, /LibClamAV (?:Error|Warning)/.test(output)]).toEqual([0, false])
  })
})
