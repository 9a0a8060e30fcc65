import { randomBytes } from 'node:crypto'
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2'
import { multiaddr } from '@multiformats/multiaddr'
import type { CircleId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dhtId } from './circle-dht.ts'
import { KAD_PROTOCOL, RECORDS_PROTOCOL, SYNC_PROTOCOL } from './constants.ts'
import { createParty, linked } from './network.fixture.ts'
import { createStage, link, until } from './stage.fixture.ts'

const stage = createStage()
const CIRCLE = '0a'.repeat(32)

/** Bytes as they come, or as one frame behind its true length. */
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ maxLength: 120 }).map((bytes) => Uint8Array.of(bytes.byteLength, ...bytes)),
  // What looks like a message of these protocols: a type, and fields of some length.
  fc
    .tuple(fc.nat(9), fc.array(fc.tuple(fc.nat(12), fc.uint8Array({ maxLength: 20 })), { maxLength: 4 }))
    .map(([type, fields]) => {
      const rest = fields.flatMap(([number, value]) => [(number << 3) | 2, value.byteLength, ...value])
      return Uint8Array.of(rest.length + 2, 0x08, type, ...rest)
    })
)

describe('a member who sends anything at all', () => {
  it.each([
    ['lookups', KAD_PROTOCOL, dhtId(CIRCLE as CircleId)],
    ['lookups of no circle', KAD_PROTOCOL, new Uint8Array()],
    ['records', RECORDS_PROTOCOL, new Uint8Array()],
    ['the relay', RELAY_V2_HOP_CODEC, new Uint8Array()],
    ['the exchange', SYNC_PROTOCOL, new Uint8Array()]
  ])('to %s ends its own stream at most', async (_, protocol, prefix) => {
    const [reims, lorraine] = [await stage.party('reims', { servesRelay: true }), await stage.party('lorraine')]
    await link(reims, lorraine)
    const seed = randomBytes(32)
    const guest = await createParty('guest', { seed })
    reims.share(guest, CIRCLE)
    reims.allow(guest, [])
    const host = await stage.rawHost({ nodeKeySeed: seed, listen: [] })
    const connection = await host.dial(reims.network.addresses().map((address) => multiaddr(address)))
    await until(async () => (await host.peerStore.get(connection.remotePeer)).protocols.includes(protocol))
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (bytes, polite) => {
        const stream = await connection.newStream(protocol)
        if (stream.status === 'open') stream.send(Uint8Array.of(...prefix, ...bytes))
        if (polite) await stream.close().catch(() => undefined)
        else stream.abort(new Error('enough'))
        return connection.status === 'open'
      }),
      { numRuns: 100 }
    )
    expect(linked(reims, lorraine)).toBe(true)
    expect(reims.admitted).toEqual([])
  })
})
