/**
 * The hop rule as the design words it (§5; "off the roster" of §7), and nothing else. Each rule stands under its
 * sentence, with the number of the decision record where that left two readings. `model.test.ts` holds
 * `packages/trust` to it.
 */

import type { Charter, Roster, Statement } from './roster.ts'

/** A circle as one node sees it on one day. */
export type Circle = { charter: Charter; roster: Roster }

/** All that one node knows: who it is, its circles, and the institutions whose TLP:CLEAR it takes. */
export type View = { self: string; circles: readonly Circle[]; peers: ReadonlySet<string> }

/** The audience that a stream's descriptor signs. */
export type Stream = {
  author: string
  tlp: string | undefined
  circle?: string | undefined
  recipient?: string | undefined
}

/** A card names no circle; a charter the one it founds. */
export type Register = {
  kind: 'card' | 'charter' | Statement['kind']
  author: string
  circle?: string | undefined
  subject?: string | undefined
}

/** "Missing, unknown or contradictory labels are refused, never guessed." What each TLP names: §4, descriptor. */
export function isLabelled({ tlp, circle, recipient }: Stream): boolean {
  if (tlp === 'RED') return recipient !== undefined && circle === undefined
  if (tlp === 'AMBER' || tlp === 'AMBER+STRICT') return circle !== undefined && recipient === undefined
  // "GREEN with a circle named is refused (it means the community)."
  return (tlp === 'GREEN' || tlp === 'CLEAR') && circle === undefined && recipient === undefined
}

const areMembers = ({ roster }: Circle, ...all: readonly string[]) => all.every((who) => roster.ranks.has(who))

export function mayHop(stream: Stream, from: string, to: string, view: View): boolean {
  if (!isLabelled(stream)) return false
  const { author, tlp } = stream
  // "any: a holder → the stream's own author (recovery)", on the roster or off it (0021)
  if (to === author) return true
  const signed = view.circles.filter(({ charter }) => charter.circle === stream.circle)
  // "RED: author → the named recipient. Never relayed."
  if (tlp === 'RED') return from === author && to === stream.recipient
  // "AMBER+STRICT: author → member of the circle. Never relayed." Off the roster, an author's streams are frozen (§7).
  if (tlp === 'AMBER+STRICT') return from === author && signed.some((circle) => areMembers(circle, author, to))
  // "AMBER: member → member of the signed circle." Off the roster, an author's streams are frozen (§7).
  if (tlp === 'AMBER') return signed.some((circle) => areMembers(circle, author, from, to))
  // "GREEN: from, to and author are all in one shared circle."
  if (tlp === 'GREEN') return view.circles.some((circle) => areMembers(circle, author, from, to))
  // "CLEAR: any peer; a receiver declines authors it does not know", and a sender keeps them to itself (0021).
  return view.peers.has(author) || view.circles.some((circle) => areMembers(circle, author))
}

/**
 * "An illegal arrival is […] evidence: roster-free when to ≠ author and either from ≠ author (AMBER+STRICT, RED) or
 * to ≠ recipient (RED) […]; else only where both signed the same roster digest", which only a circle's stream has.
 */
export function isOffence(stream: Stream, from: string, to: string, view: View, sameDigest: boolean): boolean {
  const { author, tlp, circle, recipient } = stream
  if (to === author) return false
  if ((tlp === 'AMBER+STRICT' || tlp === 'RED') && from !== author) return true
  if (tlp === 'RED') return to !== recipient
  return circle !== undefined && sameDigest && !mayHop(stream, from, to, view)
}

type Standing = 'member' | 'struck' | 'left' | 'founder' | 'candidate' | 'outsider'

const vouchedFor = ({ roster }: Circle, by: string, who: string) =>
  roster.vouches.some((s) => s.author === by && s.subject === who)

/** Where somebody stands: a candidate is whoever a member vouches for; who leaves had a place to leave (0021). */
export function standing(circle: Circle, who: string): Standing {
  const { roster, charter } = circle
  if (roster.ranks.has(who)) return 'member'
  if (roster.struck.has(who)) return 'struck'
  const founder = charter.founders.includes(who)
  const vouched = [...roster.ranks.keys()].some((member) => vouchedFor(circle, member, who))
  if (roster.left.has(who) && (founder || vouched)) return 'left'
  return founder ? 'founder' : vouched ? 'candidate' : 'outsider'
}

/** "cards, charter, trust statements: member ↔ member; named founder ↔ named founder; candidate ↔ a member that …" */
function mayPair(circle: Circle, from: string, to: string, self: string): boolean {
  const [sender, receiver] = [standing(circle, from), standing(circle, to)]
  const named = (who: string, at: Standing) => circle.charter.founders.includes(who) && at !== 'struck' && at !== 'left'
  if (sender === 'member' && receiver === 'member') return true
  if (named(from, sender) && named(to, receiver)) return true
  // "… vouched for it", the one way and the other
  if (sender === 'candidate' && receiver === 'member') return vouchedFor(circle, to, from)
  if (sender === 'member' && receiver === 'candidate') return vouchedFor(circle, from, to)
  // A newcomer cannot know yet that its voucher is a member: for what it receives it takes its word (0008, 0021).
  const mayBeNew = self === to && (receiver === 'candidate' || receiver === 'outsider') && !circle.roster.left.has(to)
  return mayBeNew && sender !== 'struck' && !circle.roster.left.has(from) && vouchedFor(circle, from, to)
}

/** Whose statements may count in the fold (0021): "members relay a candidate's acceptance", and whether it resigned. */
function isHeard(circle: Circle, { kind, author }: Register): boolean {
  const at = standing(circle, author)
  if (kind === 'charter' || at === 'member' || circle.charter.founders.includes(author)) return true
  return at !== 'outsider' && (kind === 'acceptance' || kind === 'resignation')
}

/** How a candidacy begins (0008): one's own vouch goes to its subject, one's own acceptance or resignation to the circle. */
function begins(circle: Circle, register: Register, from: string, to: string): boolean {
  const [sender, receiver] = [standing(circle, from), standing(circle, to)]
  if (register.author !== from || sender === 'struck') return false
  if (register.kind === 'vouch') return register.subject === to && !circle.roster.left.has(from)
  if (register.kind !== 'acceptance' && register.kind !== 'resignation') return false
  const mayAnswer = sender !== 'member' && !circle.charter.founders.includes(from) && vouchedFor(circle, to, from)
  return mayAnswer || (sender !== 'outsider' && (receiver === 'member' || receiver === 'founder'))
}

export function mayHopRegister(register: Register, from: string, to: string, view: View): boolean {
  const { author, kind } = register
  const takesPart = (circle: Circle, who: string) => ['member', 'founder', 'candidate'].includes(standing(circle, who))
  if (kind === 'card') {
    // Its owner shows its own card to any peer, and may have it back (0021).
    if (from === author || to === author) return true
    return view.circles.some(
      (circle) => takesPart(circle, author) && takesPart(circle, to) && mayPair(circle, from, to, view.self)
    )
  }
  // Recovery, as of streams. A charter proves itself by its hash and gives nobody a right (0008).
  if (register.circle === undefined) return false
  if (to === author) return true
  const circle = view.circles.find(({ charter }) => charter.circle === register.circle)
  if (circle === undefined) return kind === 'charter'
  return begins(circle, register, from, to) || (mayPair(circle, from, to, view.self) && isHeard(circle, register))
}
