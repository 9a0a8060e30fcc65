import {
  type DecodedDescriptor,
  decode,
  encode,
  fromHex,
  institutionId,
  nodeKey,
  prepareRegister,
  type SignedHeader,
  sha256,
  signedHeaderBytes,
  signingKey,
  signRegister,
  toHex,
  utf8
} from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memberKeys } from './digest.ts'
import { decodeEvidence, type Evidence, type EvidencePart, encodeEvidence } from './evidence.ts'
import { card, entryIn, NOW, node, proofOf, roster, streamOf } from './evidence-fixtures.ts'
import { type HopProofFields, parseHopProof, sealHopProof } from './hop-proof.ts'
import {
  foreignEntryEvidence,
  forkEntryEvidence,
  forkRegisterEvidence,
  forkStreamEvidence,
  misforwardEvidence
} from './record-evidence.ts'
import type { Roster } from './roster.ts'
import { CIRCLE, institution, OTHER_CIRCLE, rootKey } from './test-fixtures.ts'
import { verifyEvidence } from './verify-evidence.ts'

const strict = streamOf('author')
const strictEntry = entryIn(strict, 'author')
const red = streamOf('author', { tlp: 'RED', recipient: institution('receiver') })
const redEntry = entryIn(red, 'author')
const amber = streamOf('author', { tlp: 'AMBER', circle: CIRCLE })
const amberEntry = entryIn(amber, 'author')

function recorded(
  stream: DecodedDescriptor,
  last: SignedHeader,
  change: Partial<HopProofFields> = {},
  by: string = 'relay',
  held?: Roster
): Evidence {
  const evidence = misforwardEvidence({ proof: proofOf(stream, last, change, by), stream, last, roster: held }, NOW)
  if (evidence === undefined) throw new Error('no offence recorded')
  return evidence
}

/** The code of what a third party finds, or the verdict in a word. */
function found(evidence: Evidence, of: Uint8Array = card('relay')): string {
  const verdict = verifyEvidence(encodeEvidence(evidence), of)
  return verdict.ok ? (verdict.doubtful ? 'doubtful' : 'proved') : verdict.code
}

function withParts(evidence: Evidence, change: Partial<Record<EvidencePart, string | undefined>>): Evidence {
  const parts = Object.entries({ ...evidence.parts, ...change }).filter(([, part]) => part !== undefined)
  return { ...evidence, parts: Object.fromEntries(parts) }
}

describe('a misforward', () => {
  it('is proved against whoever relayed AMBER+STRICT or RED, by its card alone', () => {
    const relayed = recorded(strict, strictEntry)
    expect(relayed).toMatchObject({ kind: 'misforward', accused: institution('relay'), code: 'strict-relayed' })
    expect(found(relayed)).toBe('proved')
    expect(recorded(red, redEntry).code).toBe('red-relayed')
    expect(found(recorded(red, redEntry))).toBe('proved')
  })

  it('is proved against an author who sends RED past its recipient', () => {
    const astray = { from: institution('author'), to: institution('relay') }
    const evidence = recorded(red, redEntry, astray, 'author')
    expect(evidence).toMatchObject({ accused: institution('author'), code: 'red-not-recipient' })
    expect(found(evidence, card('author'))).toBe('proved')
  })

  it('by roster carries the list under the digest that the accused signed', () => {
    const out = { to: institution('outsider'), rosterDigest: roster.digest }
    const evidence = recorded(amber, amberEntry, out, 'relay', roster)
    expect(evidence.code).toBe('amber-receiver-not-member')
    expect(evidence.parts.members).toBe(toHex(memberKeys(roster.members.keys())))
    expect(found(evidence)).toBe('proved')
  })

  it('stands without the entry itself: the proof alone speaks', () => {
    expect(found(withParts(recorded(strict, strictEntry), { header: undefined }))).toBe('proved')
  })

  it('is doubtful by a key that the card has retired, proved by the current one', () => {
    const old = signingKey(sha256(utf8('old node of relay')))
    const rotated = card('relay', [{ key: old, until: NOW }, { key: node('relay') }])
    expect(found(recorded(strict, strictEntry), rotated)).toBe('proved')
    const byOld = sealHopProof(old, proofOf(strict, strictEntry))
    expect(found(withParts(recorded(strict, strictEntry), { proof: toHex(byOld) }), rotated)).toBe('doubtful')
  })

  it('is proved by the next key too, since gates already let it in', () => {
    const byNext = sealHopProof(node('next relay'), proofOf(strict, strictEntry))
    expect(found(withParts(recorded(strict, strictEntry), { proof: toHex(byNext) }))).toBe('proved')
  })

  it('is not recorded where the hop was lawful or cannot be judged', () => {
    const record = (stream: DecodedDescriptor, last: SignedHeader, change: Partial<HopProofFields>, held?: Roster) =>
      misforwardEvidence({ proof: proofOf(stream, last, change), stream, last, roster: held }, NOW)
    expect(record(amber, amberEntry, { rosterDigest: roster.digest }, roster)).toBeUndefined()
    expect(record(amber, amberEntry, { to: institution('outsider') }, roster)).toBeUndefined()
    expect(record(strict, strictEntry, { to: institution('author') })).toBeUndefined()
    expect(record(strict, redEntry, { stream: red.id })).toBeUndefined()
  })
})

describe('a forged or transplanted misforward', () => {
  const genuine = recorded(strict, strictEntry)
  const relayCard = card('relay')

  it('against somebody else than the signer', () => {
    expect(found({ ...genuine, accused: institution('author') }, card('author'))).toBe('evidence-signer')
    expect(found(genuine, card('author'))).toBe('evidence-card')
    // The receiver makes a proof in the relay's name with its own key.
    const made = proofOf(strict, strictEntry, {}, 'receiver')
    expect(found(withParts(genuine, { proof: toHex(made.bytes) }))).toBe('evidence-signer')
    // The relay's card with the receiver's key slipped in is no card of the relay.
    const slipped = card('relay', [{ key: node('receiver') }])
    const broken = slipped.slice()
    broken[200] = (broken[200] ?? 0) ^ 1
    expect(found(genuine, broken)).toBe('register-signature')
  })

  it('with a proof of a lawful hop moved to another stream', () => {
    const lawful = proofOf(amber, amberEntry, { rosterDigest: roster.digest })
    expect(found(withParts(genuine, { proof: toHex(lawful.bytes) }))).toBe('evidence-stream')
    const moved = withParts(genuine, { proof: toHex(lawful.bytes), descriptor: toHex(amber.bytes), header: undefined })
    expect(found(moved)).toBe('evidence-no-offence')
  })

  it('with a proof whose fields were changed afterwards', () => {
    const toAuthor = proofOf(strict, strictEntry, { to: institution('author') })
    const bytes = toAuthor.bytes.slice()
    bytes.set(parseHopProof(fromHex(genuine.parts.proof ?? '')).bytes.subarray(33, 65), 33)
    expect(found(withParts(genuine, { proof: toHex(bytes) }))).toBe('evidence-signer')
  })

  it('with the entry of another stream, another place, or another hand', () => {
    const header = (signed: SignedHeader) => toHex(signedHeaderBytes(signed))
    expect(found(withParts(genuine, { header: header(redEntry) }))).toBe('evidence-entry')
    expect(found(withParts(genuine, { header: header(entryIn(strict, 'author', 'other')) }))).toBe('evidence-entry')
    // The relay cannot be accused with an entry that the author never signed.
    const unsigned = entryIn(strict, 'receiver')
    const proof = proofOf(strict, unsigned)
    expect(found(withParts(genuine, { proof: toHex(proof.bytes), header: header(unsigned) }))).toBe('evidence-entry')
  })

  it('with a list of members that is not the one signed', () => {
    const out = { to: institution('outsider'), rosterDigest: roster.digest }
    const byRoster = recorded(amber, amberEntry, out, 'relay', roster)
    const fewer = toHex(memberKeys([...roster.members.keys()].slice(1)))
    expect(found(withParts(byRoster, { members: fewer }))).toBe('evidence-roster')
    expect(found(withParts(byRoster, { members: `${byRoster.parts.members}00` }))).toBe('evidence-roster')
    expect(found(withParts(byRoster, { members: undefined }))).toBe('evidence-no-offence')
    // A lawful hop between members of the signed roster, whatever the accuser says.
    const lawful = proofOf(amber, amberEntry, { rosterDigest: roster.digest })
    const accused = withParts(byRoster, { proof: toHex(lawful.bytes) })
    expect(found(accused)).toBe('evidence-no-offence')
    // A digest of another circle's roster is not this one's.
    const elsewhere = streamOf('author', { tlp: 'AMBER', circle: OTHER_CIRCLE })
    const entry = entryIn(elsewhere, 'author')
    const moved = proofOf(elsewhere, entry, out)
    const parts = { proof: toHex(moved.bytes), descriptor: toHex(elsewhere.bytes), header: undefined }
    expect(found(withParts(byRoster, parts))).toBe('evidence-roster')
  })

  it('with parts missing, or parts that do not belong', () => {
    expect(found(withParts(genuine, { proof: undefined }))).toBe('evidence-part')
    expect(found(withParts(genuine, { descriptor: undefined }))).toBe('evidence-part')
    expect(found(withParts(genuine, { register: toHex(relayCard) }))).toBe('evidence-part')
    const list = toHex(memberKeys(roster.members.keys()))
    const withDigest = recorded(strict, strictEntry, { rosterDigest: roster.digest })
    expect(found(withDigest)).toBe('proved')
    expect(found(withParts(withDigest, { members: list }))).toBe('evidence-part')
  })

  it('with a code that the parts do not show', () => {
    expect(found({ ...genuine, code: 'red-relayed' })).toBe('evidence-code')
  })
})

describe('a fork of entries', () => {
  const one = entryIn(strict, 'author', 'one')
  const other = entryIn(strict, 'author', 'other')
  const evidence = forkEntryEvidence(strict, one, other, NOW)
  const authorCard = card('author')

  it('is proved by two signed headers for one place', () => {
    expect(evidence.accused).toBe(institution('author'))
    expect(found(evidence, authorCard)).toBe('proved')
  })

  it('is none between an entry and itself, or two places, or where one is not the author’s', () => {
    expect(found(forkEntryEvidence(strict, one, one, NOW), authorCard)).toBe('evidence-no-fork')
    expect(found(forkEntryEvidence(strict, one, entryIn(strict, 'author', 'two', 2), NOW), authorCard)).toBe(
      'evidence-no-fork'
    )
    expect(found(forkEntryEvidence(strict, one, entryIn(strict, 'relay', 'other'), NOW), authorCard)).toBe(
      'evidence-entry'
    )
    expect(found(forkEntryEvidence(strict, one, entryIn(red, 'author', 'other'), NOW), authorCard)).toBe(
      'evidence-entry'
    )
  })

  it('cannot be made by writing a descriptor in somebody’s name', () => {
    // The relay signs both entries, in a stream that says it is the author's but names the relay's key.
    const fake = streamOf('author', { nodeKey: nodeKey(node('relay').publicKey) })
    const made = forkEntryEvidence(fake, entryIn(fake, 'relay', 'one'), entryIn(fake, 'relay', 'other'), NOW)
    expect(found(made, authorCard)).toBe('evidence-signer')
    expect(found({ ...made, accused: institution('relay') }, card('relay'))).toBe('evidence-stream')
    expect(found({ ...evidence, code: 'strict-relayed' }, authorCard)).toBe('evidence-code')
  })
})

describe('a fork of streams', () => {
  const after = (incarnation: string, before = strict) =>
    streamOf('author', { incarnation, predecessor: { stream: before.id, seq: 1, head: strictEntry.id } })
  const side = (stream: DecodedDescriptor) => ({ stream, entry: entryIn(stream, 'author') })
  const one = side(after('aa'.repeat(16)))
  const other = side(after('bb'.repeat(16)))
  const authorCard = card('author')

  it('is proved by an entry in each of two streams after one', () => {
    expect(found(forkStreamEvidence(one, other, NOW), authorCard)).toBe('proved')
  })

  it('is none after different streams, between a stream and itself, or at the beginning', () => {
    const elsewhere = side(after('cc'.repeat(16), red))
    expect(found(forkStreamEvidence(one, elsewhere, NOW), authorCard)).toBe('evidence-no-fork')
    expect(found(forkStreamEvidence(one, one, NOW), authorCard)).toBe('evidence-no-fork')
    const first = side(streamOf('author', { incarnation: 'dd'.repeat(16) }))
    expect(found(forkStreamEvidence(side(strict), first, NOW), authorCard)).toBe('evidence-no-fork')
  })

  it('needs an entry that the author signed in each', () => {
    const unsigned = { stream: other.stream, entry: entryIn(other.stream, 'relay') }
    expect(found(forkStreamEvidence(one, unsigned, NOW), authorCard)).toBe('evidence-entry')
    const swapped = { stream: other.stream, entry: one.entry }
    expect(found(forkStreamEvidence(one, swapped, NOW), authorCard)).toBe('evidence-entry')
  })
})

describe('a fork of registers', () => {
  const acceptance = (author: string, name: string, number = 5, circle: CircleId = CIRCLE) =>
    signRegister(
      prepareRegister({ kind: 'acceptance', author: institution(author), circle, number, value: { name } }),
      rootKey(author)
    )
  const one = acceptance('author', 'esr-fr')
  const authorCard = card('author')

  it('is proved by two root-signed registers with one number', () => {
    expect(found(forkRegisterEvidence(one, acceptance('author', 'esr-de'), NOW), authorCard)).toBe('proved')
  })

  it('is none with two numbers, two circles, the same bytes, or somebody else’s', () => {
    const none = [acceptance('author', 'esr-de', 6), acceptance('author', 'esr-de', 5, OTHER_CIRCLE), one]
    for (const other of [...none, acceptance('relay', 'esr-de')])
      expect(found(forkRegisterEvidence(one, other, NOW), authorCard)).toBe('evidence-no-fork')
    const others = forkRegisterEvidence(acceptance('relay', 'a'), acceptance('relay', 'b'), NOW)
    expect(found({ ...others, accused: institution('author') }, authorCard)).toBe('evidence-signer')
  })

  it('needs both signatures', () => {
    const evidence = forkRegisterEvidence(one, acceptance('author', 'esr-de'), NOW)
    const broken = acceptance('author', 'esr-nl').bytes.slice()
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
    expect(found(withParts(evidence, { otherRegister: toHex(broken) }), authorCard)).toBe('register-signature')
  })
})

describe('a foreign entry', () => {
  it('is an entry by a key on the card, in a stream of the same institution', () => {
    const evidence = foreignEntryEvidence(strict, strictEntry, NOW)
    expect(found(evidence, card('author'))).toBe('proved')
    const unsigned = foreignEntryEvidence(strict, entryIn(strict, 'relay'), NOW)
    expect(found(unsigned, card('author'))).toBe('evidence-entry')
  })
})

describe('the encoding', () => {
  const all: Evidence[] = [
    recorded(strict, strictEntry),
    forkEntryEvidence(strict, strictEntry, entryIn(strict, 'author', 'other'), NOW)
  ]

  it.each(all)('gives back $kind as it was', (evidence) => {
    expect(decodeEvidence(encodeEvidence(evidence))).toEqual(evidence)
  })

  it('refuses other shapes with a code, whatever the bytes', () => {
    const bytes = encodeEvidence(recorded(strict, strictEntry))
    const value = decode(bytes, { maxBytes: bytes.length, maxDepth: 4, maxItems: 100 }) as Record<string, unknown>
    const wrong: Record<string, unknown>[] = [
      { ...value, version: 2 },
      { ...value, kind: 'gossip' },
      { ...value, accused: 'did:web:example.org' },
      { ...value, at: -1 },
      { ...value, extra: 1 },
      { ...value, parts: { proof: 'text' } },
      { ...value, parts: { unknown: new Uint8Array(1) } }
    ]
    for (const shape of wrong)
      expect(verifyEvidence(encode(shape), card('relay'))).toMatchObject({ ok: false, code: 'evidence-malformed' })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
        expect(verifyEvidence(random, card('relay'))).toMatchObject({ ok: false })
      })
    )
  })

  it('proves nothing after any byte of the signed parts was changed', () => {
    const evidence = recorded(strict, strictEntry)
    const relayCard = card('relay')
    const places = fc.record({
      part: fc.constantFrom('proof', 'descriptor', 'header'),
      at: fc.nat(1000),
      bit: fc.nat(7)
    })
    fc.assert(
      fc.property(places, ({ part, at, bit }) => {
        const bytes = fromHex(evidence.parts[part as EvidencePart] ?? '')
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit)
        expect(found(withParts(evidence, { [part]: toHex(bytes) }), relayCard)).not.toMatch(/proved|doubtful/)
      })
    )
  })

  it('names the accused by its root key', () => {
    const accused: InstitutionId = recorded(strict, strictEntry).accused
    expect(accused).toBe(institutionId(rootKey('relay').publicKey))
  })
})
