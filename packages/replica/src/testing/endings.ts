/** What a root key says of the end of streams and node keys, and streams with a known number of entries. */
import { type Closing, prepareRegister, type SignedRegister, signingKey, signRegister, toHex } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import type { Outcome } from '../types.ts'
import type { Forged } from './forge.ts'
import { cardOf, type Institution } from './institution.ts'
import type { Inhabitant } from './town.ts'

interface Closed {
  readonly id: StreamId
  readonly descriptor: Uint8Array
}

/** What the root key of `who` says of the end of a stream. */
export function closing(who: Institution, { id, descriptor }: Closed, last: number, head?: EntryId): Uint8Array {
  const value: Closing = { stream: toHex(descriptor), last, ...(head === undefined ? {} : { head }) }
  return signed(who, { kind: 'closing', author: who.id, stream: id, number: 1, value }).bytes
}

export function signed(who: Institution, fields: Parameters<typeof prepareRegister>[0]): SignedRegister {
  return signRegister(prepareRegister(fields), who.root)
}

/** The card that ends the node key of `who` and begins the one that was named as the next. */
export function rotated(who: Institution, now: number): Uint8Array {
  const keys = [
    { key: who.node, until: now },
    { key: who.next, from: now }
  ]
  return cardOf(who, { number: now, keys, next: toHex(signingKey(new Uint8Array(32).fill(7)).publicKey) }).bytes
}

export function bulletins(stream: Forged, count: number): void {
  for (let n = 0; n < count; n++) stream.add()
}

export function headAt(stream: Forged, seq: number): EntryId {
  const header = stream.headers[seq - 1]
  if (header === undefined) throw new RangeError('no such entry')
  return header.id
}

/** Hands a stream over as its author does. */
export function give(author: Institution, stream: Forged, to: Inhabitant, last?: number): Promise<Outcome> {
  return to.replica.admit(stream.batch(author, to.who, last === undefined ? {} : { first: 1, last }))
}

/** How far a stream is shown by its holder. */
export function headOf(at: Inhabitant, { id }: { readonly id: StreamId }): { seq: number; id: EntryId } | undefined {
  return at.replica.sync.head(id)
}
