import type { CircleId, InstitutionId, Tlp, Verdict } from '@tocsin/model'
import type { RosterView } from './view.ts'

/** Which row of the hop rule refused. */
export type HopCode =
  | 'labels-contradictory'
  | 'unknown-circle'
  | 'red-relayed'
  | 'red-not-recipient'
  | 'strict-relayed'
  | 'strict-not-member'
  | 'amber-sender-not-member'
  | 'amber-receiver-not-member'
  | 'amber-author-not-member'
  | 'green-no-shared-circle'
  | 'clear-author-unknown'

/** The part of a stream descriptor that says who may hold the stream: signed by its origin, so no relay can widen it. */
export interface Audience {
  readonly author: InstitutionId
  readonly tlp: Tlp
  readonly circle?: CircleId | undefined
  readonly recipient?: InstitutionId | undefined
}

const ALLOWED: Verdict<never> = { allowed: true }

/**
 * The hop rule (DESIGN §5, TLP 2.0): may a stream go from one institution to another, by the rosters in `view`? The
 * sender asks before it sends and the receiver before it admits, each with its own view; that the two are on each
 * other's allow-list was decided before.
 */
export function mayHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: RosterView): Verdict<HopCode> {
  // Contradictory labels are refused before anything else, never guessed.
  if (!wellLabelled(stream)) return refused('labels-contradictory')
  // Recovery: whoever holds a stream may bring it back to its own author.
  if (to === stream.author) return ALLOWED
  switch (stream.tlp) {
    case 'RED':
      return redHop(stream, from, to)
    case 'AMBER+STRICT':
      return strictHop(stream, from, to, view)
    case 'AMBER':
      return amberHop(stream, from, to, view)
    case 'GREEN':
      return greenHop(stream, from, to, view)
    case 'CLEAR':
      // Each side asks about its own knowledge: the sender holds the stream, so it knew the author once.
      return view.knows(stream.author) ? ALLOWED : refused('clear-author-unknown')
    default:
      // A label from outside the type system is refused too.
      return refused('labels-contradictory')
  }
}

/** AMBER and AMBER+STRICT name a circle, RED a recipient, GREEN and CLEAR neither: GREEN means the whole community. */
function wellLabelled(stream: Audience): boolean {
  const needsCircle = stream.tlp === 'AMBER' || stream.tlp === 'AMBER+STRICT'
  return (stream.circle !== undefined) === needsCircle && (stream.recipient !== undefined) === (stream.tlp === 'RED')
}

function redHop(stream: Audience, from: InstitutionId, to: InstitutionId): Verdict<HopCode> {
  if (from !== stream.author) return refused('red-relayed')
  return to === stream.recipient ? ALLOWED : refused('red-not-recipient')
}

function strictHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: RosterView): Verdict<HopCode> {
  // Relaying is an offence whatever the rosters say, so it is judged without them.
  if (from !== stream.author) return refused('strict-relayed')
  const circle = stream.circle
  if (circle === undefined || view.roster(circle) === undefined) return refused('unknown-circle')
  return view.isMember(circle, from) && view.isMember(circle, to) ? ALLOWED : refused('strict-not-member')
}

function amberHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: RosterView): Verdict<HopCode> {
  const circle = stream.circle
  if (circle === undefined || view.roster(circle) === undefined) return refused('unknown-circle')
  if (!view.isMember(circle, stream.author)) return refused('amber-author-not-member')
  if (!view.isMember(circle, from)) return refused('amber-sender-not-member')
  return view.isMember(circle, to) ? ALLOWED : refused('amber-receiver-not-member')
}

function greenHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: RosterView): Verdict<HopCode> {
  for (const circle of view.circlesOf(stream.author))
    if (view.isMember(circle, from) && view.isMember(circle, to)) return ALLOWED
  return refused('green-no-shared-circle')
}

function refused<C extends string>(code: C): Verdict<C> {
  return { allowed: false, code }
}
