import { randomBytes } from 'node:crypto'
import { RELAY_V2_HOP_CODEC, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import type { Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { createParty, linked, type Party } from './network.fixture.ts'
import { batch } from './session.fixture.ts'
import { allowBoth, bothLinked, createStage, link, until } from './stage.fixture.ts'

const stage = createStage()
const MIB = 1024 * 1024

/** The addresses of a party that lead through a relay. */
const relayed = (party: Party): string[] =>
  party.network.addresses().filter((address) => address.includes('/p2p-circuit'))

const direct = (party: Party): string[] =>
  party.network.addresses().filter((address) => !address.includes('/p2p-circuit'))

/** A relay and one that listens nowhere and is reached through it. */
async function hidden(options: Parameters<typeof stage.party>[1] = {}) {
  const relay = await stage.party('relay', { servesRelay: true })
  const behind = await stage.party('behind', { listen: [], relays: [relay.institution], ...options })
  await link(relay, behind)
  await until(() => relayed(behind).length > 0)
  return { relay, behind }
}

describe('a node behind a relay', () => {
  it('is reached through it by a peer, and a session runs', async () => {
    const { relay, behind } = await hidden({
      answer: (event) => (event.type === 'appended' ? [{ type: 'send', frame: Uint8Array.of(77) }] : [])
    })
    const reims = await stage.party('reims', {
      answer: (event) =>
        event.type === 'received' && event.frame[0] === 77
          ? [{ type: 'append', token: 1, batch: batch(behind.institution) }]
          : []
    })
    await link(reims, relay)
    expect(relayed(behind)[0]).toMatch(new RegExp(`/p2p/${relay.peerId}/p2p-circuit/p2p/${behind.peerId}$`))
    reims.allow(behind, relayed(behind))
    behind.allow(reims, [])
    await bothLinked(reims, behind)
    const [, seen] = reims.network.status()
    expect(seen).toMatchObject({ institution: behind.institution, address: expect.stringContaining('/p2p-circuit/') })
    behind.network.notifyAppended({ streams: [], registers: [] })
    await until(() => reims.admitted.length === 1)
  })

  it('is reached by peers that know it by its record alone', async () => {
    const { relay, behind } = await hidden()
    const reims = await stage.party('reims')
    await link(reims, relay)
    const circle = '0a'.repeat(32)
    for (const [a, b] of [
      [relay, reims],
      [relay, behind],
      [reims, behind]
    ] as const) {
      a.share(b, circle)
      b.share(a, circle)
    }
    behind.allow(reims, [])
    reims.allow(behind, ['/ip4/127.0.0.1/tcp/1'])
    await bothLinked(reims, behind)
  })

  it('is refused by its own list all the same: a peer of the relay that it does not know gets no link', async () => {
    const { relay, behind } = await hidden()
    const other = await stage.party('other')
    await link(other, relay)
    other.allow(behind, relayed(behind))
    await until(() => other.network.status().some(({ failures }) => failures >= 2))
    expect(linked(other, behind)).toBe(false)
    expect(behind.sessions.map(({ peer }) => peer)).toEqual([relay.institution])
  })

  it('is out of reach for whoever is no peer of the relay', async () => {
    const { relay, behind } = await hidden()
    const reims = await stage.party('reims')
    behind.allow(reims, [])
    reims.allow(behind, relayed(behind))
    // Not even tried: a relay that is no peer of ours would see with whom we talk.
    await until(() => (reims.network.status()[0]?.failures ?? 0) >= 2)
    reims.allow(relay)
    await until(() => reims.network.status().every(({ failures }) => failures >= 2))
    expect(reims.network.status().filter(({ connected }) => connected)).toEqual([])
    expect(relay.network.status()).toHaveLength(1)
  })

  it('loses the peer when its list does, over the relay too', async () => {
    const { relay, behind } = await hidden()
    const reims = await stage.party('reims')
    await link(reims, relay)
    reims.allow(behind, relayed(behind))
    behind.allow(reims, [])
    await bothLinked(reims, behind)
    behind.remove(reims)
    await until(() => !linked(reims, behind))
    expect(linked(behind, relay) && linked(reims, relay)).toBe(true)
  })

  it('is cut off, with all who came through, when the relay takes it off its list', async () => {
    const { relay, behind } = await hidden()
    const reims = await stage.party('reims')
    await link(reims, relay)
    reims.allow(behind, relayed(behind))
    behind.allow(reims, [])
    await bothLinked(reims, behind)
    relay.remove(behind)
    await until(() => !linked(reims, behind) && !linked(behind, relay))
    await until(() => relayed(behind).length === 0)
    // And back again, when it is: nobody restarts anything.
    relay.allow(behind, [])
    await bothLinked(behind, relay)
    await bothLinked(reims, behind)
  })

  it('finds its place again after the relay restarted', async () => {
    const seed = randomBytes(32)
    const before = await stage.party('relay', { seed, servesRelay: true })
    const listen = before.network.addresses()[0]?.replace(/\/p2p\/.*/, '') ?? ''
    const behind = await stage.party('behind', { listen: [], relays: [before.institution] })
    await link(before, behind)
    await until(() => relayed(behind).length > 0)
    await before.stop()
    await until(() => relayed(behind).length === 0)
    const after = await stage.party('relay', { seed, listen, servesRelay: true })
    const reims = await stage.party('reims')
    allowBoth(after, reims)
    after.allow(behind, [])
    await until(() => relayed(behind).length > 0)
    reims.allow(behind, relayed(behind))
    behind.allow(reims, [])
    await bothLinked(reims, behind)
  })

  it('keeps its place at one relay when another one stops', async () => {
    const [one, two] = [
      await stage.party('one', { servesRelay: true }),
      await stage.party('two', { servesRelay: true })
    ]
    const behind = await stage.party('behind', { listen: [], relays: [one.institution, two.institution] })
    await link(one, behind)
    await link(two, behind)
    const places = (relay: Party): string[] => relayed(behind).filter((address) => address.includes(relay.peerId))
    await until(() => places(one).length > 0 && places(two).length > 0)
    await one.stop()
    await until(() => places(one).length === 0)
    expect(places(two)).not.toEqual([])
    const reims = await stage.party('reims')
    await link(reims, two)
    reims.allow(behind, relayed(behind))
    behind.allow(reims, [])
    await bothLinked(reims, behind)
  })

  it('works over WebSocket and under a network key as well', async () => {
    const networkKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'5a'.repeat(32)}\n`
    const relay = await stage.party('relay', { servesRelay: true, networkKey, listen: '/ip4/127.0.0.1/tcp/0/ws' })
    const behind = await stage.party('behind', { listen: [], relays: [relay.institution], networkKey })
    const reims = await stage.party('reims', { networkKey })
    await link(relay, behind)
    await link(relay, reims)
    await until(() => relayed(behind).length > 0)
    reims.allow(behind, relayed(behind))
    behind.allow(reims, [])
    await bothLinked(reims, behind)
  })
})

describe('a relay', () => {
  /** A bare host that asks for a place as libp2p does. */
  async function reserve(relay: Party, seed = randomBytes(32)) {
    const host = await stage.rawHost({ nodeKeySeed: seed, listen: [], isMyRelay: () => true })
    const { transportManager } = host.services.inside.inside
    const [address] = relay.network.addresses()
    await transportManager.listen([multiaddr(`${address}/p2p-circuit`)])
    return host.getMultiaddrs()
  }

  it('gives no place to a stranger, and one to a peer', async () => {
    const relay = await stage.party('relay', { servesRelay: true })
    await expect(reserve(relay)).rejects.toThrow()
    const seed = randomBytes(32)
    relay.allow(await createParty('guest', { seed }), [])
    expect(await reserve(relay, seed)).not.toEqual([])
  })

  it('is none unless it is set to be: its peers are not relayed, and it does not say that it could', async () => {
    const plain = await stage.party('plain')
    const seed = randomBytes(32)
    plain.allow(await createParty('guest', { seed }), [])
    await expect(reserve(plain, seed)).rejects.toThrow()
    const behind = await stage.party('behind', { listen: [], relays: [plain.institution] })
    await link(plain, behind)
    expect(relayed(behind)).toEqual([])
  })

  it('holds little of what one peer sends and the other does not take, and loses none of it', async () => {
    const relay = await stage.party('relay', { servesRelay: true })
    const [seedFrom, seedTo] = [randomBytes(32), randomBytes(32)]
    relay.allow(await createParty('from', { seed: seedFrom }), [])
    relay.allow(await createParty('to', { seed: seedTo }), [])
    const addresses = relay.network.addresses().map((address) => multiaddr(address))
    const to = await stage.rawHost({ nodeKeySeed: seedTo, listen: [] })
    const stop = Promise.withResolvers<Stream>()
    await to.handle(RELAY_V2_STOP_CODEC, async (stream) => {
      const frames = lpStream(stream)
      await frames.read()
      // StopMessage { type: STATUS (1), status: OK (100) }, as specs/relay/circuit-v2 has it.
      await frames.write(Uint8Array.of(0x08, 1, 0x20, 100))
      frames.unwrap()
      stream.pause()
      stop.resolve(stream)
    })
    const toRelay = await to.dial(addresses)
    const place = lpStream(await toRelay.newStream(RELAY_V2_HOP_CODEC))
    // HopMessage { type: RESERVE (0) }
    await place.write(Uint8Array.of(0x08, 0))
    await place.read()

    const from = await stage.rawHost({ nodeKeySeed: seedFrom, listen: [] })
    const hop = await (await from.dial(addresses)).newStream(RELAY_V2_HOP_CODEC)
    const id = to.peerId.toMultihash().bytes
    const asking = lpStream(hop)
    // HopMessage { type: CONNECT (1), peer: { id } }
    await asking.write(Uint8Array.of(0x08, 1, 0x12, id.byteLength + 2, 0x0a, id.byteLength, ...id))
    expect([...(await asking.read()).subarray().subarray(-2)]).toEqual([0x28, 100])
    asking.unwrap()

    const sent = 24 * MIB
    for (let index = 0; index < 24; index += 1) hop.send(new Uint8Array(MIB).fill(index))
    const stopped = await stop.promise
    let before = -1
    // Nothing more leaves between two looks: the relay has stopped taking.
    const stands = (): boolean => {
      const now = hop.writeBufferLength
      const same = now === before
      before = now
      return same
    }
    await expect.poll(stands, { interval: 500, timeout: 15_000 }).toBe(true)
    const held = sent - hop.writeBufferLength
    expect(held).toBeGreaterThan(0)
    // The windows of the two connections, what the relay lets wait, and what is under way between them.
    expect(held).toBeLessThan(8 * MIB)

    let arrived = 0
    stopped.addEventListener('message', ({ data }) => {
      arrived += data.byteLength
    })
    stopped.resume()
    await until(() => arrived === sent)
  })

  it('ends a stream that brings more than a request can be', async () => {
    const relay = await stage.party('relay', { servesRelay: true })
    const seed = randomBytes(32)
    relay.allow(await createParty('guest', { seed }), [])
    const host = await stage.rawHost({ nodeKeySeed: seed, listen: [] })
    const connection = await host.dial(relay.network.addresses().map((address) => multiaddr(address)))
    const stream = await connection.newStream(RELAY_V2_HOP_CODEC)
    // A length of 2 MiB, and the beginning of what it announces.
    stream.send(Uint8Array.of(0x80, 0x80, 0x80, 0x01))
    stream.send(new Uint8Array(64 * 1024))
    await until(() => stream.status === 'reset')
    expect(connection.status).toBe('open')
  })

  it('stays behind its gate although a reservation stands: no connection to a peer put off the list', async () => {
    const { relay, behind } = await hidden()
    const seed = randomBytes(32)
    const guest = await createParty('guest', { seed })
    relay.allow(guest, [])
    const host = await stage.rawHost({ nodeKeySeed: seed, listen: [] })
    await host.dial(relay.network.addresses().map((address) => multiaddr(address)))
    const { peerStore } = host
    await until(async () =>
      (await peerStore.get(peerIdFromString(relay.peerId))).protocols.includes(RELAY_V2_HOP_CODEC)
    )
    relay.remove(behind, true)
    const dialling = host.dial(relayed(behind).map((address) => multiaddr(address)))
    await expect(dialling).rejects.toThrow('PERMISSION_DENIED')
  })
})

describe('a peer that is no relay of ours', () => {
  it('cannot bring connections, nor make this node listen through it', async () => {
    const { relay } = await hidden()
    const reims = await stage.party('reims', { relays: [relay.institution] })
    await link(reims, relay)
    await until(() => relayed(reims).length > 0)
    const places = relayed(reims)
    const seed = randomBytes(32)
    reims.allow(await createParty('pushy', { seed }), [])
    const host = await stage.rawHost({ nodeKeySeed: seed, listen: [], servesRelay: true })
    const connection = await host.dial(direct(reims).map((address) => multiaddr(address)))
    const stream = await connection.newStream(RELAY_V2_STOP_CODEC)
    await until(() => stream.status === 'reset')
    expect(connection.status).toBe('open')
    expect(relayed(reims)).toEqual(places)
  })

  it('finds nothing to bring them to at a node that uses no relay', async () => {
    const reims = await stage.party('reims')
    const seed = randomBytes(32)
    reims.allow(await createParty('pushy', { seed }), [])
    const host = await stage.rawHost({ nodeKeySeed: seed, listen: [] })
    const connection = await host.dial(reims.network.addresses().map((address) => multiaddr(address)))
    await expect(connection.newStream([RELAY_V2_STOP_CODEC, RELAY_V2_HOP_CODEC])).rejects.toMatchObject({
      name: 'UnsupportedProtocolError'
    })
  })
})
