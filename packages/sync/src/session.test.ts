import type { CircleId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from './frame-codec.ts'
import { CIRCLE, enrol } from './testing/community.ts'
import { createHand, helloOf } from './testing/hand.ts'
import { START } from './testing/memory-replica.ts'

describe('greeting', () => {
  it('sends hello at once, answers with accept, and is linked when both came', () => {
    const hand = createHand()
    expect(hand.session.state().phase).toBe('new')
    hand.feed({ type: 'opened' })
    expect(hand.sent().map(({ type }) => type)).toEqual(['hello'])
    expect(hand.session.state().phase).toBe('greeting')
    hand.give(helloOf(hand.peer, START + 7000))
    expect(hand.sent('accept')).toHaveLength(1)
    expect(hand.session.state().phase).toBe('greeting')
    hand.give({ type: 'accept' })
    expect(hand.session.state().phase).toBe('linked')
    const { card, instance, instanceProof: proof } = hand.peer.self()
    const peer = hand.peer.institution
    expect(hand.reports()).toContainEqual({ type: 'instance', peer, instance, proof })
    expect(hand.reports()).toContainEqual({ type: 'linked', peer, minor: 0, card, skew: 7000 })
  })

  it('names circles only to those who share them, and ignores those it does not share', () => {
    const hand = createHand()
    const secret = '33'.repeat(32) as CircleId
    enrol(secret, [hand.replica])
    const foreign = '44'.repeat(32) as CircleId
    hand.greet({ digests: [{ scope: foreign, digest: new Uint8Array(32) }] })
    const [hello] = hand.sent('hello')
    expect(hello?.type === 'hello' && hello.digests.map(({ scope }) => scope)).toEqual(['direct', CIRCLE])
    expect(hand.session.state()).toMatchObject({ phase: 'linked', scopes: [], comparing: 0 })
    const before = hand.sent().length
    hand.give({ type: 'sketch', scope: foreign, salt: new Uint8Array(8), marks: new Uint8Array() })
    // As for a circle that was never heard of: nothing equal, nothing offered, nothing asked.
    const answer = {
      type: 'rows',
      scope: foreign,
      mask: new Uint8Array(8).fill(255),
      answer: false,
      last: true,
      rows: []
    }
    expect(hand.sent().slice(before)).toEqual([answer])
    hand.give({ type: 'sketch', scope: secret, salt: new Uint8Array(8), marks: new Uint8Array() })
    expect(hand.sent().slice(before + 1)).toEqual([{ ...answer, scope: secret }])
  })

  it('refuses another major version and takes a newer minor one', () => {
    const old = createHand()
    old.greet({ major: 2 })
    expect(old.sent('refuse')).toEqual([{ type: 'refuse', code: 'version-unsupported' }])
    expect(old.closeCode()).toBe('version-unsupported')
    const newer = createHand()
    newer.greet({ minor: 9 })
    expect(newer.session.state().phase).toBe('linked')
  })

  it('refuses a window that is too small to work with', () => {
    const hand = createHand()
    hand.greet({ window: 2 ** 20 - 1 })
    expect(hand.violation()).toBe('limits-unusable')
  })

  it('takes exactly one hello, and nothing before it', () => {
    const early = createHand()
    early.feed({ type: 'opened' })
    early.give({ type: 'heartbeat' })
    expect(early.violation()).toBe('unexpected-frame')
    const unopened = createHand()
    unopened.give({ type: 'heartbeat' })
    expect(unopened.violation()).toBe('unexpected-frame')
    const twice = createHand()
    twice.greet()
    twice.give(helloOf(twice.peer, START))
    expect(twice.violation()).toBe('unexpected-frame')
    const accepts = createHand()
    accepts.greet()
    accepts.give({ type: 'accept' })
    expect(accepts.violation()).toBe('unexpected-frame')
  })

  it('ends when the peer refuses, and is silent afterwards', () => {
    const hand = createHand()
    hand.feed({ type: 'opened' })
    hand.give({ type: 'refuse', code: 'version-unsupported' })
    expect(hand.reports()).toEqual([{ type: 'refused', peer: hand.peer.institution, code: 'version-unsupported' }])
    expect(hand.closeCode()).toBe('refused')
    expect(hand.sent('refuse')).toEqual([])
    expect(hand.give({ type: 'heartbeat' })).toEqual([])
    expect(hand.wait(200_000)).toEqual([])
    expect(hand.session.state()).toMatchObject({ phase: 'closed', closeCode: 'refused' })
  })
})

describe('time', () => {
  it('gives up when no hello comes', () => {
    const hand = createHand()
    hand.feed({ type: 'opened' })
    hand.wait(14_000)
    expect(hand.closeCode()).toBeUndefined()
    hand.wait(1000)
    expect(hand.closeCode()).toBe('hello-timeout')
  })

  it('sends a heartbeat after 30 s of its own silence, and closes after 90 s of the peer’s', () => {
    const hand = createHand()
    hand.greet()
    hand.wait(29_000)
    expect(hand.sent('heartbeat')).toHaveLength(0)
    hand.wait(1000)
    expect(hand.sent('heartbeat')).toHaveLength(1)
    hand.give({ type: 'heartbeat' })
    hand.wait(89_000)
    expect(hand.sent('heartbeat')).toHaveLength(3)
    expect(hand.closeCode()).toBeUndefined()
    hand.wait(1000)
    expect(hand.closeCode()).toBe('silent')
  })

  it('closes on a peer that sends heartbeats but never what it owes', () => {
    const hand = createHand()
    hand.greet()
    hand.give({ type: 'digests', reset: false, digests: [{ scope: 'direct', digest: new Uint8Array(32) }] })
    expect(hand.session.state().comparing).toBe(1)
    for (let n = 0; n < 4; n++) {
      hand.wait(29_000)
      hand.give({ type: 'heartbeat' })
      expect(hand.closeCode()).toBeUndefined()
    }
    hand.wait(5000)
    expect(hand.closeCode()).toBe('stalled')
  })
})

describe('the rest', () => {
  it('shows twins to the peer, and reports those that the peer shows', () => {
    const hand = createHand()
    const twin = { type: 'twin' as const, instance: 'ab'.repeat(16), proof: Uint8Array.of(1, 2) }
    hand.feed(twin)
    expect(hand.sent('twin')).toEqual([])
    hand.greet()
    hand.feed(twin)
    expect(hand.sent('twin')).toEqual([twin])
    hand.give(twin)
    expect(hand.reports()).toContainEqual({ ...twin, peer: hand.peer.institution })
  })

  it('never throws: a fault of its own closes with `internal`', () => {
    const hand = createHand()
    hand.greet()
    hand.replica.head = () => {
      throw new TypeError('disk on fire')
    }
    hand.give({ type: 'want', wants: [{ stream: 'aa'.repeat(32) as never, from: 1, describe: true }] })
    expect(hand.violation()).toBe('internal')
    expect(hand.closeCode()).toBe('internal')
    expect(hand.sent('refuse')).toEqual([{ type: 'refuse', code: 'internal' }])
  })

  it('pushes what grew between its hello and the peer’s', () => {
    const hand = createHand()
    const stream = hand.replica.openStream({ tlp: 'AMBER', circle: CIRCLE })
    hand.feed({ type: 'opened' })
    hand.replica.publish(stream, Uint8Array.of(1))
    hand.feed({ type: 'appended', streams: [stream], registers: [] })
    const [hello] = hand.sent('hello')
    hand.give({ ...helloOf(hand.peer, START), digests: hello?.type === 'hello' ? hello.digests : [] })
    expect(hand.sent('batch')).toHaveLength(1)
  })

  it('says unavailable for what it does not hold, may not send, or holds no further', () => {
    const hand = createHand()
    const shared = hand.replica.openStream({ tlp: 'CLEAR' })
    hand.replica.publish(shared, Uint8Array.of(1))
    const secret = hand.replica.openStream({ tlp: 'RED', recipient: hand.replica.institution })
    hand.replica.publish(secret, Uint8Array.of(1))
    const unknown = 'aa'.repeat(32) as typeof shared
    hand.greet()
    const want = (stream: typeof shared, from: number) => ({ stream, from, describe: true })
    hand.give({ type: 'want', wants: [want(shared, 1), want(shared, 2), want(secret, 1), want(unknown, 1)] })
    hand.give({ type: 'want-registers', addresses: [unknown] })
    expect(hand.sent('batch').map((frame) => frame.type === 'batch' && frame.stream)).toEqual([shared])
    expect(hand.sent('unavailable')).toEqual([
      { type: 'unavailable', streams: [shared, secret, unknown], registers: [] },
      { type: 'unavailable', streams: [], registers: [unknown] }
    ])
  })

  it('reads and writes the same hello', () => {
    const hand = createHand()
    const hello = helloOf(hand.peer, START)
    expect(decodeFrame(encodeFrame(hello))).toEqual(hello)
  })
})
