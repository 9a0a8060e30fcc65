import { INDICATOR_TYPE_NAMES, PAPS, TLPS } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STIX } from '../feeds/stix.ts'
import { imported } from '../imports.fixture.ts'
import { item, written } from '../items.fixture.ts'
import { reportObject } from '../stix/words.ts'
import { STIX_BUNDLE } from './stix.ts'

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const AUTHOR = { type: 'identity', id: `identity--${uuid(1)}`, name: 'CERT Exemple', identity_class: 'organization' }
const AMBER = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'
const STRICT = 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003'

let count = 100
function indicator(pattern: string, fields: Record<string, unknown> = {}) {
  count += 1
  const id = `indicator--${uuid(count)}`
  return {
    type: 'indicator',
    spec_version: '2.1',
    id,
    created_by_ref: AUTHOR.id,
    pattern,
    pattern_type: 'stix',
    ...fields
  }
}

function report(members: readonly { id: string }[], fields: Record<string, unknown> = {}) {
  return {
    type: 'report',
    spec_version: '2.1',
    id: `report--${uuid(7)}`,
    created_by_ref: AUTHOR.id,
    name: 'Campagne',
    object_refs: members.map(({ id }) => id),
    ...fields
  }
}

const bundle = (...objects: readonly object[]): string =>
  JSON.stringify({ type: 'bundle', id: `bundle--${uuid(0)}`, objects: [AUTHOR, ...objects] })

const read = (text: string, options = {}) => imported(STIX_BUNDLE, text, options)

describe('stix', () => {
  it('makes one draft of a report and what it names', async () => {
    const members = [
      indicator("[domain-name:value = 'evil.example']", {
        description: 'portail\nfaux',
        valid_until: '2027-01-01T00:00:00Z'
      }),
      indicator("[url:value = 'https://evil.example/a']", { object_marking_refs: [STRICT] }),
      indicator('title: portail', { pattern_type: 'sigma', name: 'portail' }),
      indicator("[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']", { name: 'suite' }),
      { type: 'ipv4-addr', id: `ipv4-addr--${uuid(9)}`, value: '198.51.100.7' },
      { type: 'vulnerability', id: `vulnerability--${uuid(10)}`, name: 'CVE-2026-1234' },
      { type: 'malware', id: `malware--${uuid(11)}`, name: 'Voleur' }
    ]
    const { drafts, refused } = await read(
      bundle(
        ...members,
        report(members, {
          description: 'Un faux portail.\nDeux lignes.',
          lang: 'fr',
          confidence: 70,
          labels: ['phishing', 'PAP:GREEN', 'rentrée'],
          object_marking_refs: [AMBER],
          external_references: [
            { source_name: 'urlscan', url: 'https://urlscan.io/1' },
            { source_name: 'x', url: 'ftp://x' }
          ]
        })
      ),
      { labels: {} }
    )
    expect(refused).toEqual([])
    expect(drafts).toHaveLength(1)
    const [one] = drafts
    expect(one).toMatchObject({ key: `stix-report:report--${uuid(7)}`, reference: 'STIX report of CERT Exemple' })
    expect(one?.draft).toMatchObject({
      title: 'Campagne',
      text: 'Un faux portail.\nDeux lignes.',
      lang: 'fr',
      tlp: 'AMBER+STRICT',
      pap: 'GREEN',
      threat: 'phishing',
      confidence: 70,
      tags: ['phishing', 'rentrée'],
      references: [{ site: 'urlscan', url: 'https://urlscan.io/1' }],
      indicators: [
        {
          type: 'domain',
          value: 'evil.example',
          role: 'malicious',
          comment: 'portail faux',
          validUntil: expect.stringContaining('2027-01-01')
        },
        { type: 'url', value: 'https://evil.example/a', role: 'malicious' },
        { type: 'ipv4', value: '198.51.100.7', role: 'context' },
        { type: 'vulnerability', value: 'CVE-2026-1234', role: 'context' }
      ],
      rules: [
        { kind: 'sigma', name: 'portail', text: 'title: portail' },
        { kind: 'other', name: 'suite' }
      ]
    })
    expect(one?.warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'labels-contradict TLP:AMBER, TLP:AMBER+STRICT: TLP:AMBER+STRICT is taken',
      expect.stringMatching(/^kept-as-rule \[domain-name/),
      'objects-left-out 1 malware'
    ])
  })

  it.each([
    ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', 'CLEAR'],
    ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', 'GREEN'],
    ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82', 'AMBER'],
    ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'RED'],
    ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487', 'CLEAR'],
    [STRICT, 'AMBER+STRICT']
  ])('reads %s as TLP:%s', async (marking, tlp) => {
    const { drafts } = await read(
      bundle(indicator("[domain-name:value = 'a.example']", { object_marking_refs: [marking] }))
    )
    expect(drafts.map(({ draft }) => draft.tlp)).toEqual([tlp])
  })

  it('reads labels that the bundle defines, and guesses none', async () => {
    const defined = [
      { definition_type: 'tlp', definition: { tlp: 'green' } },
      { extensions: { 'extension-definition--1': { extension_type: 'property-extension', tlp_2_0: 'amber+strict' } } },
      { definition_type: 'statement', definition: { statement: 'PAP:AMBER' } },
      { definition_type: 'statement', definition: { statement: 'Copyright' } },
      { definition_type: 'tlp', definition: { tlp: 'orange' } }
    ].map((fields, n) => ({ type: 'marking-definition', id: `marking-definition--${uuid(20 + n)}`, ...fields }))
    const marked = (n: number, granular = false) =>
      indicator(`[domain-name:value = 'm${n}.example']`, {
        ...(granular
          ? { granular_markings: [{ marking_ref: `marking-definition--${uuid(20 + n)}`, selectors: ['pattern'] }] }
          : { object_marking_refs: [`marking-definition--${uuid(20 + n)}`] })
      })
    const { drafts, refused } = await read(
      bundle(...defined, marked(0), marked(1, true), marked(2), marked(3), marked(4), marked(99))
    )
    const said = drafts.map(({ draft }) => [draft.indicators.map(({ value }) => value).join(), draft.tlp, draft.pap])
    expect(said).toEqual([
      ['m0.example', 'GREEN', 'GREEN'],
      ['m1.example', 'AMBER+STRICT', 'GREEN'],
      ['m2.example', 'AMBER', 'AMBER'],
      ['m3.example', 'AMBER', 'GREEN']
    ])
    // One that is not in the bundle may say anything.
    expect(refused.map(({ code }) => code)).toEqual(['label-unknown', 'label-unknown'])
    const bare = await read(bundle(indicator("[domain-name:value = 'a.example']")), { labels: {} })
    expect(bare).toMatchObject({ drafts: [], refused: [{ code: 'label-missing' }] })
  })

  it('refuses one object and keeps the rest', async () => {
    const good = indicator("[domain-name:value = 'good.example']")
    const { drafts, refused } = await read(
      bundle(
        good,
        indicator("[ipv4-addr:value = '192.0.2.300']"),
        indicator("[domain-name:value = 'old.example']", { revoked: true }),
        { type: 'indicator', id: 'no-id' },
        { ...good, pattern: "[domain-name:value = 'older.example']", modified: '' }
      )
    )
    expect(drafts.flatMap(({ draft }) => draft.indicators.map(({ value }) => value))).toEqual(['older.example'])
    expect(refused.map(({ code, place }) => [code, place.path])).toEqual([
      ['record-invalid', 'objects[4]'],
      ['object-revoked', 'objects[3]'],
      [expect.any(String), 'objects[5].indicators[1].value']
    ])
    expect((await read(bundle(report([], { revoked: true })))).refused).toMatchObject([{ code: 'object-revoked' }])
    expect((await read('{"objects":1}')).refused).toMatchObject([{ code: 'record-invalid' }])
    expect((await read('{"type":"bundle","id":"bundle--1"}')).refused).toEqual([])
    expect((await read('{"more":false,"objects":[]}')).refused).toEqual([])
  })

  it('leaves out what is nobody else’s business', async () => {
    const { drafts } = await read(
      bundle(indicator("[domain-name:value = 'www.univ-reims.fr' OR url:value = 'https://a.example/']"))
    )
    expect(drafts[0]?.draft.indicators.map(({ value }) => value)).toEqual(['https://a.example/'])
    expect(drafts[0]?.warnings).toMatchObject([{ code: 'left-out' }])
  })

  it('lets loose indicators grow under one key for an author and its labels', async () => {
    const [one, other, strict] = [
      indicator("[domain-name:value = 'a.example']"),
      indicator("[domain-name:value = 'b.example']"),
      indicator("[domain-name:value = 'c.example']", { object_marking_refs: [STRICT] })
    ]
    const first = await read(bundle(one))
    const then = await read(bundle(one, other, strict))
    expect(then.drafts.map(({ grows, draft }) => [grows, draft.indicators.length])).toEqual([
      [true, 2],
      [true, 1]
    ])
    expect(then.drafts[0]?.key).toBe(first.drafts[0]?.key)
    expect(then.drafts[1]?.key).not.toBe(first.drafts[0]?.key)
  })

  it('knows our own export, by its indicators and by its report', async () => {
    const own = item('domain', 'evil.example', { tlp: 'GREEN', pap: 'CLEAR' }, { comment: 'seen twice' })
    const { text } = await written(STIX, [own, item('ipv4', '192.0.2.7', { tlp: 'GREEN', pap: 'CLEAR' })])
    const fed = await read(text)
    expect(fed.refused).toEqual([])
    expect(fed.drafts).toMatchObject([
      {
        bulletins: [own.bulletin.id],
        draft: {
          title: own.bulletin.title,
          tlp: 'GREEN',
          pap: 'CLEAR',
          threat: 'phishing',
          confidence: 80,
          tags: [],
          indicators: [
            { type: 'ipv4', value: '192.0.2.7' },
            { type: 'domain', value: 'evil.example', comment: 'seen twice' }
          ]
        }
      }
    ])
    const objects = (JSON.parse(text) as { objects: { id: `indicator--${string}`; type: string }[] }).objects
    const whole = reportObject(
      own.bulletin,
      { text: 'Texte', references: [] },
      objects.filter(({ type }) => type === 'indicator').map(({ id }) => id)
    )
    const polled = await read(JSON.stringify({ more: false, objects: [...objects, whole] }))
    expect(polled.drafts).toHaveLength(1)
    expect(polled.drafts[0]).toMatchObject({ key: fed.drafts[0]?.key, bulletins: [own.bulletin.id] })
    expect(polled.drafts[0]?.draft).toMatchObject({ text: 'Texte', title: own.bulletin.title })
  })

  it('brings every type back that it took away, under every label', async () => {
    const samples = {
      ipv4: '192.0.2.7',
      ipv6: '2001:db8::1',
      cidr: '2001:db8::/32',
      asn: 'AS2200',
      regkey: 'HKLM\\run'
    }
    const types = INDICATOR_TYPE_NAMES.filter((type) => STIX.types.includes(type))
    expect(types.length).toBeGreaterThan(20)
    for (const tlp of TLPS.filter((one) => one !== 'RED'))
      for (const pap of PAPS.filter((one) => one !== 'RED')) {
        const { text } = await written(
          STIX,
          Object.entries(samples).map(([type, value]) => item(type as keyof typeof samples, value, { tlp, pap }))
        )
        const { drafts } = await read(text, { labels: {} })
        expect(drafts.map(({ draft }) => [draft.tlp, draft.pap])).toEqual([[tlp, pap]])
        const back = drafts[0]?.draft.indicators.map(({ type, value }) => [type, value])
        expect(new Map(back as [string, string][])).toEqual(new Map(Object.entries(samples)))
      }
  })

  it('makes something of any document that it is handed', async () => {
    const values = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()))
    const objects = fc.record({
      type: fc.constantFrom('indicator', 'report', 'ipv4-addr', 'marking-definition', 'identity', '__proto__'),
      n: fc.integer({ min: 0, max: 5 }),
      fields: fc.dictionary(
        fc.constantFrom(
          'pattern',
          'pattern_type',
          'name',
          'labels',
          'object_marking_refs',
          'granular_markings',
          'object_refs',
          'external_references',
          'created_by_ref',
          'modified',
          'revoked',
          'confidence',
          'lang',
          'definition',
          'extensions'
        ),
        values
      )
    })
    await fc.assert(
      fc.asyncProperty(fc.array(objects, { maxLength: 8 }), async (all) => {
        const text = bundle(...all.map(({ type, n, fields }) => ({ ...fields, type, id: `${type}--${uuid(n)}` })))
        for (const { draft } of (await read(text)).drafts) expect(draft.tlp && draft.pap).toBeTruthy()
      })
    )
  })
})
