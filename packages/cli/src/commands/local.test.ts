import type { AudienceView, ExceptionView, TokenCreatedView, TokenView } from '@tocsin/api'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

it('audience shows the three lists, each refusal with its rule', async () => {
  await using desk = await openDesk()
  const strict = await desk.run(['audience', '--tlp', 'AMBER+STRICT'])
  expect(strict.out).toMatch(/Reached by relay +nobody/)
  expect(strict.out).toMatch(/Lorraine \(\?\) +.*\(strict-relayed\)/)
  const red = await desk.run(['audience', '--tlp', 'RED', '--to', 'Valenciennes', '--to', 'Lorraine', '--json'])
  expect(red.json<AudienceView>().direct).toHaveLength(2)
  expect((await desk.run(['audience', '--tlp', 'PURPLE'])).status).toBe(2)
})

it('except works at once, is listed and removed, and needs a reason', async () => {
  await using desk = await openDesk()
  desk.node.arrive({ title: 't', indicators: [{ type: 'url', value: 'https://cdn.example.org/a?b=c' }] })
  const value = 'hxxps://cdn[.]example[.]org/a?b=c'
  expect((await desk.run(['export', 'list'])).out).toBe('https://cdn.example.org/a?b=c\n')
  expect(await desk.run(['except', value])).toMatchObject({ status: 2, err: expect.stringContaining('--reason') })
  expect((await desk.run(['except', value, '--reason', 'our library', '--until', '30d'])).status).toBe(0)
  expect((await desk.run(['export', 'list'])).out).toBe('')
  expect((await desk.run(['export', 'list', '--refused'])).out).toContain('local-exception')
  expect((await desk.run(['except', 'list'])).out).toContain('hxxps://cdn[.]example[.]org/a?b=c')
  expect((await desk.run(['--json', 'except', 'list'])).json<{ items: ExceptionView[] }>().items).toHaveLength(1)
  expect((await desk.run(['except', 'remove', value])).status).toBe(0)
  expect((await desk.run(['export', 'list'])).out).not.toBe('')
})

it('except sends the type that is said, and refuses one that there is not', async () => {
  await using desk = await openDesk()
  const asked: string[] = []
  const door: typeof fetch = async (input, init) => {
    asked.push(`${init?.method} ${new URL(String(input)).search} ${String(init?.body)}`)
    return fetch(input, init)
  }
  const words = ['x.example', '--type', 'domain']
  expect((await desk.run(['except', ...words, '--reason', 'ours'], { fetch: door })).status).toBe(0)
  expect((await desk.run(['except', 'remove', ...words], { fetch: door })).status).toBe(0)
  expect(asked[0]).toContain('"type":"domain"')
  expect(asked[1]).toContain('?value=x.example&type=domain')
  expect((await desk.run(['except', 'x', '--type', 'nme', '--reason', 'r'])).status).toBe(2)
})

describe('token', () => {
  it('create prints the secret once and alone, and gives a tool the least', async () => {
    await using desk = await openDesk()
    const created = await desk.run(['token', 'create', '--name', 'resolver', '--scope', 'read'])
    expect(created.out).toMatch(/^\S+\n$/)
    expect(created.err).toContain('up to TLP:AMBER, for block')
    expect(created.err).not.toContain(created.out.trim())
    const list = await desk.run(['token', 'list'])
    expect(list.out).toContain('resolver')
    expect(list.out).not.toContain(created.out.trim())
    const connect = async () => ({ baseUrl: desk.address, token: created.out.trim() })
    expect((await desk.run(['search'], { connect })).status).toBe(0)
    const refused = await desk.run(['token', 'list'], { connect })
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('scope admin') })
    const { items } = (await desk.run(['--json', 'token', 'list'])).json<{ items: TokenView[] }>()
    const { id = '' } = items.find(({ name }) => name === 'resolver') ?? {}
    expect((await desk.run(['token', 'revoke', id])).status).toBe(0)
    expect((await desk.run(['search'], { connect })).err).toContain('(unauthenticated)')
  })

  it('create takes TLP and use, and refuses an admin that only seems limited', async () => {
    await using desk = await openDesk()
    const args = [
      'token',
      'create',
      '--name',
      'siem',
      '--scope',
      'read',
      '--max-tlp',
      'green',
      '--use',
      'detect',
      '--json'
    ]
    expect((await desk.run(args)).json<TokenCreatedView>()).toMatchObject({ maxTlp: 'GREEN', use: 'detect' })
    const admin = await desk.run(['token', 'create', '--name', 'ops', '--scope', 'admin', '--max-tlp', 'green'])
    expect(admin.err).toContain('limited-admin-token')
    expect((await desk.run(['token', 'create', '--name', 'ops', '--scope', 'admin'])).status).toBe(0)
  })
})

it('export writes a file whose serial moves only on change', async () => {
  await using desk = await openDesk()
  const file = await desk.file('rpz.zone', '')
  desk.node.arrive({ title: 't', indicators: [{ type: 'domain', value: 'evil.example.org' }] })
  expect((await desk.run(['export', 'rpz', '--to', file])).out).toBe(`Written: ${file}\nSerial 2\n`)
  expect((await desk.run(['export', 'rpz', '--to', file, '--json'])).json()).toEqual({
    file,
    changed: false,
    serial: 2
  })
  desk.node.arrive({ title: 't', indicators: [{ type: 'domain', value: 'worse.example.org' }] })
  expect((await desk.run(['export', 'rpz', '--to', file, '--json'])).json()).toEqual({ file, changed: true, serial: 3 })
  expect(await desk.read('rpz.zone')).toContain('worse.example.org CNAME .')
  expect((await desk.run(['export', 'csv', '--type', 'ipv4,url'])).out).toBe('type,value\r\n')
  expect((await desk.run(['export', 'csv', '--type', 'ipv5'])).status).toBe(2)
  const unknown = await desk.run(['export', 'stix/../list'])
  expect({ status: unknown.status, err: unknown.err }).toMatchObject({ status: 1 })
  expect(unknown.err).toContain('unknown-feed')
  expect((await desk.run(['feed', 'formats'])).out).toMatch(/^rpz +rpz +block +domain$/m)
})

it('status shows the node, in French too', async () => {
  await using desk = await openDesk()
  const { out } = await desk.run(['status'], { lang: 'fr' })
  expect(out).toMatch(/Établissement +Reims/)
  expect(out).toMatch(/Pairs +0 sur 1 reliés/)
})
