import { toHex } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { MAX_NAMES } from './constants.ts'
import type { PushFrame } from './frames.ts'
import { createNamesIn, createNamesOut } from './names.ts'
import { createRestorer, createShortener } from './push.ts'
import { bytesOf, CIRCLE, createPair } from './testing/community.ts'
import { createHand, type Hand } from './testing/hand.ts'
import { createMemoryReplica, START } from './testing/memory-replica.ts'
import { createRandom, randomBytes } from './testing/random.ts'

const random = createRandom(1)

/** A greeted session that holds the first entry of a stream of its peer, and what the peer pushes next. */
function pushed(): { hand: Hand; stream: StreamId; frame: PushFrame } {
  const hand = createHand()
  const stream = hand.peer.openStream({ tlp: 'AMBER', circle: CIRCLE })
  const descriptor = hand.peer.descriptor(stream) ?? new Uint8Array()
  hand.peer.publish(stream, randomBytes(random, 300))
  const entries = hand.peer.read(stream, 1, 1)
  hand.replica.admit({ from: hand.peer.institution, descriptor, entries, proof: new Uint8Array() })
  hand.greet()
  const { id } = hand.peer.publish(stream, randomBytes(random, 300))
  const [entry] = hand.peer.read(stream, 2, 1)
  if (entry === undefined) throw new Error('nothing was published')
  const proof = hand.peer.hopProof(hand.replica.institution, stream, 2, 2, id)
  return { hand, stream, frame: createShortener()(stream, entry, proof) }
}

describe('a push', () => {
  it('gives the very bytes of entry and proof that were signed', () => {
    const { hand, stream, frame } = pushed()
    hand.give(frame)
    const [entry] = hand.peer.read(stream, 2, 1)
    const id = hand.peer.head(stream)?.id ?? expect.fail('nothing is held')
    const proof = hand.peer.hopProof(hand.replica.institution, stream, 2, 2, id)
    const [given] = hand.actions.flatMap((action) => (action.type === 'append' ? [action.batch] : []))
    const bytes = [given?.descriptor, given?.entries[0]?.header, given?.entries[0]?.body, given?.proof]
    const signed = [hand.peer.descriptor(stream), entry?.header, entry?.body, proof]
    expect(bytes.map((one) => toHex(one ?? new Uint8Array()))).toEqual(
      signed.map((one) => toHex(one ?? new Uint8Array()))
    )
    expect([given?.from, given?.entries.length]).toEqual([hand.peer.institution, 1])
    expect(hand.session.state().pendingCost).toBe(1024 + 190 + 300)
  })

  it('says the roster of its proof where it is another one than before, and only there', () => {
    const shorten = createShortener()
    const [self, peer] = [createMemoryReplica(random), createMemoryReplica(random)]
    const stream = self.openStream({ tlp: 'CLEAR' })
    const restore = createRestorer(self.institution, () => peer.institution)
    const said: boolean[] = []
    for (const day of [1, 1, 2, 2, 1]) {
      const { id } = self.publish(stream, randomBytes(random, 50), START)
      const seq = self.head(stream)?.seq ?? 0
      const [entry] = self.read(stream, seq, 1)
      if (entry === undefined) throw new Error('nothing was published')
      const proof = self.hopProof(peer.institution, stream, seq, seq, id)
      new DataView(proof.buffer, proof.byteOffset).setUint32(177, day)
      const frame = shorten(stream, entry, proof)
      said.push(frame.roster !== null)
      const restored = restore(frame, stream, self.idAt(stream, seq - 1) ?? ('0'.repeat(64) as never))
      if (seq > 1) expect(restored?.proof).toEqual(proof)
    }
    expect(said).toEqual([true, false, true, false, true])
  })

  it('that follows another entry than ours is asked for whole, and offends nobody', () => {
    const { hand, stream, frame } = pushed()
    hand.give({ ...frame, check: new Uint8Array(16) })
    expect(hand.sent('want')).toEqual([{ type: 'want', wants: [{ stream, from: 2, describe: false }] }])
    // Once, however often it comes so.
    for (let n = 0; n < 50; n++) hand.give({ ...frame, check: new Uint8Array(16) })
    expect(hand.sent('want')).toHaveLength(1)
    expect([hand.violation(), hand.session.state().pendingCost]).toEqual([undefined, 0])
  })

  it('behind a gap, or of a stream that is not known, is asked for whole', () => {
    const { hand, stream, frame } = pushed()
    hand.give({ ...frame, seq: 9 })
    expect(hand.sent('want')).toEqual([{ type: 'want', wants: [{ stream, from: 2, describe: false }] }])
    const other = 'ab'.repeat(32) as StreamId
    hand.give({ ...frame, stream: other })
    expect(hand.sent('want')[1]).toEqual({ type: 'want', wants: [{ stream: other, from: 1, describe: true }] })
  })

  it.each<[string, string, (frame: PushFrame) => PushFrame]>([
    ['of a number that no stream has', 'unexpected-frame', (frame) => ({ ...frame, stream: 0 })],
    ['without a roster, where none was said', 'unexpected-frame', (frame) => ({ ...frame, roster: null })],
    ['of another length than announced', 'bad-compression', (frame) => ({ ...frame, bodyLength: 299 })],
    ['longer than what it holds', 'bad-batch', (frame) => ({ ...frame, packed: new Uint8Array(2000) })]
  ])('%s ends the session', (_, code, alter) => {
    const { hand, frame } = pushed()
    hand.give(alter(frame))
    expect([hand.violation(), hand.closeCode()]).toEqual([code, code])
  })

  it('adds a dozen bytes to header and body, its proof among them', () => {
    const { world, a, link } = createPair({ seed: 3 })
    const one = link()
    const stream = a.openStream({ tlp: 'AMBER', circle: CIRCLE })
    const publish = (): void => {
      world.publish(a, stream, randomBytes(world.random, 300))
      world.run(100)
    }
    for (let n = 0; n < 2; n++) publish()
    world.run(3000)
    const before = bytesOf(one)
    for (let n = 0; n < 8; n++) publish()
    // Random bodies do not compress; the acknowledgement of all eight is one frame.
    world.run(150)
    expect(bytesOf(one) - before).toBeLessThan(8 * (300 + 190 + 12) + 40)
  })
})

describe('numbers of streams', () => {
  it('are the same on both sides, however many streams there are', () => {
    const [name, stream] = [createNamesOut(), createNamesIn()]
    const ids = Array.from({ length: MAX_NAMES + 200 }, () => Buffer.from(randomBytes(random, 32)).toString('hex'))
    const isShort: boolean[] = []
    for (const id of [...ids, ...ids.slice(-MAX_NAMES), ...ids.slice(0, 10)] as StreamId[]) {
      const said = name(id)
      isShort.push(typeof said === 'number')
      expect(stream(said)).toBe(id)
    }
    const all = ids.length
    expect(isShort.slice(0, all)).not.toContain(true)
    expect(isShort.slice(all, all + MAX_NAMES)).not.toContain(false)
    expect(isShort.slice(all + MAX_NAMES)).not.toContain(true)
  })
})
