/** What is kept of a source, and how it is shown. */
import type { ImportedView, SourceInput, SourceView } from '@tocsin/api'
import type { PollRow } from '../polls/rounds.ts'
import { iso } from '../ports/views.ts'

/** Latest refusals that are kept. */
const MAX_RECENT = 20

export interface SourceRow extends Omit<SourceInput, 'token' | 'poll'> {
  /** hex SHA-256 of the token; of a source that is fetched there is none. */
  readonly hash?: string
  readonly poll?: PollRow
  readonly createdAt: number
  readonly createdBy: string
  readonly lastAt?: number
  readonly deliveries: number
  readonly counts: ImportedView['counts']
  readonly recent: readonly { readonly at: number; readonly code: string; readonly place: string }[]
  /** ms: sightings were reported last. */
  readonly reportedAt?: number
  /** Published by itself on `day` (days since the epoch). */
  readonly day?: number
  readonly today?: number
}

/** Latest refusals, those too that no delivery had. */
export function withRecent(row: SourceRow, fresh: readonly { code: string; place: string }[], now: number): SourceRow {
  return { ...row, recent: [...row.recent, ...fresh.map((it) => ({ ...it, at: now }))].slice(-MAX_RECENT) }
}

/** The row after a delivery; `held` is what waits for a person in spite of the policy. */
export function noted(
  row: SourceRow,
  { counts, refused }: Pick<ImportedView, 'counts' | 'refused'>,
  held: readonly { readonly code: string; readonly place: string }[],
  now: number
): SourceRow {
  const fresh = [
    ...refused.map(({ code, place = {} }) => ({
      code,
      place: place.line === undefined ? (place.path ?? '').slice(0, 100) : `line ${place.line}`
    })),
    ...held
  ]
  const sum = (name: keyof typeof counts): number => row.counts[name] + counts[name]
  return {
    ...withRecent(row, fresh, now),
    lastAt: now,
    deliveries: row.deliveries + 1,
    counts: {
      new: sum('new'),
      changed: sum('changed'),
      known: sum('known'),
      published: sum('published'),
      refused: sum('refused')
    }
  }
}

export function sourceView(row: SourceRow, isBusy: boolean): SourceView {
  const { name, policy, tlp, pap, circle, threat, confidence, map, charset, createdAt, createdBy, lastAt, deliveries } =
    row
  return {
    name,
    import: row.import,
    policy,
    ...(tlp === undefined ? {} : { tlp }),
    ...(pap === undefined ? {} : { pap }),
    ...(circle === undefined ? {} : { circle }),
    ...(threat === undefined ? {} : { threat }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(map === undefined ? {} : { map: { ...map } }),
    ...(charset === undefined ? {} : { charset }),
    ...(row.private === undefined ? {} : { private: row.private }),
    ...(row.poll === undefined ? { path: `/v1/sources/${name}/items` } : { poll: pollView(row.poll, isBusy) }),
    createdAt: iso(createdAt),
    createdBy,
    ...(lastAt === undefined ? {} : { lastAt: iso(lastAt) }),
    deliveries,
    counts: { ...row.counts },
    recent: row.recent.map(({ at, code, place }) => ({ at: iso(at), code, place }))
  }
}

function pollView(poll: PollRow, isBusy: boolean): NonNullable<SourceView['poll']> {
  const { kind, shown, every, auth, nextAt, failures, error, lastAt, okAt } = poll
  return {
    kind,
    url: shown,
    every,
    auth,
    busy: isBusy,
    nextAt: iso(nextAt),
    failures,
    ...(error === undefined ? {} : { error }),
    ...(lastAt === undefined ? {} : { lastAt: iso(lastAt) }),
    ...(okAt === undefined ? {} : { okAt: iso(okAt) })
  }
}
