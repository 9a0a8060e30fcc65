/** Institutions by name, with keys that are always the same, and the registers that their root keys sign. */
import {
  type Card,
  type Charter,
  circleIdOf,
  institutionId,
  nodeKey,
  prepareRegister,
  proveNodeKey,
  type SignedRegister,
  type SigningKey,
  sha256,
  signingKey,
  signRegister,
  toHex,
  utf8,
  type Vouch
} from '@tocsin/journal'
import type { CircleId, InstitutionId, NodeKey } from '@tocsin/model'
import { DAY } from '../constants.ts'

/** 2026-11-24T09:00:00Z, the middle of a quarter. */
export const START = Date.UTC(2026, 10, 24, 9)

export interface Institution {
  readonly name: string
  readonly id: InstitutionId
  readonly root: SigningKey
  readonly node: SigningKey
  readonly nodeKey: NodeKey
  readonly next: SigningKey
}

export function institution(name: string): Institution {
  const key = (what: string): SigningKey => signingKey(sha256(utf8(`${what} of ${name}`)))
  const [root, node, next] = [key('root'), key('node'), key('next')] as [SigningKey, SigningKey, SigningKey]
  return { name, id: institutionId(root.publicKey), root, node, nodeKey: nodeKey(node.publicKey), next }
}

/** A card with the node key, or the ones given; `number` defaults to the start. */
export function cardOf(
  one: Institution,
  more: {
    number?: number
    keys?: readonly { key: SigningKey; from?: number; until?: number }[]
    name?: string
    next?: string
  } = {}
): SignedRegister {
  const keys = more.keys ?? [{ key: one.node }]
  const value: Card = {
    name: more.name ?? one.name,
    domains: [`${one.name}.example`],
    contact: `security@${one.name}.example`,
    addresses: [],
    nodeKeys: keys.map(({ key, from = 0, until }) => ({
      key: nodeKey(key.publicKey),
      from,
      ...(until === undefined ? {} : { until }),
      proof: proveNodeKey(key, one.root.publicKey)
    })),
    next: (more.next ?? toHex(one.next.publicKey)) as NodeKey
  }
  return signRegister(prepareRegister({ kind: 'card', author: one.id, number: more.number ?? START, value }), one.root)
}

export function charterOf(
  founders: readonly Institution[],
  threshold = 2,
  more: Partial<Charter> = {}
): { circle: CircleId; charter: Charter; register: SignedRegister } {
  const charter: Charter = {
    nonce: 'ab'.repeat(16),
    name: 'esr-fr',
    founders: founders.map(({ id }) => id),
    threshold,
    defaults: { tlp: 'AMBER', pap: 'GREEN' },
    retention: { minMs: DAY, maxMs: 730 * DAY, defaultMs: 365 * DAY },
    erasureDelayMs: DAY,
    ...more
  }
  const [first] = founders
  if (first === undefined) throw new RangeError('a circle has founders')
  const fields = { kind: 'charter', author: first.id, number: START, value: charter } as const
  return { circle: circleIdOf(charter), charter, register: signRegister(prepareRegister(fields), first.root) }
}

export function accepts(one: Institution, circle: CircleId, number = START): SignedRegister {
  const fields = { kind: 'acceptance', author: one.id, circle, number, value: { name: 'esr-fr' } } as const
  return signRegister(prepareRegister(fields), one.root)
}

export function vouches(
  one: Institution,
  subject: Institution,
  circle: CircleId,
  { number = START, expires = Math.floor(START / DAY) + 200, name = subject.name } = {}
): SignedRegister {
  const value: Vouch = { name, domains: [`${subject.name}.example`], how: 'phone', checkedAt: START, expires }
  const fields = { kind: 'vouch', author: one.id, subject: subject.id, circle, number, value } as const
  return signRegister(prepareRegister(fields), one.root)
}

export function revokes(
  one: Institution,
  subject: Institution,
  circle: CircleId,
  { number = START + 1, lifted = false } = {}
): SignedRegister {
  const value = { reason: 'test', ...(lifted ? { lifted } : {}) }
  const fields = { kind: 'revocation', author: one.id, subject: subject.id, circle, number, value } as const
  return signRegister(prepareRegister(fields), one.root)
}

export function resigns(one: Institution, circle: CircleId, number = START + 1): SignedRegister {
  return signRegister(prepareRegister({ kind: 'resignation', author: one.id, circle, number, value: {} }), one.root)
}
