/** Unbound and PowerDNS Recursor with our policy zone: from a file, and from the DNS door of a running node. */
import { randomBytes } from 'node:crypto'
import { appendFile, chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFeedFile } from '@tocsin/connectors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { tocsin } from '../harness/process.ts'
import { eventually, freePort, missingBindTools, missingTools, type Named, run, startNamed, without } from './bind.ts'
import { type PolicySource, type Resolver, reloadWords, startRecursor, startUnbound } from './resolvers.ts'
import { EMPTY, INTERNET, LISTED, POLICY_ZONE } from './rpz-suite.ts'

const KEY = { name: 'resolver-2', secret: randomBytes(32).toString('base64') }
const DOMAINS = Object.keys(INTERNET)

let missing: string[] = []
let folder = ''
let federation: Federation
/** With a key, and without one, for this machine alone. */
let signed: Institution & { door: number }
let open: Institution & { door: number }
let internet: Named
let unboundPort = 0

async function institution(name: string, domain: string, settings: string): Promise<Institution & { door: number }> {
  const one = await federation.institution(name, domain, { run: false })
  const door = await freePort()
  await appendFile(join(one.home, 'config.toml'), `\n[dns]\nport = ${door}\n${settings}\n`)
  await one.start()
  await federation.circle(`circle-of-${name.toLowerCase()}`, 1, [one])
  return { ...one, door }
}

const publishing = (by: Institution): Promise<string> =>
  publish(by, {
    tlp: 'AMBER',
    pap: 'GREEN',
    threat: 'phishing',
    title: 'campus',
    indicators: Object.entries(LISTED).map(([type, value]) => ({ type, value }))
  })
const retracting = (by: Institution, id: string) =>
  by.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })

beforeAll(async () => {
  missing = [...(await missingBindTools()), ...(await missingTools(['unbound', 'unbound-control', 'pdns_recursor']))]
  if (missing.length > 0) return
  folder = await mkdtemp(join(tmpdir(), 'tocsin-rpz-'))
  await chmod(folder, 0o755)
  federation = await createFederation({ world: { now: Date.now, random: (bytes) => randomBytes(bytes) } })
  unboundPort = await freePort()
  signed = await institution('Reims', 'univ-reims.fr', `keys = [{ name = "${KEY.name}", secret = "${KEY.secret}" }]`)
  open = await institution('Valenciennes', 'uphf.fr', `notify = [{ host = "127.0.0.1", port = ${unboundPort} }]`)
  internet = await startNamed({ policyZone: 'unused.invalid', policy: EMPTY, zones: INTERNET })
})

afterAll(async () => {
  await internet?.[Symbol.asyncDispose]()
  await federation?.end()
  if (folder !== '') await rm(folder, { recursive: true, force: true })
})

/** That it blocks what is listed and that alone. */
async function blocksTheListed(resolver: Resolver): Promise<void> {
  const statusOf = async (name: string, type?: 'AAAA') => (await resolver.resolve(name, type)).status
  await eventually(
    () => statusOf(LISTED.domain),
    (status) => status === 'NXDOMAIN'
  )
  expect(await statusOf(`deep.below.${LISTED.domain}`)).toBe('NXDOMAIN')
  expect(await statusOf('by-address.evil-campus.com')).toBe('NXDOMAIN')
  expect(await statusOf('by-range.evil-campus.com')).toBe('NXDOMAIN')
  expect(await statusOf('by-ipv6.evil-campus.com', 'AAAA')).toBe('NXDOMAIN')
  for (const name of ['not-login-univ', 'next-address', 'next-range']) {
    expect(await statusOf(`${name}.evil-campus.com`)).toBe('NOERROR')
  }
  expect(await resolver.resolve('evil-campus.com')).toEqual({ status: 'NOERROR', data: ['198.18.0.1'] })
  expect(await statusOf('next-ipv6.evil-campus.com', 'AAAA')).toBe('NOERROR')
}

async function answersAgain(resolver: Resolver): Promise<void> {
  await eventually(
    async () => (await resolver.resolve(LISTED.domain)).status,
    (status) => status === 'NOERROR'
  )
  expect(await resolver.resolve(LISTED.domain)).toEqual({ status: 'NOERROR', data: ['198.18.0.2'] })
}

async function* zoneOver(http: Institution): AsyncGenerator<string> {
  const headers = { authorization: `Bearer ${http.token}` }
  const response = await fetch(`${http.api}/v1/feeds/rpz?zone=${POLICY_ZONE}`, { headers })
  if (!response.ok) throw new Error(`the feed answered ${response.status}`)
  yield await response.text()
}

const RESOLVERS = [
  { name: 'Unbound', start: startUnbound },
  { name: 'PowerDNS Recursor', start: startRecursor }
]

describe.each(RESOLVERS)('$name', ({ name, start }) => {
  const setup = (policy: PolicySource) => ({
    policyZone: POLICY_ZONE,
    policy,
    internet: internet.port,
    domains: DOMAINS
  })

  it('loads the zone from a file', async (context) => {
    if (missing.length > 0) without(name, missing, context)
    const id = await publishing(signed)
    const file = join(folder, `${name}.zone`)
    await writeFeedFile(file, zoneOver(signed), Date.now())
    await chmod(file, 0o644)
    await retracting(signed, id)
    await using resolver = await start(setup({ file }))
    await blocksTheListed(resolver)
  })
})

describe('Unbound', () => {
  it('follows the door of this machine by NOTIFY, and drops what is retracted', async (context) => {
    if (missing.length > 0) without('Unbound', missing, context)
    await using resolver = await startUnbound({
      policyZone: POLICY_ZONE,
      policy: { primary: open.door },
      internet: internet.port,
      domains: DOMAINS,
      port: unboundPort
    })
    expect((await resolver.resolve(LISTED.domain)).status).toBe('NOERROR')
    const id = await publishing(open)
    await blocksTheListed(resolver)
    await retracting(open, id)
    await answersAgain(resolver)
  })
})

describe('Unbound with a file that the node keeps', () => {
  it('is told of each change, and drops what is retracted', async (context) => {
    if (missing.length > 0) without('Unbound', missing, context)
    const file = join(folder, 'kept.zone')
    const control = join(folder, 'unbound.sock')
    const [program = '', ...words] = reloadWords(control, POLICY_ZONE)
    const path = (await run('sh', ['-c', `command -v ${program}`])).output.trim()
    // As an operator does: the file first, and its reader told by a command.
    const options = ['--format', 'rpz', '--zone', POLICY_ZONE, '--to', file]
    const added = await tocsin(['feed', 'add', 'unbound', ...options, '--', path, ...words], { home: open.home })
    expect(added.stderr).toBe('')
    await eventually(
      () => readFile(file, 'utf8').catch(() => ''),
      (text) => text.includes('SOA')
    )
    const setup = { policyZone: POLICY_ZONE, policy: { file }, internet: internet.port, domains: DOMAINS, control }
    await using resolver = await startUnbound(setup)
    expect((await resolver.resolve(LISTED.domain)).status).toBe('NOERROR')
    const id = await publishing(open)
    await blocksTheListed(resolver)
    await retracting(open, id)
    await answersAgain(resolver)
    await tocsin(['feed', 'remove', 'unbound'], { home: open.home })
  })
})

describe('PowerDNS Recursor', () => {
  it('transfers with its key, and drops what is retracted', async (context) => {
    if (missing.length > 0) without('PowerDNS Recursor', missing, context)
    await using resolver = await startRecursor({
      policyZone: POLICY_ZONE,
      policy: { primary: signed.door, key: KEY },
      internet: internet.port,
      domains: DOMAINS
    })
    const id = await publishing(signed)
    await blocksTheListed(resolver)
    await retracting(signed, id)
    await answersAgain(resolver)
  })
})
