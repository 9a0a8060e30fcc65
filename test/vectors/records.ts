/** Keys and records that the vectors are built of. Seeds are constants and guard nothing. */
import {
  type Card,
  type Charter,
  circleIdOf,
  fromHex,
  institutionId,
  nodeKey,
  proveNodeKey,
  quarterStart,
  type SigningKey,
  type StreamDescriptor,
  signingKey
} from '@tocsin/journal'
import type { BulletinId, CircleId, InstitutionId } from '@tocsin/model'

const key = (fill: number): SigningKey => signingKey(new Uint8Array(32).fill(fill))

export const root: SigningKey = key(0xa1)
export const node: SigningKey = key(0xa2)
export const nextNode: SigningKey = key(0xa3)
export const otherRoot: SigningKey = key(0xb1)
export const author: InstitutionId = institutionId(root.publicKey)
export const other: InstitutionId = institutionId(otherRoot.publicKey)

export const QUARTER = 227
export const NOW: number = quarterStart(QUARTER) + 86_400_000
export const DAY = 86_400_000

export const charter: Charter = {
  nonce: '000102030405060708090a0b0c0d0e0f',
  name: 'esr-fr',
  founders: [author, other],
  threshold: 2,
  defaults: { tlp: 'AMBER', pap: 'GREEN' },
  retention: { minMs: DAY, maxMs: 730 * DAY, defaultMs: 365 * DAY },
  erasureDelayMs: DAY
}
export const circle: CircleId = circleIdOf(charter)

export const card: Card = {
  name: 'Université de Reims Champagne-Ardenne',
  domains: ['univ-reims.fr'],
  contact: 'rssi@univ-reims.fr',
  addresses: ['/dns4/tocsin.univ-reims.fr/tcp/4001'],
  nodeKeys: [{ key: nodeKey(node.publicKey), from: NOW, proof: proveNodeKey(node, root.publicKey) }],
  next: nodeKey(nextNode.publicKey)
}

export const descriptor: StreamDescriptor = {
  author,
  nodeKey: nodeKey(node.publicKey),
  incarnation: '101112131415161718191a1b1c1d1e1f',
  quarter: QUARTER,
  kind: 'log',
  tlp: 'AMBER',
  circle
}

export const bulletinId = '0b0e8f5c-2a7d-4c8e-9a51-3f1f5f0a7b11' as BulletinId

/** The bytes with `hex` written over them at `offset`. */
export function patch(bytes: Uint8Array, offset: number, hex: string): Uint8Array {
  const copy = bytes.slice()
  copy.set(fromHex(hex), offset)
  return copy
}

/** The text with one part replaced, which must be there. */
export function patchText(text: string, part: string, by: string): string {
  if (!text.includes(part)) throw new Error(`nothing to replace: ${part}`)
  return text.replace(part, by)
}
