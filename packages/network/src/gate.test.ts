import { randomBytes } from 'node:crypto'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { MultiaddrConnection } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { InstitutionId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { MAX_CONNECTIONS_PER_PEER } from './constants.ts'
import { createGate } from './gate.ts'
import { nodeKeyOf } from './node-key.ts'

const peer = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', randomBytes(32)))
const noRelay = { servesRelay: false, relays: new Set<InstitutionId>() }
const unused = {} as MultiaddrConnection

function answers(institutionOf: () => unknown, connections = 0): unknown[] {
  const { gater } = createGate({
    institutionOf: institutionOf as () => InstitutionId | undefined,
    connectionsOf: () => connections,
    ...noRelay
  })
  return [
    gater.denyDialPeer?.(peer),
    gater.denyOutboundConnection?.(peer, unused),
    gater.denyOutboundEncryptedConnection?.(peer, unused),
    gater.denyOutboundUpgradedConnection?.(peer, unused),
    gater.denyInboundEncryptedConnection?.(peer, unused),
    gater.denyInboundUpgradedConnection?.(peer, unused)
  ]
}

describe('gate', () => {
  it('lets an institution of the list through in both directions', () => {
    expect(answers(() => 'did:key:z6MkReims')).toEqual(Array(6).fill(false))
  })

  it.each([
    ['nobody', () => undefined],
    ['null', () => null],
    ['an empty name', () => ''],
    ['true', () => true],
    ['a number', () => 1],
    ['a promise of somebody', () => Promise.resolve('did:key:z6MkReims')],
    [
      'a list that throws',
      () => {
        throw new Error('store closed')
      }
    ]
  ])('denies with exactly true when the list answers with %s', (_, institutionOf) => {
    expect(answers(institutionOf)).toEqual(Array(6).fill(true))
  })

  it('denies a PeerId that is no Ed25519 key, whatever the list says', async () => {
    const gate = createGate({ institutionOf: () => 'did:key:any' as InstitutionId, connectionsOf: () => 0, ...noRelay })
    const other = peerIdFromPrivateKey(await generateKeyPair('secp256k1'))
    expect(gate.gater.denyInboundEncryptedConnection?.(other, unused)).toBe(true)
    expect(gate.admits(other)).toBeUndefined()
  })

  it('denies one more connection of a peer that holds many', () => {
    const denied = answers(() => 'did:key:z6MkReims', MAX_CONNECTIONS_PER_PEER)
    expect(denied).toEqual([false, false, false, false, true, false])
  })

  it('dials and remembers plain TCP addresses of admitted peers alone', () => {
    const { gater } = createGate({
      institutionOf: () => 'did:key:z6MkReims' as InstitutionId,
      connectionsOf: () => 0,
      ...noRelay
    })
    const closed = createGate({ institutionOf: () => undefined, connectionsOf: () => 0, ...noRelay }).gater
    const plain = multiaddr('/ip4/127.0.0.1/tcp/4001')
    const odd = multiaddr('/dnsaddr/example.org')
    expect(gater.denyDialMultiaddr?.(plain)).toBe(false)
    expect(gater.denyDialMultiaddr?.(odd)).toBe(true)
    expect(gater.filterMultiaddrForPeer?.(peer, plain)).toBe(true)
    expect(gater.filterMultiaddrForPeer?.(peer, odd)).toBe(false)
    expect(closed.filterMultiaddrForPeer?.(peer, plain)).toBe(false)
  })

  it('relays between peers alone and only if it is set to, and is reached through its own relays alone', async () => {
    const other = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', randomBytes(32)))
    const relay = 'did:key:z6MkRelay' as InstitutionId
    const key = nodeKeyOf(peer)
    const answersOf = (servesRelay: boolean, relays: readonly InstitutionId[]): unknown[] => {
      const { gater } = createGate({
        institutionOf: (nodeKey) => (nodeKey === key ? relay : undefined),
        connectionsOf: () => 0,
        servesRelay,
        relays: new Set(relays)
      })
      return [
        gater.denyInboundRelayReservation?.(peer),
        gater.denyInboundRelayReservation?.(other),
        gater.denyOutboundRelayedConnection?.(peer, peer),
        gater.denyOutboundRelayedConnection?.(peer, other),
        gater.denyOutboundRelayedConnection?.(other, peer),
        gater.denyInboundRelayedConnection?.(peer, peer),
        gater.denyInboundRelayedConnection?.(peer, other),
        gater.denyInboundRelayedConnection?.(other, peer)
      ]
    }
    expect(answersOf(false, [])).toEqual(Array(8).fill(true))
    expect(answersOf(true, [])).toEqual([false, true, false, true, true, true, true, true])
    expect(answersOf(false, [relay])).toEqual([true, true, true, true, true, false, true, true])
  })

  it('dials through a relay only if that relay is a peer', async () => {
    const other = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', randomBytes(32)))
    const key = nodeKeyOf(peer)
    const { gater } = createGate({
      institutionOf: (nodeKey) => (nodeKey === key ? ('did:key:z6MkRelay' as InstitutionId) : undefined),
      connectionsOf: () => 0,
      ...noRelay
    })
    const through = (relay: string, end: string): unknown =>
      gater.denyDialMultiaddr?.(multiaddr(`/ip4/192.0.2.7/tcp/4001/p2p/${relay}/p2p-circuit/p2p/${end}`))
    expect(through(`${peer}`, `${peer}`)).toBe(false)
    expect(through(`${other}`, `${peer}`)).toBe(true)
    expect(through(`${peer}`, `${other}`)).toBe(true)
  })
})
