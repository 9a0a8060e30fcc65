import type { SightingAddedView } from '@tocsin/api'
import { defang, TocsinError } from '@tocsin/model'
import { CliError } from '../errors.ts'
import { createScreen } from '../screen.ts'
import type { Session } from '../session.ts'
import { shortIds } from '../shown.ts'
import type { Quarry, QuarryBulletin } from './quarry.ts'

/** What a hunt would report: an indicator of one bulletin, and how often it was found. */
interface DraftSighting {
  readonly type: string
  readonly value: string
  readonly shown: string
  readonly bulletin: QuarryBulletin
  readonly count: number
}

/** What one sighting can count. */
const MOST_COUNT = 1_000_000_000

export interface SightOptions {
  /** To the authors of the bulletins alone. */
  readonly isPrivate: boolean
  readonly yes: boolean
}

/**
 * Shows what would be reported, asks, and reports it: a sighting for each indicator found, of the bulletin that knows it
 * best. Tells how many the node refused. Throws CliError `needs-confirmation`, `not-confirmed`.
 */
export async function sight(
  session: Session,
  quarry: Quarry,
  counts: ReadonlyMap<number, number>,
  { isPrivate, yes }: SightOptions
): Promise<number> {
  const { t, screen, ask } = session
  const drafts = [...counts].flatMap(([number, count]): DraftSighting[] => {
    const { type, value } = quarry.indicator(number)
    const [bulletin] = quarry.bulletins(number)
    return bulletin === undefined
      ? []
      : [{ type, value, shown: defang(type, value), bulletin, count: Math.min(count, MOST_COUNT) }]
  })
  if (!yes) {
    if (!ask.possible) throw new CliError('needs-confirmation')
    draftsShown(session, drafts)
    await ask.confirm(t(isPrivate ? 'hunt-sight-private' : 'hunt-sight', { count: drafts.length }))
  }
  const client = await session.client()
  let refused = 0
  for (const { type, value, shown, bulletin, count } of drafts) {
    const input = {
      type,
      value,
      bulletin: bulletin.id,
      kind: 'sighting',
      count,
      ...(isPrivate ? { private: true } : {})
    }
    try {
      const added = await client.post<SightingAddedView>('/v1/sightings', input)
      if (session.json()) screen.json({ sighting: { ...input, entry: added.entry } }, 0)
    } catch (error) {
      // One value that may not be reported does not keep the others back.
      if (!(error instanceof TocsinError) || error instanceof CliError) throw error
      refused += 1
      screen.note(`${shown}: ${error.message} (${error.code})`)
    }
  }
  screen.note(t(isPrivate ? 'hunt-sighted-private' : 'hunt-sighted', { count: drafts.length - refused }))
  return refused
}

function draftsShown({ t, env }: Session, drafts: readonly DraftSighting[]): void {
  const short = shortIds(drafts.map(({ bulletin }) => bulletin.id))
  const rows = drafts.map(({ type, shown, bulletin, count }) => [
    shown,
    type,
    String(count),
    short.get(bulletin.id) ?? bulletin.id,
    bulletin.authorName
  ])
  // Beside the finds, which may be on their way into a file.
  createScreen(env.stderr, env.stderr).table(
    [t('col-value'), t('col-type'), t('col-found'), t('col-bulletin'), t('col-author')],
    rows
  )
}
