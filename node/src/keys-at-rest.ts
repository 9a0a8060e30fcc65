/** Keys on disk. The root key opens rarely, and only in the process that signs a statement: never in the node. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist as english } from '@scure/bip39/wordlists/english.js'
import { wordlist as french } from '@scure/bip39/wordlists/french.js'
import { type SigningKey, signingKey } from '@tocsin/journal'
import { Decrypter, Encrypter } from 'age-encryption'
import { NodeError } from './errors.ts'
import { type Home, readHomeFile, replaceSecret, writeSecret } from './home.ts'

export interface RootKeys {
  readonly root: SigningKey
  /** The node key that comes after the present one (DESIGN §7, pre-rotation). */
  readonly next: SigningKey
  readonly seeds: RootSeeds
}

/** `before`: the next node key that the last change of key put in force, until the one after that. */
export interface RootSeeds {
  readonly root: Uint8Array
  readonly next: Uint8Array
  readonly before?: Uint8Array
}

const HEX_SEED = /^[0-9a-f]{64}$/
const AGE_HEADER = 'age-encryption.org/v1'

/** 256 random bits; the recovery phrase is these very bits in words, so it brings the root key back and nothing else. */
export function newRootSeed(): Uint8Array {
  return randomBytes(32)
}

export function recoveryPhrase(seed: Uint8Array, lang: 'fr' | 'en'): string {
  return entropyToMnemonic(seed, lang === 'fr' ? french : english)
}

/** @throws NodeError phrase-wrong when the words are no phrase of ours */
export function seedOfPhrase(phrase: string): Uint8Array {
  const words = phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/).join(' ')
  for (const list of [french, english]) {
    try {
      return mnemonicToEntropy(words, list)
    } catch {
      // The other language may know the words.
    }
  }
  throw new NodeError('phrase-wrong', 'these words are no recovery phrase')
}

/** Writes root and next node key: encrypted in the age format (scrypt) with a passphrase, or plain without. */
export async function writeRootKeys(
  home: Home,
  seeds: { root: Uint8Array; next: Uint8Array },
  passphrase: string | undefined
): Promise<void> {
  return writeSecret(home.rootKey, await sealed(seeds, passphrase))
}

/** The same in the place of what is there. */
export async function replaceRootKeys(home: Home, seeds: RootSeeds, passphrase: string | undefined): Promise<void> {
  return replaceSecret(home.rootKey, await sealed(seeds, passphrase))
}

async function sealed({ root, next, before }: RootSeeds, passphrase: string | undefined): Promise<string | Uint8Array> {
  const text = JSON.stringify({
    root: hex(root),
    next: hex(next),
    ...(before === undefined ? {} : { before: hex(before) })
  })
  if (passphrase === undefined) return text
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  return encrypter.encrypt(text)
}

/**
 * Opens the root key. `ask` is called only when it is encrypted.
 * @throws NodeError root-key-missing, passphrase-needed, passphrase-wrong, home-damaged
 */
export async function openRootKeys(home: Home, ask: () => Promise<string | undefined>): Promise<RootKeys> {
  const bytes = await readFile(home.rootKey).catch(() => {
    throw new NodeError('root-key-missing', undefined, { path: home.rootKey })
  })
  const encrypted = isAge(bytes)
  const text = encrypted ? await decrypt(bytes, await ask()) : bytes.toString('utf8')
  const parsed = parseSeeds(text)
  if (parsed === undefined) throw new NodeError('home-damaged', 'the root key file is damaged', { path: home.rootKey })
  const { before } = parsed
  const seeds: RootSeeds = {
    root: fromHex(parsed.root),
    next: fromHex(parsed.next),
    ...(before === undefined ? {} : { before: fromHex(before) })
  }
  return { root: signingKey(seeds.root), next: signingKey(seeds.next), seeds }
}

/** Whether the root key file needs a passphrase; undefined where it is not in this home. */
export async function isEncryptedAtRest(home: Home): Promise<boolean | undefined> {
  try {
    const bytes = await readFile(home.rootKey)
    return isAge(bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new NodeError('home-damaged', `cannot read ${home.rootKey}`, { path: home.rootKey })
  }
}

export async function readNodeSeed(home: Home): Promise<Uint8Array> {
  const text = (await readHomeFile(home.nodeKey)).toString('utf8').trim()
  if (!HEX_SEED.test(text)) throw new NodeError('home-damaged', 'the node key file is damaged', { path: home.nodeKey })
  return fromHex(text)
}

async function decrypt(bytes: Uint8Array, passphrase: string | undefined): Promise<string> {
  if (passphrase === undefined) throw new NodeError('passphrase-needed')
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  try {
    return await decrypter.decrypt(bytes, 'text')
  } catch {
    throw new NodeError('passphrase-wrong')
  }
}

function parseSeeds(text: string): { root: string; next: string; before?: string } | undefined {
  try {
    const { root, next, before } = JSON.parse(text) as Record<string, unknown>
    const isSeed = (value: unknown): value is string => typeof value === 'string' && HEX_SEED.test(value)
    if (isSeed(root) && isSeed(next)) return { root, next, ...(isSeed(before) ? { before } : {}) }
  } catch {
    // Falls through: a damaged file.
  }
  return undefined
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

function isAge(bytes: Buffer): boolean {
  return bytes.subarray(0, AGE_HEADER.length).toString('latin1') === AGE_HEADER
}
