import { createHash } from 'node:crypto'
import type { Connection, PeerId, PeerInfo, Stream } from '@libp2p/interface'
import { NotFoundError, start, stop } from '@libp2p/interface'
import { type KadDHT, type KadDHTComponents, kadDHT } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { CircleId } from '@tocsin/model'
import { routeOf } from './address.ts'
import { MAX_ADDRESSES_FOUND, MAX_ADDRESSES_PER_RECORD } from './constants.ts'
import { NETWORK_ERRORS, NetworkError } from './errors.ts'
import { type Inside, only } from './inside.ts'

/** The kad-dht of one circle: it asks, answers and remembers members of that circle and nobody else. */
export interface CircleDht {
  /** A member is linked and may be asked. */
  joined(peer: PeerId): void
  /** No longer linked, or no longer a member. */
  left(peer: PeerId): void
  /** Answers on a stream that a member opened. */
  serve(stream: Stream, connection: Connection): Promise<void>
  /** Asks the linked members where a member is. What they say is a hint: noise proves who answers there. */
  find(peer: PeerId, signal: AbortSignal): Promise<Multiaddr[]>
  stop(): Promise<void>
}

export interface CircleDhtDeps {
  readonly circle: CircleId
  readonly inside: Inside
  /** Asked again at every step, so that a roster change counts at once. */
  isMember(peer: PeerId): boolean
  /** Opens a stream of this circle to a linked member. @throws NetworkError */
  open(peer: PeerId, signal: AbortSignal | undefined): Promise<Stream>
}

/**
 * The name of a circle's DHT on the wire, 32 bytes: whoever does not know the circle's id learns neither id nor name
 * from it, and it is said to members only.
 */
export function dhtId(circle: CircleId): Uint8Array {
  return createHash('sha256').update(`tocsin/kad/1\0${circle}`).digest()
}

/** What the class has and its interface does not name. */
interface Table {
  readonly routingTable: { add(peer: PeerId): Promise<void>; remove(peer: PeerId): Promise<void> }
}

/** kad-dht's own upkeep finds nothing that links and records did not tell; once a day keeps its clocks quiet. ms. */
const UPKEEP_MS = 86_400_000

/**
 * kad-dht answers whoever asks about anybody whom the host knows. So it gets no part of the host itself: in place of
 * the peer store one that holds members only and takes nothing, in place of the registrar and the connection manager
 * doors that `circle-dhts.ts` guards, and a data store that stays empty: nobody may store values or providers here.
 */
export async function createCircleDht(deps: CircleDhtDeps): Promise<CircleDht> {
  const { inside, isMember } = deps
  let answer: ((stream: Stream, connection: Connection) => void | Promise<void>) | undefined

  const members = async (peer: PeerId, options?: { signal?: AbortSignal }) => {
    if (!isMember(peer)) throw new NotFoundError('not a member')
    return inside.peerStore.get(peer, options)
  }
  const components: KadDHTComponents = {
    peerId: inside.peerId,
    privateKey: inside.privateKey,
    addressManager: inside.addressManager,
    logger: inside.logger,
    datastore: emptyDatastore(),
    events: only<KadDHTComponents['events']>({ dispatchEvent: () => true, addEventListener: () => undefined }),
    // Who is linked answers pings all the time; a stream for each circle would only be in each other's way.
    ping: only<KadDHTComponents['ping']>({
      ping: async (peer) => {
        if (inside.connectionManager.getConnections(peer as PeerId).length > 0) return 0
        throw new NotFoundError('not linked')
      }
    }),
    peerStore: only<KadDHTComponents['peerStore']>({
      get: members,
      getInfo: async (peer, options) => {
        const { id, addresses } = await members(peer, options)
        return { id, multiaddrs: addresses.map(({ multiaddr }) => multiaddr) }
      },
      // Tags, and addresses that somebody claims for somebody: neither belongs in the host's book.
      merge: (peer) => members(peer),
      all: async () => []
    }),
    registrar: only<KadDHTComponents['registrar']>({
      handle: async (_, handler) => {
        answer = handler
      },
      unhandle: async () => {
        answer = undefined
      },
      // Who speaks which protocol tells nothing here; links are told by `joined`.
      register: async () => 'dht',
      unregister: () => undefined
    }),
    connectionManager: only<KadDHTComponents['connectionManager']>({
      openStream: (peer, _, options) => deps.open(peer as PeerId, options?.signal),
      // A lookup asks linked members and dials nobody in passing: whom we may dial has a redial loop of its own.
      isDialable: async () => true
    })
  }

  const dht = kadDHT({
    // Not spoken: the id stands in the stream (circle-dhts.ts), where identify does not list it.
    protocol: `/${Buffer.from(dhtId(deps.circle)).toString('hex')}`,
    logPrefix: 'tocsin:kad',
    clientMode: false,
    allowQueryWithZeroPeers: true,
    querySelfInterval: UPKEEP_MS,
    initialQuerySelfInterval: UPKEEP_MS,
    peerInfoMapper: ({ id, multiaddrs }: PeerInfo) => ({
      id,
      multiaddrs: isMember(id) ? multiaddrs.filter(isRoute).slice(0, MAX_ADDRESSES_PER_RECORD) : []
    })
  })(components) as KadDHT & Table
  await start(dht)

  return {
    joined: (peer) => void dht.routingTable.add(peer).catch(() => undefined),
    left: (peer) => void dht.routingTable.remove(peer).catch(() => undefined),
    async serve(stream, connection) {
      if (answer === undefined) stream.abort(new NetworkError('stopping', NETWORK_ERRORS.stopping))
      else await answer(stream, connection)
    },
    async find(peer, signal) {
      const found: Multiaddr[] = []
      try {
        for await (const event of dht.findPeer(peer, { signal, useCache: false })) {
          if (event.name !== 'FINAL_PEER') continue
          // The first of one answerer, not all of it: no single member fills the list.
          found.push(...event.peer.multiaddrs.filter(isRoute).slice(0, MAX_ADDRESSES_PER_RECORD))
          if (found.length >= MAX_ADDRESSES_FOUND) break
        }
      } catch {
        // Nobody knew, nobody was linked, or there was no time: what was found so far is all there is.
      }
      return found
    },
    stop: () => stop(dht)
  }
}

const isRoute = (address: Multiaddr): boolean => routeOf(address) !== undefined

/** Holds nothing and takes nothing: values and providers are no business of a DHT that looks up members. */
function emptyDatastore(): KadDHTComponents['datastore'] {
  return only<KadDHTComponents['datastore']>({
    get: () => {
      throw new NotFoundError('nothing is kept here')
    },
    has: () => false,
    put: () => {
      throw new NetworkError('not-allowed', 'nothing is kept here')
    },
    delete: () => undefined,
    async *query() {},
    async *queryKeys() {}
  })
}
