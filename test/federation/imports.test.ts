/** What comes in: from a document to a draft, through a person or a policy, to the next institution. */
import { randomBytes } from 'node:crypto'
import type { DraftSummaryView, DraftView, ImportedView, PublishView, SourceCreatedView, SourceView } from '@tocsin/api'
import { homeAt } from '@tocsin/node'
import { keys, openStore, readRow, writeRow } from '@tocsin/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives } from '../harness/line.ts'

const MESSAGE = `TLP:AMBER / PAP:GREEN
Hameçonnage en cours depuis hxxps://webmail-univ[.]example[.]com/cas
Vu chez agent@univ-reims.fr, compte secretariat@uphf.fr
`

describe('imports', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution

  beforeAll(async () => {
    federation = await createFederation({ world: { now: Date.now, random: (bytes) => randomBytes(bytes) } })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 1, [reims, uphf])
  })

  afterAll(() => federation?.end())

  async function send<T>(path: string, body: string, token = reims.token): Promise<{ status: number; body: T }> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
    const response = await fetch(`${reims.api}${path}`, { method: 'POST', headers, body })
    return { status: response.status, body: (await response.json()) as T }
  }

  const drafts = async (): Promise<readonly DraftSummaryView[]> =>
    (await reims.call<{ items: DraftSummaryView[] }>('GET', '/v1/drafts')).items

  it('brings a message to the next institution, once a person has accepted it', async () => {
    const { body: imported } = await send<ImportedView>('/v1/imports/text', MESSAGE)
    expect(imported.counts).toMatchObject({ new: 1, refused: 0 })
    const id = imported.items[0]?.id ?? ''
    const shown = await reims.call<DraftView>('GET', `/v1/drafts/${id}`)
    expect(JSON.stringify(shown.draft)).not.toMatch(/agent@|secretariat@/)
    expect(shown.warnings.map(({ code }) => code)).toContain('left-out')

    const preview = await reims.call<PublishView>('POST', `/v1/drafts/${id}/acceptance?dryRun&version=${shown.version}`)
    expect(preview.audience.direct.map(({ name }) => name)).toEqual(['Valenciennes'])
    expect(preview.id).toBeUndefined()
    const changed = { ...shown.draft, threat: 'phishing' }
    const edited = await reims.call<DraftView>('POST', `/v1/drafts/${id}?version=${shown.version}`, changed)
    await expect(reims.call('POST', `/v1/drafts/${id}/acceptance?version=${shown.version}`)).rejects.toMatchObject({
      code: 'draft-changed'
    })
    const done = await reims.call<PublishView>('POST', `/v1/drafts/${id}/acceptance?version=${edited.version}`)
    await arrives(uphf, done.id ?? '')
    expect(await drafts()).toEqual([])

    const again = await send<ImportedView>('/v1/imports/text', MESSAGE)
    expect(again.body.items).toMatchObject([{ outcome: 'known', bulletin: done.id }])
    await expect(reims.call('POST', `/v1/drafts/${id}/acceptance`)).rejects.toMatchObject({ code: 'draft-closed' })
  })

  it('shows a token no draft above its TLP, and accepts none for it', async () => {
    const { secret } = await reims.call<{ secret: string }>('POST', '/v1/tokens', {
      name: 'green officer',
      scope: 'publish',
      maxTlp: 'GREEN',
      use: 'hunt'
    })
    const { body } = await send<ImportedView>(
      '/v1/imports/text?tlp=AMBER&pap=GREEN',
      'hxxp://a[.]example[.]net/x',
      secret
    )
    expect(body.counts.new).toBe(1)
    expect(body.items[0]).not.toHaveProperty('id')
    const [kept] = await drafts()
    const limited = { authorization: `Bearer ${secret}` }
    const list = await fetch(`${reims.api}/v1/drafts?state=all`, { headers: limited })
    expect(((await list.json()) as { items: unknown[] }).items).toEqual([])
    for (const method of ['GET', 'DELETE']) {
      expect((await fetch(`${reims.api}/v1/drafts/${kept?.id}`, { method, headers: limited })).status).toBe(404)
    }
    const accepted = await fetch(`${reims.api}/v1/drafts/${kept?.id}/acceptance`, { method: 'POST', headers: limited })
    expect(accepted.status).toBe(404)
    await reims.call('DELETE', `/v1/drafts/${kept?.id}`)
  })

  it('imports its own export, and that of another institution, as nothing new', async () => {
    const value = 'http://loop.example.net/x'
    const draft = { title: 'loop', tlp: 'AMBER', pap: 'GREEN', indicators: [{ type: 'url', value }] }
    const { id } = await uphf.call<{ id: string }>('POST', '/v1/bulletins', draft)
    await arrives(reims, id)
    for (const format of ['csv', 'json']) {
      for (const one of [reims, uphf]) {
        const headers = { authorization: `Bearer ${one.token}` }
        const feed = await (await fetch(`${one.api}/v1/feeds/${format}`, { headers })).text()
        expect(feed).toContain(value)
        const { body } = await send<ImportedView>(`/v1/imports/${format}`, feed)
        expect(body.counts).toMatchObject({ new: 0, changed: 0, refused: 0 })
        expect(body.items).toContainEqual(expect.objectContaining({ outcome: 'known', bulletin: id }))
      }
    }
  })

  it('answers a body beyond its limit by its code, and goes on', async () => {
    const huge = 'x'.repeat(11 * 1024 * 1024)
    const { status, body } = await send<ImportedView>('/v1/imports/text?tlp=GREEN&pap=GREEN', huge)
    expect(status).toBe(200)
    expect(body.refused).toMatchObject([{ code: 'source-too-large', place: { offset: 10 * 1024 * 1024 } }])
    expect((await send<ImportedView>('/v1/imports/text?dryRun&tlp=GREEN&pap=GREEN', 'x')).body.counts.new).toBe(1)
  })

  it('keeps drafts over a restart', async () => {
    await send('/v1/imports/text?tlp=GREEN&pap=GREEN', 'hxxp://b[.]example[.]net/x')
    const before = await drafts()
    await reims.stop()
    await reims.start()
    expect(await drafts()).toEqual(before)
    expect(before.length).toBe(1)
  })

  it('publishes no draft twice where it was killed between signing and saying so', async () => {
    await send('/v1/imports/text?tlp=GREEN&pap=GREEN', 'hxxp://k[.]example[.]net/1')
    await send('/v1/imports/text?tlp=GREEN&pap=GREEN', 'hxxp://k[.]example[.]net/2')
    const [unsigned, signed] = await drafts()
    const { id } = await reims.call<{ id: string }>('POST', '/v1/bulletins', {
      title: 'signed',
      tlp: 'GREEN',
      pap: 'GREEN'
    })
    await reims.stop()
    // What `begin` left on the disk: the one was signed before the end, the other was not.
    const store = await openStore({ path: homeAt(reims.home).store })
    for (const [draft, accepting] of [
      [signed?.id ?? '', id],
      [unsigned?.id ?? '', '00000000-0000-4000-8000-000000000000']
    ] as const) {
      const row = readRow<object>(store.get(keys.local('draft', draft)) ?? new Uint8Array())
      await store.transact((tx) => tx.put(keys.local('draft', draft), writeRow({ ...row, accepting })))
    }
    await store.close()
    await reims.start()
    expect(await reims.call<DraftView>('GET', `/v1/drafts/${signed?.id}`)).toMatchObject({
      state: 'accepted',
      bulletin: id
    })
    const done = await reims.call<PublishView>('POST', `/v1/drafts/${unsigned?.id}/acceptance`)
    await arrives(uphf, done.id ?? '')
  })

  describe('from a Rocket.Chat webhook', () => {
    const TOKEN = 'wLmFhRTqQJg3dZ8sYcV2xKpB'
    const POST = {
      token: TOKEN,
      bot: false,
      channel_name: 'SSI-IOC',
      message_id: 'wzRLTFhBdRLbKkRTA',
      timestamp: '2026-11-30T09:02:11.134Z',
      user_name: 'jean.dupont',
      text: 'Nouvelle vague : hxxps://cas-univ[.]example[.]com/login',
      siteUrl: 'https://chat.univ-reims.fr'
    }

    /** As Rocket.Chat does: no header but the type. */
    async function say(more: object, source = 'chat'): Promise<number> {
      const response = await fetch(`${reims.api}/v1/sources/${source}/items`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...POST, ...more })
      })
      const answer = (await response.json()) as object
      if (response.ok) expect(Object.keys(answer)).toEqual(['counts'])
      return response.status
    }

    beforeAll(async () => {
      for (const { id } of await drafts()) await reims.call('DELETE', `/v1/drafts/${id}`)
      const input = { name: 'chat', import: 'rocket-chat', policy: 'review', tlp: 'AMBER', pap: 'GREEN', token: TOKEN }
      await reims.call('POST', '/v1/sources', { ...input, threat: 'phishing', circle: 'esr-fr' })
    })

    it('waits as a draft, and reaches the next institution once accepted', async () => {
      expect(await say({})).toBe(200)
      expect(await say({})).toBe(200)
      const [head, ...others] = await drafts()
      expect(others).toEqual([])
      expect(head).toMatchObject({
        source: 'chat',
        by: 'source chat',
        tlp: 'AMBER',
        reference: '#SSI-IOC @jean.dupont'
      })
      const done = await reims.call<PublishView>('POST', `/v1/drafts/${head?.id}/acceptance?version=${head?.version}`)
      await arrives(uphf, done.id ?? '')
      expect(JSON.stringify(await uphf.call('GET', `/v1/bulletins/${done.id}`))).not.toContain('dupont')

      expect(await say({})).toBe(200)
      expect(await drafts()).toEqual([])
      // Edited after it was published: the draft supersedes what stands.
      const text = 'Nouvelle vague : hxxps://cas-univ[.]example[.]com/login et 198.51.100.99'
      expect(await say({ text, isEdited: true })).toBe(200)
      const [edited] = await drafts()
      expect((await reims.call<DraftView>('GET', `/v1/drafts/${edited?.id}`)).draft).toMatchObject({
        supersedes: done.id
      })
      await reims.call('DELETE', `/v1/drafts/${edited?.id}`)
    })

    it('answers neither 410 nor 500, whatever it is sent', async () => {
      for (const more of [{ token: 'wrong' }, { token: undefined }, { token: 5 }]) expect(await say(more)).toBe(401)
      expect(await say({}, 'none')).toBe(401)
      for (const more of [
        { text: 5 },
        { text: '' },
        { bot: { i: 'x' } },
        { message_id: null },
        { siteUrl: '\u0000' }
      ]) {
        expect(await say(more)).toBe(200)
      }
      const broken = await fetch(`${reims.api}/v1/sources/chat/items`, { method: 'POST', body: '{"token":' })
      expect(broken.status).toBe(200)
      // It opens nothing else.
      const headers = { authorization: `Bearer ${TOKEN}` }
      expect((await fetch(`${reims.api}/v1/drafts`, { headers })).status).toBe(401)
    })

    it('says in its status what came and what was refused, without what was said', async () => {
      const view = await reims.call<SourceView>('GET', '/v1/sources/chat')
      expect(view.counts).toMatchObject({ new: expect.any(Number), known: 2 })
      expect(view.recent.map(({ code }) => code)).toContain('record-invalid')
      expect(JSON.stringify(view)).not.toContain(TOKEN)
      await reims.call('DELETE', '/v1/sources/chat')
      expect(await say({})).toBe(401)
    })
  })

  it('publishes by itself where the operator said so, save what only a person may decide', async () => {
    for (const { id } of await drafts()) await reims.call('DELETE', `/v1/drafts/${id}`)
    const input = { name: 'soc', import: 'text', policy: 'publish', tlp: 'GREEN', pap: 'GREEN', threat: 'c2' }
    const { token } = await reims.call<SourceCreatedView>('POST', '/v1/sources', input)
    await expect(reims.call('POST', '/v1/sources', input)).rejects.toMatchObject({ code: 'source-name-taken' })
    const deliver = async (text: string) => {
      const { status, body } = await send<{ counts: ImportedView['counts'] }>('/v1/sources/soc/items', text, token)
      expect(status).toBe(200)
      return body.counts
    }
    expect(await deliver('C2 at hxxp://c2[.]example[.]org/gate')).toMatchObject({ published: 1, new: 0 })
    const { items } = await reims.call<{ items: { id: string; title: string }[] }>(
      'GET',
      '/v1/bulletins?value=http://c2.example.org/gate'
    )
    await arrives(uphf, items[0]?.id ?? '')
    expect(await deliver('C2 at hxxp://c2[.]example[.]org/gate')).toMatchObject({ published: 0, known: 1 })

    expect(await deliver('TLP:RED PAP:RED hxxp://red[.]example[.]org/x')).toMatchObject({ published: 0, new: 1 })
    expect(await deliver('TLP:GREEN or TLP:AMBER? hxxp://two[.]example[.]org/x')).toMatchObject({
      published: 0,
      new: 1
    })
    // Whoever wrote a text into it, perhaps the attacker, does not widen what the operator set.
    expect(await deliver('TLP:CLEAR PAP:GREEN hxxp://wide[.]example[.]org/x')).toMatchObject({ published: 0, new: 1 })
    expect(await deliver('TLP:AMBER PAP:GREEN hxxp://tight[.]example[.]org/x')).toMatchObject({ published: 1 })
    expect((await drafts()).map(({ tlp }) => tlp).toSorted()).toEqual(['AMBER', 'CLEAR', 'RED'])
    const { recent } = await reims.call<SourceView>('GET', '/v1/sources/soc')
    expect(recent.map(({ code }) => code)).toEqual(Array(3).fill('source-needs-person'))
    const closed = await reims.call<{ items: DraftSummaryView[] }>('GET', '/v1/drafts?state=all&source=soc')
    expect(closed.items).toContainEqual(
      expect.objectContaining({ state: 'accepted', closedBy: 'source soc', bulletin: items[0]?.id })
    )
  })
})
