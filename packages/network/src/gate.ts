import type { ConnectionGater, PeerId } from '@libp2p/interface'
import type { InstitutionId, NodeKey } from '@tocsin/model'
import { isPlainTcp } from './address.ts'
import { MAX_CONNECTIONS_PER_PEER } from './constants.ts'
import { nodeKeyOf } from './node-key.ts'

export interface Gate {
  /** The institution behind a PeerId if it may connect now, else undefined. Asked again whenever a stream opens. */
  admits(peerId: PeerId): InstitutionId | undefined
  /** The same rule as libp2p asks it, once per connection and in both directions. */
  readonly gater: ConnectionGater
}

/**
 * The allow-list at the door. libp2p denies on exactly `true` and lets everything else in, a rejected lookup or a
 * truthy `1` too, so every answer here is a boolean made here, and whatever goes wrong in the list denies.
 */
export function createGate(deps: {
  institutionOf(nodeKey: NodeKey): InstitutionId | undefined
  /** Open connections with a peer. */
  connectionsOf(peerId: PeerId): number
}): Gate {
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
  return {
    admits,
    gater: {
      denyDialPeer: denies,
      denyDialMultiaddr: (address) => !isPlainTcp(address),
      denyOutboundConnection: denies,
      denyOutboundEncryptedConnection: denies,
      denyOutboundUpgradedConnection: denies,
      denyInboundEncryptedConnection: (peerId) =>
        denies(peerId) || deps.connectionsOf(peerId) >= MAX_CONNECTIONS_PER_PEER,
      // Between the two the muxer was negotiated: the list may have changed.
      denyInboundUpgradedConnection: denies,
      denyInboundRelayReservation: () => true,
      denyInboundRelayedConnection: () => true,
      denyOutboundRelayedConnection: () => true,
      filterMultiaddrForPeer: (peerId, address) => !denies(peerId) && isPlainTcp(address)
    }
  }
}
