import type { PeerId } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { relayTransport } from './relay.ts'

/**
 * How connections are made: TCP, WebSocket (`/ws`, for networks that let nothing but HTTP through), and through a relay.
 * Whatever carries them, noise and the gate are the same.
 * @param isMyRelay given by a node that is reached through relays
 */
export function transports(isMyRelay?: (peer: PeerId) => boolean) {
  return [tcp(), webSockets(), relayTransport(isMyRelay)]
}
