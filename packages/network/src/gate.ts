import type { ConnectionGater, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { InstitutionId, NodeKey } from '@tocsin/model'
import { routeOf } from './address.ts'
import { MAX_CONNECTIONS_PER_PEER } from './constants.ts'
import { nodeKeyOf } from './node-key.ts'

export interface Gate {
  /** The institution behind a PeerId if it may connect now, else undefined. Asked again whenever a stream opens. */
  admits(peerId: PeerId): InstitutionId | undefined
  /** The same rule as libp2p asks it, once per connection and in both directions. */
  readonly gater: ConnectionGater
}

export interface GateDeps {
  institutionOf(nodeKey: NodeKey): InstitutionId | undefined
  /** Open connections with a peer. */
  connectionsOf(peerId: PeerId): number
  /** This node passes connections on between its peers. */
  readonly servesRelay: boolean
  /** Peers through which this node may be reached. */
  readonly relays: ReadonlySet<InstitutionId>
}

/**
 * The allow-list at the door. libp2p denies on exactly `true` and lets everything else in, a rejected lookup or a
 * truthy `1` too, so every answer here is a boolean made here, and whatever goes wrong in the list denies.
 */
export function createGate(deps: GateDeps): Gate {
  function admits(peerId: PeerId): InstitutionId | undefined {
    try {
      const nodeKey = nodeKeyOf(peerId)
      if (nodeKey === undefined) return undefined
      const institution: unknown = deps.institutionOf(nodeKey)
      return typeof institution === 'string' && institution !== '' ? (institution as InstitutionId) : undefined
    } catch {
      return undefined
    }
  }
  const denies = (peerId: PeerId): boolean => admits(peerId) === undefined

  /** The relay of an address must be a peer, too: it sees who talks with whom. */
  function deniesAddress(address: Multiaddr): boolean {
    const route = routeOf(address)
    if (route === undefined) return true
    return route.relay !== undefined && (denies(route.relay) || (route.peer !== undefined && denies(route.peer)))
  }

  function isMyRelay(peerId: PeerId): boolean {
    const institution = admits(peerId)
    return institution !== undefined && deps.relays.has(institution)
  }

  return {
    admits,
    gater: {
      denyDialPeer: denies,
      denyDialMultiaddr: deniesAddress,
      denyOutboundConnection: denies,
      denyOutboundEncryptedConnection: denies,
      denyOutboundUpgradedConnection: denies,
      denyInboundEncryptedConnection: (peerId) =>
        denies(peerId) || deps.connectionsOf(peerId) >= MAX_CONNECTIONS_PER_PEER,
      // Between the two the muxer was negotiated: the list may have changed.
      denyInboundUpgradedConnection: denies,
      // As the relay: whom we give a place, and whom we let through to whom. The two ends ask their own lists besides.
      denyInboundRelayReservation: (source) => !deps.servesRelay || denies(source),
      denyOutboundRelayedConnection: (source, destination) =>
        !deps.servesRelay || denies(source) || denies(destination),
      // As the one behind a relay: only through a relay of ours, only from a peer; noise then proves who it is.
      denyInboundRelayedConnection: (relay, remote) => !isMyRelay(relay) || denies(remote),
      filterMultiaddrForPeer: (peerId, address) => !denies(peerId) && routeOf(address) !== undefined
    }
  }
}
