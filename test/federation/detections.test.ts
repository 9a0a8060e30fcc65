/** Detections come home: from an alert to a sighting at whoever published, through a person or a policy. */
import { randomBytes } from 'node:crypto'
import type { DraftSummaryView, DraftView, ImportedView, SightedView, SourceCreatedView, SourceView } from '@tocsin/api'
import { homeAt } from '@tocsin/node'
import { keys, openStore, readRow, writeRow } from '@tocsin/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

const HOUR = 3_600_000
const NAME = 'login-univ.evil-campus.com'
const HOST = '91.200.12.34'

interface Shown {
  readonly indicators: readonly { readonly value: string; readonly sightings: { readonly sighting: number } }[]
}

/** An alert of Suricata, of a foreign rule. */
const alert = (at: string, more: object): string =>
  `${JSON.stringify({ timestamp: at, event_type: 'alert', src_ip: '10.0.0.5', dest_ip: '10.0.0.53', alert: { signature: 'ET something' }, ...more })}\n`
const asks = (at: string, name: string): string => alert(at, { dns: { query: [{ rrname: name }] } })

describe('detections', () => {
  let federation: Federation
  let shift = 0
  let reims: Institution
  let uphf: Institution
  let first: string

  beforeAll(async () => {
    federation = await createFederation({
      world: { now: () => Date.now() + shift, random: (bytes) => randomBytes(bytes) }
    })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 1, [reims, uphf])
    const indicators = [
      { type: 'domain', value: NAME },
      { type: 'ipv4', value: HOST },
      { type: 'domain', value: 'cdn.example.org', role: 'context' }
    ]
    first = await publish(uphf, { tlp: 'AMBER', confidence: 90, indicators })
    await publish(uphf, { tlp: 'AMBER', confidence: 10, indicators: [{ type: 'domain', value: NAME }] })
    await arrives(reims, first)
    await arrives(reims, await publish(uphf, { tlp: 'AMBER', title: 'the last of them' }))
  })
  afterAll(() => federation?.end())

  async function send<T>(path: string, body: string, token = reims.token): Promise<T> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' }
    const response = await fetch(`${reims.api}${path}`, { method: 'POST', headers, body })
    expect(response.status).toBe(200)
    return (await response.json()) as T
  }
  const drafts = async (): Promise<readonly DraftSummaryView[]> =>
    (await reims.call<{ items: DraftSummaryView[] }>('GET', '/v1/drafts')).items
  const seen = async (value: string, id = first): Promise<number | undefined> =>
    (await uphf.call<Shown>('GET', `/v1/bulletins/${id}`)).indicators.find((it) => it.value === value)?.sightings
      .sighting

  const LOG = Array.from({ length: 10_000 }, (_, n) => {
    const at = `2026-11-${n < 5000 ? 28 : 29}T10:${String(Math.floor((n % 5000) / 100)).padStart(2, '0')}:00.${String(n % 100).padStart(3, '0')}+0000`
    return asks(at, n % 2 === 0 ? NAME : `www${n % 7}.${NAME.toUpperCase()}`)
  }).join('')
  const REST =
    alert('2026-11-29T11:00:00.000+0000', { dest_ip: HOST }) +
    asks('2026-11-29T11:00:01.000+0000', 'cdn.example.org') +
    asks('2026-11-29T11:00:02.000+0000', 'innocent.example.net')

  it('makes one sighting an indicator of ten thousand alerts, which a person accepts', async () => {
    const dry = await send<ImportedView>('/v1/imports/eve?dryRun', LOG + REST)
    expect(dry.counts).toMatchObject({ new: 1, refused: 0 })
    expect(await drafts()).toEqual([])
    const view = await send<ImportedView>('/v1/imports/eve', LOG + REST)
    expect(view).toMatchObject({ counts: { new: 1, known: 0, refused: 0 }, items: [{ indicatorCount: 2 }] })
    expect(view.unlisted).toBeGreaterThan(0)
    const [head] = await drafts()
    expect(head).toMatchObject({ kind: 'sightings', private: false, tlp: 'AMBER', indicatorCount: 2 })
    const shown = await reims.call<DraftView>('GET', `/v1/drafts/${head?.id}`)
    expect(shown.sightings).toMatchObject([
      { value: NAME, bulletin: first, count: 10_000, firstSeen: '2026-11-28T10:00:00.000Z' },
      { value: HOST, bulletin: first, count: 1, lastSeen: '2026-11-29T11:00:00.000Z' }
    ])
    await expect(reims.call('POST', `/v1/drafts/${head?.id}`, { title: 'x' })).rejects.toMatchObject({
      status: 422,
      code: 'draft-of-sightings'
    })

    const listed = await tocsin(['draft', 'show', head?.id ?? ''], { home: reims.home })
    expect(listed.stdout).toMatch(/login-univ\[\.\]evil-campus\[\.\]com +domain +10000/)
    const accepted = await tocsin(['--json', 'draft', 'accept', head?.id ?? '', '--yes'], { home: reims.home })
    expect((JSON.parse(accepted.stdout) as SightedView).sightings.length).toBe(2)
    await until('Valenciennes knows', async () => (await seen(NAME)) === 10_000 && (await seen(HOST)) === 1)
  })

  it('takes the same log once, and of one that grew what is new', async () => {
    const again = await send<ImportedView>('/v1/imports/eve', LOG + REST)
    expect(again.counts).toMatchObject({ new: 0, changed: 0, known: 2 })
    const more = asks('2026-11-29T12:00:00.000+0000', NAME) + asks('2026-11-29T12:00:00.000+0000', NAME)
    const grown = await send<ImportedView>('/v1/imports/eve', LOG + REST + more)
    expect(grown.counts).toMatchObject({ new: 1, known: 1 })
    // It waits, and goes on in the same draft; an older file of the same sensor comes after a newer one.
    await send<ImportedView>('/v1/imports/eve', asks('2026-11-27T12:00:00.000+0000', NAME))
    const [head, ...others] = await drafts()
    expect(others).toEqual([])
    const shown = await reims.call<DraftView>('GET', `/v1/drafts/${head?.id}`)
    expect(shown.sightings).toMatchObject([{ value: NAME, count: 3, firstSeen: '2026-11-27T12:00:00.000Z' }])
    await reims.call('DELETE', `/v1/drafts/${head?.id}`)
    expect((await send<ImportedView>('/v1/imports/eve', more)).counts).toMatchObject({ new: 0, known: 1 })
    expect(await seen(NAME)).toBe(10_000)
  })

  it('reports by itself where the operator said so, at once and then once an hour', async () => {
    const id = await publish(uphf, { tlp: 'AMBER', indicators: [{ type: 'domain', value: 'phish.example.org' }] })
    await arrives(reims, id)
    const input = { name: 'mx', import: 'rspamd', policy: 'publish' }
    const { token } = await reims.call<SourceCreatedView>('POST', '/v1/sources', input)
    const mail = (qid: string): string =>
      JSON.stringify({ qid, action: 'reject', symbols: [], from: `a${qid}@phish.example.org`, rspamd_server: 'mx1' })
    const deliver = (qid: string) => send<{ counts: ImportedView['counts'] }>('/v1/sources/mx/items', mail(qid), token)
    expect((await deliver('1')).counts).toMatchObject({ published: 1 })
    await until('Valenciennes knows', async () => (await seen('phish.example.org', id)) === 1)
    expect((await deliver('1')).counts).toMatchObject({ published: 0, known: 1 })
    expect((await deliver('2')).counts).toMatchObject({ new: 1 })
    expect((await deliver('3')).counts).toMatchObject({ changed: 1 })
    expect((await drafts()).map(({ source, indicatorCount }) => [source, indicatorCount])).toEqual([['mx', 1]])
    expect(await seen('phish.example.org', id)).toBe(1)
    shift += HOUR
    await until('the rest has come', async () => (await seen('phish.example.org', id)) === 3)
    expect(await drafts()).toEqual([])
    expect(await reims.call<SourceView>('GET', '/v1/sources/mx')).toMatchObject({ counts: { refused: 0 } })
  })

  it('tells the author alone where the operator set the source so', async () => {
    const ours = await publish(reims, { tlp: 'AMBER', indicators: [{ type: 'domain', value: 'ours.example.org' }] })
    const input = { name: 'probe', import: 'eve', policy: 'publish', private: true }
    await expect(reims.call('POST', '/v1/sources', { ...input, import: 'cowrie' })).rejects.toMatchObject({
      status: 422,
      code: 'private-not-for-format'
    })
    const { token } = await reims.call<SourceCreatedView>('POST', '/v1/sources', input)
    const log = asks('2026-11-29T10:00:00.000+0000', NAME) + asks('2026-11-29T10:00:00.000+0000', 'ours.example.org')
    const { counts } = await send<{ counts: ImportedView['counts'] }>('/v1/sources/probe/items', log, token)
    expect(counts).toMatchObject({ published: 1, refused: 1 })
    await until('Valenciennes knows', async () => (await seen(NAME)) === 10_001)
    const view = await reims.call<SourceView>('GET', '/v1/sources/probe')
    expect(view).toMatchObject({ private: true, recent: [{ code: 'private-to-oneself' }] })
    expect(JSON.stringify(view)).not.toContain('ours.example')
    const { items } = await reims.call<{ items: DraftSummaryView[] }>('GET', '/v1/drafts?state=all&source=probe')
    expect(items).toMatchObject([{ state: 'accepted', private: true }])
    expect(ours).toBeTruthy()
  })

  it('lets a person drop some and say another word of others, and reports that alone', async () => {
    const hosts = ['91.200.12.50', '91.200.12.51', '91.200.12.52']
    const indicators = hosts.map((value) => ({ type: 'ipv4', value }))
    const id = await publish(uphf, { tlp: 'GREEN', indicators })
    await arrives(reims, id)
    const met = (host: string, times: number): string =>
      alert('2026-11-29T10:00:00.000+0000', { dest_ip: host }).repeat(times)
    await send('/v1/imports/eve', hosts.map((host, n) => met(host, n + 1)).join(''))
    const [head] = await drafts()
    const path = `/v1/drafts/${head?.id}`
    const left = { bulletin: id, type: 'ipv4', value: hosts[1] }
    const refusals = [
      [{ sightings: [{ ...left, count: 3 }] }, 'draft-invalid', 'sightings[0].count'],
      [{ sightings: [left, { ...left, value: '8.8.8.8' }] }, 'draft-invalid', 'sightings[1].value'],
      [{ sightings: [left, left] }, 'draft-invalid', 'sightings[1].value'],
      [{ sightings: [{ ...left, comment: 'a\u0000b' }] }, 'draft-invalid', 'sightings[0].comment'],
      [{ sightings: [{ ...left, firstSeen: '2020-01-01T00:00:00Z' }] }, 'invalid-request', 'sightings[0].firstSeen'],
      [{ sightings: [] }, 'invalid-request', 'sightings']
    ] as const
    for (const [body, code, place] of refusals) {
      const problem = { code, body: { problems: [{ path: place }] } }
      await expect(reims.call('POST', path, body)).rejects.toMatchObject(problem)
    }
    const words = ['--of', '91.200.12[.]51', '--kind', 'false-positive', '--comment', 'our scanner']
    const edited = await tocsin(['--json', 'draft', 'edit', head?.id ?? '', '--drop', hosts[0] ?? '', ...words], {
      home: reims.home
    })
    expect(edited.stderr).toBe('')
    expect(JSON.parse(edited.stdout)).toMatchObject({
      edited: true,
      indicatorCount: 2,
      sightings: [
        { value: hosts[1], kind: 'false-positive', comment: 'our scanner', count: 2 },
        { value: hosts[2], kind: 'sighting', count: 3 }
      ]
    })
    await expect(reims.call('POST', `${path}?version=${head?.version}`, { sightings: [left] })).rejects.toMatchObject({
      code: 'draft-changed'
    })
    await send('/v1/imports/eve', alert('2026-11-29T11:00:00.000+0000', { dest_ip: hosts[0] }))
    const [later, same] = await drafts()
    expect([same?.id, same?.indicatorCount, later?.indicatorCount]).toEqual([head?.id, 2, 1])
    await reims.call('DELETE', `/v1/drafts/${later?.id}`)
    expect((await reims.call<SightedView>('POST', `${path}/acceptance`)).sightings).toHaveLength(2)
    await until('Valenciennes knows', async () => (await seen(hosts[2] ?? '', id)) === 3)
    const { items } = await uphf.call<{ items: readonly object[] }>('GET', '/v1/sightings?limit=1000')
    const told = items.filter((it) => (it as { bulletin: string }).bulletin === id)
    expect(told).toMatchObject([
      { value: hosts[1], kind: 'false-positive', comment: 'our scanner', count: 2, by: { id: reims.id } },
      { value: hosts[2], kind: 'sighting', count: 3 }
    ])
  })

  it('tells the author alone, or all, as a person says of a draft', async () => {
    const ours = await publish(reims, { tlp: 'GREEN', indicators: [{ type: 'ipv4', value: '91.200.12.60' }] })
    await send('/v1/imports/eve', alert('2026-11-29T10:00:00.000+0000', { dest_ip: '91.200.12.60' }))
    const [own] = await drafts()
    const mine = { private: true, sightings: [{ bulletin: ours, type: 'ipv4', value: '91.200.12.60' }] }
    await expect(reims.call('POST', `/v1/drafts/${own?.id}`, mine)).rejects.toMatchObject({
      status: 422,
      code: 'private-to-oneself'
    })
    await reims.call('DELETE', `/v1/drafts/${own?.id}`)
    const id = await publish(uphf, { tlp: 'GREEN', indicators: [{ type: 'ipv4', value: '91.200.12.61' }] })
    await arrives(reims, id)
    await send('/v1/imports/eve', alert('2026-11-29T10:00:00.000+0000', { dest_ip: '91.200.12.61' }))
    const [head] = await drafts()
    const edit = (flag: string) => tocsin(['--json', 'draft', 'edit', head?.id ?? '', flag], { home: reims.home })
    const hidden = JSON.parse((await edit('--private')).stdout) as DraftView
    expect(hidden).toMatchObject({ private: true, sightings: [{ count: 1 }] })
    expect(hidden.version).not.toBe(head?.version)
    expect(JSON.parse((await edit('--no-private')).stdout)).toMatchObject({ private: false })
    await edit('--private')
    expect(await reims.call('POST', `/v1/drafts/${head?.id}/acceptance`)).toMatchObject({ private: true })
    await until('Valenciennes knows', async () => (await seen('91.200.12.61', id)) === 1)
    const { items } = await uphf.call<{ items: readonly object[] }>('GET', '/v1/sightings?limit=1000')
    expect(items.at(-1)).toMatchObject({ bulletin: id, tlp: 'RED' })
    const { id: bulletinDraft } = (
      await send<ImportedView>('/v1/imports/text?tlp=GREEN&pap=GREEN', 'Phishing from evil-login.example.com')
    ).items[0] as { id: string }
    await expect(reims.call('POST', `/v1/drafts/${bulletinDraft}`, mine)).rejects.toMatchObject({
      code: 'draft-of-bulletin'
    })
    await reims.call('DELETE', `/v1/drafts/${bulletinDraft}`)
  })

  it('counts an address for the range that lists it, and a link for the beginning that does', async () => {
    const range = '91.201.0.0/16'
    const six = '2001:67c:2e8::/48'
    const link = 'https://drop.evil-campus.net/kit'
    const indicators = [
      { type: 'cidr', value: range },
      { type: 'cidr', value: six },
      { type: 'url', value: link }
    ]
    const id = await publish(uphf, { tlp: 'GREEN', indicators })
    await arrives(reims, id)
    const at = '2026-11-29T10:00:00.000+0000'
    const asked = (url: string) => alert(at, { http: { hostname: 'drop.evil-campus.net', url, http_port: 80 } })
    const log = [
      alert(at, { dest_ip: '91.201.4.5' }),
      alert(at, { src_ip: '91.201.255.255' }),
      alert(at, { dest_ip: '91.202.0.1' }),
      alert(at, { dest_ip: '2001:067c:02e8:0001::25' }),
      asked('/kit/a.php?x=1'),
      asked('/kit?x=2'),
      asked('/kitchen'),
      // One record speaks of one indicator once, in however many ways.
      alert(at, { dest_ip: '91.201.4.6', http: { hostname: 'drop.evil-campus.net', url: '/kit' } })
    ]
    expect((await send<ImportedView>('/v1/imports/eve', log.join(''))).counts).toMatchObject({ new: 1, refused: 0 })
    const [head] = await drafts()
    const { sightings = [] } = await reims.call<DraftView>('GET', `/v1/drafts/${head?.id}`)
    expect(sightings.map(({ type, value, count }) => [type, value, count]).toSorted()).toEqual([
      ['cidr', six, 1],
      ['cidr', range, 3],
      ['url', link, 3]
    ])
    expect(await reims.call<SightedView>('POST', `/v1/drafts/${head?.id}/acceptance`)).toMatchObject({ refused: [] })
    await until('Valenciennes knows', async () => (await seen(range, id)) === 3 && (await seen(link, id)) === 3)
  })

  it('says which sightings it reports no more', async () => {
    const gone = await publish(uphf, { tlp: 'GREEN', indicators: [{ type: 'ipv4', value: '91.200.12.99' }] })
    await arrives(reims, gone)
    await send('/v1/imports/eve', alert('2026-11-29T10:00:00.000+0000', { dest_ip: '91.200.12.99' }))
    const [head] = await drafts()
    await uphf.call('POST', `/v1/bulletins/${gone}/retraction`, { reason: 'wrong' })
    await until('it is retracted', async () => {
      const view = await reims.call<SightedView>('POST', `/v1/drafts/${head?.id}/acceptance?dryRun`)
      return view.refused.length === 1 && view.refused[0]?.code === 'not-found'
    })
    const done = await reims.call<SightedView>('POST', `/v1/drafts/${head?.id}/acceptance`)
    expect(done).toMatchObject({ sightings: [], refused: [{ value: '91.200.12.99' }] })
    await expect(reims.call('POST', `/v1/drafts/${head?.id}/acceptance`)).rejects.toMatchObject({
      code: 'draft-closed'
    })
  })

  it('signs none twice where it was killed between signing and saying so', async () => {
    const [seenThere, wrongThere] = ['91.200.12.77', '91.200.12.78'] as const
    const indicators = [seenThere, wrongThere].map((value) => ({ type: 'ipv4', value }))
    const id = await publish(uphf, { tlp: 'GREEN', indicators })
    await arrives(reims, id)
    const at = '2026-11-29T10:00:00.000Z'
    await send('/v1/imports/eve', indicators.map(({ value }) => alert(at, { dest_ip: value }).repeat(5)).join(''))
    const [head] = await drafts()
    const both = [{ value: seenThere }, { value: wrongThere, kind: 'false-positive' }]
    const sightings = both.map((it) => ({ bulletin: id, type: 'ipv4', ...it }))
    await reims.call('POST', `/v1/drafts/${head?.id}`, { sightings })
    // What a node that was killed leaves: the sightings are signed, their draft says that it was begun.
    await reims.call('POST', '/v1/sightings', { value: seenThere, kind: 'sighting', count: 5, at })
    await reims.call('POST', '/v1/sightings', { value: wrongThere, kind: 'false-positive', count: 5, at })
    await reims.stop()
    const store = await openStore({ path: homeAt(reims.home).store })
    const row = readRow<object>(store.get(keys.local('draft', head?.id ?? '')) ?? new Uint8Array())
    await store.transact((tx) =>
      tx.put(keys.local('draft', head?.id ?? ''), writeRow({ ...row, accepting: 'sightings' }))
    )
    await store.close()
    await reims.start()
    const done = await reims.call<SightedView>('POST', `/v1/drafts/${head?.id}/acceptance`)
    expect(done.sightings).toMatchObject([
      { value: seenThere, count: 5 },
      { value: wrongThere, kind: 'false-positive' }
    ])
    expect(done.sightings.map(({ entry }) => entry)).toEqual([undefined, undefined])
    await arrives(uphf, await publish(reims, { tlp: 'GREEN', title: 'said afterwards' }))
    const told = (await uphf.call<Shown>('GET', `/v1/bulletins/${id}`)).indicators.map((it) => it.sightings)
    expect(told).toMatchObject([
      { sighting: 5, falsePositive: 0 },
      { sighting: 0, falsePositive: 1 }
    ])
  })
})
