/** Squid reads our list without a complaint; HAProxy refuses the listed host and what is below it, and no other. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { freePort, temporaryFolder, until } from '../harness/process.ts'
import { ENV, feedFile, hostile, item, itWith, run } from './consumer.ts'

const items = [
  ...hostile(),
  item('domain', 'evil-campus.com'),
  item('domain', 'www.evil-campus.com'),
  item('domain', 'login.phish-campus.com'),
  item('ipv4', '127.0.0.9'),
  item('cidr', '185.220.100.0/25'),
  item('ipv6', '2a0e:5700:4::1f')
]

/** The block of docs/formats.md that begins so: what is written there is what is tested. */
async function documented(beginning: string): Promise<string> {
  const text = await readFile(new URL('../../docs/formats.md', import.meta.url), 'utf8')
  const block = [...text.matchAll(/```\n([^`]+)```/g)]
    .map(([, body = '']) => body)
    .find((body) => body.startsWith(beginning))
  if (block === undefined) throw new Error(`docs/formats.md has no block that begins with ${beginning}`)
  return block
}

describe('proxies', () => {
  let dir = ''
  let remove = async (): Promise<void> => undefined

  beforeAll(async () => {
    ;({ dir, remove } = await temporaryFolder())
  })

  afterAll(() => remove())

  itWith(['squid'], 'squid -k parse takes the list, without a warning', async () => {
    const list = await feedFile(dir, 'squid', items)
    const config = join(dir, 'squid.conf')
    const parse = async (path: string): Promise<string> => {
      await writeFile(
        config,
        `http_port 127.0.0.1:${await freePort()}\nacl tocsin dstdomain "${path}"\nhttp_access deny tocsin\npid_filename none\ncache_log /dev/null\naccess_log none\n`
      )
      const { status, output } = await run('squid', ['-k', 'parse', '-f', config])
      expect(status).toBe(0)
      return output
    }
    expect(await parse(list)).not.toMatch(/WARNING|ERROR/)
    // Squid does complain of what the feed leaves out.
    const covered = join(dir, 'covered.txt')
    await writeFile(covered, '.evil-campus.com\n.www.evil-campus.com\n')
    expect(await parse(covered)).toMatch(/WARNING|ERROR/)
  })

  itWith(['haproxy'], 'HAProxy refuses listed hosts and addresses', async () => {
    const port = await freePort()
    const rules = (await documented('http-request set-var'))
      .replaceAll('/etc/haproxy/tocsin-host.map', await feedFile(dir, 'haproxy-host', items))
      .replaceAll('/etc/haproxy/tocsin-ip.map', await feedFile(dir, 'haproxy-ip', items))
    const config = join(dir, 'haproxy.cfg')
    await writeFile(
      config,
      `defaults\nmode http\ntimeout client 5s\ntimeout server 5s\ntimeout connect 5s\nfrontend f\nbind 127.0.0.1:${port}\n${rules}http-request return status 200\n`
    )
    expect(await run('haproxy', ['-c', '-f', config])).toMatchObject({ status: 0 })
    const proxy = spawn('haproxy', ['-db', '-f', config], { env: ENV, stdio: 'ignore' })
    try {
      const ask = (host: string, localAddress = '127.0.0.1'): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
          const asked = request({ host: '127.0.0.1', port, localAddress, headers: { host } }, (response) => {
            response.resume()
            resolve(response.statusCode)
          })
          asked.once('error', reject).end()
        })
      await until('HAProxy answers', () => ask('good.org'))
      expect(await ask('evil-campus.com')).toBe(403)
      expect(await ask('deep.EVIL-campus.com:8080')).toBe(403)
      expect(await ask('login.phish-campus.com')).toBe(403)
      expect(await ask('phish-campus.com')).toBe(200)
      expect(await ask('notevil-campus.com')).toBe(200)
      expect(await ask('evil-campus.com.good.org')).toBe(200)
      expect(await ask('evil-name.com')).toBe(200)
      expect(await ask('good.org', '127.0.0.9')).toBe(403)
    } finally {
      proxy.kill()
      await once(proxy, 'exit')
    }
  })
})
