import { encode, fromHex, openRegister, prepareRegister, signRegister, toHex } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import {
  disownedEvidence,
  type Evidence,
  encodeEvidence,
  foreignEntryEvidence,
  forkEntryEvidence,
  forkRegisterEvidence,
  forkStreamEvidence,
  memberKeys,
  rosterDigest,
  sealHopProof
} from '@tocsin/trust'
import { type Case, fails, holds, type VectorFile } from './case.ts'
import { NOW } from './records.ts'
import { cardOf, circleOf, entryOf, headerHex, idOf, nodeOf, rootOf, streamOf, TODAY } from './world.ts'

const CIRCLE = 'c1'.repeat(32) as CircleId
const AUTHOR = 'Author'
const RELAY = 'Relay'
const MEMBERS = [AUTHOR, RELAY, 'Receiver'].map(idOf)
const card = cardOf(RELAY)
const authorCard = cardOf(AUTHOR)

const strict = streamOf(AUTHOR, { tlp: 'AMBER+STRICT', circle: CIRCLE })
const amber = streamOf(AUTHOR, { tlp: 'AMBER', circle: CIRCLE })
const red = streamOf(AUTHOR, { tlp: 'RED', recipient: idOf('Receiver') })
const green = streamOf(AUTHOR, { tlp: 'GREEN' })

interface Hop {
  readonly stream?: typeof strict
  readonly from?: string
  readonly to?: string
  readonly by?: string
  readonly digest?: string
  readonly code?: string
  readonly parts?: Evidence['parts']
  readonly header?: boolean
}

/** Evidence of a misforward, made by hand: so that what nobody would record can be made as well. */
function misforward({
  stream = strict,
  from = RELAY,
  to = 'Receiver',
  by = from,
  digest,
  code = 'strict-relayed',
  parts,
  header
}: Hop): Evidence {
  const last = entryOf(stream, AUTHOR)
  const proof = sealHopProof(nodeOf(by), {
    from: idOf(from),
    to: idOf(to),
    stream: stream.id,
    first: 1,
    last: 1,
    lastId: last.id,
    ...(digest === undefined ? {} : { rosterDigest: digest }),
    day: TODAY,
    time: NOW
  })
  return {
    kind: 'misforward',
    accused: idOf(from),
    code,
    at: NOW,
    parts: {
      proof: toHex(proof),
      descriptor: toHex(stream.bytes),
      ...(header === true ? { header: headerHex(last) } : {}),
      ...parts
    }
  }
}

const digest = rosterDigest(CIRCLE, TODAY, MEMBERS)
const members = toHex(memberKeys(MEMBERS))
const outside = { stream: amber, to: 'Outsider', digest, code: 'amber-receiver-not-member' }
const one = entryOf(amber, AUTHOR)
const two = entryOf(amber, AUTHOR, 'other body')
const fork = forkEntryEvidence(amber, one, two, NOW)
const predecessor = { stream: amber.id, seq: 1, head: one.id }
const next = streamOf(AUTHOR, { tlp: 'AMBER', circle: CIRCLE, predecessor })
const otherNext = streamOf(AUTHOR, { tlp: 'AMBER', circle: CIRCLE, predecessor, incarnation: '1e'.repeat(16) })
const unrelated = streamOf(AUTHOR, { tlp: 'AMBER', circle: CIRCLE, incarnation: '2d'.repeat(16) })
const inNext = { stream: next, entry: entryOf(next, AUTHOR) }
const forkStream = forkStreamEvidence(inNext, { stream: otherNext, entry: entryOf(otherNext, AUTHOR) }, NOW)
const circle = circleOf([RELAY], 1)
const register = (hex: string) => openRegister(fromHex(hex))
const forkRegister = forkRegisterEvidence(
  register(circle.vouches(RELAY, 'A')),
  register(circle.vouches(RELAY, 'A', { name: 'B' })),
  NOW
)
const foreign = foreignEntryEvidence(amber, one, NOW)
/** The Author's root key ends a stream. */
function closing(stream: typeof amber, last: number, head?: string): string {
  const value = { stream: toHex(stream.bytes), last, ...(head === undefined ? {} : { head }) }
  const fields = { kind: 'closing', author: idOf(AUTHOR), stream: stream.id, number: 1, value } as const
  return toHex(signRegister(prepareRegister(fields), rootOf(AUTHOR)).bytes)
}
const disowned = disownedEvidence(amber, one, fromHex(closing(amber, 0)), NOW)
const thief = nodeOf('old key of Relay')
const retired = cardOf(RELAY, [{ key: nodeOf(RELAY) }, { key: thief, until: NOW }])

const shown: readonly (readonly [string, Evidence, string, boolean?])[] = [
  ['AMBER+STRICT relayed', misforward({}), card],
  ['AMBER+STRICT relayed, with the entry', misforward({ header: true }), card],
  ['RED relayed', misforward({ stream: red, code: 'red-relayed' }), card],
  [
    'RED to another than the recipient',
    misforward({ stream: red, from: AUTHOR, to: RELAY, code: 'red-not-recipient' }),
    authorCard
  ],
  ['AMBER to an outsider, by the roster that was signed', misforward({ ...outside, parts: { members } }), card],
  [
    'AMBER+STRICT by its author to an outsider',
    misforward({ stream: strict, from: AUTHOR, to: 'Outsider', digest, code: 'strict-not-member', parts: { members } }),
    authorCard
  ],
  ['signed by the next key of the card', misforward({ by: `next ${RELAY}` }), card],
  [
    'signed by a retired key: doubtful',
    { ...misforward({}), parts: { ...misforward({}).parts, proof: thiefProof() } },
    retired,
    true
  ],
  ['two entries for one place', fork, authorCard],
  ['two streams after one', forkStream, authorCard],
  ['two registers with one number', forkRegister, card],
  ['an entry that its own store did not write', foreign, authorCard],
  ['an entry cut off by its own root key', disowned, authorCard]
]

function thiefProof(): string {
  const last = entryOf(strict, AUTHOR)
  const fields = { from: idOf(RELAY), to: idOf('Receiver'), stream: strict.id, first: 1, last: 1, lastId: last.id }
  return toHex(sealHopProof(thief, { ...fields, day: TODAY, time: NOW }))
}

const without = (evidence: Evidence, part: keyof Evidence['parts']): Evidence => {
  const { [part]: _, ...parts } = evidence.parts
  return { ...evidence, parts }
}
const with_ = (evidence: Evidence, parts: Evidence['parts']): Evidence => ({
  ...evidence,
  parts: { ...evidence.parts, ...parts }
})
const foreignHeader = headerHex(entryOf(amber, RELAY))

const refusedOnes: readonly (readonly [string, Evidence, string, string])[] = [
  ['AMBER between members', misforward({ stream: amber, digest, parts: { members } }), card, 'evidence-no-offence'],
  ['AMBER to an outsider, without the roster', misforward(outside), card, 'evidence-no-offence'],
  [
    'AMBER to an outsider, with another roster',
    misforward({ ...outside, digest: rosterDigest(CIRCLE, TODAY, MEMBERS.slice(1)), parts: { members } }),
    card,
    'evidence-roster'
  ],
  [
    'AMBER to an outsider, with the roster of another day',
    misforward({ ...outside, digest: rosterDigest(CIRCLE, TODAY - 1, MEMBERS), parts: { members } }),
    card,
    'evidence-roster'
  ],
  [
    'members in another order',
    misforward({
      ...outside,
      parts: {
        members: [...MEMBERS]
          .reverse()
          .map((id) => toHex(memberKeys([id])))
          .sort()
          .reverse()
          .join('')
      }
    }),
    card,
    'evidence-roster'
  ],
  ['members cut short', misforward({ ...outside, parts: { members: members.slice(2) } }), card, 'evidence-roster'],
  [
    'members of a stream without a circle',
    misforward({ stream: red, code: 'red-relayed', parts: { members } }),
    card,
    'evidence-roster'
  ],
  ['members where the labels suffice', misforward({ digest, parts: { members } }), card, 'evidence-part'],
  [
    'GREEN is never provable',
    misforward({ stream: green, code: 'green-no-shared-circle' }),
    card,
    'evidence-no-offence'
  ],
  [
    'RED from its author to the recipient',
    misforward({ stream: red, from: AUTHOR, code: 'red-not-recipient' }),
    authorCard,
    'evidence-no-offence'
  ],
  ['AMBER+STRICT back to its author', misforward({ to: AUTHOR }), card, 'evidence-no-offence'],
  ['another code than it shows', misforward({ code: 'red-relayed' }), card, 'evidence-code'],
  ['the card of another', misforward({}), authorCard, 'evidence-card'],
  ['no card at all', misforward({}), circle.accepts(RELAY), 'evidence-card'],
  ['accused of what another sent', { ...misforward({}), accused: idOf(AUTHOR) }, authorCard, 'evidence-signer'],
  ['signed by another node', misforward({ by: 'Thief' }), card, 'evidence-signer'],
  ['with another stream', with_(misforward({}), { descriptor: toHex(amber.bytes) }), card, 'evidence-stream'],
  [
    'with another entry',
    with_(misforward({}), { header: headerHex(entryOf(strict, AUTHOR, 'other')) }),
    card,
    'evidence-entry'
  ],
  [
    'with an entry that the author did not sign',
    with_(misforward({}), { header: headerHex(entryOf(strict, RELAY)) }),
    card,
    'evidence-entry'
  ],
  ['without the proof', without(misforward({}), 'proof'), card, 'evidence-part'],
  ['without the descriptor', without(misforward({}), 'descriptor'), card, 'evidence-part'],
  ['with a part of another kind', with_(misforward({}), { register: card }), card, 'evidence-part'],
  ['with a proof cut short', with_(misforward({}), { proof: '01' }), card, 'hop-proof-length'],
  ['with a descriptor cut short', with_(misforward({}), { descriptor: '01' }), card, 'descriptor-length'],
  ['one entry twice', forkEntryEvidence(amber, one, one, NOW), authorCard, 'evidence-no-fork'],
  [
    'two entries for two places',
    forkEntryEvidence(amber, one, entryOf(amber, AUTHOR, 'body', 2), NOW),
    authorCard,
    'evidence-no-fork'
  ],
  ['an entry that another signed', with_(fork, { otherHeader: foreignHeader }), authorCard, 'evidence-entry'],
  [
    'an entry of another stream',
    with_(fork, { otherHeader: headerHex(entryOf(next, AUTHOR)) }),
    authorCard,
    'evidence-entry'
  ],
  ['a fork of which another is accused', { ...fork, accused: idOf(RELAY) }, card, 'evidence-stream'],
  [
    'a fork under a key that the card does not name',
    fork,
    cardOf(AUTHOR, [{ key: nodeOf('another') }]),
    'evidence-signer'
  ],
  ['a fork with a code of its own', { ...fork, code: 'fork' }, authorCard, 'evidence-code'],
  ['one stream twice', forkStreamEvidence(inNext, inNext, NOW), authorCard, 'evidence-no-fork'],
  [
    'two streams after none',
    forkStreamEvidence({ stream: amber, entry: one }, { stream: unrelated, entry: entryOf(unrelated, AUTHOR) }, NOW),
    authorCard,
    'evidence-no-fork'
  ],
  [
    'a stream without an entry of its own',
    with_(forkStream, { otherHeader: headerHex(inNext.entry) }),
    authorCard,
    'evidence-entry'
  ],
  [
    'one register twice',
    with_(forkRegister, { otherRegister: forkRegister.parts.register ?? '' }),
    card,
    'evidence-no-fork'
  ],
  [
    'two registers with two numbers',
    with_(forkRegister, { otherRegister: circle.vouches(RELAY, 'A', { number: 2 }) }),
    card,
    'evidence-no-fork'
  ],
  [
    'two registers about two',
    with_(forkRegister, { otherRegister: circle.vouches(RELAY, 'B') }),
    card,
    'evidence-no-fork'
  ],
  ['registers of another', { ...forkRegister, accused: idOf(AUTHOR) }, authorCard, 'evidence-signer'],
  [
    'a register with a broken signature',
    with_(forkRegister, { otherRegister: `${circle.vouches(RELAY, 'B').slice(0, -2)}00` }),
    card,
    'register-signature'
  ],
  ['a foreign entry that another signed', with_(foreign, { header: foreignHeader }), authorCard, 'evidence-entry'],
  ['a disowned entry that another signed', with_(disowned, { header: foreignHeader }), authorCard, 'evidence-entry'],
  [
    'an entry that its closing calls genuine',
    with_(disowned, { register: closing(amber, 1, one.id) }),
    authorCard,
    'evidence-no-offence'
  ],
  ['the closing of another stream', with_(disowned, { register: closing(green, 0) }), authorCard, 'evidence-stream'],
  ['no closing at all', with_(disowned, { register: authorCard }), authorCard, 'evidence-stream']
]

const map = (change: object): string => {
  const { kind, accused, code, at, parts } = misforward({})
  const bytes = Object.fromEntries(Object.entries(parts).map(([name, hex]) => [name, fromHex(hex)]))
  return toHex(encode({ version: 1, kind, accused, code, at, parts: bytes, ...change }))
}
const malformed: readonly (readonly [string, string, string])[] = [
  ['empty', '', 'cbor-truncated'],
  ['no CBOR', 'ff', 'cbor-indefinite'],
  ['a trailing byte', `${map({})}00`, 'cbor-trailing-bytes'],
  ['deeper than a part', map({ parts: { proof: [[0]] } }), 'cbor-too-deep'],
  [
    'more items than there are fields',
    map({ parts: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`part ${index}`, 0])) }),
    'cbor-too-many-items'
  ],
  ['version 2', map({ version: 2 }), 'evidence-malformed'],
  ['an unknown kind', map({ kind: 'gossip' }), 'evidence-malformed'],
  ['accused is no institution', map({ accused: 'Relay' }), 'evidence-malformed'],
  ['a code of 65 letters', map({ code: 'x'.repeat(65) }), 'evidence-malformed'],
  ['a time before 1970', map({ at: -1 }), 'evidence-malformed'],
  ['an unknown field', map({ more: 1 }), 'evidence-malformed'],
  ['an unknown part', map({ parts: { letter: new Uint8Array(1) } }), 'evidence-malformed'],
  ['parts as text', map({ parts: { proof: '00' } }), 'evidence-malformed'],
  ['a list', toHex(encode([1])), 'evidence-malformed']
]

/** Every case, in a fixed order. */
export function buildEvidence(): VectorFile {
  return {
    description:
      'Evidence, verified offline with the card of the accused alone: every signature and hash in it, and that together they show what its code says.',
    cases: [
      ...shown.map(([name, evidence, of, doubtful = false]): Case => {
        const { kind, accused, code, at } = evidence
        return holds(
          'evidence',
          name,
          { hex: toHex(encodeEvidence(evidence)), card: of },
          { kind, accused, code, at, doubtful }
        )
      }),
      ...refusedOnes.map(([name, evidence, of, code]) =>
        fails('evidence', name, { hex: toHex(encodeEvidence(evidence)), card: of }, code)
      ),
      ...malformed.map(([name, hex, code]) => fails('evidence', name, { hex, card }, code))
    ]
  }
}
