import { spawn } from 'node:child_process'

/** How a command ended. */
export type CommandEnd =
  | { readonly ok: true }
  /** `status` is the exit status, or why there is none; `said` the last line that it wrote to its standard error. */
  | { readonly ok: false; readonly status: string; readonly said: string }

/** Of what a command says, so much is kept. */
const SAID = 4096
/** What of the node's own environment a command sees: no secrets. */
const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ']

/**
 * Runs a program with these arguments: no shell, no standard input, in a group of its own, which is ended whole after
 * `timeoutMs` or when the signal aborts.
 */
export function runCommand(
  [program = '', ...args]: readonly string[],
  { timeoutMs, signal, env = {} }: { timeoutMs: number; signal: AbortSignal; env?: Readonly<Record<string, string>> }
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      shell: false,
      detached: true,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...Object.fromEntries(PASSED.map((name) => [name, process.env[name]])), ...env }
    })
    let said = ''
    let ended: string | undefined
    const end = (why: string) => (): void => {
      ended ??= why
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It was over already.
      }
    }
    const timer = setTimeout(end('timeout'), timeoutMs)
    const stop = end('stopped')
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const done = (outcome: CommandEnd): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(outcome)
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID)
    })
    child.once('error', (error: NodeJS.ErrnoException) => done({ ok: false, status: error.code ?? 'failed', said: '' }))
    // Not `close`: something that it left in the background may hold its standard error for ever.
    child.once('exit', (code, name) => {
      child.stderr.destroy()
      if (code === 0 && ended === undefined) done({ ok: true })
      else done({ ok: false, status: ended ?? String(code ?? name), said: said.trim().split('\n').at(-1) ?? '' })
    })
  })
}
