import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imported } from '../imports.fixture.ts'
import { ROCKET_CHAT } from './rocket-chat.ts'

/** As Rocket.Chat 6 posts it. */
const POST = {
  token: 'aVeryLongTokenOfRocketChat',
  bot: false,
  channel_id: 'GENERAL',
  channel_name: 'SSI-IOC',
  message_id: 'wzRLTFhBdRLbKkRTA',
  timestamp: '2026-11-24T09:02:11.134Z',
  user_id: 'nSYqWzZ4GsKTX4dyK',
  user_name: 'jean.dupont',
  text: 'TLP:AMBER PAP:GREEN\nHameçonnage : hxxps://webmail-univ[.]example[.]com/cas depuis 198.51.100.23',
  siteUrl: 'https://chat.univ-reims.fr'
}
const isSecret = (given: string) => given === POST.token
const send = (post: unknown, more = {}) => imported(ROCKET_CHAT, JSON.stringify(post), { isSecret, ...more })

describe('rocket-chat', () => {
  it('makes a draft of a message, and says nowhere in it who wrote it', async () => {
    const { drafts, refused } = await send(POST)
    expect(refused).toEqual([])
    expect(drafts).toMatchObject([
      { key: 'rocket-chat:chat.univ-reims.fr/wzRLTFhBdRLbKkRTA', reference: '#SSI-IOC @jean.dupont' }
    ])
    const draft = drafts[0]?.draft
    expect(draft).toMatchObject({ tlp: 'AMBER', pap: 'GREEN' })
    expect(draft?.indicators.map(({ value }) => value)).toEqual([
      'https://webmail-univ.example.com/cas',
      '198.51.100.23'
    ])
    expect(JSON.stringify(draft)).not.toMatch(/dupont|nSYq|aVery/)
  })

  it('keeps the key of an edited message, and takes the trigger word off', async () => {
    const text = '!ioc evil[.]example[.]net'
    const { drafts } = await send({ ...POST, text, trigger_word: '!ioc', isEdited: true })
    expect(drafts).toMatchObject([
      { key: 'rocket-chat:chat.univ-reims.fr/wzRLTFhBdRLbKkRTA', reference: expect.stringContaining('edited') }
    ])
    expect(drafts[0]?.draft.text).toBe('evil[.]example[.]net')
  })

  it('reads nothing but the token before that is right', async () => {
    for (const token of ['wrong', '', undefined, 7, null, ['x']]) {
      const { drafts, refused } = await send({ ...POST, token, text: 'TLP:NONSENSE' })
      expect(drafts).toEqual([])
      expect(refused).toMatchObject([{ code: 'secret-wrong' }])
    }
  })

  it('passes over bots, our own notifications among them, and messages without text', async () => {
    for (const more of [{ bot: { i: 'integration' } }, { bot: true }, { text: '' }, { text: undefined }]) {
      expect(await send({ ...POST, ...more })).toEqual({ drafts: [], refused: [] })
    }
  })

  it('refuses what it cannot know again, and labels that nobody knows', async () => {
    expect((await send({ ...POST, message_id: undefined })).refused).toMatchObject([{ code: 'record-invalid' }])
    expect((await send({ ...POST, text: 'TLP:ORANGE 198.51.100.1' })).refused).toMatchObject([
      { code: 'label-unknown' }
    ])
    const unlabelled = { ...POST, text: '198.51.100.1' }
    expect((await send(unlabelled, { labels: {} })).refused).toMatchObject([{ code: 'label-missing' }])
    expect((await send(unlabelled)).drafts).toMatchObject([{ draft: { tlp: 'AMBER', pap: 'GREEN' } }])
  })

  it('stands whatever a hostile sender puts in place of each field', async () => {
    const hostile = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\u202e\u0000=cmd|x\n'))
    const field = fc.constantFrom(...Object.keys(POST), 'trigger_word', 'isEdited', 'alias', '__proto__')
    await fc.assert(
      fc.asyncProperty(field, hostile, async (name, value) => {
        const { drafts } = await imported(ROCKET_CHAT, JSON.stringify({ ...POST, [name]: value }))
        expect(drafts.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 }
    )
  })

  it('refuses what is no JSON, or nested without end', async () => {
    expect((await imported(ROCKET_CHAT, '{"token":')).refused).toMatchObject([{ code: 'not-json' }])
    const deep = '['.repeat(100_000)
    expect((await imported(ROCKET_CHAT, deep)).refused).toMatchObject([
      { code: 'json-too-deep', place: { offset: 32 } }
    ])
    const quoted = JSON.stringify({ ...POST, text: '['.repeat(5000) })
    expect((await imported(ROCKET_CHAT, quoted)).refused).toEqual([])
  })
})
