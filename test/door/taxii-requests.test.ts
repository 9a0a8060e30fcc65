/** Who may ask the TAXII server of a real node, and how. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { createPair, type Pair } from './pair.ts'
import { MEDIA, type TaxiiClient, taxiiClient } from './taxii-client.ts'

describe('requests of TAXII 2.1', () => {
  let pair: Pair
  let reims: Institution
  let admin: TaxiiClient

  beforeAll(async () => {
    pair = await createPair()
    reims = pair.reims
    admin = taxiiClient(reims.api, reims.token)
  })

  afterAll(() => pair?.federation.end())

  it('takes Bearer and Basic, and nobody', async () => {
    const path = '/taxii2/tocsin/collections/detect/objects/?limit=1'
    const basic = { authorization: `Basic ${Buffer.from(`elastic:${reims.token}`).toString('base64')}` }
    expect((await admin.raw(path, basic)).status).toBe(200)
    const nobody = await admin.raw(path, { authorization: 'Bearer nobody' })
    expect(nobody.status).toBe(401)
    expect(nobody.headers.get('www-authenticate')).toContain('Basic')
    expect(nobody.headers.get('content-type')).toBe(MEDIA)
    expect(await nobody.json()).toMatchObject({ title: expect.any(String), http_status: '401' })
  })

  it('answers in its own media type or not at all', async () => {
    const taken = ['application/taxii+json', '*/*', 'text/html, application/taxii+json; version="2.1"; q=0.5']
    for (const accept of taken) expect((await admin.raw('/taxii2/', { accept })).status, accept).toBe(200)
    const refused = ['application/taxii+json;version=2.0', 'application/vnd.oasis.taxii+json', 'text/html', '*/*;q=0']
    for (const accept of refused) {
      const response = await admin.raw('/taxii2/', { accept })
      expect(response.status, accept).toBe(406)
      expect(await response.json()).toMatchObject({ error_code: 'not-acceptable', http_status: '406' })
    }
  })

  it.each([
    ['GET', '/taxii2'],
    ['GET', '/taxii2/tocsin'],
    ['GET', '/taxii2/other/'],
    ['GET', '/taxii2/tocsin/collections/detect/objects'],
    ['DELETE', '/taxii2/tocsin/collections/detect/objects/indicator--00000000-0000-4000-8000-000000000000/'],
    ['PUT', '/taxii2/']
  ])('says in its own shape that there is no %s %s', async (method, path) => {
    const response = await fetch(`${reims.api}${path}`, { method, headers: { accept: MEDIA } })
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe(MEDIA)
    expect(await response.json()).toMatchObject({
      title: expect.any(String),
      error_code: 'unknown-route',
      http_status: '404'
    })
  })

  it.each([
    'limit=0',
    'limit=-1',
    'limit=1e3',
    'limit=1&limit=2',
    'added_after=yesterday',
    'added_after=2026-02-30T00:00:00Z',
    'added_after=2026-11-30T00:00:00%2B01:00',
    'next=AAAA',
    'next=%00',
    `next=${'A'.repeat(20_000)}`,
    `next=${Buffer.from('{"a":1,"i":0,"use":"hunt"}').toString('base64url')}`,
    'match[id]=',
    "match[id]=indicator--'%20OR%201=1",
    'match[type]=../../etc/passwd',
    'match[version]=newest',
    'match[spec_version]=x',
    'match[created_by_ref]=identity--1',
    'match[id][$ne]=1',
    '__proto__=1'
  ])('refuses %s', async (query) => {
    const response = await admin.raw(`/taxii2/tocsin/collections/detect/objects/?${query}`)
    expect([400, 414, 431]).toContain(response.status)
    if (response.status !== 400) return
    expect(response.headers.get('content-type')).toBe(MEDIA)
    expect(await response.json()).toMatchObject({ error_code: 'invalid-request', http_status: '400' })
  })
})
