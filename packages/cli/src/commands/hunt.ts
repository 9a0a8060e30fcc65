import type { Find } from '@tocsin/hunt'
import { type IndicatorType, TocsinError } from '@tocsin/model'
import type { Command } from 'commander'
import type { HuntRoom } from '../env.ts'
import { CliError } from '../errors.ts'
import { failureShown } from '../failure.ts'
import { fetchQuarry, type Quarry } from '../hunt/quarry.ts'
import { bytesText, createProgress, findShown, type Progress } from '../hunt/shown.ts'
import { sight } from '../hunt/sight.ts'
import { spanOption } from '../moments.ts'
import { threatOption, typesOption, wholeOption, yesOption } from '../options.ts'
import type { Session } from '../session.ts'

interface HuntOptions {
  readonly recursive?: boolean
  readonly context?: number
  readonly type?: readonly string[]
  readonly threat?: string
  readonly author?: string
  readonly minConfidence?: number
  readonly maxAge?: number
  readonly sight?: boolean
  readonly private?: boolean
  readonly yes?: boolean
}

/** Bytes of a line shown on each side at most. */
const MOST_CONTEXT = 1_000

/** `hunt`: our own logs, searched for what the network knows. Status 0 found, 1 nothing found, 2 trouble, as grep. */
export function addHuntCommand(program: Command, session: Session): void {
  const { t } = session
  program
    .command('hunt')
    .description(t('hunt-help'))
    .argument('<file...>', t('arg-logs'))
    .option('--recursive', t('opt-recursive'))
    .option('--context <n>', t('opt-around'), wholeOption(0, MOST_CONTEXT))
    .option('--type <type>', t('opt-types'), typesOption)
    .option('--threat <class>', t('opt-threat'), threatOption)
    .option('--author <institution>', t('opt-author'))
    .option('--min-confidence <n>', t('opt-min-confidence'), wholeOption(0, 100))
    .option('--max-age <span>', t('opt-max-age'), spanOption(t('a-span')))
    .option('--sight', t('opt-sight'))
    .option('--private', t('opt-private'))
    .addOption(yesOption(t('opt-yes')))
    .action(async (files: string[], options: HuntOptions) => {
      try {
        session.end(await huntFiles(session, files, options))
      } catch (error) {
        failureShown(session, error)
        session.end(2)
      }
    })
}

async function huntFiles(session: Session, files: readonly string[], options: HuntOptions): Promise<0 | 1 | 2> {
  const { env, t, screen, ask } = session
  const { recursive = false, context = 0, sight: wantsSight = false, private: isPrivate = false, yes = false } = options
  if (wantsSight && !yes && !ask.possible) throw new CliError('needs-confirmation')
  const hunt = await env.hunt()
  const { type: types, threat, author, minConfidence, maxAge } = options
  const other = types?.find((type) => !hunt.isHunted(type as IndicatorType))
  if (other !== undefined) throw new CliError('type-not-hunted', undefined, { type: other, types: hunt.HUNTED_TYPES })
  const quarry = await fetchQuarry(await session.client(), hunt, {
    ...(types === undefined ? {} : { types }),
    threat,
    author,
    minConfidence,
    maxAge
  })
  const counts = new Map<number, number>()
  const progress = createProgress(session)
  const onFind = (file: string, find: Find): void => {
    counts.set(find.indicator, (counts.get(find.indicator) ?? 0) + 1)
    progress.clear()
    findShown(session, quarry, file, find, context)
  }
  const all = await searchAll(session, hunt, quarry, { files, recursive, context, progress, onFind })
  progress.clear()
  const found = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const { logs, bytes, failed } = all
  screen.note(t('hunt-done', { found, indicators: counts.size, logs, bytes: bytesText(bytes), hunted: quarry.count }))
  if (found > 0 && wantsSight && (await sight(session, quarry, counts, { isPrivate, yes })) > 0) return 2
  if (found > 0 && !wantsSight) screen.note(t('hunt-hint'))
  return failed > 0 ? 2 : found > 0 ? 0 : 1
}

interface Search {
  readonly files: readonly string[]
  readonly recursive: boolean
  readonly context: number
  readonly progress: Progress
  readonly onFind: (file: string, find: Find) => void
}

/** Searches one log after another. One that cannot be read is told and does not keep the others back. */
async function searchAll(
  session: Session,
  hunt: HuntRoom,
  quarry: Quarry,
  { files, recursive, context, progress, onFind }: Search
): Promise<{ logs: number; bytes: number; failed: number }> {
  const scanner = hunt.createScanner(quarry.index)
  let [logs, bytes, failed] = [0, 0, 0]
  for await (const log of hunt.logsOf(files, recursive)) {
    const { name } = log
    try {
      if ('error' in log) throw log.error
      await using opened = name === '-' ? await hunt.openStream(session.env.stdin) : await hunt.openLog(name)
      const { size } = opened
      const searched = await hunt.searchLog(opened, scanner, {
        context,
        onFind: (find) => onFind(name, find),
        onProgress: (done) =>
          progress.show(name, size === undefined || size === 0 ? undefined : opened.taken() / size, bytes + done)
      })
      logs += 1
      bytes += searched.bytes
    } catch (error) {
      if (!(error instanceof TocsinError) || error instanceof CliError) throw error
      failed += 1
      progress.clear()
      failureShown(session, error)
    }
  }
  return { logs, bytes, failed }
}
