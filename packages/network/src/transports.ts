import { Server, type Socket } from 'node:net'
import type { Listener, PeerId } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets'
import { MAX_CONNECTIONS, MAX_WS_MESSAGE, WS_REQUEST_MS } from './constants.ts'
import { relayTransport } from './relay.ts'

/**
 * How connections are made: TCP, WebSocket (`/ws`, for networks that let nothing but HTTP through), and through a relay.
 * Whatever carries them, noise and the gate are the same.
 * @param isMyRelay given by a node that is reached through relays
 */
export function transports(isMyRelay?: (peer: PeerId) => boolean) {
  return [tcp(), boundedWebSockets(), relayTransport(isMyRelay)]
}

function boundedWebSockets() {
  return (components: WebSocketsComponents) => {
    const transport = webSockets()(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (options) => bounded(createListener(options))
    return transport
  }
}

/**
 * libp2p's WebSocket listener waits for ever for the first byte and for the end of the HTTP request, before any of its
 * own limits begin, and then takes messages of 100 MiB before a handshake: a stranger could hold every file descriptor
 * of the node with silent sockets, or its memory.
 */
function bounded(listener: Listener): Listener {
  const { server, wsServer } = listener as Listener & { readonly server?: unknown; readonly wsServer?: unknown }
  if (!(server instanceof Server) || !isUpgrades(wsServer)) throw new Error('the WebSocket listener is made otherwise')
  const waiting = new WeakMap<Socket, NodeJS.Timeout>()
  wsServer.options.maxPayload = MAX_WS_MESSAGE
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), WS_REQUEST_MS)
    waiting.set(socket, timer)
    socket.once('close', () => clearTimeout(timer))
  })
  // Not `connection`: libp2p takes the socket by a callback, and that event never comes.
  wsServer.on('headers', (_, { socket }) => clearTimeout(waiting.get(socket)))
  return listener
}

/** What is used of the `ws` server. */
interface Upgrades {
  readonly options: { maxPayload: number }
  /** The request is read whole and about to be granted. */
  on(event: 'headers', listener: (headers: readonly string[], request: { readonly socket: Socket }) => void): void
}

function isUpgrades(value: unknown): value is Upgrades {
  if (typeof value !== 'object' || value === null || !('options' in value) || !('on' in value)) return false
  const { options } = value
  return typeof options === 'object' && options !== null && 'maxPayload' in options
}
