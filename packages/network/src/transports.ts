import { Server, type Socket } from 'node:net'
import type { Listener, PeerId } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets'
import { MAX_CONNECTIONS, WS_REQUEST_MS } from './constants.ts'
import { relayTransport } from './relay.ts'

/**
 * How connections are made: TCP, WebSocket (`/ws`, for networks that let nothing but HTTP through), and through a relay.
 * Whatever carries them, noise and the gate are the same.
 * @param isMyRelay given by a node that is reached through relays
 */
export function transports(isMyRelay?: (peer: PeerId) => boolean) {
  return [tcp(), webSocketsInTime(), relayTransport(isMyRelay)]
}

function webSocketsInTime() {
  return (components: WebSocketsComponents) => {
    const transport = webSockets()(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (options) => hurry(createListener(options))
    return transport
  }
}

/**
 * libp2p's WebSocket listener waits for ever for the first byte and for the end of the HTTP request, before any of its
 * own limits begin: a stranger could hold every file descriptor of the node with silent sockets.
 */
function hurry(listener: Listener): Listener {
  const { server, wsServer } = listener as Listener & { readonly server?: unknown; readonly wsServer?: unknown }
  if (!(server instanceof Server) || !isEmitter(wsServer)) throw new Error('the WebSocket listener is made otherwise')
  const waiting = new WeakMap<Socket, NodeJS.Timeout>()
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), WS_REQUEST_MS)
    waiting.set(socket, timer)
    socket.once('close', () => clearTimeout(timer))
  })
  wsServer.on('connection', (_, { socket }) => clearTimeout(waiting.get(socket)))
  return listener
}

interface Upgrades {
  on(event: 'connection', listener: (webSocket: unknown, request: { readonly socket: Socket }) => void): void
}

function isEmitter(value: unknown): value is Upgrades {
  return typeof value === 'object' && value !== null && 'on' in value
}
