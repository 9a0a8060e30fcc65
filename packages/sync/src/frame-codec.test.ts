import type { CircleId, StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FRAME, PROTOCOL } from './constants.ts'
import { SyncError } from './errors.ts'
import { decodeFrame, encodeFrame } from './frame-codec.ts'
import { FRAME_CODES, type Frame } from './frames.ts'

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
const hex = (length: number) => bytes(length).map((value) => Buffer.from(value).toString('hex'))
const id = hex(32)
const stream = id as fc.Arbitrary<StreamId>
const name = fc.oneof(stream, fc.nat(1023))
const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const code = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}$/)
const scope = fc.option(id as fc.Arbitrary<CircleId>, { nil: 'direct' as const })
const digests = fc.uniqueArray(fc.record({ scope, digest: bytes(32) }), {
  selector: (item) => item.scope,
  maxLength: 8
})
const row = fc
  .record({ order: fc.nat(4), key: id, number: count, hash: id, newest: fc.maxSafeNat() })
  .map((fields) => ({ kind: fields.order <= 2 ? ('register' as const) : ('stream' as const), ...fields }))
const rows = fc.array(row, { maxLength: 20 })
const marks = fc.nat(36).chain((count) => bytes(6 * count))
const descriptor = fc.option(bytes(190))

const FRAMES: { readonly [T in Frame['type']]: fc.Arbitrary<Omit<Extract<Frame, { type: T }>, 'type'>> } = {
  hello: fc.record({
    major: fc.constant(PROTOCOL.major),
    minor: fc.constant(PROTOCOL.minor),
    card: fc.record({ number: fc.maxSafeNat(), hash: id }),
    instance: hex(16),
    proof: bytes(0, 256),
    window: fc.maxSafeNat(),
    clock: fc.maxSafeNat(),
    digests
  }),
  accept: fc.constant({}),
  refuse: fc.record({ code }),
  digests: fc.record({ reset: fc.boolean(), digests }),
  sketch: fc.record({ scope, salt: bytes(8), marks: fc.oneof(marks, bytes(224)) }),
  differences: fc.record({ scope, answer: fc.boolean(), marks, rows }),
  buckets: fc.record({ scope, buckets: bytes(1024) }),
  rows: fc.record({ scope, mask: bytes(8), answer: fc.boolean(), last: fc.boolean(), rows }),
  introduce: fc.record({ circle: id as fc.Arbitrary<CircleId>, rows }),
  want: fc.record({ wants: fc.array(fc.record({ stream, from: count, describe: fc.boolean() }), { maxLength: 64 }) }),
  'want-registers': fc.record({ addresses: fc.array(id, { maxLength: 256 }) }),
  unavailable: fc.record({ streams: fc.array(stream, { maxLength: 64 }), registers: fc.array(id, { maxLength: 20 }) }),
  batch: fc.record({
    stream,
    first: count,
    count: fc.integer({ min: 1, max: 512 }),
    rawLength: fc.integer({ min: 1, max: 2 ** 20 }),
    descriptor,
    proof: bytes(0, 512),
    packed: bytes(1, 2000)
  }),
  registers: fc.record({ registers: fc.array(fc.record({ address: id, bytes: bytes(1, 300) }), { maxLength: 10 }) }),
  large: fc.record({
    id: count,
    stream,
    header: bytes(190),
    descriptor,
    proof: bytes(0, 512),
    chunks: bytes(32, 4608)
  }),
  chunk: fc.record({ id: count, index: fc.maxSafeNat(), bytes: bytes(1, 3000) }),
  'large-done': fc.record({ id: count }),
  push: fc.record({
    stream: name,
    seq: fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }),
    clock: fc.maxSafeNat(),
    kind: fc.integer({ min: 1, max: 255 }),
    keepUntil: fc.maxSafeNat(),
    signature: bytes(64),
    check: bytes(16),
    roster: fc.option(bytes(36)),
    time: fc.maxSafeNat(),
    proof: bytes(64),
    bodyLength: fc.integer({ min: 1, max: 65_536 }),
    packed: bytes(1, 2000)
  }),
  have: fc.record({
    lazy: fc.boolean(),
    heads: fc.array(fc.record({ stream: name, seq: count, id: hex(16) }), { minLength: 1, maxLength: 256 })
  }),
  prune: fc.record({ stream }),
  graft: fc.record({ stream }),
  decline: fc.record({
    kind: fc.constantFrom('register' as const, 'stream' as const),
    key: id,
    code,
    resets: fc.maxSafeNat()
  }),
  credit: fc.record({ amount: count }),
  twin: fc.record({ instance: hex(16), proof: bytes(0, 256) }),
  heartbeat: fc.constant({})
}

const frame = fc.oneof(
  ...Object.entries(FRAMES).map(([type, fields]) =>
    (fields as fc.Arbitrary<object>).map((rest) => ({ type, ...rest }) as Frame)
  )
)

const codeOf = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error instanceof SyncError ? error.code : error
  }
  return 'read'
}

describe('frames', () => {
  it.each(Object.keys(FRAMES) as Frame['type'][])('%s reads as it was written', (type) => {
    fc.assert(
      fc.property(FRAMES[type] as fc.Arbitrary<object>, (fields) => {
        const one = { type, ...fields } as Frame
        expect(decodeFrame(encodeFrame(one))).toEqual(one)
      }),
      { numRuns: 50 }
    )
  })

  it('have codes of their own', () => {
    expect(new Set(Object.values(FRAME_CODES)).size).toBe(Object.keys(FRAMES).length)
  })

  it('refuse with a code whatever was altered, and throw nothing else', () => {
    const fault = fc.record({ at: fc.nat(5000), value: fc.nat(255), cut: fc.nat(3) })
    fc.assert(
      fc.property(frame, fault, (one, { at, value, cut }) => {
        const altered = Buffer.from(encodeFrame(one))
        altered[at % altered.length] = value
        const result = codeOf(() => decodeFrame(altered.subarray(0, altered.length - cut)))
        expect(['read', 'unknown-frame', 'bad-frame', 'version-unsupported']).toContain(result)
      }),
      { numRuns: 2000 }
    )
  })

  it('refuse random bytes', () => {
    fc.assert(
      fc.property(fc.nat(25), fc.uint8Array({ maxLength: 200 }), (type, body) => {
        const result = codeOf(() => decodeFrame(Uint8Array.of(type, ...body)))
        expect(['read', 'unknown-frame', 'bad-frame', 'version-unsupported']).toContain(result)
      }),
      { numRuns: 2000 }
    )
    expect(codeOf(() => decodeFrame(new Uint8Array()))).toBe('unknown-frame')
    expect(codeOf(() => decodeFrame(new Uint8Array(MAX_FRAME + 1)))).toBe('frame-too-long')
  })

  it('have limits for counts and sizes', () => {
    const key = 'aa'.repeat(32)
    const many = (length: number) => Array.from({ length }, () => key)
    const readBack = (one: Frame) => codeOf(() => decodeFrame(encodeFrame(one)))
    expect(readBack({ type: 'want-registers', addresses: many(257) })).toBe('bad-frame')
    expect(readBack({ type: 'unavailable', streams: many(65) as StreamId[], registers: [] })).toBe('bad-frame')
    expect(readBack({ type: 'refuse', code: 'Not a code' })).toBe('bad-frame')
    expect(readBack({ type: 'refuse', code: 'a'.repeat(65) })).toBe('bad-frame')
    expect(readBack({ type: 'credit', amount: 0 })).toBe('bad-frame')
    const digest = new Uint8Array(32)
    const twice: Frame = {
      type: 'digests',
      reset: false,
      digests: [
        { scope: 'direct', digest },
        { scope: 'direct', digest }
      ]
    }
    expect(readBack(twice)).toBe('bad-frame')
  })

  it('refuse to write a row of one kind with the order of another', () => {
    const row = { key: 'aa'.repeat(32), number: 1, hash: 'bb'.repeat(32), newest: 0 }
    const rows = (kind: 'register' | 'stream', order: number) =>
      codeOf(() =>
        encodeFrame({ type: 'introduce', circle: 'cc'.repeat(32) as CircleId, rows: [{ ...row, kind, order }] })
      )
    expect([rows('register', 2), rows('stream', 3)]).toEqual(['read', 'read'])
    expect([rows('register', 3), rows('stream', 2)]).toEqual(['internal', 'internal'])
  })

  it('name another major version as such, and let a newer minor one say more in hello', () => {
    const [hello] = fc.sample(FRAMES.hello, { numRuns: 1, seed: 1 })
    const one = { type: 'hello', ...hello } as Extract<Frame, { type: 'hello' }>
    expect(codeOf(() => decodeFrame(encodeFrame({ ...one, major: 2 })))).toBe('version-unsupported')
    const plain = encodeFrame({ ...one, minor: 23 })
    // One item more in the CBOR array: its head is 0x80 + count.
    const longer = Buffer.concat([plain, Buffer.of(0xf6)])
    longer[1] = (plain[1] ?? 0) + 1
    expect(decodeFrame(longer)).toEqual({ ...one, minor: 23 })
    const same = Buffer.concat([encodeFrame(one), Buffer.of(0xf6)])
    same[1] = (same[1] ?? 0) + 1
    expect(codeOf(() => decodeFrame(same))).toBe('bad-frame')
  })
})
