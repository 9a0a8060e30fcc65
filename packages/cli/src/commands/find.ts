import { mkdir } from 'node:fs/promises'
import type { BulletinSummaryView, IndicatorHitView, LookupView } from '@tocsin/api'
import { guessTypes, INDICATOR_TYPE_NAMES, type IndicatorType } from '@tocsin/model'
import { type Command, Option } from 'commander'
import type { Client, Query } from '../client.ts'
import { readInputText } from '../files.ts'
import { momentOption } from '../moments.ts'
import { threatOption, tlpOption, wholeOption } from '../options.ts'
import { readSeen, type Seen, writeSeen } from '../seen.ts'
import type { Session } from '../session.ts'
import { bulletinTable, defangedGuess, hitTable } from '../shown.ts'

/** Values of one call of the API. */
const CALL = 10_000
/** Bulletins or hits shown unless `--limit` says otherwise. */
const SHOWN = 100
/** Types that any text could be: a word is searched as text rather than as one of them. */
const ANY_TEXT: ReadonlySet<IndicatorType> = new Set<IndicatorType>(['email-subject', 'mutex', 'user-agent', 'account'])

interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

interface SearchOptions {
  readonly type?: string
  readonly threat?: string
  readonly author?: string
  readonly since?: string
  readonly tlp?: string
  readonly limit?: number
  readonly new?: boolean
}

/** `search` and `lookup`. */
export function addFindCommands(program: Command, session: Session): void {
  const { t, screen, env } = session

  program
    .command('search')
    .description(t('search-help'))
    .argument('[what]', t('arg-what'))
    .addOption(new Option('--type <type>', t('opt-type')).choices(INDICATOR_TYPE_NAMES))
    .option('--threat <class>', t('opt-threat'), threatOption)
    .option('--author <institution>', t('opt-author'))
    .option('--since <when>', t('opt-since'), momentOption(-1, session.now, t('a-moment')))
    .option('--tlp <label>', t('opt-tlp'), tlpOption)
    .option('--limit <n>', t('opt-limit'), wholeOption(1, 1_000))
    .option('--new', t('opt-new'))
    .action(async (what: string | undefined, options: SearchOptions) => {
      const { limit = SHOWN, new: onlyNew = false, ...filters } = options
      const isValue = what !== undefined && (filters.type !== undefined || readsAsValue(what))
      const query: Query = { ...filters, ...(what === undefined ? {} : isValue ? { value: what } : { text: what }) }
      const client = await session.client()
      if (isValue) {
        await show<IndicatorHitView>(
          session,
          client,
          '/v1/indicators',
          query,
          { limit, onlyNew },
          (it) => it.bulletin,
          hitTable
        )
      } else {
        await show<BulletinSummaryView>(
          session,
          client,
          '/v1/bulletins',
          query,
          { limit, onlyNew },
          (it) => it,
          bulletinTable
        )
      }
    })

  program
    .command('lookup')
    .description(t('lookup-help'))
    .argument('<file>', t('arg-values'))
    .action(async (file: string) => {
      const text = await readInputText(file, env.stdin)
      const values = [...new Set(text.split(/\r?\n/).map((line) => line.trim()))].filter((line) => line !== '')
      const client = await session.client()
      const items: LookupView[] = []
      for (let from = 0; from < values.length; from += CALL) {
        const asked = { values: values.slice(from, from + CALL) }
        items.push(...(await client.post<{ items: LookupView[] }>('/v1/lookup', asked)).items)
      }
      if (session.json()) return screen.json({ items })
      const known = items.filter(({ hits }) => hits.length > 0)
      const unread = items.filter(({ types }) => types.length === 0)
      if (known.length > 0)
        hitTable(
          session,
          known.flatMap(({ hits }) => hits)
        )
      for (const { value } of unread) screen.note(t('lookup-unread', { value: defangedGuess(value) }))
      screen.note(t('lookup-known', { known: known.length, all: items.length }))
    })
}

/** True for what reads as an address, a name, a hash and so on, however defanged: then it is looked up exactly. */
export function readsAsValue(what: string): boolean {
  const text = what.trim()
  const type = guessTypes(text)[0]?.type
  // Any text could name a file; one that is meant so has an extension.
  if (type === 'filename') return /^\S+\.[a-z0-9]{1,8}$/i.test(text)
  return type !== undefined && !ANY_TEXT.has(type)
}

async function show<T>(
  session: Session,
  client: Client,
  path: string,
  query: Query,
  { limit, onlyNew }: { limit: number; onlyNew: boolean },
  bulletinOf: (item: T) => BulletinSummaryView,
  table: (session: Session, items: readonly T[]) => void
): Promise<void> {
  const { t, screen } = session
  if (!onlyNew) {
    const page = await client.get<Page<T>>(path, { ...query, limit })
    if (session.json()) return screen.json(page)
    if (page.items.length === 0) return screen.line(t('nothing-found'))
    table(session, page.items)
    if (page.next !== undefined) screen.note(t('more-found', { shown: page.items.length }))
    return
  }
  const key = JSON.stringify([path, Object.entries(query).toSorted()])
  const seen = await readSeen(session.home(), key)
  const items = await unseen<T>(client, path, query, seen, bulletinOf)
  if (session.json()) screen.json({ items })
  else if (items.length === 0) screen.line(t('nothing-new'))
  else table(session, items)
  const last = items.at(-1)
  if (last === undefined) return
  const until = bulletinOf(last).receivedAt
  const ids = items.map(bulletinOf).filter((it) => it.receivedAt === until)
  const before = seen?.until === until ? seen.ids : []
  // Only now: what could not be printed is shown again.
  await mkdir(session.home(), { recursive: true, mode: 0o700 })
  await writeSeen(session.home(), key, { until, ids: [...new Set([...before, ...ids.map(({ id }) => id)])] })
}

/** Everything that arrived after the last time, oldest first. */
async function unseen<T>(
  client: Client,
  path: string,
  query: Query,
  seen: Seen | undefined,
  bulletinOf: (item: T) => BulletinSummaryView
): Promise<T[]> {
  // The last moment is asked for again, since more may have arrived in it.
  const since = seen === undefined ? query : { ...query, since: later(seen.until, query.since) }
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await client.get<Page<T>>(path, { ...since, order: 'arrival', limit: 1_000, cursor })
    items.push(...page.items.filter((it) => !(seen?.ids.includes(bulletinOf(it).id) ?? false)))
    cursor = page.next
  } while (cursor !== undefined)
  return items
}

function later(a: string, b: Query[string]): string {
  return typeof b === 'string' && Date.parse(b) > Date.parse(a) ? b : a
}
