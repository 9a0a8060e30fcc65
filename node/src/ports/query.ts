import type { BulletinQuery } from '@tocsin/api'
import { isInstitutionId, parseThreat } from '@tocsin/model'
import type { BulletinFilter } from '@tocsin/replica'
import { resolveInstitution } from './names.ts'
import type { ViewDeps } from './views.ts'

/** The query of a page as the replica's reader takes it; names are resolved here. */
export function filterOf({ replica }: ViewDeps, query: BulletinQuery): BulletinFilter {
  const words = query.text
    ?.toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return {
    ...(words === undefined || words.length === 0 ? {} : { words }),
    ...(query.author === undefined
      ? {}
      : { author: isInstitutionId(query.author) ? query.author : resolveInstitution(replica, query.author) }),
    ...(query.threat === undefined ? {} : { threat: parseThreat(query.threat) ?? query.threat }),
    ...(query.type === undefined ? {} : { type: query.type }),
    ...(query.tlp === undefined ? {} : { tlp: query.tlp }),
    ...(query.since === undefined ? {} : { since: query.since }),
    ...(query.until === undefined ? {} : { until: query.until }),
    ...(query.state === 'all' ? { all: true } : {})
  }
}

/** Opaque to clients: the arrival number, so that a page goes on where it stopped whatever came meanwhile. */
export function readCursor(cursor: string | undefined): { readonly after?: number } {
  if (cursor === undefined) return {}
  const after = Number.parseInt(cursor, 36)
  return Number.isSafeInteger(after) && after >= 0 ? { after } : {}
}
