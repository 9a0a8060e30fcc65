import {
  type DecodedDescriptor,
  type SignedHeader,
  type SignedRegister,
  signedHeaderBytes,
  toHex
} from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { memberKeys } from './digest.ts'
import type { Evidence } from './evidence.ts'
import type { HopProof } from './hop-proof.ts'
import { misforward } from './misforward.ts'
import type { Roster } from './roster.ts'

type Stream = Pick<DecodedDescriptor, 'bytes' | 'descriptor' | 'id'>

/** What the receiver of an illegal batch holds. */
export interface RefusedBatch {
  /** Opened, and checked to be the proof of this batch. */
  readonly proof: HopProof
  readonly stream: Stream
  /** Header of the batch's last entry, if it verifies: shows that the entry itself was handed over. */
  readonly last?: SignedHeader | undefined
  /** The receiver's own roster of the stream's circle on the proof's day. */
  readonly roster?: Pick<Roster, 'circle' | 'members' | 'digest'> | undefined
}

/** Evidence of a misforward, or undefined where the proof shows none: rosters may just differ for a while (DESIGN §5). */
export function misforwardEvidence(batch: RefusedBatch, at: number): Evidence | undefined {
  const { proof, stream, last, roster } = batch
  if (proof.stream !== stream.id) return undefined
  const found = misforward(proof, stream.descriptor, roster)
  if (!found.offence) return undefined
  return {
    kind: 'misforward',
    accused: proof.from,
    code: found.code,
    at,
    parts: {
      proof: toHex(proof.bytes),
      descriptor: toHex(stream.bytes),
      ...(last === undefined ? {} : { header: headerHex(last) }),
      ...(found.basis === 'roster' && roster !== undefined ? { members: toHex(memberKeys(roster.members.keys())) } : {})
    }
  }
}

/** Evidence that an author signed two entries for one place of a stream. */
export function forkEntryEvidence(stream: Stream, one: SignedHeader, other: SignedHeader, at: number): Evidence {
  const parts = { descriptor: toHex(stream.bytes), header: headerHex(one), otherHeader: headerHex(other) }
  return ownFault('fork-entry', stream.descriptor.author, at, parts)
}

/** Evidence that an author opened two streams after the same one; each with any entry of it. */
export function forkStreamEvidence(
  one: { readonly stream: Stream; readonly entry: SignedHeader },
  other: { readonly stream: Stream; readonly entry: SignedHeader },
  at: number
): Evidence {
  return ownFault('fork-stream', one.stream.descriptor.author, at, {
    descriptor: toHex(one.stream.bytes),
    header: headerHex(one.entry),
    otherDescriptor: toHex(other.stream.bytes),
    otherHeader: headerHex(other.entry)
  })
}

/** Evidence that an author signed two registers with one number. */
export function forkRegisterEvidence(one: SignedRegister, other: SignedRegister, at: number): Evidence {
  const parts = { register: toHex(one.bytes), otherRegister: toHex(other.bytes) }
  return ownFault('fork-register', one.register.author, at, parts)
}

/** Evidence for oneself: an entry by a key of mine that my store did not write. */
export function foreignEntryEvidence(stream: Stream, entry: SignedHeader, at: number): Evidence {
  const parts = { descriptor: toHex(stream.bytes), header: headerHex(entry) }
  return ownFault('foreign-entry', stream.descriptor.author, at, parts)
}

/**
 * Evidence that an author's root key cut off an entry that its node key had signed. A theft looks the same: it shows
 * what was said, not who lied.
 */
export function disownedEvidence(stream: Stream, entry: SignedHeader, closing: Uint8Array, at: number): Evidence {
  const parts = { descriptor: toHex(stream.bytes), header: headerHex(entry), register: toHex(closing) }
  return ownFault('disowned', stream.descriptor.author, at, parts)
}

function ownFault(
  kind: Exclude<Evidence['kind'], 'misforward'>,
  accused: InstitutionId,
  at: number,
  parts: Evidence['parts']
): Evidence {
  return { kind, accused, code: kind, at, parts }
}

function headerHex(signed: SignedHeader): string {
  return toHex(signedHeaderBytes(signed))
}
