import type { AudienceView, ExceptionView, StatusView, TokenCreatedView, TokenUseView, TokenView } from '@tocsin/api'
import { formatTlp, USES } from '@tocsin/model'
import { type Command, Option } from 'commander'
import { segment } from '../client.ts'
import { momentOption } from '../moments.ts'
import { collected, tlpOption, typeOption } from '../options.ts'
import type { Session } from '../session.ts'
import { audienceShown, defangedGuess, nameOf, shortTime } from '../shown.ts'

/** `audience`, `except`, `token` and `status`: what concerns this node alone. */
export function addLocalCommands(program: Command, session: Session): void {
  addAudience(program, session)
  addExceptions(program, session)
  addTokens(program, session)
  addStatus(program, session)
}

function addAudience(program: Command, session: Session): void {
  const { t, screen } = session
  program
    .command('audience')
    .description(t('audience-help'))
    .requiredOption('--tlp <label>', t('opt-tlp'), tlpOption)
    .option('--circle <name>', t('opt-circle'))
    .option('--to <institution>', t('opt-to'), collected)
    .action(async (options: { tlp: string; circle?: string; to?: string[] }) => {
      const audience = await (await session.client()).get<AudienceView>('/v1/audience', options)
      if (session.json()) screen.json(audience)
      else audienceShown(session, audience)
    })
}

function addExceptions(program: Command, session: Session): void {
  const { t, screen } = session
  const except = program
    .command('except')
    .description(t('except-help'))
    .argument('<value>', t('arg-value'))
    // Required of the value only: commander would ask it of `list` and `remove` too.
    .option('--reason <text>', t('opt-reason'))
    .option('--type <type>', t('opt-type'), typeOption)
    .option('--until <when>', t('opt-until'), momentOption(1, session.now, t('a-moment')))
    .action(async (value: string, options: { reason?: string; type?: string; until?: string }) => {
      if (options.reason === undefined) except.error(t('reason-missing'))
      const view = await (await session.client()).post<ExceptionView>('/v1/exceptions', { value, ...options })
      if (session.json()) screen.json(view)
      else screen.line(t('excepted', { value: defangedGuess(view.value), type: view.type }))
    })
  except
    .command('list')
    .description(t('except-list-help'))
    .action(async () => {
      const list = await (await session.client()).get<{ items: ExceptionView[] }>('/v1/exceptions')
      if (session.json()) return screen.json(list)
      if (list.items.length === 0) return screen.line(t('no-exceptions'))
      screen.table(
        [t('col-value'), t('col-type'), t('col-reason'), t('col-by'), t('col-created'), t('col-until')],
        list.items.map((it) => [
          defangedGuess(it.value),
          it.type,
          it.reason,
          it.by,
          shortTime(it.createdAt),
          it.until === undefined ? '' : shortTime(it.until)
        ])
      )
    })
  except
    .command('remove')
    .description(t('except-remove-help'))
    .argument('<value>', t('arg-value'))
    .option('--type <type>', t('opt-type'), typeOption)
    .action(async (value: string, _options: object, command: Command) => {
      // `except` has the option, too, and takes it wherever it stands.
      const { type } = command.optsWithGlobals<{ type?: string }>()
      const named = type === undefined ? '' : `&type=${type}`
      // A URL does not fit in a path.
      await (await session.client()).delete(`/v1/exceptions?value=${encodeURIComponent(value)}${named}`)
      if (session.json()) screen.json({ removed: value })
      else screen.line(t('exception-removed', { value: defangedGuess(value) }))
    })
}

interface TokenOptions {
  readonly name: string
  readonly scope: TokenView['scope']
  readonly maxTlp?: string
  readonly use?: string
  readonly client?: string
  readonly expires?: string
}

/** A client's token lasts so long unless it is said otherwise. */
const CLIENT_DAYS = 90

function inDays(now: number, days: number): string {
  return new Date(now + days * 86_400_000).toISOString()
}

function addTokens(program: Command, session: Session): void {
  const { t, screen } = session
  const token = program.command('token').description(t('token-help'))
  token
    .command('create')
    .description(t('token-create-help'))
    .requiredOption('--name <name>', t('opt-token-name'))
    .addOption(
      new Option('--scope <scope>', t('opt-scope')).choices(['read', 'publish', 'admin']).makeOptionMandatory()
    )
    .option('--max-tlp <label>', t('opt-max-tlp'), tlpOption)
    .addOption(new Option('--use <use>', t('opt-token-use')).choices(USES))
    .option('--client <organisation>', t('opt-client'))
    .option('--expires <when>', t('opt-expires'), momentOption(1, session.now, t('a-moment')))
    .action(async (options: TokenOptions) => {
      const { name, scope, client } = options
      const { expires = client === undefined ? undefined : inDays(session.now(), CLIENT_DAYS) } = options
      // A tool gets what a client of an institution may have (TLP:AMBER) and the use that sees least.
      const { maxTlp = scope === 'read' ? 'AMBER' : 'RED', use = scope === 'read' ? 'block' : 'hunt' } = options
      const input = { name, scope, maxTlp, use, client, expiresAt: expires }
      const created = await (await session.client()).post<TokenCreatedView>('/v1/tokens', input)
      if (session.json()) return screen.json(created)
      screen.line(created.secret)
      screen.note(t('token-created', { name, scope, tlp: formatTlp(created.maxTlp), use: created.use, id: created.id }))
      if (client !== undefined && expires !== undefined)
        screen.note(t('token-client', { client, until: shortTime(expires) }))
      screen.note(t('token-once'))
    })
  token
    .command('list')
    .description(t('token-list-help'))
    .action(async () => {
      const list = await (await session.client()).get<{ items: TokenView[] }>('/v1/tokens')
      if (session.json()) return screen.json(list)
      screen.table(
        [
          t('col-id'),
          t('col-name'),
          t('col-scope'),
          t('col-max-tlp'),
          t('col-use'),
          t('col-created'),
          t('col-last-used'),
          t('col-until'),
          t('col-client')
        ],
        list.items.map((it) => [
          it.id,
          it.name,
          it.scope,
          formatTlp(it.maxTlp),
          it.use,
          shortTime(it.createdAt),
          it.lastUsedAt === undefined ? t('never') : shortTime(it.lastUsedAt),
          it.expiresAt === undefined ? '' : shortTime(it.expiresAt),
          it.client ?? ''
        ])
      )
    })
  token
    .command('revoke')
    .description(t('token-revoke-help'))
    .argument('<id>', t('arg-token'))
    .action(async (id: string) => {
      await (await session.client()).delete(`/v1/tokens/${segment(id)}`)
      if (session.json()) screen.json({ revoked: id })
      else screen.line(t('token-revoked', { id }))
    })
  token
    .command('uses')
    .description(t('token-uses-help'))
    .argument('[id]', t('arg-token-uses'))
    .action(async (id: string | undefined) => {
      const path = id === undefined ? '/v1/uses?limit=1000' : `/v1/tokens/${segment(id)}/uses`
      const list = await (await session.client()).get<{ items: TokenUseView[] }>(path)
      if (session.json()) return screen.json(list)
      if (list.items.length === 0) return screen.line(t('no-uses'))
      screen.table(
        [
          t('col-at'),
          ...(id === undefined ? [t('col-by')] : []),
          t('col-request'),
          t('col-asked'),
          t('col-status'),
          t('col-size')
        ],
        list.items.map((it) => [
          shortTime(it.at),
          ...(id === undefined ? [it.token] : []),
          it.route,
          it.about ?? '',
          String(it.status),
          String(it.bytes)
        ])
      )
    })
}

function addStatus(program: Command, session: Session): void {
  const { t, screen } = session
  program
    .command('status')
    .description(t('status-help'))
    .action(async () => {
      const view = await (await session.client()).get<StatusView>('/v1/status')
      if (session.json()) return screen.json(view)
      const { peers, signing } = view
      screen.facts([
        [t('col-institution'), nameOf(view.institution)],
        [t('col-id'), view.institution.id],
        [t('version'), view.version],
        [t('started'), shortTime(view.startedAt)],
        [t('addresses'), view.addresses.join(', ')],
        [t('col-peers'), t('peers-linked', { linked: peers.connected, all: peers.known })],
        [t('col-circles'), String(view.circles)],
        [t('streams'), String(view.streams)],
        [t('bulletins'), String(view.bulletins)],
        [t('col-indicators'), String(view.indicators)],
        [t('evidence'), String(view.evidence)],
        [t('signing'), signing.ready ? t('ready') : (signing.reason ?? t('no'))]
      ])
      for (const alarm of view.alarms)
        screen.line(`${t('alarm')} ${shortTime(alarm.at)} ${alarm.message} (${alarm.code})`)
    })
}
