import { expect, it } from 'vitest'
import { pollDocument } from './document.ts'
import { serve } from './server.fixture.ts'
import { createMemory } from './work.fixture.ts'

function client(url: string) {
  const taken: string[] = []
  return { ...createMemory(url, pollDocument, (text) => void taken.push(text)), taken }
}

it.each([
  ['etag', '"one"', 'if-none-match'],
  ['last-modified', 'Mon, 30 Nov 2026 10:00:00 GMT', 'if-modified-since']
])('reads a document again when its %s has changed', async (header, value, condition) => {
  await using server = await serve((request, response) => {
    if (request.headers[condition] === value) return void response.writeHead(304).end()
    response.setHeader(header, value)
    response.end('text')
  })
  const reader = client(`${server.url}/list.csv`)
  await reader.poll()
  await reader.poll()
  expect(reader.taken).toEqual(['text'])
  expect(server.asked).toHaveLength(2)
  server.answer((_request, response) => void response.end('other'))
  await reader.poll()
  expect(reader.taken).toEqual(['text', 'other'])
  expect(reader.kept.at(-1)).toEqual({})
})

it('remembers nothing of a document that broke off, or that there was no room for', async () => {
  await using server = await serve((request, response) => {
    response.writeHead(200, { etag: '"x"', 'content-length': '100' })
    response.write('half', () => request.socket.destroy())
  })
  const reader = client(server.url)
  await expect(reader.poll()).rejects.toMatchObject({ code: 'poll-unreachable' })
  server.answer((_request, response) => void response.writeHead(200, { etag: '"x"' }).end('whole'))
  reader.fill(true)
  await expect(reader.poll()).rejects.toMatchObject({ code: 'drafts-full' })
  expect(reader.kept).toEqual([])
})

it('takes no page for people, which is how a login says 200', async () => {
  await using server = await serve((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<a href="http://evil.example.net/">log in</a>')
  })
  await expect(client(server.url).poll()).rejects.toMatchObject({ code: 'poll-answer-invalid' })
})
