import { concatBytes, fromHex, quarterStart, type SignedHeader, sealEntry, toHex, utf8 } from '@tocsin/journal'
import type { CircleId, EntryId, InstitutionId } from '@tocsin/model'
import { type ForkProof, parseForkProof, sealForkProof } from '@tocsin/trust'
import type { RosterInput } from './build-hop.ts'
import { type Case, fails, holds, refusals, type VectorFile } from './case.ts'
import { DAY, NOW, patch, QUARTER } from './records.ts'
import { entryOf, headerHex, idOf, nodeOf, streamOf } from './world.ts'

const CIRCLE = 'c1'.repeat(32) as CircleId
const labels = { tlp: 'AMBER' as const, circle: CIRCLE }
const stream = streamOf('Author', labels)
const side = (entry: SignedHeader, of = stream) => ({ stream: of, entry })

const one = entryOf(stream, 'Author')
const two = entryOf(stream, 'Author', 'other body')
const later = (previous: string, body: string) => {
  const fields = { stream: stream.id, seq: 2, previous: previous as EntryId, clock: NOW, keepUntil: NOW + DAY }
  return sealEntry(nodeOf('Author'), { ...fields, kind: 'bulletin' }, utf8(body))
}
const predecessor = { stream: stream.id, seq: 1, head: one.id }
const next = streamOf('Author', { ...labels, predecessor })
const otherNext = streamOf('Author', { ...labels, predecessor, incarnation: '1e'.repeat(16) })
const laterNext = streamOf('Author', { ...labels, predecessor: { ...predecessor, seq: 2, head: two.id } })

/** Without asking whether the two contend. */
function joined(a: ReturnType<typeof side>, b: ReturnType<typeof side>): Uint8Array {
  const sides = [a, b].map((it) => toHex(it.stream.bytes) + headerHex(it.entry)).sort()
  return fromHex(`f001${sides.join('')}`)
}

const good: readonly (readonly [string, ForkProof])[] = [
  ['two entries for the first place', sealForkProof(side(one), side(two))],
  ['two entries after one', sealForkProof(side(later(one.id, 'a')), side(later(one.id, 'b')))],
  ['two entries behind the split', sealForkProof(side(later(one.id, 'a')), side(later(two.id, 'b')))],
  [
    'two streams after one',
    sealForkProof(side(entryOf(next, 'Author'), next), side(entryOf(otherNext, 'Author'), otherNext))
  ],
  [
    'two streams after one, from different heads',
    sealForkProof(side(entryOf(next, 'Author'), next), side(entryOf(laterNext, 'Author'), laterNext))
  ]
]

const bytes = good[0]?.[1].bytes ?? new Uint8Array(0)
const SIDE = 380
const swapped = concatBytes(bytes.subarray(0, 2), bytes.subarray(2 + SIDE), bytes.subarray(2, 2 + SIDE))
const twice = concatBytes(bytes.subarray(0, 2 + SIDE), bytes.subarray(2, 2 + SIDE))
const elsewhere = streamOf('Author', { tlp: 'AMBER+STRICT', circle: CIRCLE, predecessor })
const alone = streamOf('Author', { ...labels, incarnation: '2d'.repeat(16) })
const outside = sealEntry(
  nodeOf('Author'),
  {
    stream: stream.id,
    seq: 1,
    previous: null,
    clock: quarterStart(QUARTER + 1),
    keepUntil: NOW + 365 * DAY,
    kind: 'bulletin'
  },
  utf8('late')
)

const malformed: readonly (readonly [string, Uint8Array, string])[] = [
  ['empty', new Uint8Array(0), 'fork-proof-length'],
  ['one byte short', bytes.subarray(0, -1), 'fork-proof-length'],
  ['one byte long', concatBytes(bytes, new Uint8Array(1)), 'fork-proof-length'],
  ['another mark', patch(bytes, 0, '01'), 'fork-proof-length'],
  ['version 2', patch(bytes, 1, '02'), 'fork-proof-version'],
  ['sides in falling order', swapped, 'fork-proof-order'],
  ['one side twice', twice, 'fork-proof-order'],
  ['entries of two places', joined(side(one), side(later(one.id, 'a'))), 'fork-proof-no-fork'],
  [
    'one entry under two signatures',
    joined(side(one), side({ ...one, signature: new Uint8Array(64) })),
    'fork-proof-no-fork'
  ],
  [
    'streams of two audiences',
    joined(side(entryOf(next, 'Author'), next), side(entryOf(elsewhere, 'Author'), elsewhere)),
    'fork-proof-no-fork'
  ],
  ['streams that continue nothing', joined(side(one), side(entryOf(alone, 'Author'), alone)), 'fork-proof-no-fork'],
  ['a stream and what it continues', joined(side(one), side(entryOf(next, 'Author'), next)), 'fork-proof-no-fork'],
  ['streams of two authors', joined(side(entryOf(next, 'Author'), next), side(...ofRelay())), 'fork-proof-no-fork'],
  ['an entry outside its quarter', joined(side(one), side(outside)), 'fork-proof-no-fork'],
  ['an entry of another stream', joined(side(one), side(entryOf(next, 'Author'))), 'entry-field'],
  ['a descriptor of version 0', patch(bytes, 2, '00'), 'descriptor-version'],
  ['a header of version 0', patch(bytes, 2 + 190, '00'), 'entry-version']
]

function ofRelay() {
  const theirs = streamOf('Relay', { ...labels, predecessor })
  return [entryOf(theirs, 'Relay'), theirs] as const
}

const forged = joined(side(one), side(entryOf(stream, 'Relay', 'forged')))

// Author, M and N are members; L left and is vouched for, S was struck, O is nobody.
const ROSTER: RosterInput = {
  members: ['Author', 'M', 'N'].map(idOf),
  founders: ['M'].map(idOf),
  candidates: { [idOf('L')]: { vouchedBy: [idOf('M')], claimedBy: [] } },
  struck: [idOf('S')],
  resigned: [idOf('L')]
}
const amber = { author: 'Author', tlp: 'AMBER', circle: CIRCLE }
const strict = { ...amber, tlp: 'AMBER+STRICT' }
const red = { author: 'Author', tlp: 'RED', recipient: 'M' }
const green = { author: 'Author', tlp: 'GREEN' }
const hops: readonly (readonly [
  string,
  { author: string; tlp: string; circle?: CircleId; recipient?: string },
  string,
  string,
  string
])[] = [
  ['AMBER: between members', amber, 'M', 'N', 'allowed'],
  ['AMBER: to its author', amber, 'M', 'Author', 'allowed'],
  ['AMBER: by its author', amber, 'Author', 'M', 'allowed'],
  ['AMBER: to an outsider', amber, 'M', 'O', 'amber-receiver-not-member'],
  ['AMBER: from an outsider', amber, 'O', 'M', 'amber-sender-not-member'],
  ['AMBER: of an author who was struck', { ...amber, author: 'S' }, 'M', 'N', 'allowed'],
  ['AMBER: of an author who left', { ...amber, author: 'L' }, 'M', 'N', 'allowed'],
  ['AMBER: to an author who left', { ...amber, author: 'L' }, 'M', 'L', 'allowed'],
  ['AMBER: to an author who was struck, by an outsider', { ...amber, author: 'S' }, 'O', 'S', 'allowed'],
  ['AMBER: of an author who left, by itself', { ...amber, author: 'L' }, 'L', 'N', 'allowed'],
  ['AMBER: of an outsider', { ...amber, author: 'O' }, 'M', 'N', 'amber-author-not-member'],
  [
    'AMBER: of a circle that is not known',
    { ...amber, circle: 'c3'.repeat(32) as CircleId },
    'M',
    'N',
    'unknown-circle'
  ],
  ['AMBER+STRICT: is relayed in its circle', strict, 'M', 'N', 'allowed'],
  ['AMBER+STRICT: to an outsider', strict, 'M', 'O', 'amber-receiver-not-member'],
  ['RED: by its author', red, 'Author', 'M', 'allowed'],
  ['RED: by the recipient to the author', red, 'M', 'Author', 'allowed'],
  ['RED: by the recipient to another', red, 'M', 'N', 'red-relayed'],
  ['GREEN: between members', green, 'M', 'N', 'allowed'],
  ['GREEN: to an outsider', green, 'M', 'O', 'green-no-shared-circle'],
  ['contradictory labels', { ...green, circle: CIRCLE }, 'M', 'N', 'labels-contradictory']
]

/** A proof as JSON. */
export function forkJson({ kind, key, seq, isSplit, sides }: ForkProof): unknown {
  return {
    kind,
    key,
    seq,
    isSplit,
    streams: sides.map((it) => it.stream.id),
    entries: sides.map(({ entry }) => entry.id)
  }
}

/** Every case, in a fixed order. */
export function buildFork(): VectorFile {
  const withId = (name: string): InstitutionId => idOf(name)
  return {
    description:
      'Proofs of forks, 762 bytes: 0xf0, version, two sides of descriptor ‖ signed header; and to whom they may go.',
    cases: [
      ...good.map(([name, proof]): Case => holds('fork-proof', name, { hex: toHex(proof.bytes) }, forkJson(proof))),
      ...refusals('fork-proof', malformed),
      ...good.map(([name, proof]) => holds('fork-proof-signature', name, { hex: toHex(proof.bytes) }, true)),
      fails('fork-proof-signature', 'an entry that another signed', { hex: toHex(forged) }, 'bad-signature'),
      ...good.slice(0, 2).map(([name, proof]) => {
        const spoilt = patch(proof.bytes, 2 + SIDE - 1, proof.bytes[1 + SIDE] === 0 ? '01' : '00')
        return fails(
          'fork-proof-signature',
          `${name}, with a signature changed`,
          { hex: toHex(parseForkProof(spoilt).bytes) },
          'bad-signature'
        )
      }),
      ...hops.map(([name, { author, recipient, ...rest }, from, to, expected]): Case => {
        const named = {
          ...rest,
          author: withId(author),
          ...(recipient === undefined ? {} : { recipient: withId(recipient) })
        }
        const input = { stream: named, from: withId(from), to: withId(to), circles: { [CIRCLE]: ROSTER } }
        return expected === 'allowed' ? holds('hop-fork', name, input, true) : fails('hop-fork', name, input, expected)
      })
    ]
  }
}
