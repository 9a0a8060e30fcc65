import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const script = `
  import { createParty, linked } from ${JSON.stringify(new URL('./network.fixture.ts', import.meta.url).href)}
  const [a, b] = [await createParty('a'), await createParty('b')]
  await Promise.all([a.network.start(), b.network.start()])
  a.allow(b); b.allow(a)
  while (!linked(a, b) || !linked(b, a)) await new Promise((resolve) => setTimeout(resolve, 10))
  await Promise.all([a.stop(), b.stop()])
  process.stdout.write('stopped')
`

describe('stop', () => {
  it('leaves no handle open: a process whose networks stopped ends by itself', async () => {
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { timeout: 30_000 })
    await expect(run).resolves.toMatchObject({ stdout: 'stopped' })
  })
})
