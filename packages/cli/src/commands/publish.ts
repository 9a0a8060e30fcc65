import type { ExtractionView, PublishView } from '@tocsin/api'
import type { DraftInput } from '@tocsin/model'
import type { Command } from 'commander'
import { changeDraft, type DraftOptions } from '../draft-change.ts'
import { readDraft } from '../draft-input.ts'
import { editDraft } from '../editor.ts'
import { CliError } from '../errors.ts'
import { momentOption } from '../moments.ts'
import { collected, withBulletinOptions, yesOption } from '../options.ts'
import { extractionShown, offersOf, offersShown, previewShown } from '../publish-shown.ts'
import { createScreen } from '../screen.ts'
import type { Session } from '../session.ts'

interface PublishOptions extends DraftOptions {
  readonly edit?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** `publish`: from a file or a paste to a signed bulletin, seen before it is signed. */
export function addPublishCommand(program: Command, session: Session): void {
  const { t } = session
  withBulletinOptions(program.command('publish').description(t('publish-help')).argument('<file>', t('arg-draft')), t)
    .option('--reference <url[=verdict]>', t('opt-reference'), collected)
    .option('--attach <file>', t('opt-attach'), collected)
    .option('--drop <value>', t('opt-drop'), collected)
    .option('--context <value>', t('opt-context'), collected)
    .option('--about <id>', t('opt-about'), collected)
    .option('--supersedes <id>', t('opt-supersedes'))
    .option('--keep-until <when>', t('opt-keep-until'), momentOption(1, session.now, t('a-moment')))
    .option('--edit', t('opt-edit'))
    .option('--dry-run', t('opt-dry-run'))
    .addOption(yesOption(t('publish-yes')))
    .action((file: string, options: PublishOptions) => publish(session, file, options))
}

async function publish(session: Session, file: string, options: PublishOptions): Promise<void> {
  const { t, ask, env, screen } = session
  // With --json standard output is the result alone, and what people look at goes beside it.
  const people = session.json() ? { ...session, screen: createScreen(env.stderr, env.stderr) } : session
  const { edit = false, dryRun = false, yes = false, drop = [], context = [] } = options
  if (!dryRun && !yes && !ask.possible) throw new CliError('needs-confirmation')
  const client = await session.client()
  const read = await readDraft(file, env.stdin, client, { drop, context })
  const changed = await changeDraft(read.draft, options, client)
  const draft = edit ? await editDraft(changed, env.editor) : changed

  const preview = await client.post<PublishView>('/v1/bulletins', draft, { dryRun: true })
  if (dryRun) {
    if (session.json()) screen.json(preview)
    else previewPeople(people, preview, read.extraction)
    if (preview.problems.length > 0) throw new CliError('refused-lines')
    return
  }
  if (yes) {
    // Nobody looks: then a refused line refuses the whole.
    if (preview.problems.length > 0) {
      previewShown(people, preview)
      throw new CliError('refused-lines', undefined, { problems: preview.problems })
    }
  } else {
    previewPeople(people, preview, read.extraction)
    const refused = preview.problems.length
    await ask.confirm(refused === 0 ? t('publish-question') : t('publish-question-without', { count: refused }))
  }
  const done = await client.post<PublishView>('/v1/bulletins', asShown(draft, preview))
  // The labels were handed over as shown; which of them the charter gave is known from the preview alone.
  const published = { ...done, labels: { ...done.labels, defaulted: preview.labels.defaulted } }
  if (session.json()) return screen.json(published)
  if (yes) previewPeople(people, published, read.extraction)
  screen.line(t('published', { id: published.id ?? '', title: published.title }))
}

function previewPeople(session: Session, view: PublishView, extraction: ExtractionView | undefined): void {
  if (extraction !== undefined) extractionShown(session, extraction)
  previewShown(session, view)
  offersShown(session, offersOf(view, extraction))
  session.screen.line()
}

/**
 * The draft with exactly the labels and lines that were shown: a charter that changes between the question and the
 * answer changes nothing, and what was refused is left out.
 */
export function asShown(draft: DraftInput, { labels, problems, indicators }: PublishView): DraftInput {
  const refused = new Set(problems.map(({ path }) => /^indicators\[(\d+)\]/.exec(path)?.[1]))
  const kept = draft.indicators?.filter((_, index) => !refused.has(String(index)))
  return {
    ...draft,
    tlp: labels.tlp,
    pap: labels.pap,
    ...(labels.circle === undefined ? {} : { circle: labels.circle }),
    ...(kept === undefined || indicators.length === 0 ? {} : { indicators: kept })
  }
}
