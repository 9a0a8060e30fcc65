import { type EntryKind, encode, sealBody, toHex } from '@tocsin/journal'
import { type EntryBodies, entryKindCode } from '@tocsin/model'
import { type Case, compact, fails, holds, type VectorFile } from './case.ts'
import { author, bulletinId } from './records.ts'

const nonce = Uint8Array.from({ length: 16 }, (_, index) => 0xf0 + index)
const entryId = '5a'.repeat(32)
const TIME = '2026-11-24T09:00:00.000Z'
const LATER = '2026-11-24T09:00:00.001Z'
const ip = { type: 'ipv4', value: '198.51.100.7' }

const bulletin = {
  id: bulletinId,
  title: 'Hameçonnage en cours',
  text: 'Vu ce matin.\n\tDeux adresses.',
  threat: 'phishing',
  pap: 'GREEN',
  confidence: 80,
  tags: [],
  indicators: [],
  references: [],
  rules: [],
  attachments: [],
  about: []
}
const full = {
  ...bulletin,
  lang: 'fr',
  tags: ['esr', 'mél'],
  indicators: [
    { ...ip, role: 'malicious', comment: 'serveur\nfrontal', firstSeen: TIME, lastSeen: LATER, validUntil: LATER },
    { type: 'domain', value: 'evil.example', role: 'context' }
  ],
  references: [
    { site: 'urlscan', url: 'https://urlscan.example/x?y#z', verdict: 'malicious', score: 100, at: TIME },
    { url: 'http://a.example/' }
  ],
  rules: [{ kind: 'sigma', name: 'règle', text: 'title: x' }],
  attachments: [{ name: 'mél.eml', mediaType: 'message/rfc822', size: 8_388_608, sha256: entryId, entry: entryId }],
  about: ['0b0e8f5c-2a7d-4c8e-9a51-3f1f5f0a7b12'],
  supersedes: '0b0e8f5c-2a7d-4c8e-9a51-3f1f5f0a7b13'
}
const sighting = { bulletin: bulletinId, author, indicator: ip, kind: 'sighting', count: 3 }
const retraction = { targets: [entryId], reason: '' }
const disabling = { bulletin: bulletinId, target: entryId, indicators: [ip], reason: 'faux positif' }
const attachment = { data: Uint8Array.of(1, 2, 3) }

const readable: readonly (readonly [string, EntryKind, unknown])[] = [
  ['the least bulletin', 'bulletin', bulletin],
  ['a bulletin of everything', 'bulletin', full],
  [
    'a bulletin at its bounds',
    'bulletin',
    { ...bulletin, title: 'x'.repeat(200), tags: Array.from({ length: 64 }, () => 'y'.repeat(100)), confidence: 0 }
  ],
  ['a text that runs from right to left', 'bulletin', { ...bulletin, text: 'שלום \u202eabc' }],
  ['a title beyond the BMP: lengths are UTF-16 units', 'bulletin', { ...bulletin, title: '🔔'.repeat(100) }],
  [
    'a bulletin of single letters',
    'bulletin',
    { ...bulletin, title: 'x', tags: ['y'], rules: [{ kind: 'other', name: 'z', text: '\n' }] }
  ],
  [
    'a bulletin of the longest texts',
    'bulletin',
    {
      ...bulletin,
      text: 'x'.repeat(65_536),
      rules: [{ kind: 'other', name: 'z'.repeat(200), text: 'x'.repeat(65_536) }]
    }
  ],
  [
    'references at their bounds',
    'bulletin',
    {
      ...bulletin,
      references: [
        { site: 'x'.repeat(100), url: `https://a.example/${'x'.repeat(2030)}`, verdict: 'y'.repeat(100), score: 0 }
      ]
    }
  ],
  [
    'attachments at their bounds',
    'bulletin',
    {
      ...bulletin,
      attachments: [
        { ...full.attachments[0], name: `${'é'.repeat(127)}x`, mediaType: 'a/b', size: 0 },
        { ...full.attachments[0], mediaType: `text/${'x'.repeat(95)}` }
      ]
    }
  ],
  [
    'times at their bounds',
    'bulletin',
    {
      ...bulletin,
      indicators: [
        { ...ip, role: 'context', firstSeen: '1970-01-01T00:00:00.000Z' },
        { ...ip, value: '198.51.100.8', role: 'context', lastSeen: '2028-02-29T23:59:59.999Z' },
        { ...ip, value: '198.51.100.9', role: 'context', validUntil: '9999-12-31T23:59:59.999Z', comment: '' }
      ]
    }
  ],
  [
    'as many things as there may be',
    'bulletin',
    {
      ...bulletin,
      references: many(64, { url: 'https://a.example/' }),
      rules: many(32, { kind: 'yara', name: 'a', text: 'a' }),
      attachments: many(16, full.attachments[0]),
      about: many(16, full.supersedes)
    }
  ],
  ['a sighting at its bounds', 'sighting', { ...sighting, count: 1, firstSeen: TIME, comment: 'x'.repeat(500) }],
  ['a retraction at its bounds', 'retraction', { targets: many(1024, entryId), reason: 'x'.repeat(1000) }],
  ['a disabling at its bounds', 'disabling', { ...disabling, reason: 'x'.repeat(1000) }],
  ['an attachment of 8 MiB', 'attachment', { data: new Uint8Array(8_388_608) }],
  ['a sighting', 'sighting', sighting],
  [
    'a false positive with everything',
    'sighting',
    { ...sighting, kind: 'false-positive', count: 1_000_000_000, firstSeen: TIME, lastSeen: TIME, comment: 'vu' }
  ],
  ['a count of three', 'sighting', { ...sighting, contributors: 3 }],
  ['a count at its bound', 'sighting', { ...sighting, count: 65_535, contributors: 65_535 }],
  ['a retraction', 'retraction', retraction],
  [
    'a retraction with everything',
    'retraction',
    { ...retraction, reason: 'erreur', supersededBy: bulletinId, eraseNow: 'ab'.repeat(64) }
  ],
  ['a disabling', 'disabling', disabling],
  ['an attachment', 'attachment', attachment],
  ['an empty attachment', 'attachment', { data: new Uint8Array(0) }]
]

function many<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item)
}

/** Fields of a bulletin that no reader takes. */
const badBulletins: readonly (readonly [string, object])[] = [
  ['an id of version 7', { id: '0b0e8f5c-2a7d-7c8e-9a51-3f1f5f0a7b11' }],
  ['an id in capitals', { id: bulletinId.toUpperCase() }],
  ['an empty title', { title: '' }],
  ['a title of 201 letters', { title: 'x'.repeat(201) }],
  ['a title of 101 bells', { title: '🔔'.repeat(101) }],
  ['a title of two lines', { title: 'a\nb' }],
  ['a title with a space in front', { title: ' a' }],
  ['a title with a no-break space behind', { title: 'a\u00a0' }],
  ['a title with an override', { title: 'a\u202eb' }],
  ['a title with an isolate', { title: 'a\u2066b' }],
  ['a title with a C1 control', { title: 'a\u0085b' }],
  ['a text with an escape', { text: 'a\u001b[2J' }],
  ['a text with a carriage return', { text: 'a\r\nb' }],
  ['a text with a line separator', { text: 'a\u2028b' }],
  ['a text of 65,537 letters', { text: 'x'.repeat(65_537) }],
  ['a third language', { lang: 'de' }],
  ['an unknown threat', { threat: 'apt' }],
  ['a PAP of another spelling', { pap: 'green' }],
  ['a PAP that is a TLP', { pap: 'AMBER+STRICT' }],
  ['a confidence of 101', { confidence: 101 }],
  ['a confidence of −1', { confidence: -1 }],
  ['a TLP', { tlp: 'CLEAR' }],
  ['65 tags', { tags: Array.from({ length: 65 }, () => 'a') }],
  ['a tag of 101 letters', { tags: ['x'.repeat(101)] }],
  [
    'an indicator twice',
    {
      indicators: [
        { ...ip, role: 'context' },
        { ...ip, role: 'malicious' }
      ]
    }
  ],
  ['an indicator without a role', { indicators: [ip] }],
  ['an indicator with a third role', { indicators: [{ ...ip, role: 'victim' }] }],
  ['an indicator of an unknown type', { indicators: [{ type: 'mac', value: 'x', role: 'context' }] }],
  [
    'an indicator last seen before it was first',
    { indicators: [{ ...ip, role: 'context', firstSeen: LATER, lastSeen: TIME }] }
  ],
  [
    'an indicator with a comment of 501 letters',
    { indicators: [{ ...ip, role: 'context', comment: 'x'.repeat(501) }] }
  ],
  ['a time without milliseconds', { indicators: [{ ...ip, role: 'context', firstSeen: '2026-11-24T09:00:00Z' }] }],
  ['a time with an offset', { indicators: [{ ...ip, role: 'context', firstSeen: '2026-11-24T10:00:00.000+01:00' }] }],
  ['a day that does not exist', { indicators: [{ ...ip, role: 'context', firstSeen: '2026-02-30T09:00:00.000Z' }] }],
  ['a second that does not exist', { indicators: [{ ...ip, role: 'context', firstSeen: '2026-02-03T09:00:60.000Z' }] }],
  ['an hour that does not exist', { indicators: [{ ...ip, role: 'context', firstSeen: '2026-02-03T24:00:00.000Z' }] }],
  ['a time before 1970', { indicators: [{ ...ip, role: 'context', firstSeen: '1969-12-31T23:59:59.999Z' }] }],
  ['a reference to a file', { references: [{ url: 'file:///etc/passwd' }] }],
  ['a reference with a password', { references: [{ url: 'https://a:b@a.example/' }] }],
  ['a reference with a blank', { references: [{ url: 'https://a.example/a b' }] }],
  ['a reference that is no URL', { references: [{ url: 'a.example' }] }],
  ['a reference of 2,049 letters', { references: [{ url: `https://a.example/${'x'.repeat(2031)}` }] }],
  ['a score of 101', { references: [{ url: 'https://a.example/', score: 101 }] }],
  ['65 references', { references: Array.from({ length: 65 }, () => ({ url: 'https://a.example/' })) }],
  ['a rule of an unknown kind', { rules: [{ kind: 'splunk', name: 'a', text: 'a' }] }],
  ['a time in the year 999', { indicators: [{ ...ip, role: 'context', firstSeen: '0999-12-31T23:59:59.999Z' }] }],
  ['a minute that does not exist', { indicators: [{ ...ip, role: 'context', firstSeen: '2026-02-03T09:60:00.000Z' }] }],
  ['a month that does not exist', { indicators: [{ ...ip, role: 'context', firstSeen: '2026-13-03T09:00:00.000Z' }] }],
  [
    'a 29 February that does not exist',
    { indicators: [{ ...ip, role: 'context', firstSeen: '2026-02-29T09:00:00.000Z' }] }
  ],
  ['a site of 101 letters', { references: [{ url: 'https://a.example/', site: 'x'.repeat(101) }] }],
  ['a verdict of 101 letters', { references: [{ url: 'https://a.example/', verdict: 'x'.repeat(101) }] }],
  ['a score of −1', { references: [{ url: 'https://a.example/', score: -1 }] }],
  ['a rule of 201 letters', { rules: [{ kind: 'yara', name: 'x'.repeat(201), text: 'a' }] }],
  ['a rule with a text of 65,537 letters', { rules: [{ kind: 'yara', name: 'a', text: 'x'.repeat(65_537) }] }],
  [
    'an attachment with a type of 101 letters',
    { attachments: [{ ...full.attachments[0], mediaType: `text/${'x'.repeat(96)}` }] }
  ],
  ['an attachment with a type of one part', { attachments: [{ ...full.attachments[0], mediaType: 'text' }] }],
  ['an attachment with a name of 256 letters', { attachments: [{ ...full.attachments[0], name: 'x'.repeat(256) }] }],
  ['an attachment with an empty name', { attachments: [{ ...full.attachments[0], name: '' }] }],
  ['a rule without a text', { rules: [{ kind: 'yara', name: 'a', text: '' }] }],
  ['33 rules', { rules: Array.from({ length: 33 }, () => ({ kind: 'yara', name: 'a', text: 'a' })) }],
  ['an attachment with a path', { attachments: [{ ...full.attachments[0], name: '../a' }] }],
  ['an attachment named ..', { attachments: [{ ...full.attachments[0], name: '..' }] }],
  ['an attachment with a name of 256 bytes', { attachments: [{ ...full.attachments[0], name: 'é'.repeat(128) }] }],
  [
    'an attachment with parameters',
    { attachments: [{ ...full.attachments[0], mediaType: 'text/plain; charset=utf-8' }] }
  ],
  ['an attachment with a type in capitals', { attachments: [{ ...full.attachments[0], mediaType: 'Text/Plain' }] }],
  ['an attachment of 8 MiB + 1', { attachments: [{ ...full.attachments[0], size: 8_388_609 }] }],
  ['an attachment with a hash in capitals', { attachments: [{ ...full.attachments[0], sha256: '5A'.repeat(32) }] }],
  ['17 attachments', { attachments: Array.from({ length: 17 }, () => full.attachments[0]) }],
  ['about itself', { about: [bulletinId] }],
  ['about 17', { about: Array.from({ length: 17 }, () => full.supersedes) }],
  ['superseding itself', { supersedes: bulletinId }],
  ['a supersedes that is null', { supersedes: null }]
]

const badValues: readonly (readonly [string, EntryKind, object])[] = [
  ...badBulletins.map(([name, change]) => [`a bulletin with ${name}`, 'bulletin', { ...bulletin, ...change }] as const),
  ...Object.keys(bulletin).map((field) => [`a bulletin without ${field}`, 'bulletin', omit(bulletin, field)] as const),
  ['a sighting of nothing', 'sighting', { ...sighting, count: 0 }],
  ['a sighting of 10^9 + 1', 'sighting', { ...sighting, count: 1_000_000_001 }],
  ['a sighting of an unknown kind', 'sighting', { ...sighting, kind: 'seen' }],
  ['a sighting with a role', 'sighting', { ...sighting, indicator: { ...ip, role: 'context' } }],
  ['a sighting of nobody’s bulletin', 'sighting', { ...sighting, author: 'did:key:z6Mk' }],
  ['a sighting last seen before it was first', 'sighting', { ...sighting, firstSeen: LATER, lastSeen: TIME }],
  ['a count of two', 'sighting', { ...sighting, count: 2, contributors: 2 }],
  ['a count of one', 'sighting', { ...sighting, count: 1, contributors: 1 }],
  ['a count of 65,536', 'sighting', { ...sighting, count: 65_536, contributors: 65_536 }],
  ['a count that says how often', 'sighting', { ...sighting, count: 4, contributors: 3 }],
  ['a count that says less often', 'sighting', { ...sighting, count: 3, contributors: 4 }],
  ['a count that says when first', 'sighting', { ...sighting, contributors: 3, firstSeen: TIME }],
  ['a count that says when last', 'sighting', { ...sighting, contributors: 3, lastSeen: TIME }],
  ['a count with a comment', 'sighting', { ...sighting, contributors: 3, comment: '' }],
  ['a count that names them', 'sighting', { ...sighting, contributors: [author, author, author] }],
  ['a count of false positives', 'sighting', { ...sighting, kind: 'false-positive', contributors: 3 }],
  ['a count of nothing', 'sighting', { ...sighting, contributors: null }],
  ['a sighting with a TLP', 'sighting', { ...sighting, tlp: 'CLEAR' }],
  ['a retraction of nothing', 'retraction', { ...retraction, targets: [] }],
  ['a retraction of 1,025', 'retraction', { ...retraction, targets: Array.from({ length: 1025 }, () => entryId) }],
  ['a retraction with a short signature', 'retraction', { ...retraction, eraseNow: 'ab'.repeat(63) }],
  ['a retraction with a reason of 1,001 letters', 'retraction', { ...retraction, reason: 'x'.repeat(1001) }],
  ['a retraction without a reason', 'retraction', { targets: [entryId] }],
  ['a retraction of bytes', 'retraction', { ...retraction, targets: [new Uint8Array(32)] }],
  ['a disabling of nothing', 'disabling', { ...disabling, indicators: [] }],
  ['a disabling of one thing twice', 'disabling', { ...disabling, indicators: [ip, ip] }],
  ['a disabling without a target', 'disabling', omit(disabling, 'target')],
  ['a sighting with a comment of 501 letters', 'sighting', { ...sighting, comment: 'x'.repeat(501) }],
  ['a disabling with a reason of 1,001 letters', 'disabling', { ...disabling, reason: 'x'.repeat(1001) }],
  ['an attachment of 8 MiB + 1', 'attachment', { data: new Uint8Array(8_388_609) }],
  ['an attachment as text', 'attachment', { data: 'abc' }],
  ['an attachment with a name', 'attachment', { ...attachment, name: 'a' }]
]

function omit(value: object, field: string): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field))
}

/** Every case, in a fixed order. */
export function buildBody(): VectorFile {
  const good = sealBody('sighting', sighting as EntryBodies['sighting'], nonce)
  const sealed = (value: unknown, ...rest: unknown[]): string => toHex(encode([nonce, 1, value, ...rest]))
  const opaque: readonly (readonly [string, number, string, string])[] = [
    ['an unknown kind', 200, toHex(good), 'unknown-kind'],
    ['the first kind that has no meaning yet', 6, toHex(good), 'unknown-kind'],
    ['a later version', 2, toHex(encode([nonce, 2, 'whatever'])), 'unknown-version'],
    ['a later version of another length', 2, toHex(encode([nonce, 2, 'a', 'b'])), 'unknown-version'],
    ['version 0', 2, toHex(encode([nonce, 0, sighting])), 'unknown-version'],
    ['a negative version', 2, toHex(encode([nonce, -1, sighting])), 'unknown-version'],
    ['a version in text', 2, toHex(encode([nonce, '1', sighting])), 'bad-shape'],
    ['not CBOR', 2, 'ff', 'bad-cbor'],
    ['cut short', 2, toHex(good.subarray(0, -1)), 'bad-cbor'],
    ['with a trailing byte', 2, `${toHex(good)}00`, 'bad-cbor'],
    ['a float', 2, '8350f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff01f93c00', 'bad-cbor'],
    ['nested seven deep', 2, sealed([[[[[[0]]]]]]), 'bad-cbor'],
    ['nested six deep', 2, sealed([[[[[0]]]]]), 'bad-shape'],
    ['as many items as there may be', 2, sealed(many(131_068, 0)), 'bad-shape'],
    ['an item more than there may be', 2, sealed(many(131_069, 0)), 'bad-cbor'],
    ['2 MiB', 2, sealed(new Uint8Array(2_097_152 - 24)), 'bad-shape'],
    ['2 MiB + 1', 2, sealed(new Uint8Array(2_097_152 - 23)), 'bad-cbor'],
    ['9 MiB', 5, sealed(new Uint8Array(9_437_184 - 24)), 'bad-shape'],
    ['9 MiB + 1', 5, sealed(new Uint8Array(9_437_184 - 23)), 'bad-cbor'],
    ['a short nonce', 2, toHex(encode([nonce.subarray(1), 1, sighting])), 'bad-shape'],
    ['a long nonce', 2, toHex(encode([new Uint8Array(17), 1, sighting])), 'bad-shape'],
    ['a nonce in text', 2, toHex(encode(['0123456789abcdef', 1, sighting])), 'bad-shape'],
    ['no array', 2, toHex(encode(sighting)), 'bad-shape'],
    ['an empty array', 2, toHex(encode([])), 'bad-shape'],
    ['without a value', 2, toHex(encode([nonce, 1])), 'bad-shape'],
    ['an item more', 2, sealed(sighting, 0), 'bad-shape'],
    ['a value that is null', 2, sealed(null), 'bad-shape'],
    ['the shape of another kind', 1, toHex(good), 'bad-shape']
  ]
  return {
    description:
      'Bodies: CBOR [nonce of 16 bytes, 1, value], by the kind in the entry’s header. What cannot be read is held opaque; the chain stands without it.',
    cases: [
      ...readable.map(([name, kind, value]): Case => {
        // A value that our own schema refuses would throw here.
        const body = sealBody(kind, value as never, nonce)
        return holds('body', name, { kind: entryKindCode(kind), hex: compact(toHex(body)) }, value)
      }),
      ...opaque.map(([name, kind, hex, code]) => fails('body', name, { kind, hex: compact(hex) }, code)),
      ...badValues.map(([name, kind, value]) =>
        fails('body', name, { kind: entryKindCode(kind), hex: compact(sealed(value)) }, 'bad-shape')
      )
    ]
  }
}
