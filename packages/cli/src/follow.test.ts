import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createClient } from './client.ts'
import { type Followed, follow } from './follow.ts'
import { openDesk } from './testing/desk.ts'

describe('follow', () => {
  it('prints what arrives until Ctrl-C', async () => {
    await using desk = await openDesk()
    const stopping = new AbortController()
    const listening = Promise.withResolvers<void>()
    // The stream is open once its first bytes come; only then does the bulletin arrive.
    const fetching: typeof fetch = async (...args) => {
      const answer = await fetch(...args)
      listening.resolve()
      return answer
    }
    const running = desk.run(['follow'], {
      fetch: fetching,
      signal: stopping.signal,
      onOut: (text) => {
        if (text.includes('live')) stopping.abort()
      }
    })
    await listening.promise
    const { id } = desk.node.arrive({ title: 'live \u001b[2J', tlp: 'GREEN', threat: 'scan' })
    const { status, out } = await running
    expect(status).toBe(0)
    expect(out).toContain(`new  ${id.slice(0, 8)}  TLP:GREEN PAP:GREEN  scan  Valenciennes  live`)
    expect(out).not.toContain('\u001b')
  })

  it('connects again after a loss, missing nothing, and not after a refusal', async () => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response: ServerResponse) => {
      asked.push(request.headers['last-event-id'] as string | undefined)
      if (asked.length === 3) {
        response.writeHead(401, { 'content-type': 'application/problem+json' })
        response.end('{"code":"unauthenticated","detail":"revoked"}')
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const id = asked.length
      response.write(`retry: 1\n\nid: ${id}\nevent: bulletin\ndata: {"n":`)
      // Cut within the second event: it is no event yet.
      response.write(`${id}}\n\nid: 99\ndata: {"n"`, () => response.destroy())
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const client = createClient(fetch, { baseUrl: `http://127.0.0.1:${port}`, token: 't' })
    const losses: number[] = []
    const seen: Followed[] = []
    const { signal } = new AbortController()
    const following = (async () => {
      for await (const event of follow(client, { signal, onLost: (wait) => losses.push(wait), firstWait: 1 }))
        seen.push(event)
    })()
    await expect(following).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(seen).toEqual([
      { id: '1', type: 'bulletin', data: { n: 1 } },
      { id: '2', type: 'bulletin', data: { n: 2 } }
    ])
    expect(asked).toEqual([undefined, '1', '2'])
    expect(losses).toEqual([1, 1])
    await new Promise((resolve) => server.close(resolve))
  })
})
