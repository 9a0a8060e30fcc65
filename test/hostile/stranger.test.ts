/** Who is not on the allow-list, and who lies about whose node he is. */
import { randomBytes } from 'node:crypto'
import {
  cardText,
  concatBytes,
  nodeKey,
  openRegister,
  parseCardText,
  prepareRegister,
  signingKey,
  utf8
} from '@tocsin/journal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { introduce } from '../harness/introduce.ts'
import { arrives, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'
import { createVillain, type Villain, type VillainOptions } from './villain.ts'

interface Peer {
  readonly id: string
  readonly connected: boolean
}

describe('strangers and false cards', () => {
  let federation: Federation
  let victim: Institution
  let neighbour: Institution
  const villains: Villain[] = []

  beforeAll(async () => {
    federation = await createFederation()
    ;[victim, neighbour] = await Promise.all([
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Reims', 'univ-reims.fr')
    ])
    await federation.link(victim, neighbour)
    await federation.circle('esr-fr', 2, [victim, neighbour])
  })

  afterAll(async () => {
    await Promise.all(villains.map((one) => one.stop()))
    await federation?.end()
  })

  async function villain(name: string, options: VillainOptions = {}): Promise<Villain> {
    const made = await createVillain(name, `${name.toLowerCase()}.example`, options)
    villains.push(made)
    return made
  }

  async function connected(): Promise<readonly string[]> {
    const { items } = await victim.call<{ items: readonly Peer[] }>('GET', '/v1/peers')
    return items.filter((peer) => peer.connected).map(({ id }) => id)
  }

  it('a stranger gets no stream and is told of no protocol', async () => {
    const stranger = await villain('Stranger')
    await expect(stranger.connect(victim)).rejects.toThrow()
    expect(await stranger.protocolsOf(victim)).toEqual([])
    // The same host sees them once it is a peer, so the empty list above was not for want of asking.
    await introduce(victim, stranger.card)
    const wire = await stranger.greet(victim)
    await until('identify has told', async () => (await stranger.protocolsOf(victim)).some((name) => /sync/.test(name)))
    wire.close()
  })

  it('a host of another network cannot even shake hands, whatever its key', async () => {
    const keySeed = new Uint8Array(randomBytes(32))
    const foreign = await villain('Foreign', { keySeed, prologue: 'another/1' })
    await introduce(victim, foreign.card)
    await expect(foreign.connect(victim)).rejects.toThrow()
  })

  it('who is taken off the list loses the open session at once', async () => {
    const former = await villain('Former')
    await introduce(victim, former.card)
    const wire = await former.greet(victim)
    await until('the session is linked', async () => (await connected()).includes(former.institution))
    await victim.call('DELETE', `/v1/peers/${former.institution}`)
    await wire.ended()
    await expect(former.connect(victim)).rejects.toThrow()
  })

  it('a node key that two root keys claim opens no door, and freezes neither institution’s circle', async () => {
    const keySeed = new Uint8Array(randomBytes(32))
    const first = await villain('First', { keySeed })
    await introduce(victim, first.card)
    const wire = await first.greet(victim)
    await until('the first is linked', async () => (await connected()).includes(first.institution))
    const second = await villain('Second', { keySeed })
    await introduce(victim, second.card)
    await wire.ended()
    for (const one of [first, second]) await expect(one.connect(victim)).rejects.toThrow()
    expect(await connected()).not.toContain(first.institution)
    await arrives(neighbour, await publish(victim, { tlp: 'AMBER', title: 'not touched by it' }))
  })

  it('a card that claims a neighbour’s node key without its consent is refused', async () => {
    const real = openRegister(parseCardText(neighbour.card)).register
    if (real.kind !== 'card') throw new Error('no card')
    const next = nodeKey(signingKey(new Uint8Array(randomBytes(32))).publicKey)
    const liar = await villain('Liar')
    const own = openRegister(parseCardText(liar.card)).register
    if (own.kind !== 'card') throw new Error('no card')
    const unsigned = prepareRegister({
      kind: 'card',
      author: liar.institution,
      number: Date.now(),
      // The neighbour's key with the proof that it gave to its own root key.
      value: { ...own.value, nodeKeys: real.value.nodeKeys, next }
    })
    const signature = liar.root.sign(concatBytes(utf8('tocsin/register/1\0'), unsigned))
    const card = cardText(concatBytes(unsigned, signature))
    const number = '0'.repeat(27)
    await expect(victim.call('POST', '/v1/peers', { card, number })).rejects.toMatchObject({ code: 'card-proof' })
    expect(await connected()).toContain(neighbour.id)
  })
})
