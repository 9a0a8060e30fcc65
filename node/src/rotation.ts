/** A new node key: made where the root key is, staged in the home, in force at the next start (DESIGN §7). */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import {
  cardText,
  nextRegisterNumber,
  nodeKey,
  openRegister,
  prepareRegister,
  proveNodeKey,
  type RegisterOf,
  type SignedRegister,
  signingKey,
  signRegister
} from '@tocsin/journal'
import { z } from 'zod'
import { NodeError } from './errors.ts'
import { type Home, replaceSecret } from './home.ts'
import { endedAt } from './init.ts'
import { openRootKeys, type RootKeys, replaceRootKeys } from './keys-at-rest.ts'
import { fromBase64, type Prepared, type Signed, toBase64 } from './statements.ts'

/** What is left to be done of a change of the node key; the file stays until the node has taken everything in. */
const Staged = z.strictObject({ nodeKey: z.string(), card: z.string(), registers: z.array(z.string()) })
type Staged = z.infer<typeof Staged>

/**
 * Signs everything of the file with the root key of this home. For a new node key the next one is taken from beside
 * the root key, and another next one takes its place there before anything leaves this process.
 * @throws NodeError statement-file-invalid, next-key-unknown, and what opening the root key throws
 */
export async function signPrepared(
  home: Home,
  { institution, registers, rotation }: Prepared,
  ask: () => Promise<string | undefined>,
  now: number
): Promise<Signed> {
  let passphrase: string | undefined
  const keys = await openRootKeys(home, async () => {
    passphrase = await ask()
    return passphrase
  })
  const signed = registers.map((unsigned) => signRegister(fromBase64(unsigned), keys.root))
  const rotated = rotation === undefined ? undefined : await rotate(home, keys, passphrase, rotation, now)
  // The card last: with it the old key ends, and what is said of its streams should be there by then.
  const all = [...signed, ...(rotated === undefined ? [] : [rotated.card])]
  if (all.some(({ register }) => register.author !== institution))
    throw new NodeError('statement-file-invalid', 'this file is for another root key', { institution })
  return {
    tocsin: 'signed/1',
    institution,
    registers: all.map(({ bytes }) => toBase64(bytes)),
    ...(rotated === undefined ? {} : { nodeKey: rotated.seed })
  }
}

async function rotate(
  home: Home,
  keys: RootKeys,
  passphrase: string | undefined,
  { card, at }: NonNullable<Prepared['rotation']>,
  now: number
): Promise<{ readonly card: SignedRegister; readonly seed: string }> {
  const { register } = openRegister(fromBase64(card))
  if (register.kind !== 'card') throw new NodeError('statement-file-invalid', 'this is no card')
  const pair = await nextPair(home, keys, passphrase, register)
  const [current, next] = [signingKey(pair.current), signingKey(pair.next)]
  const ended = endedAt(register.value.nodeKeys, at)
  const certified = { key: nodeKey(current.publicKey), from: at, proof: proveNodeKey(current, keys.root.publicKey) }
  const unsigned = prepareRegister({
    kind: 'card',
    author: register.author,
    number: nextRegisterNumber(register.number, now),
    value: { ...register.value, nodeKeys: [...ended, certified], next: nodeKey(next.publicKey) }
  })
  return { card: signRegister(unsigned, keys.root), seed: Buffer.from(pair.current).toString('hex') }
}

/** The key that the card names as the next, and one to come after it. The same pair again when a signing was cut off. */
async function nextPair(
  home: Home,
  { seeds }: RootKeys,
  passphrase: string | undefined,
  { value }: RegisterOf<'card'>
): Promise<{ readonly current: Uint8Array; readonly next: Uint8Array }> {
  const isNext = (seed: Uint8Array | undefined): seed is Uint8Array =>
    seed !== undefined && nodeKey(signingKey(seed).publicKey) === value.next
  if (isNext(seeds.before)) return { current: seeds.before, next: seeds.next }
  if (!isNext(seeds.next)) throw new NodeError('next-key-unknown')
  const next = new Uint8Array(randomBytes(32))
  await replaceRootKeys(home, { root: seeds.root, next, before: seeds.next }, passphrase)
  return { current: seeds.next, next }
}

/** Puts a new node key where the next start finds it, before the old one ends anywhere. */
export async function stage(home: Home, { nodeKey: seed, registers }: Signed): Promise<void> {
  const card = registers
    .map((bytes) => openRegister(fromBase64(bytes)))
    .find(({ register }) => register.kind === 'card')
  if (seed === undefined || card?.register.kind !== 'card')
    throw new NodeError('statement-file-invalid', 'a new node key comes with its card')
  const key = nodeKey(signingKey(Buffer.from(seed, 'hex')).publicKey)
  if (!card.register.value.nodeKeys.some((one) => one.key === key && one.until === undefined))
    throw new NodeError('statement-file-invalid', 'the card does not certify this node key')
  const staged: Staged = { nodeKey: seed, card: cardText(card.bytes), registers: [...registers] }
  await replaceSecret(home.rotation, JSON.stringify(staged))
}

/** Puts a staged key in force; what it returns is to be admitted, and then `unstage` ends it. Safe to repeat. */
export async function enforce(home: Home): Promise<readonly Uint8Array[]> {
  if (!existsSync(home.rotation)) return []
  let staged: Staged
  try {
    staged = Staged.parse(JSON.parse(await readFile(home.rotation, 'utf8')))
  } catch {
    throw new NodeError('home-damaged', 'the staged node key cannot be read', { path: home.rotation })
  }
  await replaceSecret(home.nodeKey, `${staged.nodeKey}\n`)
  await replaceSecret(home.card, staged.card)
  return staged.registers.map(fromBase64)
}

export async function unstage(home: Home): Promise<void> {
  await rm(home.rotation, { force: true })
}
