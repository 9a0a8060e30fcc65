import { concatBytes, fromHex, sealEntry, toHex, utf8 } from '@tocsin/journal'
import type { EntryId } from '@tocsin/model'
import { createShortener, DICTIONARY, encodeFrame, type PushFrame } from '@tocsin/sync/testing'
import { sealHopProof } from '@tocsin/trust'
import { type Case, fails, holds } from './case.ts'
import { DAY, NOW } from './records.ts'
import { idOf, nodeOf, streamOf, TODAY } from './world.ts'

const stream = streamOf('Reims', { tlp: 'GREEN' })
const [from, to] = [idOf('Toulouse'), idOf('Valenciennes')]
const BEFORE = '99'.repeat(32) as EntryId

/** A zstd frame of one raw block (RFC 8878 §3.1.1): another libzstd may compress otherwise, and every one reads this. */
function stored(content: Uint8Array): Uint8Array {
  const size = (content.length << 3) | 1
  return concatBytes(fromHex('28b52ffd20'), Uint8Array.of(content.length, size & 0xff, size >> 8, 0), content)
}

/** An entry of Reims, as Toulouse pushes it to Valenciennes. */
function entryAt(seq: number, previous: EntryId, text: string, day = TODAY) {
  const body = utf8(text)
  const fields = { stream: stream.id, seq, previous, clock: NOW + seq, kind: 'bulletin' as const, keepUntil: NOW + DAY }
  const { bytes, signature, id } = sealEntry(nodeOf('Reims'), fields, body)
  const header = concatBytes(bytes, signature)
  const about = { from, to, stream: stream.id, first: seq, last: seq, lastId: id }
  const proof = sealHopProof(nodeOf('Toulouse'), { ...about, rosterDigest: '3c'.repeat(32), day, time: NOW + 1000 })
  const signed = { header: toHex(header), body: toHex(body), proof: toHex(proof) }
  return { id, wire: { header, body }, proof, signed }
}

const first = entryAt(2, BEFORE, 'the first that is pushed')
const second = entryAt(3, first.id, 'the second')
const tomorrow = entryAt(4, second.id, 'of another day', TODAY + 1)
const shorten = createShortener()
const [one, two, three] = [first, second, tomorrow].map(({ wire, proof }, index): PushFrame => {
  const frame = shorten(index === 1 ? 0 : stream.id, wire, proof)
  return { ...frame, packed: stored(wire.body) }
}) as [PushFrame, PushFrame, PushFrame]

// As libzstd 1.5 compresses it against the dictionary; another version may do so otherwise, and must read it all the same.
const named = entryAt(2, BEFORE, 'phishing, indicators, references, attachments: did:key:z6Mk, https://, malicious')
const squeezed: PushFrame = {
  ...createShortener()(stream.id, named.wire, named.proof),
  packed: fromHex('28b52ffd2050150100602c202c202c203a202c202c2007007d144cbb086c5b700c0c8eba31c63692081304')
}

const hexOf = (frame: PushFrame): string => toHex(encodeFrame(frame))
const input = (frame: PushFrame, more: Case['input'] = {}): Case['input'] => ({
  hex: hexOf(frame),
  stream: stream.id,
  previous: BEFORE,
  from,
  to,
  ...more
})
const behind = { before: hexOf(one), previous: first.id }

/** Every case, in a fixed order. */
export function buildPush(): Case[] {
  return [
    holds('dictionary', 'of pushed bodies', {}, { hex: toHex(DICTIONARY) }),
    holds('push', 'with its roster', input(one), first.signed),
    holds('push', 'with the roster of the one before', input(two, behind), second.signed),
    holds('push', 'with another roster', input(three, { before: hexOf(one), previous: second.id }), tomorrow.signed),
    holds('push', 'compressed against the dictionary', input(squeezed), named.signed),
    holds('push', 'behind another entry', input(one, { previous: first.id }), null),
    holds('push', 'behind nothing that is held', input(one, { previous: null }), null),
    holds('push', 'with another check', input({ ...one, check: new Uint8Array(16) }), null),
    holds('push', 'of another stream', input(one, { stream: '5a'.repeat(32) }), null),
    fails('push', 'without a roster, as the first', input(two, { previous: first.id }), 'unexpected-frame'),
    fails('push', 'a byte short', input({ ...one, bodyLength: 23 }), 'bad-compression'),
    fails('push', 'a byte long', input({ ...one, bodyLength: 25 }), 'bad-compression'),
    fails(
      'push',
      'with bytes behind',
      input({ ...one, packed: concatBytes(one.packed, Uint8Array.of(0)) }),
      'bad-compression'
    )
  ]
}
