import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, dig, ENV, endServer, eventually, freePort } from './bind.ts'

/** A resolver of our own that asks one name server for everything, with a policy zone. */
export interface Resolver extends AsyncDisposable {
  resolve(name: string, type?: 'A' | 'AAAA'): Promise<Answer>
  /** All that it has logged. */
  log(): string
}

/** Where a policy zone comes from: a file, or a primary on 127.0.0.1 with or without a key of hmac-sha256. */
export type PolicySource =
  | { readonly file: string }
  | { readonly primary: number; readonly key?: { readonly name: string; readonly secret: string } }

export interface ResolverSetup {
  readonly policyZone: string
  readonly policy: PolicySource
  /** Port of the name server on 127.0.0.1 that stands for the Internet. */
  readonly internet: number
  /** Domains that it knows. */
  readonly domains: readonly string[]
  /** Where to listen; a free port where there is none. */
  readonly port?: number
  /** Socket at which Unbound takes the words of unbound-control. */
  readonly control?: string
}

/** Program and arguments by which Unbound at this socket reads its zone anew. */
export function reloadWords(control: string, zone: string): readonly string[] {
  return ['unbound-control', '-s', control, 'auth_zone_reload', zone]
}

/** Unbound with the zone under `rpz:`; it transfers without TSIG, which it does not know. */
export async function startUnbound(setup: ResolverSetup): Promise<Resolver> {
  return startResolver(setup, 'unbound', async (directory, port) => {
    const { policyZone, policy, internet, domains, control } = setup
    const configuration = join(directory, 'unbound.conf')
    const source = 'file' in policy ? `zonefile: "${policy.file}"` : `primary: 127.0.0.1@${policy.primary}`
    const stubs = domains.map((domain) => `stub-zone:\n  name: "${domain}"\n  stub-addr: 127.0.0.1@${internet}\n`)
    await writeFile(
      configuration,
      `server:
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  interface: 127.0.0.1@${port}
  do-ip6: no
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
  do-not-query-localhost: no
  root-hints: ""
  module-config: "respip iterator"
remote-control:
${control === undefined ? '  control-enable: no' : `  control-enable: yes\n  control-interface: "${control}"\n  control-use-cert: no`}
rpz:
  name: "${policyZone}"
  ${source}
${stubs.join('')}`
    )
    return ['-d', '-c', configuration]
  })
}

/** PowerDNS Recursor; it asks the primary every second, since it takes no NOTIFY for policy zones. */
export async function startRecursor(setup: ResolverSetup): Promise<Resolver> {
  return startResolver(setup, 'pdns_recursor', async (directory, port) => {
    const { policyZone, policy, internet, domains } = setup
    const lua = join(directory, 'policy.lua')
    await writeFile(lua, `${luaPolicy(policyZone, policy)}\n`)
    await mkdir(join(directory, 'run'))
    return [
      `--config-dir=${directory}`,
      `--socket-dir=${join(directory, 'run')}`,
      '--local-address=127.0.0.1',
      `--local-port=${port}`,
      `--forward-zones=${domains.map((domain) => `${domain}=127.0.0.1:${internet}`).join(',')}`,
      `--lua-config-file=${lua}`,
      '--daemon=no',
      '--disable-syslog=yes',
      '--log-timestamp=no',
      '--write-pid=no',
      '--threads=1',
      '--dnssec=off',
      // An answer made by the policy is kept for its minute otherwise, and the test would wait as long.
      '--disable-packetcache=yes',
      '--dont-query=',
      '--security-poll-suffix=',
      '--loglevel=6'
    ]
  })
}

function luaPolicy(zone: string, policy: PolicySource): string {
  if ('file' in policy) return `rpzFile("${policy.file}", { policyName = "${zone}" })`
  const { primary, key } = policy
  const signed =
    key === undefined ? '' : `, tsigname = "${key.name}", tsigalgo = "hmac-sha256", tsigsecret = "${key.secret}"`
  return `rpzPrimary("127.0.0.1:${primary}", "${zone}", { refresh = 1${signed} })`
}

type Prepare = (directory: string, port: number) => Promise<readonly string[]>

/** Resolves when it answers for the first of the domains. */
async function startResolver(
  { domains, port: wanted }: ResolverSetup,
  command: string,
  prepare: Prepare
): Promise<Resolver> {
  const directory = await mkdtemp(join(tmpdir(), `tocsin-${command}-`))
  const port = wanted ?? (await freePort())
  const child = spawn(command, await prepare(directory, port), { env: ENV, cwd: directory })
  const ended = once(child, 'exit')
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  }
  child.on('error', (error) => {
    log += `${error}\n`
  })
  const stop = () => endServer(child, ended, directory)
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null || child.pid === undefined) throw new Error(`${command} ended`)
        return (await dig(port, domains[0] ?? 'localhost.', 'A')).status
      },
      (status) => status === 'NOERROR'
    )
  } catch (error) {
    await stop()
    throw new Error(`${command} did not start: ${error}\n${log}`)
  }
  return { resolve: (name, type = 'A') => dig(port, name, type), log: () => log, [Symbol.asyncDispose]: stop }
}
