/** Who joined so recently that his quotas are tighter (DESIGN §8.5). */
import { type CircleId, DEFAULT_QUOTAS, type InstitutionId, quotasOf } from '@tocsin/model'
import { dayOf, isNewcomer } from '@tocsin/trust'
import type { Book } from './book.ts'
import type { Peers } from './peers.ts'
import type { World } from './types.ts'

export interface Newcomers {
  /** The part of a quota that an author has, more than 0 and at most 1. */
  partOf(author: InstitutionId, circle: CircleId | undefined): number
  /** Bytes that a peer may send ahead of admission: the most that a circle in common lets it, and a session's least. */
  pendingBytes(peer: InstitutionId): number
}

/** The least window that a session works with (docs/protocol.md, Session). */
const LEAST_PENDING = 2 ** 20

/**
 * In a circle by that circle's charter and roster alone. Of what belongs to no circle the greatest part in any circle of
 * *ours*: anybody can found one of his own, in which he is no newcomer. A peer without a circle in common is one for as
 * long since it was added, and whoever is neither always.
 */
export function createNewcomers({
  world,
  book,
  peers,
  self
}: {
  world: Pick<World, 'now'>
  book: Pick<Book, 'roster' | 'charter' | 'view'>
  peers: Pick<Peers, 'get'>
  self: InstitutionId
}): Newcomers {
  function partIn(circle: CircleId, author: InstitutionId): number {
    const { newcomerDays, newcomerPercent } = quotasOf(book.charter(circle))
    const member = book.roster(circle)?.members.get(author)
    const isSettled = member !== undefined && !isNewcomer(member, dayOf(world.now()), newcomerDays)
    return isSettled ? 1 : newcomerPercent / 100
  }

  const shared = (author: InstitutionId): CircleId[] =>
    [...book.view.circlesOf(author)].filter((one) => book.view.isMember(one, self))

  function partOf(author: InstitutionId, circle: CircleId | undefined): number {
    if (author === self) return 1
    if (circle !== undefined) return partIn(circle, author)
    const circles = shared(author)
    if (circles.length > 0) return Math.max(...circles.map((one) => partIn(one, author)))
    const { newcomerDays, newcomerPercent } = DEFAULT_QUOTAS
    const days = dayOf(world.now()) - dayOf(peers.get(author)?.addedAt ?? world.now())
    return days < newcomerDays ? newcomerPercent / 100 : 1
  }

  return {
    partOf,
    pendingBytes: (peer) => {
      const circles = shared(peer)
      const most =
        circles.length === 0
          ? DEFAULT_QUOTAS.pendingBytes * partOf(peer, undefined)
          : Math.max(...circles.map((one) => quotasOf(book.charter(one)).pendingBytes * partIn(one, peer)))
      return Math.max(LEAST_PENDING, Math.floor(most))
    }
  }
}
