import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, expect, it } from 'vitest'
import { MAX_WS_MESSAGE, WS_REQUEST_MS } from './constants.ts'
import { linked } from './network.fixture.ts'
import { protectorOf } from './network-key.ts'
import { batch } from './session.fixture.ts'
import { allowBoth, bothLinked, createStage, link, until } from './stage.fixture.ts'

const stage = createStage()
const WS = '/ip4/127.0.0.1/tcp/0/ws'
const TCP = '/ip4/127.0.0.1/tcp/0'
const KEY = `/key/swarm/psk/1.0.0/\n/base16/\n${'5a'.repeat(32)}\n`
const OTHER_KEY = KEY.replace('5a', '5b')

describe('WebSocket', () => {
  it('links two nodes that listen at nothing else, and carries a session', async () => {
    const reims = await stage.party('reims', {
      listen: WS,
      answer: (event) => (event.type === 'appended' ? [{ type: 'send', frame: Uint8Array.of(77) }] : [])
    })
    const lorraine = await stage.party('lorraine', {
      listen: WS,
      answer: (event) =>
        event.type === 'received' && event.frame[0] === 77
          ? [{ type: 'append', token: 1, batch: batch(reims.institution) }]
          : []
    })
    await link(reims, lorraine)
    expect(reims.network.addresses()[0]).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\//)
    expect(reims.network.status()[0]?.address).toContain('/ws')
    reims.network.notifyAppended({ streams: [], registers: [] })
    await until(() => lorraine.admitted.length === 1)
  })

  it('is listened at beside TCP, and a peer that names both is reached by either', async () => {
    const both = await stage.party('both', { listen: [TCP, WS] })
    const addresses = both.network.addresses()
    expect(addresses.map((address) => address.includes('/ws/'))).toEqual([false, true])
    for (const address of addresses) {
      const peer = await stage.party(`by ${address}`)
      both.allow(peer, [])
      peer.allow(both, [address])
      await bothLinked(peer, both)
      expect(peer.network.status()[0]?.address).toBe(address)
    }
  })

  it('refuses a stranger as TCP does', async () => {
    const reims = await stage.party('reims', { listen: WS })
    const stranger = await stage.party('stranger')
    stranger.allow(reims)
    await until(() => (stranger.network.status()[0]?.failures ?? 0) >= 2)
    expect(linked(stranger, reims)).toBe(false)
    expect(reims.sessions).toEqual([])
  })
})

describe('a WebSocket listener', () => {
  it.each([
    ['says nothing', ''],
    ['never ends its request', 'GET / HTTP/1.1\r\nUpgrade: websocket\r\n']
  ])('hangs up on a socket that %s, and keeps a peer that is linked', { timeout: 30_000 }, async (_, first) => {
    const [reims, lorraine] = [
      await stage.party('reims', { listen: WS }),
      await stage.party('lorraine', { listen: [] })
    ]
    await link(reims, lorraine)
    const port = Number(/\/tcp\/(\d+)\//.exec(reims.network.addresses()[0] ?? '')?.[1])
    const opened = Date.now()
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.write(first)
    await once(socket.resume(), 'close')
    expect(Date.now() - opened).toBeGreaterThanOrEqual(WS_REQUEST_MS - 500)
    expect(linked(reims, lorraine)).toBe(true)
    // The one link that there ever was, over WebSocket, and older than what was hung up on.
    expect(reims.network.status()[0]).toMatchObject({ address: expect.stringContaining('/ws'), direction: 'inbound' })
    expect(reims.network.status()[0]?.since).toBeLessThanOrEqual(opened)
    expect([...reims.network.counts()]).toEqual([])
  })
})

describe('a WebSocket message', () => {
  it('that is longer than any of ours is refused before it is read, in whatever state the connection is', async () => {
    const reims = await stage.party('reims', { listen: WS })
    const port = /\/tcp\/(\d+)\//.exec(reims.network.addresses()[0] ?? '')?.[1]
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    await once(socket, 'open')
    const closed = once(socket, 'close') as Promise<[CloseEvent]>
    socket.send(new Uint8Array(MAX_WS_MESSAGE + 1))
    const [{ code }] = await closed
    // RFC 6455 §7.4.1: a message too big to process.
    expect(code).toBe(1009)
  })
})

describe('a pre-shared network key', () => {
  it.each([
    ['TCP', TCP],
    ['WebSocket', WS]
  ])('links those who have it over %s', async (_, listen) => {
    const a = await stage.party('a', { listen, networkKey: KEY })
    const b = await stage.party('b', { listen, networkKey: KEY })
    await link(a, b)
  })

  it.each([
    ['another', OTHER_KEY],
    ['none', undefined]
  ])('shuts out a peer that has %s, in both directions', async (_, networkKey) => {
    const inside = await stage.party('inside', { networkKey: KEY })
    const outside = await stage.party('outside', networkKey === undefined ? {} : { networkKey })
    allowBoth(inside, outside)
    await until(() => [inside, outside].every(({ network }) => (network.status()[0]?.failures ?? 0) >= 2))
    expect([...inside.sessions, ...outside.sessions]).toEqual([])
    expect(outside.network.status()[0]?.lastError?.code).toMatch(/^dial-(failed|timeout)$/)
  })

  it.each([
    ['nothing', ''],
    ['half a key', KEY.slice(0, 60)],
    ['another encoding', KEY.replace('base16', 'base64')],
    ['something behind it', `${KEY}00`],
    ['another version', KEY.replace('1.0.0', '2.0.0')]
  ])('that is %s stops the start with a code, and stands in no error', async (_, networkKey) => {
    expect(() => protectorOf(networkKey)).toThrow(expect.objectContaining({ code: 'network-key-invalid' }))
    const starting = stage.party('bad', { networkKey })
    await expect(starting).rejects.toMatchObject({ code: 'network-key-invalid' })
    await expect(starting).rejects.not.toThrow('5a5a')
  })

  it.each([
    ['libp2p writes it, without a last line end', KEY.trimEnd()],
    ['Windows ends its lines', KEY.replaceAll('\n', '\r\n')],
    ['openssl writes it in capitals', KEY.replace('5a'.repeat(32), '5A'.repeat(32))]
  ])('is read as %s', (_, text) => {
    expect(protectorOf(text)).toBeTypeOf('function')
  })
})
