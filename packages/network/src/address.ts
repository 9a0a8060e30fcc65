import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { NodeKey } from '@tocsin/model'
import { peerIdOf } from './node-key.ts'

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])

/**
 * True for host + TCP port, with or without a PeerId. A card is a peer's text: libp2p would follow `/unix` to a local
 * socket, `/dnsaddr` to as many addresses as its owner likes and `/p2p-circuit` to strangers, so nothing else is dialled.
 */
export function isPlainTcp(address: Multiaddr): boolean {
  const [host, port, peer, ...rest] = address.getComponents()
  if (host === undefined || port === undefined || rest.length > 0) return false
  return HOSTS.has(host.name) && port.name === 'tcp' && (peer === undefined || peer.name === 'p2p')
}

/**
 * The address of a card for dialling one node key: the key is appended, so that noise refuses anybody else who answers
 * there. Undefined for text that is no plain TCP address or that names another key.
 */
export function dialAddress(text: string, nodeKey: NodeKey): Multiaddr | undefined {
  let address: Multiaddr
  try {
    address = multiaddr(text)
  } catch {
    return undefined
  }
  if (!isPlainTcp(address)) return undefined
  const peerId = peerIdOf(nodeKey).toString()
  const named = address.getComponents().find((component) => component.name === 'p2p')?.value
  if (named === undefined) return address.encapsulate(`/p2p/${peerId}`)
  return named === peerId ? address : undefined
}
