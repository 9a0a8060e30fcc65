import { Resolver } from 'node:dns'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigSchema } from './config.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

/** Dotted paths of every setting; a list is written with `[]`. */
function settingsOf({ properties, items }: Schema, path = ''): string[] {
  if (items?.properties !== undefined) return settingsOf(items, `${path}[]`)
  if (properties === undefined) return [path]
  return Object.entries(properties).flatMap(([name, schema]) =>
    settingsOf(schema, path === '' ? name : `${path}.${name}`)
  )
}

const parse = (network: object) => ConfigSchema.safeParse({ network, api: { port: 8470 } })

describe('[network]', () => {
  const relay = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp'

  it('listens somewhere, or is reached through a relay', () => {
    expect(parse({ listen: [] }).error?.issues[0]?.path).toEqual(['network', 'listen'])
    expect(parse({ listen: [], use_relays: [relay] }).success).toBe(true)
  })

  it('relays for nobody, is reached directly and has no network key unless it says so', () => {
    const { data } = parse({ listen: ['/ip4/0.0.0.0/tcp/4470'] })
    expect(data?.network).toMatchObject({ serve_relay: false, use_relays: [] })
    expect(data?.network.key_file).toBeUndefined()
  })

  it.each(['relay.example.org', '', 'did:web:example.org'])('takes no relay that is named %j', (name) => {
    expect(parse({ listen: [], use_relays: [name] }).error?.issues[0]?.path).toEqual(['network', 'use_relays', 0])
  })
})

describe('[dns]', () => {
  const key = { name: 'Resolver-1', secret: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=' }
  const dns = (settings: object) =>
    ConfigSchema.safeParse({
      network: { listen: ['/ip4/0.0.0.0/tcp/4470'] },
      api: { port: 8470 },
      dns: { port: 5300, ...settings }
    })
  const pathOf = (settings: object) => dns(settings).error?.issues[0]?.path.join('.')

  it('is no door unless it is there', () => {
    expect(parse({ listen: ['/ip4/0.0.0.0/tcp/4470'] }).data?.dns).toBeUndefined()
  })

  it('needs a key wherever others can reach it', () => {
    for (const host of ['127.0.0.1', '127.0.0.53', '::1']) expect(dns({ host }).success).toBe(true)
    for (const host of ['0.0.0.0', '::', '192.0.2.10', '2001:db8::1']) {
      expect(pathOf({ host })).toBe('dns.keys')
      expect(dns({ host, keys: [key] }).success).toBe(true)
    }
  })

  it('takes no short secret, no key twice, and no NOTIFY with a key that it has not', () => {
    for (const secret of ['', 'c2hvcnQ=', 'not base64!', 'AAECAwQFBgcICQoLDA0O']) {
      expect(pathOf({ keys: [{ ...key, secret }] })).toBe('dns.keys.0.secret')
    }
    expect(pathOf({ keys: [key, { ...key, name: 'RESOLVER-1' }] })).toBe('dns.keys')
    const notify = [{ host: '192.0.2.53', key: 'resolver-1' }]
    expect(pathOf({ notify })).toBe('dns.notify')
    expect(dns({ keys: [key], notify }).data?.dns?.notify).toEqual([{ ...notify[0], port: 53 }])
  })

  it('takes names of DNS and nothing that could be more', () => {
    for (const zone of ['', 'a b', 'a..b', '.', 'rpz.', 'x"; y', 'é.example', `${'a'.repeat(64)}.example`]) {
      expect(pathOf({ zone })).toBe('dns.zone')
    }
    expect(dns({ zone: 'RPZ.Univ-Reims.fr' }).data?.dns?.zone).toBe('rpz.univ-reims.fr')
  })

  it('lets no TLP:RED into a zone', () => {
    expect(pathOf({ max_tlp: 'RED' })).toBe('dns.max_tlp')
    expect(dns({}).data?.dns).toMatchObject({ max_tlp: 'AMBER+STRICT', min_confidence: 0 })
  })
})

describe('[domain_check]', () => {
  const servers = (...names: string[]) =>
    ConfigSchema.safeParse({
      network: { listen: ['/ip4/0.0.0.0/tcp/4470'] },
      api: { port: 8470 },
      domain_check: { servers: names }
    })

  it('asks the name servers of the system unless it says otherwise', () => {
    expect(parse({ listen: ['/ip4/0.0.0.0/tcp/4470'] }).data?.domain_check).toEqual({ enabled: true, servers: [] })
  })

  it('takes addresses, with a port or without, and hands them on as node:dns wants them', () => {
    const good = ['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', '[2001:db8::53]', '[2001:db8::53]:53']
    expect(servers(...good).success).toBe(true)
    expect(() => new Resolver().setServers(good)).not.toThrow()
  })

  it.each(['dns.example.org', '192.0.2.53:', '192.0.2.53:0', '192.0.2.53:65536', '192.0.2', '2001:db8::53:x', ''])(
    'takes no %j',
    (name) => expect(servers(name).success).toBe(false)
  )
})

describe('docs/configuration.md', () => {
  it('names every setting and no other', () => {
    const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
    const table = text.slice(0, text.indexOf('## Environment'))
    const documented = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
    const settings = settingsOf(z.toJSONSchema(ConfigSchema, { io: 'input' }) as Schema)
    expect(documented.toSorted()).toEqual(settings.toSorted())
  })
})
