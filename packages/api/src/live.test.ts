import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { eventText, liveText } from './live.ts'
import type { LiveEvent } from './ports.ts'
import { gathered } from './streams.ts'
import { createMemoryNode } from './testing/memory-ports.ts'
import { bearer, openApi } from './testing/open-api.ts'

interface Stream {
  /** Resolves once the text received so far holds `wanted`; rejects if the stream ends before. */
  until(wanted: string): Promise<string>
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<string>
}

function reading(body: ReadableStream<Uint8Array>): Stream {
  const decoder = new TextDecoder()
  let text = ''
  let done = false
  let changed = Promise.withResolvers<void>()
  const ended = (async () => {
    try {
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true })
        changed.resolve()
        changed = Promise.withResolvers()
      }
    } catch {
      // The test itself went away.
    }
    done = true
    changed.resolve()
    return text
  })()
  return {
    ended,
    async until(wanted) {
      while (!text.includes(wanted)) {
        if (done) throw new Error(`the stream ended without ${wanted}: ${text}`)
        await changed.promise
      }
      return text
    }
  }
}

async function listen(address: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Stream> {
  const answer = await fetch(`${address}/v1/events`, { headers, ...(signal === undefined ? {} : { signal }) })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  if (answer.body === null) throw new Error('no body')
  return reading(answer.body)
}

describe('live events', () => {
  it('give what arrives, and after Last-Event-ID first what was missed', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const { address } = await api.start()
    const headers = bearer(node.token('read'))
    const first = node.arrive({ title: 'before anybody listened' })
    const missed = node.arrive({ title: 'missed' })

    const all = await listen(address, { ...headers, 'last-event-id': String(first.arrival) })
    const text = await all.until(missed.id)
    expect(text).toContain(`id: ${missed.arrival}\nevent: bulletin\ndata: {`)
    expect(text).not.toContain(first.id)

    const live = await listen(address, headers)
    await live.until('retry: ')
    const later = node.arrive({ title: 'later\nwith a line break' })
    expect(await live.until(later.id)).not.toContain(missed.id)
    await all.until(later.id)
  })

  it('hold nothing above the TLP or against the use of the token', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const { address } = await api.start()
    const stream = await listen(address, { ...bearer(node.token('read', 'GREEN', 'block')), 'last-event-id': '0' })
    const strict = node.arrive({ title: 'strict', tlp: 'AMBER+STRICT', pap: 'CLEAR' })
    const quiet = node.arrive({ title: 'quiet', tlp: 'CLEAR', pap: 'RED' })
    const open = node.arrive({ title: 'open', tlp: 'CLEAR', pap: 'CLEAR' })
    const text = await stream.until(open.id)
    expect(text).not.toContain(strict.id)
    expect(text).not.toContain(quiet.id)
  })

  it('beat on a quiet stream, and end when the token is revoked', async () => {
    await using opened = openApi({ heartbeat: 20 })
    const { api, node } = opened
    const { address } = await api.start()
    const stream = await listen(address, bearer(node.token('read')))
    await stream.until('\n\n:\n\n')
    await node.ports.tokens.revoke('t1')
    await stream.ended
  })

  it('say nothing more once the token is revoked, however long until the next heartbeat', async () => {
    await using opened = openApi({ heartbeat: 600_000 })
    const { api, node } = opened
    const { address } = await api.start()
    const stream = await listen(address, bearer(node.token('read')))
    const before = node.arrive({ title: 'before', tlp: 'CLEAR' })
    await stream.until(before.id)
    await node.ports.tokens.revoke('t1')
    const after = node.arrive({ title: 'after', tlp: 'CLEAR' })
    expect(await stream.ended).not.toContain(after.id)
  })

  it('end with the client, and with the node', async () => {
    const node = createMemoryNode()
    const signals: AbortSignal[] = []
    await using opened = openApi({
      ports: {
        ...node.ports,
        events: (reader, options) => {
          signals.push(options.signal)
          return node.ports.events(reader, options)
        }
      }
    })
    const { address } = await opened.api.start()
    const headers = bearer(node.token('read'))
    const leaving = new AbortController()
    const gone = await listen(address, headers, leaving.signal)
    const staying = await listen(address, headers)
    await Promise.all([gone.until('retry: '), staying.until('retry: ')])
    const [first, second] = signals
    const ended = new Promise((resolve) => first?.addEventListener('abort', resolve))
    leaving.abort()
    await ended
    expect(second?.aborted).toBe(false)
    await opened.api.stop()
    await staying.ended
    expect(second?.aborted).toBe(true)
  })

  it('refuse an id that is none', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const headers = { ...bearer(node.token('read')), 'last-event-id': 'yesterday' }
    expect((await api.app.inject({ url: '/v1/events', headers })).json()).toMatchObject({
      status: 400,
      problems: [{ path: 'last-event-id' }]
    })
  })

  it('wait for a client that does not read', async () => {
    const node = createMemoryNode()
    let asked = 0
    const flood: LiveEvent = { id: 1, type: 'bulletin', data: 'x'.repeat(65_536) }
    await using opened = openApi({
      ports: {
        ...node.ports,
        async *events(_reader, { signal }) {
          while (!signal.aborted) {
            asked += 1
            yield flood
          }
        }
      }
    })
    const { address } = await opened.api.start()
    const { hostname, port } = new URL(address)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.pause()
    const { authorization } = bearer(node.token('read'))
    socket.write(`GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`)
    // The source is asked until the buffers of both ends are full, and then no more: it stands still over many turns.
    let still = 0
    for (let before = -1; still < 200; still = asked > 0 && asked === before ? still + 1 : 0) {
      before = asked
      await new Promise((resolve) => setImmediate(resolve))
      await fetch(`${address}/healthz`)
    }
    expect(asked).toBeLessThan(1_000)
    socket.destroy()
  })
})

describe('the text of a stream', () => {
  it('is one line of data an event, whatever it says', () => {
    const text = eventText({ id: 7, type: 'bulletin', data: { title: 'a\nid: 9\r\n\ndata: x\u2028' } })
    expect(text.split('\n')).toHaveLength(5)
    expect(text).toMatch(/^id: 7\nevent: bulletin\ndata: \{/)
  })

  it('ends with its source', async () => {
    async function* two(): AsyncGenerator<LiveEvent> {
      yield { id: 1, type: 'bulletin', data: 1 }
      yield { id: 2, type: 'sighting', data: 2 }
    }
    const options = { signal: new AbortController().signal, heartbeat: 60_000, stillAllowed: async () => true }
    const pieces: string[] = []
    for await (const piece of liveText(two(), options)) pieces.push(piece)
    expect(pieces).toHaveLength(3)
  })

  it('is written in large pieces and loses nothing', async () => {
    async function* lines(): AsyncGenerator<string> {
      for (let i = 0; i < 20_000; i += 1) yield `ligne n° ${i}\n`
    }
    const pieces: Buffer[] = []
    for await (const piece of gathered(lines())) pieces.push(piece)
    expect(pieces.length).toBeLessThan(10)
    expect(Buffer.concat(pieces).toString('utf8').split('\n')[19_999]).toBe('ligne n° 19999')
  })
})
