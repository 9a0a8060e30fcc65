import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BulletinSchema } from './bulletin.ts'
import { DRAFT_ERRORS } from './draft.ts'
import { readTime } from './draft-time.ts'
import { parseDraft } from './parse-draft.ts'
import { INDICATOR_ERRORS } from './parsed.ts'

const UUID = '8f14e45f-ceea-4e7a-9c3d-2b1a0f6d5e4c'

function good(input: unknown) {
  const parsed = parseDraft(input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.draft
}

function problems(input: unknown): [string, string][] {
  const parsed = parseDraft(input)
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => [path, code])
}

const FULL = {
  title: '  Hameçonnage  ',
  text: '\ufeffBonjour,\r\nvotre compte',
  lang: 'fr',
  threat: 'Hameçonnage',
  tlp: 'tlp:amber+strict',
  pap: 'PAP:WHITE',
  circle: 'esr-fr',
  indicators: [
    { type: 'url', value: 'hxxps://Evil[.]example/A', comment: 'a\r\nb', firstSeen: '2026-11-24' },
    { type: 'cidr', value: '8.8.8.8/32', role: 'context' }
  ],
  references: [{ url: 'https://urlscan.io/1', at: '2026-11-24T10:00:00+01:00' }],
  rules: [{ kind: 'yara', name: ' r ', text: 'rule r {}\r\n' }],
  tags: [' a '],
  attachments: [{ name: 'x.eml', base64: 'YWJj' }],
  about: [UUID],
  keepUntil: '2027-01-01'
}

describe('parseDraft', () => {
  it('takes nothing at all: the charter fills it', () => {
    expect(good({})).toEqual({
      confidence: 50,
      to: [],
      indicators: [],
      references: [],
      rules: [],
      tags: [],
      attachments: [],
      about: []
    })
  })

  it('reads what people and tools write into one spelling', () => {
    expect(good(FULL)).toEqual({
      title: 'Hameçonnage',
      text: 'Bonjour,\nvotre compte',
      lang: 'fr',
      threat: 'phishing',
      tlp: 'AMBER+STRICT',
      pap: 'CLEAR',
      confidence: 50,
      circle: 'esr-fr',
      to: [],
      indicators: [
        {
          type: 'url',
          value: 'https://evil.example/A',
          role: 'malicious',
          comment: 'a\nb',
          firstSeen: '2026-11-24T00:00:00.000Z'
        },
        { type: 'ipv4', value: '8.8.8.8', role: 'context' }
      ],
      references: [{ url: 'https://urlscan.io/1', at: '2026-11-24T09:00:00.000Z' }],
      rules: [{ kind: 'yara', name: 'r', text: 'rule r {}\n' }],
      tags: ['a'],
      attachments: [{ name: 'x.eml', mediaType: 'application/octet-stream', base64: 'YWJj' }],
      about: [UUID],
      keepUntil: '2027-01-01T00:00:00.000Z'
    })
  })

  it('reads a draft that it gave out as the same draft', () => {
    expect(good(good(FULL))).toEqual(good(FULL))
  })

  it('gives parts that a signed bulletin accepts', () => {
    const { title = '', text = '', indicators, references, rules, tags, about } = good(FULL)
    const body = {
      id: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
      title,
      text,
      threat: 'phishing',
      pap: 'GREEN',
      confidence: 50,
      indicators,
      references,
      rules,
      tags,
      attachments: [],
      about
    }
    expect(BulletinSchema.safeParse(body).success).toBe(true)
  })

  it('keeps a bracket that belongs to the value', () => {
    expect(good({ indicators: [{ type: 'email-subject', value: 'Facture [.] impayée' }] }).indicators[0]?.value).toBe(
      'Facture [.] impayée'
    )
  })

  it('unites what was spelled twice and names what contradicts itself', () => {
    const twice = [
      { type: 'domain', value: 'EVIL.example', comment: 'first' },
      { type: 'domain', value: 'evil[.]example' }
    ]
    expect(good({ indicators: twice }).indicators).toEqual([
      { type: 'domain', value: 'evil.example', role: 'malicious', comment: 'first' }
    ])
    const both = [...twice, { type: 'domain', value: 'evil.example', role: 'context' }]
    expect(problems({ indicators: both })).toEqual([['indicators[2].role', 'contradictory-role']])
  })

  it.each<[string, unknown, [string, string][]]>([
    ['a misspelt label', { tpl: 'RED' }, [['tpl', 'unknown-field']]],
    ['a field with an odd name', { 'a\u001b': 1 }, [['"a\\u001b"', 'unknown-field']]],
    [
      'an unknown field deep inside',
      { indicators: [{ type: 'ipv4', value: '8.8.8.8', ids: true }] },
      [['indicators[0].ids', 'unknown-field']]
    ],
    ['an unknown TLP', { tlp: 'ORANGE' }, [['tlp', 'unknown-tlp']]],
    ['an unknown PAP', { pap: '' }, [['pap', 'unknown-pap']]],
    ['an unknown threat', { threat: 'apt' }, [['threat', 'unknown-threat']]],
    ['a number as a title', { title: 3 }, [['title', 'bad-type']]],
    ['an empty title', { title: ' ' }, [['title', 'out-of-range']]],
    ['a title of two lines', { title: 'a\nb' }, [['title', 'bad-character']]],
    ['a long text', { text: 'x'.repeat(65537) }, [['text', 'too-long']]],
    ['an escape sequence', { text: '\u001b[2J' }, [['text', 'bad-character']]],
    ['much confidence', { confidence: 101 }, [['confidence', 'out-of-range']]],
    ['a time without an offset', { keepUntil: '2026-11-24T09:00' }, [['keepUntil', 'bad-time']]],
    ['too many receivers', { to: Array(65).fill('a') }, [['to', 'too-many']]],
    ['an indicator without a value', { indicators: [{ type: 'ipv4' }] }, [['indicators[0].value', 'missing']]],
    ['an indicator without a type', { indicators: [{ value: 'x' }] }, [['indicators[0].type', 'missing']]],
    ['a type that is none', { indicators: [{ type: 'ip', value: 'x' }] }, [['indicators[0].type', 'bad-value']]],
    ['a bad link', { references: [{ url: 'ftp://x.example/' }] }, [['references[0].url', 'bad-link']]],
    ['bad base64', { attachments: [{ name: 'x', base64: 'YWJ' }] }, [['attachments[0].base64', 'bad-base64']]],
    [
      'an attachment with a path',
      { attachments: [{ name: 'a/b', base64: '' }] },
      [['attachments[0].name', 'bad-file-name']]
    ],
    [
      'seen backwards',
      { indicators: [{ type: 'ipv4', value: '8.8.8.8', firstSeen: '2026-11-24', lastSeen: '2026-11-23' }] },
      [['indicators[0].lastSeen', 'time-order']]
    ],
    ['an id that is none', { supersedes: '8f14' }, [['supersedes', 'bad-value']]],
    ['null', null, [['', 'bad-type']]],
    ['a list', [], [['', 'bad-type']]],
    ['text', 'x', [['', 'bad-type']]],
    ['nothing', undefined, [['', 'missing']]]
  ])('refuses %s', (_, input, expected) => {
    expect(problems(input)).toEqual(expected)
  })

  it('names bad indicators one by one and gives the good ones back', () => {
    const input = {
      title: 'x',
      indicators: [
        { type: 'ipv4', value: '1.2.3' },
        { type: 'domain', value: 'evil.example' },
        { type: 'account', value: 'jdupont:Azerty123' },
        { type: 'sha256', value: 'abc' }
      ]
    }
    const parsed = parseDraft(input)
    expect(problems(input)).toEqual([
      ['indicators[0].value', 'ipv4-syntax'],
      ['indicators[2].value', 'account-with-password'],
      ['indicators[3].value', 'hash-length']
    ])
    expect(parsed).toMatchObject({
      ok: false,
      draft: { title: 'x', indicators: [{ type: 'domain', value: 'evil.example' }] }
    })
    expect(JSON.stringify(parsed)).not.toContain('Azerty123')
  })

  it('gives nothing back where more than an indicator is wrong', () => {
    expect(parseDraft({ tlp: 'x', indicators: [{ type: 'ipv4', value: '1' }] })).not.toHaveProperty('draft')
  })

  it('says so when the good ones contradict each other', () => {
    const input = {
      indicators: [
        { type: 'ipv4', value: 'x' },
        { type: 'ipv4', value: '8.8.8.8' },
        { type: 'ipv4', value: '8.8.8.8', role: 'context' }
      ]
    }
    expect(problems(input)).toEqual([
      ['indicators[0].value', 'ipv4-syntax'],
      ['indicators[2].role', 'contradictory-role']
    ])
  })

  it('answers anything with a draft or with known codes', () => {
    const keys = fc.constantFrom(
      'title',
      'text',
      'tlp',
      'indicators',
      'references',
      'attachments',
      'to',
      'x',
      '__proto__'
    )
    const value = fc.oneof(fc.jsonValue(), fc.array(fc.record({ type: fc.constant('ipv4'), value: fc.string() })))
    const known = new Set([...Object.keys(DRAFT_ERRORS), ...Object.keys(INDICATOR_ERRORS)])
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(keys, value)), (input) => {
        const parsed = parseDraft(input)
        if (parsed.ok) {
          expect(parseDraft(parsed.draft)).toEqual(parsed)
          return
        }
        expect(parsed.problems.length).toBeGreaterThan(0)
        for (const { code } of parsed.problems) expect(known).toContain(code)
      }),
      { numRuns: 2000 }
    )
  })
})

describe('readTime', () => {
  it.each([
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24T10:00+01:00', '2026-11-24T09:00:00.000Z'],
    ['2026-11-24 10:00:00.123456Z', '2026-11-24T10:00:00.123Z'],
    ['2026-11-24T10:00:00-0230', '2026-11-24T12:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z']
  ])('%j is %s', (text, time) => {
    expect(readTime(text)).toBe(time)
  })

  it.each([
    '',
    'now',
    '24/11/2026',
    '2026-02-30',
    '2025-02-29',
    '2026-11-24T10:00',
    '2026-11-24T25:00Z',
    '2026-11-24T10:61Z',
    '1969-12-31',
    '2026-11',
    '1764000000'
  ])('%j is none', (text) => {
    expect(readTime(text)).toBeUndefined()
  })
})
