import type { CardView, CircleView, PreparedView, SubmittedView } from '@tocsin/api'
import type { Quotas } from '@tocsin/model'
import { type Command, Option } from 'commander'
import { segment } from '../client.ts'
import { readInputText } from '../files.ts'
import { collected, wholeOption, yesOption } from '../options.ts'
import { quotaOption, quotaRows } from '../quotas.ts'
import { prepareFor, signAndSubmit } from '../root-signed.ts'
import type { Session } from '../session.ts'
import { nameOf } from '../shown.ts'
import { addVouchingCommands } from './vouching.ts'

interface Yes {
  readonly yes?: boolean
}

/** For statements that another machine may sign. */
interface Signing extends Yes {
  readonly prepare?: string
}

/** `circle`, `vouch` and `revoke`: who is in, by statements of the root key. */
export function addCircleCommands(program: Command, session: Session): void {
  const { t, screen, env } = session
  const circle = program.command('circle').description(t('circle-help'))

  circle
    .command('create')
    .description(t('circle-create-help'))
    .argument('<name>', t('arg-circle-name'))
    .requiredOption('--threshold <k>', t('opt-threshold'), wholeOption(1, 64))
    .option('--founder <cardfile>', t('opt-founder'), collected)
    .option('--quota <name=n>', t('opt-quota'), quotaOption)
    .addOption(yesOption(t('opt-yes')))
    .action(
      async (
        name: string,
        {
          threshold,
          founder = [],
          quota: quotas,
          yes = false
        }: Yes & { threshold: number; founder?: string[]; quota?: Quotas }
      ) => {
        const client = await session.client()
        const founders: string[] = []
        for (const file of founder) {
          const card = await readInputText(file, env.stdin)
          const { name: claimed, id } = await client.post<CardView>('/v1/cards', { card })
          screen.note(t('circle-founder', { name: claimed, id }))
          founders.push(card)
        }
        const charter = { action: 'create', name, threshold, founders, ...(quotas === undefined ? {} : { quotas }) }
        const prepared = await client.post<PreparedView>('/v1/circles/prepare', charter)
        const created = await signAndSubmit(session, prepared, 'charter', yes)
        // Whoever founds a circle is in it: his acceptance is asked for by the same answer.
        const joining = { action: 'accept', circle: created.circle }
        const acceptance = await client.post<PreparedView>('/v1/circles/prepare', joining)
        await signAndSubmit(session, acceptance, 'acceptance', true)
        if (session.json()) screen.json(created)
        else screen.line(t('circle-created', { name, id: created.circle ?? '' }))
      }
    )

  circle
    .command('accept')
    .description(t('circle-accept-help'))
    .argument('<circle>', t('arg-circle'))
    .option('--prepare <file>', t('opt-prepare'))
    .addOption(yesOption(t('opt-yes')))
    .action(async (name: string, { yes = false, prepare: file }: Signing) => {
      const prepared = await prepare(session, { action: 'accept', circle: name })
      if (file !== undefined) return prepareFor(session, prepared, file)
      const done = await signAndSubmit(session, prepared, 'acceptance', yes)
      if (session.json()) screen.json(done)
      else screen.line(t('circle-accepted', { name }))
    })

  circle
    .command('list')
    .description(t('circle-list-help'))
    .action(async () => {
      const list = await (await session.client()).get<{ items: CircleView[] }>('/v1/circles')
      if (session.json()) return screen.json(list)
      if (list.items.length === 0) return screen.line(t('no-circles'))
      screen.table(
        [t('col-name'), t('col-me'), t('col-members'), t('col-candidates'), t('col-threshold'), t('col-id')],
        list.items.map((it) => [
          it.name,
          t(`standing-${it.me}`),
          String(it.members.length),
          String(it.candidates.length),
          String(it.threshold),
          it.id
        ])
      )
    })

  circle
    .command('show')
    .description(t('circle-show-help'))
    .argument('<circle>', t('arg-circle'))
    .action(async (name: string) => {
      const view = await (await session.client()).get<CircleView>(`/v1/circles/${segment(name)}`)
      if (session.json()) screen.json(view)
      else circleShown(session, view)
    })

  addVouchingCommands(circle, session)

  program
    .command('vouch')
    .description(t('vouch-help'))
    .argument('<institution>', t('arg-institution'))
    .requiredOption('--circle <name>', t('opt-circle'))
    .addOption(new Option('--how <how>', t('opt-how')).choices(['phone', 'in-person', 'domain']).makeOptionMandatory())
    .option('--prepare <file>', t('opt-prepare'))
    .addOption(yesOption(t('opt-yes')))
    .action(async (institution: string, options: Signing & { circle: string; how: string }) => {
      const { circle: name, how, yes = false, prepare: file } = options
      const vouch = { institution, circle: name, how }
      const prepared = await (await session.client()).post<PreparedView>('/v1/vouches', vouch)
      if (file !== undefined) return prepareFor(session, prepared, file)
      done(session, await signAndSubmit(session, prepared, 'vouch', yes), 'vouched', institution, name)
    })

  program
    .command('revoke')
    .description(t('revoke-help'))
    .argument('<institution>', t('arg-institution'))
    .requiredOption('--circle <name>', t('opt-circle'))
    .requiredOption('--reason <text>', t('opt-reason'))
    .option('--prepare <file>', t('opt-prepare'))
    .addOption(yesOption(t('opt-yes')))
    .action(async (institution: string, options: Signing & { circle: string; reason: string }) => {
      const { circle: name, reason, yes = false, prepare: file } = options
      const prepared = await prepare(session, { action: 'revoke', institution, circle: name, reason })
      // One word of several that are needed: the question should not read as if it did nothing at all.
      if (prepared.falls.length + prepared.returns.length === 0) session.screen.note(t('would-change-nothing'))
      if (file !== undefined) return prepareFor(session, prepared, file)
      done(session, await signAndSubmit(session, prepared, 'revocation', yes), 'revoked', institution, name)
    })
}

async function prepare(session: Session, statement: Readonly<Record<string, string>>): Promise<PreparedView> {
  return (await session.client()).post<PreparedView>('/v1/circles/prepare', statement)
}

function done(
  session: Session,
  view: SubmittedView,
  key: 'vouched' | 'revoked',
  institution: string,
  circle: string
): void {
  const name = view.subject === undefined ? institution : nameOf(view.subject)
  if (session.json()) session.screen.json(view)
  else session.screen.line(session.t(key, { name, circle }))
}

/** Whether AMBER flows from here, and where it does not, why and whom to wait for. */
function amberShown(t: Session['t'], { presences }: CircleView): string {
  const { flows, needed, heard, silent, code } = presences
  if (flows) return t('amber-flows', { heard: heard.length, needed })
  return t(code === 'revocation-missing' ? 'amber-behind' : 'amber-stale', {
    heard: heard.length,
    needed,
    silent: silent.join(', ')
  })
}

function circleShown({ t, screen }: Session, view: CircleView): void {
  screen.facts([
    [t('col-name'), view.name],
    [t('col-id'), view.id],
    [t('col-me'), t(`standing-${view.me}`)],
    [t('col-threshold'), String(view.threshold)],
    [t('defaults'), `TLP:${view.defaults.tlp} PAP:${view.defaults.pap}`],
    [t('erasure-delay'), `${view.erasureDelayMs / 3_600_000} h`],
    [t('amber'), amberShown(t, view)]
  ])
  for (const warning of view.warnings) screen.line(`${t('warning')} ${warning}`)
  screen.line()
  screen.table(
    [t('col-members'), t('col-rank'), t('col-vouched-by'), t('col-domains'), t('col-institution')],
    view.members.map((it) => [
      nameOf(it),
      it.newcomerUntil === undefined ? String(it.rank) : t('rank-newcomer', { rank: it.rank, day: it.newcomerUntil }),
      it.vouchedBy.join(', '),
      it.domains.join(', '),
      it.id
    ])
  )
  if (view.candidates.length > 0) {
    screen.line()
    screen.table(
      [t('col-candidates'), t('col-accepted'), t('col-missing'), t('col-vouched-by'), t('col-institution')],
      view.candidates.map((it) => [
        nameOf(it),
        t(it.accepted ? 'yes' : 'no'),
        String(it.missing),
        it.vouchedBy.join(', '),
        it.id
      ])
    )
  }
  if (view.struck.length > 0) {
    screen.line()
    screen.table(
      [t('col-struck'), t('col-revoked-by'), t('col-institution')],
      view.struck.map((it) => [nameOf(it), it.revokedBy.join(', '), it.id])
    )
  }
  screen.line()
  screen.table([t('col-quota'), t('col-quota-member'), t('col-quota-newcomer')], quotaRows(view.quotas))
  screen.line(t('quota-newcomers', { days: view.quotas.newcomerDays, percent: view.quotas.newcomerPercent }))
}
