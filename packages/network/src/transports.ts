import { Server, type Socket } from 'node:net'
import type { Listener, PeerId, Transport } from '@libp2p/interface'
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
    if (!isDialler(transport)) throw otherwise()
    const connect = transport._connect.bind(transport)
    transport._connect = async (address, options) => guarded(await connect(address, options))
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
  if (!isWebSocketListener(listener)) throw otherwise()
  const waiting = new WeakMap<Socket, NodeJS.Timeout>()
  listener.wsServer.options.maxPayload = MAX_WS_MESSAGE
  listener.server.maxConnections = MAX_CONNECTIONS
  listener.server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), WS_REQUEST_MS)
    waiting.set(socket, timer)
    socket.once('close', () => clearTimeout(timer))
  })
  const take = listener.onWsServerConnection.bind(listener)
  listener.onWsServerConnection = (socket, request) => {
    clearTimeout(waiting.get(request.socket))
    take(guarded(socket), request)
  }
  return listener
}

/** No close frame was sent (RFC 6455 §7.4.1): a code that nobody may give to `close()`. */
const ABNORMAL = 1006

/**
 * libp2p resets by `close(1006)`, which throws, and leaves the socket to the other side's good will; and it listens to no
 * error, so that one bad frame of a stranger would end the process.
 */
function guarded<T extends Closable>(socket: T): T {
  socket.addEventListener('error', () => undefined)
  const close = socket.close.bind(socket)
  socket.close = (code, reason) => {
    if (code !== ABNORMAL) close(code, reason)
    else if (socket.terminate === undefined) close()
    else socket.terminate()
  }
  return socket
}

/** A WebSocket of Node, or of `ws`, which can also be terminated. */
interface Closable {
  /** After an error comes `close`, which libp2p does listen to. */
  addEventListener(event: 'error', listener: () => void): void
  close(code?: number, reason?: string): void
  terminate?(): void
}

type Connect = (address: unknown, options: unknown) => Promise<Closable>

/** What is used of libp2p's transport and its listener beyond their faces. */
type Dialler = Transport & { _connect: Connect }
type WebSocketListener = Listener & {
  readonly server: Server
  readonly wsServer: { readonly options: { maxPayload?: number } }
  onWsServerConnection(socket: Closable, request: { readonly socket: Socket }): void
}

function isDialler(transport: Transport): transport is Dialler {
  return '_connect' in transport && typeof transport._connect === 'function'
}

function isWebSocketListener(listener: Listener): listener is WebSocketListener {
  if (!('server' in listener) || !('wsServer' in listener) || !('onWsServerConnection' in listener)) return false
  const { server, wsServer, onWsServerConnection } = listener
  if (typeof wsServer !== 'object' || wsServer === null || !('options' in wsServer)) return false
  return server instanceof Server && typeof onWsServerConnection === 'function'
}

const otherwise = (): Error => new Error('the WebSocket transport of libp2p is made otherwise')
