import { describe, expect, it } from 'vitest'
import { isPublicSuffix } from './domain.ts'
import { NEVER_BLOCK_DEFAULT, parseNeverBlock } from './never-block.ts'

describe('never-block.txt', () => {
  it('reads names, flags, ranges and hashes', () => {
    const text = [
      '# comment',
      '',
      'Example.ORG  # why',
      'gmail.com mailboxes pages',
      'amazonaws.com tenants',
      'local',
      '192.0.2.1',
      '2001:db8::/32',
      'D41D8CD98F00B204E9800998ECF8427E\r'
    ].join('\n')
    expect(parseNeverBlock(text)).toEqual({
      domains: ['example.org', 'gmail.com', 'local'],
      ranges: ['192.0.2.1', '2001:db8::/32'],
      hashes: ['d41d8cd98f00b204e9800998ecf8427e'],
      mailboxes: ['gmail.com'],
      pages: ['gmail.com'],
      tenants: ['amazonaws.com']
    })
  })

  it.each([
    '*.example.org',
    'https://example.org/',
    'user@example.org',
    '192.0.2.0/33',
    'example.org mailbox',
    '192.0.2.1 pages',
    'a b c',
    'exa mple',
    '-',
    'example..org'
  ])('names the line that it cannot read: %j', (line) => {
    expect(() => parseNeverBlock(`# first\nexample.org\n${line}\n`)).toThrow(
      expect.objectContaining({ code: 'never-block-line', facts: { line: 3 } })
    )
  })

  const shipped = parseNeverBlock(NEVER_BLOCK_DEFAULT)

  it('ships with the large operators', () => {
    expect(shipped.domains).toEqual(
      expect.arrayContaining(['gmail.com', 'microsoft.com', 'renater.fr', 'docs.google.com', 'bit.ly'])
    )
    expect(shipped.ranges).toEqual(expect.arrayContaining(['1.1.1.0/24', '8.8.8.0/24', '9.9.9.0/24', '193.48.0.0/14']))
    expect(shipped.domains.length).toBeGreaterThan(300)
    expect(shipped.ranges.length).toBeGreaterThan(100)
  })

  it('names nothing twice', () => {
    for (const list of Object.values(shipped))
      expect(list.filter((item, index) => list.indexOf(item) !== index)).toEqual([])
  })

  it('frees what customers have below a name only where the name says so', () => {
    for (const name of shipped.tenants) expect(shipped.domains).not.toContain(name)
    // A name with tenants that the Public Suffix List holds is refused as a suffix already.
    for (const name of shipped.tenants) expect(isPublicSuffix(name)).toBe(false)
  })
})
