/** What every test of a real consumer needs: its programs, or a failure where CI lacks them; a folder; feeds in files. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { FEEDS, type FeedItem, type FeedName, type FeedOptions, writeFileAtomic } from '@tocsin/connectors'
import type { IndicatorType, InstitutionId, Tlp } from '@tocsin/model'
import { it, type TestContext } from 'vitest'

/** Debian keeps daemons where an ordinary user's PATH does not look. */
export const ENV: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' }

export interface Ended {
  readonly status: number
  readonly stdout: string
  /** Both streams. */
  readonly output: string
}

/** Runs a program to its end, with a text on its standard input. */
export function run(command: string, args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { env: ENV, maxBuffer: 2 ** 26, timeout: 120_000 },
      (error, stdout, stderr) => {
        const code = error?.code
        const status = error === null ? 0 : typeof code === 'number' ? code : -1
        resolve({ status, stdout, output: stdout + stderr })
      }
    )
    // Whoever reads nothing may be gone before all is written.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** `it` over programs that must be there: a failure in CI where they are not, elsewhere a test passed over aloud. */
export function itWith(tools: readonly string[], name: string, test: () => Promise<void>, timeoutMs = 60_000): void {
  it(
    name,
    async (context: TestContext) => {
      const found = await Promise.all(tools.map((tool) => run('sh', ['-c', `command -v ${tool}`])))
      const missing = tools.filter((_, i) => found[i]?.status !== 0)
      if (missing.length === 0) return test()
      const need = `needs ${missing.join(', ')} (scripts/system-packages.sh installs it)`
      if (process.env.CI === 'true') throw new Error(need)
      console.warn(`${context.task.name}: ${need}`)
      return context.skip(need)
    },
    timeoutMs
  )
}

/** One item of a bulletin by an author whose name would like to be a line of its own. */
export function item(
  type: IndicatorType,
  value: string,
  authorName = 'x"\nevil-name.com REJECT\n#',
  tlp: Tlp = 'AMBER'
): FeedItem {
  return {
    indicator: { type, value, role: 'malicious' },
    bulletin: {
      id: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
      title: 'Hameçonnage',
      author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId,
      authorName,
      tlp,
      pap: 'GREEN',
      threat: 'phishing',
      confidence: 80,
      publishedAt: Date.UTC(2026, 10, 24, 9)
    }
  }
}

/** Values that no consumer is to refuse a file for. */
export function hostile(): FeedItem[] {
  const label = (letter: string) => letter.repeat(63)
  const bad = [
    '#',
    '"',
    "'",
    '\\',
    '/',
    '(',
    '[',
    '{',
    '*',
    '?',
    '$',
    '^',
    '|',
    ';',
    '=',
    '%',
    '@',
    '\t',
    '\n',
    '\u2028',
    'é'
  ]
  return [
    item('domain', `${label('a')}.${label('b')}.${label('c')}.${'d'.repeat(57)}.com`),
    item('domain', `${label('a')}.${label('b')}.${label('c')}.${label('d')}.com`),
    item('domain', '*.evil-campus.com'),
    item('domain', 'com'),
    item('domain', '_dmarc.evil-host.com'),
    item('cidr', '45.9.148.99/24'),
    item('cidr', '45.9.150.7/32'),
    item('cidr', '2a0e:5700:9::ffff/48'),
    item('ipv6', '::ffff:198.18.0.1'),
    item('ipv6', '2A0E:5700::1'),
    ...bad.flatMap((mark) => [
      item('url', `http://evil-mark.com/a${mark}b`),
      item('email', `a${mark}b@evil-mark.com`),
      item('email-subject', `a ${mark} b`),
      item('email-subject', mark),
      item('message-id', `a${mark}b@evil-mark.com`),
      item('filename', `a${mark}b.exe`)
    ])
  ]
}

/** Writes a feed over these items into a file of the folder and returns its path. */
export async function feedFile(
  dir: string,
  name: FeedName,
  items: readonly FeedItem[],
  options: FeedOptions = {}
): Promise<string> {
  async function* source(): AsyncGenerator<FeedItem> {
    yield* items
  }
  const path = join(dir, `${name}.${FEEDS[name].extension}`)
  await writeFileAtomic(path, FEEDS[name].write(source(), options))
  return path
}
