/** A client of an institution (TLP 2.0): a token of at most AMBER that expires, and a record of what it fetched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

describe('a client', () => {
  let federation: Federation
  let reims: Institution
  let secret = ''
  const value = (tlp: string): string => `${tlp.toLowerCase().replace('+', '-')}.evil.example`
  const expiresAt = new Date(Date.now() + 30 * 86_400_000).toISOString()
  const CLIENT = { name: 'hospital', scope: 'read', maxTlp: 'AMBER', use: 'block', client: 'CHU', expiresAt }

  beforeAll(async () => {
    federation = await createFederation()
    const toulouse = await federation.institution('Toulouse', 'ut-capitole.fr')
    reims = await federation.institution('Reims', 'univ-reims.fr')
    await federation.link(reims, toulouse)
    await federation.circle('esr-fr', 2, [reims, toulouse])
    for (const tlp of ['CLEAR', 'AMBER', 'AMBER+STRICT'])
      await publish(reims, { tlp, pap: 'GREEN', indicators: [{ type: 'domain', value: value(tlp) }] })
    await publish(reims, { to: ['Toulouse'], pap: 'GREEN', indicators: [{ type: 'domain', value: value('RED') }] })
    secret = (await reims.call<{ secret: string }>('POST', '/v1/tokens', CLIENT)).secret
  })

  afterAll(() => federation?.end())

  const fetchAs = (path: string): Promise<Response> =>
    fetch(`${reims.api}${path}`, { headers: { authorization: `Bearer ${secret}` } })
  const uses = async () =>
    (
      await reims.call<{ items: { route: string; about?: string; status: number; bytes: number }[] }>(
        'GET',
        '/v1/tokens/hospital/uses'
      )
    ).items

  it('gets AMBER and below, never AMBER+STRICT or RED, in feeds, searches and look-ups', async () => {
    const feed = await (await fetchAs('/v1/feeds/list')).text()
    const lines = feed.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(lines.sort()).toEqual([value('AMBER'), value('CLEAR')])
    for (const tlp of ['AMBER+STRICT', 'RED']) {
      const found = (await (await fetchAs(`/v1/indicators?value=${value(tlp)}`)).json()) as { items: unknown[] }
      expect(found.items).toEqual([])
    }
    const status = await fetchAs('/v1/status')
    expect(status.status).toBe(403)
  })

  it('leaves a record of what it fetched, that outlives its token', async () => {
    await (await fetchAs('/v1/feeds/csv')).text()
    // Written before anything of the answer leaves; how much left is known afterwards.
    const ofCsv = async () => (await uses()).find(({ about }) => about === 'csv')
    expect(await ofCsv()).toMatchObject({ route: 'GET /v1/feeds/:name', about: 'csv', status: 200 })
    await until('its size is on record', async () => ((await ofCsv())?.bytes ?? 0) > 100)
    const shown = await tocsin(['token', 'uses', 'hospital'], { home: reims.home })
    expect(shown.stdout).toMatch(/GET \/v1\/feeds\/:name +csv +200/)
    // What the officer asks himself is no client's.
    await reims.call('GET', '/v1/bulletins')
    const count = (await uses()).length
    await reims.call('DELETE', '/v1/tokens/hospital')
    expect((await fetchAs('/v1/feeds/list')).status).toBe(401)
    expect((await uses()).length).toBe(count)
  })

  it.each([
    ['AMBER+STRICT', { ...CLIENT, name: 'a', maxTlp: 'AMBER+STRICT' }],
    ['RED', { ...CLIENT, name: 'b', maxTlp: 'RED' }],
    ['the right to publish', { ...CLIENT, name: 'c', scope: 'publish' }],
    ['a token for ever', { name: 'd', scope: 'read', maxTlp: 'AMBER', use: 'block', client: 'CHU' }],
    ['a token for years', { ...CLIENT, name: 'e', expiresAt: '2099-01-01T00:00:00Z' }]
  ])('is never given %s', async (_what, input) => {
    await expect(reims.call('POST', '/v1/tokens', input)).rejects.toMatchObject({ code: 'client-token-too-wide' })
  })

  it('has no token any more once it expired', async () => {
    const soon = new Date(Date.now() + 700).toISOString()
    secret = (await reims.call<{ secret: string }>('POST', '/v1/tokens', { ...CLIENT, name: 'brief', expiresAt: soon }))
      .secret
    expect((await fetchAs('/v1/feeds/list')).status).toBe(200)
    await until('it expires', async () => (await fetchAs('/v1/feeds/list')).status === 401)
    const past = { ...CLIENT, name: 'past', expiresAt: '2026-01-01T00:00:00Z' }
    await expect(reims.call('POST', '/v1/tokens', past)).rejects.toMatchObject({ code: 'token-over' })
  })

  it('is made by one command, for 90 days unless said otherwise', async () => {
    const args = ['token', 'create', '--name', 'clinic', '--scope', 'read', '--client', 'Clinique']
    const made = await tocsin(args, { home: reims.home })
    expect(made.code).toBe(0)
    expect(made.stdout).toMatch(/^tocsin_\S+\n$/)
    expect(made.stderr).toContain('For the client Clinique')
    const list = await tocsin(['token', 'list'], { home: reims.home })
    expect(list.stdout).toMatch(/clinic +read +TLP:AMBER +block .*Clinique/)
  })
})
