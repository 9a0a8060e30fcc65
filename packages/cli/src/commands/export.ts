import { pipeline } from 'node:stream/promises'
import type { FeedRefusalView } from '@tocsin/api'
import { USES } from '@tocsin/model'
import { type Command, Option } from 'commander'
import type { Query } from '../client.ts'
import { replaceFeed } from '../feed-file.ts'
import { spanOption } from '../moments.ts'
import { threatOption, typesOption, wholeOption } from '../options.ts'
import type { Session } from '../session.ts'
import { defangedGuess, shortIds } from '../shown.ts'

interface ExportOptions {
  readonly use?: string
  readonly type?: readonly string[]
  readonly threat?: string
  readonly author?: string
  readonly minConfidence?: number
  readonly maxAge?: number
  readonly zone?: string
  /** commander's `--no-comments`. */
  readonly comments: boolean
  readonly limit?: number
  readonly to?: string
  readonly refused?: boolean
}

/** `export`: a feed to standard output or into a file. */
export function addExportCommand(program: Command, session: Session): void {
  const { t, screen, env } = session
  program
    .command('export')
    .description(t('export-help'))
    .argument('<feed>', t('arg-feed'))
    .addOption(new Option('--use <use>', t('opt-use')).choices(USES))
    .option('--type <type>', t('opt-types'), typesOption)
    .option('--threat <class>', t('opt-threat'), threatOption)
    .option('--author <institution>', t('opt-author'))
    .option('--min-confidence <n>', t('opt-min-confidence'), wholeOption(0, 100))
    .option('--max-age <span>', t('opt-max-age'), spanOption(t('a-span')))
    .option('--zone <name>', t('opt-zone'))
    .option('--no-comments', t('opt-no-comments'))
    .option('--limit <n>', t('opt-limit-best'), wholeOption(1, 10_000_000))
    .option('--to <file>', t('opt-to-file'))
    .option('--refused', t('opt-refused'))
    .action(async (feed: string, options: ExportOptions) => {
      const { to, refused = false, type: types, comments, ...rest } = options
      const query: Query = { ...rest, types, ...(comments ? {} : { comments: 'false' }) }
      const client = await session.client()
      const path = `/v1/feeds/${encodeURIComponent(feed)}`
      if (refused) {
        const list = await client.get<{ items: FeedRefusalView[] }>(`${path}/refused`, query)
        if (session.json()) return screen.json(list)
        if (list.items.length === 0) return screen.line(t('nothing-refused'))
        return refusedShown(session, list.items)
      }
      const answer = await client.open(path, query)
      const body = answer.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() })
      if (to === undefined) return await pipeline(body, env.stdout, { end: false })
      const replaced = await replaceFeed(to, body)
      if (session.json()) return screen.json(replaced)
      const { changed, serial } = replaced
      screen.line(t(changed ? 'feed-written' : 'feed-same', { file: to }))
      if (serial !== undefined) screen.line(t('feed-serial', { serial }))
    })
}

function refusedShown({ t, screen }: Session, items: readonly FeedRefusalView[]): void {
  const short = shortIds(items.map(({ bulletin }) => bulletin))
  screen.table(
    [t('col-value'), t('col-type'), t('col-rule'), t('col-bulletin')],
    items.map((it) => [defangedGuess(it.value), it.type, it.code, short.get(it.bulletin) ?? it.bulletin])
  )
}
