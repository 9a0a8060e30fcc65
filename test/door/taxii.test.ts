/** The TAXII server of a real node, read as strict clients read it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stixSchemas } from '../formats/stix-schemas.ts'
import type { Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { createPair, type Pair, tokenFor } from './pair.ts'
import { MEDIA, type Stix, type TaxiiClient, taxiiClient } from './taxii-client.ts'

const DETECT = '949a5ff9-3651-4a20-817c-dc43da95d6e5'
const faults = stixSchemas()

interface Collection {
  readonly id: string
  readonly title: string
  readonly alias: string
  readonly can_read: boolean
  readonly can_write: boolean
  readonly media_types: readonly string[]
}

describe('TAXII 2.1', () => {
  let pair: Pair
  let reims: Institution
  let metz: Institution
  let admin: TaxiiClient

  beforeAll(async () => {
    pair = await createPair()
    ;({ reims, metz } = pair)
    admin = taxiiClient(reims.api, reims.token)
  })

  afterAll(() => pair?.federation.end())

  const clientFor = async (fields: Record<string, unknown>): Promise<TaxiiClient> =>
    taxiiClient(reims.api, await tokenFor(reims, fields))

  const domains = (names: readonly string[]) => names.map((value) => ({ type: 'domain', value }))
  const indicatorsIn = (pages: readonly (readonly Stix[])[]): Stix[] =>
    pages.flat().filter(({ type }) => type === 'indicator')

  /** What a client holds that keeps each object's newest version, and what came. */
  async function everything(client: TaxiiClient, collection: string, since?: string) {
    const { pages, since: kept } = await client.poll(collection, {
      limit: 1000,
      ...(since === undefined ? {} : { since })
    })
    return { objects: pages.flat(), since: kept }
  }

  /** A moment before anything that comes now. */
  async function now(collection: string): Promise<string> {
    const { since } = await everything(admin, collection)
    return since ?? '2026-01-01T00:00:00.000000Z'
  }

  it('shows itself in the shapes of the standard', async () => {
    const { body: discovery } = await admin.get<{ title: string; default: string; api_roots: string[] }>('/taxii2/')
    expect(discovery).toMatchObject({ title: expect.any(String), api_roots: [discovery.default] })
    const { body: root } = await admin.get<Record<string, unknown>>(new URL(discovery.default, reims.api).pathname)
    expect(root).toMatchObject({ title: expect.any(String), versions: [MEDIA], max_content_length: expect.any(Number) })
    const { body } = await admin.get<{ collections: Collection[] }>('/taxii2/tocsin/collections/')
    const aliases = ['hunt', 'detect', 'enrich', 'block', 'release', 'inbox']
    expect(body.collections.map(({ alias }) => alias)).toEqual(aliases)
    for (const collection of body.collections) {
      const isInbox = collection.alias === 'inbox'
      expect(collection).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        title: expect.any(String),
        description: expect.any(String),
        alias: expect.any(String),
        can_read: !isInbox,
        can_write: isInbox,
        media_types: ['application/stix+json;version=2.1']
      })
      for (const name of [collection.id, collection.alias])
        expect((await admin.get(`/taxii2/tocsin/collections/${name}/`)).body).toEqual(collection)
    }
  })

  it('gives valid objects, each page closed, and the same by manifest, id and version', async () => {
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      threat: 'phishing',
      title: 'Faux portail',
      text: 'Un faux portail.\nDeux lignes.',
      tags: ['campagne="rentrée"'],
      confidence: 65,
      indicators: [
        { type: 'url', value: 'https://portail.evil.example/cas', comment: "l'original" },
        { type: 'domain', value: 'univ.example', role: 'context' },
        { type: 'ja3', value: 'a'.repeat(32) }
      ],
      rules: [{ kind: 'sigma', name: 'portail', text: 'title: portail' }],
      references: [{ url: 'https://urlscan.io/result/1/', site: 'urlscan', verdict: 'malicious', score: 90 }]
    })
    await publish(reims, { tlp: 'CLEAR', pap: 'CLEAR', title: 'A method', text: 'No indicator at all.' })
    const { pages } = await admin.poll('detect', { limit: 1000 })
    const objects = pages.flat()
    expect(objects.flatMap(faults)).toEqual([])
    for (const page of pages) {
      const ids = new Set(page.map(({ id }) => id))
      for (const { object_marking_refs: markings = [], created_by_ref: author } of page)
        for (const id of [...markings, ...(author === undefined ? [] : [author])]) expect(ids).toContain(id)
    }
    const found = objects.filter(({ name }) => name === 'https://portail.evil.example/cas')
    expect(found).toMatchObject([
      {
        type: 'indicator',
        pattern: "[url:value = 'https://portail.evil.example/cas']",
        confidence: 65,
        labels: ['rsit:fraud="phishing"', 'tocsin:threat="phishing"', 'PAP:GREEN', 'campagne="rentrée"'],
        object_marking_refs: ['marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'],
        valid_until: expect.any(String)
      }
    ])
    const rule = objects.find(({ pattern_type }) => pattern_type === 'sigma')
    expect(rule).toMatchObject({ name: 'portail', pattern: 'title: portail' })
    const report = objects.find(({ type, name }) => type === 'report' && name === 'Faux portail')
    expect(report).toMatchObject({
      description: 'Un faux portail.\nDeux lignes.',
      object_refs: [found[0]?.id, rule?.id],
      external_references: [
        { source_name: 'tocsin' },
        { source_name: 'urlscan', url: 'https://urlscan.io/result/1/', description: 'malicious 90/100' }
      ]
    })
    expect(JSON.stringify(objects)).not.toContain('univ.example')

    const { body: manifest } = await admin.get<{
      more: boolean
      objects: { id: string; date_added: string; version: string; media_type: string }[]
    }>(`/taxii2/tocsin/collections/${DETECT}/manifest/`)
    expect(manifest.objects.map(({ id }) => id)).toEqual(objects.map(({ id }) => id))
    expect(manifest.objects.map(({ version }) => version)).toEqual(objects.map((one) => one.modified ?? one.created))
    const dates = manifest.objects.map(({ date_added }) => date_added)
    expect(dates).toEqual([...dates].sort())

    const id = found[0]?.id ?? ''
    const one = await admin.get<{ objects: Stix[] }>(`/taxii2/tocsin/collections/detect/objects/${id}/`)
    expect(one.body).toEqual({ more: false, objects: found })
    expect(one.first).toBe(manifest.objects.find((entry) => entry.id === id)?.date_added)
    const versions = await admin.get(`/taxii2/tocsin/collections/detect/objects/${id}/versions/`)
    expect(versions.body).toEqual({ more: false, versions: [found[0]?.modified] })
    for (const query of [
      { 'match[id]': id },
      { 'match[id]': `${id},report--00000000-0000-4000-8000-000000000000`, 'match[type]': 'indicator' },
      { 'match[id]': id, 'match[version]': 'first' },
      { 'match[id]': id, 'match[version]': found[0]?.modified ?? '', 'match[spec_version]': '2.0,2.1' }
    ])
      expect((await admin.page('detect', query)).body.objects).toEqual(found)
    for (const query of [
      { 'match[id]': id, 'match[type]': 'report' },
      { 'match[version]': '2020-01-01T00:00:00.000Z' },
      { 'match[spec_version]': '2.0' }
    ])
      expect((await admin.page('detect', query)).body).toEqual({ more: false, objects: [] })
    const types = await admin.page('detect', { 'match[type]': 'identity,marking-definition' })
    expect(new Set(types.body.objects.map(({ type }) => type))).toEqual(new Set(['identity', 'marking-definition']))
    const absent = await admin.raw(
      '/taxii2/tocsin/collections/detect/objects/report--00000000-0000-4000-8000-000000000000/'
    )
    expect(absent.status).toBe(404)
    expect(await absent.json()).toMatchObject({ error_code: 'unknown-object', http_status: '404' })
  })

  it('pages through thousands while more arrives, and loses and doubles nothing', async () => {
    const since = await now('hunt')
    const wanted = new Set<string>()
    const add = async (prefix: string, count: number): Promise<void> => {
      const names = Array.from({ length: count }, (_, index) => `n${index}.${prefix}.example`)
      await publish(reims, { tlp: 'AMBER', pap: 'GREEN', title: prefix, indicators: domains(names) })
      for (const name of names) wanted.add(name)
    }
    for (const prefix of ['a', 'b', 'c']) await add(prefix, 900)
    let arrived = 0
    const arriving = async (): Promise<void> => {
      if (arrived < 12) await add(`late${arrived}`, 7)
      arrived += 1
    }
    // 97 fits into nothing: bulletins are cut anywhere.
    const first = await admin.poll('hunt', { since, limit: 97, onPage: arriving })
    expect(first.pages.length).toBeGreaterThan(27)
    const rest = await admin.poll('hunt', { limit: 97, ...(first.since === undefined ? {} : { since: first.since }) })
    const got = indicatorsIn([...first.pages, ...rest.pages]).map(({ name }) => String(name))
    expect(got).toHaveLength(wanted.size)
    expect(new Set(got)).toEqual(wanted)
    for (const page of first.pages) {
      const ids = page.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
    }
    // One object at a time, as a client may wish: an author and a marking have no room beside it.
    const { body } = await admin.page('hunt', { added_after: since, limit: '1' })
    expect(body.objects).toHaveLength(1)
  })

  it('loses nothing of a bulletin when a client begins again in the middle of it', async () => {
    const since = await now('hunt')
    const names = Array.from({ length: 50 }, (_, index) => `m${index}.middle.example`)
    await publish(reims, { tlp: 'AMBER', pap: 'GREEN', title: 'middle', indicators: domains(names) })
    const cut = await admin.page('hunt', { added_after: since, limit: '20' })
    expect(cut.body.more).toBe(true)
    // Its `next` is lost with the process; the header is what it had kept.
    const { pages } = await admin.poll('hunt', { since: cut.last ?? '', limit: 20 })
    expect(new Set(indicatorsIn(pages).map(({ name }) => name))).toEqual(new Set(names))
  })

  it('tells a poll what was taken back, disabled, called wrong or seen', async () => {
    const before = await now('detect')
    const id = await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'wrong',
      indicators: domains(['off.wrong.example', 'doubt.wrong.example', 'seen.wrong.example', 'last.wrong.example'])
    })
    const first = await everything(admin, 'detect', before)
    const byName = new Map(first.objects.map((one) => [one.name, one]))
    const named = (name: string): Stix => byName.get(name) ?? expect.fail(`no ${name}`)

    await reims.call('POST', `/v1/bulletins/${id}/disabling`, { values: ['off.wrong.example'], reason: 'mine' })
    const disabled = await everything(admin, 'detect', first.since)
    expect(disabled.objects.filter(({ type }) => type === 'indicator')).toHaveLength(1)
    isTakenBack(disabled.objects, named('off.wrong.example'))

    await reims.call('POST', '/v1/sightings', { value: 'doubt.wrong.example', bulletin: id, kind: 'false-positive' })
    const doubted = await everything(admin, 'detect', disabled.since)
    const ended = doubted.objects.find((one) => one.id === named('doubt.wrong.example').id)
    expect(ended?.revoked).toBeUndefined()
    expect(Date.parse(ended?.valid_until ?? '')).toBeLessThanOrEqual(Date.now() + 1)
    expect(ended?.modified && ended.modified > named('doubt.wrong.example').created).toBe(true)
    expect(doubted.objects.find(({ type }) => type === 'note')).toMatchObject({
      object_refs: [ended?.id],
      labels: ['tocsin:sighting="false-positive"']
    })

    await reims.call('POST', '/v1/sightings', { value: 'seen.wrong.example', bulletin: id, kind: 'sighting', count: 3 })
    const seen = await everything(admin, 'detect', doubted.since)
    expect(seen.objects.find(({ type }) => type === 'sighting')).toMatchObject({
      sighting_of_ref: named('seen.wrong.example').id,
      count: 3,
      where_sighted_refs: [seen.objects.find(({ type }) => type === 'identity')?.id]
    })
    expect(indicatorsIn([seen.objects])).toEqual([])

    const nothing = await everything(admin, 'detect', seen.since)
    // Elastic's client would begin again without the header.
    expect(nothing).toEqual({ objects: [], since: seen.since })

    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'all wrong' })
    const { objects } = await everything(admin, 'detect', nothing.since)
    expect(indicatorsIn([objects])).toHaveLength(4)
    for (const name of ['off', 'doubt', 'seen', 'last']) isTakenBack(objects, named(`${name}.wrong.example`))
    expect(objects.find(({ type }) => type === 'report')).toMatchObject({ name: 'wrong', revoked: true })
    for (const all of [disabled, doubted, seen, { objects }]) expect(all.objects.flatMap(faults)).toEqual([])

    // Whoever asks from the beginning finds each object once, as it is now.
    const whole = await everything(admin, 'detect', before)
    expect(indicatorsIn([whole.objects])).toHaveLength(4)
    expect(indicatorsIn([whole.objects]).every(({ revoked }) => revoked === true)).toBe(true)

    function isTakenBack(found: readonly Stix[], was: Stix): void {
      const is = found.find((one) => one.id === was.id)
      // What Elastic's pipeline makes its id of.
      expect(is).toMatchObject({ revoked: true, created: was.created, pattern: was.pattern })
      expect(is?.modified && is.modified > was.created).toBe(true)
      expect(Date.parse(is?.valid_until ?? '')).toBeLessThanOrEqual(Date.now() + 1)
    }
  })

  it('tells a poll what is never blocked here', async () => {
    const before = await now('detect')
    const names = ['kept.spared.example', 'www.kept.spared.example', 'other.spared.example']
    await publish(reims, { tlp: 'AMBER', pap: 'GREEN', title: 'spared', indicators: domains(names) })
    const first = await everything(admin, 'detect', before)
    expect(indicatorsIn([first.objects])).toHaveLength(3)
    await reims.call('POST', '/v1/exceptions', { type: 'domain', value: 'kept.spared.example', reason: 'ours' })
    const { objects, since } = await everything(admin, 'detect', first.since)
    expect(indicatorsIn([objects]).map(({ name }) => name)).toEqual(names.slice(0, 2))
    for (const { revoked, valid_until: end = '' } of indicatorsIn([objects])) {
      expect(revoked).toBeUndefined()
      expect(Date.parse(end)).toBeLessThanOrEqual(Date.now() + 1)
    }
    expect(objects.flatMap(faults)).toEqual([])
    expect(await everything(admin, 'detect', since)).toEqual({ objects: [], since })
    const whole = indicatorsIn([(await everything(admin, 'detect', before)).objects])
    expect(whole.map(({ name }) => name)).toEqual([names[2], ...names.slice(0, 2)])
    // What comes later was never in the collection.
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'late',
      indicators: domains(['late.kept.spared.example'])
    })
    expect(indicatorsIn([(await everything(admin, 'detect', since)).objects])).toEqual([])
    await reims.call('DELETE', '/v1/exceptions?value=kept.spared.example')
  })

  it('names what a peer published as the peer does', async () => {
    const since = await now('detect')
    const id = await publish(metz, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'from Metz',
      indicators: domains(['same.example'])
    })
    const ofMetz = async (client: TaxiiClient): Promise<readonly Stix[]> =>
      (await everything(client, 'detect', since)).objects.filter(({ name }) => name === 'same.example')
    const there = await ofMetz(taxiiClient(metz.api, metz.token))
    await expect.poll(() => ofMetz(admin)).toHaveLength(1)
    expect(await ofMetz(admin)).toEqual(there)
    await metz.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'test' })
  })

  it('holds the use rule, the safety catch and the TLP of a token', async () => {
    const since = await now('block')
    const publishing = { title: 'rules', indicators: domains(['google.com', 'univ-metz.fr', 'evil.rules.example']) }
    await publish(reims, { ...publishing, tlp: 'AMBER', pap: 'GREEN' })
    await publish(reims, { tlp: 'AMBER', pap: 'RED', title: 'quiet', indicators: domains(['quiet.rules.example']) })
    await publish(reims, {
      tlp: 'AMBER+STRICT',
      pap: 'GREEN',
      title: 'strict',
      indicators: domains(['strict.rules.example'])
    })
    await publish(reims, { to: [metz.id], pap: 'GREEN', title: 'red', indicators: domains(['red.rules.example']) })
    const names = async (client: TaxiiClient, use: string): Promise<unknown[]> =>
      indicatorsIn([(await everything(client, use, since)).objects])
        .map(({ name }) => name)
        .sort()
    expect(await names(admin, 'block')).toEqual(['evil.rules.example', 'strict.rules.example'])
    const [blocked] = indicatorsIn([(await everything(admin, 'block', since)).objects])
    // A lifetime: what nobody confirms is not blocked for ever.
    expect(Date.parse(blocked?.valid_until ?? '')).toBeLessThanOrEqual(Date.now() + 90 * 86_400_000)
    expect(await names(admin, 'hunt')).toContain('quiet.rules.example')
    expect(await names(admin, 'hunt')).not.toContain('red.rules.example')
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const client = await clientFor({ maxTlp: 'AMBER', use: 'block', client: 'CHU', expiresAt })
    expect(await names(client, 'block')).toEqual(['evil.rules.example'])
    const { body } = await client.get<{ collections: Collection[] }>('/taxii2/tocsin/collections/')
    expect(body.collections.map(({ alias }) => alias)).toEqual(['block'])
    const other = await client.raw(`/taxii2/tocsin/collections/${DETECT}/objects/`)
    expect(other.status).toBe(403)
    // What a collection leaves out is what the feed of its use leaves out.
    const { items } = await reims.call<{ items: { value: string; code: string }[] }>(
      'GET',
      '/v1/feeds/stix/refused?use=block'
    )
    expect(new Map(items.map(({ value, code }) => [value, code])).get('univ-metz.fr')).toBe('member-domain')
  })

  it('imports nothing of its own, whether by feed or by page', async () => {
    const feed = await fetch(`${reims.api}/v1/feeds/stix?use=hunt`, {
      headers: { authorization: `Bearer ${reims.token}` }
    })
    const bundle = await feed.text()
    const { body } = await admin.page('hunt', { limit: '1000' })
    for (const text of [bundle, JSON.stringify(body)]) {
      const response = await fetch(`${reims.api}/v1/imports/stix`, {
        method: 'POST',
        headers: { authorization: `Bearer ${reims.token}`, 'content-type': 'application/stix+json;version=2.1' },
        body: text
      })
      const { counts } = (await response.json()) as { counts: Record<string, number> }
      expect(counts).toMatchObject({ new: 0, changed: 0, published: 0 })
      expect(counts.known).toBeGreaterThan(3)
    }
  })

  it('gives a thousand at most, whatever is wished', async () => {
    const { body } = await admin.page('hunt', { limit: '99999999999999999999' })
    expect(body.objects.length).toBe(1000)
    expect(body.more).toBe(true)
  })

  it('goes on after a restart where it stopped', async () => {
    const whole = await everything(admin, 'hunt')
    const cut = await admin.page('hunt', { limit: '100' })
    await reims.stop()
    await reims.start()
    const rest = await admin.poll('hunt', { limit: 1000 })
    expect(rest.pages.flat().map(({ id }) => id)).toEqual(whole.objects.map(({ id }) => id))
    const { body } = await admin.page('hunt', { next: cut.body.next ?? '', limit: '1000' })
    const seen = [...cut.body.objects, ...body.objects].filter(({ type }) => type === 'indicator').map(({ id }) => id)
    expect(seen).toEqual(
      indicatorsIn([whole.objects])
        .slice(0, seen.length)
        .map(({ id }) => id)
    )
  })
})
