/** A draft of sightings, reported: each signed once, however often it is begun. */
import type { SightedView, SightingDraftView } from '@tocsin/api'
import { institutionKey, openBody } from '@tocsin/journal'
import { type Sighting, TocsinError } from '@tocsin/model'
import { type HeldBulletin, ReplicaError } from '@tocsin/replica'
import { type ArrivalRow, arrivalOf, keys, ranges, readRow, type SightingRow } from '@tocsin/store'
import { institutionView } from '../ports/names.ts'
import { reportSighting } from '../ports/sightings.ts'
import type { ViewDeps } from '../ports/views.ts'
import type { DraftHead, SightingDraft } from './rows.ts'

export function sightingView({ replica }: ViewDeps, it: SightingDraft): SightingDraftView {
  return { ...it, kind: it.kind ?? 'sighting', authorName: institutionView(replica, it.author).name }
}

/**
 * Signs what a draft holds, or with `dryRun` says what would be. What was signed before a crash or an error is known by
 * its count and time and not signed again. A bulletin that has gone meanwhile costs its own sightings alone.
 */
export async function reportSightings(
  deps: ViewDeps,
  head: DraftHead,
  sightings: readonly SightingDraft[],
  { dryRun }: { readonly dryRun: boolean }
): Promise<SightedView> {
  const isPrivate = head.private === true
  const view: SightedView = {
    kind: 'sightings',
    dryRun,
    private: isPrivate,
    title: head.title,
    sightings: [],
    refused: []
  }
  for (const it of sightings) {
    const shown = sightingView(deps, it)
    try {
      const held = await liveOf(deps, it)
      if (dryRun) {
        view.sightings.push(shown)
        continue
      }
      const { type, value, count, firstSeen, lastSeen, comment, kind = 'sighting' } = it
      if (await wasSaid(deps, held, it)) {
        view.sightings.push(shown)
        continue
      }
      const report = { indicator: { type, value }, kind, count, firstSeen, lastSeen, comment, isPrivate }
      const { entry } = await reportSighting(deps, held, report)
      view.sightings.push({ ...shown, entry })
    } catch (error) {
      // Anything else is this node's trouble: the draft stays.
      if (!(error instanceof TocsinError) || !GONE.has(error.code)) throw error
      view.refused.push({ ...shown, code: error.code })
    }
  }
  return view
}

/** Whether we have signed exactly this already. */
async function wasSaid(
  { replica, indicators }: ViewDeps,
  held: HeldBulletin,
  { bulletin, author, type, value, count, lastSeen, kind = 'sighting' }: SightingDraft
): Promise<boolean> {
  const self = replica.identity.institution
  if (kind === 'sighting') return indicators.said(held, { type, value, count, at: Date.parse(lastSeen) }, self)
  for await (const [, bytes] of replica.store.scan(ranges.sightings(bulletin, institutionKey(author)))) {
    const row = readRow<SightingRow>(bytes)
    if (row.author !== self || row.kind !== kind) continue
    const place = replica.store.get(keys.entry(row.entry))
    const arrived = place === undefined ? undefined : replica.store.get(keys.arrival(arrivalOf(place)))
    const { stream, seq } = arrived === undefined ? {} : readRow<ArrivalRow>(arrived)
    if (stream === undefined || seq === undefined) continue
    const body = replica.store.get(keys.body(stream, seq))
    const opened = body === undefined ? undefined : openBody('sighting', body)
    const said = opened?.ok === true ? (opened.value as Sighting) : undefined
    if (said?.indicator.type !== type || said.indicator.value !== value) continue
    if (said.count === count && said.lastSeen === lastSeen) return true
  }
  return false
}

/** What became of a bulletin, or of its author, while the draft waited. */
const GONE: ReadonlySet<string> = new Set([
  'not-found',
  'indicator-not-in-bulletin',
  'author-not-a-peer',
  'private-to-oneself'
])

async function liveOf(
  { bulletins }: ViewDeps,
  { bulletin, author, type, value }: SightingDraft
): Promise<HeldBulletin> {
  const held = (await bulletins.entriesOf(bulletin, author)).find(({ state }) => state === 'live')
  if (held === undefined) throw new ReplicaError('not-found', 'the bulletin is not live')
  const holds = bulletins.body(held)?.indicators.some((it) => it.type === type && it.value === value) === true
  if (!holds) throw new ReplicaError('indicator-not-in-bulletin', 'the bulletin does not hold this value')
  return held
}
