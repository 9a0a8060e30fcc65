/** `feed list|add|remove`: at the home itself, since a feed may name a program to be run. */
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Session } from '@tocsin/cli'
import { type Command, InvalidArgumentError } from 'commander'
import type { CommandEnv } from './commands.ts'
import { NodeError } from './errors.ts'
import { addFileFeed, readFileFeeds, removeFileFeed } from './file-feeds/list.ts'
import { homeAt } from './home.ts'

interface AddOptions {
  readonly format: string
  readonly to: string
  readonly use?: string
  readonly maxTlp?: string
  readonly type?: string
  readonly threat?: string
  readonly author?: string
  readonly minConfidence?: number
  readonly maxAge?: number
  readonly zone?: string
  readonly comments: boolean
  readonly limit?: number
  readonly timeout?: number
}

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('a number')
  return value
}

/** Adds to the group `feed` of the command line. */
export function addFeedCommandsAtHome(program: Command, session: Session, { stdout, lang }: CommandEnv): void {
  const fr = lang === 'fr'
  const group = program.commands.find((command) => command.name() === 'feed')
  const home = () => homeAt(session.home())

  group
    ?.command('add')
    .description(
      fr ? 'tenir un fichier à jour, et prévenir son lecteur' : 'keep a file up to date, and tell its reader'
    )
    .argument('<name>', fr ? 'nom du flux' : 'name of the feed')
    .argument(
      '[command...]',
      fr
        ? 'après -- : programme et arguments, lancé sans interpréteur quand le fichier a changé'
        : 'after --: program and arguments, run without a shell when the file changed'
    )
    .requiredOption('--format <format>', fr ? 'format, voir tocsin feed formats' : 'format, see tocsin feed formats')
    .requiredOption('--to <file>', fr ? 'le fichier' : 'the file')
    .option('--use <use>', fr ? 'usage' : 'use')
    .option('--max-tlp <label>', fr ? 'TLP maximal (AMBER)' : 'greatest TLP (AMBER)')
    .option(
      '--type <types>',
      fr ? 'types d’indicateurs, séparés par des virgules' : 'types of indicators, with commas between'
    )
    .option('--threat <class>', fr ? 'classe de menace' : 'threat class')
    .option('--author <institution>', fr ? 'établissement' : 'institution')
    .option('--min-confidence <n>', fr ? 'confiance minimale' : 'least confidence', number)
    .option('--max-age <days>', fr ? 'âge maximal en jours' : 'greatest age in days', number)
    .option('--zone <name>', fr ? 'nom de la zone (rpz)' : 'name of the zone (rpz)')
    .option('--no-comments', fr ? 'sans commentaires' : 'without comments')
    .option('--limit <n>', fr ? 'au plus tant de valeurs, les meilleures' : 'at most so many values, the best', number)
    .option(
      '--timeout <seconds>',
      fr ? 'durée maximale de la commande (30)' : 'longest run of the command (30)',
      number
    )
    .action(async (name: string, command: string[], options: AddOptions) => {
      const file = resolve(options.to)
      const folder = await stat(dirname(file)).catch(() => undefined)
      if (folder?.isDirectory() !== true) {
        throw new NodeError('feeds-invalid', `no such folder: ${dirname(file)}`, { path: dirname(file) })
      }
      const feed = await addFileFeed(home(), {
        name,
        format: options.format as never,
        file,
        ...(command.length === 0 ? {} : { command: command as [string, ...string[]] }),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
        ...(options.use === undefined ? {} : { use: options.use as never }),
        ...(options.maxTlp === undefined ? {} : { max_tlp: options.maxTlp.toUpperCase() as never }),
        ...(options.type === undefined ? {} : { types: options.type.split(',') as never }),
        ...(options.threat === undefined ? {} : { threat: options.threat as never }),
        ...(options.author === undefined ? {} : { author: options.author }),
        ...(options.minConfidence === undefined ? {} : { min_confidence: options.minConfidence }),
        ...(options.maxAge === undefined ? {} : { max_age: options.maxAge }),
        ...(options.zone === undefined ? {} : { zone: options.zone }),
        ...(options.comments ? {} : { comments: false }),
        ...(options.limit === undefined ? {} : { limit: options.limit })
      })
      if (session.json()) return session.screen.json(feed)
      stdout.write(
        fr
          ? `Le flux ${name} tient ${file} à jour dès que le nœud tourne : tocsin feed status\n`
          : `The feed ${name} keeps ${file} up to date as soon as the node runs: tocsin feed status\n`
      )
    })

  group
    ?.command('list')
    .description(fr ? 'lister les fichiers tenus à jour' : 'list the files that are kept up to date')
    .action(async () => {
      const feeds = await readFileFeeds(home())
      if (session.json()) return session.screen.json({ items: feeds })
      if (feeds.length === 0) return session.screen.line(fr ? 'Aucun flux.' : 'No feed.')
      session.screen.table(
        fr ? ['Nom', 'Format', 'Fichier', 'Commande'] : ['Name', 'Format', 'File', 'Command'],
        feeds.map((feed) => [feed.name, feed.format, feed.file, feed.command?.join(' ') ?? ''])
      )
    })

  group
    ?.command('remove')
    .description(fr ? 'ne plus tenir un fichier à jour' : 'keep a file up to date no longer')
    .argument('<name>', fr ? 'nom du flux' : 'name of the feed')
    .action(async (name: string) => {
      await removeFileFeed(home(), name)
      if (session.json()) return session.screen.json({ name })
      stdout.write(
        fr ? `Le flux ${name} est retiré ; son fichier reste.\n` : `The feed ${name} is removed; its file stays.\n`
      )
    })
}
