import type { FeedFormatView, FileFeedView } from '@tocsin/api'
import type { Command } from 'commander'
import type { TextKey } from '../catalogue.ts'
import type { Session } from '../session.ts'
import { shortTime } from '../shown.ts'

const STATES: Readonly<Record<FileFeedView['state'], TextKey>> = {
  waiting: 'feed-waiting',
  current: 'feed-current',
  failed: 'feed-failed'
}

/** `feed formats`: what `export` can write; `feed status`: the files that the node keeps. The node adds what needs its home. */
export function addFeedCommands(program: Command, session: Session): void {
  const { t, screen, env } = session
  const feed = program.command('feed').description(t('feed-help'))
  feed
    .command('formats')
    .description(t('feed-formats-help'))
    .action(async () => {
      const client = await session.client()
      const list = await client.get<{ items: FeedFormatView[] }>('/v1/feeds')
      if (session.json()) return screen.json(list)
      screen.table(
        [t('col-format'), t('col-title'), t('col-use'), t('col-types')],
        list.items.map((it) => [it.name, it.title[env.lang], it.use, it.types.join(' ')])
      )
    })
  feed
    .command('status')
    .description(t('feed-status-help'))
    .action(async () => {
      const client = await session.client()
      const list = await client.get<{ items: FileFeedView[] }>('/v1/file-feeds')
      if (session.json()) return screen.json(list)
      if (list.items.length === 0) return screen.line(t('no-file-feed'))
      screen.table(
        [
          t('col-name'),
          t('col-format'),
          t('col-file'),
          t('col-written'),
          t('col-looked'),
          t('col-left-out'),
          t('col-state')
        ],
        list.items.map((it) => [
          it.name,
          it.format,
          it.file,
          it.writtenAt === undefined ? '' : shortTime(it.writtenAt),
          it.lookedAt === undefined ? '' : shortTime(it.lookedAt),
          Object.entries(it.leftOut ?? {})
            .map(([code, count]) => `${count} ${code}`)
            .join(', '),
          [t(STATES[it.state]), it.code, it.detail].filter((text) => text !== undefined && text !== '').join(' ')
        ])
      )
    })
}
