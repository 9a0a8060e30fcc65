import type { CircleId, InstitutionId } from '@tocsin/model'
import { type Case, fails, holds, type VectorFile } from './case.ts'
import { idOf } from './world.ts'

/** A roster as the hop rule of registers reads it; the institutions are ids. */
export interface RosterInput {
  readonly members: readonly InstitutionId[]
  readonly founders: readonly InstitutionId[]
  readonly candidates: Readonly<
    Record<
      InstitutionId,
      { readonly vouchedBy: readonly InstitutionId[]; readonly claimedBy: readonly InstitutionId[] }
    >
  >
  readonly struck: readonly InstitutionId[]
  readonly resigned: readonly InstitutionId[]
}

export interface HopInput {
  readonly stream: { author: InstitutionId; tlp: string; circle?: CircleId; recipient?: InstitutionId }
  readonly from: InstitutionId
  readonly to: InstitutionId
  /** Members of each circle whose roster is held. */
  readonly circles: Readonly<Record<CircleId, readonly InstitutionId[]>>
  /** The allow-list and the institution itself. */
  readonly peers: readonly InstitutionId[]
  readonly anyClearAuthor?: boolean
}

const ESR = 'c1'.repeat(32) as CircleId
const OTHER = 'c2'.repeat(32) as CircleId
const UNKNOWN = 'c3'.repeat(32) as CircleId

// Author A, members M and N, outsider X; P is a peer in no circle; the circle OTHER has M and P.
const CIRCLES = { [ESR]: ['A', 'M', 'N'].map(idOf), [OTHER]: ['M', 'P'].map(idOf) } as HopInput['circles']
const amber = { author: 'A', tlp: 'AMBER', circle: ESR }
const strict = { ...amber, tlp: 'AMBER+STRICT' }
const red = { author: 'A', tlp: 'RED', recipient: 'M' }
const green = { author: 'A', tlp: 'GREEN' }
const clear = { author: 'A', tlp: 'CLEAR' }

type Labels = { author: string; tlp: string; circle?: CircleId; recipient?: string }

const hops: readonly (readonly [string, Labels, string, string, string, Partial<HopInput>?])[] = [
  ['AMBER: author to member', amber, 'A', 'M', 'allowed'],
  ['AMBER: member to member', amber, 'M', 'N', 'allowed'],
  ['AMBER: member back to the author', amber, 'M', 'A', 'allowed'],
  ['AMBER: outsider to the author', amber, 'X', 'A', 'allowed'],
  ['AMBER: author to outsider', amber, 'A', 'X', 'amber-receiver-not-member'],
  ['AMBER: outsider to member', amber, 'X', 'M', 'amber-sender-not-member'],
  ['AMBER: of an author who is no member', { ...amber, author: 'X' }, 'M', 'N', 'amber-author-not-member'],
  ['AMBER: the author is asked about first', { ...amber, author: 'X' }, 'P', 'P', 'amber-author-not-member'],
  ['AMBER: members of another circle', amber, 'M', 'P', 'amber-receiver-not-member'],
  ['AMBER: of a circle that is not known', { ...amber, circle: UNKNOWN }, 'A', 'M', 'unknown-circle'],
  ['AMBER: of a circle that is not known, to the author', { ...amber, circle: UNKNOWN }, 'M', 'A', 'allowed'],
  ['AMBER+STRICT: author to member', strict, 'A', 'N', 'allowed'],
  ['AMBER+STRICT: relayed among members', strict, 'M', 'N', 'strict-relayed'],
  ['AMBER+STRICT: relayed to an outsider', strict, 'M', 'X', 'strict-relayed'],
  ['AMBER+STRICT: back to the author', strict, 'M', 'A', 'allowed'],
  ['AMBER+STRICT: author to outsider', strict, 'A', 'X', 'strict-not-member'],
  ['AMBER+STRICT: of an author who is no member', { ...strict, author: 'X' }, 'X', 'M', 'strict-not-member'],
  ['AMBER+STRICT: of a circle that is not known', { ...strict, circle: UNKNOWN }, 'A', 'M', 'unknown-circle'],
  ['AMBER+STRICT: relaying is judged before the circle', { ...strict, circle: UNKNOWN }, 'M', 'N', 'strict-relayed'],
  ['RED: author to recipient', red, 'A', 'M', 'allowed'],
  ['RED: recipient back to the author', red, 'M', 'A', 'allowed'],
  ['RED: author to another', red, 'A', 'N', 'red-not-recipient'],
  ['RED: relayed by the recipient', red, 'M', 'N', 'red-relayed'],
  ['RED: relayed to the recipient', red, 'N', 'M', 'red-relayed'],
  ['RED: to a recipient in no circle', { ...red, recipient: 'X' }, 'A', 'X', 'allowed'],
  ['GREEN: author to member', green, 'A', 'M', 'allowed'],
  ['GREEN: member to member', green, 'M', 'N', 'allowed'],
  ['GREEN: members of two different circles', green, 'M', 'P', 'green-no-shared-circle'],
  ['GREEN: outsider to member', green, 'X', 'M', 'green-no-shared-circle'],
  ['GREEN: of an author in no circle', { ...green, author: 'X' }, 'M', 'N', 'green-no-shared-circle'],
  ['GREEN: in the second of two circles', { ...green, author: 'M' }, 'M', 'P', 'allowed'],
  ['GREEN: of an author in no circle, back to it', { ...green, author: 'X' }, 'M', 'X', 'allowed'],
  ['CLEAR: author to anybody', clear, 'A', 'X', 'allowed'],
  ['CLEAR: relayed by anybody', clear, 'X', 'P', 'allowed'],
  ['CLEAR: of an author nobody knows', { ...clear, author: 'X' }, 'M', 'N', 'clear-author-unknown'],
  ['CLEAR: of a peer in no circle', { ...clear, author: 'X' }, 'M', 'N', 'allowed', { peers: [idOf('X')] }],
  ['CLEAR: where any author is taken', { ...clear, author: 'X' }, 'M', 'N', 'allowed', { anyClearAuthor: true }],
  ['AMBER without a circle', { author: 'A', tlp: 'AMBER' }, 'A', 'M', 'labels-contradictory'],
  ['AMBER with a recipient', { ...amber, recipient: 'M' }, 'A', 'M', 'labels-contradictory'],
  ['AMBER+STRICT without a circle', { author: 'A', tlp: 'AMBER+STRICT' }, 'A', 'M', 'labels-contradictory'],
  ['RED without a recipient', { author: 'A', tlp: 'RED' }, 'A', 'M', 'labels-contradictory'],
  ['RED with a circle', { ...red, circle: ESR }, 'A', 'M', 'labels-contradictory'],
  ['GREEN with a circle', { ...green, circle: ESR }, 'A', 'M', 'labels-contradictory'],
  ['CLEAR with a circle', { ...clear, circle: ESR }, 'A', 'M', 'labels-contradictory'],
  ['CLEAR with a recipient', { ...clear, recipient: 'M' }, 'A', 'M', 'labels-contradictory'],
  ['a label of TLP 1.0', { author: 'A', tlp: 'WHITE' }, 'A', 'M', 'labels-contradictory'],
  ['a label in lower case', { ...amber, tlp: 'amber' }, 'A', 'M', 'labels-contradictory'],
  ['contradictory labels to the author', { ...green, circle: ESR }, 'M', 'A', 'labels-contradictory']
]

// Founders F and G are members, H has not accepted; M is a member; C is vouched for by M and claims a vouch by V; D is
// vouched for by nobody who is a member; S was struck, SF is a struck founder; R resigned and is vouched for, Q
// resigned and claims a vouch by V.
const ROSTER: RosterInput = {
  members: ['F', 'G', 'M'].map(idOf),
  founders: ['F', 'G', 'H', 'SF'].map(idOf),
  candidates: {
    [idOf('C')]: { vouchedBy: [idOf('M')], claimedBy: [idOf('V')] },
    [idOf('D')]: { vouchedBy: [], claimedBy: [idOf('V')] },
    [idOf('R')]: { vouchedBy: [idOf('M')], claimedBy: [] },
    [idOf('Q')]: { vouchedBy: [], claimedBy: [idOf('V')] }
  },
  struck: ['S', 'SF'].map(idOf),
  resigned: ['R', 'Q'].map(idOf)
}

interface Hopping {
  readonly kind: string
  readonly author: string
  readonly circle?: CircleId
  readonly subject?: string
}
const card = (author: string): Hopping => ({ kind: 'card', author })
const charter: Hopping = { kind: 'charter', author: 'F', circle: ESR }
const says = (kind: string, author: string, subject?: string): Hopping => ({
  kind,
  author,
  circle: ESR,
  ...(subject === undefined ? {} : { subject })
})

/** The last: whose view it is, the receiver's where it is not said. */
const registers: readonly (readonly [string, Hopping, string, string, string, 'from'?])[] = [
  ['card: from its own author to anybody', card('X'), 'X', 'M', 'allowed'],
  ['card: back to its own author', card('M'), 'X', 'M', 'allowed'],
  ['card: of a member, between members', card('F'), 'G', 'M', 'allowed'],
  ['card: of a candidate, between members', card('C'), 'M', 'G', 'allowed'],
  ['card: of a founder who has not accepted', card('H'), 'F', 'M', 'allowed'],
  ['card: of an outsider, between members', card('X'), 'F', 'M', 'card-no-shared-circle'],
  ['card: of a struck one, between members', card('S'), 'F', 'M', 'card-no-shared-circle'],
  ['card: of one who resigned, between members', card('R'), 'F', 'M', 'card-no-shared-circle'],
  ['card: of a member, to an outsider', card('F'), 'M', 'X', 'card-no-shared-circle'],
  ['card: of a member, from an outsider', card('F'), 'X', 'M', 'card-no-shared-circle'],
  ['card: of a member, to the candidate of the sender', card('F'), 'M', 'C', 'allowed'],
  ['card: of a member, to a candidate of another', card('F'), 'G', 'C', 'card-no-shared-circle'],
  ['charter: between members', charter, 'G', 'M', 'allowed'],
  ['charter: member to founder', charter, 'F', 'H', 'allowed'],
  ['charter: to an outsider', charter, 'M', 'X', 'register-pair-outside'],
  ['charter: of a circle that is not known', { ...charter, circle: UNKNOWN }, 'X', 'P', 'allowed'],
  ['charter: without a circle', { kind: 'charter', author: 'F' }, 'F', 'M', 'register-without-circle'],
  [
    'statement of a circle that is not known',
    { ...says('vouch', 'F', 'C'), circle: UNKNOWN },
    'F',
    'M',
    'unknown-circle'
  ],
  ['statement without a circle', { kind: 'vouch', author: 'F', subject: 'C' }, 'F', 'M', 'register-without-circle'],
  ['statement: back to its own author', says('revocation', 'M', 'F'), 'X', 'M', 'allowed'],
  ['vouch: of a member, between members', says('vouch', 'F', 'C'), 'G', 'M', 'allowed'],
  ['vouch: of a candidate, between members', says('vouch', 'C', 'X'), 'G', 'M', 'register-author-outside'],
  ['vouch: of an outsider, between members', says('vouch', 'X', 'C'), 'G', 'M', 'register-author-outside'],
  ['vouch: of a struck founder, between members', says('vouch', 'SF', 'C'), 'G', 'M', 'allowed'],
  ['vouch: of a struck member, between members', says('vouch', 'S', 'C'), 'G', 'M', 'register-author-outside'],
  ['vouch: from its author to its subject', says('vouch', 'M', 'X'), 'M', 'X', 'allowed'],
  ['vouch: from an outsider to its subject', says('vouch', 'V', 'D'), 'V', 'D', 'allowed'],
  ['vouch: from a struck one to its subject', says('vouch', 'S', 'C'), 'S', 'C', 'register-pair-outside'],
  ['vouch: from one who resigned to its subject', says('vouch', 'R', 'C'), 'R', 'C', 'register-pair-outside'],
  ['vouch: by a relay to its subject', says('vouch', 'F', 'C'), 'G', 'C', 'register-pair-outside'],
  ['revocation: between members', says('revocation', 'F', 'M'), 'F', 'M', 'allowed'],
  ['revocation: of a struck one, between members', says('revocation', 'S', 'M'), 'F', 'G', 'register-author-outside'],
  ['acceptance: founder to founder', says('acceptance', 'H'), 'H', 'F', 'allowed'],
  ['acceptance: founder to a founder who has not accepted', says('acceptance', 'F'), 'F', 'H', 'allowed'],
  ['acceptance: founder to a member', says('acceptance', 'H'), 'H', 'M', 'allowed'],
  ['acceptance: candidate to its voucher', says('acceptance', 'C'), 'C', 'M', 'allowed'],
  ['acceptance: candidate to whom it was told of', says('acceptance', 'C'), 'C', 'V', 'allowed'],
  ['acceptance: candidate to another member', says('acceptance', 'C'), 'C', 'G', 'allowed'],
  ['acceptance: candidate to an outsider', says('acceptance', 'C'), 'C', 'X', 'register-pair-outside'],
  ['acceptance: outsider to a member', says('acceptance', 'X'), 'X', 'M', 'register-pair-outside'],
  ['acceptance: outsider to whom it claims as voucher', says('acceptance', 'D'), 'D', 'V', 'allowed'],
  ['acceptance: of a candidate, between members', says('acceptance', 'C'), 'M', 'G', 'allowed'],
  ['acceptance: of an outsider, between members', says('acceptance', 'D'), 'M', 'G', 'register-author-outside'],
  ['acceptance: of a struck one, by itself', says('acceptance', 'S'), 'S', 'M', 'register-pair-outside'],
  ['resignation: of one who resigned, to its voucher', says('resignation', 'R'), 'R', 'M', 'allowed'],
  ['resignation: of one who resigned, to a member', says('resignation', 'R'), 'R', 'G', 'allowed'],
  ['resignation: of one who resigned, between members', says('resignation', 'R'), 'M', 'G', 'allowed'],
  ['what a newcomer takes from whoever vouched for it', says('vouch', 'F', 'M'), 'V', 'C', 'allowed'],
  ['what a newcomer takes from a member that vouched for it', says('vouch', 'F', 'M'), 'M', 'C', 'allowed'],
  ['what a member hands a newcomer it vouched for', says('vouch', 'F', 'M'), 'M', 'C', 'allowed', 'from'],
  [
    'what an outsider hands a newcomer it vouched for',
    says('vouch', 'F', 'M'),
    'V',
    'C',
    'register-pair-outside',
    'from'
  ],
  ['what a candidate hands a newcomer it vouched for', card('F'), 'V', 'C', 'card-no-shared-circle', 'from'],
  ['its own vouch, which anybody hands its subject', says('vouch', 'V', 'D'), 'V', 'D', 'allowed', 'from'],
  [
    'what a newcomer takes from whoever did not vouch for it',
    says('vouch', 'F', 'M'),
    'X',
    'C',
    'register-pair-outside'
  ],
  ['what a struck voucher brings', says('vouch', 'F', 'M'), 'S', 'C', 'register-pair-outside'],
  ['what one who resigned takes from its voucher', says('vouch', 'F', 'M'), 'M', 'R', 'register-pair-outside'],
  ['what one who resigned takes from its voucher’s word', says('vouch', 'F', 'M'), 'V', 'Q', 'register-pair-outside'],
  ['a vouch of one who resigned, to its subject', says('vouch', 'Q', 'C'), 'Q', 'C', 'register-pair-outside'],
  ['what a struck founder brings a founder', says('vouch', 'F', 'M'), 'SF', 'H', 'register-pair-outside'],
  ['what a founder brings a struck founder', says('vouch', 'F', 'M'), 'H', 'SF', 'register-pair-outside'],
  ['what a candidate brings its voucher', says('vouch', 'F', 'M'), 'C', 'M', 'allowed'],
  ['what a candidate brings another member', says('vouch', 'F', 'M'), 'C', 'G', 'register-pair-outside'],
  ['what an outsider brings a member', says('vouch', 'F', 'M'), 'X', 'M', 'register-pair-outside'],
  ['what a member brings a founder who has not accepted', says('vouch', 'F', 'C'), 'M', 'H', 'register-pair-outside'],
  ['presence: of a member, by itself', says('presence', 'M'), 'M', 'F', 'allowed'],
  ['presence: of a member, relayed between members', says('presence', 'F'), 'M', 'G', 'allowed'],
  ['presence: to a candidate', says('presence', 'M'), 'M', 'C', 'register-pair-outside'],
  ['presence: to a founder who has not accepted', says('presence', 'M'), 'M', 'H', 'register-pair-outside'],
  ['presence: from a candidate to its voucher', says('presence', 'C'), 'C', 'M', 'register-pair-outside'],
  ['presence: of a struck one, between members', says('presence', 'S'), 'M', 'F', 'register-author-outside'],
  ['presence: of a struck one, by itself', says('presence', 'S'), 'S', 'M', 'register-pair-outside'],
  ['presence: back to its own author', says('presence', 'M'), 'X', 'M', 'allowed'],
  ['receipt: of a member, by itself', says('receipt', 'M'), 'M', 'F', 'allowed'],
  ['receipt: of a member, relayed between members', says('receipt', 'F'), 'M', 'G', 'allowed'],
  ['receipt: to a candidate', says('receipt', 'M'), 'M', 'C', 'register-pair-outside'],
  ['receipt: of one who resigned, between members', says('receipt', 'R'), 'M', 'F', 'register-author-outside'],
  ['receipt without a circle', { kind: 'receipt', author: 'M' }, 'M', 'F', 'register-without-circle'],
  ['a kind that does not exist', says('gossip', 'M'), 'M', 'F', 'register-kind-unsupported']
]

/** Every case, in a fixed order. */
export function buildHop(): VectorFile {
  return {
    description:
      'The hop rule: may this stream, or register, go from one institution to another, by the rosters held? Refusals name the row that refuses.',
    cases: [
      ...hops.map(([name, labels, from, to, expected, change]): Case => {
        const { author, recipient, ...rest } = labels
        const stream = {
          ...rest,
          author: idOf(author),
          ...(recipient === undefined ? {} : { recipient: idOf(recipient) })
        }
        const input = { stream, from: idOf(from), to: idOf(to), circles: CIRCLES, peers: [], ...change }
        return expected === 'allowed' ? holds('hop', name, input, true) : fails('hop', name, input, expected)
      }),
      ...registers.map(([name, it, from, to, expected, asker = 'to']): Case => {
        const { author, subject, ...rest } = it
        const register = { ...rest, author: idOf(author), ...(subject === undefined ? {} : { subject: idOf(subject) }) }
        const input = { register, from: idOf(from), to: idOf(to), asker, circles: { [ESR]: ROSTER } }
        return expected === 'allowed'
          ? holds('hop-register', name, input, true)
          : fails('hop-register', name, input, expected)
      })
    ]
  }
}
