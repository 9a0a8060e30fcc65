/** nftables and ipset take our sets, whatever else is in the feed, and hold the listed and nothing else. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FeedItem } from '@tocsin/connectors'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { temporaryFolder } from '../harness/process.ts'
import { feedFile, hostile, item, itWith, run } from './consumer.ts'

const LISTED: readonly FeedItem[] = [
  item('ipv4', '91.200.12.34'),
  item('ipv4', '91.200.12.35'),
  item('cidr', '185.220.100.0/25'),
  // Overlaps: a range within a range, an address within both.
  item('cidr', '185.220.0.0/16'),
  item('ipv4', '185.220.100.7'),
  item('ipv6', '2a0e:5700:4::1f'),
  item('cidr', '2a0e:5700:5::/48')
]
const items = [...hostile(), ...LISTED]

describe('packet filters', () => {
  let dir = ''
  let remove = async (): Promise<void> => undefined

  beforeAll(async () => {
    ;({ dir, remove } = await temporaryFolder())
  })

  afterAll(() => remove())

  itWith(['nft', 'unshare'], 'nft -c takes the file, and twice the same file gives the same sets', async () => {
    const file = await feedFile(dir, 'nftables', items)
    // A network namespace of its own: nothing here touches the machine's rules.
    expect(await run('unshare', ['-rn', 'nft', '-c', '-f', file])).toMatchObject({ status: 0, output: '' })
    const loaded = await run('unshare', ['-rn', 'sh', '-c', `nft -f ${file} && nft -f ${file} && nft list ruleset`])
    expect(loaded.status).toBe(0)
    const sets = loaded.stdout.replaceAll(/\s+/g, ' ')
    expect(sets).toContain('elements = { 91.200.12.34/31, 185.220.0.0/16 }')
    expect(sets).toContain('2a0e:5700:5::/48')
    expect(sets).not.toContain('45.9.')
  })

  itWith(
    ['nft', 'unshare'],
    'nft takes 100,000 addresses, and refuses a broken file, so that taking means something',
    async () => {
      const many = Array.from({ length: 100_000 }, (_, i) => item('ipv4', `45.${i >> 16}.${(i >> 8) & 255}.${i & 255}`))
      expect(await run('unshare', ['-rn', 'nft', '-c', '-f', await feedFile(dir, 'nftables', many)])).toMatchObject({
        status: 0
      })
      const broken = join(dir, 'broken.nft')
      await writeFile(broken, 'add table inet tocsin\nadd element inet tocsin nowhere { 1.2.3.4 }\n')
      expect((await run('unshare', ['-rn', 'nft', '-c', '-f', broken])).status).not.toBe(0)
      await rm(broken)
    }
  )

  itWith(['ipset', 'unshare'], 'ipset restore fills and swaps the sets, the second time too', async () => {
    const file = await feedFile(dir, 'ipset', items)
    const asked = ['91.200.12.34', '91.200.12.36', '185.220.100.7', '185.220.200.1', '45.9.148.1']
    const script = [
      `ipset restore -file ${file}`,
      `ipset restore -file ${file}`,
      ...asked.map((address) => `(ipset -q test tocsin4 ${address} && echo in ${address} || echo out ${address})`),
      '(ipset -q test tocsin6 2a0e:5700:5::9 && echo in six || echo out six)',
      'ipset list -n'
    ].join(' && ')
    const ended = await run('unshare', ['-rn', 'sh', '-c', script])
    expect(ended.stdout.trim().split('\n')).toEqual([
      'in 91.200.12.34',
      'out 91.200.12.36',
      'in 185.220.100.7',
      'in 185.220.200.1',
      'out 45.9.148.1',
      'in six',
      'tocsin4',
      'tocsin6'
    ])
  })
})
