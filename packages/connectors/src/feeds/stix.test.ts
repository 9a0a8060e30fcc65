import { INDICATOR_TYPE_NAMES } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PIECE } from '../feed.ts'
import { item, stream, written } from '../items.fixture.ts'
import { STIX } from './stix.ts'

interface Shape {
  readonly type: string
  readonly id: string
  readonly name?: string
  readonly pattern: string
  readonly [name: string]: unknown
}

async function objects(items: Parameters<typeof written>[1]): Promise<Shape[]> {
  return (JSON.parse((await written(STIX, items)).text) as { objects?: Shape[] }).objects ?? []
}

describe('stix', () => {
  it('is one bundle: marking, author, then what is theirs', async () => {
    const { text } = await written(STIX, [item('domain', 'evil.example')])
    const bundle = JSON.parse(text)
    expect(bundle).toMatchObject({ type: 'bundle', id: expect.stringMatching(/^bundle--[0-9a-f-]{36}$/) })
    const [marking, identity, indicator, ...more] = bundle.objects
    expect(more).toEqual([])
    expect(marking).toMatchObject({ id: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421', name: 'TLP:AMBER' })
    expect(indicator).toEqual({
      type: 'indicator',
      spec_version: '2.1',
      id: expect.stringMatching(/^indicator--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      created_by_ref: identity.id,
      created: '2026-11-24T09:00:00.000Z',
      modified: '2026-11-24T09:00:00.000Z',
      confidence: 80,
      labels: ['rsit:fraud="phishing"', 'tocsin:threat="phishing"', 'PAP:GREEN'],
      object_marking_refs: [marking.id],
      name: 'evil.example',
      description: 'Hameçonnage messagerie',
      indicator_types: ['malicious-activity'],
      pattern: "[domain-name:value = 'evil.example']",
      pattern_type: 'stix',
      pattern_version: '2.1',
      valid_from: '2026-11-24T09:00:00.000Z',
      external_references: [
        {
          source_name: 'tocsin',
          external_id: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
          description: 'Hameçonnage messagerie'
        }
      ],
      x_opencti_score: 80,
      x_opencti_main_observable_type: 'Domain-Name'
    })
  })

  it('names the same indicator the same, at every node and whatever else it holds', async () => {
    const one = await objects([item('domain', 'evil.example')])
    const other = await objects([
      item('ipv4', '192.0.2.7'),
      item('domain', 'evil.example', { authorName: 'known otherwise there', confidence: 10 })
    ])
    const named = (all: readonly Shape[]) => all.find(({ name }) => name === 'evil.example')?.id
    expect(named(one)).toBe(named(other))
    // Held by a test: a change of the scheme would double every indicator at every consumer.
    expect(named(one)).toBe('indicator--99009b1b-2785-5df2-bce0-93f89f32cdfa')
  })

  it('keeps the bulletins of a value apart', async () => {
    const other = { id: '7d0b1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55', tlp: 'CLEAR', pap: 'CLEAR' } as const
    const all = await objects([item('ipv4', '192.0.2.7'), item('ipv4', '192.0.2.7', other), item('ipv4', '192.0.2.7')])
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(all.filter(({ type }) => type === 'indicator')).toHaveLength(2)
    expect(all.filter(({ type }) => type === 'marking-definition')).toHaveLength(2)
  })

  it('ends what ends', async () => {
    const keepUntil = Date.UTC(2027, 0, 1)
    const [, , early] = await objects([
      item('domain', 'a.example', { keepUntil }, { validUntil: '2026-12-01T00:00:00.000Z' })
    ])
    const [, , late] = await objects([
      item('domain', 'a.example', { keepUntil }, { validUntil: '2029-12-01T00:00:00.000Z' })
    ])
    const [, , past] = await objects([item('domain', 'a.example', {}, { validUntil: '2020-12-01T00:00:00.000Z' })])
    expect(early).toMatchObject({ valid_until: '2026-12-01T00:00:00.000Z' })
    expect(late).toMatchObject({ valid_until: '2027-01-01T00:00:00.000Z' })
    // STIX 2.1 §4.7: valid_until is later than valid_from.
    expect(past).toMatchObject({ valid_until: '2026-11-24T09:00:00.001Z' })
  })

  it('refuses what patterns cannot say, and what is context', async () => {
    const { text, refused } = await written(STIX, [
      item('ja3', 'a'.repeat(32)),
      item('btc', '1BoatSLRHtKNngkdXEeobR76b53LETtpyT'),
      item('domain', 'univ.example', {}, { role: 'context' })
    ])
    expect(refused.map((line) => line.split(' ')[0]).sort()).toEqual([
      'context-indicator',
      'type-not-carried',
      'type-not-carried'
    ])
    expect(JSON.parse(text)).toEqual({ type: 'bundle', id: expect.stringMatching(/^bundle--/) })
    // A hunt looks for context too, and a STIX indicator means harm all the same.
    const hunted = await written(STIX, [item('domain', 'univ.example', {}, { role: 'context' })], { use: 'hunt' })
    expect(hunted.refused).toEqual(['context-indicator univ.example'])
  })

  it('writes one pattern a value, which begins with its type and cannot be left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...INDICATOR_TYPE_NAMES),
        fc.string({ unit: 'binary', minLength: 1 }),
        async (type, value) => {
          const { text, refused } = await written(STIX, [item(type, value)])
          expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
          const found = ((JSON.parse(text).objects ?? []) as Shape[]).filter((one) => one.type === 'indicator')
          expect(found.length + refused.length).toBe(1)
          // STIX 2.1 §9.2: in a string only \' and \\ are escaped.
          for (const { pattern } of found)
            expect(pattern).toMatch(/^\[[a-z0-9-]+:[A-Za-z0-9_.'-]+ = (?:\d+|'(?:[^'\\]|\\['\\])*')\]$/s)
        }
      )
    )
  })

  it('is the same document in any order, handed on in pieces', async () => {
    const items = Array.from({ length: 100 }, (_, number) => item('domain', `n${number}.example`))
    const { text } = await written(STIX, items)
    expect((await written(STIX, [...items].reverse())).text).toBe(text)
    const pieces = STIX.write(stream([items]))
    const first = (await pieces.next()).value ?? ''
    expect(first).toMatch(/^{"type":"bundle","objects":\[\n/)
    expect(first.length).toBeLessThan(2 * PIECE)
    expect((await pieces.next()).done).toBe(false)
    await pieces.return(undefined)
  })
})
