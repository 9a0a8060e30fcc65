import { expect, it } from 'vitest'
import { type Handler, serve } from './server.fixture.ts'
import { pollTaxii } from './taxii.ts'
import { createMemory } from './work.fixture.ts'

const MEDIA = 'application/taxii+json;version=2.1'
const moment = (second: number): string => `2026-11-30T10:00:${String(second).padStart(2, '0')}.000001Z`

interface Page {
  readonly objects?: readonly unknown[]
  readonly more?: boolean
  readonly next?: string
  readonly last?: string
}

const page =
  ({ last, ...envelope }: Page): Handler =>
  (_request, response) => {
    response.setHeader('content-type', MEDIA)
    if (last !== undefined) response.setHeader('x-taxii-date-added-last', last)
    response.end(JSON.stringify(envelope))
  }

/** What came of a round: the objects of its pages. */
function client(url: string) {
  const taken: unknown[] = []
  const memory = createMemory(url, pollTaxii, (text) => {
    taken.push(...(JSON.parse(text) as { objects: unknown[] }).objects)
  })
  return { ...memory, taken }
}

it('reads all pages, then only what was added since', async () => {
  await using server = await serve((request, response, { searchParams }) => {
    expect(request.headers.accept).toBe(MEDIA)
    const next = searchParams.get('next')
    const answer =
      searchParams.get('added_after') !== null
        ? { more: false }
        : next === null
          ? { objects: [1, 2], more: true, next: 'two', last: moment(2) }
          : { objects: [3], more: false, last: moment(3) }
    page(answer)(request, response, new URL('http://x'))
  })
  const reader = client(`${server.url}/root/collections/c`)
  await reader.poll()
  expect(reader.taken).toEqual([1, 2, 3])
  expect(reader.kept).toEqual([{ next: 'two', last: moment(2) }, { after: moment(3) }])
  await reader.poll()
  expect(reader.taken).toEqual([1, 2, 3])
  expect(reader.kept.at(-1)).toEqual({ after: moment(3) })
  expect(server.asked).toEqual([
    '/root/collections/c/objects/?limit=1000',
    '/root/collections/c/objects/?limit=1000&next=two',
    `/root/collections/c/objects/?limit=1000&added_after=${encodeURIComponent(moment(3))}`
  ])
})

it('goes on with the page where it stopped, and begins again where the server forgot it', async () => {
  await using server = await serve((request, response, asked) => {
    if (asked.searchParams.has('next')) response.writeHead(503).end()
    else page({ objects: [1], more: true, next: 'n', last: moment(1) })(request, response, asked)
  })
  const reader = client(server.url)
  await expect(reader.poll()).rejects.toMatchObject({ code: 'poll-answer-failed', facts: { answered: 503 } })
  server.answer(page({ objects: [2], last: moment(2) }))
  await reader.poll()
  expect(server.asked.at(-1)).toContain('next=n')
  expect(reader.kept.at(-1)).toEqual({ after: moment(2) })

  reader.kept.push({ after: moment(2), next: 'old', last: moment(5) })
  server.answer((request, response, asked) => {
    if (asked.searchParams.has('next')) response.writeHead(400).end()
    else page({ objects: [3], last: moment(6) })(request, response, asked)
  })
  await reader.poll()
  expect(server.asked.at(-1)).toContain(encodeURIComponent(moment(2)))
  expect(reader.kept.at(-1)).toEqual({ after: moment(6) })
})

it('keeps its place where there is no room for what came', async () => {
  await using server = await serve(page({ objects: [1], last: moment(1) }))
  const reader = client(server.url)
  reader.fill(true)
  await expect(reader.poll()).rejects.toMatchObject({ code: 'drafts-full' })
  expect(reader.kept).toEqual([])
  reader.fill(false)
  await reader.poll()
  expect(reader.taken).toEqual([1])
})

it('goes on by the last moment where a server pages without next, and never back', async () => {
  await using server = await serve((request, response, asked) => {
    const first = !asked.searchParams.has('added_after')
    page({ objects: [1], more: first, last: first ? moment(4) : moment(1) })(request, response, asked)
  })
  const reader = client(server.url)
  await reader.poll()
  expect(reader.kept).toEqual([{ after: moment(4) }, { after: moment(4) }])
  server.answer(page({ objects: [], more: true, last: moment(4) }))
  await expect(reader.poll()).rejects.toMatchObject({ code: 'poll-answer-invalid' })
})

it('ends a round with a server that always has more', async () => {
  let count = 0
  await using server = await serve((request, response, asked) => {
    count += 1
    page({ more: true, next: `n${count}` })(request, response, asked)
  })
  await client(server.url).poll()
  expect(server.asked).toHaveLength(200)
  server.answer(page({ more: true, next: 'same' }))
  await expect(client(server.url).poll()).rejects.toMatchObject({ code: 'poll-answer-invalid' })
})

const says =
  (type: string, text: string): Handler =>
  (_request, response) => {
    response.setHeader('content-type', type)
    response.end(text)
  }

it.each([
  ['a page of the web', 'text/html', '<html>', 'poll-answer-invalid'],
  ['plain JSON', 'application/json', '{}', 'poll-answer-invalid'],
  ['no JSON', MEDIA, '{', 'poll-answer-invalid'],
  ['a list', MEDIA, '[]', 'poll-answer-invalid'],
  ['a word for more', MEDIA, '{"more":"yes"}', 'poll-answer-invalid'],
  ['a number for next', MEDIA, '{"more":true,"next":7}', 'poll-answer-invalid'],
  ['objects that are none', MEDIA, '{"objects":{}}', 'poll-answer-invalid']
])('refuses %s', async (_name, type, text, code) => {
  await using server = await serve(says(type, text))
  const reader = client(server.url)
  await expect(reader.poll()).rejects.toMatchObject({ code })
  expect(reader.kept).toEqual([])
})

it.each([
  [401, 'poll-refused'],
  [403, 'poll-refused'],
  [404, 'poll-answer-failed'],
  [429, 'poll-answer-failed'],
  [204, 'poll-answer-failed']
])('takes %i for what it is', async (status, code) => {
  await using server = await serve(
    (_request, response) => void response.writeHead(status, { 'retry-after': '7' }).end()
  )
  await expect(client(server.url).poll()).rejects.toMatchObject({ code, facts: { answered: status, wait: 7 } })
})
