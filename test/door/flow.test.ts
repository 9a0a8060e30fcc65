/** Over a real node: live events that resume, pages that hold while things arrive, a long paste, a door for feeds alone. */
import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { freePort } from '../harness/process.ts'

interface Page {
  readonly items: readonly { readonly id: string; readonly title: string }[]
  readonly next?: string
}

interface DryRun {
  readonly indicators: readonly { readonly value: string }[]
  readonly problems: readonly { readonly path: string; readonly code: string }[]
}

const feedsDoor = (port: number, allow: string): string =>
  `\n[api.feeds]\nhost = "127.0.0.1"\nport = ${port}\nallow = ["${allow}"]\n`

describe('a door', () => {
  let federation: Federation
  let reims: Institution

  beforeAll(async () => {
    federation = await createFederation({
      world: { now: Date.now, random: (bytes) => new Uint8Array(randomBytes(bytes)) }
    })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    await federation.circle('esr-fr', 1, [reims])
  })

  afterAll(() => federation?.end())

  /** Reads events after `last` until `count` bulletins came; their titles and the id of the last. */
  async function listen(last: string, count: number): Promise<{ titles: string[]; last: string }> {
    const stop = new AbortController()
    const headers = { authorization: `Bearer ${reims.token}`, 'last-event-id': last }
    const response = await fetch(`${reims.api}/v1/events`, { headers, signal: stop.signal })
    const titles: string[] = []
    let text = ''
    let id = last
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        if (titles.length === count || !/^event: ?bulletin$/m.test(block)) continue
        id = /^id: ?(\d+)$/m.exec(block)?.[1] ?? id
        titles.push((JSON.parse(/^data: ?(.*)$/m.exec(block)?.[1] ?? '{}') as { title: string }).title)
      }
      if (titles.length === count) break
    }
    stop.abort()
    return { titles, last: id }
  }

  it('resumes events where they were left, without loss or repetition', async () => {
    for (const title of ['one', 'two', 'three']) await publish(reims, { tlp: 'AMBER', title })
    const first = await listen('0', 2)
    expect(first.titles).toEqual(['one', 'two'])
    await publish(reims, { tlp: 'AMBER', title: 'four' })
    const resumed = listen(first.last, 3)
    await publish(reims, { tlp: 'AMBER', title: 'five' })
    expect((await resumed).titles).toEqual(['three', 'four', 'five'])
  })

  it('gives each bulletin once in pages, in order of arrival, while others arrive', async () => {
    const before = (await reims.call<Page>('GET', '/v1/bulletins?order=arrival&limit=100')).items.map(({ id }) => id)
    const seen: string[] = []
    const added: string[] = []
    let cursor = ''
    do {
      const page = await reims.call<Page>('GET', `/v1/bulletins?order=arrival&limit=2${cursor}`)
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`
      if (added.length < 3) added.push(await publish(reims, { tlp: 'AMBER', title: `while ${added.length}` }))
    } while (cursor !== '')
    expect(seen).toEqual([...before, ...added])
    // Newest first: what arrives meanwhile lies before the first page and disturbs none.
    const first = await reims.call<Page>('GET', '/v1/bulletins?limit=3')
    await publish(reims, { tlp: 'AMBER', title: 'later' })
    const second = await reims.call<Page>('GET', `/v1/bulletins?limit=100&cursor=${first.next}`)
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(seen.toReversed())
  })

  it('reads a paste of ten thousand lines: each bad one is named, the good ones are kept', async () => {
    const lines = Array.from({ length: 10_000 }, (_, line) =>
      line % 4 === 3 ? `no.such.suffix-${line}` : `45.${line >> 8}.${line & 255}.7`
    )
    const pasted = await fetch(`${reims.api}/v1/extract`, {
      method: 'POST',
      headers: { authorization: `Bearer ${reims.token}`, 'content-type': 'text/plain' },
      body: lines.join('\n')
    })
    const { found, refused } = (await pasted.json()) as { found: { value: string }[]; refused: { raw: string }[] }
    expect(found.map(({ value }) => value)).toEqual(lines.filter((_, line) => line % 4 !== 3))
    expect(refused.map(({ raw }) => raw)).toEqual(lines.filter((_, line) => line % 4 === 3))

    const indicators = lines.slice(0, 4000).map((value) => ({ type: 'ipv4', value }))
    const dry = await reims.call<DryRun>('POST', '/v1/bulletins?dryRun', { title: 'paste', tlp: 'AMBER', indicators })
    expect(dry.indicators).toHaveLength(3000)
    expect(dry.problems.map(({ path }) => path)).toEqual(
      Array.from({ length: 1000 }, (_, part) => `indicators[${part * 4 + 3}].value`)
    )
    expect(new Set(dry.problems.map(({ code }) => code))).toEqual(new Set(['ipv4-syntax']))
  })

  it('serves feeds alone at a listener of their own, to its source ranges alone', async () => {
    const port = await freePort()
    await reims.stop()
    await appendFile(join(reims.home, 'config.toml'), feedsDoor(port, '127.0.0.0/8'))
    await reims.start()
    const ask = (path: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${reims.token}` } })
    expect((await ask('/v1/feeds/list')).status).toBe(200)
    expect((await ask('/healthz')).status).toBe(200)
    for (const path of ['/v1/bulletins', '/v1/status', '/openapi.json']) expect((await ask(path)).status).toBe(404)
    const other = await federation.institution('Metz', 'univ-metz.fr', { run: false })
    const second = await freePort()
    await appendFile(join(other.home, 'config.toml'), feedsDoor(second, '192.0.2.0/24'))
    await other.start()
    const refused = await fetch(`http://127.0.0.1:${second}/v1/feeds/list`, {
      headers: { authorization: `Bearer ${other.token}` }
    })
    expect({ status: refused.status, code: ((await refused.json()) as { code: string }).code }).toEqual({
      status: 403,
      code: 'forbidden-source'
    })
  })
})
