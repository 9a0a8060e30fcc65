import { INDICATOR_TYPE_NAMES } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { item, written } from '../items.fixture.ts'
import { attributeUuid, eventUuid, ruleAttribute, wordAttributes } from '../misp/event.ts'
import { readingsOf } from '../misp/types.ts'
import { indicatorObject } from '../stix/objects.ts'
import { MISP } from './misp.ts'

interface Attribute {
  readonly type: string
  readonly value: string
  readonly uuid: string
  readonly to_ids: boolean
  readonly comment: string
}

async function events(items: Parameters<typeof written>[1], options: Parameters<typeof written>[2] = {}) {
  const { text, refused } = await written(MISP, items, options)
  const { response } = JSON.parse(text) as {
    response: { Event: { uuid: string; Attribute: Attribute[]; Tag: { name: string }[]; distribution: string } }[]
  }
  return { events: response.map(({ Event }) => Event), refused }
}

describe('misp', () => {
  it('is one event a bulletin, in the shape of the core format', async () => {
    const { text } = await written(MISP, [
      item('domain', 'evil.example', {}, { comment: 'seen twice', firstSeen: '2026-11-23T08:00:00.000Z' })
    ])
    const org = { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'Université de Reims' }
    expect(JSON.parse(text)).toEqual({
      response: [
        {
          Event: {
            uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
            info: 'Hameçonnage messagerie',
            date: '2026-11-24',
            timestamp: '1795510800',
            publish_timestamp: '1795510800',
            published: true,
            analysis: '2',
            threat_level_id: '4',
            distribution: '0',
            Org: org,
            Orgc: org,
            Tag: [
              { name: 'tlp:amber', colour: '#ffc000' },
              { name: 'PAP:GREEN' },
              { name: 'rsit:fraud="phishing"' },
              { name: 'misp:confidence-level="usually-confident"' },
              { name: 'tocsin:threat="phishing"' },
              { name: 'tocsin:confidence="80"' },
              { name: 'tocsin:bulletin="0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11"' }
            ],
            Attribute: [
              {
                uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
                type: 'domain',
                category: 'Network activity',
                to_ids: true,
                distribution: '5',
                timestamp: '1795510800',
                deleted: false,
                disable_correlation: false,
                value: 'evil.example',
                comment: 'seen twice; first seen 2026-11-23T08:00:00.000Z'
              }
            ]
          }
        }
      ]
    })
  })

  it('names the same thing the same, at every node, in any export, and as STIX does', async () => {
    const one = item('domain', 'evil.example')
    const { bulletin, indicator } = one
    const [event] = (await events([one, item('ipv4', '192.0.2.7')])).events
    const [other] = (await events([item('domain', 'evil.example', { authorName: 'otherwise', confidence: 1 })])).events
    const named = (all: readonly Attribute[] = []) => all.find(({ value }) => value === 'evil.example')?.uuid
    expect(named(event?.Attribute)).toBe(named(other?.Attribute))
    expect(event?.uuid).toBe(other?.uuid)
    expect(`indicator--${attributeUuid(bulletin, 'domain', 'evil.example')}`).toBe(
      indicatorObject(indicator, bulletin)?.id
    )
    // Held by a test: a change of the scheme would double every event at every consumer.
    expect(eventUuid(bulletin)).toBe('1fcacc50-0aab-5c5a-be94-a7dbf9eb18ff')
    expect(named(event?.Attribute)).toBe('99009b1b-2785-5df2-bce0-93f89f32cdfa')
  })

  it('asks for alerts where role, type and PAP allow them', async () => {
    const found = await events(
      [
        item('domain', 'evil.example'),
        item('domain', 'univ.example', {}, { role: 'context' }),
        item('domain', 'quiet.example', { id: '7d0b1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55', pap: 'RED' }),
        item('vulnerability', 'CVE-2026-1234')
      ],
      { use: 'hunt' }
    )
    const flags = found.events.flatMap(({ Attribute }) => Attribute.map(({ value, to_ids }) => [value, to_ids]))
    expect(Object.fromEntries(flags)).toEqual({
      'evil.example': true,
      'univ.example': false,
      'quiet.example': false,
      'CVE-2026-1234': false
    })
  })

  it('says where an attack came from', async () => {
    const addressOf = async (threat: 'scan' | 'c2') =>
      (await events([item('ipv4', '192.0.2.7', { threat })])).events[0]?.Attribute[0]?.type
    expect(await addressOf('scan')).toBe('ip-src')
    expect(await addressOf('c2')).toBe('ip-dst')
  })

  it('keeps to the TLP when a MISP hands it on', async () => {
    const distributionOf = async (tlp: 'CLEAR' | 'GREEN' | 'AMBER') =>
      (await events([item('domain', 'evil.example', { tlp })])).events[0]?.distribution
    expect([await distributionOf('CLEAR'), await distributionOf('GREEN'), await distributionOf('AMBER')]).toEqual([
      '3',
      '1',
      '0'
    ])
  })

  it('has a word for every type, which is read back as the same', async () => {
    for (const type of INDICATOR_TYPE_NAMES) {
      const [event] = (await events([item(type, 'x')], { use: 'hunt' })).events
      const written = event?.Attribute[0]?.type ?? ''
      if (type === 'ja4') expect(event?.Attribute[0]).toMatchObject({ type: 'text', comment: 'JA4' })
      else if (written.startsWith('ip-')) expect(readingsOf(written)).toEqual([{ as: 'address' }])
      else expect(readingsOf(written)).toEqual([{ as: type }])
    }
  })

  it('is the same whether it is sorted by bulletin at once or by value first, also where a bulletin came twice', async () => {
    const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
    // Two streams: the same bulletin as another object, and maybe published later.
    const copies = [0, 0, 1].flatMap((later) =>
      ids.map((id) => item('url', '', { id, title: `${later}`, publishedAt: later }).bulletin)
    )
    const items = fc.array(
      fc
        .tuple(fc.constantFrom('domain', 'url'), fc.constantFrom('a', 'b', 'b.a', 'é'), fc.constantFrom(...copies))
        .map(([type, value, bulletin]) => item(type as 'url', value, bulletin, { comment: bulletin.title })),
      { maxLength: 30 }
    )
    await fc.assert(
      fc.asyncProperty(items, async (some) => {
        // A limit is about the best values.
        expect(await written(MISP, some)).toEqual(await written(MISP, some, { limit: 1000 }))
      })
    )
  })

  it('lets nobody forge a label by a tag', async () => {
    const tags = ['tlp:clear', 'PAP:CLEAR', ' TLP : WHITE', 'tocsin:bulletin="x"', 'campagne="rentrée"']
    const [event] = (await events([item('domain', 'evil.example', { tags } as object)])).events
    const names = event?.Tag.map(({ name }) => name) ?? []
    expect(names).toHaveLength(8)
    expect(names).toContain('campagne="rentrée"')
  })

  it('has rules, words and links as attributes of their own', () => {
    const { bulletin } = item('domain', 'evil.example')
    const rule = { kind: 'sigma', name: 'portail', text: 'title: portail' } as const
    expect(ruleAttribute(rule, bulletin)).toMatchObject({ type: 'sigma', value: rule.text, comment: 'portail' })
    expect(ruleAttribute({ ...rule, kind: 'other' }, bulletin)).toBeUndefined()
    const references = [{ url: 'https://urlscan.io/result/1/', site: 'urlscan', score: 90 }]
    expect(wordAttributes({ text: 'Deux\nlignes.', references }, bulletin)).toMatchObject([
      { type: 'comment', value: 'Deux\nlignes.', to_ids: false },
      { type: 'link', value: 'https://urlscan.io/result/1/', comment: 'urlscan 90/100' }
    ])
  })
})
