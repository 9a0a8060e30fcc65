/** What comes in: from a document to a draft, through a person or a policy, to the next institution. */
import { randomBytes } from 'node:crypto'
import type { DraftSummaryView, DraftView, ImportedView, PublishView } from '@tocsin/api'
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

  it('keeps drafts over a restart', async () => {
    await send('/v1/imports/text?tlp=GREEN&pap=GREEN', 'hxxp://b[.]example[.]net/x')
    const before = await drafts()
    await reims.stop()
    await reims.start()
    expect(await drafts()).toEqual(before)
    expect(before.length).toBe(1)
  })
})
