import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { isNodeKey, type NodeKey } from '@tocsin/model'

/** The node key inside a PeerId; undefined for any PeerId that is not an Ed25519 key itself. */
export function nodeKeyOf(peerId: PeerId): NodeKey | undefined {
  if (peerId.type !== 'Ed25519') return undefined
  const hex = Buffer.from(peerId.publicKey.raw).toString('hex')
  return isNodeKey(hex) ? hex : undefined
}

/** The PeerId of a node key. Throws if the text is no 32-byte key in hex. */
export function peerIdOf(nodeKey: NodeKey): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(Buffer.from(nodeKey, 'hex')))
}
