/** Streams and batches made by hand, lawful or not: what a careless or hostile author and relay can send. */
import {
  decodeDescriptor,
  type EntryKind,
  encodeDescriptor,
  quarterOf,
  type SignedHeader,
  type SigningKey,
  type StreamDescriptor,
  sealBody,
  sealEntry,
  signedHeaderBytes
} from '@tocsin/journal'
import type { BulletinId, CircleId, EntryId, StreamId } from '@tocsin/model'
import { dayOf, sealHopProof } from '@tocsin/trust'
import { DAY } from '../constants.ts'
import type { IncomingBatch, WireEntry } from '../hop-door.ts'
import type { Audience } from '../types.ts'
import type { Institution } from './institution.ts'
import { bulletin } from './town.ts'

export interface Forged {
  readonly id: StreamId
  readonly descriptor: Uint8Array
  readonly entries: WireEntry[]
  readonly headers: SignedHeader[]
  /** Seals one more entry at the end; what is given replaces what would be right. */
  add(more?: Seal): SignedHeader
  /** All entries or a range, as `from` hands them to `to`. */
  batch(
    from: Institution,
    to: Institution,
    range?: { first?: number; last?: number },
    proof?: ProofFields
  ): IncomingBatch
}

export interface Seal {
  readonly kind?: EntryKind | number
  readonly body?: Uint8Array
  readonly value?: object
  readonly clock?: number
  readonly keepUntil?: number
  readonly seq?: number
  readonly previous?: EntryId | null
  readonly stream?: StreamId
  readonly key?: SigningKey
}

export interface ProofFields {
  readonly digest?: string | undefined
  readonly key?: SigningKey
  readonly time?: number
  readonly last?: number
  readonly to?: Institution
}

let incarnations = 0

/** @param now ms: clock of the entries, and of the hop proofs */
export function forge(
  author: Institution,
  audience: Audience,
  now: () => number,
  more: Partial<StreamDescriptor> = {}
): Forged {
  incarnations += 1
  const descriptor = encodeDescriptor({
    author: author.id,
    nodeKey: author.nodeKey,
    incarnation: incarnations.toString(16).padStart(32, '0'),
    quarter: quarterOf(now()),
    kind: 'log',
    ...audience,
    ...more
  })
  const { id } = decodeDescriptor(descriptor)
  const entries: WireEntry[] = []
  const headers: SignedHeader[] = []

  return {
    id,
    descriptor,
    entries,
    headers,
    add: (seal = {}) => {
      const kind = seal.kind ?? 'bulletin'
      const value = seal.value ?? { ...bulletin([], now()).bulletin, attachments: [] }
      const body = seal.body ?? sealBody(typeof kind === 'number' ? 'bulletin' : kind, value as never)
      const header = sealEntry(
        seal.key ?? author.node,
        {
          stream: seal.stream ?? id,
          seq: seal.seq ?? headers.length + 1,
          previous: seal.previous === undefined ? (headers.at(-1)?.id ?? null) : seal.previous,
          clock: seal.clock ?? now(),
          kind,
          keepUntil: seal.keepUntil ?? now() + 30 * DAY
        },
        body
      )
      headers.push(header)
      entries.push({ header: signedHeaderBytes(header), body })
      return header
    },
    batch: (from, to, { first = 1, last = headers.length } = {}, proof = {}) => {
      const chosen = entries.slice(first - 1, last)
      const end = headers[last - 1]
      if (end === undefined) throw new RangeError('no such entries')
      return {
        from: from.id,
        descriptor,
        entries: chosen,
        proof: sealHopProof(proof.key ?? from.node, {
          from: from.id,
          to: (proof.to ?? to).id,
          stream: id,
          first: headers[first - 1]?.header.seq ?? 1,
          last: proof.last ?? end.header.seq,
          lastId: end.id,
          ...(proof.digest === undefined ? {} : { rosterDigest: proof.digest }),
          day: dayOf(now()),
          time: proof.time ?? now()
        })
      }
    }
  }
}

/** Two branches of one stream with so many entries in common, and so many in all. */
export function branches(
  author: Institution,
  audience: Audience,
  now: () => number,
  [common, one, other]: readonly [number, number, number],
  more: Partial<StreamDescriptor> = {}
): [Forged, Forged] {
  incarnations += 1
  const same = { incarnation: incarnations.toString(16).padStart(32, '0'), ...more }
  const [first, second] = [forge(author, audience, now, same), forge(author, audience, now, same)]
  for (let n = 0; n < common; n++) first.add()
  second.headers.push(...first.headers)
  second.entries.push(...first.entries)
  for (let n = common; n < one; n++) first.add()
  for (let n = common; n < other; n++) second.add()
  return [first, second]
}

/** The body of a bulletin that says nothing but its title. */
export function plainBulletin(title: string) {
  return {
    id: '00000000-0000-4000-8000-ffffffffffff' as BulletinId,
    title,
    text: '',
    threat: 'other' as const,
    pap: 'GREEN' as const,
    confidence: 50,
    tags: [],
    indicators: [],
    references: [],
    rules: [],
    about: [],
    attachments: []
  }
}

/** The same entries, each body replaced. */
export function withBodies(
  batch: IncomingBatch,
  change: (body: Uint8Array | null) => Uint8Array | null
): IncomingBatch {
  return { ...batch, entries: batch.entries.map(({ header, body }) => ({ header, body: change(body) })) }
}

export const STRANGE_CIRCLE = 'ee'.repeat(32) as CircleId
