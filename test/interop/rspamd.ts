/** A Rspamd of its own, with the rules that a test gives it, asking nobody anything. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, until } from '../harness/process.ts'
import { ENV, run } from './consumer.ts'

/** What Rspamd would ask others about, or wait for. */
const SILENCED = [
  ...['fuzzy_check', 'rbl', 'asn', 'phishing', 'mx_check', 'dkim', 'arc', 'spf', 'dmarc', 'hfilter', 'once_received']
]

export interface Rspamd {
  /** The names of our rules that a message meets, in order. */
  symbols(message: string, options?: { readonly from?: string; readonly ip?: string }): Promise<string[]>
  stop(): Promise<void>
}

/**
 * Starts it in a folder, once `rspamadm configtest` has found nothing wrong.
 * @param files names in local.d with their text, `multimap.conf` among them
 * @param options lines for options.inc
 */
export async function startRspamd(dir: string, files: Readonly<Record<string, string>>, options = ''): Promise<Rspamd> {
  const [local = '', override = '', runs = '', db = ''] = ['local/local.d', 'local/override.d', 'run', 'db'].map(
    (name) => join(dir, name)
  )
  for (const folder of [local, override, runs, db]) await mkdir(folder, { recursive: true })
  for (const folder of [runs, db]) await chmod(folder, 0o777)
  for (const [name, text] of Object.entries(files)) await writeFile(join(local, name), text)
  // The list of suffixes is short: the whole one takes a minute to compile.
  await writeFile(join(dir, 'tld.dat'), 'com\nfr\norg\n')
  await writeFile(
    join(local, 'options.inc'),
    `dns { nameserver = ["127.0.0.1:1"]; timeout = 0.05s; retransmits = 1; }\ndisable_monitoring = true;\nurl_tld = "${join(dir, 'tld.dat')}";\n${options}`
  )
  for (const module of SILENCED) await writeFile(join(override, `${module}.conf`), 'enabled = false;\n')
  for (const worker of ['proxy', 'fuzzy']) await writeFile(join(override, `worker-${worker}.inc`), 'enabled = false;\n')
  const port = await freePort()
  await writeFile(join(override, 'worker-normal.inc'), `bind_socket = "127.0.0.1:${port}";\ncount = 1;\n`)
  await writeFile(join(override, 'worker-controller.inc'), `bind_socket = "127.0.0.1:${await freePort()}";\n`)
  await writeFile(join(override, 'logging.inc'), 'type = "console";\nlevel = "error";\n')
  const variables = [
    `--var=LOCAL_CONFDIR=${join(dir, 'local')}`,
    `--var=DBDIR=${db}`,
    `--var=RUNDIR=${runs}`,
    `--var=LOGDIR=${runs}`
  ]
  const checked = await run('rspamadm', [...variables, 'configtest', '-c', '/etc/rspamd/rspamd.conf'])
  if (checked.status !== 0 || !checked.stdout.includes('syntax OK')) throw new Error(checked.output)

  const daemon = spawn('rspamd', ['-f', '-i', ...variables, '-c', '/etc/rspamd/rspamd.conf'], {
    env: ENV,
    stdio: 'ignore'
  })
  const self: Rspamd = {
    symbols: async (message, { from = 'friend@univ-good.fr', ip = '193.50.0.9' } = {}) => {
      const { stdout } = await run('rspamc', ['-h', `127.0.0.1:${port}`, `--from=${from}`, `--ip=${ip}`], message)
      if (!stdout.includes('Score:')) throw new Error(stdout)
      return [...stdout.matchAll(/^Symbol: (TOCSIN_\w+)/gm)].map(([, name = '']) => name).toSorted()
    },
    stop: async () => {
      daemon.kill()
      await once(daemon, 'exit')
    }
  }
  try {
    await until('Rspamd answers', () => self.symbols('From: a@univ-good.fr\r\n\r\nx\r\n').then(() => true), 60_000)
  } catch (error) {
    await self.stop()
    throw error
  }
  return self
}
