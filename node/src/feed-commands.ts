/** `feed list|add|remove`: at the home itself, since a feed may name a program to be run. */
import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import type { Session } from '@tocsin/cli'
import { FEED_NAMES, FEEDS, type FeedName } from '@tocsin/connectors'
import { INDICATOR_TYPE_NAMES, parseThreat, parseTlp, THREATS, TLPS, USES } from '@tocsin/model'
import { type Command, InvalidArgumentError } from 'commander'
import type { CommandEnv } from './commands.ts'
import { NodeError } from './errors.ts'
import { addFileFeed, FEED_NAME, FEED_NAME_SAYS, readFileFeeds, removeFileFeed } from './file-feeds/list.ts'
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

/** A whole number in a range; days may have a fraction. */
const within =
  (least: number, most: number, isWhole = true) =>
  (text: string): number => {
    const value = /^\d{1,10}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`${least}–${most}?`)
    return value
  }

/** One of these, or several with commas between. */
const oneOf = (names: readonly string[], several = false) => {
  return (text: string): string => {
    const given = several ? text.split(',') : [text]
    if (!given.every((name) => names.includes(name))) throw new InvalidArgumentError(`${names.join(', ')}?`)
    return text
  }
}

/** RED is in no feed. */
const FEED_TLPS = TLPS.filter((tlp) => tlp !== 'RED')

function tlpOf(text: string): string {
  const tlp = parseTlp(text)
  if (tlp === undefined || tlp === 'RED') throw new InvalidArgumentError(`${FEED_TLPS.join(', ')}?`)
  return tlp
}

function threatOf(text: string): string {
  const threat = parseThreat(text)
  if (threat === undefined) throw new InvalidArgumentError(`${THREATS.join(', ')}?`)
  return threat
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
    .argument('<name>', fr ? 'nom du flux' : 'name of the feed', (text) => {
      if (FEED_NAME.test(text)) return text
      throw new InvalidArgumentError(fr ? 'minuscules, chiffres, points et tirets' : FEED_NAME_SAYS)
    })
    .argument(
      '[command...]',
      fr
        ? 'après -- : programme et arguments, lancé sans interpréteur quand le fichier a changé'
        : 'after --: program and arguments, run without a shell when the file changed'
    )
    .requiredOption(
      '--format <format>',
      fr ? 'format, voir tocsin feed formats' : 'format, see tocsin feed formats',
      (text) => {
        if ((FEED_NAMES as readonly string[]).includes(text)) return text
        throw new InvalidArgumentError(fr ? 'tocsin feed formats les énumère.' : 'tocsin feed formats lists them.')
      }
    )
    .requiredOption('--to <file>', fr ? 'le fichier' : 'the file')
    .option('--use <use>', fr ? 'usage, sinon celui du format' : 'use, else that of the format', oneOf(USES))
    .option('--max-tlp <label>', fr ? 'TLP maximal (AMBER)' : 'greatest TLP (AMBER)', tlpOf)
    .option(
      '--type <types>',
      fr ? 'types d’indicateurs, séparés par des virgules' : 'types of indicators, with commas between',
      oneOf(INDICATOR_TYPE_NAMES, true)
    )
    .option('--threat <class>', fr ? 'classe de menace' : 'threat class', threatOf)
    .option('--author <institution>', fr ? 'établissement' : 'institution')
    .option('--min-confidence <n>', fr ? 'confiance minimale' : 'least confidence', within(0, 100))
    .option('--max-age <days>', fr ? 'âge maximal en jours' : 'greatest age in days', within(0.001, 36_500, false))
    .option('--zone <name>', fr ? 'nom de la zone (rpz)' : 'name of the zone (rpz)')
    .option('--no-comments', fr ? 'sans commentaires' : 'without comments')
    .option(
      '--limit <n>',
      fr ? 'au plus tant de valeurs, les meilleures' : 'at most so many values, the best',
      within(1, 10_000_000)
    )
    .option(
      '--timeout <seconds>',
      fr ? 'durée maximale de la commande en s (30)' : 'longest run of the command in s (30)',
      within(1, 3600)
    )
    .action(async (name: string, command: string[], options: AddOptions) => {
      const file = resolve(options.to)
      const folder = await stat(dirname(file)).catch(() => undefined)
      if (folder?.isDirectory() !== true) {
        const reason = fr ? 'pas de tel dossier' : 'no such folder'
        throw new NodeError('feeds-invalid', `${dirname(file)}: ${reason}`, { path: dirname(file), reason })
      }
      const [tool] = command
      if (tool !== undefined && !isAbsolute(tool)) {
        const reason = fr
          ? 'donner le chemin entier du programme, comme /usr/sbin/nft'
          : 'give the whole path of the program, as /usr/sbin/nft'
        throw new NodeError('feeds-invalid', `${tool}: ${reason}`, { path: tool, reason })
      }
      const format = options.format as FeedName
      const carried: readonly string[] = FEEDS[format].types
      const foreign = (options.type?.split(',') ?? []).filter((type) => !carried.includes(type))
      if (foreign.length > 0) {
        const reason = fr
          ? `ce format ne porte pas ${foreign.join(', ')}, mais ${carried.join(', ')}`
          : `this format carries no ${foreign.join(', ')}, but ${carried.join(', ')}`
        throw new NodeError('feeds-invalid', `${format}: ${reason}`, { path: format, reason })
      }
      const feed = await addFileFeed(home(), {
        name,
        format: options.format as never,
        file,
        ...(command.length === 0 ? {} : { command: command as [string, ...string[]] }),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
        ...(options.use === undefined ? {} : { use: options.use as never }),
        ...(options.maxTlp === undefined ? {} : { max_tlp: options.maxTlp as never }),
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
