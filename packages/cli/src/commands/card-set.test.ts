import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

describe('card set', () => {
  it('shows the change, asks, has the root key sign, and hands the card in', async () => {
    await using desk = await openDesk()
    const rootSigner = async (message: Uint8Array, purpose: string) => {
      expect(purpose).toBe('card')
      return desk.node.rootSign(message)
    }
    const args = ['card', 'set', '--name', 'URCA', '--domain', 'urca.example', '--domain', 'univ-reims.fr']
    const asked = await desk.run(args, { rootSigner })
    expect(asked.status).toBe(2)
    expect(asked.err).toContain('The root key will sign: a card with name, domains')
    expect(desk.node.submitted).toEqual([])
    const done = await desk.run([...args, '--yes'], { rootSigner })
    expect(done.out).toContain('The new card is in force')
    expect(desk.node.submitted).toEqual([{ kind: 'card', name: 'URCA', domains: ['urca.example', 'univ-reims.fr'] }])
    expect((await desk.run([...args, '--yes'], { rootSigner, lang: 'fr' })).out).toContain('La nouvelle carte')
    expect((await desk.run(['--json', ...args, '--yes'], { rootSigner })).json()).toEqual({ kind: 'card' })
  })

  it('says what is to go, what is to stay, and nothing at all', async () => {
    await using desk = await openDesk()
    const rootSigner = async (message: Uint8Array) => desk.node.rootSign(message)
    await desk.run(['card', 'set', '--no-domains', '--no-addresses', '--yes'], { rootSigner })
    await desk.run(['card', 'set', '--contact', 'rssi@urca.example', '--yes'], { rootSigner })
    expect(desk.node.submitted).toEqual([
      { kind: 'card', domains: [], addresses: [] },
      { kind: 'card', contact: 'rssi@urca.example' }
    ])
    const nothing = await desk.run(['card', 'set', '--yes'], { rootSigner })
    expect([nothing.status, nothing.err]).toEqual([1, expect.stringContaining('(invalid-request)')])
    const bad = await desk.run(['card', 'set', '--address', 'tocsin.example:4470', '--yes'], { rootSigner })
    expect(bad.err).toContain('addresses[0]')
    expect(desk.node.submitted).toHaveLength(2)
  })

  it('is written for a root key on another machine, and needs none here', async () => {
    await using desk = await openDesk()
    const file = `${await desk.file('empty', '')}.to-sign`
    const ran = await desk.run(['card', 'set', '--name', 'URCA', '--prepare', file])
    expect([ran.status, ran.err]).toEqual([0, expect.stringContaining('a card with name')])
    const written = JSON.parse(await desk.read('empty.to-sign'))
    expect(written).toMatchObject({ tocsin: 'to-sign/1', registers: [expect.any(String)] })
    expect(desk.node.submitted).toEqual([])
  })
})
