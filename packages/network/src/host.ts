import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import {
  ADDRESS_DIAL_MS,
  DIAL_MS,
  MAX_CONNECTIONS,
  MAX_RELAYED,
  MAX_STREAMS_PER_CONNECTION,
  NOISE_PROLOGUE,
  PROTOCOL_PREFIX,
  RECORD_AGE_MS,
  STREAM_WINDOW
} from './constants.ts'
import { type Inside, inside } from './inside.ts'
import type { Protector } from './network-key.ts'
import { relayServer } from './relay.ts'
import { thriftyYamux } from './thrifty-yamux.ts'
import { transports } from './transports.ts'

/** What a host of this network is made of; prologue and window differ only in tests, as another implementation's might. */
export interface HostOptions {
  /** 32-byte Ed25519 seed of the node key: the PeerId is the node key. */
  readonly nodeKeySeed: Uint8Array
  /** Multiaddrs to listen at. */
  readonly listen: readonly string[]
  /** Multiaddrs told to peers instead of those listened at. */
  readonly announce?: readonly string[]
  readonly gater: ConnectionGater
  readonly prologue?: string
  /** Largest receive window of a stream, bytes. */
  readonly streamWindow?: number
  /** Pre-shared network key under noise. */
  readonly protector?: Protector
  /** Passes connections on between peers. */
  readonly servesRelay?: boolean
  /** Given where this node is reached through relays: which peers are such. */
  readonly isMyRelay?: (peer: PeerId) => boolean
}

/** A libp2p host with the parts that are built upon while it runs. */
export type Host = Libp2p<{ readonly inside: { readonly inside: Inside } }>

/** A libp2p host, not started yet, that speaks identify and ping under our prefix and, if it relays, circuit relay v2. */
export async function createHost(options: HostOptions): Promise<Host> {
  const relays = options.servesRelay === true || options.isMyRelay !== undefined
  const streams = MAX_STREAMS_PER_CONNECTION + (relays ? MAX_RELAYED : 0)
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', options.nodeKeySeed),
    // identify would send libp2p's and Node's versions otherwise (its own agentVersion setting is gone since v4).
    nodeInfo: { name: 'tocsin', version: '1', userAgent: 'tocsin' },
    addresses: { listen: [...options.listen], announce: [...(options.announce ?? [])] },
    transports: transports(options.isMyRelay),
    ...(options.protector === undefined ? {} : { connectionProtector: options.protector }),
    connectionEncrypters: [noise({ prologueBytes: new TextEncoder().encode(options.prologue ?? NOISE_PROLOGUE) })],
    streamMuxers: [
      thriftyYamux({
        maxInboundStreams: streams,
        maxOutboundStreams: streams,
        streamOptions: { maxStreamWindowSize: options.streamWindow ?? STREAM_WINDOW }
      })
    ],
    connectionGater: options.gater,
    connectionManager: {
      // Per remote host and second; the default of 5 resets simultaneous dials of nodes behind one address.
      inboundConnectionThreshold: 100,
      maxIncomingPendingConnections: 100,
      maxConnections: MAX_CONNECTIONS,
      // libp2p's own keep-alive gives up; reconnect.ts does not.
      reconnectRetries: 0,
      dialTimeout: DIAL_MS,
      addressDialTimeout: ADDRESS_DIAL_MS
    },
    // Records are replaced by newer ones, never by age: a peer may come back after months.
    peerStore: { maxAddressAge: RECORD_AGE_MS, maxPeerAge: RECORD_AGE_MS },
    connectionMonitor: {
      protocolPrefix: PROTOCOL_PREFIX,
      // Sessions have heartbeats of their own; this costs some 500 bytes a time.
      pingInterval: 30_000,
      // A busy node (a big import, a slow disk) is not dead: the default of 5 s would cut its links.
      pingTimeout: { minTimeout: 30_000 }
    },
    services: {
      identify: identify({ protocolPrefix: PROTOCOL_PREFIX }),
      // As many as pings can be under way at once, in each direction, with the two times above.
      ping: ping({ protocolPrefix: PROTOCOL_PREFIX, maxInboundStreams: 5, maxOutboundStreams: 5 }),
      inside: inside(),
      ...(options.servesRelay === true ? { relay: relayServer() } : {})
    }
  })
}
