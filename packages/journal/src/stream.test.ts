import type { CircleId, EntryId, NodeKey, StreamId, Tlp } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JournalError } from './errors.ts'
import { quarterOf, quarterStart } from './quarter.ts'
import { decodeDescriptor, encodeDescriptor, type StreamDescriptor } from './stream.ts'
import { author, CIRCLE, descriptor, other } from './test-world.ts'

const { circle: _, ...bare } = descriptor
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((it) => Buffer.from(it).toString('hex'))
    .filter((it) => /[^0]/.test(it))

const audience = fc.oneof(
  fc.record({ tlp: fc.constantFrom<Tlp>('CLEAR', 'GREEN') }),
  fc.record({ tlp: fc.constantFrom<Tlp>('AMBER', 'AMBER+STRICT'), circle: hex(32).map((it) => it as CircleId) }),
  fc.record({ tlp: fc.constant<Tlp>('RED'), recipient: fc.constant(other) })
)
const predecessor = fc.record({
  stream: hex(32).map((it) => it as StreamId),
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  head: hex(32).map((it) => it as EntryId)
})
const descriptors: fc.Arbitrary<StreamDescriptor> = fc
  .tuple(
    audience,
    fc.record({
      incarnation: hex(16),
      quarter: fc.integer({ min: 0, max: 65_535 }),
      kind: fc.constantFrom('log' as const, 'retraction' as const)
    }),
    fc.option(predecessor)
  )
  .map(([labels, rest, before]) => ({ ...bare, ...labels, ...rest, ...(before && { predecessor: before }) }))

describe('stream descriptor', () => {
  it('goes round, 190 bytes', () => {
    fc.assert(
      fc.property(descriptors, (it) => {
        const bytes = encodeDescriptor(it)
        expect(bytes.length).toBe(190)
        const decoded = decodeDescriptor(bytes)
        expect(decoded.descriptor).toEqual(it)
        expect(decoded.bytes).toEqual(bytes)
        expect(decoded.id).toMatch(/^[0-9a-f]{64}$/)
      })
    )
  })

  it('reads what it accepts of any bytes back into the same bytes', () => {
    const good = encodeDescriptor(descriptor)
    const edits = fc.array(fc.tuple(fc.nat(189), fc.nat(255)), { minLength: 1, maxLength: 4 })
    let accepted = 0
    fc.assert(
      fc.property(edits, (them) => {
        const bytes = good.slice()
        for (const [at, byte] of them) bytes[at] = byte
        try {
          expect(encodeDescriptor(decodeDescriptor(bytes).descriptor)).toEqual(bytes)
          accepted++
        } catch (error) {
          if (!(error instanceof JournalError)) throw error
        }
      }),
      { numRuns: 1000 }
    )
    expect(accepted).toBeGreaterThan(10)
  })

  it('keeps its own copy', () => {
    const bytes = encodeDescriptor(descriptor)
    const decoded = decodeDescriptor(bytes)
    bytes.fill(0)
    expect(decodeDescriptor(decoded.bytes).id).toBe(decoded.id)
  })

  it.each<[string, StreamDescriptor, string]>([
    ['AMBER without a circle', bare, 'descriptor-audience'],
    ['GREEN with a circle', { ...descriptor, tlp: 'GREEN' }, 'descriptor-audience'],
    ['CLEAR with a circle', { ...descriptor, tlp: 'CLEAR' }, 'descriptor-audience'],
    ['RED with a circle', { ...descriptor, tlp: 'RED' }, 'descriptor-audience'],
    ['RED without a recipient', { ...bare, tlp: 'RED' }, 'descriptor-audience'],
    ['RED with circle and recipient', { ...descriptor, tlp: 'RED', recipient: other }, 'descriptor-audience'],
    ['AMBER+STRICT with a recipient', { ...bare, tlp: 'AMBER+STRICT', recipient: other }, 'descriptor-audience'],
    ['an unknown TLP', { ...bare, tlp: 'WHITE' as Tlp }, 'descriptor-audience'],
    ['a circle of zeros', { ...descriptor, circle: '00'.repeat(32) as CircleId }, 'descriptor-flags'],
    ['a short incarnation', { ...descriptor, incarnation: '00' }, 'descriptor-field'],
    ['a quarter beyond two bytes', { ...descriptor, quarter: 65_536 }, 'descriptor-field'],
    ['a node key of small order', { ...descriptor, nodeKey: `01${'00'.repeat(31)}` as NodeKey }, 'key-bad-order'],
    [
      'a predecessor without entries',
      {
        ...descriptor,
        predecessor: { stream: CIRCLE as string as StreamId, seq: 0, head: CIRCLE as string as EntryId }
      },
      'descriptor-predecessor'
    ]
  ])('does not seal %s', (_name, it, code) => {
    expect(() => encodeDescriptor(it)).toThrow(expect.objectContaining({ code }))
  })

  it('names the author by his root key', () => {
    expect(decodeDescriptor(encodeDescriptor(descriptor)).descriptor.author).toBe(author)
  })
})

describe('quarters', () => {
  it.each([
    ['1970-01-01T00:00:00.000Z', 0],
    ['1970-03-31T23:59:59.999Z', 0],
    ['1970-04-01T00:00:00.000Z', 1],
    ['2026-09-30T23:59:59.999Z', 226],
    ['2026-10-01T00:00:00.000Z', 227],
    ['2027-01-01T00:00:00.000Z', 228]
  ])('%s lies in quarter %d', (time, quarter) => {
    expect(quarterOf(Date.parse(time))).toBe(quarter)
  })

  it('start where the one before ends', () => {
    fc.assert(
      fc.property(fc.nat(1000), (quarter) => {
        expect(quarterOf(quarterStart(quarter))).toBe(quarter)
        expect(quarterOf(quarterStart(quarter + 1) - 1)).toBe(quarter)
      })
    )
  })
})
