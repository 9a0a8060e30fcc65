import { constants, openAsBlob } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ImportedView, ImportView, RemarkView } from '@tocsin/api'
import { formatTlp } from '@tocsin/model'
import type { Command } from 'commander'
import { segment } from '../client.ts'
import { CliError } from '../errors.ts'
import { errno } from '../files.ts'
import { collected, mapOf, papOption, threatOption, tlpOption, wholeOption } from '../options.ts'
import type { Session } from '../session.ts'
import { shortIds, shortTitle } from '../shown.ts'

interface ImportOptions {
  readonly tlp?: string
  readonly pap?: string
  readonly circle?: string
  readonly threat?: string
  readonly confidence?: number
  readonly map?: readonly string[]
  readonly charset?: string
  readonly private?: boolean
  readonly dryRun?: boolean
}

/** ms: a server that is silent for so long has nothing for us. */
const URL_TIMEOUT = 60_000

/** `import`: what others have, as drafts. */
export function addImportCommand(program: Command, session: Session): void {
  const { t } = session
  program
    .command('import')
    .description(t('import-help'))
    .argument('[format]', t('arg-format'))
    .argument('[file]', t('arg-import'))
    .option('--tlp <label>', t('opt-import-tlp'), tlpOption)
    .option('--pap <label>', t('opt-import-pap'), papOption)
    .option('--circle <name>', t('opt-import-circle'))
    .option('--threat <class>', t('opt-import-threat'), threatOption)
    .option('--confidence <n>', t('opt-import-confidence'), wholeOption(0, 100))
    .option('--map <field=place>', t('opt-map'), collected)
    .option('--charset <name>', t('opt-charset'))
    .option('--private', t('opt-import-private'))
    .option('--dry-run', t('opt-import-dry-run'))
    .action((format: string | undefined, file: string | undefined, options: ImportOptions) =>
      format === undefined ? listFormats(session) : importFile(session, format, file ?? '-', options)
    )
}

async function listFormats(session: Session): Promise<void> {
  const { t, screen, env } = session
  const list = await (await session.client()).get<{ items: ImportView[] }>('/v1/imports')
  if (session.json()) return screen.json(list)
  screen.line(t('formats-unnamed'))
  screen.table(
    [t('col-format'), t('col-title')],
    list.items.map((it) => [it.name, it.title[env.lang]])
  )
}

async function importFile(session: Session, format: string, file: string, options: ImportOptions): Promise<void> {
  const { t, screen } = session
  mapOf(options.map ?? [])
  const client = await session.client()
  const body = await bodyOf(session, file)
  const view = await client.postStream<ImportedView>(`/v1/imports/${segment(format)}`, body, { ...options })
  if (session.json()) screen.json(view)
  else importShown(session, view)
  const { counts, unlisted } = view
  if (unlisted !== undefined && !session.json()) screen.note(t('import-unlisted', { count: unlisted }))
  if (counts.refused > 0 && counts.new + counts.changed + counts.known + counts.published === 0) {
    throw new CliError('nothing-imported')
  }
  if (!session.json()) screen.note(t('import-counts', countsOf(view)))
}

function countsOf({ counts }: ImportedView): Record<string, number> {
  const { new: created, ...others } = counts
  return { created, ...others }
}

function importShown(session: Session, { items, refused }: ImportedView): void {
  const { t, screen } = session
  const ids = shortIds(items.flatMap(({ id }) => id ?? []))
  const taken = items.filter(({ outcome }) => outcome !== 'known')
  if (taken.length > 0) {
    screen.table(
      [t('col-id'), t('col-outcome'), t('col-tlp'), t('col-indicators'), t('col-title')],
      taken.map((it) => [
        ids.get(it.id ?? '') ?? '',
        it.outcome,
        formatTlp(it.tlp),
        String(it.indicatorCount),
        shortTitle(it.title)
      ])
    )
  }
  if (refused.length === 0) return
  screen.line(t('import-refused'))
  remarksShown(session, refused)
  if (refused.some(({ code }) => code === 'label-missing')) screen.note(t('import-set-labels'))
}

/** Refusals or warnings, each with its place and its code. */
export function remarksShown({ t, screen }: Session, remarks: readonly RemarkView[]): void {
  screen.table(
    [t('col-place'), t('col-reason')],
    remarks.map(({ place = {}, message, code }) => {
      const { line, offset, path } = place
      const where = [
        ...(line === undefined ? [] : [t('place-line', { line })]),
        ...(line !== undefined || offset === undefined ? [] : [t('place-offset', { offset })]),
        ...(path === undefined ? [] : [path])
      ]
      return [where.join(' '), `${message} (${code})`]
    })
  )
}

/** A file, standard input, or what a URL holds: never whole in memory. */
async function bodyOf({ env }: Session, file: string): Promise<Blob | ReadableStream> {
  if (file === '-') return Readable.toWeb(env.stdin) as ReadableStream
  if (/^https?:\/\//i.test(file)) return fetched(env.fetch, file)
  try {
    // What `openAsBlob` says of a file that is not there, or not to be read, names neither.
    await access(file, constants.R_OK)
    if ((await stat(file)).isDirectory()) throw Object.assign(new Error(file), { code: 'EISDIR' })
    return await openAsBlob(file)
  } catch (error) {
    throw new CliError('file-unreadable', undefined, { file, reason: errno(error) })
  }
}

async function fetched(fetch: typeof globalThis.fetch, url: string): Promise<ReadableStream | Blob> {
  let answer: Response
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(URL_TIMEOUT) })
  } catch (error) {
    throw new CliError('url-unreadable', undefined, { url, reason: error instanceof Error ? error.name : 'unknown' })
  }
  if (!answer.ok) throw new CliError('url-unreadable', undefined, { url, reason: String(answer.status) })
  return answer.body ?? new Blob([])
}
