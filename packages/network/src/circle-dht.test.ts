import { randomBytes } from 'node:crypto'
import { type PeerId, type Stream, start, stop } from '@libp2p/interface'
import { kadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { byteStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { CircleId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { dhtId } from './circle-dht.ts'
import { createCircleDhts } from './circle-dhts.ts'
import { systemClock } from './clock.ts'
import { KAD_BUDGET, KAD_PROTOCOL, SYNC_PROTOCOL } from './constants.ts'
import type { Host } from './host.ts'
import { createParty, type Party } from './network.fixture.ts'
import { silent } from './session.fixture.ts'
import { bothLinked, createStage, mesh, shareBoth, until } from './stage.fixture.ts'

const stage = createStage()
const X = '0a'.repeat(32)
const Y = '0b'.repeat(32)

/** A host that speaks for a party of the list, with lookups of its own in the circles that it says it is in. */
async function asker(party: Party, seed: Uint8Array, ...circles: readonly string[]) {
  // Not to be dialled: it speaks no sync, so a peer that reached it would hang up.
  const host = await stage.rawHost({ nodeKeySeed: seed, listen: [] })
  const dhts = createCircleDhts({
    host,
    inside: host.services.inside.inside,
    circles: { own: () => circles as readonly CircleId[], sharedWith: () => circles as readonly CircleId[] },
    admits: () => party.institution,
    clock: systemClock,
    log: silent
  })
  await dhts.start()
  dhts.apply()
  return {
    host,
    async dial(to: Party) {
      await host.dial(to.network.addresses().map((address) => multiaddr(address)))
      await until(async () => (await host.peerStore.get(peerIdFromString(to.peerId))).protocols.includes(KAD_PROTOCOL))
    },
    find: async (about: Party) =>
      (await dhts.find(party.institution, peerIdFromString(about.peerId), AbortSignal.timeout(5_000))).map(String)
  }
}

/** Message { type: FIND_NODE (4), key } behind its length, as specs/kad-dht has it. */
function findNode(about: PeerId): Uint8Array {
  const key = about.toMultihash().bytes
  const message = Uint8Array.of(0x08, 4, 0x12, key.byteLength, ...key)
  return Uint8Array.of(message.byteLength, ...message)
}

/** What comes back on a stream that names a circle and asks for a peer as kad-dht does. */
async function probe(host: Host, to: Party, circle: string, about: PeerId): Promise<{ bytes: number; status: string }> {
  const [connection] = host.getConnections(peerIdFromString(to.peerId))
  const stream = (await connection?.newStream(KAD_PROTOCOL)) as Stream
  // One that is refused as it opens is reset already.
  if (stream.status === 'open') {
    stream.send(dhtId(circle as CircleId))
    stream.send(findNode(about))
  }
  let bytes = 0
  stream.addEventListener('message', ({ data }) => {
    bytes += data.byteLength
  })
  await until(() => bytes > 0 || stream.status !== 'open')
  const { status } = stream
  stream.abort(new Error('asked'))
  return { bytes, status }
}

/** B is linked with C in circle Y; the seeds of D, who is B's peer, are the test's. */
async function scene(circlesOfD: readonly string[]) {
  const [b, c] = [await stage.party('b'), await stage.party('c')]
  await mesh([b, c], Y)
  const seed = randomBytes(32)
  const d = await createParty('d', { seed })
  b.share(d, ...circlesOfD)
  b.allow(d, [])
  return { b, c, d, seed }
}

describe('the DHT of a circle', () => {
  it('tells a member where another member is', async () => {
    const { b, c, d, seed } = await scene([Y])
    const asking = await asker(d, seed, Y)
    await asking.dial(b)
    await until(async () => (await asking.find(c)).length > 0)
    const found = await asking.find(c)
    expect(found.map((address) => address.replace(/\/p2p\/.*/, ''))).toContain(
      c.network.addresses()[0]?.replace(/\/p2p\/.*/, '')
    )
  })

  it('links two members of which one moved, by what a third one knows and does not hand on', async () => {
    const [a, c] = [await stage.party('a'), await stage.party('c')]
    const seed = randomBytes(32)
    const b = await createParty('b', { seed })
    const knowing = await asker(b, seed, Y)
    await knowing.host.handle(SYNC_PROTOCOL, () => undefined)
    await knowing.host.peerStore.merge(peerIdFromString(c.peerId), {
      multiaddrs: c.network.addresses().map((address) => multiaddr(address))
    })
    for (const other of [b, c]) a.share(other, Y)
    a.allow(b, [])
    c.allow(a, [])
    await knowing.dial(a)
    a.allow(c, ['/ip4/127.0.0.1/tcp/1'])
    await bothLinked(a, c)
    expect(a.network.status().find(({ institution }) => institution === c.institution)).toMatchObject({
      direction: 'outbound'
    })
  })

  it('is needed: kad-dht as it comes tells anybody who asks', async () => {
    const [b, c, d] = [await stage.rawHost(), await stage.rawHost(), await stage.rawHost()]
    const plain = kadDHT({ protocol: '/plain', clientMode: false, peerInfoMapper: (peer) => peer })
    const dht = plain(b.services.inside.inside)
    await start(dht)
    await b.peerStore.merge(c.peerId, { multiaddrs: c.getMultiaddrs() })
    const connection = await d.dial(b.getMultiaddrs())
    const bytes = byteStream(await connection.newStream('/plain'))
    await bytes.write(findNode(c.peerId))
    const answer = Buffer.from((await bytes.read({ signal: AbortSignal.timeout(5_000) }))?.subarray() ?? [])
    await stop(dht)
    const [address] = c.getMultiaddrs().map((one) => one.decapsulate('/p2p').bytes)
    expect(answer.includes(Buffer.from(address ?? []))).toBe(true)
  })

  it('tells a peer of no shared circle nothing, and ends the stream as for a circle that does not exist', async () => {
    const { b, c, d, seed } = await scene([X])
    const asking = await asker(d, seed, X, Y)
    await asking.dial(b)
    const about = peerIdFromString(c.peerId)
    // D knows the id of the circle of B and C and asks under it, under its own, and under one that nobody has.
    const outcomes = [await probe(asking.host, b, Y, about), await probe(asking.host, b, '0c'.repeat(32), about)]
    expect(outcomes).toEqual([
      { bytes: 0, status: 'reset' },
      { bytes: 0, status: 'reset' }
    ])
    expect(await asking.find(c)).toEqual([])
    const known = await asking.host.peerStore.has(about)
    expect(known).toBe(false)
  })

  it('answers in the circle that both share about its members alone', async () => {
    const { b, c, d, seed } = await scene([X])
    const e = await stage.party('e')
    await mesh([b, e], X)
    const asking = await asker(d, seed, X)
    await asking.dial(b)
    await until(async () => (await asking.find(e)).length > 0)
    expect(await asking.find(c)).toEqual([])
    const { bytes } = await probe(asking.host, b, X, peerIdFromString(c.peerId))
    // An answer, and the same one (E is a member and is named) as about somebody of whom B never heard.
    expect(bytes).toBeGreaterThan(0)
    const { bytes: nobody } = await probe(asking.host, b, X, (await stage.rawHost()).peerId)
    expect(bytes).toBe(nobody)
  })

  it('follows the roster at once, over the open connection: in, and out again', async () => {
    const { b, c, d, seed } = await scene([])
    const asking = await asker(d, seed, Y)
    await asking.dial(b)
    expect(await asking.find(c)).toEqual([])
    b.share(d, Y)
    await until(async () => (await asking.find(c)).length > 0)
    // The roster alone changes; the network has not been told yet.
    b.share(d)
    expect(await asking.find(c)).toEqual([])
    expect((await probe(asking.host, b, Y, peerIdFromString(c.peerId))).bytes).toBe(0)
  })

  it('is cut under a member that is put out while it has a stream open', async () => {
    const { b, d, seed } = await scene([Y])
    const asking = await asker(d, seed, Y)
    await asking.dial(b)
    const [connection] = asking.host.getConnections(peerIdFromString(b.peerId))
    const stream = (await connection?.newStream(KAD_PROTOCOL)) as Stream
    stream.send(dhtId(Y as CircleId))
    stream.send(Uint8Array.of(2, 0x08, 5))
    let heard = false
    stream.addEventListener('message', () => {
      heard = true
    })
    await until(() => heard)
    b.share(d)
    await until(() => stream.status === 'reset')
    expect(connection?.status).toBe('open')
  })

  it('keeps nothing that members would store, and takes no long question', async () => {
    const { b, d, seed } = await scene([Y])
    const asking = await asker(d, seed, Y)
    await asking.dial(b)
    const [connection] = asking.host.getConnections(peerIdFromString(b.peerId))
    const long = (await connection?.newStream(KAD_PROTOCOL)) as Stream
    long.send(dhtId(Y as CircleId))
    long.send(new Uint8Array(64 * 1024).fill(0x80))
    await until(() => long.status === 'reset')
    // ADD_PROVIDER (2) for D's own id: a multihash as key, and D as provider at an address.
    const key = peerIdFromString(d.peerId).toMultihash().bytes
    const cid = Uint8Array.of(0x01, 0x72, ...key)
    const address = multiaddr('/ip4/192.0.2.1/tcp/1').bytes
    const provider = Uint8Array.of(0x0a, key.byteLength, ...key, 0x12, address.byteLength, ...address)
    const message = Uint8Array.of(0x08, 2, 0x12, cid.byteLength, ...cid, 0x4a, provider.byteLength, ...provider)
    const store = (await connection?.newStream(KAD_PROTOCOL)) as Stream
    store.send(dhtId(Y as CircleId))
    store.send(Uint8Array.of(message.byteLength, ...message))
    await until(() => store.status === 'reset')
  })

  it('answers one member only so often', async () => {
    const { b, c, d, seed } = await scene([Y])
    const asking = await asker(d, seed, Y)
    await asking.dial(b)
    const about = peerIdFromString(c.peerId)
    let answered = 0
    while ((await probe(asking.host, b, Y, about)).bytes > 0) answered += 1
    expect(answered).toBeGreaterThanOrEqual(KAD_BUDGET)
    expect(answered).toBeLessThan(KAD_BUDGET * 2)
  })

  it('asks a member that has no address, for it may know somebody who has', async () => {
    const [a, c] = [await stage.party('a', { listen: [] }), await stage.party('c')]
    const seed = randomBytes(32)
    await mesh([a, c], Y)
    const d = await createParty('d', { seed })
    // D is reached by A, which listens nowhere: its own host, on whose list A stands.
    a.share(d, Y)
    const asking = await asker(d, seed, Y)
    await asking.host.handle(SYNC_PROTOCOL, () => undefined)
    const { transportManager } = asking.host.services.inside.inside
    await transportManager.listen([multiaddr('/ip4/127.0.0.1/tcp/0')])
    a.allow(d, asking.host.getMultiaddrs().map(String))
    await until(async () => (await asking.find(c)).length > 0)
  })

  it('ends with the circle', async () => {
    const { b, c, d, seed } = await scene([Y])
    const asking = await asker(d, seed, Y)
    await asking.dial(b)
    await until(async () => (await asking.find(c)).length > 0)
    shareBoth(b, c)
    b.share(d)
    expect(await asking.find(c)).toEqual([])
  })
})

describe('the name of a DHT', () => {
  it('is 32 bytes that hold neither the circle’s id nor a part of it, and differ by circle', () => {
    const id = Buffer.from(dhtId(X as CircleId))
    expect(id).toHaveLength(32)
    expect(id.toString('hex')).not.toContain(X.slice(0, 8))
    expect(id).not.toEqual(Buffer.from(dhtId(Y as CircleId)))
  })
})
