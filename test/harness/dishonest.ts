/** A member gone bad: the real store, replica, sync and network, but its port lets everything go to everybody. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeKey, openRegister, parseCardText, type SigningKey, signingKey } from '@tocsin/journal'
import type { InstitutionId, StreamId, Tlp } from '@tocsin/model'
import { createNetwork, type Network, systemClock } from '@tocsin/network'
import { circlesOf, homeAt } from '@tocsin/node'
import { readNodeSeed } from '@tocsin/node/keys'
import { createReplica, type Replica } from '@tocsin/replica'
import { openStore } from '@tocsin/store'
import { createSession, type SyncReplica, type WireEntry } from '@tocsin/sync'
import type { Institution } from './federation.ts'

export interface DishonestNode {
  readonly replica: Replica
  readonly network: Network
  /** From now on every stream of these labels that it holds is offered and sent to every peer. */
  misbehave(tlps: readonly Tlp[]): void
  /** What it sends of any stream is altered on the way out; undefined: as it is. */
  tamper(how: Tamper | undefined): void
  stop(): Promise<void>
}

export interface Tamper {
  readonly read?: (entries: readonly WireEntry[], key: SigningKey) => readonly WireEntry[]
  readonly proof?: (proof: Uint8Array) => Uint8Array
}

/** Runs the institution's home (made with `run: false`, or stopped) inside this process. */
export async function startDishonest(one: Institution): Promise<DishonestNode> {
  const home = homeAt(one.home)
  const seed = await readNodeSeed(home)
  const key = signingKey(seed)
  const store = await openStore({ path: home.store })
  const identity = {
    institution: one.id as InstitutionId,
    key,
    nodeKey: nodeKey(key.publicKey),
    instance: randomBytes(16).toString('hex')
  }
  const world = { now: () => Date.now(), random: (bytes: number) => new Uint8Array(randomBytes(bytes)) }
  const replica = await createReplica({ identity, world, store })
  const card = parseCardText(await readFile(join(one.home, 'card.tocsin'), 'utf8'))
  await replica.admitRegisters([openRegister(card).bytes], undefined)
  let bad: readonly Tlp[] = []
  const isBad = (stream: StreamId): boolean => {
    const tlp = replica.streams.get(stream)?.descriptor.tlp
    return tlp !== undefined && bad.includes(tlp)
  }

  let tampering: Tamper | undefined

  const port: SyncReplica = {
    ...replica.sync,
    read: (stream, first, most) => {
      const entries = replica.sync.read(stream, first, most)
      return tampering?.read?.(entries, key) ?? entries
    },
    hopProof: (peer, stream, first, last, lastId) => {
      const proof = replica.sync.hopProof(peer, stream, first, last, lastId)
      return tampering?.proof?.(proof) ?? proof
    },
    maySend: (peer, stream) => (isBad(stream) ? { allowed: true } : replica.sync.maySend(peer, stream)),
    rows: (peer, scope) => (scope === 'direct' ? withMore(replica, peer, isBad) : replica.sync.rows(peer, scope))
  }
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }
  const network = createNetwork(
    { nodeKeySeed: seed, listen: [one.listen], backoff: { firstMs: 20, maxMs: 100 } },
    {
      allow: {
        institutionOf: (linkKey) => replica.peers().find((peer) => peer.nodeKeys.includes(linkKey))?.institution,
        peers: replica.peers
      },
      circles: circlesOf(replica),
      session: (peer) => createSession({ peer, replica: port, random: Math.random }),
      admit: replica.admit,
      admitRegisters: (from, registers) => replica.admitRegisters(registers, from),
      onReport: (peer, report) => {
        if (report.type === 'linked') replica.linked(peer, report.skew)
      },
      onConfirmed: (peer, { stream, seq, id }) => replica.confirmed(peer, stream, seq, id),
      clock: systemClock,
      random: Math.random,
      log: quiet
    }
  )
  const unwatch = replica.watch((event) => {
    if (event.type === 'entries')
      network.notifyAppended({
        streams: event.streams as never,
        registers: [],
        ...(event.from === undefined ? {} : { from: event.from })
      })
    else if (event.type === 'registers') network.notifyAppended({ streams: [], registers: event.addresses })
    else if (event.type === 'roster-changed') network.rosterChanged()
    else if (event.type === 'allow-list-changed') network.allowListChanged()
  })
  await network.start()
  return {
    replica,
    network,
    misbehave: (tlps) => {
      bad = tlps
      network.rosterChanged()
    },
    tamper: (how) => {
      tampering = how
    },
    stop: async () => {
      unwatch()
      await network.stop()
      await store.close()
    }
  }
}

function withMore(
  replica: Replica,
  peer: InstitutionId,
  isBad: (stream: StreamId) => boolean
): ReturnType<SyncReplica['rows']> {
  const honest = replica.sync.rows(peer, 'direct')
  const streams = [...replica.streams.all()].flatMap(({ id, state }) =>
    !isBad(id) || honest.some(({ key }) => key === id)
      ? []
      : [
          {
            kind: 'stream' as const,
            key: id as string,
            number: state.seq,
            hash: state.head,
            order: 4,
            newest: state.clock
          }
        ]
  )
  return [...honest, ...streams]
}
