import { concatBytes, eraseNowMessage, fromHex, type SigningKey, toHex, utf8 } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { sealInstance } from '@tocsin/replica'
import { type HopProofFields, parseHopProof, sealHopProof } from '@tocsin/trust'
import { fails, holds, refusals, type VectorFile } from './case.ts'
import { NOW, patch } from './records.ts'
import { idOf, nodeOf, rootOf, TODAY } from './world.ts'

const fields: HopProofFields = {
  from: idOf('Reims'),
  to: idOf('Valenciennes'),
  stream: '5a'.repeat(32) as StreamId,
  first: 7,
  last: 9,
  lastId: 'a5'.repeat(32) as EntryId,
  rosterDigest: '3c'.repeat(32),
  day: TODAY,
  time: NOW
}
const { rosterDigest: _, ...direct } = fields
const node = nodeOf('Reims')
const good = sealHopProof(node, fields)

/** Changes proof bytes and signs again, so that nothing but the change is wrong. */
function resigned(offset: number, hex: string, key: SigningKey = node): Uint8Array {
  const signed = patch(good, offset, hex).subarray(0, 189)
  return concatBytes(signed, key.sign(concatBytes(utf8('tocsin/hop/1\0'), signed)))
}

// Offsets: from 1, to 33, stream 65, first 97, last 105, last id 113, roster digest 145, day 177, time 181.
const malformed: readonly (readonly [string, Uint8Array, string])[] = [
  ['empty', new Uint8Array(0), 'hop-proof-length'],
  ['one byte short', good.subarray(0, 252), 'hop-proof-length'],
  ['one byte long', concatBytes(good, new Uint8Array(1)), 'hop-proof-length'],
  ['version 0', resigned(0, '00'), 'hop-proof-version'],
  ['version 2', resigned(0, '02'), 'hop-proof-version'],
  ['first 0', resigned(97, '0000000000000000'), 'hop-proof-field'],
  ['first behind last', resigned(97, '000000000000000a'), 'hop-proof-field'],
  ['last 2^53', resigned(105, '0020000000000000'), 'hop-proof-field'],
  ['time 2^53', resigned(181, '0020000000000000'), 'hop-proof-field']
]

const unsigned: readonly (readonly [string, Uint8Array])[] = [
  ['receiver changed', patch(good, 33, '00')],
  ['time changed', patch(good, 188, 'ff')],
  ['roster digest taken out', patch(good, 145, '00'.repeat(32))],
  ['signature of zeros', patch(good, 189, '00'.repeat(64))],
  ['signed by the root key', resigned(0, '01', rootOf('Reims'))],
  ['signed by another node', resigned(0, '01', nodeOf('Toulouse'))],
  ['signed without the domain string', concatBytes(good.subarray(0, 189), node.sign(good.subarray(0, 189)))]
]

const batch = { from: fields.from, to: fields.to, stream: fields.stream, first: 7, last: 9, lastId: fields.lastId }
const drift = 600_000
const checks: readonly (readonly [string, Partial<typeof batch>, number, string])[] = [
  ['of this batch', {}, NOW, 'allowed'],
  ['ten minutes old', {}, NOW + drift, 'allowed'],
  ['ten minutes ahead', {}, NOW - drift, 'allowed'],
  ['older', {}, NOW + drift + 1, 'proof-other-time'],
  ['further ahead', {}, NOW - drift - 1, 'proof-other-time'],
  ['shown by another', { from: idOf('Toulouse') }, NOW, 'proof-other-sender'],
  ['shown to another', { to: idOf('Toulouse') }, NOW, 'proof-other-receiver'],
  ['with another stream', { stream: '5b'.repeat(32) as StreamId }, NOW, 'proof-other-stream'],
  ['with more in front', { first: 6 }, NOW, 'proof-other-range'],
  ['with less behind', { last: 8 }, NOW, 'proof-other-range'],
  ['with another last entry', { lastId: 'a6'.repeat(32) as EntryId }, NOW, 'proof-other-range'],
  ['all of it, the sender first', { from: idOf('A'), to: idOf('B'), first: 1 }, 0, 'proof-other-sender']
]

const instance = sealInstance(node, '000102030405060708090a0b0c0d0e0f', NOW)
const badInstances: readonly (readonly [string, Uint8Array])[] = [
  ['empty', new Uint8Array(0)],
  ['one byte short', instance.subarray(0, 87)],
  ['one byte long', concatBytes(instance, new Uint8Array(1))],
  ['instance changed', patch(instance, 0, 'ff')],
  ['time changed', patch(instance, 23, 'ff')],
  ['signed by another node', sealInstance(nodeOf('Toulouse'), '000102030405060708090a0b0c0d0e0f', NOW)],
  ['signed without the domain string', concatBytes(instance.subarray(0, 24), node.sign(instance.subarray(0, 24)))]
]

const targets = ['11', '22', '33'].map((byte) => byte.repeat(32) as EntryId)
const eraseNow = toHex(rootOf('Reims').sign(eraseNowMessage(targets)))
const erasures: readonly (readonly [string, Record<string, unknown>])[] = [
  ['targets in another order', { targets: targets.toReversed() }],
  ['a target more', { targets: [...targets, '44'.repeat(32)] }],
  ['a target less', { targets: targets.slice(1) }],
  ['another author', { author: idOf('Toulouse') }],
  ['signed by the node key', { eraseNow: toHex(node.sign(eraseNowMessage(targets))) }],
  [
    'signed without the domain string',
    { eraseNow: toHex(rootOf('Reims').sign(concatBytes(...targets.map((id) => fromHex(id))))) }
  ],
  ['in capitals', { eraseNow: eraseNow.toUpperCase() }],
  ['cut short', { eraseNow: eraseNow.slice(2) }]
]

/** Every case, in a fixed order. */
export function buildProof(): VectorFile {
  const nodeKey = toHex(node.publicKey)
  const { bytes: __, ...parsed } = parseHopProof(good)
  const { bytes: ___, ...parsedDirect } = parseHopProof(sealHopProof(node, direct))
  const erasing = { author: fields.from, targets, eraseNow }
  return {
    description:
      'What is signed beside entries and registers: hop proofs (253 bytes), instance proofs (88 bytes) and the word of a root key to erase at once.',
    cases: [
      holds('hop-proof', 'of a stream of a circle', { hex: toHex(good) }, parsed),
      holds('hop-proof', 'of a stream without a circle', { hex: toHex(sealHopProof(node, direct)) }, parsedDirect),
      ...refusals('hop-proof', malformed),
      holds('hop-proof-signature', 'honest', { hex: toHex(good), nodeKey }, true),
      ...unsigned.map(([name, bytes]) => fails('hop-proof-signature', name, { hex: toHex(bytes), nodeKey }, 'refused')),
      ...checks.map(([name, change, now, expected]) => {
        const shown = { ...batch, ...change }
        const input = { hex: toHex(good), batch: shown, now }
        return expected === 'allowed'
          ? holds('hop-proof-check', name, input, true)
          : fails('hop-proof-check', name, input, expected)
      }),
      holds(
        'instance-proof',
        'honest',
        { hex: toHex(instance), nodeKey },
        { instance: '000102030405060708090a0b0c0d0e0f', time: NOW }
      ),
      ...badInstances.map(([name, bytes]) => fails('instance-proof', name, { hex: toHex(bytes), nodeKey }, 'refused')),
      holds('erase-now', 'honest', erasing, true),
      ...erasures.map(([name, change]) => fails('erase-now', name, { ...erasing, ...change }, 'refused'))
    ]
  }
}
