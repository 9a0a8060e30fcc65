import type {
  DraftSummaryView,
  DraftView,
  PublishView,
  SightedView,
  SightingDraftView,
  SightingsChange
} from '@tocsin/api'
import {
  type DraftInput,
  defang,
  defangText,
  formatPap,
  formatTlp,
  isIndicatorType,
  SIGHTING_KINDS
} from '@tocsin/model'
import { type Command, Option } from 'commander'
import { segment } from '../client.ts'
import { changeDraft, type DraftOptions } from '../draft-change.ts'
import { editDraft, editJson } from '../editor.ts'
import { CliError } from '../errors.ts'
import { collected, withBulletinOptions, yesOption } from '../options.ts'
import { offersOf, offersShown, previewShown } from '../publish-shown.ts'
import { createScreen } from '../screen.ts'
import type { Session } from '../session.ts'
import { defangedGuess, shortIds, shortTime, shortTitle } from '../shown.ts'
import { changeOf, changeSightings, checkOptions, type SightingsOptions } from '../sightings-change.ts'
import { remarksShown } from './import.ts'

/** `draft`: what came in and waits for a person. */
export function addDraftCommands(program: Command, session: Session): void {
  const { t } = session
  const draft = program.command('draft').description(t('draft-help'))
  draft
    .command('list')
    .description(t('draft-list-help'))
    .option('--all', t('opt-draft-all'))
    .option('--source <name>', t('opt-draft-source'))
    .action((options: { all?: boolean; source?: string }) => listDrafts(session, options))
  draft
    .command('show')
    .description(t('draft-show-help'))
    .argument('<id>', t('arg-draft-id'))
    .action((id: string) => showDraft(session, id))
  draft
    .command('accept')
    .description(t('draft-accept-help'))
    .argument('<id>', t('arg-draft-id'))
    .option('--dry-run', t('opt-dry-run'))
    .addOption(yesOption(t('publish-yes')))
    .action((id: string, options: { dryRun?: boolean; yes?: boolean }) => acceptDraft(session, id, options))
  withBulletinOptions(draft.command('edit').description(t('draft-edit-help')).argument('<id>', t('arg-draft-id')), t)
    .option('--drop <value>', t('opt-drop'), collected)
    .option('--context <value>', t('opt-context'), collected)
    .option('--of <value>', t('opt-edit-of'), collected)
    .addOption(new Option('--kind <kind>', t('opt-edit-kind')).choices(SIGHTING_KINDS))
    .option('--comment <text>', t('opt-edit-comment'))
    .option('--private', t('opt-edit-private'))
    .option('--no-private', t('opt-edit-no-private'))
    .action((id: string, options: DraftOptions & SightingsOptions) => changeOne(session, id, options))
  draft
    .command('discard')
    .description(t('draft-discard-help'))
    .argument('<id>', t('arg-draft-id'))
    .addOption(yesOption(t('publish-yes')))
    .action((id: string, options: { yes?: boolean }) => discardDraft(session, id, options.yes === true))
}

const path = (id: string): string => `/v1/drafts/${segment(id)}`

async function listDrafts(session: Session, { all = false, source }: { all?: boolean; source?: string }) {
  const { t, screen } = session
  const client = await session.client()
  const items: DraftSummaryView[] = []
  let cursor: string | undefined
  do {
    const query = { state: all ? 'all' : 'open', source, cursor, limit: 1000 }
    const page = await client.get<{ items: DraftSummaryView[]; next?: string }>('/v1/drafts', query)
    items.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined)
  if (session.json()) return screen.json({ items })
  if (items.length === 0) return screen.line(t('no-drafts'))
  const short = shortIds(items.map(({ id }) => id))
  screen.table(
    [
      t('col-id'),
      t('col-created'),
      t('col-source'),
      t('col-tlp'),
      t('col-pap'),
      t('col-indicators'),
      t('col-title'),
      ...(all ? [t('col-decided')] : [])
    ],
    items.map((it) => [
      short.get(it.id) ?? it.id,
      shortTime(it.createdAt),
      it.source ?? it.import,
      formatTlp(it.tlp),
      formatPap(it.pap),
      String(it.indicatorCount),
      it.state === 'open' ? shortTitle(it.title) : shortTitle(it.reference),
      ...(all ? [decided(it)] : [])
    ])
  )
}

function decided({ state, closedAt, closedBy, bulletin }: DraftSummaryView): string {
  if (closedAt === undefined) return ''
  return [state, shortTime(closedAt), closedBy, bulletin?.slice(0, 8)].filter((part) => part !== undefined).join(' ')
}

async function showDraft(session: Session, id: string): Promise<void> {
  const { t, screen } = session
  const view = await (await session.client()).get<DraftView>(path(id))
  if (session.json()) return screen.json(view)
  const draft = view.draft as DraftInput
  screen.facts([
    [t('col-id'), view.id],
    [t('col-state'), view.state],
    [t('col-title'), shortTitle(view.title)],
    ['TLP', formatTlp(view.tlp)],
    ['PAP', formatPap(view.pap)],
    ...(draft.circle === undefined ? [] : [[t('col-circle'), draft.circle] as const]),
    ...(view.threat === undefined ? [] : [[t('col-threat'), view.threat] as const]),
    [t('col-source'), view.source ?? view.import],
    [t('col-came-as'), view.reference],
    [t('col-by'), view.by],
    [t('col-created'), shortTime(view.createdAt)],
    [t('col-until'), shortTime(view.expiresAt)]
  ])
  if (view.sightings !== undefined) {
    screen.line()
    sightingsShown(session, view.sightings)
    if (view.private === true) screen.line(t('sightings-private'))
  }
  if ((draft.text ?? '') !== '') {
    screen.line()
    screen.text(defangText(draft.text ?? ''), 2)
  }
  if ((draft.indicators ?? []).length > 0) {
    screen.line()
    screen.table(
      [t('col-value'), t('col-type'), t('col-role')],
      (draft.indicators ?? []).map((it) => [defangedGuess(it.value), it.type, it.role ?? 'malicious'])
    )
  }
  for (const file of draft.attachments ?? []) screen.line(`${t('attachment')} ${file.name}`)
  if (view.warnings.length === 0) return
  screen.line()
  screen.line(t('draft-warnings'))
  remarksShown(session, view.warnings)
}

function sightingsShown({ t, screen }: Session, sightings: readonly SightingDraftView[]): void {
  const short = shortIds(sightings.map(({ bulletin }) => bulletin))
  // Nearly all say that it was seen, and no more.
  const saying = sightings.some(({ kind, comment }) => kind !== 'sighting' || comment !== undefined)
  screen.table(
    [
      t('col-value'),
      t('col-type'),
      t('col-found'),
      t('col-last'),
      t('col-bulletin'),
      t('col-author'),
      ...(saying ? [t('col-says'), t('col-comment')] : [])
    ],
    sightings.map(({ type, value, count, lastSeen, bulletin, authorName, kind, comment = '' }) => [
      isIndicatorType(type) ? defang(type, value) : value,
      type,
      String(count),
      shortTime(lastSeen),
      short.get(bulletin) ?? bulletin,
      shortTitle(authorName),
      ...(saying ? [kind, shortTitle(comment)] : [])
    ])
  )
}

/** Sightings as they would be reported, or those that are reported no more since their bulletin has gone. */
function sightedShown(session: Session, { sightings, refused, private: isPrivate }: SightedView): void {
  const { t, screen } = session
  if (sightings.length > 0) sightingsShown(session, sightings)
  if (isPrivate) screen.line(t('sightings-private'))
  if (refused.length === 0) return
  screen.line(t('import-refused'))
  screen.table(
    [t('col-value'), t('col-reason')],
    refused.map(({ type, value, code }) => [isIndicatorType(type) ? defang(type, value) : value, code])
  )
}

async function acceptDraft(session: Session, id: string, { dryRun = false, yes = false }): Promise<void> {
  const { t, ask, env, screen } = session
  const people = session.json() ? { ...session, screen: createScreen(env.stderr, env.stderr) } : session
  if (!dryRun && !yes && !ask.possible) throw new CliError('needs-confirmation')
  const client = await session.client()
  const { version, id: whole } = await client.get<DraftView>(path(id))
  const accept = (query: { dryRun?: boolean }): Promise<PublishView | SightedView> =>
    client.post<PublishView | SightedView>(`${path(whole)}/acceptance`, {}, { version, ...query })
  const preview = await accept({ dryRun: true })
  if (dryRun && session.json()) return screen.json(preview)
  if (dryRun || !yes) {
    if ('kind' in preview) sightedShown(people, preview)
    else {
      previewShown(people, preview)
      offersShown(people, offersOf(preview, undefined))
    }
    people.screen.line()
  }
  if (dryRun) return
  const count = 'kind' in preview ? preview.sightings.length : 0
  const question = 'kind' in preview && preview.private ? 'hunt-sight-private' : 'hunt-sight'
  if (!yes) await ask.confirm('kind' in preview ? t(question, { count }) : t('publish-question'))
  const done = await accept({})
  if (session.json()) return screen.json(done)
  if ('kind' in done) screen.line(t('sightings-reported', { count: done.sightings.length }))
  else screen.line(t('published', { id: done.id ?? '', title: done.title }))
}

async function changeOne(session: Session, id: string, options: DraftOptions & SightingsOptions): Promise<void> {
  const { t, env, screen } = session
  const client = await session.client()
  const view = await client.get<DraftView>(path(id))
  const isEdited = Object.keys(options).length === 0
  checkOptions(options, view.kind === 'sightings')
  const changed =
    view.kind === 'sightings'
      ? someLeft(isEdited ? await editJson(changeOf(view), env.editor) : changeSightings(view, options))
      : isEdited
        ? await editDraft(view.draft as DraftInput, env.editor)
        : await changeDraft(view.draft as DraftInput, options, client)
  const done = await client.post<DraftView>(path(view.id), changed, { version: view.version })
  if (session.json()) return screen.json(done)
  screen.line(t('draft-edited', { title: done.title, id: done.id }))
}

/** What JSON holds in place of a list is left for the node to refuse with its path. */
function someLeft<C extends Partial<SightingsChange>>(change: C): C {
  if (Array.isArray(change.sightings) && change.sightings.length === 0) throw new CliError('nothing-left')
  return change
}

async function discardDraft(session: Session, id: string, yes: boolean): Promise<void> {
  const { t, ask, screen } = session
  if (!yes && !ask.possible) throw new CliError('needs-confirmation')
  const client = await session.client()
  const view = await client.get<DraftView>(path(id))
  if (!yes) await ask.confirm(t('draft-discard-question', { title: shortTitle(view.title) }))
  await client.delete(path(view.id))
  if (session.json()) screen.json({ discarded: view.id })
  else screen.line(t('draft-discarded', { id: view.id }))
}
