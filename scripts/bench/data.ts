/** The records that every contestant is given: the same for the same seed, of the kinds that officers exchange. */
import { createHash } from 'node:crypto'
import { SIGNED_HEADER_BYTES, sealBody } from '@tocsin/journal'
import type { Bulletin, BulletinId, Indicator } from '@tocsin/model'

/** So many bulletins of so many indicators, numbered on from `first`. */
export interface Slice {
  readonly seed: number
  /** Number of the first indicator; no two numbers give the same value. */
  readonly first: number
  readonly count: number
}

/** 35 % domains, 25 % addresses, 20 % URLs, 15 % SHA-256, 5 % senders: none of them real. */
export function indicatorAt(seed: number, number: number): Indicator {
  const bytes = createHash('sha256').update(`${seed}/${number}`).digest()
  const name = bytes.toString('hex', 0, 5)
  const zone = `${WORDS[(bytes[6] ?? 0) % WORDS.length]}-${name}.${ENDINGS[(bytes[7] ?? 0) % ENDINGS.length]}`
  const kind = number % 20
  if (kind < 7) return { type: 'domain', value: zone, role: 'malicious' }
  if (kind < 12) {
    // 24 bits of the number: each address once. 11.0.0.0/8 is routed, so no rule of special ranges applies.
    const [a = 0, b = 0, c = 0] = [(number >> 16) & 255, (number >> 8) & 255, number & 255]
    return { type: 'ipv4', value: `11.${a}.${b}.${c}`, role: 'malicious' }
  }
  if (kind < 16)
    return { type: 'url', value: `https://${zone}/${bytes.toString('hex', 8, 14)}/index.html`, role: 'malicious' }
  if (kind < 19) return { type: 'sha256', value: bytes.toString('hex'), role: 'malicious' }
  return { type: 'email', value: `${name}@${zone}`, role: 'malicious' }
}

const WORDS = ['login', 'webmail', 'portail', 'ent', 'secure', 'compte', 'support', 'facture']
const ENDINGS = ['com', 'net', 'org', 'fr', 'info']

export function indicatorsOf({ seed, first, count }: Slice): Indicator[] {
  return Array.from({ length: count }, (_, index) => indicatorAt(seed, first + index))
}

/** A bulletin that carries the slice, ready for `replica.publish`. */
export function bulletinOf(slice: Slice): Omit<Bulletin, 'attachments'> {
  return {
    id: bulletinId(slice),
    title: `Phishing campaign ${slice.first}`,
    text: 'Mails that ask for a password; the addresses below were seen in them.',
    threat: 'phishing',
    pap: 'GREEN',
    confidence: 80,
    tags: [],
    indicators: indicatorsOf(slice),
    references: [],
    rules: [],
    about: []
  }
}

/** As many bytes as the entry of that bulletin has: signed header and body, with the same words in it. */
export function payloadOf(slice: Slice): Uint8Array {
  const header = createHash('sha512').update(bulletinId(slice)).digest()
  const body = sealBody('bulletin', { ...bulletinOf(slice), attachments: [] })
  return Buffer.concat([Buffer.alloc(SIGNED_HEADER_BYTES, header), body])
}

export function bulletinId({ seed, first, count }: Slice): BulletinId {
  const hex = createHash('sha256').update(`bulletin ${seed}/${first}/${count}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}` as BulletinId
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
