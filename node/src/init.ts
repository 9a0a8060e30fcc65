/** `tocsin init`: makes the keys, the card, the admin token and the folder that holds them. */
import { randomBytes } from 'node:crypto'
import {
  type Card,
  cardText,
  institutionId,
  nextRegisterNumber,
  nodeKey,
  prepareRegister,
  proveNodeKey,
  type SignedRegister,
  signingKey,
  signRegister
} from '@tocsin/journal'
import { type InstitutionId, NEVER_BLOCK_DEFAULT, parseIndicator } from '@tocsin/model'
import { configText } from './config.ts'
import { NodeError } from './errors.ts'
import { createHome, type Home, halfMade, stateOf, writeSecret } from './home.ts'
import { newRootSeed, recoveryPhrase, writeRootKeys } from './keys-at-rest.ts'

export interface InitInput {
  readonly name: string
  readonly domains: readonly string[]
  readonly contact: string
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly api: { readonly host: string; readonly port: number }
  /** Undefined: the root key is kept plain. */
  readonly passphrase: string | undefined
  readonly lang: 'fr' | 'en'
  readonly now: number
  /** The institution was there before: its root key, and the newest card of it that could be found. */
  readonly recovered?: Recovered
}

export interface Recovered {
  readonly seed: Uint8Array
  readonly card?: SignedRegister
}

export interface InitResult {
  readonly institution: InstitutionId
  readonly home: string
  /** Shown once, never stored; what was typed is not shown again. */
  readonly phrase?: string
  readonly card: string
  readonly api: string
}

/** @throws NodeError home-exists, home-damaged (an earlier init was cut off), domain-invalid; JournalError for a card that cannot be */
export async function init(home: Home, input: InitInput): Promise<InitResult> {
  const state = stateOf(home)
  if (state === 'whole')
    throw new NodeError('home-exists', `${home.dir} already holds an institution`, { home: home.dir })
  if (state === 'half-made') throw halfMade(home)
  const domains = input.domains.map(normalDomain)
  const before = input.recovered?.card?.register
  const rootSeed = input.recovered?.seed ?? newRootSeed()
  const nodeSeed = randomBytes(32)
  const nextSeed = randomBytes(32)
  const root = signingKey(rootSeed)
  const node = signingKey(nodeSeed)
  const institution = institutionId(root.publicKey)
  if (before !== undefined && (before.kind !== 'card' || before.author !== institution))
    throw new NodeError('phrase-wrong', 'the recovery phrase is not that of this card', { institution })
  const addresses = (input.announce.length > 0 ? input.announce : input.listen).filter(
    (address) => !/\/(0\.0\.0\.0|::)\//.test(address)
  )
  const unsigned = prepareRegister({
    kind: 'card',
    author: institution,
    number: nextRegisterNumber(before?.number, input.now),
    value: {
      name: input.name,
      domains,
      contact: input.contact,
      addresses,
      nodeKeys: [
        // Their streams are ours as before, and end with the closings that come.
        ...(before?.kind === 'card' ? endedAt(before.value.nodeKeys, input.now) : []),
        { key: nodeKey(node.publicKey), from: input.now, proof: proveNodeKey(node, root.publicKey) }
      ],
      next: nodeKey(signingKey(nextSeed).publicKey)
    }
  })
  const card = cardText(signRegister(unsigned, root).bytes)

  await createHome(home)
  await writeRootKeys(home, { root: rootSeed, next: nextSeed }, input.passphrase)
  await writeSecret(home.nodeKey, `${Buffer.from(nodeSeed).toString('hex')}\n`)
  await writeSecret(home.card, card)
  await writeSecret(home.adminToken, `tocsin_${randomBytes(32).toString('base64url')}\n`)
  await writeSecret(home.neverBlock, NEVER_BLOCK_DEFAULT)
  // Last: a home with a configuration is a whole one.
  await writeSecret(home.config, configText(input.listen, input.announce, input.api))
  return {
    institution,
    home: home.dir,
    ...(input.recovered === undefined ? { phrase: recoveryPhrase(rootSeed, input.lang) } : {}),
    card,
    api: `http://${input.api.host}:${input.api.port}`
  }
}

/** The same keys, none of which holds at `at` any more. */
export function endedAt(nodeKeys: Card['nodeKeys'], at: number): Card['nodeKeys'] {
  return nodeKeys.map((one) =>
    one.until === undefined || one.until > at ? { ...one, until: Math.max(at, one.from + 1) } : one
  )
}

function normalDomain(domain: string): string {
  const parsed = parseIndicator('domain', domain)
  if (!parsed.ok) throw new NodeError('domain-invalid', `not a domain: ${domain}`, { domain, reason: parsed.code })
  return parsed.value
}
