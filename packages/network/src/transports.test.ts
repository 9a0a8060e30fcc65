import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { SYNC_PROTOCOL, WS_REQUEST_MS } from './constants.ts'
import { createParty, linked, type Party } from './network.fixture.ts'
import { protectorOf } from './network-key.ts'
import { batch } from './session.fixture.ts'
import { allowBoth, bothLinked, createStage, link, until } from './stage.fixture.ts'

const stage = createStage()
const WS = '/ip4/127.0.0.1/tcp/0/ws'
const TCP = '/ip4/127.0.0.1/tcp/0'
const KEY = `/key/swarm/psk/1.0.0/\n/base16/\n${'5a'.repeat(32)}\n`
const OTHER_KEY = KEY.replace('5a', '5b')

const portOf = (party: Party): number => Number(/\/tcp\/(\d+)\//.exec(party.network.addresses()[0] ?? '')?.[1])

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

describe('a WebSocket that is cut off', () => {
  it('is closed: of a stranger, of a former peer who dialled, of one who was dialled', async () => {
    const reims = await stage.party('reims', { listen: WS })
    const addresses = reims.network.addresses().map((address) => multiaddr(address))
    const stranger = await stage.rawHost({ listen: [] })
    await stranger.dial(addresses).catch(() => undefined)
    await until(() => stranger.getConnections().length === 0)

    const seed = randomBytes(32)
    const guest = await createParty('guest', { seed })
    reims.allow(guest, [])
    const host = await stage.rawHost({ nodeKeySeed: seed, listen: [WS] })
    const connection = await host.dial(addresses)
    await connection.newStream(SYNC_PROTOCOL)
    reims.remove(guest)
    await until(() => connection.status !== 'open')

    await host.handle(SYNC_PROTOCOL, () => undefined)
    reims.allow(guest, host.getMultiaddrs().map(String))
    await until(() => host.getConnections().some(({ direction }) => direction === 'inbound'))
    reims.remove(guest)
    await until(() => host.getConnections().length === 0)
  })
})

describe('a WebSocket to a former peer that does not answer any more', () => {
  /** Carries what goes from a dialler to a listener, and the answers until it is frozen. */
  async function tunnel(port: number): Promise<{ port: number; freeze(): void; ended: Promise<void> }> {
    const ended = Promise.withResolvers<void>()
    let frozen = false
    const server = createServer((near) => {
      const far = createConnection({ port, host: '127.0.0.1' })
      near.on('data', (data) => frozen || far.write(data)).on('error', () => undefined)
      far.on('data', (data) => frozen || near.write(data)).on('error', () => undefined)
      far.once('close', () => {
        ended.resolve()
        near.destroy()
        server.close()
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return {
      port: (server.address() as AddressInfo).port,
      freeze: () => {
        frozen = true
      },
      ended: ended.promise
    }
  }

  it('is closed by us: one that it opened', async () => {
    const reims = await stage.party('reims', { listen: WS })
    const between = await tunnel(portOf(reims))
    const guest = await stage.party('guest', { listen: [] })
    reims.allow(guest, [])
    guest.allow(reims, [`/ip4/127.0.0.1/tcp/${between.port}/ws`])
    await bothLinked(reims, guest)
    between.freeze()
    reims.remove(guest)
    await between.ended
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
    const opened = Date.now()
    const socket = createConnection({ port: portOf(reims), host: '127.0.0.1' })
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

describe('what a stranger sends over a WebSocket', () => {
  /** A socket that was granted its request, and whose frames are bytes of the test. */
  async function upgraded(party: Party): Promise<Socket> {
    const socket = createConnection({ port: portOf(party), host: '127.0.0.1' })
    const key = randomBytes(16).toString('base64')
    socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('101 Switching Protocols')
    return socket
  }

  // RFC 6455 §5.2: FIN and opcode, mask bit and length; 127: the length stands in the next 8 bytes.
  it.each([
    ['announces a message of 4 GiB', [0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]],
    ['announces one byte more than the longest', [0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4]],
    ['sets reserved bits', [0xf2, 0x80, 1, 2, 3, 4]],
    ['uses an unknown opcode', [0x8b, 0x80, 1, 2, 3, 4]],
    ['masks nothing', [0x82, 0x01, 0]],
    ['closes with a code that nobody may send', [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xee]],
    ['ends in the middle of a frame', [0x82, 0xfe]]
  ])('ends that socket alone if it %s', async (_, frame) => {
    const [reims, lorraine] = [
      await stage.party('reims', { listen: WS }),
      await stage.party('lorraine', { listen: [] })
    ]
    await link(reims, lorraine)
    const socket = await upgraded(reims)
    const closed = once(socket, 'close')
    socket.write(Uint8Array.from(frame))
    if (frame.length === 2) socket.end()
    await closed
    expect(linked(reims, lorraine)).toBe(true)
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
