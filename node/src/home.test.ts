import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { institutionId, openRegister, parseCardText, signingKey } from '@tocsin/journal'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configText, readConfig } from './config.ts'
import { type Home, homeAt } from './home.ts'
import { type InitInput, init } from './init.ts'
import { openRootKeys, readNodeSeed, recoveryPhrase, seedOfPhrase } from './keys-at-rest.ts'
import { startNode } from './node.ts'

let dir: string
let home: Home

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tocsin-home-'))
  home = homeAt(join(dir, 'home'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const INPUT: InitInput = {
  name: 'Reims',
  domains: ['Univ-Reims.FR'],
  contact: 'rssi@univ-reims.fr',
  listen: ['/ip4/127.0.0.1/tcp/0'],
  announce: [],
  api: { host: '127.0.0.1', port: 0 },
  passphrase: undefined,
  lang: 'fr',
  now: Date.now()
}

const never = (): Promise<undefined> => Promise.reject(new Error('nobody should be asked'))

describe('a new home', () => {
  it('holds keys and card that belong together, readable by its owner alone', async () => {
    const made = await init(home, INPUT)
    const { root, next } = await openRootKeys(home, never)
    expect(institutionId(root.publicKey)).toBe(made.institution)
    const { register } = openRegister(parseCardText(await readFile(home.card, 'utf8')))
    if (register.kind !== 'card') throw new Error('no card')
    const node = signingKey(await readNodeSeed(home))
    expect(register.author).toBe(made.institution)
    expect(register.value.domains).toEqual(['univ-reims.fr'])
    expect(register.value.nodeKeys.map(({ key }) => key)).toEqual([Buffer.from(node.publicKey).toString('hex')])
    expect(register.value.next).toBe(Buffer.from(next.publicKey).toString('hex'))
    for (const path of [home.rootKey, home.nodeKey, home.adminToken, home.config]) {
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    }
    expect((await stat(home.dir)).mode & 0o777).toBe(0o700)
  })

  it('is never made twice', async () => {
    await init(home, INPUT)
    const before = await readFile(home.nodeKey, 'utf8')
    await expect(init(home, INPUT)).rejects.toMatchObject({ code: 'home-exists' })
    expect(await readFile(home.nodeKey, 'utf8')).toBe(before)
  })

  it('is not made at all of a name that is none', async () => {
    await expect(init(home, { ...INPUT, domains: ['not a domain'] })).rejects.toMatchObject({ code: 'domain-invalid' })
    await expect(stat(home.dir)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('the root key', () => {
  it('is encrypted with the passphrase and opens with no other', { timeout: 60_000 }, async () => {
    await init(home, { ...INPUT, passphrase: 'correct horse' })
    const bytes = await readFile(home.rootKey)
    expect(bytes.subarray(0, 21).toString()).toBe('age-encryption.org/v1')
    await expect(openRootKeys(home, async () => 'wrong')).rejects.toMatchObject({ code: 'passphrase-wrong' })
    await expect(openRootKeys(home, async () => undefined)).rejects.toMatchObject({ code: 'passphrase-needed' })
    await expect(openRootKeys(home, async () => 'correct horse')).resolves.toHaveProperty('root')
  })

  it.each(['fr', 'en'] as const)('comes back from its phrase in %s, however it is typed', async (lang) => {
    const { phrase = '' } = await init(home, { ...INPUT, lang })
    const { root } = await openRootKeys(home, never)
    expect(phrase.split(' ')).toHaveLength(24)
    const again = signingKey(seedOfPhrase(`  ${phrase.toUpperCase().replaceAll(' ', '\n')} `))
    expect(again.publicKey).toEqual(root.publicKey)
    expect(recoveryPhrase(seedOfPhrase(phrase), lang)).toBe(phrase)
    expect(() => seedOfPhrase(phrase.split(' ').reverse().join(' '))).toThrow(
      expect.objectContaining({ code: 'phrase-wrong' })
    )
  })

  it('says so when it is elsewhere or damaged', async () => {
    await expect(openRootKeys(home, never)).rejects.toMatchObject({ code: 'root-key-missing' })
    await init(home, INPUT)
    await writeFile(home.rootKey, '{"root":"00"}')
    await expect(openRootKeys(home, never)).rejects.toMatchObject({ code: 'home-damaged' })
  })
})

describe('the configuration', () => {
  it('as init writes it is whole', async () => {
    await init(home, INPUT)
    const config = await readConfig(home, {})
    expect(config.network.listen).toEqual(['/ip4/127.0.0.1/tcp/0'])
    expect(config.use.detect_needs).toBe('AMBER')
    expect(Object.isFrozen(config)).toBe(true)
  })

  it.each([
    ['an unknown field', 'nonsense = 1', ''],
    [
      'RED in a channel',
      '[[notify]]\nkind = "rocket-chat"\nurl = "https://chat.example/hooks/x"\ntlp = "RED"',
      'notify.0.tlp'
    ],
    ['a feed door for everybody by omission', '[api.feeds]\nhost = "0.0.0.0"\nport = 1', 'api.feeds.allow'],
    ['broken TOML', '[[', '']
  ])('refuses %s and says where', async (_what, text, path) => {
    await init(home, INPUT)
    const fine = configText(INPUT.listen, [], INPUT.api)
    await writeFile(home.config, text.startsWith('nonsense') ? `${text}\n${fine}` : `${fine}\n${text}\n`)
    await expect(readConfig(home, {})).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining(path)
    })
  })

  it('takes the level of the log from the environment, if it is one', async () => {
    await init(home, INPUT)
    expect((await readConfig(home, { TOCSIN_LOG_LEVEL: 'debug' })).log.level).toBe('debug')
    await expect(readConfig(home, { TOCSIN_LOG_LEVEL: 'loud' })).rejects.toMatchObject({ code: 'config-invalid' })
  })
})

describe('a node', () => {
  const log = pino({ level: 'silent' })

  it('does not start where no institution is, or where the card is not of its key', async () => {
    await expect(startNode({ home, log })).rejects.toMatchObject({ code: 'home-missing' })
    await init(home, INPUT)
    await writeFile(home.nodeKey, `${'11'.repeat(32)}\n`)
    await expect(startNode({ home, log })).rejects.toMatchObject({ code: 'home-damaged' })
  })

  it('is alone on its home, and leaves it free when it stops', async () => {
    await init(home, INPUT)
    {
      await using _running = await startNode({ home, log })
      await expect(startNode({ home, log })).rejects.toMatchObject({ code: 'store-locked' })
    }
    await using again = await startNode({ home, log })
    expect((await fetch(`${again.api}/readyz`)).ok).toBe(true)
  })
})
