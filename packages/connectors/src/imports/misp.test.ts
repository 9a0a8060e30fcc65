import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MISP } from '../feeds/misp.ts'
import { imported } from '../imports.fixture.ts'
import { item, written } from '../items.fixture.ts'
import { MISP_EVENTS } from './misp.ts'

const UUID = '5f0a1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55'

interface Fields {
  readonly [name: string]: unknown
}

const attribute = (type: string, value: string, more: Fields = {}): Fields => ({
  uuid: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a12',
  type,
  category: 'Network activity',
  to_ids: true,
  distribution: '5',
  value,
  ...more
})

const event = (attributes: readonly Fields[], more: Fields = {}): { Event: Fields } => ({
  // As MISP itself orders them: tags come last.
  Event: {
    uuid: UUID,
    info: 'Faux portail',
    distribution: '3',
    Orgc: { uuid: UUID, name: 'CERT-X' },
    Attribute: attributes,
    Tag: [{ name: 'tlp:amber' }, { name: 'PAP:GREEN' }],
    ...more
  }
})

const read = (document: unknown, options: Parameters<typeof imported>[2] = {}) =>
  imported(MISP_EVENTS, JSON.stringify(document), options)

const evil = attribute('domain', 'evil.example')

describe('misp import', () => {
  it('reads an event however it is wrapped, with the same key', async () => {
    const one = event([evil])
    for (const document of [one, { response: [one] }, { response: one }, [one], [{ response: [one] }]]) {
      const { drafts, refused } = await read(document)
      expect(refused).toEqual([])
      expect(drafts).toMatchObject([
        {
          key: `misp-event:${UUID}`,
          reference: `MISP event ${UUID} of CERT-X`,
          warnings: [],
          draft: {
            title: 'Faux portail',
            tlp: 'AMBER',
            pap: 'GREEN',
            indicators: [{ type: 'domain', value: 'evil.example', role: 'malicious' }]
          }
        }
      ])
    }
    expect((await read({ response: [one, event([evil], { uuid: UUID.replace('5', '6') })] })).drafts).toHaveLength(2)
  })

  it('reads what the types mean, composites as two', async () => {
    const { drafts, refused } = await read(
      event([
        attribute('ip-src', '192.0.2.7'),
        attribute('ip-dst', '2001:DB8::1'),
        attribute('ip-dst', '198.51.100.0/24'),
        attribute('ip-dst|port', '192.0.2.8|443'),
        attribute('hostname|port', 'www.evil.example|443'),
        attribute('domain|ip', 'other.example|192.0.2.9'),
        attribute('filename|md5', `a|b.exe|${'a'.repeat(32)}`),
        attribute('malware-sample', `c.exe|${'b'.repeat(32)}`, { data: 'UEsDBA==' }),
        attribute('AS', '64496'),
        attribute('email-message-id', '<1@evil.example>'),
        attribute('text', 't13d1516h2_8daaf6152771_b186095e22b6', { comment: 'JA4' }),
        attribute('target-user', 'jdupont', { to_ids: false })
      ])
    )
    expect(refused).toEqual([])
    expect(drafts[0]?.draft.indicators.map(({ type, value, role }) => `${type} ${value} ${role}`)).toEqual([
      'ipv4 192.0.2.7 malicious',
      'ipv6 2001:db8::1 malicious',
      'cidr 198.51.100.0/24 malicious',
      'ipv4 192.0.2.8 malicious',
      'domain www.evil.example malicious',
      'domain other.example malicious',
      'ipv4 192.0.2.9 malicious',
      'filename a|b.exe context',
      `md5 ${'a'.repeat(32)} malicious`,
      'filename c.exe context',
      `md5 ${'b'.repeat(32)} malicious`,
      'asn AS64496 malicious',
      'message-id 1@evil.example malicious',
      'ja4 t13d1516h2_8daaf6152771_b186095e22b6 malicious',
      'account jdupont context'
    ])
  })

  it('notes what of a composite is no indicator', async () => {
    const { drafts, refused } = await read(
      event([
        attribute('ip-dst|port', '192.0.2.8|443', { comment: 'C2' }),
        attribute('ip-dst|port', '192.0.2.8|8443'),
        attribute('ip-dst|port', '192.0.2.8|443'),
        attribute('ip-src|port', '2001:db8::1|22', { to_ids: false }),
        attribute('hostname|port', 'c2.evil.example|8080'),
        attribute('filename|sha256', `facture|2.exe|${'c'.repeat(64)}`),
        attribute('filename|imphash', `chargeur.dll|${'d'.repeat(32)}`),
        attribute('malware-sample', `|${'b'.repeat(32)}`),
        attribute('regkey|value', 'HKLM\\Software\\Run\\x|c:\\x.exe'),
        attribute('domain|ip', 'evil.example|192.0.2.9'),
        // A name alone: whoever asks for an alert on it means it.
        attribute('filename', 'facture|2.exe')
      ])
    )
    expect(refused).toEqual([])
    const told = drafts[0]?.draft.indicators.map(({ value, role, comment }) => [value, role, comment])
    expect(told).toEqual([
      ['192.0.2.8', 'malicious', 'C2, port 443, port 8443'],
      ['2001:db8::1', 'context', 'port 22'],
      ['c2.evil.example', 'malicious', 'port 8080'],
      ['c'.repeat(64), 'malicious', 'file facture|2.exe'],
      ['chargeur.dll', 'context', `imphash ${'d'.repeat(32)}`],
      ['b'.repeat(32), 'malicious', undefined],
      ['HKLM\\software\\run\\x', 'malicious', 'value c:\\x.exe'],
      ['evil.example', 'malicious', undefined],
      ['192.0.2.9', 'malicious', undefined],
      ['facture|2.exe', 'malicious', undefined]
    ])
  })

  it('tells of an object what its attributes say of each other', async () => {
    const file = attribute('filename', 'facture.exe', { object_relation: 'filename', to_ids: false })
    const hash = attribute('sha256', 'c'.repeat(64), { object_relation: 'sha256', comment: 'vu' })
    const host = attribute('ip-dst', '192.0.2.8', { object_relation: 'ip' })
    const port = attribute('port', '4443', { object_relation: 'dst-port', to_ids: false })
    const said = async (name: string, Attribute: readonly Fields[]) => {
      const { drafts, refused } = await read(event([], { Object: [{ name, deleted: false, Attribute }] }))
      expect(refused).toEqual([])
      return drafts.map(({ draft, warnings }) => [
        draft.tlp,
        draft.indicators.map(({ value, role, comment }) => `${value} ${role} ${comment ?? ''}`.trim()),
        warnings.map(({ message }) => message)
      ])
    }
    expect(await said('file', [file, hash])).toEqual([
      ['AMBER', ['facture.exe context', `${'c'.repeat(64)} malicious vu, file facture.exe`], []]
    ])
    expect(await said('ip-port', [host, port])).toEqual([['AMBER', ['192.0.2.8 malicious dst-port 4443'], []]])
    expect(await said('ip-port', [port])).toMatchObject([['AMBER', [], ['attributes of other types: 1 port']]])
    const from = attribute('email-src', 'rh@evil.example', { object_relation: 'from' })
    const odd = attribute('email-src', 'paie@evil.example', { object_relation: 'from, really' })
    expect(await said('email', [from, odd])).toEqual([
      ['AMBER', ['rh@evil.example malicious email: from', 'paie@evil.example malicious'], []]
    ])
    // What stands under stricter labels is not told under wider ones.
    for (const own of [{ Tag: [{ name: 'tlp:red' }] }, { distribution: '1', Tag: [] }]) {
      const [[, values] = []] = await said('file', [{ ...file, ...own }, hash])
      expect(values).toContain(`${'c'.repeat(64)} malicious vu`)
    }
    expect(await said('ip-port', [host, { ...port, Tag: [{ name: 'tlp:red' }] }])).toMatchObject([
      ['AMBER', ['192.0.2.8 malicious'], ['attributes of other types: 1 port']]
    ])
  })

  it('cuts what no bulletin holds into several drafts, what is said once in the first', async () => {
    const many = Array.from({ length: 9_000 }, (_, n) => attribute('domain', `n${n}.evil.example`))
    const rule = attribute('yara', 'rule x { condition: false }')
    const { drafts } = await read(event([...many, rule, ...many.slice(0, 5)]))
    expect(drafts.map(({ key, draft }) => [key, draft.title, draft.indicators.length, draft.rules.length])).toEqual([
      [`misp-event:${UUID}`, 'Faux portail (1/3)', 4096, 1],
      [`misp-event:${UUID}#2`, 'Faux portail (2/3)', 4096, 0],
      [`misp-event:${UUID}#3`, 'Faux portail (3/3)', 808, 0]
    ])
  })

  it('takes objects, rules, links, reports and dates; leaves out what was deleted', async () => {
    const { drafts } = await read(
      event(
        [
          attribute('yara', 'rule x { condition: false }', { comment: 'x' }),
          attribute('link', 'https://blog.example/x', { to_ids: false }),
          attribute('domain', 'gone.example', { deleted: true }),
          attribute('domain', 'late.example', {
            comment: 'seen',
            first_seen: '2026-11-23T09:00:00.000000+01:00',
            last_seen: '2026-11-24T08:00:00.000000+00:00'
          })
        ],
        {
          Object: [
            { name: 'file', deleted: false, Attribute: [attribute('sha256', 'c'.repeat(64))] },
            { name: 'file', deleted: true, Attribute: [attribute('sha256', 'd'.repeat(64))] }
          ],
          EventReport: [{ name: 'report', content: 'Deux\nlignes.' }],
          ShadowAttribute: [attribute('domain', 'proposed.example')]
        }
      )
    )
    expect(drafts).toHaveLength(1)
    expect(drafts[0]?.draft).toMatchObject({
      text: 'Deux\nlignes.',
      rules: [{ kind: 'yara', name: 'x', text: 'rule x { condition: false }' }],
      references: [{ url: 'https://blog.example/x' }],
      indicators: [
        {
          type: 'domain',
          value: 'late.example',
          comment: 'seen',
          firstSeen: '2026-11-23T08:00:00.000Z',
          lastSeen: '2026-11-24T08:00:00.000Z'
        },
        { type: 'sha256', value: 'c'.repeat(64) }
      ]
    })
  })

  it('says threat, confidence and other tags', async () => {
    const tags = [
      'tlp:green',
      'PAP:CLEAR',
      'rsit:malicious-code="c2-server"',
      'misp:confidence-level="rarely-confident"'
    ]
    const Tag = [...tags, 'misp-galaxy:tool="X"'].map((name) => ({ name }))
    const { drafts } = await read(event([evil], { Tag }))
    expect(drafts[0]?.draft).toMatchObject({ threat: 'c2', confidence: 25, tags: ['misp-galaxy:tool="X"'] })
  })

  it('names what it has no word for, and what is wrong, each by its place', async () => {
    const { drafts, refused } = await read(
      event([
        evil,
        attribute('imphash', 'a'.repeat(32)),
        attribute('imphash', 'b'.repeat(32)),
        attribute('no-such-type', 'x'),
        attribute('ip-dst', '999.1.1.1')
      ])
    )
    expect(drafts[0]?.warnings).toMatchObject([
      { code: 'objects-left-out', message: 'attributes of other types: 2 imphash, 1 no-such-type' }
    ])
    expect(refused).toMatchObject([{ code: 'ipv4-syntax', place: { path: 'Event.Attribute[4]' } }])
  })

  describe('labels', () => {
    it('are the operator’s where there are none, or the event is refused', async () => {
      const bare = event([evil], { Tag: [] })
      expect((await read(bare, { labels: {} })).refused).toMatchObject([{ code: 'label-missing' }])
      expect((await read(bare)).drafts[0]?.draft).toMatchObject({ tlp: 'AMBER', pap: 'GREEN' })
      const odd = event([evil], { Tag: [{ name: 'tlp:orange' }] })
      expect((await read(odd)).refused).toMatchObject([{ code: 'label-unknown' }])
    })

    it('are the stricter where they contradict each other', async () => {
      const Tag = ['tlp:clear', 'tlp:amber+strict', 'PAP:GREEN', 'PAP:RED'].map((name) => ({ name }))
      const { drafts } = await read(event([evil], { Tag }))
      expect(drafts[0]?.draft).toMatchObject({ tlp: 'AMBER+STRICT', pap: 'RED' })
      expect(drafts[0]?.warnings.map(({ code }) => code)).toEqual(['labels-contradict', 'labels-contradict'])
    })

    it('of an attribute make a draft of its own where they are stricter, and are never wider', async () => {
      const { drafts, refused } = await read(
        event([
          evil,
          attribute('domain', 'strict.example', { Tag: [{ name: 'tlp:red' }] }),
          attribute('domain', 'wide.example', { Tag: [{ name: 'tlp:clear' }] }),
          attribute('domain', 'odd.example', { Tag: [{ name: 'tlp:puce' }] })
        ])
      )
      expect(drafts.map(({ key, draft }) => [key, draft.tlp, draft.indicators.map(({ value }) => value)])).toEqual([
        [`misp-event:${UUID}`, 'AMBER', ['evil.example', 'wide.example']],
        [`misp-event:${UUID}/RED/GREEN`, 'RED', ['strict.example']]
      ])
      expect(drafts[0]?.warnings).toMatchObject([
        { code: 'label-wider-than-container', place: { path: 'Event.Attribute[2]' } }
      ])
      expect(refused).toMatchObject([{ code: 'label-unknown', place: { path: 'Event.Attribute[3]' } }])
    })

    it('keep inside what a MISP keeps inside, unless the operator says otherwise', async () => {
      const Tag = [{ name: 'tlp:green' }, { name: 'PAP:GREEN' }]
      for (const distribution of ['0', '4', 0])
        expect((await read(event([evil], { distribution, Tag }), { labels: {} })).refused).toMatchObject([
          { code: 'distribution-closed' }
        ])
      const said = await read(event([evil], { distribution: '0', Tag }), { labels: { tlp: 'AMBER' } })
      expect(said.drafts[0]?.draft.tlp).toBe('AMBER')
      const clear = event([evil], { distribution: '1', Tag: [{ name: 'tlp:clear' }, { name: 'PAP:GREEN' }] })
      const { drafts } = await read(clear, { labels: {} })
      expect(drafts[0]?.draft.tlp).toBe('GREEN')
      expect(drafts[0]?.warnings).toMatchObject([{ code: 'label-wider-than-container' }])
      const parts = [evil, attribute('domain', 'inside.example', { distribution: '0' })]
      const part = await read(event(parts, { Tag }), { labels: {} })
      expect(part.refused).toMatchObject([{ code: 'distribution-closed', place: { path: 'Event.Attribute[1]' } }])
      expect(part.drafts[0]?.draft.indicators).toHaveLength(1)
    })
  })

  it('knows our own export again', async () => {
    const items = [
      item('domain', 'evil.example', {}, { comment: 'portail' }),
      item('ipv4', '192.0.2.7', {}, { role: 'context' }),
      item('ja4', 't13d1516h2_8daaf6152771_b186095e22b6')
    ]
    const { text } = await written(MISP, items, { use: 'hunt' })
    const { drafts, refused } = await imported(MISP_EVENTS, text, { labels: {} })
    expect(refused).toEqual([])
    expect(drafts).toMatchObject([
      {
        bulletins: ['0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'],
        draft: {
          title: 'Hameçonnage messagerie',
          tlp: 'AMBER',
          pap: 'GREEN',
          threat: 'phishing',
          confidence: 80,
          tags: [],
          indicators: [
            { type: 'ipv4', value: '192.0.2.7', role: 'context' },
            { type: 'domain', value: 'evil.example', role: 'malicious', comment: 'portail' },
            { type: 'ja4', role: 'malicious' }
          ]
        }
      }
    ])
    expect((await written(MISP, [])).text).toBe('{"response":[\n]}\n')
    expect(await imported(MISP_EVENTS, '{"response":[\n]}\n')).toEqual({ drafts: [], refused: [] })
  })

  it('refuses what is no event', async () => {
    expect((await read(event([evil], { uuid: 'x' }))).refused).toMatchObject([{ code: 'record-invalid' }])
    expect((await read({ objects: [] })).refused).toMatchObject([{ code: 'record-invalid' }])
    expect((await imported(MISP_EVENTS, '{"Event":{"uuid":')).refused).toMatchObject([{ code: 'not-json' }])
  })

  it('never makes a draft wider than an event’s label, whatever the attributes say', async () => {
    const labels = fc.constantFrom('tlp:clear', 'tlp:green', 'tlp:amber', 'tlp:amber+strict', 'tlp:red')
    const order = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED']
    const some = fc.array(fc.record({ name: labels, distribution: fc.constantFrom('0', '1', '2', '3', '4', '5') }), {
      maxLength: 5
    })
    await fc.assert(
      fc.asyncProperty(labels, some, async (own, attributes) => {
        const { drafts } = await read(
          event(
            attributes.map(({ name, distribution }, index) =>
              attribute('domain', `n${index}.example`, { Tag: [{ name }], distribution })
            ),
            { Tag: [{ name: own }, { name: 'PAP:GREEN' }] }
          )
        )
        for (const { draft } of drafts)
          expect(order.indexOf(draft.tlp ?? '')).toBeGreaterThanOrEqual(order.indexOf(own.slice(4).toUpperCase()))
      }),
      { numRuns: 100 }
    )
  })
})
