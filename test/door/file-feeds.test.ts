/** Files that a real node keeps by itself: made by the real command, changed by what is published, their readers told. */
import { randomBytes } from 'node:crypto'
import { appendFile, chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { temporaryFolder, tocsin, until } from '../harness/process.ts'

interface Status {
  readonly name: string
  readonly state: string
  readonly told?: boolean
  readonly code?: string
  readonly detail?: string
  readonly leftOut?: Readonly<Record<string, number>>
}

describe('a file feed', () => {
  let federation: Federation
  let reims: Institution
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let file = ''
  let told = ''
  let program = ''

  beforeAll(async () => {
    folder = await temporaryFolder()
    federation = await createFederation({ world: { now: Date.now, random: (bytes) => randomBytes(bytes) } })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    await federation.circle('esr-fr', 1, [reims])
    file = join(folder.dir, 'evil.map')
    told = join(folder.dir, 'told')
    program = join(folder.dir, 'tell')
    await writeFile(program, `#!/bin/sh\necho "$TOCSIN_FEED $1" >> ${told}\n`, { mode: 0o755 })
  })

  afterAll(async () => {
    await federation?.end()
    await folder?.remove()
  })

  const text = (): Promise<string> => readFile(file, 'utf8').catch(() => '')
  const tellings = async (): Promise<number> => (await readFile(told, 'utf8').catch(() => '')).split('\n').length - 1
  const status = async (name: string): Promise<Status | undefined> => {
    const { items } = await reims.call<{ items: Status[] }>('GET', '/v1/file-feeds')
    return items.find((one) => one.name === name)
  }
  const add = (name: string, ...args: string[]) =>
    tocsin(['--home', reims.home, '--json', 'feed', 'add', name, ...args], { home: reims.home })

  it('is written and its reader told as soon as it is added, with the node running', async () => {
    const added = await add('mail', '--format', 'rspamd-host', '--to', file, '--', program, "it's $(one) argument")
    expect(added.stderr).toBe('')
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'mail', command: [program, "it's $(one) argument"] })
    await until(
      'it is current',
      async () => (await status('mail'))?.state === 'current' && (await status('mail'))?.told
    )
    expect(await text()).toBe('')
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    expect(await readFile(told, 'utf8')).toBe("mail it's $(one) argument\n")
  })

  it('follows what is published, excepted and retracted, telling its reader once each time', async () => {
    const begun = performance.now()
    const id = await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'phishing',
      indicators: [
        { type: 'domain', value: 'evil-campaign.net' },
        { type: 'domain', value: 'worse-campaign.net' }
      ]
    })
    await until('both are in the file', async () => (await text()).includes('\nworse-campaign.net\n'))
    console.log(`in the file ${Math.round(performance.now() - begun)} ms after publishing began`)
    expect(await text()).toContain(`# bulletin ${id} `)
    await until('the reader is told', async () => (await tellings()) === 2)
    const before = await stat(file)

    await reims.call('POST', '/v1/exceptions', { value: 'worse-campaign.net', reason: 'ours' })
    await until('the exception holds', async () => !(await text()).includes('worse-campaign.net'))
    expect((await stat(file)).ino).not.toBe(before.ino)
    await until('the reader is told', async () => (await tellings()) === 3)

    // What changes nothing in the file tells nobody.
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'RED',
      title: 'quiet',
      indicators: [{ type: 'domain', value: 'q.evil-q.net' }]
    })
    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })
    await until('the retraction holds', async () => !(await text()).includes('evil-campaign.net'))
    await until('the reader is told', async () => (await tellings()) >= 4)
    expect(await tellings()).toBe(4)
    // What it leaves out is counted by its rule.
    expect((await status('mail'))?.leftOut).toMatchObject({ retracted: 2, 'pap-forbids-use': 1 })
  })

  it('comes back when somebody removes it', async () => {
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'again',
      indicators: [{ type: 'domain', value: 'again-campaign.net' }]
    })
    await until('it is in the file', async () => (await text()).includes('again-campaign.net'))
    await rm(file)
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'elsewhere',
      indicators: [{ type: 'ipv4', value: '45.155.205.77' }]
    })
    await until('it is there again', async () => (await text()).includes('again-campaign.net'))
  })

  it('says what fails, holds up no other, and goes on writing', async () => {
    const other = join(folder.dir, 'other.map')
    await add('failing', '--format', 'rspamd-ip', '--to', other, '--', '/bin/sh', '-c', 'echo no such zone >&2; exit 4')
    await until('it has failed', async () => (await status('failing'))?.state === 'failed')
    expect(await status('failing')).toMatchObject({
      code: 'feed-command-failed',
      detail: '4 no such zone',
      told: false
    })
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'address',
      indicators: [{ type: 'ipv4', value: '45.155.205.78' }]
    })
    await until('it is written all the same', async () => (await readFile(other, 'utf8')).includes('45.155.205.78'))
    expect(await status('mail')).toMatchObject({ state: 'current', told: true })
    await tocsin(['--home', reims.home, 'feed', 'remove', 'failing'], { home: reims.home })
    await until('it is gone', async () => (await status('failing')) === undefined)
  })

  it('runs nothing that others of the machine could have written', async () => {
    const path = join(reims.home, 'feeds.toml')
    const evil = join(folder.dir, 'evil')
    await chmod(path, 0o666)
    await appendFile(path, `\n[[feed]]\nname = "evil"\nformat = "list"\nfile = "${evil}"\n`)
    // What it knew before goes on.
    const id = await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'on',
      indicators: [{ type: 'domain', value: 'on-campaign.net' }]
    })
    await until('the other feed goes on', async () => (await text()).includes(id))
    expect(await status('evil')).toBeUndefined()
    await chmod(path, 0o600)
    await until('it is believed once it is closed', async () => (await status('evil'))?.state === 'current')
  })

  it('is added by words that say what is wrong with them, in the reader’s language', { timeout: 240_000 }, async () => {
    const file = join(reims.home, 'newcomer.txt')
    const add = async (args: readonly string[], lang: string) => {
      const { code, stderr } = await tocsin(['feed', 'add', ...args], { home: reims.home, env: { LC_ALL: lang } })
      expect(code).not.toBe(0)
      return stderr
    }
    const [EN, FR] = ['en_GB.UTF-8', 'fr_FR.UTF-8']
    expect(await add(['x', '--format', 'nft', '--to', file], EN)).toContain('tocsin feed formats lists them.')
    expect(await add(['My Feed', '--format', 'rpz', '--to', file], FR)).toContain('minuscules, chiffres')
    expect(await add(['x', '--format', 'rpz', '--to', file, '--max-tlp', 'red'], EN)).toContain('AMBER+STRICT?')
    const relative = await add(['x', '--format', 'rpz', '--to', file, '--', 'nft', '-f'], FR)
    expect(relative).toBe('tocsin: nft : donner le chemin entier du programme, comme /usr/sbin/nft (feeds-invalid)\n')
    const foreign = await add(['x', '--format', 'nftables', '--to', file, '--type', 'ipv4,domain'], EN)
    expect(foreign).toBe('tocsin: nftables: this format carries no domain, but ipv4, ipv6, cidr (feeds-invalid)\n')
  })
})
