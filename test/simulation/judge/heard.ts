/** 1: AMBER and AMBER+STRICT flow while min(k, members − 2) others were heard of within seven days. */
import type { CircleId } from '@tocsin/model'
import { DAY, MINUTE } from '../parties.ts'
import type { Process } from '../sim-node.ts'

/** Of how many others this node has heard, where that is too few for anything of the circle to flow from it. */
export function heardOfFew({ node, replica }: Process, circle: CircleId): number | undefined {
  const roster = replica.book.roster(circle)
  if (roster === undefined) return undefined
  const since = replica.world.now() - 7 * DAY - MINUTE
  const heard = [...replica.book.saidIn(circle, 'presence')].filter(
    ({ register: { author, number } }) => author !== node.party.id && roster.members.has(author) && number > since
  )
  return heard.length < Math.min(roster.threshold, roster.members.size - 2) ? heard.length : undefined
}
