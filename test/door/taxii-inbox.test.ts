/** What others add to the inbox of a real node by TAXII. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { createPair, type Pair } from './pair.ts'
import { MEDIA, type TaxiiClient, taxiiClient } from './taxii-client.ts'

describe('the inbox of TAXII 2.1', () => {
  let pair: Pair
  let reims: Institution
  let admin: TaxiiClient

  beforeAll(async () => {
    pair = await createPair()
    reims = pair.reims
    admin = taxiiClient(reims.api, reims.token)
  })

  afterAll(() => pair?.federation.end())

  const add = (body: string, headers: Record<string, string> = {}, collection = 'inbox', token = reims.token) =>
    fetch(`${reims.api}/taxii2/tocsin/collections/${collection}/objects/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: MEDIA, 'content-type': MEDIA, ...headers },
      body
    })
  const indicator = (n: number, fields: Record<string, unknown>) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--00000000-0000-4000-8000-00000000000${n}`,
    created: '2026-11-30T00:00:00.000Z',
    modified: '2026-11-30T00:00:00.000Z',
    pattern: `[domain-name:value = 'n${n}.added.example']`,
    pattern_type: 'stix',
    valid_from: '2026-11-30T00:00:00Z',
    labels: ['PAP:GREEN'],
    object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'],
    ...fields
  })

  it('takes objects as drafts, and says what became of each', async () => {
    const objects = [indicator(1, {}), indicator(2, { object_marking_refs: [] }), indicator(3, {})]
    const response = await add(JSON.stringify({ objects }))
    expect(response.status).toBe(202)
    expect(response.headers.get('content-type')).toBe(MEDIA)
    const status = (await response.json()) as Record<string, unknown>
    const version = '2026-11-30T00:00:00.000Z'
    expect(status).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'complete',
      request_timestamp: expect.stringMatching(/\.\d{6}Z$/),
      total_count: 3,
      success_count: 2,
      successes: [
        { id: objects[0]?.id, version },
        { id: objects[2]?.id, version }
      ],
      failure_count: 1,
      failures: [{ id: objects[1]?.id, version, message: expect.stringMatching(/^label-missing: /) }],
      pending_count: 0
    })
    expect((await admin.get(`/taxii2/tocsin/status/${status.id}/`)).body).toEqual(status)
    const { items } = await reims.call<{ items: { import: string; tlp: string; indicatorCount: number }[] }>(
      'GET',
      '/v1/drafts'
    )
    expect(items).toMatchObject([{ import: 'stix', tlp: 'GREEN', indicatorCount: 2 }])
    // Nobody published anything.
    const published = await reims.call<{ items: unknown[] }>('GET', '/v1/indicators?value=n1.added.example')
    expect(published.items).toEqual([])
  })

  it('is no way round anything', async () => {
    const body = JSON.stringify({ objects: [indicator(4, {})] })
    expect((await add(body, {}, 'detect')).status).toBe(403)
    expect((await add(body, {}, 'nowhere')).status).toBe(404)
    expect((await admin.raw('/taxii2/tocsin/collections/inbox/objects/')).status).toBe(403)
    expect((await add(body, { 'content-type': 'application/json' })).status).toBe(415)
    expect((await add(body, { 'content-type': 'application/taxii+json;version=2.0' })).status).toBe(415)
    expect((await add('{"objects":')).status).toBe(422)
    expect((await add('[]')).status).toBe(422)
    expect((await add(`{"objects":["${'x'.repeat(9 * 1024 * 1024)}"]}`)).status).toBe(413)
    const { secret } = await reims.call<{ secret: string }>('POST', '/v1/tokens', {
      name: 'reader',
      scope: 'read',
      maxTlp: 'AMBER',
      use: 'hunt'
    })
    expect((await add(body, {}, 'inbox', secret)).status).toBe(403)
    expect((await admin.raw('/taxii2/tocsin/status/00000000-0000-4000-8000-000000000000/')).status).toBe(404)
    const odd = (await (await add('{"objects":[null,{"id":1},"x"]}')).json()) as Record<string, unknown>
    expect(odd).toMatchObject({ total_count: 3, success_count: 0, failure_count: 3 })
  })
})
