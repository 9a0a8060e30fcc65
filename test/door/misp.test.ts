/** MISP's REST interface at a real node, asked as PyMISP asks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mispSchemas, plainEvent } from '../formats/misp-schemas.ts'
import type { Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { type MispClient, mispClient } from './misp-client.ts'
import { createPair, type Pair, tokenFor } from './pair.ts'

const faults = mispSchemas()

interface Attribute {
  readonly id: string
  readonly uuid: string
  readonly event_id: string
  readonly type: string
  readonly category: string
  readonly value: string
  readonly to_ids: boolean
  readonly deleted: boolean
  readonly Event?: { readonly id: string; readonly uuid: string; readonly info: string }
  readonly Tag?: readonly { readonly name: string }[]
}

interface Event {
  readonly id: string
  readonly uuid: string
  readonly info: string
  readonly attribute_count: string
  readonly Tag: readonly { readonly name: string }[]
  readonly Attribute: readonly Attribute[]
}

interface Drafts {
  readonly items: readonly {
    readonly id: string
    readonly title: string
    readonly tlp: string
    readonly import: string
  }[]
}

interface Refused {
  readonly errors: readonly [number, { readonly code: string; readonly message: string; readonly name: string }]
}

describe('MISP REST', () => {
  let pair: Pair
  let reims: Institution
  let officer: MispClient
  let bulletin: string

  beforeAll(async () => {
    pair = await createPair()
    reims = pair.reims
    officer = await clientFor({ scope: 'publish', use: 'hunt' })
    bulletin = await publish(reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      threat: 'phishing',
      title: 'Faux portail',
      indicators: [
        { type: 'url', value: 'https://portail.evil.example/cas' },
        { type: 'domain', value: 'evil.example', comment: 'la racine' },
        { type: 'domain', value: 'univ.example', role: 'context' },
        { type: 'sha256', value: 'a'.repeat(64) }
      ]
    })
    await publish(reims, {
      tlp: 'CLEAR',
      pap: 'CLEAR',
      threat: 'scan',
      title: 'Balayage',
      indicators: [{ type: 'ipv4', value: '45.1.2.3' }]
    })
    await publish(reims, {
      tlp: 'AMBER+STRICT',
      pap: 'RED',
      title: 'Discret',
      indicators: [{ type: 'domain', value: 'quiet.example' }]
    })
  })

  afterAll(() => pair?.federation.end())

  const clientFor = async (fields: Record<string, unknown>): Promise<MispClient> =>
    mispClient(`${reims.api}/misp/`, await tokenFor(reims, fields))

  const values = async (body: Record<string, unknown>, client = officer): Promise<string[]> =>
    (
      await client.call<{ Attribute: Attribute[] }>('POST', 'attributes/restSearch', { returnFormat: 'json', ...body })
    ).Attribute.map(({ value }) => value)

  it('greets a client as PyMISP’s constructor wants it', async () => {
    expect(await officer.call('GET', 'servers/getVersion')).toMatchObject({
      version: expect.stringMatching(/^2\.4\.\d+$/),
      perm_sighting: true
    })
    expect(await officer.call('GET', 'servers/getPyMISPVersion.json')).toMatchObject({ version: expect.any(String) })
    expect(await officer.call('GET', 'users/view/me')).toMatchObject({
      User: { id: expect.stringMatching(/^\d+$/), email: expect.any(String) },
      Role: { perm_add: true, perm_publish: false, perm_sighting: true },
      UserSetting: []
    })
    expect(await officer.call('GET', 'attributes/describeTypes.json')).toMatchObject({
      result: {
        sane_defaults: { domain: { default_category: 'Network activity', to_ids: 1 } },
        types: expect.arrayContaining(['ip-dst'])
      }
    })
    const { Tag } = await officer.call<{ Tag: { name: string; id: string; count: number }[] }>('GET', 'tags')
    expect(Tag).toContainEqual(
      expect.objectContaining({ name: 'tlp:amber', count: 1, id: expect.stringMatching(/^\d+$/) })
    )
  })

  it('takes the token as MISP’s clients send it, and no other', async () => {
    const wrong = await mispClient(`${reims.api}/misp/`, 'tocsin_wrong').call<Refused>('GET', 'servers/getVersion')
    expect(wrong.errors).toMatchObject([
      401,
      { code: 'unauthenticated', message: expect.any(String), url: '/misp/servers/getVersion' }
    ])
    // Elsewhere a token without its scheme is none.
    const { secret } = await reims.call<{ secret: string }>('POST', '/v1/tokens', {
      name: 'b',
      scope: 'read',
      maxTlp: 'CLEAR',
      use: 'hunt'
    })
    expect((await fetch(`${reims.api}/v1/bulletins`, { headers: { authorization: secret } })).status).toBe(401)
  })

  it('finds attributes by every filter', async () => {
    expect(await values({})).toHaveLength(6)
    expect(await values({ value: 'evil.example' })).toEqual(['evil.example'])
    expect(await values({ value: ['evil.example', '45.1.2.3'] })).toEqual(['evil.example', '45.1.2.3'])
    expect(await values({ value: '%evil.example%' })).toHaveLength(2)
    expect(await values({ value: ['EVIL.example', '!evil.example'] })).toEqual([])
    expect(await values({ value: 'evil.example', last: '1d' })).toEqual(['evil.example'])
    expect(await values({ value: '!evil.example' })).toHaveLength(5)
    expect(await values({ type: ['domain', '!url'] })).toHaveLength(3)
    expect(await values({ type: { OR: ['domain', 'url'], NOT: ['domain'] } })).toHaveLength(1)
    expect(await values({ category: 'Payload delivery' })).toEqual(['a'.repeat(64)])
    expect(await values({ tags: 'tlp:clear' })).toEqual(['45.1.2.3'])
    expect(await values({ tags: ['!tlp:clear', '!tlp:amber'] })).toEqual(['quiet.example'])
    expect(await values({ to_ids: 1 })).not.toContain('univ.example')
    expect(await values({ to_ids: false })).toEqual(['univ.example', 'quiet.example'])
    expect(await values({ eventinfo: 'Balayage' })).toEqual(['45.1.2.3'])
    expect(await values({ searchall: 'racine' })).toEqual(['evil.example'])
    expect(await values({ last: '1d' })).toHaveLength(6)
    expect(await values({ timestamp: '1d' })).toHaveLength(6)
    const later = Math.floor(Date.now() / 1000) + 3600
    expect(await values({ timestamp: later })).toEqual([])
    expect(await values({ publish_timestamp: [later, later + 10] })).toEqual([])
    const pages = [
      await values({ limit: 4, page: 1 }),
      await values({ limit: 4, page: 2 }),
      await values({ limit: 4, page: 3 })
    ]
    expect(pages.map(({ length }) => length)).toEqual([4, 2, 0])
    expect(pages.flat()).toEqual(await values({}))
    const { Attribute } = await officer.call<{ Attribute: Attribute[] }>('POST', 'attributes/restSearch', {
      value: 'evil.example',
      includeEventTags: 1,
      enforceWarninglist: 0
    })
    expect(Attribute).toMatchObject([
      {
        id: expect.stringMatching(/^\d+$/),
        Event: { info: 'Faux portail', id: Attribute[0]?.event_id },
        Tag: expect.arrayContaining([expect.objectContaining({ name: 'PAP:GREEN' })])
      }
    ])
  })

  it('refuses a filter that it does not know, rather than give everything', async () => {
    for (const body of [{ valeu: 'x' }, { returnFormat: 'stix' }, { last: 'yesterday' }]) {
      const { errors } = await officer.call<Refused>('POST', 'attributes/restSearch', body)
      expect(errors).toMatchObject([
        400,
        { code: 'invalid-request', name: expect.any(String), message: expect.any(String) }
      ])
    }
  })

  it('gives events by search, index and id, each valid', async () => {
    const events = await officer.call<{ Event: Event }[]>('POST', 'events/restSearch', {
      returnFormat: 'json',
      tags: 'tlp:amber'
    })
    expect(events.map(plainEvent).flatMap(faults)).toEqual([])
    expect(events.map(({ Event }) => [Event.info, Event.Attribute.length])).toEqual([['Faux portail', 4]])
    const id = events[0]?.Event.id ?? ''
    for (const name of [id, events[0]?.Event.uuid ?? '']) {
      const one = await officer.call<{ Event: Event }>('GET', `events/view/${name}`)
      expect(one).toEqual(events[0])
    }
    const index = await officer.call<Event[]>('POST', 'events/index', { minimal: true, limit: 2 })
    expect(index.map(({ info, attribute_count }) => [info, attribute_count])).toEqual([
      ['Faux portail', '4'],
      ['Balayage', '1']
    ])
    expect(await officer.call<Event[]>('GET', 'events/index')).toHaveLength(3)
    expect(
      await officer.call<{ Event: Event }[]>('POST', 'events/restSearch', { value: 'quiet.example' })
    ).toMatchObject([{ Event: { info: 'Discret', Attribute: [{ value: 'quiet.example', to_ids: false }] } }])
    expect((await officer.call<Refused>('GET', 'events/view/1')).errors).toMatchObject([404, { code: 'unknown-event' }])
  })

  it('is cut to the token, by TLP, use and scope', async () => {
    const blocker = await clientFor({ use: 'block', maxTlp: 'AMBER' })
    expect(await values({}, blocker)).toEqual([
      'https://portail.evil.example/cas',
      'evil.example',
      'a'.repeat(64),
      '45.1.2.3'
    ])
    for (const [path, body] of [
      ['events/add', { info: 'x' }],
      ['attributes/add/1', { type: 'domain', value: 'x.example' }],
      ['sightings/add', { value: 'evil.example' }]
    ] as const)
      expect((await blocker.call<Refused>('POST', path, body)).errors).toMatchObject([403, { code: 'forbidden-scope' }])
    const { Event } =
      (await officer.call<{ Event: Event }[]>('POST', 'events/restSearch', { eventinfo: 'Discret' }))[0] ?? {}
    expect((await blocker.call<Refused>('GET', `events/view/${Event?.id}`)).errors).toMatchObject([404, {}])
  })

  it('makes drafts of events and attributes, under their labels, and publishes nothing', async () => {
    const uuid = '5f0a1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55'
    // As PyMISP writes an event: without its name around it.
    const event = {
      uuid,
      info: 'Depuis PyMISP',
      distribution: '3',
      threat_level_id: '2',
      analysis: '0',
      date: '2026-11-30',
      Tag: [{ name: 'tlp:amber' }, { name: 'PAP:GREEN' }],
      Attribute: [
        { type: 'domain', category: 'Network activity', to_ids: true, value: 'new.example', distribution: '5' }
      ]
    }
    expect(await officer.call('POST', 'events/add', event)).toMatchObject({
      Event: { uuid, info: 'Depuis PyMISP', published: false }
    })
    expect(await officer.call('POST', 'events/add', { Event: event })).toMatchObject({ Event: { uuid } })
    const one = { type: 'ip-dst', category: 'Network activity', to_ids: true, value: '45.9.9.9' }
    expect(await officer.call('POST', `attributes/add/${uuid}`, one)).toMatchObject({
      Attribute: { value: '45.9.9.9' }
    })
    const { Event: held } =
      (await officer.call<{ Event: Event }[]>('POST', 'events/restSearch', { eventinfo: 'Faux portail' }))[0] ?? {}
    const two = [
      { type: 'domain', value: 'more.example' },
      { type: 'ip-dst|port', value: '45.9.9.10|8443', to_ids: true }
    ]
    expect(await officer.call('POST', `attributes/add/${held?.id}`, two)).toMatchObject({ Attribute: [{}, {}] })
    const { items } = await reims.call<Drafts>('GET', '/v1/drafts')
    const { id } = items.find(({ title }) => title === '+ Faux portail') ?? {}
    expect(await reims.call('GET', `/v1/drafts/${id}`)).toMatchObject({
      draft: {
        indicators: [
          { value: 'more.example', role: 'context' },
          { value: '45.9.9.10', role: 'malicious', comment: 'port 8443' }
        ]
      }
    })
    expect(items.map(({ title, tlp }) => [title, tlp]).toSorted()).toEqual([
      ['+ Depuis PyMISP', 'AMBER'],
      ['+ Faux portail', 'AMBER'],
      ['Depuis PyMISP', 'AMBER']
    ])
    expect(await values({ value: 'new.example' })).toEqual([])
  })

  it('refuses an event without labels, or for its organisation alone', async () => {
    const Attribute = [{ type: 'domain', value: 'new.example' }]
    const bare = { uuid: '6f0a1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55', info: 'x', Attribute }
    const refused = await officer.call<Refused>('POST', 'events/add', bare)
    expect(refused.errors).toMatchObject([422, { code: 'event-not-taken', refused: [{ code: 'label-missing' }] }])
    const own = { ...bare, distribution: '0', Tag: [{ name: 'tlp:green' }, { name: 'PAP:GREEN' }] }
    expect((await officer.call<Refused>('POST', 'events/add', own)).errors[1]).toMatchObject({
      refused: [{ code: 'distribution-closed' }]
    })
    for (const body of [[], 'x', { Event: 1 }])
      expect((await officer.call<Refused>('POST', 'events/add', body)).errors[0]).toBe(422)
    expect((await officer.call<Refused>('POST', 'attributes/add/1', Attribute[0])).errors).toMatchObject([
      404,
      { code: 'unknown-event' }
    ])
  })

  it('knows its own event when it comes back', async () => {
    const { Event } =
      (await officer.call<{ Event: Event }[]>('POST', 'events/restSearch', { eventinfo: 'Faux portail' }))[0] ?? {}
    const before = (await reims.call<Drafts>('GET', '/v1/drafts')).items.length
    expect(await officer.call('POST', 'events/add', { Event })).toMatchObject({
      Event: { uuid: Event?.uuid, published: true }
    })
    expect((await reims.call<Drafts>('GET', '/v1/drafts')).items).toHaveLength(before)
  })

  it('takes sightings by value, by attribute and of each kind', async () => {
    const seen = async () => {
      const view = await reims.call<{
        indicators: { value: string; sightings: { sighting: number; falsePositive: number } }[]
      }>('GET', `/v1/bulletins/${bulletin}`)
      return Object.fromEntries(view.indicators.map(({ value, sightings }) => [value, sightings]))
    }
    const { Attribute } = await officer.call<{ Attribute: Attribute[] }>('POST', 'attributes/restSearch', {
      value: 'a'.repeat(64)
    })
    expect(await officer.call('POST', 'sightings/add', { value: 'evil.example', source: 'SIEM' })).toMatchObject({
      Sighting: { type: '0', source: 'SIEM' }
    })
    expect(await officer.call('POST', `sightings/add/${Attribute[0]?.id}`, { type: '0' })).toMatchObject({
      Sighting: {}
    })
    expect(await officer.call('POST', 'sightings/add', { uuid: Attribute[0]?.uuid, type: '1' })).toMatchObject({
      Sighting: { type: '1' }
    })
    expect(await seen()).toMatchObject({
      'evil.example': { sighting: 1, falsePositive: 0 },
      ['a'.repeat(64)]: { falsePositive: 1 }
    })
    expect((await officer.call<Refused>('POST', 'sightings/add', {})).errors[0]).toBe(400)
    expect((await officer.call<Refused>('POST', 'sightings/add', { id: '12' })).errors).toMatchObject([
      404,
      { code: 'unknown-attribute' }
    ])
    expect((await officer.call<Refused>('POST', 'sightings/add', { value: 'nowhere.example' })).errors[0]).toBe(404)
  })
})
