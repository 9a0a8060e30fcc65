/** What the network may know of the rosters: who is a member with whom, by the rosters held now. */
import type { Circles } from '@tocsin/network'
import type { Replica } from '@tocsin/replica'

/** Members alone: a candidate or a founder who has not accepted hears of nobody's address. */
export function circlesOf({ book, identity }: Replica): Circles {
  const own = () => [...book.view.circlesOf(identity.institution)]
  return {
    own,
    sharedWith(institution) {
      const others = book.view.circlesOf(institution)
      return own().filter((circle) => others.has(circle))
    }
  }
}
