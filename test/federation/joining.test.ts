/** From two strangers to the first bulletin received, by the commands that people type; and into a circle. */
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cardDigest } from '@tocsin/node/domains'
import { afterEach, describe, expect, it } from 'vitest'
import { createFederation, type Federation } from '../harness/federation.ts'
import { apiOf, freePort, type NodeProcess, startProcess, temporaryFolder, tocsin, until } from '../harness/process.ts'
import { type Answer, tocsinTyped } from '../harness/terminal.ts'
import { missingBindTools, startNamed, withoutBind } from '../interop/bind.ts'

/** An institution that is run by commands alone. */
interface Office {
  readonly name: string
  readonly home: string
  readonly id: string
}

/** What was typed, and how long the machine took for it. */
interface Walk {
  commands: number
  seconds: number
}

const ending: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

async function timed<T>(walk: Walk, work: () => Promise<T>): Promise<T> {
  const before = performance.now()
  const result = await work()
  walk.commands += 1
  walk.seconds += (performance.now() - before) / 1_000
  return result
}

/** `servers`: who answers for the domains of cards; nobody, unless a test has somebody. */
async function office(
  walk: Walk,
  dir: string,
  name: string,
  domain: string,
  servers = ['127.0.0.1:1']
): Promise<Office> {
  const home = join(dir, name)
  const passphrase = join(dir, `${name}.phrase`)
  await writeFile(passphrase, 'correct horse battery staple\n')
  const args = ['--name', name, '--domain', domain, '--contact', `rssi@${domain}`, '--passphrase-file', passphrase]
  const doors = ['--listen', `/ip4/127.0.0.1/tcp/${await freePort()}`, '--api', `127.0.0.1:${await freePort()}`]
  const made = await timed(walk, () => tocsin(['--json', 'init', ...args, ...doors], { home }))
  expect(made.code).toBe(0)
  await appendFile(join(home, 'config.toml'), `\n[domain_check]\nservers = ${JSON.stringify(servers)}\n`)
  const running: NodeProcess = await timed(walk, () => startProcess(home))
  ending.push(() => running.stop('SIGKILL'))
  return { name, home, id: JSON.parse(made.stdout).institution }
}

/** Runs a command that must succeed, as the officer of that home; its standard output. */
async function run(walk: Walk, at: Office, args: readonly string[], input = ''): Promise<string> {
  const env = { TOCSIN_PASSPHRASE_FILE: `${at.home}.phrase` }
  const ran = await timed(walk, () => tocsin(args, { home: at.home, input, env }))
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
  return ran.stdout
}

/** What is typed at the three gaps of the screen, once their owner has read the number aloud. */
function heard(number: string): Answer[] {
  const groups = number.trim().split(' ')
  const gaps = (screen: string): number[] => {
    const [shown = ''] = /(?:\d{3}|___)(?: (?:\d{3}|___)){8}/.exec(screen) ?? []
    return shown.split(' ').flatMap((group, index) => (group === '___' ? [index] : []))
  }
  const group = (which: number): Answer => [
    (screen) => `Group ${(gaps(screen)[which] ?? 99) + 1} of 9`,
    (screen) => `${groups[gaps(screen)[which] ?? 99] ?? ''}\r`
  ]
  return [group(0), group(1), group(2), ['read aloud too', 'y']]
}

/** Writes, calls, types: `from` has mailed its card to `at`. */
async function introduce(walk: Walk, at: Office, from: Office, mail: string): Promise<void> {
  // As it comes back in a thread: quoted, and wrapped by a narrow mail program.
  const file = join(at.home, `${from.name}.eml`)
  await writeFile(file, mail.replaceAll(/(.{60})(?=.)/g, '$1\n').replace(/^/gm, '> '))
  const number = await run(walk, from, ['card', '--number'])
  const joined = await timed(walk, () => tocsinTyped(at.home, ['join', file], heard(number)))
  expect(joined.screen).toContain(`${from.name} is a peer now`)
  expect(joined.code).toBe(0)
  const [typed = ''] = number.split('\n')
  expect(joined.screen).not.toContain(typed)
}

/** Asks the door, to wait for something without a process a question. */
async function ask<T>(at: Office, path: string): Promise<T> {
  const token = (await readFile(join(at.home, 'admin-token'), 'utf8')).trim()
  const answer = await fetch(`${await apiOf(at.home)}${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return answer.json() as Promise<T>
}

/** Waits until the officer finds the bulletin here, and counts it as one command and the time it took to come. */
async function receives(walk: Walk, at: Office, id: string): Promise<void> {
  const before = performance.now()
  await until(`${at.name} holds ${id}`, () => ask(at, `/v1/bulletins/${id}`))
  walk.seconds += (performance.now() - before) / 1_000
  expect(await run(walk, at, ['show', id])).toContain('first')
}

// Each command is a process of its own, which takes its time where others need the cores too.
const PATIENCE = { timeout: 240_000 }

describe('two strangers', PATIENCE, () => {
  it('become peers with one mail each way and one call, and the first bulletin arrives', async () => {
    const walk: Walk = { commands: 0, seconds: 0 }
    const folder = await temporaryFolder()
    ending.push(() => folder.remove())
    const reims = await office(walk, folder.dir, 'Reims', 'univ-reims.example')
    const metz = await office(walk, folder.dir, 'Metz', 'univ-metz.example')
    const there = await run(walk, reims, ['invite', '--to', 'rssi@univ-metz.example'])
    const back = await run(walk, metz, ['invite', '--to', 'rssi@univ-reims.example'])
    await introduce(walk, metz, reims, there)
    await introduce(walk, reims, metz, back)
    const draft = JSON.stringify({ title: 'first', threat: 'other', indicators: [] })
    const published = await run(walk, reims, ['--json', 'publish', '-', '--to', 'Metz', '--yes'], draft)
    await receives(walk, metz, JSON.parse(published).id)
    console.log(`two strangers: ${walk.commands} commands at both ends, ${walk.seconds.toFixed(1)} s of the machines`)
    expect(walk.commands).toBeLessThanOrEqual(12)
    // Five minutes, of which the call takes most.
    expect(walk.seconds).toBeLessThan(120)
  })

  it('stay strangers when the number is another one: three answers, and nothing is trusted', async () => {
    const walk: Walk = { commands: 0, seconds: 0 }
    const folder = await temporaryFolder()
    ending.push(() => folder.remove())
    const reims = await office(walk, folder.dir, 'Reims', 'univ-reims.example')
    const file = join(folder.dir, 'mail')
    const made = await tocsin(
      [
        'init',
        '--name',
        'Metz',
        '--domain',
        'univ-metz.example',
        '--contact',
        'x@univ-metz.example',
        '--no-passphrase'
      ],
      { home: join(folder.dir, 'forger') }
    )
    expect(made.code).toBe(0)
    // The forger's card, and the number that the real Metz reads aloud.
    await writeFile(file, await cardOf(join(folder.dir, 'forger')))
    const other = await run(walk, reims, ['card', '--number'])
    const tries = [...heard(other), ...heard(other), ...heard(other)]
    const joined = await tocsinTyped(reims.home, ['join', file], tries)
    expect(joined.screen).toContain('2 tries are left')
    expect(joined.screen).toContain('1 tries are left')
    expect(joined.screen).toContain('(number-mismatch)')
    expect(joined.code).toBe(1)
    const whole = await tocsin(['join', file, '--number', other.trim()], { home: reims.home })
    expect(whole).toMatchObject({ code: 1, stderr: expect.stringContaining('(number-mismatch)') })
    const unasked = await tocsin(['join', file], { home: reims.home })
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('(number-needed)') })
    expect(await ask(reims, '/v1/peers')).toEqual({ items: [] })
  })

  it('see what the domain publishes, from a real name server, before they call', async (context) => {
    const missing = await missingBindTools()
    if (missing.length > 0) withoutBind(missing, context)
    const walk: Walk = { commands: 0, seconds: 0 }
    const folder = await temporaryFolder()
    ending.push(() => folder.remove())
    const metz = await office(walk, folder.dir, 'Metz', 'univ-metz.example')
    const nancy = await office(walk, folder.dir, 'Nancy', 'univ-nancy.example')
    const record = (digest: string) => [`_tocsin TXT "tocsin-card=${digest}"`]
    const records = await run(walk, metz, ['card', '--records'])
    const [, digest = ''] = /^_tocsin\.univ-metz\.example\. TXT "tocsin-card=([0-9a-f]{64})"$/m.exec(records) ?? []
    expect(digest).toBe(cardDigest(metz.id as Parameters<typeof cardDigest>[0]))
    const bind = await startNamed({
      policyZone: 'rpz.tocsin.invalid',
      policy: '$TTL 5\n@ SOA localhost. hostmaster.localhost. 1 60 60 600 5\n@ NS localhost.\n',
      // Somebody put the card of Metz into the zone of Nancy.
      zones: { 'univ-metz.example': record(digest), 'univ-nancy.example': record(digest) }
    })
    ending.push(async () => bind[Symbol.asyncDispose]())
    const reims = await office(walk, folder.dir, 'Reims', 'univ-reims.example', [`127.0.0.1:${bind.port}`])
    const number = await run(walk, metz, ['card', '--number'])
    const good = await tocsin(['join', '-', '--number', number.trim()], {
      home: reims.home,
      input: await cardOf(metz.home)
    })
    expect(good).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('univ-metz.example: published, the same card')
    })
    const wrong = await tocsin(['join', '-'], { home: reims.home, input: await cardOf(nancy.home) })
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('!!! univ-nancy.example publishes the card')
    })
    const checked = await tocsin(['peer', 'check'], { home: reims.home })
    expect(checked).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Metz \(\?\) +univ-metz\.example +published/)
    })
  })
})

describe('a newcomer', PATIENCE, () => {
  it('is vouched in by k members after a call with each, sees what is missing, and receives', async () => {
    const federation: Federation = await createFederation()
    ending.push(() => federation.end())
    const [reims, valenciennes, toulouse] = await Promise.all([
      federation.institution('Reims', 'univ-reims.example'),
      federation.institution('Valenciennes', 'uphf.example'),
      federation.institution('Toulouse', 'ut-capitole.example')
    ])
    await federation.link(reims, valenciennes)
    await federation.link(valenciennes, toulouse)
    const circle = await federation.circle('esr-fr', 2, [reims, valenciennes, toulouse])

    const walk: Walk = { commands: 0, seconds: 0 }
    const folder = await temporaryFolder()
    ending.push(() => folder.remove())
    const metz = await office(walk, folder.dir, 'Metz', 'univ-metz.example')
    const mail = await run(walk, metz, ['invite'])
    for (const member of [reims, valenciennes]) {
      const there = await run(walk, member, ['invite', '--circle', 'esr-fr'])
      expect(there).toContain(circle)
      await introduce(walk, metz, member, there)
      await introduce(walk, member, metz, mail)
    }
    await run(walk, reims, ['vouch', 'Metz', '--circle', 'esr-fr', '--how', 'phone', '--yes'])
    const pending = await run({ commands: 0, seconds: 0 }, reims, ['circle', 'pending'])
    expect(pending).toMatch(
      /Metz \(\?\) +Reims( \(\?\))?, by telephone, \d{4}-\d\d-\d\d +1 vouch\(es\), its own acceptance/
    )
    await run(walk, valenciennes, ['vouch', 'Metz', '--circle', 'esr-fr', '--how', 'phone', '--yes'])
    await until('Metz knows the circle', () => ask(metz, `/v1/circles/${circle}`))
    await run(walk, metz, ['circle', 'accept', 'esr-fr', '--yes'])
    await until('Reims counts four members', async () => {
      const { members } = await reims.call<{ members: unknown[] }>('GET', `/v1/circles/${circle}`)
      return members.length === 4
    })
    const draft = JSON.stringify({ title: 'first', threat: 'other', tlp: 'AMBER', indicators: [] })
    const published = await run(walk, reims, ['--json', 'publish', '-', '--yes'], draft)
    await receives(walk, metz, JSON.parse(published).id)
    console.log(
      `a newcomer, k = 2: ${walk.commands} commands at all ends, ${walk.seconds.toFixed(1)} s of the machines`
    )
    expect(walk.commands).toBeLessThanOrEqual(22)
    expect(walk.seconds).toBeLessThan(240)

    const why = await tocsin(['circle', 'why', 'Metz', 'esr-fr'], { home: toulouse.home })
    expect(why.stdout).toContain('Metz is a member of esr-fr, of rank 1.')
    expect(why.stdout).toMatch(/acceptance +Metz +yes/)
    expect(why.stdout).toMatch(/vouch +Reims.*Metz \(univ-metz\.example\), by telephone, .* yes/)
    const json = await tocsin(['--json', 'circle', 'why', 'Nancy', 'esr-fr'], { home: toulouse.home })
    expect(json.stderr).toContain('unknown-institution')
  })

  it('is not vouched for unawares by somebody who never compared its number', async () => {
    const federation = await createFederation()
    ending.push(() => federation.end())
    const [reims, valenciennes, metz] = await Promise.all([
      federation.institution('Reims', 'univ-reims.example'),
      federation.institution('Valenciennes', 'uphf.example'),
      federation.institution('Metz', 'univ-metz.example')
    ])
    await federation.link(reims, valenciennes)
    await federation.link(reims, metz)
    const circle = await federation.circle('esr-fr', 1, [reims, valenciennes])
    await federation.vouch(reims, metz, circle)
    const vouch = { action: 'vouch', institution: metz.id, circle, how: 'phone' }
    const prepared = await until('Valenciennes holds the card of Metz', () =>
      valenciennes.call<{ warnings: string[] }>('POST', '/v1/circles/prepare', vouch)
    )
    expect(prepared.warnings).toEqual([expect.stringContaining('never compared')])
    expect(await reims.call('POST', '/v1/circles/prepare', vouch)).toMatchObject({ warnings: [] })
  })
})

function cardOf(home: string): Promise<string> {
  return readFile(join(home, 'card.tocsin'), 'utf8')
}
