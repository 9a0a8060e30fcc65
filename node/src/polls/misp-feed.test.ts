import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { pollMispFeed } from './misp-feed.ts'
import { type Handler, serve } from './server.fixture.ts'
import { createMemory } from './work.fixture.ts'

const A = '00000000-0000-4000-8000-00000000000a'
const B = '00000000-0000-4000-8000-00000000000b'

const event = (uuid: string, timestamp: number | string, info = 'x'): string =>
  JSON.stringify({
    Event: { info, timestamp: String(timestamp), Attribute: [{ type: 'domain', value: 'a.example' }], uuid }
  })
const [a, b] = [event(A, 20), event(B, 10)]

/** A folder of files; a manifest has the ETag of its content, as web servers make it. */
const feed =
  (manifest: object, events: Readonly<Record<string, string | number>>): Handler =>
  (request, response, { pathname }) => {
    const text = JSON.stringify(manifest)
    const etag = `"${text.length}-${text.slice(-20).replaceAll('"', '')}"`
    if (pathname === '/feed/manifest.json') {
      response.setHeader('etag', etag)
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
      return void response.end(text)
    }
    const event = events[pathname.replace('/feed/', '').replace('.json', '')]
    if (typeof event === 'string') return void response.end(event)
    return void response.writeHead(event ?? 404).end()
  }

function client(url: string) {
  const taken: string[] = []
  return { ...createMemory(url, pollMispFeed, (text) => void taken.push(text)), taken }
}

it.each(['/feed', '/feed/', '/feed/manifest.json'])(
  'reads the events of %s, oldest first, then what has changed',
  async (path) => {
    await using server = await serve(feed({ [A]: { timestamp: '20' }, [B]: { timestamp: 10 } }, { [A]: a, [B]: b }))
    const reader = client(`${server.url}${path}`)
    await reader.poll()
    expect(reader.taken).toEqual([b, a])
    await reader.poll()
    expect(server.asked.slice(3)).toEqual(['/feed/manifest.json'])

    const a2 = event(A, 21)
    server.answer(feed({ [A]: { timestamp: '21' }, [B]: { timestamp: '9' } }, { [A]: a2, [B]: 'b2' }))
    await reader.poll()
    expect(reader.taken).toEqual([b, a, a2])
  }
)

it('asks again for what was not there or broken, and takes the others', async () => {
  const manifest = { [A]: { timestamp: '1' }, [B]: { timestamp: '2' } }
  await using server = await serve(feed(manifest, { [A]: 500, [B]: b }))
  const reader = client(`${server.url}/feed`)
  await reader.poll()
  expect(reader.taken).toEqual([b])
  expect(reader.notes).toEqual([`poll-answer-failed ${A}.json`])
  expect(reader.kept).toEqual([])
  server.answer(feed(manifest, { [A]: a, [B]: b }))
  await reader.poll()
  expect(reader.taken).toEqual([b, a])
  expect(reader.kept).toHaveLength(1)
})

it('takes no file that is not what the manifest says, and asks for it again', async () => {
  const sha256 = createHash('sha256').update(a).digest('hex')
  const row = { timestamp: '20', 'integrity:sha256': sha256.toUpperCase() }
  const manifest = { [A]: row, [B]: { timestamp: '10' } }
  const others = {
    'another event': [event(B, 20), 'Event.uuid'],
    'an event without a name': [JSON.stringify({ Event: { timestamp: '20' } }), 'Event.uuid'],
    'two events': [`[${a},${a}]`, 'Event.uuid'],
    'a part of it': [a.slice(0, -9), 'Event.uuid'],
    'other bytes': [event(A, 20, 'y'), 'integrity:sha256']
  }
  for (const [name, [file = '', place]] of Object.entries(others)) {
    await using server = await serve(feed(manifest, { [A]: file, [B]: b }))
    const reader = client(`${server.url}/feed`)
    await reader.poll()
    expect({ name, taken: reader.taken, notes: reader.notes, kept: reader.kept }).toEqual({
      name,
      taken: [b],
      notes: [`poll-answer-invalid ${A}.json ${place}`],
      kept: []
    })
    server.answer(feed(manifest, { [A]: a, [B]: b }))
    await reader.poll()
    expect(reader.taken).toEqual([b, a])
  }
})

it('takes a former version, and asks once more for the one that the manifest names', async () => {
  const manifest = { [A]: { timestamp: '30' } }
  await using server = await serve(feed(manifest, { [A]: a }))
  const late = client(`${server.url}/feed`)
  await late.poll()
  expect([late.taken, late.notes, late.kept]).toEqual([[a], [`poll-answer-invalid ${A}.json Event.timestamp`], []])
  const newer = event(A, 30)
  server.answer(feed(manifest, { [A]: newer }))
  await late.poll()
  await late.poll()
  expect(late.taken).toEqual([a, newer])

  server.answer(feed(manifest, { [A]: a }))
  const never = client(`${server.url}/feed`)
  for (let round = 0; round < 4; round += 1) await never.poll()
  expect(never.taken).toEqual([a, a])
  expect(never.kept).toHaveLength(1)
})

it('leaves a server alone where nearly nothing can be had', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `00000000-0000-4000-8000-0000000000${index + 10}`)
  await using server = await serve(feed(Object.fromEntries(ids.map((id) => [id, { timestamp: '1' }])), {}))
  await expect(client(`${server.url}/feed`).poll()).rejects.toMatchObject({ code: 'poll-answer-failed' })
  expect(server.asked).toHaveLength(22)
})

it('stops where the drafts are full or the token is wrong, and goes on with that event', async () => {
  const manifest = { [A]: { timestamp: '1' }, [B]: { timestamp: '2' } }
  await using server = await serve(feed(manifest, { [A]: a, [B]: b }))
  const reader = client(`${server.url}/feed`)
  reader.fill(true)
  await expect(reader.poll()).rejects.toMatchObject({ code: 'drafts-full' })
  expect([...reader.seen, ...reader.kept]).toEqual([])
  reader.fill(false)
  server.answer(feed(manifest, { [A]: a, [B]: 401 }))
  await expect(reader.poll()).rejects.toMatchObject({ code: 'poll-refused' })
  expect([...reader.seen.keys()]).toEqual([A])
})

it('asks for nothing but uuids, whatever a manifest names', async () => {
  const names = ['../../etc/passwd', 'http://127.0.0.1/x', `${A}/../x`, '', `${A}\n`]
  const rows = { ...Object.fromEntries(names.map((name) => [name, { timestamp: '1' }])), [A]: { timestamp: 'soon' } }
  await using server = await serve(feed({ ...rows, [B]: { timestamp: '1' } }, { [B]: b }))
  const reader = client(`${server.url}/feed`)
  await reader.poll()
  expect(server.asked).toEqual(['/feed/manifest.json', `/feed/${B}.json`])
  expect(reader.notes).toHaveLength(6)
})

it('keeps the query of its address', async () => {
  await using server = await serve(feed({ [A]: { timestamp: '1' } }, { [A]: a }))
  await client(`${server.url}/feed/?key=k`).poll()
  expect(server.asked).toEqual(['/feed/manifest.json?key=k', `/feed/${A}.json?key=k`])
})

it.each([
  ['a page', 'text/html; charset=utf-8', '<html>'],
  ['no JSON', 'application/json', '{'],
  ['a list', 'application/json', '[1]'],
  ['a word', 'application/json', '"x"']
])('refuses %s for a manifest', async (_name, type, text) => {
  await using server = await serve((_request, response) => {
    response.setHeader('content-type', type)
    response.end(text)
  })
  await expect(client(server.url).poll()).rejects.toMatchObject({ code: 'poll-answer-invalid' })
})

it('takes an empty feed as MISP writes it', async () => {
  await using server = await serve((_request, response) => void response.end('[]'))
  const reader = client(server.url)
  await reader.poll()
  expect(reader.kept).toEqual([{}])
})
