/**
 * Bodies that are missing for a retraction that nobody can show any more: its author forked the retraction stream, and what
 * lies behind the split goes to nobody; but somebody may lawfully have erased for it before he heard of that. A newcomer
 * must not be stopped by it, nor must a relay use it to leave out what others have (DESIGN §4, decision 0029).
 */
import { type DecodedDescriptor, type EntryHeader, quarterStart } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import type { Book } from './book.ts'
import { EXCUSE_LAPSE, EXCUSE_PATIENCE, FORK_NEWS, MAX_AHEAD, MAX_EXCUSES } from './constants.ts'
import type { ForkBook, HeldFork } from './fork-book.ts'
import { erasureDelayOf } from './rules.ts'
import { audienceKey, type World } from './types.ts'

export interface ForkExcuses {
  /** May the chain go on without this body? Not before others were asked for it. */
  excuses(stream: DecodedDescriptor, header: Pick<EntryHeader, 'seq' | 'clock'>): boolean
  /** An entry came whole: if it is the one that was offered without its body, that was no erasure. */
  cameWhole(stream: StreamId, seq: number): void
}

export function createForkExcuses(deps: {
  world: Pick<World, 'now'>
  book: Pick<Book, 'charter'>
  forkBook: Pick<ForkBook, 'by'>
}): ForkExcuses {
  const { world, book, forkBook } = deps
  const waits = new Map<StreamId, { readonly seq: number; readonly since: number; readonly last: number }>()

  function mayBeNamed({ descriptor: of }: DecodedDescriptor, clock: number): boolean {
    // Nobody erases sooner than the charter's delay after it was written; the root key's erase-now is lost with the split.
    if (clock + erasureDelayOf(book, of.circle) > world.now() + 2 * MAX_AHEAD) return false
    for (const fork of forkBook.by(of.author)) if (couldName(fork, of, clock)) return true
    return false
  }

  return {
    excuses: (stream, { seq, clock }) => {
      if (!mayBeNamed(stream, clock)) return false
      const now = world.now()
      const before = waits.get(stream.id)
      const goesOn = before !== undefined && Math.abs(now - before.last) < EXCUSE_LAPSE
      const since = goesOn ? before.since : now
      waits.delete(stream.id)
      const [oldest] = waits.keys()
      if (oldest !== undefined && waits.size >= MAX_EXCUSES) waits.delete(oldest)
      waits.set(stream.id, { seq, since, last: now })
      return Math.abs(now - since) >= EXCUSE_PATIENCE
    },
    cameWhole: (stream, seq) => {
      if (waits.get(stream)?.seq === seq) waits.delete(stream)
    }
  }
}

/** A retraction behind this split: of the same audience, not signed after its quarter, not erased for once all had heard. */
function couldName({ sides, heardAt }: HeldFork, of: DecodedDescriptor['descriptor'], clock: number): boolean {
  if (clock > heardAt + FORK_NEWS) return false
  return sides.some(
    ({ descriptor }) =>
      descriptor.kind === 'retraction' &&
      audienceKey(descriptor) === audienceKey(of) &&
      clock < quarterStart(descriptor.quarter + 1)
  )
}
