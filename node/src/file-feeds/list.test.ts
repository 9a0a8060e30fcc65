import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Home, homeAt } from '../home.ts'
import { addFileFeed, readFileFeeds, removeFileFeed, stampOf } from './list.ts'

let home: Home
beforeEach(async () => {
  home = homeAt(await mkdtemp(join(tmpdir(), 'tocsin-feeds-')))
})
afterEach(() => rm(home.dir, { recursive: true }))

const resolver = { name: 'resolver', format: 'rpz', file: '/var/cache/bind/tocsin.rpz' } as const

describe('feeds.toml', () => {
  it('holds what was added, for its owner alone, and gives it back', async () => {
    expect(await readFileFeeds(home)).toEqual([])
    expect(await stampOf(home)).toBeUndefined()
    const command: [string, ...string[]] = ['/usr/sbin/rndc', 'reload', "it's \\ odd"]
    await addFileFeed(home, { ...resolver, command, types: ['domain'], max_age: 1.5, comments: false })
    const before = await stampOf(home)
    await addFileFeed(home, { name: 'mail', format: 'rspamd-ip', file: '/var/lib/ip.map' })
    expect(await stampOf(home)).not.toBe(before)
    expect((await stat(home.feeds)).mode & 0o777).toBe(0o600)
    expect(await readFileFeeds(home)).toEqual([
      { ...resolver, command, types: ['domain'], max_age: 1.5, comments: false, timeout: 30, max_tlp: 'AMBER' },
      { name: 'mail', format: 'rspamd-ip', file: '/var/lib/ip.map', timeout: 30, max_tlp: 'AMBER' }
    ])
    await removeFileFeed(home, 'resolver')
    expect((await readFileFeeds(home)).map(({ name }) => name)).toEqual(['mail'])
    await expect(removeFileFeed(home, 'resolver')).rejects.toMatchObject({ code: 'feed-not-found' })
  })

  it.each([
    ['a name that is a path', { ...resolver, name: '../x' }],
    ['a relative file', { ...resolver, file: 'tocsin.rpz' }],
    ['a program that PATH would find', { ...resolver, command: ['rndc'] }],
    ['an unknown format', { ...resolver, format: 'constructor' }],
    ['TLP:RED', { ...resolver, max_tlp: 'RED' }],
    ['an unknown field', { ...resolver, shell: true }]
  ])('refuses %s and changes nothing', async (_what, feed) => {
    await expect(addFileFeed(home, feed as never)).rejects.toMatchObject({ code: 'feeds-invalid' })
    expect(await stampOf(home)).toBeUndefined()
  })

  it('refuses a second feed of one name, or for one file', async () => {
    await addFileFeed(home, resolver)
    await expect(addFileFeed(home, resolver)).rejects.toMatchObject({ code: 'feed-exists' })
    await expect(addFileFeed(home, { ...resolver, name: 'other' })).rejects.toMatchObject({ code: 'feeds-invalid' })
    expect(await readFileFeeds(home)).toHaveLength(1)
  })

  it('is not believed where others can write it: it names programs', async () => {
    await addFileFeed(home, resolver)
    await chmod(home.feeds, 0o664)
    await expect(readFileFeeds(home)).rejects.toMatchObject({ code: 'feeds-invalid' })
    await chmod(home.feeds, 0o644)
    expect(await readFileFeeds(home)).toHaveLength(1)
  })

  it('says where it cannot be read', async () => {
    await writeFile(home.feeds, '[[feed]]\nname = 7\n', { mode: 0o600 })
    await expect(readFileFeeds(home)).rejects.toThrow(/feed\.0\.name/)
    await writeFile(home.feeds, 'not toml')
    await expect(readFileFeeds(home)).rejects.toMatchObject({ code: 'feeds-invalid' })
    expect(await readFile(home.feeds, 'utf8')).toBe('not toml')
  })
})
