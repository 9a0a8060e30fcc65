import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'

/** Debian keeps named and rndc where an ordinary user's PATH does not look. */
const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`
export const ENV = { ...process.env, PATH }

/** Which of the tools of BIND that these tests need are not there. */
export async function missingBindTools(): Promise<string[]> {
  return missingTools(['named', 'named-checkzone', 'rndc', 'dig'])
}

/** Which of these programs are not there. */
export async function missingTools(tools: readonly string[]): Promise<string[]> {
  const found = await Promise.all(tools.map((tool) => run('sh', ['-c', `command -v ${tool}`])))
  return tools.filter((_, i) => found[i]?.status !== 0)
}

/** Where BIND is missing: a failure in CI, elsewhere a test that is passed over aloud. */
export function withoutBind(missing: readonly string[], context: TestContext): never {
  return without('BIND', missing, context)
}

export function without(what: string, missing: readonly string[], context: TestContext): never {
  const need = `needs ${what}, missing: ${missing.join(', ')} (scripts/system-packages.sh installs it)`
  if (process.env.CI === 'true') throw new Error(need)
  console.warn(`${context.task.name}: ${need}`)
  return context.skip(need)
}

/** Ends a server that a test started, by force after ten seconds, and takes its folder away. */
export async function endServer(child: ChildProcess, ended: Promise<unknown>, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(patience)
  }
  await rm(directory, { recursive: true, force: true })
}

/** How a program ended; `output` is both its streams. */
export interface Ended {
  readonly status: number
  readonly output: string
}

export function run(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { env: ENV, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error?.code
      resolve({ status: error === null ? 0 : typeof code === 'number' ? code : -1, output: stdout + stderr })
    })
  })
}

/** Asks until the answer satisfies, and returns it; throws with the last answer after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  withinMs = 20_000
): Promise<T> {
  const end = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (satisfies(answer)) return answer
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms; last answer: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** What a name server answered: the response code, and the data of the answer section. */
export interface Answer {
  readonly status: string
  readonly data: readonly string[]
}

/** Asks the name server at this port of 127.0.0.1; status NONE where nobody answers within a second. */
export async function dig(port: number, name: string, type: string): Promise<Answer> {
  const asking = ['+time=1', '+tries=1', '+noedns', '+noall', '+comments', '+answer']
  const { output } = await run('dig', ['@127.0.0.1', '-p', `${port}`, ...asking, name, type])
  const data = [...output.matchAll(/^[^;\s]\S*\s+\d+\s+IN\s+(?:A|AAAA|SOA)\s+(.+)$/gm)].map((match) => match[1] ?? '')
  return { status: /status: ([A-Z]+)/.exec(output)?.[1] ?? 'NONE', data }
}

/** A named of our own, with a policy zone and an authoritative zone, that never asks anybody else. */
export interface Named extends AsyncDisposable {
  /** Where it answers, on 127.0.0.1. */
  readonly port: number
  /** The file of the policy zone. */
  readonly policyFile: string
  resolve(name: string, type?: 'A' | 'AAAA'): Promise<Answer>
  /** `rndc reload` of the policy zone; resolves when named has taken it up or refused it (see `serial`). */
  reload(): Promise<void>
  /** The policy zone's serial as named serves it. */
  serial(): Promise<number | undefined>
  /** All that named has logged. */
  log(): string
  /** What of the log is a complaint about the policy zone; `named-checkzone` knows none of this. */
  complaints(): string[]
  checkZone(): Promise<Ended>
}

/** What a named is given: name of the policy zone, its text, and the zones that stand for the Internet. */
export interface NamedSetup {
  readonly policyZone: string
  /** The zone's text; or where to transfer it from, with a key of hmac-sha256. */
  readonly policy:
    | string
    | { readonly primary: number; readonly key?: { readonly name: string; readonly secret: string } }
  /** Where to listen; a free port where there is none. */
  readonly port?: number
  /** Zone name → its records, one a line, owners relative. */
  readonly zones: Readonly<Record<string, readonly string[]>>
}

/** Starts named in a temporary directory and returns when it answers. Another program taking the port: tried again. */
export async function startNamed(setup: NamedSetup): Promise<Named> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryNamed(setup)
    } catch (error) {
      if (attempt === 3 || !String(error).includes('address in use')) throw error
    }
  }
}

async function tryNamed({ policyZone, policy, zones, port: wanted }: NamedSetup): Promise<Named> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-bind-'))
  const [port, control] = [wanted ?? (await freePort()), await freePort()]
  const policyFile = join(directory, 'policy.zone')
  await mkdir(join(directory, 'run'))
  if (typeof policy === 'string') await writeFile(policyFile, policy)
  for (const [name, records] of Object.entries({ '.': [], ...zones })) {
    const text = ['$TTL 5', '@ SOA localhost. hostmaster.localhost. 1 60 60 600 5', '@ NS localhost.', ...records, '']
    await writeFile(join(directory, zoneFile(name)), text.join('\n'))
  }
  await writeFile(join(directory, 'rndc.key'), KEY)
  const configuration = join(directory, 'named.conf')
  await writeFile(
    configuration,
    named({ directory, port, control, policyZone, policy, zones: ['.', ...Object.keys(zones)] })
  )

  const child = spawn('named', ['-g', '-n', '1', '-c', configuration], { env: ENV, cwd: directory })
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

  const rndc = (...args: string[]) =>
    run('rndc', ['-s', '127.0.0.1', '-p', `${control}`, '-k', join(directory, 'rndc.key'), ...args])

  const stop = () => endServer(child, ended, directory)

  try {
    // 'running' comes when all zones are loaded or refused.
    await eventually(
      async () => {
        if (child.exitCode !== null || child.pid === undefined) throw new Error(`named ended:\n${log}`)
        return / running$/m.test(log) ? (await dig(port, 'localhost.', 'A')).status : 'NONE'
      },
      (status) => status !== 'NONE'
    )
  } catch (error) {
    await stop()
    throw new Error(`named did not start: ${error}\n${log}`)
  }

  const serial = async (): Promise<number | undefined> => {
    // Policy zones may be asked for by those whom allow-query names.
    const soa = (await dig(port, policyZone, 'SOA')).data[0]?.split(' ')[2]
    return soa === undefined ? undefined : Number(soa)
  }

  return {
    port,
    policyFile,
    resolve: (name, type = 'A') => dig(port, name, type),
    serial,
    async reload() {
      const { status, output } = await rndc('reload', policyZone)
      if (status !== 0) throw new Error(`rndc reload: ${output}`)
    },
    log: () => log,
    complaints: () => log.split('\n').filter((line) => COMPLAINT.test(line)),
    checkZone: () => run('named-checkzone', [policyZone, policyFile]),
    [Symbol.asyncDispose]: stop
  }
}

const COMPLAINT = /(?:warning|error|critical): .*(?:rpz|policy)|invalid rpz|not the canonical|too small prefix/i

// A secret of the test's own; the control channel listens on loopback and lives as long as the test.
const KEY = 'key "test" { algorithm hmac-sha256; secret "dG9jc2luLWludGVyb3AtdGVzdC1rZXk="; };\n'

function zoneFile(name: string): string {
  return `${name === '.' ? 'root' : name}.zone`
}

interface Configuration {
  readonly directory: string
  readonly port: number
  readonly control: number
  readonly policyZone: string
  readonly policy: NamedSetup['policy']
  readonly zones: readonly string[]
}

function named({ directory, port, control, policyZone, policy, zones }: Configuration): string {
  const primary = (name: string, file: string, more = '') =>
    `zone "${name}" { type primary; file "${join(directory, file)}"; ${more} };\n`
  return `${KEY}
controls { inet 127.0.0.1 port ${control} allow { 127.0.0.1; } keys { "test"; }; };
logging {
  channel all { stderr; severity info; print-category yes; print-severity yes; };
  category default { all; };
  category rpz { all; };
};
options {
  directory "${directory}";
  pid-file "${directory}/run/named.pid";
  session-keyfile "${directory}/run/session.key";
  managed-keys-directory "${directory}/run";
  lock-file none;
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion yes;
  allow-query { 127.0.0.1; };
  allow-transfer { none; };
  dnssec-validation no;
  empty-zones-enable no;
  forwarders { };
  notify no;
  // The default keeps a reload waiting for a minute after the one before it.
  response-policy { zone "${policyZone}" min-update-interval 0; } qname-wait-recurse no;
};
${zones.map((name) => primary(name, zoneFile(name))).join('')}${
  typeof policy === 'string' ? primary(policyZone, 'policy.zone') : secondary(directory, policyZone, policy)
}`
}

function secondary(directory: string, zone: string, { primary, key }: Exclude<NamedSetup['policy'], string>): string {
  const secret = key === undefined ? '' : `key "${key.name}" { algorithm hmac-sha256; secret "${key.secret}"; };\n`
  const signed = key === undefined ? '' : ` key "${key.name}"`
  return `${secret}zone "${zone}" {
  type secondary; file "${join(directory, 'policy.zone')}"; masterfile-format text;
  primaries { 127.0.0.1 port ${primary}${signed}; };
};
`
}
