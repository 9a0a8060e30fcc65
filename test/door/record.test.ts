/** Who changed what of a node, and when: on record before it is done, without a secret, also after a restart. */
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TokenUseView } from '@tocsin/api'
import { homeAt } from '@tocsin/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { tocsin, until } from '../harness/process.ts'

interface Page {
  readonly items: readonly TokenUseView[]
  readonly next?: string
}

describe('the record of acts', { timeout: 240_000 }, () => {
  let federation: Federation
  let reims: Institution
  let officer = ''

  beforeAll(async () => {
    federation = await createFederation()
    reims = await federation.institution('Reims', 'univ-reims.fr')
    const made = await reims.call<{ secret: string }>('POST', '/v1/tokens', {
      name: 'officer',
      scope: 'admin',
      maxTlp: 'RED',
      use: 'hunt'
    })
    officer = made.secret
  }, 240_000)
  afterAll(() => federation?.end())

  const all = (query = ''): Promise<Page> => reims.call<Page>('GET', `/v1/uses${query}`)
  const asOfficer = async (method: string, path: string, body?: object): Promise<number> => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { authorization: `Bearer ${officer}`, ...json }
    const given = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${reims.api}${path}`, { method, headers, ...given })
    await response.text()
    return response.status
  }
  const brief = ({ token, route, about, status }: TokenUseView) => [token, route, about, status]

  it('says who made, changed and ended what, newest first', async () => {
    const since = Date.now()
    const chat = { name: 'chat', import: 'rocket-chat', policy: 'publish', token: 'a-secret-of-rocket-chat' }
    expect(await asOfficer('POST', '/v1/sources', chat)).toBe(201)
    expect(await asOfficer('POST', '/v1/sources', chat)).toBe(422)
    expect(await asOfficer('POST', '/v1/exceptions', { value: 'x.example', reason: 'ours' })).toBe(201)
    expect(await asOfficer('DELETE', '/v1/exceptions?value=x.example')).toBe(204)
    expect(await asOfficer('DELETE', '/v1/sources/chat')).toBe(204)
    const client = { name: 'chu', scope: 'read', maxTlp: 'AMBER', use: 'block', client: 'CHU' }
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const { id, secret } = await reims.call<{ id: string; secret: string }>('POST', '/v1/tokens', {
      ...client,
      expiresAt
    })
    await reims.call('DELETE', '/v1/tokens/chu')
    await asOfficer('GET', '/v1/sources')
    const { items } = await all()
    expect(items.map(brief)).toEqual([
      ['admin', 'DELETE /v1/tokens/:id', `${id} chu`, 204],
      ['admin', 'POST /v1/tokens', `${id} chu read TLP:AMBER block for CHU`, 201],
      ['officer', 'DELETE /v1/sources/:name', 'chat', 204],
      ['officer', 'DELETE /v1/exceptions', 'x.example', 204],
      ['officer', 'POST /v1/exceptions', 'domain x.example', 201],
      ['officer', 'POST /v1/sources', 'chat rocket-chat publish', 422],
      ['officer', 'POST /v1/sources', 'chat rocket-chat publish', 201],
      ['admin', 'POST /v1/tokens', expect.stringMatching(/^[0-9a-f]{16} officer admin TLP:RED hunt$/), 201]
    ])
    const at = items.slice(0, -1).map((it) => Date.parse(it.at))
    expect(Math.min(...at)).toBeGreaterThanOrEqual(since)
    expect(at).toEqual(at.toSorted((a, b) => b - a))
    const text = JSON.stringify(items)
    for (const hidden of [secret, officer, chat.token, 'tocsin_']) expect(text).not.toContain(hidden)
  })

  it('is read page by page, and of one token', async () => {
    const { items } = await all()
    const read: TokenUseView[] = []
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page: Page = await all(`?limit=3${next === '' ? '' : `&cursor=${next}`}`)
      read.push(...page.items)
      next = page.next
    }
    expect(read).toEqual(items)
    const own = await reims.call<Page>('GET', '/v1/tokens/officer/uses')
    expect(own.items).toEqual(items.filter(({ token }) => token === 'officer'))
    const shown = await tocsin(['token', 'uses'], { home: reims.home })
    expect(shown.stdout).toMatch(/officer +POST \/v1\/sources +chat rocket-chat publish +201/)
    expect((await tocsin(['token', 'uses', 'officer'], { home: reims.home })).stdout).not.toMatch(/\badmin +POST/)
    await expect(reims.call('POST', '/v1/tokens', { name: 'home', scope: 'read' })).rejects.toThrow()
  })

  it('has what was done in the files of the home, while the node ran or not, once each', async () => {
    const ofHome = async () => (await all('?limit=1000')).items.filter(({ token }) => token === 'home').map(brief)
    const file = join(reims.home, 'list.txt')
    const feed = (...args: string[]) => tocsin(['feed', ...args], { home: reims.home })
    expect((await feed('add', 'packets', '--format', 'list', '--to', file)).code).toBe(0)
    await until('the feed is on record', async () => (await ofHome()).length === 1)
    const before = (await all('?limit=1000')).items
    await reims.stop()
    expect((await feed('remove', 'packets')).code).toBe(0)
    const { config } = homeAt(reims.home)
    const text = await readFile(config, 'utf8')
    await writeFile(config, text.replace('detect_needs = "AMBER"', 'detect_needs = "GREEN"'))
    await appendFile(join(reims.home, 'never-block.txt'), '\nintranet.univ-reims.fr\n')
    await reims.start()
    await until('the end of the feed is on record', async () => (await ofHome()).length === 4)
    await reims.stop()
    await reims.start()
    expect((await ofHome()).toSorted()).toEqual([
      ['home', 'config change', 'use', 200],
      ['home', 'feed add', 'packets', 200],
      ['home', 'feed remove', 'packets', 200],
      ['home', 'file change', 'never-block.txt', 200]
    ])
    expect((await all('?limit=1000')).items.slice(-before.length)).toEqual(before)
  })
})
