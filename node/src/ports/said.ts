/** What was said of indicators, in order of arrival, cut to what the reader may see. */
import type { Page, Reader, SightingQuery, SightingView } from '@tocsin/api'
import { openBody } from '@tocsin/journal'
import { defang, isInstitutionId, type Sighting, type StreamId, tlpAtMost } from '@tocsin/model'
import { isVoid, retractionOf } from '@tocsin/replica'
import { type ArrivalRow, arrivalOf, keys, ranges, readRow } from '@tocsin/store'
import { institutionView, resolveInstitution } from './names.ts'
import { readCursor } from './query.ts'
import { sightOf } from './sight.ts'
import { iso, type ViewDeps } from './views.ts'

/** A page by time of arrival here: whoever asks for a day is told what came in it, however long it was on its way. */
export async function sightingsPage(
  deps: ViewDeps,
  { author, since = 0, until, cursor, limit }: SightingQuery,
  reader: Reader
): Promise<Page<SightingView>> {
  const { replica } = deps
  const of = author === undefined || isInstitutionId(author) ? author : resolveInstitution(replica, author)
  const { after = -1 } = readCursor(cursor)
  // An arrival is never before its time in µs, and only behind it where the clock was set back.
  const gte = keys.arrival(Math.min(Math.max(after + 1, since * 1_000), Number.MAX_SAFE_INTEGER))
  const items: SightingView[] = []
  for await (const [key, value] of replica.store.scan({ gte, lt: ranges.arrivals().lt })) {
    const row = readRow<ArrivalRow>(value)
    if (row.kind !== 'sighting' || row.at < since || (until !== undefined && row.at > until)) continue
    const arrival = arrivalOf(key)
    const view = await sightingView(deps, arrival, row, { of, reader })
    if (view === undefined) continue
    items.push(view)
    // Only what the reader may see ends a page: its cursor tells of nothing else.
    if (items.length === limit) return { items, next: arrival.toString(36) }
  }
  return { items }
}

async function sightingView(
  deps: ViewDeps,
  arrival: number,
  row: ArrivalRow,
  { of, reader }: { readonly of: string | undefined; readonly reader: Reader }
): Promise<SightingView | undefined> {
  const { replica, bulletins } = deps
  const { get } = replica.store
  const descriptor = replica.streams.get(row.stream as StreamId)?.descriptor
  const sight = sightOf(deps, reader)
  if (descriptor === undefined || !tlpAtMost(descriptor.tlp, sight.maxTlp)) return undefined
  if (isVoid(get, row.stream, row.seq) || retractionOf(get, row.entry, descriptor) !== undefined) return undefined
  const bytes = get(keys.body(row.stream, row.seq))
  const opened = bytes === undefined ? undefined : openBody('sighting', bytes)
  if (opened?.ok !== true) return undefined
  const { bulletin, author, indicator, kind, count, contributors, firstSeen, lastSeen, comment } =
    opened.value as Sighting
  if (of !== undefined && author !== of) return undefined
  // A count is of a bulletin's author alone.
  if (contributors !== undefined && descriptor.author !== author) return undefined
  const [held] = await bulletins.entriesOf(bulletin, author)
  if (held === undefined || !bulletins.visible(held, sight)) return undefined
  return {
    arrival,
    bulletin,
    author: institutionView(replica, author),
    type: indicator.type,
    value: indicator.value,
    defanged: defang(indicator.type, indicator.value),
    kind,
    count,
    ...(contributors === undefined ? {} : { contributors }),
    ...(firstSeen === undefined ? {} : { firstSeen }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(comment === undefined ? {} : { comment }),
    tlp: descriptor.tlp,
    by: institutionView(replica, descriptor.author),
    signedAt: iso(row.clock),
    receivedAt: iso(row.at)
  }
}
