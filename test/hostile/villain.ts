/** A dishonest peer: a real libp2p host with keys and a card of its own, whose frames are made by hand. */
import { randomBytes } from 'node:crypto'
import {
  cardText,
  institutionId,
  nodeKey,
  openRegister,
  parseCardText,
  prepareRegister,
  proveNodeKey,
  type RegisterFields,
  type SigningKey,
  signingKey,
  signRegister
} from '@tocsin/journal'
import type { InstitutionId, NodeKey } from '@tocsin/model'
import { SYNC_PROTOCOL } from '@tocsin/network'
import { createHost, dialAddress } from '@tocsin/network/testing'
import type { Frame, HelloFrame } from '@tocsin/sync/testing'
import type { Institution } from '../harness/federation.ts'
import { openWire, type Wire } from './wire.ts'

export interface Villain {
  readonly name: string
  readonly institution: InstitutionId
  readonly root: SigningKey
  readonly key: SigningKey
  readonly nodeKey: NodeKey
  /** The card as text, to be introduced. */
  readonly card: string
  /** A register signed by its root key. */
  register(fields: Omit<RegisterFields, 'author' | 'number'>): Uint8Array
  /** A fresh stream of the sync protocol; nothing is said on it yet. Rejects where the victim does not let it in. */
  connect(victim: Institution): Promise<Wire>
  /** The same, with a proper hello and accept on both sides. */
  greet(victim: Institution, change?: Partial<HelloFrame>): Promise<Wire>
  /** Protocols that the victim told this host of. */
  protocolsOf(victim: Institution): Promise<readonly string[]>
  stop(): Promise<void>
}

export interface VillainOptions {
  /** Seed of the node key: two villains can claim one. */
  readonly keySeed?: Uint8Array
  /** Bound into the noise handshake; ours unless given. */
  readonly prologue?: string
}

const ZERO = new Uint8Array(32)

export async function createVillain(name: string, domain: string, options: VillainOptions = {}): Promise<Villain> {
  const root = signingKey(new Uint8Array(randomBytes(32)))
  const keySeed = options.keySeed ?? new Uint8Array(randomBytes(32))
  const key = signingKey(keySeed)
  const next = signingKey(new Uint8Array(randomBytes(32)))
  const institution = institutionId(root.publicKey)
  const card = signRegister(
    prepareRegister({
      kind: 'card',
      author: institution,
      number: Date.now(),
      value: {
        name,
        domains: [domain],
        contact: `rssi@${domain}`,
        // Nobody dials it: it comes by itself.
        addresses: [],
        nodeKeys: [{ key: nodeKey(key.publicKey), from: Date.now() - 1000, proof: proveNodeKey(key, root.publicKey) }],
        next: nodeKey(next.publicKey)
      }
    }),
    root
  ).bytes
  const host = await createHost({
    nodeKeySeed: keySeed,
    listen: [],
    gater: {},
    ...(options.prologue === undefined ? {} : { prologue: options.prologue })
  })
  await host.start()

  function addressOf(victim: Institution): NonNullable<ReturnType<typeof dialAddress>> {
    const { register } = openRegister(parseCardText(victim.card))
    const first = register.kind === 'card' ? register.value.nodeKeys[0] : undefined
    const address = first === undefined ? undefined : dialAddress(victim.listen, first.key)
    if (address === undefined) throw new Error('the victim has no address')
    return address
  }

  async function connect(victim: Institution): Promise<Wire> {
    const signal = AbortSignal.timeout(10_000)
    const connection = await host.dial(addressOf(victim), { signal })
    return openWire(await connection.newStream(SYNC_PROTOCOL, { signal }))
  }

  return {
    name,
    institution,
    root,
    key,
    nodeKey: nodeKey(key.publicKey),
    card: cardText(card),
    register: (fields) =>
      signRegister(prepareRegister({ ...fields, author: institution, number: Date.now() } as RegisterFields), root)
        .bytes,
    connect,
    greet: async (victim, change = {}) => {
      const wire = await connect(victim)
      const theirs = (await wire.awaited('hello')) as HelloFrame
      const hello: Frame = { ...theirs, ...helloOf(), digests: theirs.digests, ...change }
      wire.send(hello, { type: 'accept' })
      return wire
    },
    protocolsOf: async (victim) => {
      const peers = await host.peerStore.all()
      const text = addressOf(victim).toString()
      return peers.find(({ id }) => text.endsWith(id.toString()))?.protocols ?? []
    },
    stop: async () => {
      await host.stop()
    }
  }
}

function helloOf(): Omit<HelloFrame, 'digests'> {
  return {
    type: 'hello',
    major: 1,
    minor: 0,
    card: { number: Date.now(), hash: '00'.repeat(32) },
    instance: randomBytes(16).toString('hex'),
    proof: ZERO,
    window: 2 ** 22,
    clock: Date.now()
  }
}
