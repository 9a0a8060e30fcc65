/** From what the replica holds to what the HTTP door shows. */
import type { BulletinSummaryView, BulletinView, IndicatorHitView, IndicatorView } from '@tocsin/api'
import { defang, type Indicator, type InstitutionId, type Pap, THREAT_INFO, type Threat } from '@tocsin/model'
import type {
  BulletinReader,
  FactsOf,
  HeldBulletin,
  IndicatorHit,
  IndicatorReader,
  Replica,
  Sight
} from '@tocsin/replica'
import { circleRef, institutionView } from './names.ts'

export interface ViewDeps {
  readonly replica: Replica
  readonly bulletins: BulletinReader
  readonly indicators: IndicatorReader
  /** Least PAP for `detect`, a setting (DESIGN §6). */
  readonly detectNeeds: Pap
}

export const iso = (ms: number): string => new Date(ms).toISOString()

/** The head of a bulletin. `entries`: all of its entries, for the recipients of RED. */
export function summaryView(
  { replica }: ViewDeps,
  held: HeldBulletin,
  entries: readonly HeldBulletin[] = [held]
): BulletinSummaryView {
  const { descriptor, row, summary, state, arrival } = held
  const threat = (summary?.threat ?? 'other') as Threat
  const recipients = entries.flatMap((entry) => entry.descriptor.recipient ?? [])
  return {
    id: summary?.id ?? row.entry,
    arrival,
    title: summary?.title ?? '',
    threat,
    rsit: THREAT_INFO[threat].rsit,
    tlp: descriptor.tlp,
    pap: (summary?.pap ?? 'RED') as Pap,
    confidence: summary?.confidence ?? 0,
    author: institutionView(replica, descriptor.author),
    ...(descriptor.circle === undefined ? {} : { circle: circleRef(replica, descriptor.circle) }),
    recipients: [...new Set(recipients)].map((id) => institutionView(replica, id)),
    publishedAt: iso(row.clock),
    receivedAt: iso(row.at),
    keepUntil: iso(row.keepUntil),
    state,
    ...(held.retraction === undefined ? {} : { retractedAt: iso(held.retraction.at) }),
    indicatorCount: summary?.count ?? 0
  }
}

export function indicatorView(factsOf: FactsOf, indicator: Indicator): IndicatorView {
  const { state, counts } = factsOf(indicator)
  const { type, value, role, comment, firstSeen, lastSeen, validUntil } = indicator
  return {
    type,
    value,
    defanged: defang(type, value),
    role,
    ...(comment === undefined ? {} : { comment }),
    ...(firstSeen === undefined ? {} : { firstSeen }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(validUntil === undefined ? {} : { validUntil }),
    state,
    sightings: counts
  }
}

/** Hits in their order; what is known of a bulletin is read once, however many of its indicators are among them. */
export async function hitViews(
  deps: ViewDeps,
  hits: readonly IndicatorHit[],
  sight: Sight
): Promise<IndicatorHitView[]> {
  const known = new Map<number, Promise<FactsOf>>()
  const factsOf = (held: HeldBulletin): Promise<FactsOf> => {
    const facts = known.get(held.arrival) ?? deps.indicators.factsOf(held, sight)
    known.set(held.arrival, facts)
    return facts
  }
  return Promise.all(
    hits.map(async ({ held, indicator }) => ({
      indicator: indicatorView(await factsOf(held), indicator),
      bulletin: summaryView(deps, held)
    }))
  )
}

export async function bulletinView(
  deps: ViewDeps,
  entries: readonly HeldBulletin[],
  sight: Sight
): Promise<BulletinView> {
  const { replica, bulletins } = deps
  const [held] = entries
  if (held === undefined) throw new RangeError('a bulletin has at least one entry')
  const body = bulletins.body(held)
  const factsOf = await deps.indicators.factsOf(held, sight)
  const { retraction } = held
  return {
    ...summaryView(deps, held, entries),
    text: body?.text ?? '',
    tags: [...(body?.tags ?? [])],
    indicators: (body?.indicators ?? []).map((indicator) => indicatorView(factsOf, indicator)),
    references: [...(body?.references ?? [])],
    rules: [...(body?.rules ?? [])],
    attachments: (body?.attachments ?? []).map(({ name, mediaType, size, sha256 }) => ({
      name,
      mediaType,
      size,
      sha256
    })),
    about: [...(body?.about ?? [])],
    ...(body?.supersedes === undefined ? {} : { supersedes: body.supersedes }),
    ...(retraction === undefined
      ? {}
      : { retraction: { reason: retraction.reason, at: iso(retraction.clock), erasesAt: iso(retraction.erasesAt) } }),
    entries: entries.map(({ row }) => ({
      entry: row.entry,
      stream: row.stream,
      seq: row.seq,
      ...(row.via === undefined ? {} : { via: institutionView(replica, row.via as InstitutionId) }),
      receivedAt: iso(row.at)
    }))
  }
}
