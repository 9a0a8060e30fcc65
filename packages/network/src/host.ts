import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { DIAL_MS, MAX_STREAMS_PER_CONNECTION, NOISE_PROLOGUE, PROTOCOL_PREFIX, STREAM_WINDOW } from './constants.ts'

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
}

/** A libp2p host, not started yet, that speaks identify and ping under our prefix and nothing else. */
export async function createHost(options: HostOptions): Promise<Libp2p> {
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', options.nodeKeySeed),
    // identify would send libp2p's and Node's versions otherwise (its own agentVersion setting is gone since v4).
    nodeInfo: { name: 'tocsin', version: '1', userAgent: 'tocsin' },
    addresses: { listen: [...options.listen], announce: [...(options.announce ?? [])] },
    transports: [tcp()],
    connectionEncrypters: [noise({ prologueBytes: new TextEncoder().encode(options.prologue ?? NOISE_PROLOGUE) })],
    streamMuxers: [
      yamux({
        maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
        maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
        streamOptions: { maxStreamWindowSize: options.streamWindow ?? STREAM_WINDOW }
      })
    ],
    connectionGater: options.gater,
    connectionManager: {
      // Per remote host and second; the default of 5 resets simultaneous dials of nodes behind one address.
      inboundConnectionThreshold: 100,
      maxIncomingPendingConnections: 100,
      maxConnections: 2_000,
      // libp2p's own keep-alive gives up; reconnect.ts does not.
      reconnectRetries: 0,
      dialTimeout: DIAL_MS
    },
    connectionMonitor: {
      protocolPrefix: PROTOCOL_PREFIX,
      pingInterval: 15_000,
      // A busy node (a big import, a slow disk) is not dead: the default of 5 s would cut its links.
      pingTimeout: { minTimeout: 30_000 }
    },
    services: {
      identify: identify({ protocolPrefix: PROTOCOL_PREFIX }),
      // As many as pings can be under way at once, in each direction, with the two times above.
      ping: ping({ protocolPrefix: PROTOCOL_PREFIX, maxInboundStreams: 5, maxOutboundStreams: 5 })
    }
  })
}
