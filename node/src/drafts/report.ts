/** A draft of sightings, reported: each signed once, however often it is begun. */
import type { SightedView, SightingDraftView } from '@tocsin/api'
import { TocsinError } from '@tocsin/model'
import { type HeldBulletin, ReplicaError } from '@tocsin/replica'
import { institutionView } from '../ports/names.ts'
import { reportSighting } from '../ports/sightings.ts'
import type { ViewDeps } from '../ports/views.ts'
import type { DraftHead, SightingDraft } from './rows.ts'

export function sightingView({ replica }: ViewDeps, it: SightingDraft): SightingDraftView {
  return { ...it, authorName: institutionView(replica, it.author).name }
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
  const { replica, indicators } = deps
  const self = replica.identity.institution
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
      const { type, value, count, firstSeen, lastSeen } = it
      const before = { type, value, count, at: Date.parse(lastSeen) }
      if (await indicators.said(held, before, self)) {
        view.sightings.push(shown)
        continue
      }
      const report = { indicator: { type, value }, kind: 'sighting', count, firstSeen, lastSeen, isPrivate } as const
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
