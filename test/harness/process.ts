/** Real `tocsin run` processes on free loopback ports, in temporary homes, ended with the test that started them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const BIN: string = fileURLToPath(new URL('../../node/bin/tocsin.ts', import.meta.url))

// Below those that the system gives to whoever asks for any, outgoing connections among them: one of these would take a port
// before the node that it was found for. Each process of a test run has a block of its own.
const FIRST_PORT = 10_000
const BLOCK = 100
const BLOCKS = 220
const block = FIRST_PORT + BLOCK * (process.pid % BLOCKS)
let taken = 0

/** A port that is free, and that nobody else is given before this process has given a hundred. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < BLOCK; tries += 1) {
    const port = block + (taken % BLOCK)
    taken += 1
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${block} on is free`)
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A folder that is gone after `use`, whatever happens in it. */
export async function temporaryFolder(): Promise<{ readonly dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'tocsin-test-'))
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Asks again, every few milliseconds, until the answer is no longer undefined or false; then gives it. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000
): Promise<T> {
  const end = Date.now() + timeoutMs
  let last: unknown
  while (Date.now() < end) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`waited ${timeoutMs} ms in vain: ${what}${last === undefined ? '' : ` (${String(last)})`}`)
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the `tocsin` command to its end. */
export function tocsin(
  args: readonly string[],
  options: { readonly home?: string; readonly input?: string | Uint8Array; readonly env?: NodeJS.ProcessEnv } = {}
): Promise<Ran> {
  const home = options.home === undefined ? [] : ['--home', options.home]
  const child = spawn(process.execPath, [BIN, ...home, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...options.env }
  })
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (data: Buffer) => out.push(data))
    child.stderr.on('data', (data: Buffer) => err.push(data))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    )
    child.stdin.end(options.input ?? '')
  })
}

export interface NodeProcess {
  readonly pid: number
  /** Everything it logged so far. */
  log(): string
  /** Ends it with the signal and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts `tocsin run` and resolves once its door answers `/readyz`. `wrap`: a command before it (`strace …`). */
export async function startProcess(
  home: string,
  options: { readonly wrap?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}
): Promise<NodeProcess> {
  const [command = process.execPath, ...rest] = [...(options.wrap ?? []), process.execPath, BIN, '--home', home, 'run']
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    detached: true
  })
  let log = ''
  child.stdout.on('data', (data: Buffer) => {
    log = (log + data.toString()).slice(-1_000_000)
  })
  child.stderr.on('data', (data: Buffer) => {
    log = (log + data.toString()).slice(-1_000_000)
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const api = await apiOf(home)
  try {
    const state = await until(`${home} is ready`, async () => {
      if (child.exitCode !== null) return 'ended'
      return (await fetch(`${api}/readyz`)).ok && 'ready'
    })
    if (state === 'ended') {
      await gone
      throw new Error(`it ended with ${child.exitCode}: ${log}`)
    }
  } catch (error) {
    signalGroup(child, 'SIGKILL')
    await gone
    throw error
  }
  return { pid: child.pid ?? 0, log: () => log, stop: (signal = 'SIGTERM') => end(child, gone, signal) }
}

async function end(child: ChildProcess, gone: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) signalGroup(child, signal)
  await gone
}

/** The process with whatever wraps it: a tracer does not pass on what kills it. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Base URL of a home's local door, from its configuration. */
export async function apiOf(home: string): Promise<string> {
  const text = await readFile(join(home, 'config.toml'), 'utf8')
  return `http://127.0.0.1:${/^port = (\d+)$/m.exec(text)?.[1] ?? '0'}`
}
