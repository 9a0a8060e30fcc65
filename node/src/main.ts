/** The `tocsin` command: the command line over HTTP, and what needs keys or the store itself. */
import { readFile } from 'node:fs/promises'
import { type CliEnv, type Connection, openTerminal, pickLanguage, runProgram } from '@tocsin/cli'
import { addNodeCommands } from './commands.ts'
import { readConfig } from './config.ts'
import { homeAt } from './home.ts'
import { askPassphrase } from './passphrase.ts'
import { signWithRoot } from './root-signer.ts'

/** @returns the exit status: 0 done, 1 refused or failed, 2 wrong use */
export async function main(argv: readonly string[]): Promise<number> {
  const { env, stdin, stdout, stderr } = process
  const lang = pickLanguage(env)
  const isTTY = stderr.isTTY === true && (stdin.isTTY === true || hasTerminal())
  const command = { stdout, stderr, isTTY, lang }
  const editor = env.VISUAL ?? env.EDITOR
  const stopped = new AbortController()
  const program: CliEnv = {
    home: homeAt(undefined).dir,
    stdin,
    stdout,
    stderr,
    isTTY,
    lang,
    fetch,
    connect: connectionOf,
    hunt: () => import('@tocsin/hunt'),
    rootSigner: (message, purpose, home) =>
      signWithRoot(homeAt(home), message, purpose === 'erase-now' ? 'erase-now' : 'register', () =>
        askPassphrase(undefined, command)
      ),
    ...(editor === undefined ? {} : { editor }),
    terminal: openTerminal,
    signal: stopped.signal,
    extend: (root, session) => {
      addNodeCommands(root, session, command)
      // `follow` ends by Ctrl-C in good order, `run` listens for itself, everything else just ends.
      root.hook('preAction', (_root, action) => {
        if (action.name() === 'follow') process.once('SIGINT', () => stopped.abort())
      })
    }
  }
  // `tocsin … | head`: the reader has seen enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  return runProgram(program, argv.slice(2))
}

/** TOCSIN_URL and TOCSIN_TOKEN where they are set, else the home's own door and its admin token. */
async function connectionOf(dir: string): Promise<Connection> {
  const { TOCSIN_URL: url, TOCSIN_TOKEN: token } = process.env
  if (url !== undefined) return { baseUrl: url, token }
  const home = homeAt(dir)
  const { api } = await readConfig(home)
  const host = api.host.includes(':') ? `[${api.host}]` : api.host
  const own = token ?? (await readFile(home.adminToken, 'utf8').catch(() => undefined))?.trim()
  return { baseUrl: `http://${host}:${api.port}`, token: own }
}

/** Somebody is there to be asked although standard input is a pipe. */
function hasTerminal(): boolean {
  const terminal = openTerminal()
  terminal?.destroy()
  return terminal !== undefined
}
