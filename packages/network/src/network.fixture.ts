import { randomBytes } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { CircleId, InstitutionId, NodeKey } from '@tocsin/model'
import type { Action, IncomingBatch, SyncEvent, SyncReport } from '@tocsin/sync'
import { systemClock } from './clock.ts'
import { createNetwork } from './network.ts'
import { peerIdOf } from './node-key.ts'
import type { AllowedPeer, Network, NetworkOptions, RecordShelf } from './ports.ts'
import { createTalker, silent, type Talker } from './session.fixture.ts'

/** One institution of a test: a real network on 127.0.0.1 with a list that the test changes and talkers for sessions. */
export interface Party extends Named {
  readonly network: Network
  readonly peerId: string
  /** Every session that was opened, the newest last. */
  readonly sessions: Talker[]
  readonly admitted: IncomingBatch[]
  readonly reports: SyncReport[]
  /** Puts a party on the list (or changes its addresses) and applies it. */
  allow(other: Named, addresses?: readonly string[]): void
  /** Says which circles it shares with this one, as its roster would, and applies it. */
  share(other: Named, ...circles: readonly string[]): void
  /** Takes it off; `quietly` without telling the network. */
  remove(other: Named, quietly?: boolean): void
  /** Sessions opened and not ended. */
  open(): number
  stop(): Promise<void>
}

export interface Named {
  readonly institution: InstitutionId
  readonly nodeKeys: readonly NodeKey[]
  readonly network: Pick<Network, 'addresses'>
}

export interface PartyOptions
  extends Partial<Pick<NetworkOptions, 'announce' | 'networkKey' | 'servesRelay' | 'relays'>> {
  readonly seed?: Uint8Array
  readonly listen?: string | readonly string[]
  readonly answer?: (event: SyncEvent) => Action[]
  readonly shelf?: RecordShelf
}

export async function createParty(name: string, options: PartyOptions = {}): Promise<Party> {
  const seed = options.seed ?? randomBytes(32)
  const { publicKey } = await generateKeyPairFromSeed('Ed25519', seed)
  const nodeKey = Buffer.from(publicKey.raw).toString('hex') as NodeKey
  const institution = `did:key:test-${name}` as InstitutionId
  const peers = new Map<InstitutionId, AllowedPeer>()
  const shared = new Map<InstitutionId, readonly CircleId[]>()
  const sessions: Talker[] = []
  const admitted: IncomingBatch[] = []
  const reports: SyncReport[] = []
  const { seed: _seed, listen: _listen, answer: _answer, shelf, ...more } = options
  const network = createNetwork(
    {
      ...more,
      nodeKeySeed: seed,
      listen: [options.listen ?? '/ip4/127.0.0.1/tcp/0'].flat(),
      backoff: { firstMs: 50, maxMs: 400 }
    },
    {
      allow: {
        institutionOf: (key) => [...peers.values()].find((peer) => peer.nodeKeys.includes(key))?.institution,
        peers: () => [...peers.values()]
      },
      circles: {
        own: () => [...new Set([...shared.values()].flat())],
        sharedWith: (peer) => shared.get(peer) ?? []
      },
      ...(shelf === undefined ? {} : { shelf }),
      session(peer) {
        const talker = createTalker(peer, options.answer)
        sessions.push(talker)
        return talker
      },
      async admit(batch) {
        admitted.push(batch)
        return { accepted: 1, verdict: 'accept', have: 1 }
      },
      admitRegisters: async () => ({ accepted: 1, verdict: 'accept', have: 0 }),
      onReport: (_, report) => reports.push(report),
      onConfirmed: () => {},
      clock: systemClock,
      random: Math.random,
      log: silent
    }
  )
  return {
    institution,
    nodeKeys: [nodeKey],
    network,
    peerId: peerIdOf(nodeKey).toString(),
    sessions,
    admitted,
    reports,
    allow(other, addresses = other.network.addresses()) {
      peers.set(other.institution, { institution: other.institution, nodeKeys: other.nodeKeys, addresses })
      network.allowListChanged()
    },
    share(other, ...circles) {
      shared.set(other.institution, circles as readonly CircleId[])
      network.rosterChanged()
    },
    remove(other, quietly = false) {
      peers.delete(other.institution)
      if (!quietly) network.allowListChanged()
    },
    open: () => sessions.length - [...network.counts().values()].reduce((sum, count) => sum + count, 0),
    stop: () => network.stop()
  }
}

/** True when the party's session with the other is linked. */
export function linked(party: Party, other: Party): boolean {
  return party.network.status().some((peer) => peer.institution === other.institution && peer.connected)
}
