/** 1: AMBER and AMBER+STRICT flow while min(k, members − 2) others were heard of within seven days. */
import { registerAddress, type SignedRegister } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import type { Roster } from '@tocsin/trust'
import { DAY, MINUTE } from '../parties.ts'
import type { Process } from '../sim-node.ts'

/** Of how many others this node has heard, where that is too few for anything of the circle to flow from it. */
export function heardOfFew(process: Process, circle: CircleId): number | undefined {
  const roster = process.replica.book.roster(circle)
  if (roster === undefined) return undefined
  const heard = heardOf(process, circle, roster)
  return heard.length < neededOf(roster) ? heard.length : undefined
}

/**
 * Does nothing of the circle flow from this node, for want of others or since they name a revocation that it lacks? Whoever
 * was revoked lacks it lawfully: nobody who holds it counts him among those who may hear of it.
 */
export function isSilenced(process: Process, circle: CircleId): boolean {
  const { book } = process.replica
  const roster = book.roster(circle)
  if (roster === undefined) return false
  const heard = heardOf(process, circle, roster)
  const namedBy = new Map<string, number>()
  let whole = 0
  for (const { register } of heard) {
    if (register.kind !== 'presence') continue
    const lacking = register.value.revocations.filter(({ author, subject, number }) => {
      const held = book.get(registerAddress('revocation', author, circle, subject))
      return (roster.members.has(author) || roster.founders.has(author)) && (held?.register.number ?? 0) < number
    })
    if (lacking.length === 0) whole += 1
    for (const { author, subject } of lacking) {
      const one = `${author} ${subject}`
      namedBy.set(one, (namedBy.get(one) ?? 0) + 1)
    }
  }
  const needed = neededOf(roster)
  return whole < needed || [...namedBy.values()].some((count) => count >= Math.max(1, needed))
}

function heardOf({ node, replica }: Process, circle: CircleId, roster: Roster): SignedRegister[] {
  const since = replica.world.now() - 7 * DAY - MINUTE
  return [...replica.book.saidIn(circle, 'presence')].filter(
    ({ register: { author, number } }) => author !== node.party.id && roster.members.has(author) && number > since
  )
}

/** min(k, members − 2) */
function neededOf({ threshold, members }: Roster): number {
  return Math.max(0, Math.min(threshold, members.size - 2))
}
