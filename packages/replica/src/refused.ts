/** What was refused here by its audience or its author, so that it need not come once more for the same answer. */
import {
  closedStream,
  createBoundedCache,
  type DecodedDescriptor,
  type SignedRegister,
  type StreamDescriptor
} from '@tocsin/journal'
import type { InstitutionId, StreamId, Verdict } from '@tocsin/model'
import { type ForkProof, mayHop, mayHopFork, mayHopRegister } from '@tocsin/trust'
import type { Book } from './book.ts'
import type { Foreign } from './foreign.ts'
import type { Streams } from './streams.ts'

export interface Refused {
  stream(stream: DecodedDescriptor): void
  register(signed: SignedRegister): void
  fork(proof: ForkProof): void
  /**
   * How this key, up to this number, would be refused again if this peer brought it now. Undefined for
   * what was not refused here, and for reasons that lie in the entries or in time: then it has to come to be judged.
   * Whatever lifts the answer is told as a changed roster.
   */
  again(peer: InstitutionId, key: string, number: number): Again | undefined
}

interface Again {
  readonly code: string
  /** Of a stream that may not come this way. */
  readonly descriptor?: StreamDescriptor
}

/** A few hundred bytes each. Keys are hashes of what the answer rests on, so nobody's bytes speak for another key. */
const MOST = 4096

interface Known {
  readonly hop: (from: InstitutionId) => Verdict
  readonly stream?: Pick<DecodedDescriptor, 'id' | 'descriptor'>
}

export function createRefused(deps: {
  self: InstitutionId
  book: Pick<Book, 'view' | 'closing'>
  streams: Pick<Streams, 'get'>
  foreignBook: Pick<Foreign, 'get'>
}): Refused {
  const { self, book, streams, foreignBook } = deps
  const known = createBoundedCache<string, Known>(MOST)

  /** What this store did not write stays outside until the operator claims it, or its closing says where it ends. */
  function isForeign(stream: StreamId, number: number): boolean {
    const seen = foreignBook.get(stream)
    // Beyond what was seen it is news; at a place that is held it shows a fork.
    return (
      seen !== undefined &&
      !seen.claimed &&
      number <= seen.seq &&
      number > (streams.get(stream)?.state.seq ?? 0) &&
      book.closing(stream) === undefined
    )
  }

  return {
    stream: ({ id, descriptor }) =>
      known.set(id, { hop: (from) => mayHop(descriptor, from, self, book.view), stream: { id, descriptor } }),
    register: ({ address, register }) => {
      if (register.kind === 'closing') {
        const { descriptor } = closedStream(register.value)
        known.set(address, { hop: (from) => mayHopFork(descriptor, from, self, book.view) })
        return
      }
      const { kind, author, circle, subject } = register
      known.set(address, { hop: (from) => mayHopRegister({ kind, author, circle, subject }, from, self, book.view) })
    },
    fork: ({ key, descriptor }) => known.set(key, { hop: (from) => mayHopFork(descriptor, from, self, book.view) }),
    again: (peer, key, number) => {
      const one = known.get(key)
      if (one === undefined) return undefined
      const verdict = one.hop(peer)
      const { stream } = one
      if (!verdict.allowed)
        return { code: verdict.code, ...(stream === undefined ? {} : { descriptor: stream.descriptor }) }
      return stream?.descriptor.author === self && isForeign(stream.id, number) ? { code: 'foreign-entry' } : undefined
    }
  }
}
