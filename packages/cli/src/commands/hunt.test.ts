import { describe, expect, it } from 'vitest'
import { type Desk, openDesk } from '../testing/desk.ts'

const LOG = `Nov 24 06:00:00 sshd[1]: Failed password for root from 192.0.2.7 port 22
Nov 24 06:00:01 named[2]: client 10.0.0.4 query: www.evil.example.org IN A
Nov 24 06:00:02 named[2]: client 10.0.0.4 query: notevil.example.org IN A
Nov 24 06:00:03 sshd[1]: Failed password for root from 192.0.2.77 port 22
Nov 24 06:00:04 proxy: http://good.example.net/ claire.martin hunter2
Nov 24 06:00:05 sshd[1]: Failed password for root from 192.0.2.7 port 22
`

function arrived(desk: Desk): string {
  const indicators = [
    { type: 'ipv4', value: '192.0.2.7' },
    { type: 'domain', value: 'evil.example.org' },
    { type: 'domain', value: 'example.net', role: 'context' },
    { type: 'filename', value: 'sshd' }
  ] as const
  return desk.node.arrive({
    title: 'Bruteforce',
    threat: 'phishing',
    pap: 'RED',
    tlp: 'AMBER',
    indicators: [...indicators]
  }).id
}

describe('hunt', () => {
  it('tells file, line, offset, bulletin, author and labels, and nothing else of a line', async () => {
    await using desk = await openDesk()
    const id = arrived(desk)
    const file = await desk.file('auth.log', LOG)
    const { status, out, err } = await desk.run(['hunt', file])
    expect(status).toBe(0)
    expect(out.split('\n')).toEqual([
      `${file}:1:55  192[.]0[.]2[.]7  ipv4  ${id.slice(0, 8)}  Valenciennes  TLP:AMBER  PAP:RED  phishing`,
      `${file}:2:122  www[.]evil[.]example[.]org  domain  evil[.]example[.]org  ${id.slice(0, 8)}  Valenciennes  TLP:AMBER  PAP:RED  phishing`,
      `${file}:6:${LOG.lastIndexOf('192.0.2.7')}  192[.]0[.]2[.]7  ipv4  ${id.slice(0, 8)}  Valenciennes  TLP:AMBER  PAP:RED  phishing`,
      ''
    ])
    expect(err).toContain('3 finds of 2 indicators in 1 logs')
    expect(err).toContain('--sight')
    expect(out.replaceAll(file, '') + err).not.toMatch(/root|client|hunter2/)
  })

  it('--json gives an object a line, --context the line around a find', async () => {
    await using desk = await openDesk()
    const id = arrived(desk)
    const { out } = await desk.run(['--json', 'hunt', '-', '--context', '10', '--type', 'domain'], { input: LOG })
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    ).toEqual([
      {
        file: '-',
        line: 2,
        offset: 122,
        type: 'domain',
        value: 'evil.example.org',
        text: 'www.evil.example.org',
        before: '.4 query: ',
        after: ' IN A',
        bulletins: [expect.objectContaining({ id, authorName: 'Valenciennes', tlp: 'AMBER', pap: 'RED' })]
      }
    ])
    expect(await desk.run(['hunt', '-', '--type', 'filename'], { input: LOG })).toMatchObject({
      status: 2,
      err: expect.stringContaining('type-not-hunted')
    })
  })

  it('ends as grep does: 1 where nothing is found, 2 where a log cannot be read', async () => {
    await using desk = await openDesk()
    arrived(desk)
    const [clean, dirty] = [await desk.file('clean.log', 'nothing\n'), await desk.file('dirty.log', LOG)]
    expect((await desk.run(['hunt', clean])).status).toBe(1)
    const { status, out, err } = await desk.run(['hunt', `${clean}.absent`, dirty])
    expect({ status, finds: out.trim().split('\n').length }).toEqual({ status: 2, finds: 3 })
    expect(err).toContain('log-unreadable')
    expect((await desk.run(['hunt', desk.home.replace(/home$/, '')])).status).toBe(2)
    expect((await desk.run(['hunt', '--recursive', desk.home.replace(/home$/, '')])).status).toBe(0)
    expect((await desk.run(['hunt'])).status).toBe(2)
  })

  it('hunts nothing that was retracted', async () => {
    await using desk = await openDesk()
    const id = arrived(desk)
    await desk.run(['retract', id, '--reason', 'wrong'])
    expect((await desk.run(['hunt', await desk.file('a.log', LOG)])).status).toBe(1)
  })

  it('a token for blocking may not hunt', async () => {
    await using desk = await openDesk()
    arrived(desk)
    const connect = async () => ({ baseUrl: desk.address, token: desk.node.token('read', 'AMBER', 'block') })
    const { status } = await desk.run(['hunt', await desk.file('a.log', LOG)], { connect })
    expect(status).not.toBe(0)
  })
})

describe('hunt --sight', () => {
  it('shows the sightings, asks, and reports them to the bulletin that knows the value', async () => {
    await using desk = await openDesk()
    const id = arrived(desk)
    const file = await desk.file('auth.log', LOG)
    const refused = await desk.run(['hunt', file, '--sight'], { answers: [['Report 2 sightings', 'n']] })
    expect(refused.status).toBe(2)
    expect(refused.err).toMatch(/192\[\.\]0\[\.\]2\[\.\]7 +ipv4 +2 +/)
    expect((await desk.run(['hunt', file, '--sight'])).err).toContain('needs-confirmation')
    const done = await desk.run(['hunt', file, '--sight'], { answers: [['Report 2 sightings', 'y']] })
    expect(done).toMatchObject({ status: 0, err: expect.stringContaining('2 sightings reported') })
    expect(done.err).not.toContain('--sight')
    const json = await desk.run(['--json', 'hunt', file, '--sight', '--yes'])
    expect(reported(json.out)).toEqual([
      { type: 'ipv4', value: '192.0.2.7', bulletin: id, kind: 'sighting', count: 2, entry: expect.any(String) },
      { type: 'domain', value: 'evil.example.org', bulletin: id, kind: 'sighting', count: 1, entry: expect.any(String) }
    ])
  })

  it('--private tells the author alone', async () => {
    await using desk = await openDesk()
    arrived(desk)
    const file = await desk.file('auth.log', LOG)
    const { status, out } = await desk.run(['--json', 'hunt', file, '--sight', '--private', '--yes'])
    expect(status).toBe(0)
    expect(reported(out)).toEqual([
      expect.objectContaining({ value: '192.0.2.7', count: 2, kind: 'sighting', private: true }),
      expect.objectContaining({ value: 'evil.example.org', count: 1, private: true })
    ])
  })
})

/** The sightings in the output of --json. */
function reported(out: string): unknown[] {
  const lines = out.trim().split('\n')
  return lines.flatMap((line) => JSON.parse(line).sighting ?? [])
}
