import type { BulletinSummaryView, BulletinView, CountView, SightingAddedView } from '@tocsin/api'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

const indicators = [
  { type: 'ipv4', value: '192.0.2.7' },
  { type: 'domain', value: 'evil.example.org' }
] as const

describe('retract', () => {
  it('takes a short id and a reason', async () => {
    await using desk = await openDesk()
    const { id } = desk.node.arrive({ title: 'wrong' })
    expect((await desk.run(['retract', id.slice(0, 8)])).status).toBe(2)
    expect((await desk.run(['retract', id.slice(0, 8), '--reason', 'a mistake'])).out).toContain(id)
    expect((await desk.run(['show', id])).out).toMatch(/Retracted +.*a mistake/)
  })

  it('--erase-now is signed by the root key after a warning', async () => {
    await using desk = await openDesk()
    const { id } = desk.node.arrive({ title: 'a victim’s address' })
    const signed: [string, string][] = []
    const rootSigner = async (message: Uint8Array, purpose: string) => {
      signed.push([purpose, Buffer.from(message).toString()])
      return desk.node.rootSign(message)
    }
    const args = ['retract', id, '--reason', 'personal', '--erase-now']
    const refused = await desk.run(args, { rootSigner, answers: [['root key?', 'n']] })
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('cannot be undone') })
    expect((await desk.run(['--json', 'show', id])).json<BulletinView>().state).toBe('live')
    const done = await desk.run(['--json', ...args], { rootSigner, answers: [['root key?', 'y']] })
    expect(done.json<BulletinSummaryView>()).toMatchObject({ id, state: 'retracted' })
    expect(signed).toEqual([['erase-now', `erase ${id}`]])
    const { retraction } = (await desk.run(['--json', 'show', id])).json<BulletinView>()
    expect(retraction?.erasesAt).toBe(retraction?.at)
  })
})

it('disable takes single values out of use', async () => {
  await using desk = await openDesk()
  const { id } = desk.node.arrive({ title: 't', indicators: [...indicators] })
  expect((await desk.run(['disable', id, '192[.]0[.]2[.]7', '--reason', 'reassigned'])).status).toBe(0)
  const { indicators: now } = (await desk.run(['--json', 'show', id])).json<BulletinView>()
  expect(now.map(({ state }) => state)).toEqual(['disabled', 'live'])
})

describe('sighting add', () => {
  it('reports to the only bulletin that holds the value', async () => {
    await using desk = await openDesk()
    const { id } = desk.node.arrive({ title: 't', indicators: [...indicators] })
    const done = await desk.run([
      'sighting',
      'add',
      '192[.]0[.]2[.]7',
      '--kind',
      'sighting',
      '--count',
      '3',
      '--at',
      '2h'
    ])
    expect(done).toMatchObject({ status: 0, out: expect.stringContaining(id) })
    expect((await desk.run(['sighting', 'add', '192.0.2.8', '--kind', 'sighting'])).err).toContain('(not-found)')
    expect((await desk.run(['sighting', 'add', '192.0.2.7', '--kind', 'seen'])).status).toBe(2)
  })

  it('tells the author alone where it is private, and says so', async () => {
    await using desk = await openDesk()
    desk.node.arrive({ title: 't', indicators: [...indicators] })
    const args = ['sighting', 'add', '192.0.2.7', '--kind', 'sighting', '--private']
    const done = await desk.run([...args, '--json'])
    expect(done.json<SightingAddedView>().audience).toMatchObject({ tlp: 'RED', relay: [], opensTo: [] })
    expect((await desk.run(args)).out).toContain('alone')
  })

  it('asks which one is meant where several hold it, and without a terminal names them', async () => {
    await using desk = await openDesk()
    const first = desk.node.arrive({ title: 'first', indicators: [...indicators] })
    const second = desk.node.arrive({ title: 'second', indicators: [...indicators] })
    const args = ['sighting', 'add', '192.0.2.7', '--kind', 'false-positive']
    const unasked = await desk.run(args)
    expect(unasked).toMatchObject({ status: 1, err: expect.stringContaining('--bulletin') })
    for (const { id } of [first, second]) expect(unasked.err).toContain(id)
    const chosen = await desk.run(args, { answers: [['Which one is meant?', '\u001b[B\r']] })
    expect(chosen).toMatchObject({ status: 0 })
    const named = await desk.run([...args, '--bulletin', first.id.slice(0, 8), '--json'])
    expect(named.json<{ bulletin: string }>().bulletin).toBe(first.id)
  })
})

describe('sighting count', () => {
  it('says how many told us alone, and publishes it from three on', async () => {
    await using desk = await openDesk()
    desk.node.arrive({ title: 't', indicators: [...indicators] })
    desk.node.hear('192.0.2.7', 2)
    const dry = await desk.run(['sighting', 'count', '192.0.2.7', '--dry-run'])
    expect(dry).toMatchObject({ status: 0, out: expect.stringContaining('(too-few-contributors)') })
    expect(dry.out).toContain('2 institution(s)')
    const refused = await desk.run(['sighting', 'count', '192.0.2.7'])
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('(too-few-contributors)') })
    desk.node.hear('192.0.2.7', 3)
    expect((await desk.run(['sighting', 'count', '192.0.2.7', '--least', '4'])).status).toBe(1)
    const done = await desk.run(['sighting', 'count', '192.0.2.7', '--json'])
    expect(done.json<CountView>()).toMatchObject({ contributors: 3, dryRun: false })
    expect((await desk.run(['sighting', 'count', '192.0.2.7'])).out).toContain('3 institutions')
    // A count of two is wrong use, whatever the node would say.
    expect((await desk.run(['sighting', 'count', '192.0.2.7', '--least', '2'])).status).toBe(2)
  })
})
