import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type CircuitRelayServerComponents,
  type CircuitRelayService,
  type CircuitRelayTransportComponents,
  circuitRelayServer,
  circuitRelayTransport,
  RELAY_V2_HOP_CODEC
} from '@libp2p/circuit-relay-v2'
import type { Connection, IdentifyResult, Libp2p, PeerId, Stream, Transport } from '@libp2p/interface'
import type { Clock } from './clock.ts'
import { MAX_RELAYED, MAX_RESERVATIONS, RELAY_BUFFER, RELAY_REQUEST_BYTES, RESERVE_AGAIN_MS } from './constants.ts'
import { describe, NETWORK_ERRORS, NetworkError } from './errors.ts'
import { type Inside, only, replacing } from './inside.ts'
import type { Log } from './ports.ts'
import { quietly } from './quietly.ts'

/**
 * Passes connections on between peers (circuit relay v2); the gate says between whom. Without libp2p's limits of 128 KiB
 * and two minutes, which no session of ours would survive: a relayed connection lives as long as the one to the peer
 * behind it and its reservation, which that peer renews. What passes is encrypted end to end.
 */
export function relayServer(): (components: CircuitRelayServerComponents) => CircuitRelayService {
  return (components) => {
    const { connectionManager, registrar } = components
    /** The stream of whoever asked to be let through, while its request is served. */
    const asking = new AsyncLocalStorage<Stream>()
    /** Those whose request was granted: what comes from now on is for the other side. */
    const connected = new WeakSet<Stream>()
    const serve = circuitRelayServer({
      maxInboundHopStreams: MAX_RELAYED,
      maxOutboundHopStreams: MAX_RELAYED,
      maxOutboundStopStreams: MAX_RELAYED,
      reservations: { maxReservations: MAX_RESERVATIONS, applyDefaultLimit: false }
    })
    return serve(
      replacing(components, {
        registrar: only<typeof registrar>({
          handle: (protocol, handler, options) =>
            registrar.handle(
              protocol,
              (stream, connection) => {
                limitRequest(stream, connected)
                return asking.run(stream, handler, stream, connection)
              },
              options
            ),
          unhandle: (protocol, options) => registrar.unhandle(protocol, options)
        }),
        connectionManager: only<typeof connectionManager>({
          // Never through another relay, and each stream onwards tied to the one that it answers.
          getConnections: (peer) =>
            direct(connectionManager.getConnections(peer)).map((connection) =>
              replacing(connection, {
                async newStream(protocols, options) {
                  const onwards = await connection.newStream(protocols, options)
                  const asked = asking.getStore()
                  if (asked !== undefined) {
                    connected.add(asked)
                    throttle(asked, onwards)
                    throttle(onwards, asked)
                  }
                  return onwards
                }
              })
            )
        })
      })
    )
  }
}

/** Ends a stream that brings more than a request can be: libp2p would take a message of 4 MiB. */
function limitRequest(stream: Stream, connected: WeakSet<Stream>): void {
  let arrived = 0
  stream.addEventListener('message', ({ data }) => {
    arrived += data.byteLength
    if (!connected.has(stream) && arrived > RELAY_REQUEST_BYTES)
      stream.abort(new NetworkError('frame-too-long', NETWORK_ERRORS['frame-too-long']))
  })
}

/**
 * Lets no more of one stream wait for the other than RELAY_BUFFER. libp2p's relay reads on while the other side takes
 * nothing, and keeps it all: two peers who agree on it could fill the memory of the relay.
 */
function throttle(from: Stream, to: Stream): void {
  let waiting = 0
  const send = to.send.bind(to)
  const isFull = (): boolean => waiting + to.writeBufferLength > RELAY_BUFFER
  from.addEventListener('message', ({ data }) => {
    waiting += data.byteLength
    if (isFull()) quietly(() => from.pause())
  })
  to.send = (data) => {
    waiting = Math.max(0, waiting - data.byteLength)
    return send(data)
  }
  const resume = (): void => {
    if (from.readStatus === 'paused' && !isFull()) quietly(() => from.resume())
  }
  to.addEventListener('drain', resume)
  to.addEventListener('idle', resume)
}

/**
 * Dials through relays and, if `isMyRelay` is given, is reached through them. Relays are named in the settings and never
 * discovered; nobody but they may bring a connection. libp2p's transport would take any peer that brings one for a relay
 * of ours, reserve a place there and tell everybody its address.
 */
export function relayTransport(
  isMyRelay?: (peer: PeerId) => boolean
): (components: CircuitRelayTransportComponents) => Transport {
  return (components) => {
    const { registrar } = components
    const gated = only<typeof registrar>({
      async handle(protocol, handler, options) {
        if (isMyRelay === undefined) return
        const guarded: typeof handler = async (stream, connection) => {
          if (isMyRelay(connection.remotePeer)) await handler(stream, connection)
          else stream.abort(new NetworkError('not-allowed', NETWORK_ERRORS['not-allowed']))
        }
        await registrar.handle(protocol, guarded, { ...options, maxInboundStreams: MAX_RELAYED })
      },
      async unhandle(protocol, options) {
        if (isMyRelay !== undefined) await registrar.unhandle(protocol, options)
      },
      register: async () => 'none',
      unregister: () => undefined
    })
    return circuitRelayTransport()(replacing(components, { registrar: gated }))
  }
}

/** Keeps this node's place at each relay of its own, over the link that it has with that peer anyway. */
export interface Reservations {
  stop(): void
}

export interface ReservationsDeps {
  readonly host: Libp2p
  readonly inside: Inside
  isMyRelay(peer: PeerId): boolean
  readonly clock: Clock
  readonly log: Log
}

/** What the circuit transport offers beyond a transport's face. */
interface Places {
  hasReservation(peer: PeerId): boolean
  addRelay(peer: PeerId, type: 'configured'): Promise<unknown>
}

export function keepReservations({ host, inside, isMyRelay, clock, log }: ReservationsDeps): Reservations {
  const listening = new Set<string>()
  const waiting = new Map<string, () => void>()
  const places = inside.transportManager
    .getTransports()
    .map(placesOf)
    .find((found) => found !== undefined)

  async function reserve(connection: Connection): Promise<void> {
    const relay = connection.remotePeer
    const name = relay.toString()
    if (places === undefined || places.hasReservation(relay) || connection.status !== 'open') return
    try {
      // The listener stays and follows later reservations at the same relay by itself.
      if (listening.has(name)) await places.addRelay(relay, 'configured')
      else await inside.transportManager.listen([connection.remoteAddr.encapsulate('/p2p-circuit')])
      listening.add(name)
      log.debug({ relay: name }, 'reachable through a relay')
    } catch (error) {
      log.debug({ relay: name, ...describe(error) }, 'the relay gave no place')
    }
    again(relay)
  }

  /** Looks after a while whether the place is still there, for as long as the relay is connected. */
  function again(relay: PeerId): void {
    const name = relay.toString()
    waiting.get(name)?.()
    waiting.set(
      name,
      clock.after(RESERVE_AGAIN_MS, () => {
        waiting.delete(name)
        const [connection] = direct(host.getConnections(relay))
        if (connection === undefined || !isMyRelay(relay)) return
        if (places?.hasReservation(relay) === true) again(relay)
        else void reserve(connection)
      })
    )
  }

  function identified(event: CustomEvent<IdentifyResult>): void {
    const { connection, peerId, protocols } = event.detail
    // One that does not relay would be remembered by libp2p as a bad relay for good.
    if (connection.direct && isMyRelay(peerId) && protocols.includes(RELAY_V2_HOP_CODEC)) void reserve(connection)
  }

  host.addEventListener('peer:identify', identified)
  return {
    stop() {
      host.removeEventListener('peer:identify', identified)
      for (const cancel of waiting.values()) cancel()
      waiting.clear()
    }
  }
}

function direct(connections: readonly Connection[]): Connection[] {
  return connections.filter((connection) => connection.direct)
}

function placesOf(transport: Transport): Places | undefined {
  return 'reservationStore' in transport ? (transport.reservationStore as Places) : undefined
}
