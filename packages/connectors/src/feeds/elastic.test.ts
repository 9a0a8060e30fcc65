import fc from 'fast-check'
import { expect, it } from 'vitest'
import { item, written } from '../items.fixture.ts'
import { ECS, KQL } from './elastic.ts'

it('says a URL in the fields of ECS, traced to its bulletin', async () => {
  const { text } = await written(ECS, [item('url', 'https://evil.example:8443/a/b?c=d', {}, { comment: 'kit' })])
  expect(JSON.parse(text)).toMatchObject({
    '@timestamp': '2026-11-24T09:00:00.000Z',
    event: { kind: 'enrichment', category: ['threat'], type: ['indicator'] },
    threat: {
      indicator: {
        type: 'url',
        description: 'kit',
        confidence: 'High',
        provider: 'Université de Reims',
        marking: { tlp: 'AMBER', tlp_version: '2.0' },
        url: {
          full: 'https://evil.example:8443/a/b?c=d',
          scheme: 'https',
          domain: 'evil.example',
          path: '/a/b'
        }
      }
    },
    tocsin: { pap: 'GREEN', bulletins: ['0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'] }
  })
})

it('never puts a range where ECS wants an address', async () => {
  const { text } = await written(ECS, [item('cidr', '192.0.2.0/24')])
  const { indicator } = JSON.parse(text).threat
  expect(indicator).toMatchObject({ type: 'ipv4-addr', name: '192.0.2.0/24' })
  expect(indicator.ip).toBeUndefined()
})

it('has one document a line and the exact value in it, whatever a peer wrote', async () => {
  const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 10 }), fc.string({ unit: 'binary' }), async (names, authorName) => {
      const items = names.map((name) => item('filename', name, { authorName }))
      const { text, refused } = await written(ECS, items)
      const lines = text.split('\n').slice(0, -1)
      const found = lines.map((line) => JSON.parse(line).threat.indicator.file.name)
      expect(found.length + refused.length).toBeGreaterThanOrEqual(new Set(names).size)
      for (const name of found) expect(names).toContain(name)
    })
  )
})

it('is one Kibana query over the fields of each type', async () => {
  const items = [item('ipv4', '192.0.2.7'), item('domain', 'evil.example'), item('domain', 'worse.example')]
  expect((await written(KQL, items)).text).toBe(
    'source.ip: ("192.0.2.7") or destination.ip: ("192.0.2.7") or ' +
      'dns.question.name: ("evil.example" or "worse.example") or url.domain: ("evil.example" or "worse.example")\n'
  )
  expect((await written(KQL, [])).text).toBe('')
})

it('lets no value end its quotes', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', ' ', ')', '*'), minLength: 1, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(text, async (part) => {
      const { text: query } = await written(KQL, [item('url', `http://evil.example/${part}`)])
      expect(query).toMatch(/^$|^url\.original: \("(?:[^"\\]|\\["\\])*"\)\n$/)
    })
  )
})
