import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const script = `
  import { createParty, linked } from ${JSON.stringify(new URL('./network.fixture.ts', import.meta.url).href)}
  const a = await createParty('a', { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'], servesRelay: true })
  const b = await createParty('b', { listen: [], relays: [a.institution] })
  a.share(b, '${'0a'.repeat(32)}'); b.share(a, '${'0a'.repeat(32)}')
  await Promise.all([a.network.start(), b.network.start()])
  a.allow(b); b.allow(a)
  while (b.network.addresses().length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  while (!linked(a, b) || !linked(b, a)) await new Promise((resolve) => setTimeout(resolve, 10))
  await Promise.all([a.stop(), b.stop()])
  process.stdout.write('stopped')
`

describe('stop', () => {
  it('leaves no handle open: a process whose networks, lookups and relay stopped ends by itself', async () => {
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { timeout: 30_000 })
    await expect(run).resolves.toMatchObject({ stdout: 'stopped' })
  })
})
