/** The command as an officer runs it: a peer's indicators, our logs, a sighting that comes back to the peer. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'
import { BIN, until } from '../harness/process.ts'

interface Held {
  readonly indicators: readonly { readonly value: string; readonly sightings: { readonly sighting: number } }[]
}

describe('tocsin hunt', () => {
  let federation: Federation
  let reims: Institution
  let valenciennes: Institution
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-hunt-'))
    federation = await createFederation()
    reims = await federation.institution('Reims', 'univ-reims.fr')
    valenciennes = await federation.institution('Valenciennes', 'uphf.fr')
    await federation.link(reims, valenciennes)
    await federation.circle('esr-fr', 2, [reims, valenciennes])
  })

  afterAll(async () => {
    await federation?.end()
    await rm(folder, { recursive: true, force: true })
  })

  function hunt(by: Institution, args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
    const command = [BIN, '--home', by.home, ...args]
    return new Promise((resolve) => {
      const child = execFile(process.execPath, command, { env: { ...process.env, TOCSIN_LANG: 'en' } }, (_, out, err) =>
        resolve({ status: child.exitCode ?? -1, out, err })
      )
    })
  }

  it('finds what a peer published, quietly, and tells it when asked', async () => {
    const id = await publish(reims, {
      tlp: 'AMBER',
      pap: 'RED',
      circle: 'esr-fr',
      indicators: [
        { type: 'domain', value: 'evil.example' },
        { type: 'cidr', value: '203.0.113.0/24' },
        { type: 'domain', value: 'context.example', role: 'context' }
      ]
    })
    await arrives(valenciennes, id)
    const lines = ['ok', 'query www.evil.example', 'from 203.0.113.77 and context.example', 'query evil.example']
    const log = join(folder, 'dns.log.gz')
    await writeFile(log, gzipSync(`${lines.join('\n')}\n`))

    const found = await hunt(valenciennes, ['--json', 'hunt', log])
    expect({ status: found.status, err: found.err }).toMatchObject({ status: 0 })
    const finds = found.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(finds.map(({ line, type, text }) => [line, type, text])).toEqual([
      [2, 'domain', 'www.evil.example'],
      [3, 'cidr', '203.0.113.77'],
      [4, 'domain', 'evil.example']
    ])
    expect(finds[0].bulletins).toMatchObject([{ id, authorName: 'Reims', tlp: 'AMBER', pap: 'RED' }])
    // PAP:RED lets it be hunted and keeps it from every tool that acts.
    expect((await hunt(valenciennes, ['export', 'list'])).out).not.toContain('evil.example')

    const told = await hunt(valenciennes, ['hunt', log, '--sight', '--yes'])
    expect({ status: told.status, err: told.err }).toMatchObject({ status: 0 })
    await until('Reims knows of both sightings', async () => {
      const { indicators } = await reims.call<Held>('GET', `/v1/bulletins/${id}`)
      return indicators.map(({ sightings }) => sightings.sighting).join() === '2,1,0'
    })

    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'a mistake' })
    await until(
      'what was retracted is hunted no more',
      async () => (await hunt(valenciennes, ['hunt', log])).status === 1
    )
  }, 240_000)
})
