import type { ImportView, SourceCreatedView, SourceView } from '@tocsin/api'
import { formatPap, formatTlp } from '@tocsin/model'
import { type Command, Option } from 'commander'
import { segment } from '../client.ts'
import { CliError } from '../errors.ts'
import { readInputText } from '../files.ts'
import { collected, mapOf, papOption, threatOption, tlpOption, wholeOption } from '../options.ts'
import type { Session } from '../session.ts'
import { shortTime } from '../shown.ts'

interface SourceOptions {
  readonly policy: 'review' | 'publish'
  readonly tlp?: string
  readonly pap?: string
  readonly circle?: string
  readonly threat?: string
  readonly confidence?: number
  readonly map?: readonly string[]
  readonly charset?: string
  readonly private?: boolean
  readonly tokenFile?: string
  readonly taxii?: string
  readonly mispFeed?: string
  readonly url?: string
  readonly every?: number
  readonly user?: string
  readonly secretFile?: string
}

/** `source`: who may deliver by himself, and what becomes of it. */
export function addSourceCommands(program: Command, session: Session): void {
  const { t } = session
  const source = program.command('source').description(t('source-help'))
  source
    .command('list')
    .description(t('source-list-help'))
    .action(() => listSources(session))
  source
    .command('add')
    .description(t('source-add-help'))
    .argument('<name>', t('arg-source'))
    .argument('<format>', t('arg-format'))
    .addOption(new Option('--policy <policy>', t('opt-policy')).choices(['review', 'publish']).default('review'))
    .option('--tlp <label>', t('opt-import-tlp'), tlpOption)
    .option('--pap <label>', t('opt-import-pap'), papOption)
    .option('--circle <name>', t('opt-import-circle'))
    .option('--threat <class>', t('opt-import-threat'), threatOption)
    .option('--confidence <n>', t('opt-import-confidence'), wholeOption(0, 100))
    .option('--map <field=place>', t('opt-map'), collected)
    .option('--charset <name>', t('opt-charset'))
    .option('--private', t('opt-import-private'))
    .addOption(new Option('--token-file <file>', t('opt-token-file')).conflicts(['taxii', 'mispFeed', 'url']))
    .addOption(new Option('--taxii <url>', t('opt-taxii')).conflicts(['mispFeed', 'url']))
    .addOption(new Option('--misp-feed <url>', t('opt-misp-feed')).conflicts('url'))
    .option('--url <url>', t('opt-source-url'))
    .option('--every <seconds>', t('opt-every'), wholeOption(60, 604_800))
    .option('--user <name>', t('opt-source-user'))
    .option('--secret-file <file>', t('opt-secret-file'))
    .action((name: string, format: string, options: SourceOptions) => addSource(session, name, format, options))
  source
    .command('poll')
    .description(t('source-poll-help'))
    .argument('<name>', t('arg-source'))
    .action((name: string) => pollSource(session, name))
  source
    .command('remove')
    .description(t('source-remove-help'))
    .argument('<name>', t('arg-source'))
    .action((name: string) => removeSource(session, name))
  source
    .command('status')
    .description(t('source-status-help'))
    .argument('<name>', t('arg-source'))
    .action((name: string) => sourceStatus(session, name))
}

async function listSources(session: Session): Promise<void> {
  const { t, screen } = session
  const list = await (await session.client()).get<{ items: SourceView[] }>('/v1/sources')
  if (session.json()) return screen.json(list)
  if (list.items.length === 0) return screen.line(t('no-sources'))
  screen.table(
    [
      t('col-name'),
      t('col-format'),
      t('col-policy'),
      t('col-labels'),
      t('col-deliveries'),
      t('col-last'),
      t('col-fetched')
    ],
    list.items.map((it) => [
      it.name,
      it.import,
      it.policy,
      labelsOf(it),
      String(it.deliveries),
      it.lastAt === undefined ? t('never') : shortTime(it.lastAt),
      stateOf(session, it)
    ])
  )
}

/** Nothing for a source that delivers by itself. */
function stateOf({ t }: Session, { poll }: SourceView): string {
  if (poll === undefined) return ''
  if (poll.busy) return t('poll-busy')
  if (poll.error !== undefined) return poll.error
  return poll.okAt === undefined ? t('poll-waits') : shortTime(poll.okAt)
}

function labelsOf({ tlp, pap, circle, threat, private: isPrivate }: SourceView): string {
  const labels = [tlp === undefined ? undefined : formatTlp(tlp), pap === undefined ? undefined : formatPap(pap)]
  return [...labels, circle, threat, isPrivate === true ? 'private' : undefined]
    .filter((part) => part !== undefined)
    .join(' ')
}

async function addSource(session: Session, name: string, format: string, options: SourceOptions): Promise<void> {
  const { t, screen, env } = session
  const { map, tokenFile, taxii, mispFeed, url, every, user, secretFile, ...rest } = options
  // A secret on a command line is read by every process of the machine.
  const token = tokenFile === undefined ? undefined : (await readInputText(tokenFile, env.stdin)).trim()
  const secret = secretFile === undefined ? undefined : (await readInputText(secretFile, env.stdin)).trim()
  const [kind, address] = Object.entries({ taxii, 'misp-feed': mispFeed, url }).find(([, it]) => it !== undefined) ?? []
  if (address === undefined && (every ?? user ?? secret) !== undefined) throw new CliError('poll-without-address')
  const poll = address === undefined ? undefined : { kind, url: address, every, user, secret }
  const input = { name, import: format, ...rest, ...(map === undefined ? {} : { map: mapOf(map) }), token, poll }
  const client = await session.client()
  const view = await client.post<SourceCreatedView>('/v1/sources', input)
  if (session.json()) return screen.json(view)
  const { items } = await client.get<{ items: ImportView[] }>('/v1/imports')
  // Sightings have the labels of the bulletins that they are about.
  const isLabelled = items.find((one) => one.name === format)?.yields === 'sightings'
  if (!isLabelled && (rest.tlp === undefined || rest.pap === undefined)) screen.note(t('source-labels'))
  if (view.poll !== undefined) {
    const minutes = String(Math.round(view.poll.every / 6) / 10)
    return screen.note(t('source-polled', { name, policy: view.policy, url: view.poll.url, minutes }))
  }
  if (token === undefined) screen.line(view.token ?? '')
  screen.note(t('source-added', { name, path: view.path ?? '', policy: view.policy }))
  if (token === undefined) screen.note(t('token-once'))
}

async function pollSource(session: Session, name: string): Promise<void> {
  const { t, screen } = session
  const view = await (await session.client()).post<SourceView>(`/v1/sources/${segment(name)}/poll`, {})
  if (session.json()) screen.json(view)
  else screen.note(t('source-poll-begun', { name }))
}

async function removeSource(session: Session, name: string): Promise<void> {
  const { t, screen } = session
  await (await session.client()).delete(`/v1/sources/${segment(name)}`)
  if (session.json()) screen.json({ removed: name })
  else screen.line(t('source-removed', { name }))
}

async function sourceStatus(session: Session, name: string): Promise<void> {
  const { t, screen } = session
  const view = await (await session.client()).get<SourceView>(`/v1/sources/${segment(name)}`)
  if (session.json()) return screen.json(view)
  const { new: created, ...others } = view.counts
  screen.facts([
    [t('col-name'), view.name],
    [t('col-format'), view.import],
    [t('col-policy'), view.policy],
    [t('col-labels'), labelsOf(view)],
    ...Object.entries(view.map ?? {}).map(([field, place]): [string, string] => [`  ${field}`, place]),
    ...(view.charset === undefined ? [] : [[t('col-charset'), view.charset] as [string, string]]),
    ...(view.path === undefined ? [] : [[t('col-path'), view.path] as [string, string]]),
    ...pollFacts(session, view),
    [t('col-by'), view.createdBy],
    [t('col-created'), shortTime(view.createdAt)],
    [t('col-last'), view.lastAt === undefined ? t('never') : shortTime(view.lastAt)],
    [t('col-deliveries'), String(view.deliveries)]
  ])
  screen.line(t('import-counts', { created, ...others }))
  if (view.recent.length === 0) return
  screen.line(t('import-refused'))
  screen.table(
    [t('col-at'), t('col-place'), t('col-reason')],
    view.recent.map(({ at, place, code }) => [shortTime(at), place, code])
  )
}

function pollFacts(session: Session, view: SourceView): [string, string][] {
  const { t } = session
  const { poll } = view
  if (poll === undefined) return []
  const okAt = poll.okAt === undefined ? t('never') : shortTime(poll.okAt)
  return [
    [t('col-url'), poll.url],
    [t('col-login'), poll.auth],
    [t('col-every'), `${poll.every} s`],
    [t('col-fetched'), stateOf(session, view)],
    ...(poll.failures === 0 ? [] : [[t('col-failures'), String(poll.failures)] as [string, string]]),
    [t('col-last-good'), okAt],
    [t('col-next'), shortTime(poll.nextAt)]
  ]
}
