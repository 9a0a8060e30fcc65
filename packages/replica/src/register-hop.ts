/** The hop rule of whatever is a register: a closing goes to the audience of its stream, all others as trust says. */
import { closedStream, type Register } from '@tocsin/journal'
import type { InstitutionId, Verdict } from '@tocsin/model'
import { mayHopFork, mayHopRegister, type RosterView } from '@tocsin/trust'

/** @param asker whose view it is: `from` before it sends, `to` before it admits */
export function mayHopAny(
  register: Register,
  from: InstitutionId,
  to: InstitutionId,
  view: RosterView,
  asker: InstitutionId = to
): Verdict {
  // Like the proof of a fork it says nothing of what was said, and reaches all who may have heard it.
  return register.kind === 'closing'
    ? mayHopFork(closedStream(register.value).descriptor, from, to, view)
    : mayHopRegister(register, from, to, view, asker)
}
