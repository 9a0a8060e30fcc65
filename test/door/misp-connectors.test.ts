/**
 * MISP's REST interface asked in the words of clients that exist, and read as they read: PyMISP (2.4 and 2.5), the connectors of
 * OpenCTI and Elastic (`ti_misp`), and misp42 for Splunk. What they read unasked must be there, or they stop.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mispSchemas, plainEvent } from '../formats/misp-schemas.ts'
import { publish } from '../harness/line.ts'
import { type MispClient, mispClient } from './misp-client.ts'
import { createPair, type Pair, tokenFor } from './pair.ts'

type Found = Readonly<Record<string, unknown>>

interface EventFound extends Found {
  readonly id: string
  readonly uuid: string
  readonly info: string
  readonly timestamp: string
  readonly attribute_count: string
  readonly Org: Found
  readonly Orgc: Found
  readonly Attribute: readonly Found[]
}

interface Answer {
  readonly Event: EventFound
}

/** What PyMISP's `search` sends whatever it is asked: its switches as numbers, what was left unset not at all. */
const PYMISP = {
  returnFormat: 'json',
  withAttachments: 0,
  metadata: 0,
  enforceWarninglist: 0,
  includeEventUuid: 0,
  includeEventTags: 0,
  sgReferenceOnly: 0,
  includeContext: 0,
  headerless: 0,
  includeSightings: 0,
  includeCorrelations: 0,
  includeDecayScore: 0
}

/** Read by misp42 (`getattribute`, `format_output_table`) without asking whether it is there. */
const SPLUNK = {
  attribute: [
    ...['id', 'uuid', 'deleted', 'distribution', 'first_seen', 'last_seen', 'sharing_group_id', 'timestamp'],
    ...['category', 'to_ids', 'comment', 'object_id', 'type', 'value']
  ],
  event: [
    ...['analysis', 'attribute_count', 'disable_correlation', 'distribution', 'extends_uuid', 'locked'],
    ...['proposal_email_lock', 'publish_timestamp', 'sharing_group_id', 'threat_level_id', 'timestamp'],
    ...['id', 'date', 'info', 'published', 'uuid']
  ],
  organisation: ['id', 'name', 'uuid', 'local']
}

/** As Go's `UnixDate`, in which Elastic's agent writes the moment of its first request. */
function unixDate(ms: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(ms)
    .toUTCString()
    .replace(',', '')
    .split(' ')
  return `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} UTC ${year}`
}

describe('clients of MISP that exist', () => {
  let pair: Pair
  let client: MispClient
  let bulletin: string

  beforeAll(async () => {
    pair = await createPair()
    const secret = await tokenFor(pair.reims, { scope: 'publish', use: 'hunt' })
    client = mispClient(`${pair.reims.api}/misp/`, secret)
    bulletin = await publish(pair.reims, {
      tlp: 'AMBER',
      pap: 'GREEN',
      threat: 'phishing',
      title: 'Faux portail',
      indicators: [
        { type: 'domain', value: 'evil.example', comment: 'la racine' },
        { type: 'url', value: 'https://evil.example/cas' },
        { type: 'ja4', value: 't13d1516h2_8daaf6152771_02713d6af862' }
      ]
    })
    await publish(pair.reims, {
      tlp: 'CLEAR',
      pap: 'CLEAR',
      title: 'Balayage',
      indicators: [{ type: 'ipv4', value: '45.1.2.3' }]
    })
  })

  afterAll(() => pair?.federation.end())

  const events = async (body: Found): Promise<readonly EventFound[]> =>
    (await client.call<readonly Answer[]>('POST', 'events/restSearch', body)).map(({ Event }) => Event)
  const attributes = async (body: Found): Promise<readonly Found[]> =>
    (await client.call<{ readonly Attribute: readonly Found[] }>('POST', 'attributes/restSearch', body)).Attribute

  it('find the routes under every address that MISP has them at', async () => {
    const [event] = await events({ eventinfo: 'Faux portail' })
    const uuid = event?.uuid ?? ''
    const same: readonly (readonly ['GET' | 'POST', readonly string[], unknown?])[] = [
      ['GET', ['servers/getVersion', 'servers/getVersion.json']],
      ['GET', ['servers/getPyMISPVersion.json', 'servers/getPyMISPVersion']],
      ['GET', ['users/view/me', 'users/view/me.json']],
      ['GET', ['attributes/describeTypes.json', 'attributes/describeTypes']],
      ['GET', ['tags', 'tags/', 'tags/index', 'tags/index.json']],
      ['GET', ['events/index', 'events', 'events/', 'events/index.json']],
      ['GET', [`events/view/${uuid}`, `events/view/${uuid}.json`, `events/${uuid}`, `events/view/${uuid}/extended:1`]],
      ['POST', ['events/restSearch', 'events/restSearch.json', 'events/restSearch/json'], PYMISP],
      // PyMISP before 2.4.103 puts the filter into `request`.
      [
        'POST',
        ['attributes/restSearch', 'attributes/restSearch/json', './/attributes/restSearch/'],
        { request: PYMISP }
      ]
    ]
    for (const [method, paths, body] of same) {
      const [first, ...others] = await Promise.all(paths.map((path) => client.call(method, path, body)))
      expect(first).not.toHaveProperty('errors')
      for (const other of others) expect(other).toEqual(first)
    }
  })

  it('PyMISP: search, search_index, get_event, add_event and add_attribute', async () => {
    expect(await events(PYMISP)).toHaveLength(2)
    expect(await events({ ...PYMISP, published: true, publish_timestamp: '14d', tags: ['!tlp:clear'] })).toMatchObject([
      { info: 'Faux portail' }
    ])
    expect(await attributes({ ...PYMISP, type: 'domain', timestamp: Date.now() / 1000 - 3600.5 })).toHaveLength(1)
    const index = await client.call<readonly EventFound[]>('POST', 'events/index', {
      published: true,
      tags: 'tlp:amber',
      datefrom: '2026-01-01',
      dateuntil: '2100-01-01',
      threatlevel: [1, 2, 3, 4],
      distribution: [0, 1, 2],
      analysis: [2]
    })
    expect(index).toMatchObject([{ info: 'Faux portail', attribute_count: '3' }])
    const [{ id = '' } = {}] = index
    await pair.reims.call('POST', `/v1/bulletins/${bulletin}/disabling`, {
      values: ['https://evil.example/cas'],
      reason: 'ours'
    })
    const counts = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<number> =>
      (await client.call<Answer>(method, path, body)).Event.Attribute.length
    expect(await counts('GET', `events/view/${id}`)).toBe(2)
    expect(await counts('POST', `events/view/${id}`, { deleted: true })).toBe(3)
    expect(await counts('POST', `events/view/${id}`, { deleted: [0, 1] })).toBe(3)
    expect(await counts('GET', `events/view/${id}/deleted:only`)).toBe(1)
    const event = {
      info: 'Depuis PyMISP',
      uuid: '5f0a1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55',
      Tag: [{ name: 'tlp:amber' }, { name: 'PAP:GREEN' }],
      Attribute: [{ type: 'domain', value: 'new.example', to_ids: true }]
    }
    expect(await client.call('POST', 'events', event)).toMatchObject({ Event: { uuid: event.uuid } })
    expect(await client.call('POST', 'events/add/metadata:1', event)).toMatchObject({ Event: { uuid: event.uuid } })
    const more = { type: 'domain', value: 'more.example' }
    expect(await client.call('POST', `attributes/add/${event.uuid}/breakOnDuplicate:0`, more)).toMatchObject({
      Attribute: { value: 'more.example' }
    })
  })

  it('OpenCTI: pages of events in the order of their time, by a keyword anywhere', async () => {
    const body = { ...PYMISP, limit: 1, order: 'Event.timestamp ASC', timestamp: Date.now() / 1000 - 86_400.25 }
    const pages = []
    for (let page = 1; page < 9; page += 1) {
      const found = await events({ ...body, page })
      if (found.length === 0) break
      pages.push(...found)
    }
    expect(pages.map(({ info }) => info)).toEqual(['Faux portail', 'Balayage'])
    expect(await events({ ...body, value: 'racine', searchall: true })).toMatchObject([{ info: 'Faux portail' }])
    for (const event of pages) {
      for (const list of ['Attribute', 'Galaxy', 'Object', 'EventReport', 'Tag'])
        expect([list, Array.isArray(event[list])]).toEqual([list, true])
      for (const { type, category } of event.Attribute)
        expect([typeof type, typeof category]).toEqual(['string', 'string'])
    }
  })

  it('Elastic: from a moment as `date` writes it, then from the time of what came last', async () => {
    const first = { page: 1, limit: 10, returnFormat: 'json', timestamp: unixDate(Date.now() - 7 * 86_400_000) }
    const found = await events(first)
    expect(found).toHaveLength(2)
    expect(await events({ ...first, timestamp: unixDate(Date.now() + 86_400_000) })).toEqual([])
    const cursor = found.at(-1)?.timestamp ?? ''
    expect((await events({ ...first, order: 'timestamp', timestamp: cursor })).map(({ info }) => info)).toContain(
      'Balayage'
    )
    expect(await events({ ...first, page: 2 })).toEqual([])
    const decaying = { includeDecayScore: true, excludeDecayed: true, decayingModel: [84], modelOverrides: { x: 1 } }
    expect((await attributes({ ...first, ...decaying })).length).toBeGreaterThan(0)
  })

  it('Splunk: the last days, a range of dates, no limit; and every column there', async () => {
    const common = { returnFormat: 'json', withAttachments: false }
    const byTags = { tags: { OR: ['tlp:%'], NOT: ['tlp:clear'] } }
    expect(await events({ ...common, page: 1, limit: 1000, last: '30d', published: true, ...byTags })).toHaveLength(1)
    const today = new Date().toISOString().slice(0, 10)
    expect(await events({ ...common, date: ['2026-01-01', today] })).toHaveLength(2)
    expect(await events({ ...common, date: ['2020-01-01', '2020-02-01'] })).toHaveLength(0)
    expect(await attributes({ ...common, limit: 0, page: 1 })).toHaveLength(3)
    for (const event of await events(common)) {
      expect(Object.keys(event)).toEqual(expect.arrayContaining(SPLUNK.event))
      for (const org of [event.Org, event.Orgc])
        expect(Object.keys(org)).toEqual(expect.arrayContaining(SPLUNK.organisation))
      for (const attribute of event.Attribute)
        expect(Object.keys(attribute)).toEqual(expect.arrayContaining(SPLUNK.attribute))
    }
  })

  it('are told what is not had, rather than given something else', async () => {
    for (const [path, body] of [
      ['events/restSearch', { order: 'Event.timestamp DESC' }],
      ['events/restSearch', { timestamp: 'Mon Foo 23 18:34:00 UTC 2026' }],
      ['events/restSearch', { date: ['2026-01-01', '2026-01-02', '2026-01-03'] }],
      ['attributes/restSearch/type:url', {}],
      ['attributes/restSearch?type=url', {}],
      ['events/view/1', { deleted: 1, other: 1 }]
    ] as const)
      expect(await client.call('POST', path, body)).toMatchObject({ errors: [400, { code: 'invalid-request' }] })
    expect(await client.call('POST', 'events/publish/1')).toMatchObject({
      errors: [404, { code: 'unknown-route', name: expect.any(String), url: '/misp/events/publish/1' }]
    })
  })

  it('get events that the official schema takes', async () => {
    const faults = mispSchemas()
    const found = await client.call<readonly (Answer & { Event: { Attribute: [] } })[]>(
      'POST',
      'events/restSearch',
      PYMISP
    )
    expect(found.map(plainEvent).flatMap(faults)).toEqual([])
  })
})
