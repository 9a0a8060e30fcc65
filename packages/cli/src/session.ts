import type { Command } from 'commander'
import { type Ask, createAsk } from './ask.ts'
import { type Client, createClient } from './client.ts'
import type { CliEnv } from './env.ts'
import { createTranslate, type Translate } from './language.ts'
import { createScreen, type Screen } from './screen.ts'

/** What every command works with. */
export interface Session {
  readonly env: CliEnv
  readonly t: Translate
  readonly screen: Screen
  readonly ask: Ask
  /** The home in force; known once the arguments are read. */
  home(): string
  /** Whether the result is wanted as JSON. */
  json(): boolean
  /** The API of the node of this home. Throws CliError `no-token` and whatever connecting throws. */
  client(): Promise<Client>
  /** ms since epoch. */
  now(): number
  /** What the command ends with, where that is not 0 by itself. */
  end(status: 0 | 1 | 2): void
  status(): 0 | 1 | 2
}

/** Creates the session of a program whose global options are `--home` and `--json`. */
export function createSession(env: CliEnv, program: Command): Session {
  const t = createTranslate(env.lang)
  const options = (): { home?: string; json?: boolean } => program.opts()
  const home = () => options().home ?? env.home
  let client: Promise<Client> | undefined
  let status: 0 | 1 | 2 = 0
  return {
    env,
    t,
    screen: createScreen(env.stdout, env.stderr),
    ask: createAsk({ stdin: env.stdin, stderr: env.stderr, isTTY: env.isTTY, terminal: env.terminal, t }),
    home,
    json: () => options().json === true,
    client() {
      client ??= env.connect(home()).then((connection) => createClient(env.fetch, connection))
      return client
    },
    now: env.now ?? Date.now,
    end(wanted) {
      status = wanted
    },
    status: () => status
  }
}
