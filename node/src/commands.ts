/** The commands that need keys or the store itself: everything else is the command line over HTTP (packages/cli). */
import { readFile } from 'node:fs/promises'
import { isIPv4, isIPv6 } from 'node:net'
import type { Session } from '@tocsin/cli'
import { openRegister, parseCardText } from '@tocsin/journal'
import type { Command } from 'commander'
import { pino } from 'pino'
import { readConfig } from './config.ts'
import { addDoctor } from './doctor-command.ts'
import { NodeError } from './errors.ts'
import { addEvidenceVerify } from './evidence-command.ts'
import { addFeedCommandsAtHome } from './feed-commands.ts'
import { homeAt } from './home.ts'
import { init, type Recovered } from './init.ts'
import { addKeyCommands } from './key-commands.ts'
import { seedOfPhrase } from './keys-at-rest.ts'
import { askPassphrase } from './passphrase.ts'

export interface CommandEnv {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly isTTY: boolean
  readonly lang: 'fr' | 'en'
}

interface InitOptions {
  readonly name: string
  readonly domain: string[]
  readonly contact: string
  readonly listen: string[]
  readonly announce: string[]
  readonly api: string
  readonly passphraseFile?: string
  readonly recover?: boolean
  readonly phraseFile?: string
  readonly card?: string
  /** commander's `--no-passphrase`. */
  readonly passphrase: boolean
}

/** A node that cannot end in good order (a disk that hangs) ends all the same: what counts is on disk. */
const STOP_AT_MOST_MS = 30_000
const LISTEN = '/ip4/0.0.0.0/tcp/4470'
const API = '127.0.0.1:8470'
const collect = (value: string, before: string[]): string[] => [...before, value]

/** Adds `init`, `run`, `doctor` and `evidence verify`. Both honour the program's `--home` and `--json`. */
export function addNodeCommands(program: Command, session: Session, env: CommandEnv): void {
  const fr = env.lang === 'fr'
  addEvidenceVerify(program, env)
  addDoctor(program, session, env)
  addKeyCommands(program, session, env)
  addFeedCommandsAtHome(program, session, env)

  program
    .command('init')
    .description(
      fr
        ? 'crée les clés, la carte et le dossier de l’institution'
        : 'make the keys, the card and the folder of an institution'
    )
    .requiredOption('--name <name>', fr ? 'nom de l’institution' : 'name of the institution')
    .requiredOption('--domain <domain>', fr ? 'domaine (répétable)' : 'domain (repeatable)', collect, [])
    .requiredOption('--contact <mail>', fr ? 'adresse de contact' : 'contact address')
    .option(
      '--listen <multiaddr>',
      `${fr ? 'où les pairs se connectent' : 'where peers connect'} (${LISTEN})`,
      collect,
      []
    )
    .option('--announce <multiaddr>', fr ? 'adresse écrite sur la carte' : 'address written on the card', collect, [])
    .option('--api <host:port>', fr ? 'porte HTTP locale' : 'local HTTP door', API)
    .option(
      '--passphrase-file <file>',
      fr ? 'fichier de la phrase secrète de la clé racine' : 'file that holds the passphrase of the root key'
    )
    .option(
      '--recover',
      fr ? 'ramener la clé racine par sa phrase de récupération' : 'bring the root key back by its recovery phrase'
    )
    .option('--phrase-file <file>', fr ? 'fichier de la phrase de récupération' : 'file that holds the recovery phrase')
    .option('--card <file>', fr ? 'avec --recover : la dernière carte connue' : 'with --recover: the last card known')
    .option('--no-passphrase', fr ? 'garder la clé racine en clair' : 'keep the root key in the clear')
    .action(async (options: InitOptions, command: Command) => {
      const { home: dir, json } = command.optsWithGlobals<{ home?: string; json?: boolean }>()
      const result = await init(homeAt(dir), {
        name: options.name,
        domains: options.domain,
        contact: options.contact,
        listen: options.listen.length > 0 ? options.listen : [LISTEN],
        announce: options.announce,
        api: parseHostPort(options.api),
        passphrase: await passphraseFor(options, env),
        lang: env.lang,
        now: Date.now(),
        ...(options.recover === true ? { recovered: await recoveredBy(options, session) } : {})
      })
      if (json === true) env.stdout.write(`${JSON.stringify(result)}\n`)
      else env.stdout.write(initText(result, env.lang))
    })

  program
    .command('run')
    .description(fr ? 'fait tourner le nœud, au premier plan' : 'run the node, in the foreground')
    .action(async (_options: object, command: Command) => {
      const { home: dir } = command.optsWithGlobals<{ home?: string }>()
      // Half a second of libp2p and the rest of the node, which no other command needs.
      const { startNode } = await import('./node.ts')
      const home = homeAt(dir)
      const config = await readConfig(home)
      const log = pino({ level: config.log.level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
      const stop = signalled()
      await using _node = await startNode({ home, log })
      log.info({ signal: await stop }, 'stopping')
    })
}

/** The root key that comes back, and the keys that its last card certified. @throws NodeError phrase-needed, phrase-wrong */
async function recoveredBy({ phraseFile, card }: InitOptions, session: Session): Promise<Recovered> {
  if (phraseFile === undefined && !session.env.isTTY) throw new NodeError('phrase-needed')
  const question = session.env.lang === 'fr' ? 'Phrase de récupération' : 'Recovery phrase'
  const phrase = phraseFile === undefined ? await session.ask.secret(question) : await readFile(phraseFile, 'utf8')
  return {
    seed: seedOfPhrase(phrase),
    ...(card === undefined ? {} : { card: openRegister(parseCardText(await readFile(card, 'utf8'))) })
  }
}

async function passphraseFor(options: InitOptions, env: CommandEnv): Promise<string | undefined> {
  if (!options.passphrase) return undefined
  const passphrase = await askPassphrase(options.passphraseFile, env)
  if (passphrase === undefined || passphrase === '') {
    throw new NodeError(
      'passphrase-needed',
      'the root key needs a passphrase: --passphrase-file FILE, or --no-passphrase to keep it in the clear'
    )
  }
  // What was typed blind is typed twice: a slip would lock the root key for ever.
  const isTyped = options.passphraseFile === undefined && process.env.TOCSIN_PASSPHRASE_FILE === undefined
  if (isTyped && (await askPassphrase(undefined, env)) !== passphrase) throw new NodeError('passphrase-mismatch')
  return passphrase
}

/** `127.0.0.1:8470`, `[::1]:8470`, `localhost:8470`. @throws NodeError config-invalid */
function parseHostPort(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ''
  const port = Number(match?.[3])
  const good = (match?.[1] === undefined ? isIPv4(host) || host === 'localhost' : isIPv6(host)) && port <= 65535
  if (!good) throw new NodeError('config-invalid', `not HOST:PORT: ${text}`, { path: '--api' })
  return { host, port }
}

/** The first signal ends the node in good order; a second one, or thirty seconds, ends it at once. */
function signalled(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        setTimeout(() => process.exit(1), STOP_AT_MOST_MS).unref()
        resolve(signal)
      })
    }
  })
}

function initText({ institution, home, phrase, api }: Awaited<ReturnType<typeof init>>, lang: 'fr' | 'en'): string {
  const facts =
    lang === 'fr'
      ? `Institution ${institution}\nDossier     ${home}\nAPI locale  ${api}\n\n`
      : `Institution ${institution}\nHome        ${home}\nLocal API   ${api}\n\n`
  const next = lang === 'fr' ? 'Ensuite : tocsin run, puis tocsin card.\n' : 'Next: tocsin run, then tocsin card.\n'
  if (phrase === undefined) return `${facts}${next}`
  const words = phrase.split(' ')
  const rows = Array.from({ length: Math.ceil(words.length / 6) }, (_, row) =>
    words
      .slice(row * 6, row * 6 + 6)
      .map((word, index) => `${String(row * 6 + index + 1).padStart(2)} ${word.padEnd(10)}`)
      .join(' ')
  )
  const paper =
    lang === 'fr'
      ? 'Phrase de récupération de la clé racine, montrée une seule fois : à écrire sur papier.'
      : 'Recovery phrase of the root key, shown this once: write it on paper.'
  return `${facts}${paper}\n\n${rows.join('\n')}\n\n${next}`
}
