import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentHash } from '../hash.ts'
import { item, stream, written } from '../items.fixture.ts'
import { serialOf } from '../serial.ts'
import { RPZ } from './rpz.ts'

const SERIAL = 2026112401

describe('rpz', () => {
  it('has SOA, NS and one policy per owner, each under its bulletin', async () => {
    const { text } = await written(RPZ, [item('domain', 'evil.example'), item('cidr', '198.51.100.0/24')], {
      serial: SERIAL
    })
    const trace =
      '; bulletin 0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11 author did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH TLP:AMBER PAP:GREEN threat phishing confidence 80 name Université de Reims\n'
    expect(text).toBe(
      `; Tocsin response policy zone: made by a machine, edits are lost\n$TTL 60\n@ SOA localhost. hostmaster.localhost. (\n\t2026112401 ; serial\n\t300 60 604800 60 )\n@ NS localhost.\n` +
        `${trace}24.0.100.51.198.rpz-ip CNAME .\n${trace}evil.example CNAME .\n*.evil.example CNAME .\n`
    )
    expect(serialOf(text)).toBe(SERIAL)
  })

  it('has each owner once, across bulletins and types', async () => {
    const items = [
      item('domain', 'evil.example'),
      item('domain', 'evil.example', { id: '7d0b1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55' }),
      item('domain', 'www.evil.example'),
      item('ipv4', '192.0.2.7'),
      item('cidr', '192.0.2.7/32'),
      item('ipv6', '2001:db8::1'),
      item('ipv6', '2001:db8:0::1'),
      item('cidr', '2001:db8::1/128')
    ]
    const { text } = await written(RPZ, items, { serial: 1 })
    const owners = text.split('\n').filter((line) => line.endsWith(' CNAME .'))
    expect(owners).toHaveLength(6)
    expect(new Set(owners).size).toBe(6)
  })

  it('never yields the domain of a url or an e-mail', async () => {
    const { text, refused } = await written(
      RPZ,
      [item('url', 'https://docs.example/d'), item('email', 'x@univ.example')],
      {
        serial: 1
      }
    )
    expect(text).not.toContain('CNAME')
    expect(refused).toEqual(['type-not-carried https://docs.example/d', 'type-not-carried x@univ.example'])
  })

  it('drops and counts what would spoil the zone', async () => {
    const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(50)}.example`
    const items = [item('domain', long), item('domain', '32.4.113.0.203.rpz-ip'), item('cidr', '0.0.0.0/0')]
    const { text, refused } = await written(RPZ, items, { serial: 1 })
    expect(text).not.toContain('CNAME')
    expect(refused.map((line) => line.split(' ')[0]).sort()).toEqual([
      'owner-reserved',
      'owner-too-broad',
      'owner-too-long'
    ])
  })

  it('gives the same bytes for the same content, and the same hash whatever the serial', async () => {
    const items = ['b.example', 'a.example', 'c.a.example'].map((name) => item('domain', name))
    const expected = (await written(RPZ, items, { serial: 1 })).text
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(items, { minLength: 3 }), async (shuffled) => {
        expect((await written(RPZ, shuffled, { serial: 1 })).text).toBe(expected)
      }),
      { numRuns: 10 }
    )
    const hashes = [1, 4_294_967_295].map((serial) => contentHash(RPZ.write(stream(items), { serial })))
    const [one, two] = await Promise.all(hashes)
    expect(one).toBe(two)
  })

  it('lets no text of a peer out of its comment', async () => {
    const authorName = 'x\nneighbour.example CNAME rpz-drop.\r\u2028$INCLUDE /etc/passwd'
    const { text } = await written(RPZ, [item('domain', 'evil.example', { authorName })], { serial: 1 })
    expect(text.split('\n').filter((line) => /^(neighbour|\$INCLUDE)/.test(line))).toEqual([])
    expect(text.split('\n').at(-4)).toContain('name x neighbour.example CNAME rpz-drop. $INCLUDE /etc/passwd')
  })

  it('refuses options that make no zone', async () => {
    const code = async (options: object) =>
      written(RPZ, [], options).then(
        () => 'none',
        (error: { code: string }) => error.code
      )
    expect(await code({})).toBe('feed-serial-invalid')
    expect(await code({ serial: 2 ** 32 })).toBe('feed-serial-invalid')
    expect(await code({ serial: 1, zone: 'a b' })).toBe('feed-zone-invalid')
    expect(await code({ serial: 1, zone: `${'a'.repeat(63)}.`.repeat(4) })).toBe('feed-zone-invalid')
    expect(await code({ serial: 1, ttl: -1 })).toBe('feed-number-invalid')
    expect(await code({ serial: 1, zone: 'RPZ.Univ.Example.' })).toBe('none')
  })
})
