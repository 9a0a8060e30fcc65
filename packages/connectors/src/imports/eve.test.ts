import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sighted } from '../imports.fixture.ts'
import { EVE } from './eve.ts'

const BULLETIN = '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'

/** As Suricata 7.0 writes them. */
const alert = (more: object = {}, rule: object = {}): Record<string, unknown> => ({
  timestamp: '2026-11-30T09:02:11.134567+0100',
  flow_id: 1289734123412345,
  event_type: 'alert',
  src_ip: '10.0.0.5',
  src_port: 40000,
  dest_ip: '10.0.0.53',
  dest_port: 53,
  proto: 'UDP',
  pkt_src: 'wire/pcap',
  alert: {
    action: 'allowed',
    gid: 1,
    signature_id: 2218423423,
    rev: 1,
    signature: `Tocsin phishing domain TLP:AMBER ${BULLETIN}`,
    category: '',
    severity: 3,
    metadata: { tocsin_bulletin: [BULLETIN] },
    ...rule
  },
  app_proto: 'dns',
  ...more
})
const other = { signature: 'ET MALWARE something', metadata: undefined }
const lines = (...events: unknown[]): string => events.map((it) => `${JSON.stringify(it)}\n`).join('')

describe('eve', () => {
  it('says what a DNS, TLS and HTTP alert of our rules was about, and which bulletin', async () => {
    const log = lines(
      alert({ dns: { query: [{ type: 'query', id: 1, rrname: 'www.login-univ.evil-campus.com', rrtype: 'A' }] } }),
      alert({ host: 'probe-2', tls: { sni: 'login-univ.evil-campus.com', fingerprint: '4a:a3:76' } }),
      alert(
        { dest_ip: '91.200.12.34', http: { hostname: 'evil.example.org', url: '/a?b=1', http_port: 8080 } },
        { signature: `Tocsin dropper url TLP:AMBER+STRICT ${BULLETIN}` }
      ),
      alert({ dest_ip: '185.220.100.7' }, { signature: `Tocsin c2 cidr TLP:GREEN ${BULLETIN}` })
    )
    const { sightings, refused } = await sighted(EVE, log)
    expect(refused).toEqual([])
    expect(sightings.map(({ values, once }) => [values.map(({ type, value }) => `${type} ${value}`), once])).toEqual([
      [['domain www.login-univ.evil-campus.com'], { stream: '' }],
      [['domain login-univ.evil-campus.com'], { stream: 'probe-2' }],
      [['url http://evil.example.org:8080/a?b=1'], { stream: '' }],
      [['ipv4 10.0.0.5', 'ipv4 185.220.100.7'], { stream: '' }]
    ])
    expect(sightings.every(({ bulletin }) => bulletin === BULLETIN)).toBe(true)
    expect(sightings[0]?.at).toBe(Date.parse('2026-11-30T08:02:11.134Z'))
  })

  it('takes what any other rule alerted for: hashes, certificates, agents, senders, never recipients', async () => {
    const sha256 = 'a8460f446be540410004b1a8db4083773fa46f7fe76fa84219c93daa1669f8f2'
    const log = lines(
      alert({ http: { hostname: 'x.example.org.', http_user_agent: 'BadBot/1' }, fileinfo: { sha256 } }, other),
      alert({ files: [{ md5: 'd41d8cd98f00b204e9800998ecf8427e' }], tls: { ja3: { hash: 'e'.repeat(32) } } }, other),
      alert({ tls: { fingerprint: '4a:a3:76:67:68:2c:b6:b2:3b:bc:35:84:72:3a:46:3a:77:8a:4a:11' } }, other),
      alert({ smtp: { mail_from: '<bad@phish.example>', rcpt_to: ['<jean.dupont@univ-reims.fr>'] } }, other),
      alert({ email: { from: 'Bank <b@phish.example>', to: ['marie@univ-reims.fr'] } }, other)
    )
    const { sightings } = await sighted(EVE, log)
    const said = JSON.stringify(sightings)
    for (const value of [
      'x.example.org"',
      'BadBot/1',
      sha256,
      'd41d8cd98f00b204e9800998ecf8427e',
      'e'.repeat(32),
      '4aa37667682cb6b23bbc3584723a463a778a4a11',
      'bad@phish.example',
      '"b@phish.example'
    ])
      expect(said).toContain(value)
    expect(said).not.toMatch(/dupont|marie|ET MALWARE/)
    expect(sightings.some(({ bulletin }) => bulletin !== undefined)).toBe(false)
  })

  it('passes over other events, and refuses bad lines by their place and loses nothing else', async () => {
    const log = `${lines(
      { ...alert(), event_type: 'dns', alert: undefined },
      { event_type: 'stats', stats: {} }
    )}{"event_type":"alert","alert\n[1]\n${lines(
      { ...alert(), timestamp: 'yesterday' },
      { ...alert(), alert: 7, x: '"alert"' },
      alert({ dest_ip: '203.0.113.7' }, other)
    )}`
    const { sightings, refused } = await sighted(EVE, log)
    expect(sightings.map(({ place }) => place.line)).toEqual([7])
    expect(refused.map(({ code, place }) => [code, place.line])).toEqual([
      ['not-json', 3],
      ['record-invalid', 4],
      ['record-invalid', 5],
      ['record-invalid', 6]
    ])
  })

  it('stands whatever an attacker makes the traffic say, and says no more than it may', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.jsonValue(),
      fc.constant('\u202e=cmd()\n\t\u0000'),
      fc.constant(Array(500).fill({ rrname: 'a.example.org', sha256: 'f'.repeat(64) }))
    )
    const field = fc.constantFrom('dns', 'tls', 'http', 'fileinfo', 'files', 'smtp', 'email', 'src_ip', 'alert', 'host')
    const inner = fc.constantFrom('rrname', 'sni', 'hostname', 'url', 'fingerprint', 'signature', 'mail_from', 'query')
    await fc.assert(
      fc.asyncProperty(field, inner, hostile, fc.boolean(), async (name, part, value, deep) => {
        const bad = alert({ [name]: deep ? { [part]: value } : value }, other)
        const { sightings } = await sighted(EVE, lines(bad, alert({ dest_ip: '198.51.100.200' }, other)))
        expect(sightings.at(-1)?.values).toContainEqual({ type: 'ipv4', value: '198.51.100.200' })
        for (const { values } of sightings) expect(values.length).toBeLessThanOrEqual(64)
      }),
      { numRuns: 200 }
    )
  })

  it('gives the same however the bytes come', async () => {
    const log = lines(alert({ dest_ip: '203.0.113.7' }, other), alert({ tls: { sni: 'a.example.org' } }))
    const whole = await sighted(EVE, log)
    expect(whole.sightings.length).toBe(2)
    for (const size of [1, 7, 64]) expect(await sighted(EVE, log, size)).toEqual(whole)
  })
})
