/** Under strace: what is acknowledged or pushed is on disk first. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'

const STRACE = '/usr/bin/strace'
const isHere = existsSync(STRACE)

describe('fsync before the acknowledgement and before the first push', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let trace: string

  beforeAll(async () => {
    if (!isHere) return
    federation = await createFederation()
    ;[reims, uphf] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr')
    ])
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 2, [reims, uphf])
    await reims.stop()
    trace = join(reims.home, 'trace')
    // -s: enough of each write to tell the HTTP answer from a frame; -y: the peer of each socket.
    const calls = 'trace=fdatasync,fsync,write,writev,sendto,sendmsg'
    await reims.start({ wrap: [STRACE, '-f', '-tt', '-s', '200', '-yy', '-e', calls, '-o', trace] })
    await federation.link(reims, uphf)
  })

  afterAll(() => federation?.end())

  it.runIf(isHere || process.env.CI === 'true')('holds for a publish', async () => {
    expect(isHere, 'strace is missing: scripts/system-packages.sh installs it').toBe(true)
    // The first one settles the stream of this run; the second is looked at.
    await arrives(uphf, await publish(reims, { tlp: 'AMBER', title: 'first' }))
    const before = (await readFile(trace, 'utf8')).split('\n').length
    const id = await publish(reims, { tlp: 'AMBER', title: 'second' })
    await arrives(uphf, id)
    const lines = (await readFile(trace, 'utf8')).split('\n').slice(before - 1)

    const port = /\/tcp\/(\d+)$/.exec(reims.listen)?.[1] ?? ''
    const peerPort = /\/tcp\/(\d+)$/.exec(uphf.listen)?.[1] ?? ''
    const written = lines.findIndex((line) => /write\(\d+<[^>]*\/store\/\d+\.log>/.test(line))
    const synced = lines.findIndex(
      (line, index) => index > written && /fdatasync(\(| resumed)/.test(line) && /= 0$/.test(line)
    )
    const answered = lines.findIndex((line) => line.includes('HTTP/1.1 201') || line.includes('HTTP/1.1 200'))
    const toPeer = (line: string): boolean =>
      /(write|writev|sendto|sendmsg)\(\d+<TCP/.test(line) &&
      (line.includes(`:${port}`) || line.includes(`:${peerPort}`))
    const pushed = lines.findIndex((line, index) => index > written && toPeer(line))

    expect(written).toBeGreaterThanOrEqual(0)
    expect(synced).toBeGreaterThan(written)
    expect(answered).toBeGreaterThan(synced)
    expect(pushed).toBeGreaterThan(synced)
  })
})
