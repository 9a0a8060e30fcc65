import type { CircleId, InstitutionId, Verdict } from '@tocsin/model'
import type { Roster } from './roster.ts'
import { standingOf } from './standing.ts'
import type { RosterView } from './view.ts'

/** What the register hop rule refuses, each with the sentence that an officer is shown. */
export const REGISTER_HOP_CODES = {
  'register-kind-unsupported': 'A kind of register that this version does not exchange.',
  'register-without-circle': 'A charter, statement, receipt or presence that names no circle.',
  'unknown-circle': 'The charter of the circle is not held here yet.',
  'card-no-shared-circle':
    'No circle is known here in which the owner of the card, the sender and the receiver have a place.',
  'register-pair-outside': 'These two may not exchange what belongs to the circle, by the roster held here.',
  'register-author-outside': 'The author has no place in the circle, by the roster held here.'
} as const satisfies Record<string, string>

/** Which part of the register hop rule refused. */
export type RegisterHopCode = keyof typeof REGISTER_HOP_CODES

/** The part of a register that the rule reads. */
export interface HoppingRegister {
  readonly kind: string
  readonly author: InstitutionId
  /** The circle of a statement; of a charter, the circle it founds. */
  readonly circle?: CircleId | undefined
  readonly subject?: InstitutionId | undefined
}

const ALLOWED: Verdict<never> = { allowed: true }

/**
 * The hop rule of registers (DESIGN §§5 and 7), for cards, charters, trust statements, receipts and presences:
 *
 * - to its own author: always (recovery); a card from its own author to a peer: always;
 * - else between a pair of one circle: member ↔ member, named founder ↔ named founder, candidate ↔ a member that
 *   vouched for it; and about somebody who has a place there: a card of a member, founder or candidate, a statement of
 *   a member or founder, the acceptance or resignation of a candidate;
 * - a vouch goes from its author to its subject, and one's own acceptance or resignation to a founder, a member or
 *   whoever vouched for one: so that a candidate can begin;
 * - a charter may be taken from any peer while its circle is unknown: its hash proves it and it gives nobody any right.
 * - a receipt or presence goes among members alone, and is one of a member.
 *
 * A newcomer does not know yet that its voucher is a member: for what it is handed it takes the voucher's word. What it
 * hands on itself it may judge: nobody gives what belongs to a circle to whom it vouches for before it is a member.
 *
 * What a newcomer cannot judge yet is refused here and comes again when its roster has grown: a refusal between
 * honest nodes is *ignored*, never an offence. Whoever admits many registers should repeat until nothing more is
 * admitted, since each rank of the fold makes the next one judgeable.
 *
 * @param asker whose view it is: `from` before it sends, `to` before it admits
 */
export function mayHopRegister(
  register: HoppingRegister,
  from: InstitutionId,
  to: InstitutionId,
  view: RosterView,
  asker: InstitutionId = to
): Verdict<RegisterHopCode> {
  switch (register.kind) {
    case 'card':
      return mayHopCard(register.author, from, to, view, asker)
    case 'charter':
    case 'acceptance':
    case 'vouch':
    case 'revocation':
    case 'resignation':
      return mayHopInCircle(register, from, to, view, asker)
    case 'receipt':
    case 'presence':
      return mayHopAmongMembers(register, from, to, view)
    default:
      return refused('register-kind-unsupported')
  }
}

function mayHopCard(
  author: InstitutionId,
  from: InstitutionId,
  to: InstitutionId,
  view: RosterView,
  asker: InstitutionId
): Verdict<RegisterHopCode> {
  if (author === from || author === to) return ALLOWED
  const others = view.standsIn(author)
  for (const circle of view.standsIn(to)) {
    const roster = view.roster(circle)
    if (roster !== undefined && others.has(circle) && mayPair(roster, from, to, asker)) return ALLOWED
  }
  return refused('card-no-shared-circle')
}

function mayHopInCircle(
  register: HoppingRegister,
  from: InstitutionId,
  to: InstitutionId,
  view: RosterView,
  asker: InstitutionId
): Verdict<RegisterHopCode> {
  if (register.circle === undefined) return refused('register-without-circle')
  if (register.author === to) return ALLOWED
  const roster = view.roster(register.circle)
  if (roster === undefined) return register.kind === 'charter' ? ALLOWED : refused('unknown-circle')
  if (beginsCandidacy(register, from, to, roster)) return ALLOWED
  if (!mayPair(roster, from, to, asker)) return refused('register-pair-outside')
  return mayBeAuthor(register, roster) ? ALLOWED : refused('register-author-outside')
}

/** What the running nodes say to each other: who holds what, and who was there, is nobody's business but the circle's. */
function mayHopAmongMembers(
  { author, circle }: HoppingRegister,
  from: InstitutionId,
  to: InstitutionId,
  view: RosterView
): Verdict<RegisterHopCode> {
  if (circle === undefined) return refused('register-without-circle')
  if (author === to) return ALLOWED
  if (view.roster(circle) === undefined) return refused('unknown-circle')
  if (!view.isMember(circle, from) || !view.isMember(circle, to)) return refused('register-pair-outside')
  return view.isMember(circle, author) ? ALLOWED : refused('register-author-outside')
}

function beginsCandidacy(register: HoppingRegister, from: InstitutionId, to: InstitutionId, roster: Roster): boolean {
  if (register.author !== from) return false
  const standing = standingOf(roster, from)
  if (standing === 'struck') return false
  if (register.kind === 'vouch') return register.subject === to && !roster.resigned.has(from)
  if (register.kind !== 'acceptance' && register.kind !== 'resignation') return false
  // The receiver judges by the vouches it holds, the candidate by those it was told of.
  if (vouchesFor(roster, to, from)) return true
  if (standing === 'outsider') return false
  const receiver = standingOf(roster, to)
  return receiver === 'member' || receiver === 'founder'
}

/** May these two exchange what belongs to the circle? */
function mayPair(roster: Roster, from: InstitutionId, to: InstitutionId, asker: InstitutionId): boolean {
  const sender = standingOf(roster, from)
  const receiver = standingOf(roster, to)
  if (sender === 'member' && receiver === 'member') return true
  if (isFounder(roster, from, sender) && isFounder(roster, to, receiver)) return true
  if (sender === 'candidate' && receiver === 'member') return vouchesFor(roster, to, from)
  // A newcomer does not know yet that its voucher is a member: it takes its word until the statements have come.
  const unknown = asker === to && sender !== 'struck' && !roster.resigned.has(from)
  return (
    (sender === 'member' || unknown) &&
    (receiver === 'candidate' || receiver === 'outsider') &&
    !roster.resigned.has(to) &&
    vouchesFor(roster, from, to)
  )
}

function isFounder(roster: Roster, id: InstitutionId, standing: string): boolean {
  return roster.founders.has(id) && (standing === 'member' || standing === 'founder')
}

function vouchesFor(roster: Roster, voucher: InstitutionId, subject: InstitutionId): boolean {
  const candidate = roster.candidates.get(subject)
  return candidate?.vouchedBy.includes(voucher) === true || candidate?.claimedBy.includes(voucher) === true
}

/** Only what the fold can count is passed on; a struck founder's statements still decide rank 0 for everybody. */
function mayBeAuthor(register: HoppingRegister, roster: Roster): boolean {
  if (register.kind === 'charter') return true
  const standing = standingOf(roster, register.author)
  if (standing === 'member' || roster.founders.has(register.author)) return true
  if (standing === 'outsider') return false
  return register.kind === 'acceptance' || register.kind === 'resignation'
}

function refused<C extends string>(code: C): Verdict<C> {
  return { allowed: false, code }
}
