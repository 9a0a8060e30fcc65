import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './command.ts'

const LONG = { timeoutMs: 60_000, signal: new AbortController().signal }
const node = (code: string, ...args: string[]): string[] => [process.execPath, '-e', code, ...args]

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tocsin-command-'))
})
afterAll(() => rm(dir, { recursive: true }))

describe('a command', () => {
  it('gets its arguments as they are, no shell in between, and no secret of the node', async () => {
    const file = join(dir, 'seen')
    const odd = ['$(touch x); `y` && z', 'a b', '*', '"\'\\', 'é\n']
    process.env.TOCSIN_TOKEN = 'secret'
    const code = `require('fs').writeFileSync(process.argv[1], JSON.stringify([process.argv.slice(2), process.env, process.cwd()]))`
    try {
      expect(await runCommand(node(code, file, ...odd), { ...LONG, env: { TOCSIN_FEED: 'resolver' } })).toEqual({
        ok: true
      })
    } finally {
      delete process.env.TOCSIN_TOKEN
    }
    const [args, env, cwd] = JSON.parse(await readFile(file, 'utf8'))
    expect(args).toEqual(odd)
    expect(env).toMatchObject({ TOCSIN_FEED: 'resolver', PATH: process.env.PATH })
    expect(env).not.toHaveProperty('TOCSIN_TOKEN')
    expect(cwd).toBe('/')
  })

  it('tells how it failed, with the last line of what it said', async () => {
    expect(await runCommand(node(`console.error('first\\nlast'); process.exit(3)`), LONG)).toEqual({
      ok: false,
      status: '3',
      said: 'last'
    })
    expect(await runCommand([join(dir, 'absent')], LONG)).toMatchObject({ ok: false, status: 'ENOENT' })
  })

  it('is ended with what it started when it takes too long', async () => {
    const file = join(dir, 'grandchild')
    const grandchild = `require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`
    const code = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}]); setInterval(() => {}, 1000)`
    const running = runCommand(node(code), { ...LONG, timeoutMs: 3000 })
    expect(await running).toMatchObject({ ok: false, status: 'timeout' })
    const pid = Number(await readFile(file, 'utf8'))
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  it('is ended when the node stops', async () => {
    const stopping = new AbortController()
    const running = runCommand(node('setInterval(() => {}, 1000)'), { timeoutMs: 60_000, signal: stopping.signal })
    stopping.abort()
    expect(await running).toMatchObject({ ok: false, status: 'stopped' })
  })
})

/** False for a process that is gone, or dead and only not yet waited for. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return status !== '' && !/^State:\s+Z/m.test(status)
}
