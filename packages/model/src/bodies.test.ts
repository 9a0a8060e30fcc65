import { describe, expect, it } from 'vitest'
import {
  AttachmentSchema,
  BODY_SCHEMAS,
  DisablingSchema,
  ENTRY_KINDS,
  entryKindCode,
  entryKindOf,
  RetractionSchema,
  SightingSchema
} from './body.ts'
import { BulletinSchema, MAX_ATTACHMENT_BYTES } from './bulletin.ts'
import { IndicatorSchema } from './indicator-schema.ts'
import { isTime } from './shape.ts'

const UUID = '8f14e45f-ceea-4e7a-9c3d-2b1a0f6d5e4c'
const OTHER = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
const DID = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'
const HEX = 'ab'.repeat(32)
const TIME = '2026-11-24T09:00:00.000Z'
const INDICATOR = { type: 'domain', value: 'evil.example', role: 'malicious' }
const ATTACHMENT = { name: 'mail.eml', mediaType: 'message/rfc822', size: 10, sha256: HEX, entry: HEX }
const BULLETIN = {
  id: UUID,
  title: 'Hameçonnage « compte expiré »',
  text: 'Bonjour,\n\tvotre compte…',
  lang: 'fr',
  threat: 'phishing',
  pap: 'GREEN',
  confidence: 80,
  tags: ['campagne:2026-11'],
  indicators: [
    INDICATOR,
    { ...INDICATOR, value: 'www.evil.example', comment: 'a\nb', firstSeen: TIME, lastSeen: TIME, validUntil: TIME }
  ],
  references: [{ site: 'urlscan', url: 'https://urlscan.io/result/1', verdict: 'malicious', score: 90, at: TIME }],
  rules: [{ kind: 'sigma', name: 'login', text: 'title: x\n' }],
  attachments: [ATTACHMENT],
  about: [OTHER],
  supersedes: OTHER
}
const SIGHTING = {
  bulletin: UUID,
  author: DID,
  indicator: { type: 'domain', value: 'evil.example' },
  kind: 'sighting',
  count: 3
}
const RETRACTION = { targets: [HEX], reason: 'Wrong address.' }
const DISABLING = { bulletin: UUID, target: HEX, indicators: [{ type: 'ipv4', value: '8.8.8.8' }], reason: '' }

const line = (text: string) => ({ ...BULLETIN, title: text })
const indicator = (part: object) => ({ ...BULLETIN, indicators: [{ ...INDICATOR, ...part }] })
const attachment = (part: object) => ({ ...BULLETIN, attachments: [{ ...ATTACHMENT, ...part }] })
const reference = (url: string) => ({ ...BULLETIN, references: [{ url }] })

describe('the bulletin', () => {
  it('is accepted as it is, and bare', () => {
    expect(BulletinSchema.parse(BULLETIN)).toEqual(BULLETIN)
    const { lang: _lang, supersedes: _supersedes, ...rest } = BULLETIN
    const bare = { ...rest, text: '', tags: [], indicators: [], references: [], rules: [], attachments: [], about: [] }
    expect(BulletinSchema.parse(bare)).toEqual(bare)
  })

  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ type: 'ipv4', value: `45.1.${i >> 8}.${i & 255}`, role: 'malicious' }))

  it('holds 4096 indicators and not one more', () => {
    expect(BulletinSchema.safeParse({ ...BULLETIN, indicators: many(4096) }).success).toBe(true)
    expect(BulletinSchema.safeParse({ ...BULLETIN, indicators: many(4097) }).success).toBe(false)
  })

  it.each<[string, unknown]>([
    ['an unknown field', { ...BULLETIN, tlp: 'CLEAR' }],
    ['a missing list', { ...BULLETIN, tags: undefined }],
    ['no object', [BULLETIN]],
    ['an id that is no UUIDv4', { ...BULLETIN, id: UUID.toUpperCase() }],
    ['an empty title', line('')],
    ['a title of blanks', line('  ')],
    ['a title with a blank at its end', line('x ')],
    ['a long title', line('x'.repeat(201))],
    ['a title that is long in UTF-16 units alone', line('🔔'.repeat(101))],
    ['an escape sequence in a title that is long in UTF-16 units alone', line(`${'🔔'.repeat(101)}\u001b[2J\u202e`)],
    ['a title of two lines', line('a\nb')],
    ['a title with an escape sequence', line('a\u001b[2J')],
    ['a title with C1 controls', line('a\u009b2J')],
    ['a title with a line separator', line('a\u2028b')],
    ['a title with a direction override', line('a\u202eb')],
    ['a title with a direction isolate', line('a\u2066b')],
    ['a title with half a character', line('a\ud800')],
    ['a text with a carriage return', { ...BULLETIN, text: 'a\r\nb' }],
    ['a text with NUL', { ...BULLETIN, text: 'a\u0000' }],
    ['a text with half a character', { ...BULLETIN, text: '\udc00' }],
    ['a text with a byte order mark', { ...BULLETIN, text: '\ufeffa' }],
    ['a long text', { ...BULLETIN, text: 'x'.repeat(65537) }],
    [
      'a text with an escape sequence, long in UTF-16 units alone',
      { ...BULLETIN, text: `${'🔔'.repeat(32768)}\u001b` }
    ],
    ['an unknown language', { ...BULLETIN, lang: 'de' }],
    ['lang: undefined', { ...BULLETIN, lang: undefined }],
    ['an unknown threat', { ...BULLETIN, threat: 'Phishing' }],
    ['an unknown PAP', { ...BULLETIN, pap: 'WHITE' }],
    ['a confidence that is no integer', { ...BULLETIN, confidence: 50.5 }],
    ['too much confidence', { ...BULLETIN, confidence: 101 }],
    ['confidence as text', { ...BULLETIN, confidence: '50' }],
    ['an empty tag', { ...BULLETIN, tags: [''] }],
    ['65 tags', { ...BULLETIN, tags: Array(65).fill('x') }],
    ['an indicator of unknown type', indicator({ type: 'ip' })],
    ['an indicator that is none', indicator({ type: 'ipv4' })],
    ['an indicator not in normal form', indicator({ value: 'Evil.example' })],
    ['an indicator with blanks around it', indicator({ value: ' evil.example' })],
    ['an indicator without a role', { ...BULLETIN, indicators: [{ type: 'domain', value: 'evil.example' }] }],
    ['an indicator with an unknown field', indicator({ note: 'x' })],
    ['an account with its password', indicator({ type: 'account', value: 'x:y' })],
    ['a long comment', indicator({ comment: 'x'.repeat(501) })],
    ['a time without milliseconds', indicator({ firstSeen: '2026-11-24T09:00:00Z' })],
    ['a time with an offset', indicator({ firstSeen: '2026-11-24T09:00:00.000+01:00' })],
    ['a day that does not exist', indicator({ validUntil: '2026-02-30T09:00:00.000Z' })],
    ['last seen before first seen', indicator({ firstSeen: TIME, lastSeen: '2026-11-23T09:00:00.000Z' })],
    ['one indicator twice', { ...BULLETIN, indicators: [INDICATOR, { ...INDICATOR, role: 'context' }] }],
    ['a javascript link', reference('javascript:alert(1)')],
    ['a link with a password', reference('https://a:b@x.example/')],
    ['a link with a blank', reference('https://x.example/a b')],
    ['a link with a control character', reference('https://x.example/\u0007')],
    ['a relative link', reference('/a')],
    ['a long link', reference(`https://x.example/${'a'.repeat(2048)}`)],
    ['a score above 100', { ...BULLETIN, references: [{ url: 'https://x.example/', score: 101 }] }],
    ['a rule of unknown kind', { ...BULLETIN, rules: [{ kind: 'perl', name: 'x', text: 'x' }] }],
    ['an empty rule', { ...BULLETIN, rules: [{ kind: 'yara', name: 'x', text: '' }] }],
    ['33 rules', { ...BULLETIN, rules: Array(33).fill({ kind: 'yara', name: 'x', text: 'x' }) }],
    ['an attachment with a path', attachment({ name: '../x' })],
    ['an attachment with a Windows path', attachment({ name: 'a\\b' })],
    ['an attachment named ..', attachment({ name: '..' })],
    ['an attachment whose name turns around', attachment({ name: 'a\u202efdp.exe' })],
    ['an attachment whose name is too many bytes', attachment({ name: 'é'.repeat(200) })],
    ['an attachment with a header in its media type', attachment({ mediaType: 'text/plain\r\nx: y' })],
    ['an attachment with parameters', attachment({ mediaType: 'text/plain; charset=utf-8' })],
    ['a large attachment', attachment({ size: MAX_ATTACHMENT_BYTES + 1 })],
    ['an attachment without its entry', attachment({ entry: 'x' })],
    ['17 attachments', { ...BULLETIN, attachments: Array(17).fill(ATTACHMENT) }],
    ['a bulletin about itself', { ...BULLETIN, about: [UUID] }],
    ['a bulletin that supersedes itself', { ...BULLETIN, supersedes: UUID }]
  ])('refuses %s', (_, value) => {
    expect(BulletinSchema.safeParse(value).success).toBe(false)
  })

  it('names the stable code of what it refuses', () => {
    const codes = (value: unknown) =>
      IndicatorSchema.safeParse(value).error?.issues.map((issue) =>
        issue.code === 'custom' ? issue.params?.code : issue.code
      )
    expect(codes({ ...INDICATOR, value: 'Evil.example' })).toEqual(['not-normal'])
    expect(codes({ ...INDICATOR, type: 'ipv4' })).toEqual(['ipv4-syntax'])
  })

  it('bounds the work that a hostile text can cause', () => {
    const started = performance.now()
    for (const unit of [' ', 'a', '\n', '\u202e', '/']) {
      BulletinSchema.safeParse({
        ...line(unit.repeat(1_000_000)),
        text: unit.repeat(1_000_000),
        references: [{ url: unit.repeat(1_000_000) }]
      })
    }
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('the other bodies', () => {
  it.each<[string, { safeParse(value: unknown): { success: boolean } }, unknown]>([
    ['sighting', SightingSchema, SIGHTING],
    [
      'sighting with dates',
      SightingSchema,
      { ...SIGHTING, kind: 'false-positive', firstSeen: TIME, lastSeen: TIME, comment: '' }
    ],
    ['retraction', RetractionSchema, RETRACTION],
    ['retraction at once', RetractionSchema, { ...RETRACTION, supersededBy: UUID, eraseNow: 'ab'.repeat(64) }],
    ['disabling', DisablingSchema, DISABLING],
    ['attachment', AttachmentSchema, { data: new Uint8Array(3) }],
    ['empty attachment', AttachmentSchema, { data: new Uint8Array(0) }]
  ])('accepts a %s', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(true)
  })

  it.each<[string, { safeParse(value: unknown): { success: boolean } }, unknown]>([
    ['a sighting without an author', SightingSchema, { ...SIGHTING, author: undefined }],
    ['a sighting by a short id', SightingSchema, { ...SIGHTING, author: 'did:key:z6Mk' }],
    ['a sighting of nothing', SightingSchema, { ...SIGHTING, count: 0 }],
    ['a sighting of too many', SightingSchema, { ...SIGHTING, count: 1_000_000_001 }],
    ['a sighting of unknown kind', SightingSchema, { ...SIGHTING, kind: 'confirmed' }],
    [
      'a sighting not in normal form',
      SightingSchema,
      { ...SIGHTING, indicator: { type: 'domain', value: 'EVIL.example' } }
    ],
    ['a sighting with a role', SightingSchema, { ...SIGHTING, indicator: INDICATOR }],
    [
      'a sighting that ends before it begins',
      SightingSchema,
      { ...SIGHTING, firstSeen: TIME, lastSeen: '2026-11-23T09:00:00.000Z' }
    ],
    ['a retraction of nothing', RetractionSchema, { ...RETRACTION, targets: [] }],
    ['a retraction of 1025', RetractionSchema, { ...RETRACTION, targets: Array(1025).fill(HEX) }],
    ['a retraction with a long reason', RetractionSchema, { ...RETRACTION, reason: 'x'.repeat(1001) }],
    ['a retraction with half a signature', RetractionSchema, { ...RETRACTION, eraseNow: HEX }],
    ['a disabling of nothing', DisablingSchema, { ...DISABLING, indicators: [] }],
    [
      'a disabling of one twice',
      DisablingSchema,
      { ...DISABLING, indicators: [DISABLING.indicators[0], DISABLING.indicators[0]] }
    ],
    ['an attachment as text', AttachmentSchema, { data: 'abc' }],
    ['an attachment as a list', AttachmentSchema, { data: [1, 2] }],
    ['an attachment above 8 MiB', AttachmentSchema, { data: new Uint8Array(MAX_ATTACHMENT_BYTES + 1) }]
  ])('refuses %s', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false)
  })
})

describe('kinds', () => {
  it('have stable codes and a schema each', () => {
    expect(ENTRY_KINDS.map((kind) => [entryKindCode(kind), kind])).toEqual([
      [1, 'bulletin'],
      [2, 'sighting'],
      [3, 'retraction'],
      [4, 'disabling'],
      [5, 'attachment']
    ])
    for (const kind of ENTRY_KINDS) expect(entryKindOf(entryKindCode(kind))).toBe(kind)
    for (const code of [0, 6, 255, -1, 1.5]) expect(entryKindOf(code)).toBeUndefined()
    expect(Object.keys(BODY_SCHEMAS)).toEqual([...ENTRY_KINDS])
  })
})

describe('times', () => {
  it('have one spelling', () => {
    expect(isTime(TIME)).toBe(true)
    for (const bad of [
      '',
      '2026-11-24',
      '2026-11-24T09:00:00.000z',
      '2026-11-24T24:00:00.000Z',
      '2026-13-01T00:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
      `${TIME}\n`,
      `+00${TIME}`
    ]) {
      expect(isTime(bad)).toBe(false)
    }
  })
})
