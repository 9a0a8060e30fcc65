/** Fixed keys and records for this room's tests; seeds are constants, so a failure repeats. */
import type { CircleId } from '@tocsin/model'
import { type Card, proveNodeKey } from './card.ts'
import { type Charter, circleIdOf } from './charter.ts'
import { type SigningKey, signingKey } from './ed25519.ts'
import { institutionId, nodeKey } from './institution.ts'
import { quarterStart } from './quarter.ts'
import type { StreamDescriptor } from './stream.ts'

const key = (fill: number): SigningKey => signingKey(new Uint8Array(32).fill(fill))

export const root: SigningKey = key(1)
export const node: SigningKey = key(2)
export const next: SigningKey = key(3)
export const otherRoot: SigningKey = key(4)
export const author = institutionId(root.publicKey)
export const other = institutionId(otherRoot.publicKey)

export const QUARTER = 227
export const NOW = quarterStart(QUARTER) + 1_000_000
export const CIRCLE = 'c1'.repeat(32) as CircleId

export const descriptor: StreamDescriptor = {
  author,
  nodeKey: nodeKey(node.publicKey),
  incarnation: '0f'.repeat(16),
  quarter: QUARTER,
  kind: 'log',
  tlp: 'AMBER',
  circle: CIRCLE
}

export const card: Card = {
  name: 'Université de Reims Champagne-Ardenne',
  domains: ['univ-reims.fr', 'xn--universit-f4a.example'],
  contact: 'rssi@univ-reims.fr',
  addresses: ['/dns4/tocsin.univ-reims.fr/tcp/4001'],
  nodeKeys: [{ key: nodeKey(node.publicKey), from: 1000, until: 2000, proof: proveNodeKey(node, root.publicKey) }],
  next: nodeKey(next.publicKey)
}

export const charter: Charter = {
  nonce: 'ab'.repeat(16),
  name: 'esr-fr',
  founders: [author, other],
  threshold: 2,
  defaults: { tlp: 'AMBER', pap: 'GREEN' },
  retention: { minMs: 86_400_000, maxMs: 63_072_000_000, defaultMs: 31_536_000_000 },
  erasureDelayMs: 86_400_000
}

export const charterCircle: CircleId = circleIdOf(charter)
