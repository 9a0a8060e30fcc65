/** A new node key, from where the root key is to the next start of the node: whatever is cut off on the way. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Card, nodeKey, openRegister, parseCardText, prepareRegister, signingKey } from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Home, homeAt, replaceSecret } from './home.ts'
import { type InitResult, init } from './init.ts'
import { openRootKeys, readNodeSeed } from './keys-at-rest.ts'
import { enforce, signPrepared, stage, unstage } from './rotation.ts'
import { fromBase64, type Prepared, readPrepared, readSigned, toBase64, writeStatements } from './statements.ts'

const NOW = Date.UTC(2026, 10, 24, 9)
const INPUT = {
  name: 'Reims',
  domains: ['univ-reims.fr'],
  contact: 'rssi@univ-reims.fr',
  listen: ['/ip4/127.0.0.1/tcp/4470'],
  announce: [],
  api: { host: '127.0.0.1', port: 8470 },
  passphrase: undefined,
  lang: 'en',
  now: NOW
} as const
const never = async (): Promise<undefined> => undefined

let dir: string
let home: Home
let made: InitResult

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tocsin-rotation-'))
  home = homeAt(join(dir, 'home'))
  made = await init(home, INPUT)
})
afterEach(() => rm(dir, { recursive: true }))

const toRotate = (card: string): Prepared => ({
  tocsin: 'to-sign/1',
  institution: made.institution,
  registers: [],
  rotation: { card: toBase64(parseCardText(card)), at: NOW + 1000 }
})

function cardOf(registers: readonly string[]): Card {
  const { register } = openRegister(fromBase64(registers.at(-1) ?? ''))
  if (register.kind !== 'card') throw new Error('no card')
  return register.value
}

const keyOf = (seed: string | undefined): string => nodeKey(signingKey(Buffer.from(seed ?? '', 'hex')).publicKey)

describe('a new node key', () => {
  it('is the one that the card named as the next, and another one comes after it', async () => {
    const before = cardOf([toBase64(parseCardText(made.card))])
    const signed = await signPrepared(home, toRotate(made.card), never, NOW + 1000)
    const after = cardOf(signed.registers)
    expect(keyOf(signed.nodeKey)).toBe(before.next)
    expect(after.nodeKeys).toEqual([
      { ...before.nodeKeys[0], until: NOW + 1000 },
      expect.objectContaining({ key: before.next, from: NOW + 1000 })
    ])
    expect(after.next).not.toBe(before.next)
    const { next } = await openRootKeys(home, never)
    expect(nodeKey(next.publicKey)).toBe(after.next)
  })

  it('is the same when the signing was cut off and is done again', async () => {
    const [first, second] = [
      await signPrepared(home, toRotate(made.card), never, NOW + 1000),
      await signPrepared(home, toRotate(made.card), never, NOW + 2000)
    ]
    expect(second.nodeKey).toBe(first.nodeKey)
    expect(cardOf(second.registers).next).toBe(cardOf(first.registers).next)
  })

  it('follows upon another', async () => {
    const first = await signPrepared(home, toRotate(made.card), never, NOW + 1000)
    await stage(home, first)
    await enforce(home)
    const card = await readFile(home.card, 'utf8')
    const second = await signPrepared(
      home,
      { ...toRotate(card), rotation: { card: toBase64(parseCardText(card)), at: NOW + 3000 } },
      never,
      NOW + 3000
    )
    expect(keyOf(second.nodeKey)).toBe(cardOf(first.registers).next)
    expect(cardOf(second.registers).nodeKeys.map(({ until }) => until)).toEqual([NOW + 1000, NOW + 3000, undefined])
  })

  it('leaves the root key behind its passphrase', async () => {
    const closed = homeAt(join(dir, 'closed'))
    const { card, institution } = await init(closed, { ...INPUT, passphrase: 'correct horse' })
    const ask = async (): Promise<string> => 'correct horse'
    const prepared = { ...toRotate(card), institution }
    const signed = await signPrepared(closed, prepared, ask, NOW + 1000)
    expect((await readFile(closed.rootKey)).subarray(0, 21).toString()).toBe('age-encryption.org/v1')
    const { next } = await openRootKeys(closed, ask)
    expect(nodeKey(next.publicKey)).toBe(cardOf(signed.registers).next)
  })

  it('is refused where the next key is not beside the root key', async () => {
    const foreign = homeAt(join(dir, 'other'))
    const other = await init(foreign, { ...INPUT, name: 'Other' })
    await expect(signPrepared(home, toRotate(other.card), never, NOW)).rejects.toMatchObject({
      code: 'next-key-unknown'
    })
  })

  it('waits on disk until the next start, which may be repeated', async () => {
    const signed = await signPrepared(home, toRotate(made.card), never, NOW + 1000)
    await stage(home, signed)
    expect((await stat(home.rotation)).mode & 0o777).toBe(0o600)
    expect(Buffer.from(await readNodeSeed(home)).toString('hex')).not.toBe(signed.nodeKey)
    for (let times = 0; times < 2; times++) {
      expect((await enforce(home)).map(toBase64)).toEqual(signed.registers)
      expect(Buffer.from(await readNodeSeed(home)).toString('hex')).toBe(signed.nodeKey)
    }
    await unstage(home)
    expect(await enforce(home)).toEqual([])
  })

  it('stays away without the card that certifies it, and damaged', async () => {
    const signed = await signPrepared(home, toRotate(made.card), never, NOW + 1000)
    const { nodeKey: _, ...without } = signed
    for (const bad of [without, { ...signed, registers: [] }, { ...signed, nodeKey: '11'.repeat(32) }])
      await expect(stage(home, bad)).rejects.toMatchObject({ code: 'statement-file-invalid' })
    await replaceSecret(home.rotation, '{')
    await expect(enforce(home)).rejects.toMatchObject({ code: 'home-damaged' })
  })
})

describe('files of statements', () => {
  const acceptance = (author: string): string =>
    toBase64(
      prepareRegister({
        kind: 'acceptance',
        author: author as InstitutionId,
        circle: 'c1'.repeat(32) as CircleId,
        number: NOW,
        value: { name: 'esr-fr' }
      })
    )

  it('go to the root key and come back, and are never written over', async () => {
    const path = join(dir, 'to-sign')
    const prepared: Prepared = {
      tocsin: 'to-sign/1',
      institution: made.institution,
      registers: [acceptance(made.institution)]
    }
    await writeStatements(path, prepared)
    expect(await readPrepared(path)).toEqual(prepared)
    await expect(writeStatements(path, prepared)).rejects.toMatchObject({ code: 'statement-file-exists' })
    const signed = await signPrepared(home, prepared, never, NOW)
    await writeStatements(join(dir, 'signed'), signed)
    const [bytes = ''] = (await readSigned(join(dir, 'signed'))).registers
    expect(openRegister(fromBase64(bytes)).register).toMatchObject({ kind: 'acceptance', author: made.institution })
  })

  it('of another institution are not signed', async () => {
    const other = await init(homeAt(join(dir, 'other')), INPUT)
    const prepared: Prepared = {
      tocsin: 'to-sign/1',
      institution: other.institution,
      registers: [acceptance(other.institution)]
    }
    await expect(signPrepared(home, prepared, never, NOW)).rejects.toMatchObject({ code: 'register-signature' })
    const mixed = { ...prepared, registers: [acceptance(made.institution)] }
    await expect(signPrepared(home, mixed, never, NOW)).rejects.toMatchObject({ code: 'statement-file-invalid' })
  })

  it.each(['', '[]', '{"tocsin":"to-sign/1"}', '{"tocsin":"to-sign/2","institution":"x","registers":[]}'])(
    'that are none are refused: %s',
    async (text) => {
      const path = join(dir, 'file')
      await writeFile(path, text)
      await expect(readPrepared(path)).rejects.toMatchObject({ code: 'statement-file-invalid' })
      await expect(readSigned(path)).rejects.toMatchObject({ code: 'statement-file-invalid' })
    }
  )
})

describe('a recovered institution', () => {
  it('has its root key again, new node keys, and the old ones retired on its card', async () => {
    const { seeds } = await openRootKeys(home, never)
    const before = openRegister(parseCardText(made.card))
    const recovered = { seed: seeds.root, card: before }
    const back = await init(homeAt(join(dir, 'back')), { ...INPUT, now: NOW + 5000, recovered })
    expect(back.institution).toBe(made.institution)
    expect(back).not.toHaveProperty('phrase')
    const after = openRegister(parseCardText(back.card)).register
    expect(after.number).toBeGreaterThan(before.register.number)
    expect(cardOf([toBase64(parseCardText(back.card))]).nodeKeys.map(({ until }) => until)).toEqual([
      NOW + 5000,
      undefined
    ])
  })

  it('is none with the card of another one', async () => {
    const other = await init(homeAt(join(dir, 'other')), INPUT)
    const { seeds } = await openRootKeys(home, never)
    const recovered = { seed: seeds.root, card: openRegister(parseCardText(other.card)) }
    const back = homeAt(join(dir, 'back'))
    await expect(init(back, { ...INPUT, recovered })).rejects.toMatchObject({ code: 'phrase-wrong' })
    expect(existsSync(back.dir)).toBe(false)
  })
})
