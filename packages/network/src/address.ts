import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { NodeKey } from '@tocsin/model'
import { peerIdOf } from './node-key.ts'

/** Where an address of a peer leads. */
export interface Route {
  /** The relay to pass through, for an address that does not lead to the peer itself. */
  readonly relay?: PeerId
  /** The PeerId that the address names at its end. */
  readonly peer?: PeerId
}

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])

/**
 * Takes an address apart that may be dialled: host and TCP port, `/ws` for WebSocket, with or without a PeerId; or such
 * an address of a named relay, `/p2p-circuit`, and perhaps the peer behind it. Undefined for everything else: cards and
 * records are a peer's text, and libp2p would follow `/unix` to a local socket, `/dnsaddr` to as many addresses as its
 * owner likes, and a chain of relays to strangers.
 */
export function routeOf(address: Multiaddr): Route | undefined {
  const [host, port, ...rest] = address.getComponents()
  if (host === undefined || !HOSTS.has(host.name) || port?.name !== 'tcp') return undefined
  if (rest[0]?.name === 'ws') rest.shift()
  const names = rest.map((component) => component.name).join('/')
  const ids = rest.flatMap((component) => (component.name === 'p2p' ? (peerIdIn(component.value) ?? []) : []))
  const [first, second] = ids
  if (ids.length !== rest.filter((component) => component.name === 'p2p').length) return undefined
  if (names === '') return {}
  if (names === 'p2p' && first !== undefined) return { peer: first }
  if (names === 'p2p/p2p-circuit' && first !== undefined) return { relay: first }
  if (names === 'p2p/p2p-circuit/p2p' && first !== undefined && second !== undefined)
    return { relay: first, peer: second }
  return undefined
}

/**
 * The address of a card for dialling one node key: the key is appended, so that noise refuses anybody else who answers
 * there. Undefined for text that is no address to dial or that names another key.
 */
export function dialAddress(text: string, nodeKey: NodeKey): Multiaddr | undefined {
  let address: Multiaddr
  try {
    address = multiaddr(text)
  } catch {
    return undefined
  }
  const route = routeOf(address)
  if (route === undefined) return undefined
  const peerId = peerIdOf(nodeKey)
  if (route.peer === undefined) return address.encapsulate(`/p2p/${peerId.toString()}`)
  return route.peer.equals(peerId) ? address : undefined
}

function peerIdIn(text: string | undefined): PeerId | undefined {
  try {
    return text === undefined ? undefined : peerIdFromString(text)
  } catch {
    return undefined
  }
}
