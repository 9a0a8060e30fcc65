/** Real processes that move, hide behind a relay, or share a network key: the others find them without anybody's help. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, holds, publish } from '../harness/line.ts'
import { freePort, tocsin, until } from '../harness/process.ts'

interface Peer {
  readonly id: string
  readonly connected: boolean
}

describe('nodes that are not where their cards say', () => {
  let federation: Federation

  beforeEach(async () => {
    federation = await createFederation()
  })

  afterEach(() => federation.end())

  /** Puts settings under `[network]`, in place of those of the same name. */
  async function setNetwork(one: Institution, settings: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(one.home, 'config.toml')
    let text = await readFile(path, 'utf8')
    for (const [name, value] of Object.entries(settings)) {
      text = text.replace(new RegExp(`^${name} = .*\n`, 'm'), '')
      text = text.replace('[network]\n', `[network]\n${name} = ${JSON.stringify(value)}\n`)
    }
    await writeFile(path, text)
  }

  async function linked(a: Institution, b: Institution): Promise<void> {
    for (const [one, other] of [
      [a, b],
      [b, a]
    ] as const) {
      await until(`${one.name} is linked with ${other.name}`, async () => {
        const { items } = await one.call<{ items: Peer[] }>('GET', '/v1/peers')
        return items.some(({ id, connected }) => id === other.id && connected)
      })
    }
  }

  it('come back on other ports, two at a time, and are linked again by what a third one tells of them', async () => {
    const [reims, lorraine, third] = [
      await federation.institution('Reims', 'univ-reims.fr'),
      await federation.institution('Lorraine', 'univ-lorraine.fr'),
      await federation.institution('Valenciennes', 'uphf.fr')
    ]
    await federation.link(reims, third)
    await federation.link(lorraine, third)
    await federation.link(reims, lorraine)
    await federation.circle('esr-fr', 2, [reims, lorraine, third])
    const movers = [reims, lorraine]
    await Promise.all(movers.map((one) => one.stop()))
    for (const one of movers) await setNetwork(one, { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`] })
    await Promise.all(movers.map((one) => one.start()))
    await linked(reims, lorraine)
    const id = await publish(reims, { tlp: 'AMBER' })
    for (const one of [lorraine, third]) await arrives(one, id)
  })

  it('listen nowhere, and are linked through a member that relays, whose address at it no card names', async () => {
    const [reims, lorraine, relay] = [
      await federation.institution('Reims', 'univ-reims.fr', { run: false }),
      await federation.institution('Lorraine', 'univ-lorraine.fr', { run: false }),
      await federation.institution('Valenciennes', 'uphf.fr', { run: false })
    ]
    await setNetwork(relay, { serve_relay: true })
    await relay.start()
    for (const one of [reims, lorraine]) {
      await setNetwork(one, { listen: [], use_relays: [relay.id] })
      await one.start()
      await federation.link(one, relay)
    }
    await federation.circle('esr-fr', 2, [relay, reims, lorraine])
    await federation.link(reims, lorraine)
    await linked(reims, lorraine)
    const { addresses } = await lorraine.call<{ addresses: string[] }>('GET', '/v1/status')
    expect(addresses.length).toBeGreaterThan(0)
    expect(addresses.every((address) => address.includes('/p2p-circuit'))).toBe(true)
    // RED goes from one to the other alone: over the link that the relay carries and cannot read.
    const id = await publish(reims, { to: ['Lorraine'] })
    await arrives(lorraine, id)
    expect(await holds(relay, id)).toBe(false)
  })

  it('do not start with a network key that is none, and link with one that is', async () => {
    const [reims, lorraine] = [
      await federation.institution('Reims', 'univ-reims.fr', { run: false }),
      await federation.institution('Lorraine', 'univ-lorraine.fr', { run: false })
    ]
    await setNetwork(reims, { key_file: 'network.key' })
    const missing = await tocsin(['run'], { home: reims.home })
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('config-invalid') })
    await writeFile(join(reims.home, 'network.key'), 'not a key')
    const bad = await tocsin(['run'], { home: reims.home })
    expect(bad.stderr).toContain('network-key-invalid')
    for (const one of [reims, lorraine]) {
      await setNetwork(one, { key_file: 'network.key' })
      await writeFile(join(one.home, 'network.key'), `/key/swarm/psk/1.0.0/\n/base16/\n${'5a'.repeat(32)}\n`, {
        mode: 0o600
      })
      await one.start()
    }
    await federation.link(reims, lorraine)
  })
})
