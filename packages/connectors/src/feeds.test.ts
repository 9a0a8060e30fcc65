import { INDICATOR_TYPE_NAMES, USES } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { FEED_NAMES, FEEDS, isFeedName } from './feeds.ts'
import { item, written } from './items.fixture.ts'

describe('FEEDS', () => {
  it('has a row for each name, complete', () => {
    expect([...FEED_NAMES].sort()).toEqual(Object.keys(FEEDS).sort())
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

  it.each(FEED_NAMES)('%s: every value can be traced to its bulletin', async (name) => {
    const { text } = await written(FEEDS[name], [item('domain', 'evil.example')], { serial: 1 })
    expect(text).toContain('evil.example')
    expect(text).toContain('0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11')
  })

  it.each(FEED_NAMES)('%s: nothing of TLP:RED, of PAP:RED, or of context', async (name) => {
    const items = [
      item('domain', 'red.example', { tlp: 'RED' }),
      item('domain', 'quiet.example', { pap: 'RED' }),
      item('domain', 'univ.example', {}, { role: 'context' })
    ]
    const { text, refused } = await written(FEEDS[name], items, { serial: 1 })
    expect(text).not.toContain('example')
    expect(refused).toHaveLength(3)
  })
})
