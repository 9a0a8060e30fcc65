import type { FeedFormatView } from '@tocsin/api'
import type { Command } from 'commander'
import type { Session } from '../session.ts'

/** `feed formats`: what `export` can write. */
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
}
