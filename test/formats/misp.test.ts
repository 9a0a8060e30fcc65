/** Whatever we export as MISP, held against the official schema and MISP's own table of types. */
import { describeTypes, FEEDS, type FeedItem } from '@tocsin/connectors'
import { INDICATOR_TYPE_NAMES, type InstitutionId, PAPS, THREATS, TLPS } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mispSchemas } from './misp-schemas.ts'

const faults = mispSchemas()
const author = 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId
const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
const hostile = (maxLength: number, minLength = 0) => fc.string({ unit: 'binary', minLength, maxLength })

const items: fc.Arbitrary<FeedItem> = fc.record({
  indicator: fc.record(
    {
      type: fc.constantFrom(...INDICATOR_TYPE_NAMES),
      value: fc.oneof(hostile(4096, 1), fc.domain()),
      role: fc.constantFrom('malicious' as const, 'context' as const),
      comment: hostile(500, 1),
      firstSeen: time.map((at) => at.toISOString())
    },
    { requiredKeys: ['type', 'value', 'role'] }
  ),
  bulletin: fc.record({
    id: fc.constantFrom('0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11', '7d0b1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55'),
    title: hostile(200),
    author: fc.constant(author),
    authorName: hostile(100),
    tlp: fc.constantFrom(...TLPS),
    pap: fc.constantFrom(...PAPS),
    threat: fc.constantFrom(...THREATS),
    confidence: fc.integer({ min: 0, max: 100 }),
    publishedAt: time.map((at) => at.getTime()),
    tags: fc.array(fc.oneof(hostile(100, 1), fc.constant('tlp:clear')), { maxLength: 4 })
  })
})

interface Exported {
  readonly Event: {
    readonly uuid: string
    readonly Tag: readonly { readonly name: string }[]
    readonly Attribute: readonly { readonly uuid: string; readonly category: string; readonly type: string }[]
  }
}

async function exported(all: readonly FeedItem[]): Promise<readonly Exported[]> {
  async function* source() {
    yield all
  }
  let text = ''
  for await (const piece of FEEDS.misp.write(source(), { use: 'hunt', byHand: true })) text += piece
  return (JSON.parse(text) as { readonly response: readonly Exported[] }).response
}

describe('the misp feed against the official schema', () => {
  it('finds a fault where there is one', () => {
    expect(faults({})).not.toEqual([])
    expect(faults({ Event: { Attribute: [{ category: 'Other', type: 'ip-dst' }] } })).not.toEqual([])
  })

  it('describes types as MISP does', () => {
    const { category_type_mappings: mappings } = describeTypes() as {
      readonly category_type_mappings: Readonly<Record<string, readonly string[]>>
    }
    const pairs = Object.entries(mappings).flatMap(([category, types]) => types.map((type) => ({ category, type })))
    expect(pairs.length).toBeGreaterThan(40)
    expect(faults({ Event: { Attribute: pairs } })).toEqual([])
  })

  it('whatever a peer wrote', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(items, { maxLength: 6 }), async (all) => {
        const events = await exported(all)
        expect(events.flatMap(faults)).toEqual([])
        for (const { Event } of events) {
          const names = Event.Tag.map(({ name }) => name)
          expect(names.filter((name) => /^\s*tlp\s*:/i.test(name))).toHaveLength(1)
          expect(names.filter((name) => /^\s*pap\s*:/i.test(name))).toHaveLength(1)
          expect(new Set(Event.Attribute.map(({ uuid }) => uuid)).size).toBe(Event.Attribute.length)
        }
      }),
      { numRuns: 300 }
    )
  })
})
