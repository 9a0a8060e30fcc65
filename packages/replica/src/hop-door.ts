/** The hop rule at the receiving door: is this batch from whom it says, for me, and may it come this way? */
import type { DecodedDescriptor, SignedHeader } from '@tocsin/journal'
import { admitKey, fromHex, verifyHeader } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import {
  checkHopProof,
  type HopProof,
  hopProofSignedBy,
  mayHop,
  misforwardEvidence,
  parseHopProof,
  TrustError
} from '@tocsin/trust'
import { type Book, linkKeys } from './book.ts'
import { MINUTE } from './constants.ts'
import { Refusal } from './refusal.ts'
import type { Identity, World } from './types.ts'

/** An entry as it travels: signed header (190 bytes) and body, null where it was erased. */
export interface WireEntry {
  readonly header: Uint8Array
  readonly body: Uint8Array | null
}

/** A contiguous range of one stream as a peer sent it, not yet judged. */
export interface IncomingBatch {
  readonly from: InstitutionId
  readonly descriptor: Uint8Array
  readonly entries: readonly WireEntry[]
  readonly proof: Uint8Array
}

interface Door {
  readonly world: World
  readonly identity: Identity
  readonly book: Book
}

/** Throws a Refusal when the batch may not come in this way; keeps evidence where the sender signed an offence. */
export function judgeHop(
  door: Door,
  batch: IncomingBatch,
  stream: DecodedDescriptor,
  headers: readonly SignedHeader[]
): void {
  const first = headers[0]
  const last = headers.at(-1)
  if (first === undefined || last === undefined) throw Refusal.reject('empty-batch')
  // [REJECT] the sender's own word for this very batch.
  const proof = openProof(door, batch)
  const about = {
    from: batch.from,
    to: door.identity.institution,
    stream: stream.id,
    first: first.header.seq,
    last: last.header.seq,
    lastId: last.id
  }
  const check = checkHopProof(proof, about, door.world.now())
  if (!check.allowed) {
    // A clock that is off is no offence, and one day it is set right.
    if (check.code === 'proof-other-time') throw Refusal.ignore(check.code, { retryAfter: MINUTE })
    throw Refusal.reject(check.code)
  }
  // [REJECT or IGNORE] the hop rule, by the roster held here (DESIGN §5).
  const { view } = door.book
  const verdict = mayHop(stream.descriptor, batch.from, door.identity.institution, view)
  if (verdict.allowed) return
  const roster = stream.descriptor.circle === undefined ? undefined : view.roster(stream.descriptor.circle)
  const signed = verifyHeader(admitKey(fromHex(stream.descriptor.nodeKey)), last) ? last : undefined
  const evidence = misforwardEvidence({ proof, stream, last: signed, roster }, door.world.now())
  if (evidence === undefined) throw Refusal.ignore(verdict.code)
  throw Refusal.reject(evidence.code, { evidence })
}

function openProof({ world, book }: Door, batch: IncomingBatch): HopProof {
  let proof: HopProof
  try {
    proof = parseHopProof(batch.proof)
  } catch (error) {
    if (error instanceof TrustError) throw Refusal.reject('bad-hop-proof')
    throw error
  }
  const card = book.card(batch.from)
  if (card === undefined) throw Refusal.ignore('author-card-unknown')
  const signed = linkKeys(card, world.now()).some((key) => hopProofSignedBy(proof, admitKey(fromHex(key))))
  if (!signed) throw Refusal.reject('bad-hop-proof')
  return proof
}
