import { randomBytes } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { NodeKey } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { MAX_RECORD, RECORDS_BUDGET, RECORDS_PROTOCOL } from './constants.ts'
import { connect } from './dial.ts'
import type { Host } from './host.ts'
import { createParty, linked, type Party } from './network.fixture.ts'
import type { RecordShelf } from './ports.ts'
import { bothLinked, createStage, link, mesh, shareBoth, until } from './stage.fixture.ts'

const stage = createStage()
const X = '0a'.repeat(32)
const Y = '0b'.repeat(32)
const NOWHERE = '/ip4/127.0.0.1/tcp/1'

/** A host that dials and is not dialled: it speaks no sync, so a peer that reached it would hang up. */
const guestHost = (nodeKeySeed: Uint8Array): Promise<Host> => stage.rawHost({ nodeKeySeed, listen: [] })

/** A signed record of a key, as libp2p seals them. */
async function sealed(seed: Uint8Array, address: string, seqNumber = BigInt(Date.now())): Promise<Uint8Array> {
  const key = await generateKeyPairFromSeed('Ed25519', seed)
  const record = new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs: [multiaddr(address)], seqNumber })
  return (await RecordEnvelope.seal(record, key)).marshal()
}

async function handOver(host: Host, to: Party, frames: readonly Uint8Array[]): Promise<void> {
  const connection = await host.dial(to.network.addresses().map((address) => multiaddr(address)))
  const stream = await connection.newStream(RECORDS_PROTOCOL)
  const lp = lpStream(stream)
  for (const frame of frames) {
    // The receiver may have ended the stream already: that is what some of these tests wait for.
    if (stream.status === 'open') await lp.write(frame).catch(() => undefined)
  }
  await stream.close().catch(() => undefined)
}

/** Everything that comes over the records protocol at a bare host, by who it is about. */
async function listen(host: Host): Promise<Map<string, Uint8Array>> {
  const heard = new Map<string, Uint8Array>()
  await host.handle(RECORDS_PROTOCOL, async (stream) => {
    const frames = lpStream(stream)
    try {
      for (;;) {
        const bytes = (await frames.read()).subarray()
        const { payload } = RecordEnvelope.createFromProtobuf(bytes)
        heard.set(PeerRecord.createFromProtobuf(payload).peerId.toString(), bytes)
      }
    } catch {
      // The neighbour is through.
    }
  })
  return heard
}

describe('signed peer records', () => {
  it('bring peers together again that moved both, without help: A and B, by way of C', async () => {
    const [seedA, seedB] = [randomBytes(32), randomBytes(32)]
    const first = [await stage.party('a', { seed: seedA }), await stage.party('b', { seed: seedB })] as const
    const c = await stage.party('c')
    await mesh([...first, c], X)
    const cards = new Map([...first, c].map((party) => [party.institution, party.network.addresses()]))
    await Promise.all(first.map((party) => party.stop()))

    // Both come back elsewhere and know of the others what the cards said before.
    const [a, b] = [await stage.party('a', { seed: seedA }), await stage.party('b', { seed: seedB })]
    for (const [one, other] of [
      [a, b],
      [b, a],
      [a, c],
      [b, c]
    ] as const) {
      one.share(other, X)
      one.allow(other, cards.get(other.institution))
    }
    await Promise.all([bothLinked(a, c), bothLinked(b, c), bothLinked(a, b)])
    const [seen] = a.network.status().filter(({ institution }) => institution === b.institution)
    expect(cards.get(b.institution)).not.toContain(seen?.address)
  })

  it('are handed to a neighbour about members of one circle with both, and about nobody else', async () => {
    const hub = await stage.party('hub')
    const [inX, inY, outside] = [await stage.party('in-x'), await stage.party('in-y'), await stage.party('outside')]
    await mesh([hub, inX], X)
    await mesh([hub, inY], Y)
    await mesh([hub, outside])
    const seed = randomBytes(32)
    const guest = await createParty('guest', { seed })
    hub.share(guest, X)
    hub.allow(guest, [])
    const host = await guestHost(seed)
    const heard = await listen(host)
    await host.dial(hub.network.addresses().map((address) => multiaddr(address)))
    await until(() => heard.has(hub.peerId) && heard.has(inX.peerId))
    // The roster grows while it is linked: it hears of one more, and still not of him with whom it shares nothing.
    hub.share(guest, X, Y)
    await until(() => heard.has(inY.peerId))
    expect([...heard.keys()].toSorted()).toEqual([hub.peerId, inX.peerId, inY.peerId].toSorted())
  })

  it('stop with the roster: one put out hears of no move after that', async () => {
    const seedX = randomBytes(32)
    const hub = await stage.party('hub')
    const before = await stage.party('mover', { seed: seedX })
    const stays = await stage.party('stays')
    await mesh([hub, before, stays], X)
    const seed = randomBytes(32)
    const out = await createParty('out', { seed })
    hub.share(out, X)
    hub.allow(out, [])
    const host = await guestHost(seed)
    const heard = await listen(host)
    await host.dial(hub.network.addresses().map((address) => multiaddr(address)))
    await until(() => heard.has(before.peerId))
    hub.share(out)
    heard.clear()
    await before.stop()
    const after = await stage.party('mover', { seed: seedX })
    shareBoth(after, hub, X)
    after.allow(hub)
    // Who stays is told, by the same hub and the same hand-over: then whoever would be told has been.
    shareBoth(after, stays, X)
    after.allow(stays, [NOWHERE])
    await until(() => linked(stays, after))
    expect([...heard.keys()]).toEqual([])
  })

  it('are not believed if tampered, foreign, stale or of the future, and the link lives on', async () => {
    const [reims, seedC] = [await stage.party('reims'), randomBytes(32)]
    const c = await createParty('c', { seed: seedC })
    const seed = randomBytes(32)
    const neighbour = await createParty('neighbour', { seed })
    reims.allow(neighbour, [])
    reims.allow(c, [NOWHERE])
    const host = await guestHost(seed)
    const now = BigInt(Date.now())
    const good = await sealed(seedC, '/ip4/127.0.0.1/tcp/2', now)
    const tampered = Uint8Array.from(good, (byte, index) => (index === good.byteLength - 70 ? byte ^ 1 : byte))
    const stranger = await sealed(randomBytes(32), '/ip4/127.0.0.1/tcp/3')
    const [stale, future] = [await sealed(seedC, NOWHERE, now - 1n), await sealed(seedC, NOWHERE, now + 86_400_000n)]

    await handOver(host, reims, [good])
    await handOver(host, reims, [stranger, stale, future])
    await handOver(host, reims, [tampered])
    await until(() => reims.network.counts().get('bad-record') === 1)
    await handOver(host, reims, [randomBytes(200)])
    await until(() => reims.network.counts().get('bad-record') === 2)
    await handOver(host, reims, [new Uint8Array(MAX_RECORD + 1)])
    await until(() => reims.network.counts().get('frame-too-long') === 1)
    expect(host.getConnections(peerIdFromString(reims.peerId))[0]?.status).toBe('open')

    // What reims believes is what it hands on: to a peer that shares a circle with both.
    const seedD = randomBytes(32)
    const d = await createParty('d', { seed: seedD })
    const listener = await guestHost(seedD)
    const heard = await listen(listener)
    reims.share(c, X)
    reims.share(d, X)
    reims.allow(d, [])
    await listener.dial(reims.network.addresses().map((address) => multiaddr(address)))
    await until(() => heard.has(c.peerId))
    expect(Buffer.from(heard.get(c.peerId) ?? [])).toEqual(Buffer.from(good))
  })

  it('are taken at a bounded rate from one neighbour', async () => {
    const reims = await stage.party('reims')
    const seed = randomBytes(32)
    const neighbour = await createParty('neighbour', { seed })
    reims.allow(neighbour, [])
    const host = await guestHost(seed)
    const frame = await sealed(randomBytes(32), NOWHERE)
    // Two in each hand-over less than the most: the budget ends first.
    for (let sent = 0; sent <= RECORDS_BUDGET + 64; sent += 200) {
      await handOver(
        host,
        reims,
        Array.from({ length: 200 }, () => frame)
      )
    }
    await until(() => (reims.network.counts().get('records-flood') ?? 0) > 0)
  })

  it('of a peer that is no longer on the list are not taken', async () => {
    const [reims, lorraine] = [await stage.party('reims'), await stage.party('lorraine')]
    await link(reims, lorraine)
    const seed = randomBytes(32)
    const former = await createParty('former', { seed })
    reims.allow(former, [])
    const host = await guestHost(seed)
    const connection = await host.dial(reims.network.addresses().map((address) => multiaddr(address)))
    const { peerStore } = host
    await until(async () => (await peerStore.get(connection.remotePeer)).protocols.includes(RECORDS_PROTOCOL))
    reims.remove(former, true)
    // Refused as it opens or right after, whichever the two sides see first.
    const stream = await connection.newStream(RECORDS_PROTOCOL).catch(() => undefined)
    await until(() => stream === undefined || stream.status === 'reset')
    expect(connection.status).toBe('open')
    expect(linked(reims, lorraine)).toBe(true)
  })
})

describe('the records of peers on the shelf', () => {
  /** A shelf as a store keeps it: what it gives back are copies. */
  function createShelf(): RecordShelf & { readonly rows: Map<string, Uint8Array> } {
    const rows = new Map<string, Uint8Array>()
    return {
      rows,
      load: async () => [...rows.values()].map((row) => Uint8Array.from(row)),
      keep: async (nodeKey, record) => void rows.set(nodeKey, Uint8Array.from(record)),
      forget: async (nodeKey) => void rows.delete(nodeKey)
    }
  }

  it('bring two together that moved one after the other and have no neighbour in common', async () => {
    const [seedA, seedB, shelf] = [randomBytes(32), randomBytes(32), createShelf()]
    const [a, b] = [await stage.party('a', { seed: seedA, shelf }), await stage.party('b', { seed: seedB })]
    const cards = [a, b].map((party) => party.network.addresses())
    await link(a, b)
    await b.stop()
    const movedB = await stage.party('b', { seed: seedB })
    movedB.allow(a, cards[0])
    await bothLinked(a, movedB)
    const [now = ''] = movedB.network.addresses().map((text) => text.replace(/\/p2p\/.*/, ''))
    await until(() =>
      Buffer.from(shelf.rows.get(b.nodeKeys[0] ?? '') ?? []).includes(Buffer.from(multiaddr(now).bytes))
    )
    await a.stop()
    // A is elsewhere, too, when it comes back; B, which stays up, knows A's old address, and A's card of B is stale.
    const movedA = await createParty('a', { seed: seedA, shelf })
    movedA.allow(b, cards[1])
    await movedA.network.start()
    await bothLinked(movedA, movedB)
    expect(movedA.network.status()[0]?.direction).toBe('outbound')
    await movedA.stop()
  })

  it('are verified when they come back, and a spoilt one spoils nothing else', async () => {
    const [seed, shelf] = [randomBytes(32), createShelf()]
    const target = await stage.party('target', { seed })
    const [address = ''] = target.network.addresses().map((text) => text.replace(/\/p2p\/.*/, ''))
    const good = await sealed(seed, address)
    shelf.rows.set('spoilt', randomBytes(100))
    shelf.rows.set(
      'forged',
      Uint8Array.from(good, (byte, index) => (index === good.byteLength - 1 ? byte ^ 1 : byte))
    )
    shelf.rows.set(target.nodeKeys[0] ?? '', good)
    const reims = await createParty('reims', { shelf })
    reims.allow(target, [NOWHERE])
    target.allow(reims, [])
    await reims.network.start()
    await bothLinked(reims, target)
    await reims.stop()
  })

  it('go with the peer from the list, and are written once for one address', async () => {
    const [shelf, seed] = [createShelf(), randomBytes(32)]
    const writes: string[] = []
    const reims = await stage.party('reims', {
      shelf: {
        ...shelf,
        keep(key, record) {
          writes.push(key)
          return shelf.keep(key, record)
        }
      }
    })
    const first = await stage.party('lorraine', { seed })
    const listen = first.network.addresses()[0]?.replace(/\/p2p\/.*/, '') ?? ''
    await link(reims, first)
    await until(() => shelf.rows.size === 1)
    await first.stop()
    await until(() => !linked(reims, first))
    const again = await stage.party('lorraine', { seed, listen })
    again.allow(reims)
    await bothLinked(reims, again)
    expect(writes).toEqual([again.nodeKeys[0]])
    reims.remove(again)
    await until(() => shelf.rows.size === 0)
  })
})

describe('a dial', () => {
  it('tries the newest record first, then the card, then what the members of a circle say', async () => {
    const host = await stage.rawHost()
    const target = await stage.rawHost()
    const key = Buffer.from(target.peerId.publicKey?.raw ?? []).toString('hex') as NodeKey
    const peer = { institution: 'did:key:target' as never, nodeKeys: [key], addresses: [NOWHERE] }
    const asked: string[] = []
    const find = async () => {
      asked.push('circle')
      return target.getMultiaddrs()
    }
    const connection = await connect({ host, find }, peer, key, AbortSignal.timeout(10_000))
    expect(connection.remotePeer.equals(target.peerId)).toBe(true)
    expect(asked).toEqual(['circle'])

    // Now its record is known from identify: nobody needs to be asked.
    await until(async () => (await host.peerStore.get(target.peerId)).peerRecordEnvelope !== undefined)
    await connection.close()
    await until(() => host.getConnections(target.peerId).length === 0)
    await connect({ host, find }, peer, key, AbortSignal.timeout(10_000))
    expect(asked).toEqual(['circle'])
  })

  it('says that there is no address where nobody knows one', async () => {
    const host = await stage.rawHost()
    const party = await createParty('unknown')
    const [key] = party.nodeKeys
    const peer = { institution: party.institution, nodeKeys: party.nodeKeys, addresses: ['/unix/socket'] }
    const dialling = connect({ host, find: async () => [] }, peer, key as NodeKey, AbortSignal.timeout(5_000))
    await expect(dialling).rejects.toMatchObject({ code: 'no-address' })
  })
})
