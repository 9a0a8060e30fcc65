/** Rows of what waits for a person, in the local part of the store: nothing of it ever leaves this node by itself. */
import { createHash } from 'node:crypto'
import type { RemarkView } from '@tocsin/api'
import type { Draft, IndicatorType, InstitutionId, Pap, Sighting, SightingKind, Threat, Tlp } from '@tocsin/model'
import { keys } from '@tocsin/store'

export type DraftState = 'open' | 'accepted' | 'discarded' | 'expired'

/** `draft ID`: kept in memory too. Of a closed draft the title goes, and the row says who decided what, and when. */
export interface DraftHead {
  readonly id: string
  /** What it ends as: a bulletin unless it says sightings, `count` of them. */
  readonly kind?: 'sightings'
  /** Of sightings: to the authors of the bulletins alone. */
  readonly private?: boolean
  readonly version: string
  readonly state: DraftState
  readonly import: string
  readonly source?: string
  readonly reference: string
  readonly title: string
  readonly tlp: Tlp
  readonly pap: Pap
  readonly threat?: Threat
  readonly count: number
  readonly bytes: number
  /** Names the item's row `import-key`. */
  readonly key: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly by: string
  readonly edited: boolean
  readonly warnings: readonly RemarkView[]
  /** Bulletin under which it is being published: after a crash this tells whether it was. */
  readonly accepting?: string
  readonly closedAt?: number
  readonly closedBy?: string
  readonly bulletin?: string
}

/** One of the body of a draft of sightings: an indicator of a bulletin. Times in ISO 8601. */
export interface SightingDraft extends Pick<Sighting, 'comment'> {
  readonly bulletin: string
  readonly author: InstitutionId
  readonly type: IndicatorType
  readonly value: string
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
  /** Seen, unless a person said otherwise. */
  readonly kind?: SightingKind
}

/** `import-value HASH` of an indicator that was sighted: records up to `through` (ms) are taken. */
export interface MarkRow {
  readonly at: number
  readonly through: number
}

/** `import-key HASH`: what became of an item, so that it is taken once. */
export interface KeyRow {
  /** Of the content as the source said it. */
  readonly digest: string
  readonly draft: string
  readonly bulletin?: string
  readonly at: number
}

/** The first digits of a SHA-256: LevelDB copies keys into files that no compaction rewrites, so a key says nothing. */
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

/** An item's key as rows name it. */
export const keyHash = (key: string): string => hash(`key\0${key}`)

export const rowOf = {
  draft: (id: string) => keys.local('draft', id),
  body: (id: string) => keys.local('draft-body', id),
  key: (key: string) => keys.local('import-key', key),
  /** A value of a log that was taken under this key. */
  value: (key: string, { type, value }: { type: string; value: string }) =>
    keys.local('import-value', hash(`${key}\0${type}\0${value}`))
}

/** What the source said: labels count, since a tightened one must reach here; what the operator fills in does not. */
export function digestOf(draft: Draft): string {
  const { circle, threat, confidence, supersedes, ...said } = draft
  return hash(JSON.stringify(said))
}

export const versionOf = (json: string): string => hash(json).slice(0, 16)
