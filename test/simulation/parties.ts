/** Institutions by number, with keys that are always the same, and the registers that their root keys sign. */
import {
  type Card,
  type Charter,
  circleIdOf,
  institutionId,
  nodeKey,
  openRegister,
  prepareRegister,
  proveNodeKey,
  type RegisterFields,
  type SignedRegister,
  type SigningKey,
  sha256,
  signingKey,
  signRegister,
  utf8
} from '@tocsin/journal'
import type { CircleId, InstitutionId, NodeKey, StreamId } from '@tocsin/model'
import { remembered } from './verdicts.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** 2026-11-24T09:00:00Z, the middle of a quarter: where every run begins. */
export const START = Date.UTC(2026, 10, 24, 9)

export interface Party {
  readonly index: number
  readonly name: string
  readonly id: InstitutionId
  readonly root: SigningKey
  readonly node: SigningKey
  readonly nodeKey: NodeKey
  readonly card: SignedRegister
}

const parties: Party[] = []

/** The institution with this number; keys and card are made once a process, they are the same in every run. */
export function party(index: number): Party {
  const known = parties[index]
  if (known !== undefined) return known
  const key = (what: string): SigningKey => remembered(signingKey(sha256(utf8(`simulation ${what} ${index}`))))
  const [root, node, next] = [key('root'), key('node'), key('next')] as [SigningKey, SigningKey, SigningKey]
  const id = institutionId(root.publicKey)
  const name = `inst-${index}`
  const card: Card = {
    name,
    domains: [`${name}.example`],
    contact: `security@${name}.example`,
    addresses: [],
    nodeKeys: [{ key: nodeKey(node.publicKey), from: 0, proof: proveNodeKey(node, root.publicKey) }],
    next: nodeKey(next.publicKey)
  }
  const made: Party = {
    index,
    name,
    id,
    root,
    node,
    nodeKey: nodeKey(node.publicKey),
    card: sealed({ kind: 'card', author: id, number: START - DAY, value: card }, root)
  }
  parties[index] = made
  return made
}

function sealed(fields: RegisterFields, root: SigningKey): SignedRegister {
  return openRegister(signRegister(prepareRegister(fields), root).bytes)
}

/** The root key of its author ends a stream. */
export function closing(
  one: Party,
  { id, bytes }: { readonly id: StreamId; readonly bytes: Uint8Array },
  last: number,
  head: string | undefined
): SignedRegister {
  const value = { stream: Buffer.from(bytes).toString('hex'), last, ...(head === undefined ? {} : { head }) }
  return sealed({ kind: 'closing', author: one.id, stream: id, number: 1, value }, one.root)
}

export interface CircleMade {
  readonly id: CircleId
  readonly name: string
  readonly charter: Charter
  readonly register: SignedRegister
}

/** @param seed so that two worlds have different circles */
export function circleMade(name: string, seed: string, founders: readonly Party[], threshold: number): CircleMade {
  const charter: Charter = {
    nonce: Buffer.from(sha256(utf8(seed)).subarray(0, 16)).toString('hex'),
    name,
    founders: founders.map(({ id }) => id),
    threshold,
    defaults: { tlp: 'AMBER', pap: 'GREEN' },
    retention: { minMs: DAY, maxMs: 90 * DAY, defaultMs: 30 * DAY },
    erasureDelayMs: DAY
  }
  const [first] = founders
  if (first === undefined) throw new RangeError('a circle has founders')
  const register = sealed({ kind: 'charter', author: first.id, number: START - DAY, value: charter }, first.root)
  return { id: circleIdOf(charter), name, charter, register }
}

export const statement = {
  acceptance: (one: Party, circle: CircleMade, number: number): SignedRegister =>
    sealed({ kind: 'acceptance', author: one.id, circle: circle.id, number, value: { name: circle.name } }, one.root),
  vouch: (one: Party, subject: Party, circle: CircleMade, number: number, expires: number): SignedRegister =>
    sealed(
      {
        kind: 'vouch',
        author: one.id,
        subject: subject.id,
        circle: circle.id,
        number,
        value: { name: subject.name, domains: [`${subject.name}.example`], how: 'phone', checkedAt: number, expires }
      },
      one.root
    ),
  revocation: (one: Party, subject: Party, circle: CircleMade, number: number, lifted: boolean): SignedRegister =>
    sealed(
      {
        kind: 'revocation',
        author: one.id,
        subject: subject.id,
        circle: circle.id,
        number,
        value: { reason: 'simulated', ...(lifted ? { lifted } : {}) }
      },
      one.root
    ),
  resignation: (one: Party, circle: CircleMade, number: number): SignedRegister =>
    sealed({ kind: 'resignation', author: one.id, circle: circle.id, number, value: {} }, one.root)
}
