import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { NodeKey } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dialAddress } from './address.ts'
import { nodeKeyOf, peerIdOf } from './node-key.ts'

const { publicKey } = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(1))
const KEY = Buffer.from(publicKey.raw).toString('hex') as NodeKey
const PEER = peerIdOf(KEY).toString()
const OTHER = '12D3KooWAy7mGzo9WQUcBfmYgSXWD5Q3CbymGEsMNKWwXZcBsnjp'

describe('dialAddress', () => {
  it.each([
    '/ip4/192.0.2.7/tcp/4001',
    '/ip6/2001:db8::1/tcp/4001',
    '/dns/tocsin.univ-reims.fr/tcp/4001',
    '/dns4/a.fr/tcp/1',
    '/ip4/192.0.2.7/tcp/4001/ws',
    `/ip4/192.0.2.7/tcp/4001/p2p/${OTHER}/p2p-circuit`,
    `/dns/relay.fr/tcp/443/ws/p2p/${OTHER}/p2p-circuit`
  ])('takes %s and binds it to the key', (text) => {
    expect(dialAddress(text, KEY)?.toString()).toBe(`${text}/p2p/${PEER}`)
    expect(dialAddress(`${text}/p2p/${PEER}`, KEY)?.toString()).toBe(`${text}/p2p/${PEER}`)
  })

  it.each([
    '/unix/var%2Frun%2Fdocker.sock',
    '/dnsaddr/bootstrap.example.org',
    `/ip4/192.0.2.7/tcp/4001/p2p/${PEER}/p2p-circuit/p2p/${OTHER}`,
    '/ip4/192.0.2.7/tcp/4001/p2p-circuit',
    `/ip4/192.0.2.7/tcp/4001/p2p/${OTHER}/p2p-circuit/p2p/${OTHER}/p2p-circuit`,
    '/ip4/192.0.2.7/tcp/4001/ws/ws',
    '/dns/a.fr/tcp/443/tls/ws',
    '/ip4/192.0.2.7/udp/4001/quic-v1',
    '/ip4/192.0.2.7',
    `/p2p/${PEER}`,
    `/ip4/192.0.2.7/tcp/4001/p2p/${OTHER}`,
    'https://example.org',
    ''
  ])('refuses %s', (text) => {
    expect(dialAddress(text, KEY)).toBeUndefined()
  })

  it('never throws, whatever a card says', () => {
    const parts = fc.constantFrom(
      'ip4',
      'ip6',
      'dns',
      'tcp',
      'unix',
      'p2p',
      '192.0.2.1',
      '65536',
      '',
      '%2F',
      'ws',
      'p2p-circuit',
      PEER
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(parts).map((list) => `/${list.join('/')}`)
    )
    fc.assert(
      fc.property(text, (address) =>
        [undefined, 'object'].includes(typeof dialAddress(address, KEY) === 'object' ? 'object' : undefined)
      )
    )
  })
})

describe('node keys', () => {
  it('are the PeerId and come back from it', () => {
    expect(nodeKeyOf(peerIdOf(KEY))).toBe(KEY)
  })

  it('of 32 bytes in hex only', () => {
    expect(() => peerIdOf('00' as NodeKey)).toThrow()
  })
})
