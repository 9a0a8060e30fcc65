import { INDICATOR_TYPE_NAMES, USES } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { FEED_NAMES, FEEDS, isFeedName } from './feeds.ts'
import { item, written } from './items.fixture.ts'

describe('FEEDS', () => {
  it('has a row for each name, complete', () => {
    expect(FEED_NAMES).toEqual(Object.keys(FEEDS))
    for (const name of FEED_NAMES) {
      const feed = FEEDS[name]
      expect(feed.name).toBe(name)
      expect(USES).toContain(feed.use)
      expect(feed.types.every((type) => INDICATOR_TYPE_NAMES.includes(type))).toBe(true)
      expect(feed.mediaType).toMatch(/^[a-z]+\/[a-z]+/)
      expect(feed.title.en && feed.title.fr && feed.extension).toBeTruthy()
    }
    expect(isFeedName('rpz')).toBe(true)
    expect(isFeedName('constructor')).toBe(false)
  })

  const withDomains = FEED_NAMES.filter((name) => FEEDS[name].types.includes('domain'))

  it.each(withDomains)('%s: every value can be traced to its bulletin, where it says so', async (name) => {
    const { text } = await written(FEEDS[name], [item('domain', 'evil.example')], { serial: 1 })
    // One format holds its values in base64.
    const shown = name === 'suricata-domain' ? Buffer.from('evil.example').toString('base64') : 'evil.example'
    expect(text).toContain(shown)
    expect(text.includes('0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11')).toBe(FEEDS[name].says.includes('bulletin'))
  })

  it.each(withDomains)('%s: nothing of TLP:RED, of what PAP forbids, or of context', async (name) => {
    const items = [
      item('domain', 'red.example', { tlp: 'RED' }),
      item('domain', 'quiet.example', { pap: 'RED' }),
      item('domain', 'univ.example', {}, { role: 'context' })
    ]
    const { text, refused } = await written(FEEDS[name], items, { serial: 1, use: 'block' })
    expect(text).not.toContain('example')
    expect(refused).toHaveLength(3)
  })

  it.each(FEED_NAMES)('%s: is the same for the same items, and whole, piece by piece', async (name) => {
    const items = Array.from({ length: 2000 }, (_, i) => item('domain', `n${(i * 7919) % 2000}.example`)).flatMap(
      (one, i) => [
        one,
        item('ipv4', `45.${i >> 8}.${i & 255}.9`),
        item('email', `u${i}@evil.example`),
        item('url', `http://evil.example/${i}`),
        item('sha256', i.toString(16).padStart(64, '0'))
      ]
    )
    const one = await written(FEEDS[name], items, { serial: 1 })
    const other = await written(FEEDS[name], items.toReversed(), { serial: 1 })
    expect(other.text).toBe(one.text)
    expect(one.text.endsWith('\n')).toBe(true)
  })
})
