/** What each import reads, spoiled in every way that JSON, tables, logs and mails can be: nothing throws, nothing half-true comes of it. */
import { RULE_KINDS } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imported, sighted } from './imports.fixture.ts'
import { IMPORTS, importNamed } from './imports.ts'

const AT = '2026-11-30T09:00:00.000Z'
const INDICATOR = {
  type: 'indicator',
  spec_version: '2.1',
  id: 'indicator--11111111-1111-4111-8111-111111111114',
  created: AT,
  modified: AT,
  pattern: "[domain-name:value = 'evil-one.net']",
  pattern_type: 'stix',
  valid_from: AT
}

/** Something that each one takes as it is. */
const SAMPLES: Readonly<Record<string, string>> = {
  text: 'Hameçonnage depuis hxxps://evil-one[.]net/login et 45.155.205.7\nTLP:AMBER PAP:GREEN\n',
  mail: 'From: a@evil-one.net\r\nTo: b@univ-reims.fr\r\nSubject: Facture\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhttps://evil-one.net/login\r\n',
  'rocket-chat': JSON.stringify({
    token: 'secret',
    message_id: 'm1',
    timestamp: AT,
    channel_name: 'csirt',
    user_name: 'anne',
    text: 'hxxps://evil-one[.]net/login'
  }),
  stix: JSON.stringify({ type: 'bundle', id: 'bundle--11111111-1111-4111-8111-111111111111', objects: [INDICATOR] }),
  misp: JSON.stringify({
    Event: {
      uuid: '5f0a1c9e-3f7a-4f0e-8a43-3f1c2b0a9d77',
      info: 'x',
      distribution: '3',
      Tag: [{ name: 'tlp:green' }, { name: 'PAP:GREEN' }],
      Attribute: [{ type: 'domain', category: 'Network activity', value: 'evil-one.net', to_ids: true }]
    }
  }),
  cowrie: JSON.stringify({ eventid: 'cowrie.login.failed', src_ip: '45.155.205.7', timestamp: AT, session: 'a' }),
  fail2ban: '2026-11-30 10:00:00,123 fail2ban.actions [1]: NOTICE [sshd] Ban 45.155.205.7\n',
  eve: JSON.stringify({
    timestamp: '2026-11-30T10:00:00.000000+0000',
    event_type: 'alert',
    src_ip: '45.155.205.7',
    dest_ip: '10.0.0.1',
    alert: { signature_id: 1, signature: 'x' }
  }),
  rspamd: JSON.stringify({
    action: 'reject',
    ip: '45.155.205.7',
    from: 'a@evil-one.net',
    qid: 'q1',
    subject: 'x',
    message_id: 'a@b'
  }),
  json: JSON.stringify({ value: 'evil-one.net', type: 'domain', comment: 'x' }),
  csv: 'type,value,comment\ndomain,evil-one.net,x\n'
}

const NASTY = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '\u0000',
  '\ufffd',
  '\u202e',
  '\ud800',
  '=HYPERLINK("x")',
  'a\nb\tc',
  '%00%n$(id)`',
  "' OR 1=1 --",
  '<script>',
  'x'.repeat(70_000),
  '9'.repeat(400),
  `${'a'.repeat(63)}.`.repeat(5),
  '2001:db8::1/1',
  'tlp:clear',
  'ⓔⓥⓘⓛ.net'
]
const nasty = fc.oneof(
  fc.constantFrom<unknown>(...NASTY, null, true, 0, -1, 1e300, [], {}, [[[]]]),
  fc.constantFrom(...NASTY).map((text) => [text, { [text]: text }])
)

/** The text with one of its pieces put elsewhere, cut, doubled, or replaced. */
const spoiled = (sample: string): fc.Arbitrary<string | Uint8Array> => {
  const place = fc.integer({ min: 0, max: sample.length })
  const cut = fc.tuple(place, place).map(([a, b]) => sample.slice(0, Math.min(a, b)) + sample.slice(Math.max(a, b)))
  const put = fc
    .tuple(place, fc.constantFrom(...NASTY))
    .map(([at, text]) => sample.slice(0, at) + text + sample.slice(at))
  const bytes = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, more]) => {
    const whole = Buffer.from(sample)
    return Buffer.concat([whole.subarray(0, at), more, whole.subarray(at)])
  })
  const deep = fc
    .constantFrom('['.repeat(50_000), '{"a":'.repeat(50_000), '('.repeat(50_000))
    .map((text) => text + sample)
  const all = [cut, put, bytes, deep, fc.constant(sample.repeat(50)), fc.constant(Buffer.from(sample, 'utf16le'))]
  const json = sample.startsWith('{') ? [inJson(JSON.parse(sample))] : []
  return fc.oneof(...all, ...json)
}

/** The document with another value, or another name, at one of its places; names that JSON.parse would give to a prototype too. */
function inJson(document: unknown): fc.Arbitrary<string> {
  const places: string[] = []
  JSON.stringify(document, (name, value) => {
    if (/^[a-z]/i.test(name)) places.push(name)
    return value
  })
  const swap = fc.tuple(fc.constantFrom(...places), nasty).map(([place, value]) => {
    let isDone = false
    return JSON.stringify(document, (name, old) => {
      if (isDone || name !== place) return old
      isDone = true
      return value
    })
  })
  const rename = fc
    .tuple(fc.constantFrom(...places), fc.constantFrom('__proto__', 'constructor', 'toString'))
    .map(([place, name]) => JSON.stringify(document).replace(`"${place}":`, `"${name}":`))
  const polluted = fc.constantFrom('__proto__', 'constructor').map((name) => {
    const text = JSON.stringify(document)
    return `{"${name}":{"polluted":true,"tlp":"CLEAR","pap":"CLEAR","type":"domain"},${text.slice(1)}`
  })
  const twice = fc.constantFrom(...places).map((place) => {
    const text = JSON.stringify(document)
    return text.replace(`"${place}":`, `"${place}":null,"${place}":`)
  })
  return fc.oneof(swap, rename, polluted, twice)
}

describe('every import', () => {
  it('has a sample here', () => {
    expect(Object.keys(SAMPLES).toSorted()).toEqual(IMPORTS.map(({ name }) => name).toSorted())
  })

  it.each(Object.entries(SAMPLES))('%s: takes what it is for, and whatever becomes of that', async (name, sample) => {
    const info = importNamed(name)
    if (info === undefined) throw new Error(name)
    const options = info.options.includes('secret') ? { isSecret: () => true } : {}
    if (info.yields === 'sightings') {
      expect(await sighted(info, sample)).toMatchObject({ sightings: [{}], refused: [] })
    } else {
      const { drafts, refused } = await imported(info, sample, options)
      expect(refused).toEqual([])
      expect(drafts.flatMap(({ draft }) => draft.indicators).length).toBeGreaterThan(0)
    }
    await fc.assert(
      fc.asyncProperty(spoiled(sample), async (source) => {
        if (info.yields === 'sightings') await sighted(info, source)
        const { drafts, refused } = await imported(info, source, options)
        for (const { draft, reference } of drafts) {
          expect([draft.tlp, draft.pap]).not.toContain(undefined)
          // Nothing that a polluted prototype says is a label.
          if (!String(source).includes('tlp:clear')) expect(draft.tlp).not.toBe('CLEAR')
          for (const { value } of draft.indicators) expect(value).not.toMatch(/\p{Cc}|\ufffd|\u202e/u)
          for (const { kind } of draft.rules) expect(RULE_KINDS).toContain(kind)
          expect(reference).not.toMatch(/\p{Cc}|\u202e/u)
        }
        for (const { code, message } of refused) {
          expect(code).toMatch(/^[a-z0-9-]+$/)
          expect(message).not.toMatch(/\p{Cc}|\u202e/u)
          expect(message.length).toBeLessThanOrEqual(300)
        }
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
      }),
      { numRuns: 150 }
    )
  })
})
