/** The MISP feed of a real node, fetched as MISP's own client fetches it (app/Model/Feed.php). */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mispSchemas } from '../formats/misp-schemas.ts'
import type { Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { createPair, type Pair, tokenFor } from './pair.ts'

const faults = mispSchemas()

interface Attribute {
  readonly uuid: string
  readonly type: string
  readonly category: string
  readonly value: string
  readonly deleted: boolean
  readonly to_ids: boolean
  readonly timestamp: string
}

interface MispDocument {
  readonly Event: {
    readonly uuid: string
    readonly info: string
    readonly timestamp: string
    readonly Tag: readonly { readonly name: string }[]
    readonly Attribute: readonly Attribute[]
  }
}

type Manifest = Readonly<
  Record<string, { info: string; timestamp: string; date: string; Orgc: { name: string; uuid: string } }>
>

describe('MISP feed', () => {
  let pair: Pair
  let reims: Institution
  let metz: Institution
  let detect: string

  beforeAll(async () => {
    pair = await createPair()
    ;({ reims, metz } = pair)
    detect = await tokenFor(reims, { use: 'detect' })
  })

  afterAll(() => pair?.federation.end())

  const fetched = (file: string, token: string, headers: Record<string, string> = {}, at = reims): Promise<Response> =>
    fetch(`${at.api}/v1/misp-feed/${file}`, { headers: { authorization: `Bearer ${token}`, ...headers } })

  /** As MISP does: the manifest, then every event in it. */
  async function pulled(token: string, at = reims): Promise<{ manifest: Manifest; events: readonly MispDocument[] }> {
    const response = await fetched('manifest.json', token, {}, at)
    expect(response.status).toBe(200)
    const manifest = (await response.json()) as Manifest
    const events: MispDocument[] = []
    for (const [uuid, row] of Object.entries(manifest)) {
      const answer = await fetched(`${uuid}.json`, token, {}, at)
      expect(answer.status).toBe(200)
      const document = (await answer.json()) as MispDocument
      expect(faults(document)).toEqual([])
      expect(document.Event).toMatchObject({ uuid, info: row.info, timestamp: row.timestamp })
      expect(row).toMatchObject({
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        Orgc: { name: expect.any(String) }
      })
      events.push(document)
    }
    return { manifest, events }
  }

  const named = (events: readonly MispDocument[], info: string) =>
    events.find(({ Event }) => Event.info === info)?.Event

  it('is a manifest, its events and their hashes, each valid', async () => {
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      threat: 'phishing',
      title: 'Faux portail',
      text: 'Un faux portail.\nDeux lignes.',
      tags: ['campagne="rentrée"'],
      indicators: [
        { type: 'url', value: 'https://portail.evil.example/cas' },
        { type: 'domain', value: 'univ.example', role: 'context' },
        { type: 'sha256', value: 'a'.repeat(64) }
      ],
      rules: [{ kind: 'sigma', name: 'portail', text: 'title: portail' }],
      references: [{ url: 'https://urlscan.io/result/1/', site: 'urlscan' }]
    })
    const { events } = await pulled(detect)
    const event = named(events, 'Faux portail')
    expect(event?.Attribute.map(({ type, to_ids: alerts }) => [type, alerts])).toEqual([
      ['url', true],
      ['sha256', true],
      ['sigma', true],
      ['comment', false],
      ['link', false]
    ])
    expect(event?.Tag.map(({ name }) => name)).toContain('campagne="rentrée"')
    // Context is for searches alone.
    const hunted = named((await pulled(await tokenFor(reims, { use: 'hunt' }))).events, 'Faux portail')
    expect(hunted?.Attribute.find(({ value }) => value === 'univ.example')?.to_ids).toBe(false)

    const hashes = await fetched('hashes.csv', detect)
    expect(hashes.headers.get('content-type')).toMatch(/^text\/csv/)
    const md5 = createHash('md5').update('https://portail.evil.example/cas').digest('hex')
    expect((await hashes.text()).split('\n')).toContain(`${md5},${event?.uuid}`)
  })

  it('answers 304 where nothing changed, and another tag once it did', async () => {
    for (const file of ['manifest.json', 'hashes.csv']) {
      const first = await fetched(file, detect, { 'accept-encoding': 'gzip' })
      const etag = first.headers.get('etag') ?? ''
      expect(first.headers.get('content-encoding')).toBe('gzip')
      await first.arrayBuffer()
      expect((await fetched(file, detect, { 'if-none-match': etag })).status).toBe(304)
      await publish(reims, {
        tlp: 'AMBER',
        pap: 'GREEN',
        title: file,
        indicators: [{ type: 'domain', value: 'x.example' }]
      })
      expect((await fetched(file, detect, { 'if-none-match': etag })).status).toBe(200)
    }
  })

  it('has one event with one uuid at every node', async () => {
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'Ici et là',
      indicators: [{ type: 'ipv4', value: '45.1.2.3' }]
    })
    const theirs = await tokenFor(metz, { use: 'detect' })
    await expect
      .poll(async () => named((await pulled(theirs, metz)).events, 'Ici et là')?.uuid, { timeout: 10_000 })
      .toBeDefined()
    expect(named((await pulled(theirs, metz)).events, 'Ici et là')).toEqual(
      named((await pulled(detect)).events, 'Ici et là')
    )
  })

  it('says what was taken back, later than what a MISP has', async () => {
    const bulletin = await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      title: 'Repris',
      indicators: [
        { type: 'domain', value: 'wrong.example' },
        { type: 'domain', value: 'right.example' }
      ]
    })
    const before = named((await pulled(detect)).events, 'Repris')
    await reims.call('POST', `/v1/bulletins/${bulletin}/disabling`, {
      values: ['wrong.example'],
      reason: 'an error'
    })
    const disabled = named((await pulled(detect)).events, 'Repris')
    const states = (event: typeof before) =>
      Object.fromEntries((event?.Attribute ?? []).map(({ value, deleted }) => [value, deleted]))
    expect(states(before)).toEqual({ 'wrong.example': false, 'right.example': false })
    expect(states(disabled)).toEqual({ 'wrong.example': true, 'right.example': false })
    expect(Number(disabled?.timestamp)).toBeGreaterThan(Number(before?.timestamp))
    expect(await (await fetched('hashes.csv', detect)).text()).not.toContain(
      createHash('md5').update('wrong.example').digest('hex')
    )
    await reims.call('POST', `/v1/bulletins/${bulletin}/retraction`, { reason: 'all of it' })
    const retracted = named((await pulled(detect)).events, 'Repris')
    expect(Object.values(states(retracted))).toEqual([true, true])
  })

  it('is cut to the token: TLP, use, and a client’s', async () => {
    await publish(reims, {
      tlp: 'AMBER+STRICT',
      pap: 'GREEN',
      title: 'Strict',
      indicators: [{ type: 'domain', value: 's.example' }]
    })
    await publish(reims, {
      tlp: 'AMBER',
      pap: 'AMBER',
      title: 'Sans blocage',
      indicators: [{ type: 'domain', value: 'b.example' }]
    })
    const titles = async (fields: Record<string, unknown>) =>
      Object.values((await pulled(await tokenFor(reims, fields))).manifest).map(({ info }) => info)
    expect(await titles({ use: 'detect' })).toEqual(expect.arrayContaining(['Strict', 'Sans blocage']))
    expect(await titles({ use: 'block' })).not.toContain('Sans blocage')
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const client = await titles({ use: 'detect', maxTlp: 'AMBER', client: 'CERT-X', expiresAt })
    expect(client).toContain('Sans blocage')
    expect(client).not.toContain('Strict')
    const strict = named((await pulled(detect)).events, 'Strict')?.uuid
    const outside = await tokenFor(reims, { use: 'detect', maxTlp: 'AMBER' })
    const hidden = await fetched(`${strict}.json`, outside)
    const absent = await fetched('00000000-0000-5000-8000-000000000000.json', outside)
    expect([hidden.status, await hidden.text()]).toEqual([404, await absent.text()])
    for (const file of ['../admin-token', 'x.json', 'manifest.json.asc'])
      expect((await fetched(encodeURIComponent(file), detect)).status).toBe(404)
  })
})
