import { sha256, toHex, utf8 } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import {
  bucketDigests,
  bucketOf,
  differenceOf,
  differingBuckets,
  digestOf,
  markRows,
  sketchOf,
  writeMarks
} from '@tocsin/sync/testing'
import { rosterDigest } from '@tocsin/trust'
import { type Case, holds, type VectorFile } from './case.ts'
import { idOf, TODAY } from './world.ts'

/** A row as digests read it. */
export interface DigestRow {
  readonly kind: 'register' | 'stream'
  readonly key: string
  readonly number: number
  readonly hash: string
}

/** What a session compares: order and newest are no part of a digest. */
export const rowsOf = (rows: readonly DigestRow[]) => rows.map((row) => ({ ...row, order: 4, newest: 0 }))

const keyOf = (name: string): string => toHex(sha256(utf8(name)))
const row = (kind: DigestRow['kind'], name: string, number: number): DigestRow => ({
  kind,
  key: keyOf(name),
  number,
  hash: keyOf(`hash of ${name}`)
})
const three = [
  row('register', 'a card', 1_793_000_000_000),
  row('stream', 'a stream', 17),
  row('stream', 'another', 2 ** 53 - 1)
]
const hundred = Array.from({ length: 100 }, (_, index) =>
  row(index % 3 === 0 ? 'register' : 'stream', `row ${index}`, index + 1)
)
const same = { kind: 'register', key: 'aa'.repeat(32), number: 1, hash: 'bb'.repeat(32) } as const

const sets: readonly (readonly [string, readonly DigestRow[]])[] = [
  ['of nothing', []],
  ['of three rows', three],
  ['of the same in another order', three.toReversed()],
  ['of a register', [same]],
  ['of a stream with the same numbers', [{ ...same, kind: 'stream' }]],
  ['registers before streams, whatever their keys', [{ ...same, kind: 'stream', key: '00'.repeat(32) }, same]],
  ['of a hundred rows', hundred]
]

/** Every case, in a fixed order. */
export function buildDigest(): VectorFile {
  const members = ['Reims', 'Valenciennes', 'Toulouse'].map(idOf)
  const circle = 'c1'.repeat(32) as CircleId
  const a = toHex(bucketDigests(rowsOf(hundred)))
  const b = toHex(bucketDigests(rowsOf(hundred.filter((_, index) => index % 40 !== 7))))
  const salt = new Uint8Array(8).fill(0x3c)
  const sketched = (rows: readonly DigestRow[]) => sketchOf(markRows(rowsOf(rows), salt))
  const sketchCase = (name: string, rows: readonly DigestRow[]): Case => {
    return holds('sketch', name, { salt: toHex(salt), rows }, { marks: toHex(sketched(rows)) })
  }
  const differenceCase = (name: string, rows: readonly DigestRow[], theirs: readonly DigestRow[]): Case => {
    const marks = sketched(theirs)
    const found = differenceOf(markRows(rowsOf(rows), salt), marks)
    const told =
      found === undefined ? null : { keys: found.ours.map(({ key }) => key).sort(), marks: sorted(found.theirs) }
    return holds('difference', name, { salt: toHex(salt), rows, marks: toHex(marks) }, { told })
  }
  const grown = hundred.map((one, index) => (index === 5 ? { ...one, number: 1000 } : one))
  const mask = differingBuckets(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))
  const bit = (bucket: number): string =>
    toHex(Uint8Array.from({ length: 8 }, (_, byte) => (byte === bucket >> 3 ? 1 << (bucket & 7) : 0)))
  return {
    description: 'Digests of scopes, buckets and rosters.',
    cases: [
      ...sets.map(([name, rows]): Case => holds('digest', name, { rows }, { digest: toHex(digestOf(rowsOf(rows))) })),
      ...['a', 'b', 'c', 'd'].map((name) =>
        holds('bucket', `of ${name}`, { key: keyOf(name) }, { bucket: bucketOf(keyOf(name)) })
      ),
      sketchCase('of nothing', []),
      sketchCase('of three rows', three),
      sketchCase('of a hundred rows', hundred),
      differenceCase('of equal sets', hundred, hundred),
      differenceCase('of lists', three, [...three.slice(1), ...hundred.slice(0, 3)]),
      differenceCase('of a hundred rows of which one grew', hundred, grown),
      differenceCase('of a hundred rows and ninety-six', hundred, hundred.slice(4)),
      differenceCase('of too much to tell', hundred.slice(0, 50), hundred),
      holds('buckets', 'of nothing', { rows: [] }, { buckets: toHex(bucketDigests([])) }),
      holds('buckets', 'of a hundred rows', { rows: hundred }, { buckets: a }),
      holds('mask', 'of equal buckets', { a, b: a }, { mask: '00'.repeat(8) }),
      holds('mask', 'where three rows differ', { a, b }, { mask: toHex(mask) }),
      ...[0, 7, 8, 63].map((bucket) =>
        holds('mask', `of bucket ${bucket} alone`, oneDiffers(a, bucket), { mask: bit(bucket) })
      ),
      holds(
        'roster-digest',
        'of nobody',
        { circle, day: TODAY, members: [] },
        { digest: rosterDigest(circle, TODAY, []) }
      ),
      holds(
        'roster-digest',
        'of three',
        { circle, day: TODAY, members },
        { digest: rosterDigest(circle, TODAY, members) }
      ),
      holds(
        'roster-digest',
        'in another order',
        { circle, day: TODAY, members: members.toReversed() },
        { digest: rosterDigest(circle, TODAY, members) }
      ),
      holds(
        'roster-digest',
        'on another day',
        { circle, day: TODAY + 1, members },
        { digest: rosterDigest(circle, TODAY + 1, members) }
      )
    ]
  }
}

function sorted(marks: readonly number[]): string {
  return toHex(writeMarks([...marks].sort((a, b) => a - b)))
}

/** The buckets, and the same with one bit of one bucket's digest turned. */
function oneDiffers(a: string, bucket: number): { a: string; b: string } {
  const bytes = Buffer.from(a, 'hex')
  bytes[bucket * 16 + 15] = (bytes[bucket * 16 + 15] ?? 0) ^ 1
  return { a, b: bytes.toString('hex') }
}
