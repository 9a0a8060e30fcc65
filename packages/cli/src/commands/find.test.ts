import type { BulletinSummaryView, IndicatorHitView, LookupView } from '@tocsin/api'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'
import { readsAsValue } from './find.ts'

describe('search', () => {
  it('finds values however they are defanged, and words', async () => {
    await using desk = await openDesk()
    desk.node.arrive({
      title: 'Campagne',
      text: 'le faux support',
      indicators: [{ type: 'domain', value: 'evil.example.org' }]
    })
    desk.node.arrive({
      title: 'Scan',
      tlp: 'GREEN',
      threat: 'scan',
      indicators: [{ type: 'ipv4', value: '192.0.2.7' }]
    })
    const value = await desk.run(['search', 'evil[.]example(.)org', '--json'])
    expect(value.json<{ items: IndicatorHitView[] }>().items).toMatchObject([
      { indicator: { value: 'evil.example.org' } }
    ])
    const words = await desk.run(['search', 'faux support'])
    expect(words.out).toContain('Campagne')
    expect(words.out).not.toContain('Scan')
    expect((await desk.run(['search', '--tlp', 'green', '--threat', 'scan', '--since', '1h'])).out).toContain('Scan')
    expect((await desk.run(['search', 'unheard'])).out).toBe('Nothing found.\n')
    expect((await desk.run(['search', '--limit', '1'])).err).toContain('The first 1 are shown')
    expect((await desk.run(['search', '--since', 'yesterday'])).status).toBe(2)
  })

  it('shows ids as prefixes that are unique and serve as ids', async () => {
    await using desk = await openDesk()
    const made = desk.node.arrive({ title: 'one', indicators: [{ type: 'url', value: 'https://evil.example.org/a' }] })
    desk.node.arrive({ title: 'two' })
    const { out } = await desk.run(['search'])
    const id =
      out
        .split('\n')
        .find((line) => line.endsWith('one'))
        ?.slice(0, 8) ?? ''
    expect(made.id.startsWith(id)).toBe(true)
    const shown = await desk.run(['show', id])
    expect(shown.out).toContain(made.id)
    expect(shown.out).toContain('hxxps://evil[.]example[.]org/a')
    expect(
      (await desk.run(['show', made.entries[0]?.entry.slice(0, 8) ?? '', '--json'])).json<{ id: string }>().id
    ).toBe(made.id)
  })

  it('lets nothing that a peer wrote steer the terminal', async () => {
    await using desk = await openDesk()
    const text = '\u001b]0;owned\u0007\u001b[2Jhttp://evil.example.org \u202egpj.exe'
    const { id } = desk.node.arrive({
      title: `t ${text}`,
      text,
      tags: [text],
      indicators: [{ type: 'filename', value: 'a.exe', comment: text }]
    })
    for (const args of [['search'], ['search', 'a.exe'], ['show', id], ['--json', 'show', id]]) {
      const { out } = await desk.run(args)
      expect(out).toMatch(/gpj\.exe/)
      expect(out).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u)
      if (!args.includes('--json')) expect(out).not.toContain('http://')
    }
    expect((await desk.run(['--json', 'show', id])).json<{ text: string }>().text).toBe(text)
  })

  it('--new shows each bulletin once, for each search of a home', async () => {
    await using desk = await openDesk()
    const titles = async (...args: string[]) =>
      (await desk.run(['search', '--new', '--json', ...args]))
        .json<{ items: BulletinSummaryView[] }>()
        .items.map(({ title }) => title)
    desk.node.arrive({ title: 'a' })
    desk.node.arrive({ title: 'b', threat: 'scan' })
    expect(await titles()).toEqual(['a', 'b'])
    expect(await titles()).toEqual([])
    desk.node.arrive({ title: 'c', threat: 'scan' })
    expect(await titles()).toEqual(['c'])
    expect(await titles('--threat', 'scan')).toEqual(['b', 'c'])
    expect(await titles('--threat', 'scan')).toEqual([])
    expect((await desk.run(['search', '--new'])).out).toBe('Nothing new.\n')
    // Another home has seen nothing yet, and a damaged position costs seeing things twice.
    const other = await desk.run(['search', '--new', '--json', '--home', `${desk.home}-2`])
    expect(other.json<{ items: unknown[] }>().items).toHaveLength(3)
    await desk.file('home/search-new.json', '{"damaged')
    expect(await titles()).toHaveLength(3)
  })

  it.each([
    ['192.0.2.7', true],
    ['hxxp://evil[.]example/', true],
    ['evil.example.org', true],
    ['d41d8cd98f00b204e9800998ecf8427e', true],
    ['CVE-2026-0001', true],
    ['phishing', false],
    ['faux support', false],
    ['x', false]
  ])('%s is a value: %s', (what, is) => expect(readsAsValue(what)).toBe(is))
})

describe('lookup', () => {
  it('asks about many values at once and says how many are known', async () => {
    await using desk = await openDesk()
    desk.node.arrive({ title: 't', indicators: [{ type: 'ipv4', value: '192.0.2.7' }] })
    const values = Array.from({ length: 10_050 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    const file = await desk.file('values.txt', `${values.join('\n')}\n192[.]0[.]2[.]7\r\n\n`)
    const { out, err, status } = await desk.run(['lookup', file])
    expect(status).toBe(0)
    expect(out.trim().split('\n')).toHaveLength(2)
    expect(out).toContain('192[.]0[.]2[.]7')
    expect(err).toContain('1 of 10051 values are known here.')
    const json = await desk.run(['lookup', '-', '--json'], { input: '192.0.2.7\n192.0.2.8\n' })
    expect(json.json<{ items: LookupView[] }>().items.map(({ hits }) => hits.length)).toEqual([1, 0])
  })
})
