/** The door for proofs of forks, which anybody of a stream's audience may bring. */
import { JournalError } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { type Store, StoreError, type Tx } from '@tocsin/store'
import { FORK_PROOF_MARK, type ForkProof, forkProofSigned, mayHopFork, parseForkProof, TrustError } from '@tocsin/trust'
import { isPast, keyFault } from './author-door.ts'
import type { Book } from './book.ts'
import { MAX_AHEAD, MAX_FORKS_OF_ONE, MINUTE } from './constants.ts'
import type { ForkBook } from './fork-book.ts'
import type { Forks } from './forks.ts'
import type { Quotas } from './quotas.ts'
import { Refusal, soonest } from './refusal.ts'
import type { Refused } from './refused.ts'
import type { Streams } from './streams.ts'
import type { Identity, Outcome, World } from './types.ts'

export interface AdmitForkDeps {
  readonly world: World
  readonly identity: Identity
  readonly store: Store
  readonly streams: Streams
  readonly book: Book
  readonly forkBook: ForkBook
  readonly forks: Forks
  readonly quotas: Quotas
  readonly refused: Pick<Refused, 'fork'>
}

/** True for what travels among the registers and is a proof of a fork. */
export function isForkProof(bytes: Uint8Array): boolean {
  return bytes[0] === FORK_PROOF_MARK
}

/** @returns what admits a peer's proofs, in one atomic write; the outcome names the last refusal, if any */
export function createAdmitFork(
  deps: AdmitForkDeps
): (proofs: readonly Uint8Array[], from: InstitutionId) => Promise<Outcome> {
  const { world, identity, store, streams, book, forkBook, forks, quotas } = deps

  return async (proofs, from) => {
    let accepted = 0
    let refusal: Refusal | undefined
    try {
      const parsed = proofs.map(parseForkProof)
      await store.transact((tx) => {
        for (const proof of parsed) {
          const why = judge(proof, from) ?? afford(tx, proof)
          if (why?.verdict === 'reject') throw why
          if (why === undefined) accepted += forks.keep(tx, proof, from) ? 1 : 0
          else if (why.code !== 'old-register') refusal = soonest(refusal, why)
        }
      })
    } catch (error) {
      accepted = 0
      refusal = asRefusal(error)
    }
    if (refusal === undefined) return { verdict: 'accept', accepted, have: 0 }
    const { retryAfter } = refusal.facts
    return {
      verdict: refusal.verdict,
      code: refusal.code,
      accepted,
      have: 0,
      ...(retryAfter === undefined ? {} : { retryAfter })
    }
  }

  function judge(proof: ForkProof, from: InstitutionId): Refusal | undefined {
    const { descriptor, sides, key, seq } = proof
    const now = world.now()
    const known = forkBook.get(key)
    if (known !== undefined && known.seq <= seq) return Refusal.ignore('old-register')
    // [IGNORE] to whom it may go, by the rosters held here.
    const hop = mayHopFork(descriptor, from, identity.institution, book.view)
    if (!hop.allowed) {
      deps.refused.fork(proof)
      return Refusal.ignore(hop.code)
    }
    for (const { stream, entry } of sides) {
      const fault = keyFault({ world, identity, book }, stream.descriptor, stream.id)
      if (fault !== undefined) return Refusal.ignore(fault)
      if (isPast(book, stream.descriptor, now)) return Refusal.ignore('overdue')
      const ahead = entry.header.clock - now - MAX_AHEAD
      if (ahead > 0) return Refusal.ignore('too-new', { retryAfter: Math.max(ahead, MINUTE) })
    }
    // [IGNORE] of streams that nobody showed us there could be any number.
    if (known === undefined && !isHeld(proof) && unheld(descriptor.author) >= MAX_FORKS_OF_ONE)
      return Refusal.ignore('too-many-forks')
    // [REJECT] made up: signatures are checked late, since they cost more than all before.
    if (!forkProofSigned(proof)) return Refusal.reject('bad-signature')
    return undefined
  }

  function afford(tx: Tx, { descriptor }: ForkProof): Refusal | undefined {
    const draw = quotas.forks(descriptor.author)
    const wait = draw.take(1)
    if (wait !== undefined) return Refusal.ignore(wait.code, wait)
    tx.committed(draw.keep)
    return undefined
  }

  function isHeld({ sides }: ForkProof): boolean {
    return sides.some(({ stream }) => streams.get(stream.id) !== undefined)
  }

  function unheld(author: InstitutionId): number {
    let count = 0
    for (const fork of forkBook.by(author)) if (!fork.streams.some((id) => streams.get(id) !== undefined)) count += 1
    return count
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof TrustError || error instanceof JournalError)
    return error.code.endsWith('-version') ? Refusal.ignore('unknown-version') : Refusal.reject(error.code)
  if (error instanceof StoreError) return Refusal.ignore(error.code, { retryAfter: MINUTE })
  throw error
}
