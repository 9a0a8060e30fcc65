import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPTIONS, sighted } from '../imports.fixture.ts'
import { RSPAMD } from './rspamd.ts'

/** As Rspamd 3.4 posts it (formatter `json`). */
const POST = {
  ip: '203.0.113.4',
  user: 'unknown',
  qid: '4Xk2b13Zz1z9',
  subject: 'Votre mot de passe expire',
  action: 'reject',
  rspamd_server: 'mx1.univ-reims.fr',
  score: 21.5,
  fuzzy: [],
  rcpt: ['jean.dupont@univ-reims.fr'],
  from: 'support@phish.example',
  symbols: [
    { name: 'TOCSIN_HOST', score: 6, groups: ['multimap'], group: 'multimap', options: ['login.evil-campus.com'] },
    { name: 'TOCSIN_HASH', score: 10, options: ['a8460f446be540410004b1a8db4083773fa46f7fe76fa84219c93daa1669f8f2'] },
    { name: 'RCPT_COUNT_ONE', score: 0, options: ['1', 'other.example.com'] },
    { name: 'R_DKIM_ALLOW', score: -0.2 }
  ],
  scan_time: 128,
  header_from: ['"Support" <it@phish2.example>'],
  header_to: ['Jean Dupont <jean.dupont@univ-reims.fr>'],
  header_subject: ['Votre mot de passe expire'],
  header_date: ['Mon, 1 Jan 1990 00:00:00 +0000'],
  message_id: 'abc123@phish.example'
}
const post = (more: object = {}): string => JSON.stringify({ ...POST, ...more })
const idOf = async (text: string) => (await sighted(RSPAMD, text)).sightings[0]?.once

describe('rspamd', () => {
  it('says sender, host, subject and what our maps matched, and nobody of ours', async () => {
    const { sightings, refused } = await sighted(RSPAMD, post())
    expect(refused).toEqual([])
    expect(sightings.length).toBe(1)
    const [{ values, at } = { values: [], at: 0 }] = sightings
    expect(new Set(values.map(({ type, value }) => `${type} ${value}`))).toEqual(
      new Set([
        'domain login.evil-campus.com',
        'sha256 a8460f446be540410004b1a8db4083773fa46f7fe76fa84219c93daa1669f8f2',
        'ipv4 203.0.113.4',
        'email support@phish.example',
        'domain phish.example',
        'email it@phish2.example',
        'domain phish2.example',
        'email-subject Votre mot de passe expire',
        'message-id abc123@phish.example'
      ])
    )
    // The date of the mail is what its sender claims.
    expect(at).toBe(OPTIONS.now)
    expect(JSON.stringify(sightings)).not.toContain('dupont')
  })

  it('knows a message again, and tells two apart', async () => {
    expect(await idOf(post())).toEqual(await idOf(post({ scan_time: 4 })))
    expect(await idOf(post())).not.toEqual(await idOf(post({ qid: 'other' })))
    expect(await idOf(post({ qid: 'unknown' }))).toEqual(await idOf(post({ qid: 'unknown' })))
    expect(await idOf(post({ qid: 'unknown' }))).not.toEqual(await idOf(post({ qid: 'unknown', scan_time: 4 })))
  })

  it('says nothing of what Rspamd does not know', async () => {
    const nothing = { ip: 'unknown', from: 'unknown', subject: 'unknown', message_id: undefined, symbols: [] }
    expect(await sighted(RSPAMD, post({ ...nothing, header_from: 'unknown' }))).toEqual({ sightings: [], refused: [] })
  })

  it('refuses what is no metadata, by its line, and loses nothing else', async () => {
    const { sightings, refused } = await sighted(RSPAMD, `{"a":1}\n[]\nnope\n${post()}\n`)
    expect(refused.map(({ code, place }) => [code, place.line])).toEqual([
      ['record-invalid', 1],
      ['record-invalid', 2],
      ['not-json', 3]
    ])
    expect(sightings.map(({ place }) => place.line)).toEqual([4])
  })

  it('stands whatever a hostile sender puts in place of each field', async () => {
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constant('\u202e<<<a@b@c>\n\u0000'),
      fc.constant('<'.repeat(5000)),
      fc.constant(Array(500).fill({ name: 'TOCSIN_URL', options: Array(500).fill('http://a.example.org/x') }))
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(POST), '__proto__'), hostile, async (name, value) => {
        const { sightings } = await sighted(RSPAMD, `${post({ [name]: value })}\n${post({ ip: '198.51.100.200' })}`)
        expect(sightings.at(-1)?.values).toContainEqual({ type: 'ipv4', value: '198.51.100.200' })
        for (const { values } of sightings) expect(values.length).toBeLessThanOrEqual(64)
      }),
      { numRuns: 200 }
    )
  })
})
