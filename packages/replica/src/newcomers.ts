/** Who joined so recently that his quotas are tighter (DESIGN §8.5). */
import type { InstitutionId } from '@tocsin/model'
import type { Book } from './book.ts'
import { HOUR, NEWCOMER_FOR } from './constants.ts'
import type { Peers } from './peers.ts'
import type { World } from './types.ts'

/** Answers kept; they change with days, and are asked for each batch. */
const MOST = 4096

/**
 * True for a member of rank 1 or more whose k-th vouch is younger than 30 days in every circle, and for a peer without
 * any circle for as long. By the vouchers' numbers, not by the newcomer's own acceptance, which he dates himself; a
 * founder is none.
 */
export function createNewcomers({
  world,
  book,
  peers
}: {
  world: Pick<World, 'now'>
  book: Book
  peers: Pick<Peers, 'get'>
}): (author: InstitutionId) => boolean {
  const known = new Map<InstitutionId, { readonly value: boolean; readonly at: number }>()

  function isNewcomer(author: InstitutionId): boolean {
    const since = world.now() - NEWCOMER_FOR
    const circles = [...book.view.circlesOf(author)]
    if (circles.length === 0) return (peers.get(author)?.addedAt ?? Number.POSITIVE_INFINITY) > since
    return circles.every((circle) => {
      const roster = book.roster(circle)
      const member = roster?.members.get(author)
      if (roster === undefined || member === undefined) return true
      if (member.rank === 0) return false
      const dates = book
        .statements(circle)
        .flatMap((one) =>
          one.kind === 'vouch' && one.subject === author && member.vouchedBy.includes(one.author) ? [one.number] : []
        )
        .sort((a, b) => a - b)
      return (dates[roster.threshold - 1] ?? Number.POSITIVE_INFINITY) > since
    })
  }

  return (author) => {
    const now = world.now()
    const last = known.get(author)
    if (last !== undefined && Math.abs(now - last.at) < HOUR) return last.value
    if (known.size >= MOST) known.clear()
    const value = isNewcomer(author)
    known.set(author, { value, at: now })
    return value
  }
}
