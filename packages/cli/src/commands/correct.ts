import type {
  BulletinSummaryView,
  BulletinView,
  CountView,
  ErasureView,
  IndicatorHitView,
  SightingAddedView
} from '@tocsin/api'
import { LEAST_CONTRIBUTORS, MAX_CONTRIBUTORS } from '@tocsin/model'
import { type Command, Option } from 'commander'
import { type Client, segment } from '../client.ts'
import { CliError } from '../errors.ts'
import { momentOption } from '../moments.ts'
import { wholeOption, yesOption } from '../options.ts'
import { rootSignature } from '../root-signed.ts'
import type { Session } from '../session.ts'
import { audienceShown, nameOf, shortIds, shortTime, shortTitle } from '../shown.ts'

/** `retract`, `disable` and `sighting`: what is said of a bulletin afterwards. */
export function addCorrectCommands(program: Command, session: Session): void {
  const { t, screen, ask } = session

  program
    .command('retract')
    .description(t('retract-help'))
    .argument('<id>', t('arg-id'))
    .requiredOption('--reason <text>', t('opt-reason'))
    .option('--erase-now', t('opt-erase-now'))
    .addOption(yesOption(t('opt-yes')))
    .action(async (id: string, options: { reason: string; eraseNow?: boolean; yes?: boolean }) => {
      const { reason, eraseNow = false, yes = false } = options
      const client = await session.client()
      const path = `/v1/bulletins/${segment(id)}/retraction`
      let signature: string | undefined
      if (eraseNow) {
        if (session.env.rootSigner === undefined) throw new CliError('no-root-key')
        const { title } = await client.get<BulletinView>(`/v1/bulletins/${segment(id)}`)
        const { message } = await client.post<ErasureView>(`${path}/prepare`, {})
        screen.note(t('erase-now-warning', { title: shortTitle(title) }))
        if (!yes) await ask.confirm(t('sign-question'))
        signature = Buffer.from(await rootSignature(session, Buffer.from(message, 'base64'), 'erase-now')).toString(
          'hex'
        )
      }
      const view = await client.post<BulletinSummaryView>(path, {
        reason,
        ...(signature === undefined ? {} : { eraseNow: signature })
      })
      if (session.json()) screen.json(view)
      else
        screen.line(t(eraseNow ? 'retracted-erased' : 'retracted-done', { title: shortTitle(view.title), id: view.id }))
    })

  program
    .command('disable')
    .description(t('disable-help'))
    .argument('<id>', t('arg-id'))
    .argument('<value...>', t('arg-disabled'))
    .requiredOption('--reason <text>', t('opt-reason'))
    .action(async (id: string, values: string[], { reason }: { reason: string }) => {
      const path = `/v1/bulletins/${segment(id)}/disabling`
      const view = await (await session.client()).post<BulletinSummaryView>(path, { values, reason })
      if (session.json()) screen.json(view)
      else screen.line(t('disabled-done', { count: values.length, title: shortTitle(view.title), id: view.id }))
    })

  const sighting = program.command('sighting').description(t('sighting-help'))
  sighting
    .command('add')
    .description(t('sighting-add-help'))
    .argument('<value>', t('arg-value'))
    .addOption(
      new Option('--kind <kind>', t('opt-kind'))
        .choices(['sighting', 'false-positive', 'expiration'])
        .makeOptionMandatory()
    )
    .option('--bulletin <id>', t('opt-bulletin'))
    .option('--count <n>', t('opt-count'), wholeOption(1, 1_000_000_000))
    .option('--at <when>', t('opt-at'), momentOption(-1, session.now, t('a-moment')))
    .option('--private', t('opt-private'))
    .action(async (value: string, options: Sighted) => {
      const client = await session.client()
      const bulletin = await bulletinMeant(session, client, value, options.bulletin)
      const input = { ...options, value, ...(bulletin === undefined ? {} : { bulletin }) }
      const added = await client.post<SightingAddedView>('/v1/sightings', input)
      if (session.json()) return screen.json(added)
      const message = options.private === true ? 'sighting-added-privately' : 'sighting-added'
      screen.line(t(message, { kind: options.kind, id: added.bulletin }))
      audienceShown(session, added.audience)
    })

  sighting
    .command('count')
    .description(t('sighting-count-help'))
    .argument('<value>', t('arg-value'))
    .option('--bulletin <id>', t('opt-bulletin'))
    .option('--least <n>', t('opt-least'), wholeOption(LEAST_CONTRIBUTORS, MAX_CONTRIBUTORS))
    .option('--dry-run', t('opt-count-dry-run'))
    .action(async (value: string, { dryRun = false, ...options }: Counted) => {
      const client = await session.client()
      const path = dryRun ? '/v1/sightings/count?dryRun' : '/v1/sightings/count'
      const view = await client.post<CountView>(path, { ...options, value })
      if (session.json()) return screen.json(view)
      const { contributors, published, least, refused } = view
      screen.line(t(dryRun ? 'count-told' : 'count-published', { contributors, id: view.bulletin }))
      if (published.length > 0) screen.line(t('count-before', { counts: published.join(', ') }))
      if (refused !== undefined) return screen.line(t('count-refused', { code: refused, least }))
      audienceShown(session, view.audience)
    })
}

interface Sighted {
  readonly kind: string
  readonly bulletin?: string
  readonly count?: number
  readonly at?: string
  readonly private?: boolean
}

interface Counted {
  readonly bulletin?: string
  readonly least?: number
  readonly dryRun?: boolean
}

/** The bulletin that a sighting is about: the one named, the only one that holds the value, or the one chosen. */
async function bulletinMeant(
  session: Session,
  client: Client,
  value: string,
  named: string | undefined
): Promise<string | undefined> {
  if (named !== undefined) return (await client.get<BulletinView>(`/v1/bulletins/${segment(named)}`)).id
  const found = await client.get<{ items: IndicatorHitView[] }>('/v1/indicators', { value, limit: 1_000 })
  const bulletins = new Map(found.items.map(({ bulletin }) => [bulletin.id, bulletin]))
  if (bulletins.size < 2) return bulletins.keys().next().value
  const { t, ask, screen } = session
  const short = shortIds([...bulletins.keys()])
  const options = [...bulletins.values()].map((it) => ({
    value: it.id,
    label: `${short.get(it.id)}  ${shortTime(it.receivedAt)}  ${nameOf(it.author)}  ${shortTitle(it.title)}`
  }))
  if (ask.possible) return ask.choose(t('sighting-question'), options)
  for (const { label } of options) screen.note(label)
  throw new CliError('bulletin-needed', undefined, { bulletins: [...bulletins.keys()] })
}
