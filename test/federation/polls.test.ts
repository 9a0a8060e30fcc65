/** What a node fetches by itself from another one: nothing that it holds, and everything that it does not. */
import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { DraftSummaryView, SourceView } from '@tocsin/api'
import { homeAt } from '@tocsin/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const COLLECTION = '/taxii2/tocsin/collections/hunt/'

describe('sources that a node fetches', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let metz: Institution
  let now = 0

  beforeAll(async () => {
    now = Date.now()
    federation = await createFederation({ world: { now: () => now, random: (bytes) => randomBytes(bytes) } })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    // No peer of anybody: what it has of them it fetched.
    metz = await federation.institution('Metz', 'univ-metz.fr')
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 1, [reims, uphf])
    await federation.circle('messins', 1, [metz])
  })

  afterAll(() => federation?.end())

  async function readerAt(one: Institution): Promise<string> {
    const wanted = { name: randomBytes(4).toString('hex'), scope: 'read', maxTlp: 'AMBER', use: 'hunt' }
    return (await one.call<{ secret: string }>('POST', '/v1/tokens', wanted)).secret
  }

  const source = (at: Institution, name: string): Promise<SourceView> => at.call('GET', `/v1/sources/${name}`)
  const draftsAt = async (at: Institution): Promise<readonly DraftSummaryView[]> =>
    (await at.call<{ items: DraftSummaryView[] }>('GET', '/v1/drafts')).items

  /** Asks for a round, and waits until one more has ended. */
  async function fetched(at: Institution, name: string): Promise<SourceView> {
    const before = (await source(at, name)).poll?.lastAt
    now += 1_000
    await at.call('POST', `/v1/sources/${name}/poll`)
    return until(`${name} was fetched`, async () => {
      const view = await source(at, name)
      return view.poll?.lastAt !== before && view.poll?.busy === false ? view : undefined
    })
  }

  const publish = (title: string, value: string): Promise<{ id: string }> =>
    reims.call('POST', '/v1/bulletins', { title, tlp: 'AMBER', pap: 'GREEN', indicators: [{ type: 'domain', value }] })

  it('brings nothing new of what is held already, and everything to who is no peer', async () => {
    const { id } = await publish('held by both', 'c2.example.net')
    await arrives(uphf, id)
    const secret = await readerAt(reims)
    const input = {
      name: 'reims',
      import: 'stix',
      policy: 'review',
      circle: 'messins',
      poll: { kind: 'taxii', url: `${reims.api}${COLLECTION}`, every: 60, secret }
    }
    for (const one of [uphf, metz]) {
      const made = await one.call('POST', '/v1/sources', { ...input, circle: one === metz ? 'messins' : 'esr-fr' })
      expect(made).not.toHaveProperty('token')
      expect(JSON.stringify(made)).not.toContain(secret)
    }
    expect((await fetched(uphf, 'reims')).counts).toMatchObject({ new: 0, changed: 0, published: 0, refused: 0 })
    expect((await source(uphf, 'reims')).counts.known).toBeGreaterThan(0)
    expect(await draftsAt(uphf)).toEqual([])

    expect((await fetched(metz, 'reims')).counts).toMatchObject({ new: 1, refused: 0 })
    expect(await draftsAt(metz)).toMatchObject([{ source: 'reims', tlp: 'AMBER', indicatorCount: 1 }])
  })

  it('goes on where it stopped, over a restart too', async () => {
    const before = await source(metz, 'reims')
    expect((await fetched(metz, 'reims')).counts).toEqual(before.counts)
    await metz.stop()
    await publish('the second', 'c3.example.net')
    await metz.start()
    expect((await fetched(metz, 'reims')).counts).toEqual({ ...before.counts, new: before.counts.new + 1 })
    // Only what was added since: the first one was not even read again.
    expect((await source(metz, 'reims')).counts.known).toBe(before.counts.known)
  })

  it('keeps the secret in a file of its owner alone, and shows it nowhere', async () => {
    const path = homeAt(metz.home).sources
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const { reims: kept } = JSON.parse(await readFile(path, 'utf8')) as Record<string, { secret: string }>
    expect(kept?.secret).toMatch(/^tocsin_/)
    const shown = await metz.call('GET', '/v1/sources')
    expect(JSON.stringify(shown)).not.toContain(kept?.secret)
    expect((await source(metz, 'reims')).poll).toMatchObject({ kind: 'taxii', auth: 'bearer', every: 60 })
    expect((await source(metz, 'reims')).path).toBeUndefined()
  })

  it('reads the MISP feed of another node: nothing that is held, and an event that has changed', async () => {
    const secret = await readerAt(reims)
    const poll = { kind: 'misp-feed', url: `${reims.api}/v1/misp-feed`, every: 3_600, secret }
    await uphf.call('POST', '/v1/sources', { name: 'feed', import: 'misp', policy: 'review', poll })
    expect((await fetched(uphf, 'feed')).counts).toMatchObject({ new: 0, changed: 0, published: 0, refused: 0 })
    const { counts } = await source(uphf, 'feed')
    expect(counts.known).toBeGreaterThan(0)
    // The manifest has not changed: 304, and no event is read.
    expect((await fetched(uphf, 'feed')).counts).toEqual(counts)

    const { id } = await publish('of the feed', 'c5.example.net')
    await arrives(uphf, id)
    const after = await fetched(uphf, 'feed')
    expect(after.counts).toEqual({ ...counts, known: counts.known + 1 })
    expect(after.poll?.error).toBeUndefined()
    await uphf.call('DELETE', '/v1/sources/feed')
    await uphf.call('POST', '/v1/sources', { name: 'feed', import: 'misp', policy: 'review', poll })
    expect((await fetched(uphf, 'feed')).counts).toEqual(after.counts)
    expect(await draftsAt(uphf)).toEqual([])
  })

  it('reads a document, again only when it has changed, and begins anew as another source of its name', async () => {
    const secret = await readerAt(reims)
    const url = `${reims.api}/v1/feeds/csv?use=hunt`
    const input = { name: 'list', import: 'csv', policy: 'review', circle: 'messins' }
    const add = () => metz.call('POST', '/v1/sources', { ...input, poll: { kind: 'url', url, secret } })
    await add()
    const first = await fetched(metz, 'list')
    expect(first.poll).toMatchObject({ failures: 0 })
    expect(first.deliveries).toBe(1)
    expect((await fetched(metz, 'list')).deliveries).toBe(1)
    await metz.call('DELETE', '/v1/sources/list')
    await add()
    expect((await fetched(metz, 'list')).deliveries).toBe(1)
  })

  it('waits longer after each failure, and forgets the secret of a source that has ended', async () => {
    const secret = 'tocsin_no-such-token-of-this-node'
    const poll = { kind: 'taxii', url: `${reims.api}${COLLECTION}?key=hidden`, secret }
    await metz.call('POST', '/v1/sources', { name: 'wrong', import: 'stix', policy: 'review', poll })
    const pauses: number[] = []
    for (let round = 1; round <= 3; round += 1) {
      const { poll: state } = await fetched(metz, 'wrong')
      expect(state).toMatchObject({ failures: round, url: `${reims.api}${COLLECTION}?…` })
      pauses.push(Date.parse(state?.nextAt ?? '') - Date.parse(state?.lastAt ?? ''))
    }
    expect((await source(metz, 'wrong')).poll?.error).toBe('poll-refused')
    expect(pauses.map((ms) => Math.floor(ms / 900_000))).toEqual([1, 2, 4])
    await metz.call('DELETE', '/v1/sources/wrong')
    expect(await readFile(homeAt(metz.home).sources, 'utf8')).not.toContain(secret)
  })

  it('is fetched when its time comes, without being asked', async () => {
    const before = await source(metz, 'reims')
    await publish('the third', 'c4.example.net')
    now += 120_000
    await until('the third came', async () => (await source(metz, 'reims')).counts.new > before.counts.new)
  })

  it.each([
    ['http to elsewhere', { url: 'http://taxii.example.net/c/' }, 'poll-url-invalid'],
    ['the services of a cloud', { url: 'https://169.254.169.254/c/' }, 'poll-address-forbidden'],
    ['a password in the address', { url: 'https://a:b@taxii.example.net/' }, 'poll-url-invalid'],
    ['a user without a password', { url: 'https://taxii.example.net/', user: 'a' }, 'poll-unfit']
  ])('refuses %s, and remembers nothing of it', async (_name, poll, code) => {
    const input = { name: 'bad', import: 'stix', policy: 'review', poll: { kind: 'taxii', ...poll } }
    await expect(metz.call('POST', '/v1/sources', input)).rejects.toMatchObject({ status: 422, code })
    await expect(source(metz, 'bad')).rejects.toMatchObject({ status: 404 })
  })

  it('lets nobody but an admin name an address or ask for a round', async () => {
    const wanted = { name: 'officer', scope: 'publish', maxTlp: 'AMBER', use: 'hunt' }
    const { secret } = await metz.call<{ secret: string }>('POST', '/v1/tokens', wanted)
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
    for (const path of ['/v1/sources', '/v1/sources/reims/poll']) {
      expect((await fetch(`${metz.api}${path}`, { method: 'POST', headers, body: '{}' })).status).toBe(403)
    }
  })

  it('has no token that delivers', async () => {
    const { secret } = (
      JSON.parse(await readFile(homeAt(metz.home).sources, 'utf8')) as {
        reims: { secret: string }
      }
    ).reims
    for (const token of [secret, 'undefined', metz.token]) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
      const url = `${metz.api}/v1/sources/reims/items`
      expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(401)
    }
  })
})
