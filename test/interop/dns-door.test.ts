/** The DNS door of a running node: BIND follows it as a secondary, dig checks its signatures. */
import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { eventually, freePort, missingBindTools, type Named, run, startNamed, withoutBind } from './bind.ts'
import { INTERNET, LISTED, POLICY_ZONE } from './rpz-suite.ts'

const KEY = { name: 'resolver-1', secret: randomBytes(32).toString('base64') }
const SIGNED = ['-y', `hmac-sha256:${KEY.name}:${KEY.secret}`]

let missing: string[] = []
let federation: Federation
let reims: Institution
let bind: Named
let door = 0

beforeAll(async () => {
  missing = await missingBindTools()
  if (missing.length > 0) return
  federation = await createFederation({ world: { now: Date.now, random: (bytes) => randomBytes(bytes) } })
  reims = await federation.institution('Reims', 'univ-reims.fr', { run: false })
  const port = await freePort()
  door = await freePort()
  await appendFile(
    join(reims.home, 'config.toml'),
    `\n[dns]\nport = ${door}\nkeys = [${toml(KEY)}]\nnotify = [{ host = "127.0.0.1", port = ${port}, key = "${KEY.name}" }]\n`
  )
  await reims.start()
  await federation.circle('esr-fr', 1, [reims])
  bind = await startNamed({ policyZone: POLICY_ZONE, policy: { primary: door, key: KEY }, port, zones: INTERNET })
  await eventually(
    () => bind.serial(),
    (serial) => serial !== undefined
  )
})

afterAll(async () => {
  await bind?.[Symbol.asyncDispose]()
  await federation?.end()
})

beforeEach((context) => {
  if (missing.length > 0) withoutBind(missing, context)
})

const toml = ({ name, secret }: typeof KEY): string => `{ name = "${name}", secret = "${secret}" }`
const dig = async (...args: string[]): Promise<string> =>
  (await run('dig', ['@127.0.0.1', '-p', `${door}`, '+time=2', '+tries=1', ...args])).output
const statusOf = async (name: string): Promise<string> => (await bind.resolve(name)).status
const publishing = (indicators: readonly { type: string; value: string }[]): Promise<string> =>
  publish(reims, { tlp: 'AMBER', pap: 'GREEN', threat: 'phishing', title: 'campus', indicators })

describe('BIND as a secondary', () => {
  it('answers NXDOMAIN for what is published, soon and without asking, and for nothing else', async () => {
    expect(await statusOf(LISTED.domain)).toBe('NOERROR')
    const before = Date.now()
    await publishing(Object.entries(LISTED).map(([type, value]) => ({ type, value })))
    await eventually(
      () => statusOf(LISTED.domain),
      (status) => status === 'NXDOMAIN',
      5_000
    )
    // Its refresh is five minutes away: this was the NOTIFY.
    expect(Date.now() - before).toBeLessThan(5_000)
    expect(bind.log()).toContain('received notify for zone')
    expect(await statusOf(`deep.below.${LISTED.domain}`)).toBe('NXDOMAIN')
    expect(await statusOf('not-login-univ.evil-campus.com')).toBe('NOERROR')
    expect(await statusOf('by-address.evil-campus.com')).toBe('NXDOMAIN')
    expect(await statusOf('next-address.evil-campus.com')).toBe('NOERROR')
    expect((await bind.resolve('by-ipv6.evil-campus.com', 'AAAA')).status).toBe('NXDOMAIN')
  })

  it('takes an increment, and drops what is retracted', async () => {
    const domains = Array.from({ length: 40 }, (_, i) => ({ type: 'domain', value: `bad-${i}.evil-neighbour.com` }))
    await publishing(domains)
    const id = await publishing([{ type: 'domain', value: 'not-login-univ.evil-campus.com' }])
    await eventually(
      () => statusOf('not-login-univ.evil-campus.com'),
      (status) => status === 'NXDOMAIN'
    )
    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })
    await eventually(
      () => statusOf('not-login-univ.evil-campus.com'),
      (status) => status === 'NOERROR'
    )
    expect(await statusOf(LISTED.domain)).toBe('NXDOMAIN')
    expect(bind.log()).toMatch(/transfer of 'rpz\.tocsin\.invalid\/IN' from 127\.0\.0\.1#\d+: Transfer status: success/)
    expect(bind.complaints()).toEqual([])
    const { counters } = await reims.call<{ counters: Record<string, number> }>('GET', '/v1/status')
    expect(counters['dns:ixfr']).toBeGreaterThan(0)
    expect(counters['dns:notified']).toBeGreaterThan(0)
    expect(counters['dns:not-signed']).toBeUndefined()
  })
})

describe('a restart of the node', () => {
  it('keeps the serial of what has not changed, and BIND goes on following', async () => {
    const before = await bind.serial()
    await reims.stop()
    await reims.start()
    await eventually(
      async () => /\. (\d+) 300 60 604800 60$/m.exec(await dig(...SIGNED, POLICY_ZONE, 'SOA'))?.[1],
      (serial) => serial === String(before)
    )
    const id = await publishing([{ type: 'domain', value: 'not-login-univ.evil-campus.com' }])
    await eventually(
      () => statusOf('not-login-univ.evil-campus.com'),
      (status) => status === 'NXDOMAIN'
    )
    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })
    await eventually(
      () => statusOf('not-login-univ.evil-campus.com'),
      (status) => status === 'NOERROR'
    )
  })
})

describe('dig', () => {
  it('transfers the zone that HTTP gives, and finds every signature good', async () => {
    const answer = await dig(...SIGNED, '+onesoa', POLICY_ZONE, 'AXFR')
    expect(answer).not.toMatch(/verify|WARNING|failed/i)
    const transferred = [...answer.matchAll(/^(\S+)\.rpz\.tocsin\.invalid\.\s+60\s+IN\s+CNAME\s+\.$/gm)].map(
      ([, name]) => name
    )
    const response = await fetch(`${reims.api}/v1/feeds/rpz`, { headers: { authorization: `Bearer ${reims.token}` } })
    const text = await response.text()
    expect(transferred.length).toBeGreaterThan(80)
    expect(transferred).toEqual([...text.matchAll(/^(\S+) CNAME \.$/gm)].map(([, name]) => name))
  })

  it('gets one SOA where it is up to date, and the whole zone from a serial of long ago', async () => {
    const serial = /\. (\d+) 300 60 604800 60$/m.exec(await dig(...SIGNED, POLICY_ZONE, 'SOA'))?.[1]
    expect(serial).toBe(String(await bind.serial()))
    expect(await dig(...SIGNED, POLICY_ZONE, `IXFR=${serial}`)).toContain('XFR size: 1 records')
    expect(await dig(...SIGNED, POLICY_ZONE, 'IXFR=5')).toMatch(/XFR size: \d{2,} records/)
  })

  it('is refused without the key, with another one, and for every other question', async () => {
    expect(await dig(POLICY_ZONE, 'SOA')).toContain('status: REFUSED')
    expect(await dig(POLICY_ZONE, 'AXFR')).toContain('Transfer failed')
    const other = ['-y', `hmac-sha256:${KEY.name}:${randomBytes(32).toString('base64')}`]
    expect(await dig(...other, POLICY_ZONE, 'SOA')).toMatch(/status: NOTAUTH.*BADSIG/s)
    expect(await dig('-y', `hmac-sha512:${KEY.name}:${KEY.secret}`, POLICY_ZONE, 'SOA')).toMatch(
      /status: NOTAUTH.*BADKEY/s
    )
    expect(await dig(...SIGNED, LISTED.domain, 'A')).toContain('status: REFUSED')
    expect(await dig(...SIGNED, `${LISTED.domain}.${POLICY_ZONE}`, 'CNAME')).toContain('status: REFUSED')
    expect(await dig(...SIGNED, 'version.bind', 'CH', 'TXT')).toContain('status: REFUSED')
  })
})
