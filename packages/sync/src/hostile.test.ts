import { chunkHashes, decodeDescriptor, encodeDescriptor } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packEntries, rawSizeOf } from './batch-bytes.ts'
import { compress } from './compression.ts'
import { MAX_MISSING, MAX_WANTED_STREAMS } from './constants.ts'
import { bucketOf } from './digest.ts'
import { decodeFrame, encodeFrame } from './frame-codec.ts'
import { type BatchFrame, FRAME_CODES, type Frame } from './frames.ts'
import type { Row } from './ports.ts'
import { CIRCLE, createPair } from './testing/community.ts'
import { createHand, type Hand } from './testing/hand.ts'
import { createRandom, randomBytes } from './testing/random.ts'

const random = createRandom(1)

/** A stream of the peer with so many entries. */
function peerStream(hand: Hand, ...sizes: number[]): StreamId {
  const stream = hand.peer.openStream({ tlp: 'AMBER', circle: CIRCLE })
  for (const size of sizes) hand.peer.publish(stream, randomBytes(random, size))
  return stream
}

/** The batch frame of a peer's stream. */
function batchOf(hand: Hand, stream: StreamId, first = 1, change: Partial<BatchFrame> = {}): BatchFrame {
  const entries = hand.peer.read(stream, first, 2 ** 20)
  const rawLength = entries.reduce((sum, entry) => sum + rawSizeOf(entry), 0)
  const descriptor = hand.peer.descriptor(stream) ?? null
  const packed = compress(packEntries(entries))
  const proof = new Uint8Array(253)
  return { type: 'batch', stream, first, count: entries.length, rawLength, descriptor, proof, packed, ...change }
}

function largeOf(hand: Hand, stream: StreamId, id = 1): Extract<Frame, { type: 'large' }> {
  const [entry] = hand.peer.read(stream, 1, 1)
  if (!entry?.body) throw new Error('no entry')
  const descriptor = hand.peer.descriptor(stream) ?? null
  const chunks = chunkHashes(entry.body)
  return { type: 'large', id, stream, header: entry.header, descriptor, proof: new Uint8Array(253), chunks }
}

const violates = (code: string, ...make: ((hand: Hand) => Frame | Uint8Array)[]) => {
  const hand = createHand(1, { window: 2 ** 20 })
  hand.greet()
  for (const frame of make) hand.give(frame(hand))
  expect(hand.violation()).toBe(code)
  expect(hand.closeCode()).toBe(code)
  expect(hand.sent('refuse')).toEqual([{ type: 'refuse', code }])
  return hand
}

describe('a bad frame closes that session with its code', () => {
  it('of no known type, of no CBOR, too long', () => {
    violates('unknown-frame', () => Uint8Array.of(99, 0x80))
    violates('unknown-frame', () => new Uint8Array())
    violates('bad-frame', () => Uint8Array.of(FRAME_CODES.have, 0xff))
    violates('bad-frame', () => Uint8Array.of(FRAME_CODES.have))
    violates('frame-too-long', () => new Uint8Array(2 * 2 ** 20))
  })

  it('of rows that nobody asked for, or out of their buckets', () => {
    const rows = { type: 'rows' as const, scope: 'direct' as const, answer: false, last: true, rows: [] }
    violates('unexpected-frame', () => ({ ...rows, mask: new Uint8Array(8) }))
    const key = 'ab'.repeat(32)
    const row: Row = { kind: 'stream', key, number: 1, hash: key, order: 4, newest: 1 }
    const mask = new Uint8Array(8).fill(255)
    mask[bucketOf(key) >> 3] = 255 & ~(1 << (bucketOf(key) & 7))
    const differs: Frame = { type: 'digests', reset: false, digests: [{ scope: 'direct', digest: new Uint8Array(32) }] }
    violates(
      'unexpected-frame',
      () => differs,
      () => ({ ...rows, mask, rows: [row] })
    )
  })

  it('of a batch that is cut, padded, out of order or of another stream', () => {
    const bad = (change: (frame: BatchFrame, hand: Hand) => Partial<BatchFrame>, code = 'bad-batch') =>
      violates(code, (hand) => {
        const frame = batchOf(hand, peerStream(hand, 100, 100))
        return { ...frame, ...change(frame, hand) }
      })
    bad(() => ({ first: 2 }))
    bad(() => ({ count: 1 }))
    bad(() => ({ count: 3 }))
    bad(({ rawLength }) => ({ rawLength: rawLength - 1 }), 'bad-compression')
    bad(({ rawLength }) => ({ rawLength: rawLength + 1 }), 'bad-compression')
    bad(({ packed }) => ({ packed: Buffer.concat([packed, Buffer.of(0)]) }), 'bad-compression')
    bad(({ packed }) => ({ packed: packed.subarray(0, -1) }), 'bad-compression')
    bad((_, hand) => ({ descriptor: hand.peer.descriptor(peerStream(hand, 1)) ?? null }))
    bad((_, hand) => ({ packed: batchOf(hand, peerStream(hand, 100, 100)).packed }))
    bad(() => ({ descriptor: new Uint8Array(190) }))
    // Much longer than what it says it holds.
    bad(() => ({ packed: new Uint8Array(10_000) }))
  })

  it('of chunks that are not those of the list', () => {
    const start = (hand: Hand) => largeOf(hand, peerStream(hand, 200_000))
    const chunk =
      (index: number, change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) =>
      (hand: Hand): Frame => {
        const body = [...hand.peer.streams.values()][0]?.entries[0]?.body ?? new Uint8Array()
        return { type: 'chunk', id: 1, index, bytes: change(body.subarray(index * 65_536, (index + 1) * 65_536)) }
      }
    violates('chunk-mismatch', start, chunk(1))
    violates('chunk-mismatch', start, chunk(0), chunk(0))
    violates(
      'chunk-mismatch',
      start,
      chunk(0, (bytes) => bytes.subarray(1))
    )
    violates(
      'chunk-mismatch',
      start,
      chunk(0, (bytes) => bytes.map((byte) => byte ^ 1))
    )
    violates('chunk-mismatch', start, chunk(0), chunk(1), chunk(2), () => ({
      type: 'chunk',
      id: 1,
      index: 4,
      bytes: new Uint8Array(1)
    }))
    violates('unexpected-frame', () => ({ type: 'chunk', id: 1, index: 0, bytes: new Uint8Array(1) }))
    violates('large-overlap', start, (hand) => largeOf(hand, peerStream(hand, 200_000), 2))
    violates('unexpected-frame', (hand) => largeOf(hand, peerStream(hand, 200_000), 2))
    violates('bad-batch', (hand) => ({ ...start(hand), chunks: new Uint8Array(4 * 32) }))
    violates('bad-batch', (hand) => largeOf(hand, peerStream(hand, 1000)))
    violates('bad-batch', (hand) => ({ ...start(hand), header: new Uint8Array(190) }))
    violates('unexpected-frame', () => ({ type: 'large-done', id: 1 }))
  })

  it('of more than the credit that was granted, raw bytes counting', () => {
    violates(
      'credit-exceeded',
      ...Array.from(
        { length: 12 },
        () =>
          (hand: Hand): Frame =>
            batchOf(hand, peerStream(hand, 100_000))
      )
    )
    // A bomb of zeros is small on the wire; what it inflates to is what it costs.
    const zeros = compress(new Uint8Array(2 ** 20))
    const hand = violates('credit-exceeded', (one) =>
      batchOf(one, peerStream(one, 10), 1, { rawLength: 2 ** 20, packed: zeros })
    )
    expect(hand.session.state().pendingCost).toBe(0)
    const tiny = (one: Hand): Frame => ({
      type: 'registers',
      registers: [{ address: one.peer.self().card.hash, bytes: Uint8Array.of(1) }]
    })
    violates('credit-exceeded', ...Array.from({ length: 1100 }, () => tiny))
  })

  it('of a flood of frames that cost an answer', () => {
    const digests: Frame = { type: 'digests', reset: false, digests: [] }
    violates('control-flood', ...Array.from({ length: 200 }, () => () => digests))
    violates('control-flood', ...Array.from({ length: 2000 }, () => (): Frame => ({ type: 'want', wants: [] })))
  })
})

describe('what a later version wrote', () => {
  it('is declined, whole or large, and the session goes on', () => {
    const hand = createHand(1)
    hand.greet()
    for (const [size, make] of [[100, batchOf] as const, [300_000, largeOf] as const]) {
      const stream = peerStream(hand, size)
      const descriptor = Uint8Array.from(hand.peer.descriptor(stream) ?? [])
      descriptor[0] = 2
      hand.give({ ...make(hand, stream), descriptor })
      // Sent on without its descriptor, it is not asked for again.
      hand.give({ ...batchOf(hand, stream), descriptor: null })
      expect(hand.sent('decline')).toContainEqual({
        type: 'decline',
        kind: 'stream',
        key: stream,
        code: 'unknown-version',
        resets: 0
      })
      expect(hand.sent('want')).toEqual([])
    }
    expect([hand.violation(), hand.closeCode()]).toEqual([undefined, undefined])
  })
})

describe('memory per peer', () => {
  it('does not grow with the streams a peer makes up', () => {
    const hand = createHand()
    hand.greet()
    const made = (): StreamId => Buffer.from(randomBytes(random, 32)).toString('hex') as StreamId
    for (let n = 0; n < 5000; n++) {
      for (const lazy of [false, true])
        hand.give({ type: 'have', lazy, heads: [{ stream: made(), seq: 5, id: made().slice(32) }] })
      hand.give({ type: 'prune', stream: made() })
      hand.give({ type: 'graft', stream: made() })
      hand.give({ type: 'decline', kind: 'stream', key: made(), code: 'no', resets: 0 })
      hand.give({ type: 'decline', kind: 'register', key: made(), code: 'no', resets: 0 })
    }
    hand.give({ type: 'digests', reset: false, digests: [{ scope: 'direct', digest: new Uint8Array(32) }] })
    const full = (): Frame => {
      const rows = Array.from(
        { length: 4096 },
        (): Row => ({ kind: 'stream', key: made(), number: 9, hash: made(), order: 4, newest: 1 })
      )
      return { type: 'rows', scope: 'direct', mask: new Uint8Array(8).fill(255), answer: true, last: false, rows }
    }
    for (let n = 0; n < 16; n++) hand.give(full())
    const state = hand.session.state()
    expect(state.phase).toBe('linked')
    expect(state.missing).toBeLessThanOrEqual(MAX_MISSING)
    expect(state.wanted).toBeLessThanOrEqual(2 * MAX_WANTED_STREAMS)
    expect(state).toMatchObject({ declinedByPeer: 0, declinedByUs: 0, outgoing: 0 })
    hand.give(full())
    expect(hand.violation()).toBe('unexpected-frame')
  })

  it('does not grow with what a peer asks for', () => {
    const hand = createHand()
    const stream = hand.replica.openStream({ tlp: 'CLEAR' })
    for (let n = 0; n < 200; n++) hand.replica.publish(stream, randomBytes(random, 20_000))
    hand.greet({ window: 2 ** 20 })
    for (let n = 0; n < 500; n++) hand.give({ type: 'want', wants: [{ stream, from: 1, describe: true }] })
    expect(hand.session.state().outgoing).toBe(1)
    const data = hand.actions.reduce((sum, action) => sum + (action.type === 'send' ? action.frame.length : 0), 0)
    expect(data).toBeLessThan(2 ** 20)
    hand.give({ type: 'credit', amount: Number.MAX_SAFE_INTEGER })
    expect(hand.session.state().credit).toBeLessThanOrEqual(64 * 2 ** 20)
  })
})

/** Valid frames of a real session, with faults: the material of the fuzzing below. */
const recorded = (() => {
  const { world, a, b, link } = createPair({ seed: 7 })
  for (const node of [a, b]) {
    const stream = node.openStream({ tlp: 'AMBER', circle: CIRCLE })
    for (const size of [100, 300_000, 100, 70_000]) node.publish(stream, randomBytes(world.random, size))
    node.setRegister(2, 'vouch', 1, CIRCLE)
  }
  const { sent } = link()
  world.run(2000)
  // A second greeting and unasked rows end a session at once: without them, runs go deeper.
  const ends = ['hello', 'accept', 'rows']
  return sent.filter(({ frame }) => !ends.includes(frame.type)).map(({ frame }) => encodeFrame(frame))
})()

type Step =
  | { readonly kind: 'replay'; readonly index: number }
  | { readonly kind: 'mutate'; readonly index: number; readonly at: number; readonly value: number }
  | { readonly kind: 'random'; readonly type: number; readonly body: Uint8Array }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'admit'; readonly token: number; readonly verdict: 'accept' | 'ignore'; readonly have: number }
  | { readonly kind: 'roster' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('replay' as const), index: fc.nat(recorded.length - 1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('mutate' as const),
      index: fc.nat(recorded.length - 1),
      at: fc.nat(400),
      value: fc.nat(255)
    })
  },
  fc.record({ kind: fc.constant('random' as const), type: fc.nat(24), body: fc.uint8Array({ maxLength: 100 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(20_000) }),
  fc.record({
    kind: fc.constant('admit' as const),
    token: fc.nat(5),
    verdict: fc.constantFrom('accept' as const, 'ignore' as const),
    have: fc.nat(5)
  }),
  fc.record({ kind: fc.constant('roster' as const) })
)

function take(hand: Hand, one: Step): void {
  switch (one.kind) {
    case 'replay':
      hand.give(recorded[one.index] ?? new Uint8Array())
      break
    case 'mutate': {
      const frame = Uint8Array.from(recorded[one.index] ?? [])
      frame[one.at % frame.length] = one.value
      hand.give(frame)
      break
    }
    case 'random':
      hand.give(Uint8Array.of(one.type, ...one.body))
      break
    case 'wait':
      hand.wait(one.ms)
      break
    case 'admit':
      hand.feed({ type: 'admitted', token: one.token, outcome: { accepted: 0, verdict: one.verdict, have: one.have } })
      break
    case 'roster':
      hand.feed({ type: 'roster-changed' })
  }
}

describe('whatever comes', () => {
  it('nothing is thrown, sessions end at most once, and their memory stays bounded', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, greets) => {
        const hand = createHand(3)
        if (greets) hand.greet()
        else hand.feed({ type: 'opened' })
        for (const one of steps) take(hand, one)
        const state = hand.session.state()
        expect(hand.actions.filter(({ type }) => type === 'close').length).toBe(state.phase === 'closed' ? 1 : 0)
        expect(hand.violation()).not.toBe('internal')
        expect(state.pendingCost).toBeLessThanOrEqual(4 * 2 ** 20)
        expect(state.largeIn).toBeLessThanOrEqual(9 * 2 ** 20)
        expect(state.wanted).toBeLessThanOrEqual(512)
        expect(state.missing).toBeLessThanOrEqual(2 * MAX_MISSING)
        for (const action of hand.actions) if (action.type === 'send') decodeFrame(action.frame)
      }),
      { numRuns: 300 }
    )
  })

  it('what is appended is always well-formed', () => {
    const hand = createHand(4)
    hand.greet()
    hand.give(batchOf(hand, peerStream(hand, 10, 20)))
    const [append] = hand.actions.filter((action) => action.type === 'append')
    if (append?.type !== 'append') throw new Error('nothing was appended')
    const { descriptor } = decodeDescriptor(append.batch.descriptor)
    expect(encodeDescriptor(descriptor)).toEqual(append.batch.descriptor)
    expect(append.batch.from).toBe(hand.peer.institution)
    expect(hand.replica.admit(append.batch)).toEqual({ accepted: 2, verdict: 'accept', have: 2 })
  })
})
