import { type CircleId, type InstitutionId, TLPS, type Tlp, type Verdict } from '@tocsin/model'
import type { RosterView } from './view.ts'

/** The rows of the hop rule that refuse, each with the sentence that an officer is shown. */
export const HOP_CODES = {
  'labels-contradictory':
    'The labels contradict each other: AMBER and AMBER+STRICT name a circle, RED a recipient, GREEN and CLEAR neither.',
  'unknown-circle': 'The circle that the stream names is not known here.',
  'red-relayed': 'TLP:RED comes from its author alone; it is never relayed.',
  'red-not-recipient': 'TLP:RED goes to the named recipient alone.',
  'strict-relayed': 'TLP:AMBER+STRICT comes from its author alone; it is never relayed.',
  'strict-not-member': 'TLP:AMBER+STRICT goes from a member of the circle to a member of it.',
  'amber-author-not-member': 'The author is not, or no longer, a member of the circle.',
  'amber-sender-not-member': 'The sender is no member of the circle.',
  'amber-receiver-not-member': 'The receiver is no member of the circle.',
  'green-no-shared-circle': 'Author, sender and receiver share no circle.',
  'clear-author-unknown': 'The author is neither a peer nor a member of any circle known here.'
} as const satisfies Record<string, string>

/** Which row of the hop rule refused. */
export type HopCode = keyof typeof HOP_CODES

/** What the rule asks of a view; a roster is only asked whether it exists. */
export type HopView = Pick<RosterView, 'circlesOf' | 'isMember' | 'knows'> & { roster(circle: CircleId): unknown }

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
export function mayHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: HopView): Verdict<HopCode> {
  // Unknown and contradictory labels are refused before anything else, recovery included; they are never guessed.
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
  }
}

/** AMBER and AMBER+STRICT name a circle, RED a recipient, GREEN and CLEAR neither: GREEN means the whole community. */
function wellLabelled(stream: Audience): boolean {
  // A label from outside the type system.
  if (!TLPS.includes(stream.tlp)) return false
  const needsCircle = stream.tlp === 'AMBER' || stream.tlp === 'AMBER+STRICT'
  return (stream.circle !== undefined) === needsCircle && (stream.recipient !== undefined) === (stream.tlp === 'RED')
}

function redHop(stream: Audience, from: InstitutionId, to: InstitutionId): Verdict<HopCode> {
  if (from !== stream.author) return refused('red-relayed')
  return to === stream.recipient ? ALLOWED : refused('red-not-recipient')
}

function strictHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: HopView): Verdict<HopCode> {
  // Relaying is an offence whatever the rosters say, so it is judged without them.
  if (from !== stream.author) return refused('strict-relayed')
  const circle = stream.circle
  if (circle === undefined || view.roster(circle) === undefined) return refused('unknown-circle')
  return view.isMember(circle, from) && view.isMember(circle, to) ? ALLOWED : refused('strict-not-member')
}

function amberHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: HopView): Verdict<HopCode> {
  const circle = stream.circle
  if (circle === undefined || view.roster(circle) === undefined) return refused('unknown-circle')
  if (!view.isMember(circle, stream.author)) return refused('amber-author-not-member')
  if (!view.isMember(circle, from)) return refused('amber-sender-not-member')
  return view.isMember(circle, to) ? ALLOWED : refused('amber-receiver-not-member')
}

function greenHop(stream: Audience, from: InstitutionId, to: InstitutionId, view: HopView): Verdict<HopCode> {
  for (const circle of view.circlesOf(stream.author))
    if (view.isMember(circle, from) && view.isMember(circle, to)) return ALLOWED
  return refused('green-no-shared-circle')
}

function refused<C extends string>(code: C): Verdict<C> {
  return { allowed: false, code }
}
