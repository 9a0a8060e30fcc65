/** A test's terminal and node: the program runs in this process against a real door over a node in memory. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { type OpenedApi, openApi } from '@tocsin/api/testing'
import type { CliEnv } from '../env.ts'
import { runProgram } from '../program.ts'

/** What a command wrote, and how it ended. */
export interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
  /** Standard output as JSON. */
  json<T>(): T
}

export interface RunOptions extends Partial<Omit<CliEnv, 'stdin' | 'stdout' | 'stderr' | 'isTTY'>> {
  readonly input?: string | Buffer
  /** At a terminal, answering so: each key press is sent once its question shows. */
  readonly answers?: readonly (readonly [question: string, keys: string])[]
  /** Sees what is written to standard output, as it comes. */
  readonly onOut?: (text: string) => void
}

export interface Desk extends AsyncDisposable {
  readonly api: OpenedApi['api']
  readonly node: OpenedApi['node']
  readonly address: string
  readonly home: string
  readonly token: string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Writes a file in the desk's folder and returns its path. */
  file(name: string, content: string | Buffer): Promise<string>
  read(name: string): Promise<string>
}

/** Opens a desk: a listening door, a home of its own, and an admin token. */
export async function openDesk(): Promise<Desk> {
  const opened = openApi()
  const { api, node } = opened
  const { address } = await api.start()
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-desk-'))
  const home = join(folder, 'home')
  const token = node.token('admin')

  return {
    api,
    node,
    address,
    home,
    token,
    async run(args, { input, answers, onOut, ...rest } = {}) {
      const stdin = new PassThrough()
      // Standard input that is a text leaves the answers to the terminal itself.
      let terminal = input === undefined || answers === undefined ? stdin : new PassThrough()
      const asked = [...(answers ?? [])]
      const out = collecting((text) => onOut?.(text))
      const err = collecting((_text, all) => {
        const [next] = asked
        if (next === undefined || !all.includes(next[0])) return
        asked.shift()
        // A person presses a key after the question is drawn, not while.
        setImmediate(() => terminal.write(next[1]))
      })
      if (terminal !== stdin || answers === undefined) stdin.end(input ?? '')
      const status = await runProgram(
        {
          home,
          stdin,
          stdout: out.stream,
          stderr: err.stream,
          isTTY: answers !== undefined,
          // Each question opens the terminal anew and closes it after.
          terminal() {
            if (terminal.destroyed) terminal = new PassThrough()
            return terminal
          },
          lang: 'en',
          fetch: globalThis.fetch,
          hunt: () => import('@tocsin/hunt'),
          connect: async () => ({ baseUrl: address, token }),
          ...rest
        },
        args
      )
      const result = { status, out: out.text(), err: err.text() }
      return { ...result, json: () => JSON.parse(result.out) }
    },
    async file(name, content) {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    },
    read: (name) => readFile(join(folder, name), 'utf8'),
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function collecting(onText: (text: string, all: string) => void): { stream: Writable; text: () => string } {
  let all = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      const text = String(chunk)
      all += text
      onText(text, all)
      done()
    }
  })
  return { stream, text: () => all }
}
