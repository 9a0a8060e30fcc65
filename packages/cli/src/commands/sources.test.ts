import type { SourceCreatedView, SourceView } from '@tocsin/api'
import { expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

const LABELS = ['--tlp', 'amber', '--pap', 'green']

it('makes a source whose token is printed once and alone, and opens its one door', async () => {
  await using desk = await openDesk()
  const made = await desk.run(['source', 'add', 'soc', 'text', '--policy', 'publish', ...LABELS])
  expect(made.out).toMatch(/^\S+\n$/)
  expect(made.err).toContain('/v1/sources/soc/items')
  const headers = { authorization: `Bearer ${made.out.trim()}` }
  const url = `${desk.address}/v1/sources/soc/items`
  expect((await fetch(url, { method: 'POST', headers, body: 'C2\n198.51.100.7\n' })).status).toBe(200)
  expect((await fetch(`${desk.address}/v1/drafts`, { headers })).status).toBe(401)
  const list = await desk.run(['source', 'list'])
  expect(list.out).toMatch(/soc +text +publish +TLP:AMBER PAP:GREEN +1 /)
  expect(list.out).not.toContain(made.out.trim())
  expect((await desk.run(['source', 'status', 'soc'], { lang: 'fr' })).out).toContain('1 nouveaux')
  expect((await desk.run(['draft', 'list'])).out).toContain('C2')
  expect((await desk.run(['source', 'remove', 'soc'])).status).toBe(0)
  expect((await desk.run(['source', 'list'])).out).toBe('No sources.\n')
  expect((await fetch(url, { method: 'POST', headers, body: 'x' })).status).toBe(401)
})

it('takes the token that a tool has already from a file, and a mapping', async () => {
  await using desk = await openDesk()
  const file = await desk.file('token', 'a-token-that-the-tool-made-up\n')
  const args = [
    '--json',
    'source',
    'add',
    'logs',
    'text',
    '--token-file',
    file,
    '--map',
    'value=src.ip',
    '--map',
    'title=a=b'
  ]
  const made = await desk.run(args)
  expect(made.json<SourceCreatedView>()).toMatchObject({ token: 'a-token-that-the-tool-made-up', policy: 'review' })
  const shown = await desk.run(['--json', 'source', 'status', 'logs'])
  expect(shown.json<SourceView>().map).toEqual({ value: 'src.ip', title: 'a=b' })
  expect((await desk.run(['source', 'add', 'x', 'text', '--map', 'nothing'])).err).toContain('map-unreadable')
  expect((await desk.run(['source', 'add', 'Bad Name', 'text'])).status).toBe(1)
})

it('makes a source that the node fetches, whose secret comes from a file and is not shown', async () => {
  await using desk = await openDesk()
  const file = await desk.file('secret', 'secret-of-the-server\n')
  const url = 'https://taxii.example.org/root/collections/c/'
  const add = ['source', 'add', 'cert', 'stix', '--taxii', url]
  const made = await desk.run([...add, '--every', '120', '--user', 'tocsin', '--secret-file', file, ...LABELS])
  expect(made.out).toBe('')
  expect(made.err).toContain(`fetched every 2 min from ${url}`)
  const shown = await desk.run(['source', 'status', 'cert'], { lang: 'fr' })
  expect(shown.out).toMatch(/Depuis +https:\/\/taxii\.example\.org/)
  expect(shown.out).toMatch(/Accès +basic/)
  expect(shown.out).toMatch(/Toutes les +120 s/)
  expect((await desk.run(['source', 'list'])).out).toMatch(/cert +stix +review .*not yet/)
  expect((await desk.run(['--json', 'source', 'list'])).out).not.toContain('secret-of-the-server')
  expect((await desk.run(['source', 'poll', 'cert'])).err).toContain('Being fetched: cert')
  expect((await desk.run(['source', 'add', 'x', 'stix', '--secret-file', file])).status).toBe(2)
  expect((await desk.run([...add, '--every', '59'])).status).toBe(2)
  expect((await desk.run([...add, '--url', url])).status).toBe(2)
  for (const [format, option, kind] of [
    ['misp', '--misp-feed', 'misp-feed'],
    ['csv', '--url', 'url']
  ] as const) {
    const other = await desk.run(['--json', 'source', 'add', kind, format, option, url])
    expect(other.json<SourceCreatedView>()).toMatchObject({
      import: format,
      poll: { kind, url, auth: 'none', every: 900 }
    })
  }
  expect((await desk.run([...add, '--token-file', file])).status).toBe(2)
})
