import { INSTITUTIONS } from '@tocsin/api/testing'
import { describe, expect, it } from 'vitest'
import { type Desk, openDesk } from '../testing/desk.ts'

const FOR = ['--recipient', 'rssi@univ-reims.fr']

/** The text of a mail. */
async function digest(desk: Desk, ...args: string[]): Promise<string> {
  const { out, status } = await desk.run(['digest', ...FOR, ...args])
  expect(status).toBe(0)
  const body = out.slice(out.indexOf('\r\n\r\n') + 4).replace(/=\r\n/g, '')
  const octets = body.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(octets, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}

const phish: Parameters<Desk['node']['arrive']>[0] = {
  title: 'Fake webmail at http://login.evil.example/x',
  threat: 'phishing',
  tlp: 'AMBER',
  pap: 'GREEN',
  circle: 'esr-fr',
  indicators: [{ type: 'domain', value: 'login.evil.example' }]
}

describe('digest', () => {
  it('tells of what came by class, defanged, under the strictest label and the circles', async () => {
    await using desk = await openDesk()
    desk.node.arrive(phish)
    desk.node.arrive({
      title: 'Scanner',
      threat: 'scan',
      tlp: 'GREEN',
      indicators: [{ type: 'ipv4', value: '45.155.205.9' }]
    })
    const text = await digest(desk)
    expect(text).toMatch(/^\*\*\* TLP:AMBER \*\*\*\nCircles: esr-fr\n/)
    expect(text).toContain('2 new, 0 retracted, 0 of ours that others spoke of.')
    expect(text).toMatch(
      /== Scan ==[^=]*- Scanner[^=]*ipv4 45\[\.\]155\[\.\]205\[\.\]9[^=]*== Phishing ==[^=]*domain login\[\.\]evil\[\.\]example/
    )
    expect(text).toContain('- Fake webmail at http[:]//')
    expect(text).not.toContain('http://')
  })

  it('never tells of RED, not even how much', async () => {
    await using desk = await openDesk()
    desk.node.arrive({ title: 'Secret matter', threat: 'phishing', tlp: 'RED', pap: 'RED', to: ['Reims'] })
    const { out } = await desk.run(['--json', 'digest', ...FOR])
    expect(out).not.toContain('Secret matter')
    const text = await digest(desk)
    expect(text).toMatch(/^\*\*\* TLP:CLEAR \*\*\*\n/)
    expect(text).toContain('0 new, 0 retracted')
  })

  it('tells what was retracted and why, in the language that is asked for', async () => {
    await using desk = await openDesk()
    const { id } = desk.node.arrive(phish, INSTITUTIONS.reims)
    await desk.run(['retract', id, '--reason', 'false alarm: http://ok.example/', '--yes'])
    const text = await digest(desk, '--lang', 'fr', '--period', 'weekly')
    expect(text).toContain('0 nouveaux, 1 retirés')
    expect(text).toMatch(/== Hameçonnage ==\n\nRetirés[^=]*false alarm: http\[:\]\/\/ok\.example/)
  })

  it('leaves out what came before, and takes a week where it is asked to', async () => {
    await using desk = await openDesk()
    desk.node.arrive(phish)
    const later = (days: number) => ({ now: () => Date.now() + days * 86_400_000 })
    const subject = async (period: string, days: number) => {
      const { out } = await desk.run(['--json', 'digest', ...FOR, '--period', period], later(days))
      return (JSON.parse(out) as { fresh: unknown[] }).fresh.length
    }
    expect([
      await subject('daily', 0),
      await subject('daily', 2),
      await subject('weekly', 2),
      await subject('weekly', 8)
    ]).toEqual([1, 0, 1, 0])
  })

  it('keeps a title that would be a header, or a heading of ours, behind its mark', async () => {
    await using desk = await openDesk()
    desk.node.arrive({ ...phish, title: 'Bcc: x@evil.example == Scan == *** TLP:CLEAR ***' })
    const text = await digest(desk)
    expect(text.match(/^(?:==|\*\*\*).*$/gm)).toEqual(['*** TLP:AMBER ***', '== Phishing =='])
  })

  it('says what others said of ours in the period, and nothing of before, of ourselves or for us alone', async () => {
    await using desk = await openDesk()
    const value = 'login.evil.example'
    const { id } = desk.node.arrive(phish, INSTITUTIONS.reims)
    desk.node.arrive({ ...phish, title: 'Unseen' }, INSTITUTIONS.reims)
    const other = desk.node.arrive({ ...phish, title: 'Of others' })
    desk.node.say({ value, bulletin: id, kind: 'sighting', count: 2 })
    desk.node.say({ value, bulletin: id, kind: 'sighting', count: 3 }, INSTITUTIONS.lorraine)
    desk.node.say({ value, bulletin: id, kind: 'false-positive' })
    desk.node.say({ value, bulletin: id, kind: 'sighting', count: 100, tlp: 'RED' })
    desk.node.say({ value, bulletin: id, kind: 'sighting', count: 1_000 }, INSTITUTIONS.reims)
    desk.node.say({ value, bulletin: other.id, kind: 'sighting', count: 10_000 })
    const { out } = await desk.run(['--json', 'digest', ...FOR])
    const { seen, text } = JSON.parse(out) as { seen: { id: string }[]; text: string }
    expect(seen.map((one) => one.id)).toEqual([id])
    expect(text).toContain('3 new, 0 retracted, 1 of ours that others spoke of.')
    expect(text).toContain('domain login[.]evil[.]example  seen 5 times, called wrong by 1\n')
    const later = { now: () => Date.now() + 2 * 86_400_000 }
    expect((await desk.run(['--json', 'digest', ...FOR], later)).json<{ seen: unknown[] }>().seen).toEqual([])
    const week = await desk.run(['--json', 'digest', ...FOR, '--period', 'weekly'], later)
    expect(week.json<{ seen: unknown[] }>().seen).toHaveLength(1)
  })

  it('tells that a bulletin of PAP:RED is there, and neither its title nor a value nor why it went', async () => {
    await using desk = await openDesk()
    const silent = { ...phish, pap: 'RED', title: 'Watched at login.evil.example' } as const
    desk.node.arrive(silent)
    const ours = desk.node.arrive(silent, INSTITUTIONS.reims)
    desk.node.say({ value: 'login.evil.example', bulletin: ours.id, kind: 'sighting', count: 7 })
    const gone = desk.node.arrive(silent, INSTITUTIONS.reims)
    await desk.run(['retract', gone.id, '--reason', 'login.evil.example is ours', '--yes'])
    const text = await digest(desk)
    expect(text).toContain('2 new, 1 retracted, 1 of ours that others spoke of.')
    expect(text.match(/^- .*$/gm)).toEqual(Array(4).fill('- (PAP:RED: read it at the node)'))
    expect(text).toContain('    seen 7 times\n')
    expect(text).not.toMatch(/evil|Watched/)
  })

  it('takes the right one of two authors who chose one id, and goes on without what is gone', async () => {
    await using desk = await openDesk()
    const ours = desk.node.arrive(phish)
    const gone = desk.node.arrive({ ...phish, title: 'Erased meanwhile' })
    const other = desk.node.arrive({ ...phish, title: 'Of another author' })
    const door: typeof fetch = async (input, init) => {
      const path = new URL(String(input)).pathname
      const refuse = (code: string, facts = {}) =>
        Response.json({ code, title: code, status: 404, ...facts }, { status: 404 })
      if (path.endsWith(`/${ours.id}`))
        return refuse('ambiguous-id', { candidates: [other.id, ours.entries[0]?.entry] })
      return path.endsWith(`/${gone.id}`) ? refuse('not-found') : fetch(input, init)
    }
    const { out } = await desk.run(['--json', 'digest', ...FOR], { fetch: door })
    const { fresh, more } = JSON.parse(out) as { fresh: { title: string }[]; more: number }
    expect(fresh.map(({ title }) => title)).toEqual([phish.title, 'Of another author'])
    expect(more).toBe(1)
  })

  it('writes a file, and refuses what is no address', async () => {
    await using desk = await openDesk()
    const file = await desk.file('mail.eml', '')
    expect((await desk.run(['digest', ...FOR, '--to', file])).status).toBe(0)
    expect(await desk.read('mail.eml')).toMatch(/^To: rssi@univ-reims\.fr\r\nSubject: =\?utf-8\?B\?/)
    expect((await desk.run(['digest', '--recipient', 'a@b.fr\nBcc: c@d.fr'])).status).toBe(2)
    expect((await desk.run(['digest'])).status).toBe(2)
  })
})
