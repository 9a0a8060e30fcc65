import {
  formatPap,
  type Indicator,
  type InstitutionId,
  type Pap,
  THREAT_INFO,
  type Threat,
  type Tlp
} from '@tocsin/model'
import { oneLine } from '../text.ts'
import { identityId, indicatorId, type StixId } from './ids.ts'
import { TLP_MARKINGS } from './marking.ts'
import { observableOf, patternOf } from './pattern.ts'

/** A bulletin as STIX objects speak of it; times in ms since the epoch. */
export interface StixBulletin {
  readonly id: string
  readonly title: string
  readonly author: InstitutionId
  readonly authorName: string
  readonly tlp: Tlp
  readonly pap: Pap
  readonly threat: Threat
  /** 0…100 */
  readonly confidence: number
  /** The author's clock: the same at every node, so that `created` is. */
  readonly publishedAt: number
  /** Past it nobody holds the bulletin: no object of it is valid any longer. */
  readonly keepUntil?: number | undefined
  readonly tags?: readonly string[] | undefined
}

/** Where an object stands in its life; times in ms since the epoch. */
export interface StixLife {
  /** When it last changed; when it was published if absent. */
  readonly modifiedAt?: number | undefined
  /** Taken back, for ever (STIX 2.1 §3.6). */
  readonly isRevoked?: boolean | undefined
  /** Not to be used from here on; the earliest of this, the indicator's own end and keep-until counts. */
  readonly until?: number | undefined
}

/** What all objects share (STIX 2.1 §3.2); absent fields are left out by JSON.stringify. */
export interface Common<T extends string> {
  readonly type: T
  readonly spec_version: '2.1'
  readonly id: StixId<T>
  readonly created_by_ref?: StixId<'identity'>
  readonly created: string
  readonly modified: string
  readonly revoked?: true | undefined
  readonly confidence?: number
  readonly lang?: string | undefined
  readonly labels?: readonly string[]
  readonly external_references?: readonly ExternalReference[]
  readonly object_marking_refs?: readonly StixId<'marking-definition'>[]
}

export interface ExternalReference {
  readonly source_name: string
  readonly description?: string | undefined
  readonly url?: string | undefined
  readonly external_id?: string | undefined
}

export interface StixIdentity extends Common<'identity'> {
  readonly name: string
  readonly identity_class: 'organization'
}

export interface StixIndicator extends Common<'indicator'> {
  readonly name: string
  readonly description: string
  readonly indicator_types: readonly string[]
  readonly pattern: string
  readonly pattern_type: string
  readonly pattern_version?: '2.1'
  readonly valid_from: string
  readonly valid_until?: string | undefined
  readonly x_opencti_score?: number
  readonly x_opencti_main_observable_type?: string | undefined
}

/** Names us in external references, so that an object is traced to its bulletin and known again when it comes back. */
export const SOURCE = 'tocsin'

/** Identities have no date of ours: a constant, so that every node says the same. */
const ALWAYS = '2026-01-01T00:00:00.000Z'
export const LINE = 500

export const iso = (ms: number): string => new Date(ms).toISOString()

/** The author of objects. */
export function identityObject(institution: InstitutionId, name: string): StixIdentity {
  return {
    type: 'identity',
    spec_version: '2.1',
    id: identityId(institution),
    created: ALWAYS,
    modified: ALWAYS,
    name: oneLine(name, 100) || institution,
    identity_class: 'organization',
    external_references: [{ source_name: SOURCE, external_id: institution }]
  }
}

/** One indicator with a pattern; undefined where STIX has no pattern for its type. */
export function indicatorObject(
  { type, value, comment, validUntil }: Pick<Indicator, 'type' | 'value' | 'comment' | 'validUntil'>,
  bulletin: StixBulletin,
  life: StixLife = {}
): StixIndicator | undefined {
  const pattern = patternOf(type, value)
  if (pattern === undefined) return undefined
  const common = commonOf(
    'indicator',
    indicatorId(identityId(bulletin.author), bulletin.id, type, value),
    bulletin,
    life
  )
  const title = oneLine(bulletin.title, LINE)
  return {
    ...common,
    name: oneLine(value, LINE) || type,
    description: comment === undefined ? title : `${title}\n${oneLine(comment, LINE)}`,
    indicator_types: [COMPROMISED.has(bulletin.threat) ? 'compromised' : 'malicious-activity'],
    pattern,
    pattern_type: 'stix',
    pattern_version: '2.1',
    ...validity(bulletin, life, validUntil),
    external_references: [bulletinReference(bulletin)],
    x_opencti_score: bulletin.confidence,
    x_opencti_main_observable_type: observableOf(type, value)
  }
}

/** What they name is somebody's own, taken over. */
const COMPROMISED: ReadonlySet<Threat> = new Set<Threat>(['phished-account-use', 'account-compromise'])

export function commonOf<T extends 'indicator' | 'report'>(
  type: T,
  id: StixId<T>,
  bulletin: StixBulletin,
  { modifiedAt, isRevoked }: StixLife
): Common<T> & { readonly confidence: number } {
  const { publishedAt, threat, confidence, pap, tlp, tags = [] } = bulletin
  const [kind, name] = THREAT_INFO[threat].rsit.split(':')
  const labels = [`rsit:${kind}="${name}"`, `${SOURCE}:threat="${threat}"`, formatPap(pap)]
  return {
    type,
    spec_version: '2.1',
    id,
    created_by_ref: identityId(bulletin.author),
    created: iso(publishedAt),
    modified: modifiedOf(publishedAt, modifiedAt),
    ...(isRevoked === true ? { revoked: true } : {}),
    confidence,
    labels: [...new Set([...labels, ...tags.map((tag) => oneLine(tag, 100)).filter((tag) => tag !== '')])],
    object_marking_refs: [TLP_MARKINGS[tlp]]
  }
}

/** A later version is later (STIX 2.1 §3.6), whatever an author's clock says. */
export function modifiedOf(createdAt: number, modifiedAt: number | undefined): string {
  return iso(modifiedAt === undefined ? createdAt : Math.max(modifiedAt, createdAt + 1))
}

/** `valid_until` is later than `valid_from` (STIX 2.1 §4.7), and there wherever an end is known. */
export function validity(
  { publishedAt, keepUntil }: StixBulletin,
  { until, isRevoked, modifiedAt }: StixLife,
  validUntil: string | undefined
): { readonly valid_from: string; readonly valid_until?: string } {
  // Elastic's pipeline reads `revoked` only where no `valid_until` stands: what is taken back ends when it is.
  const ends = [
    keepUntil,
    until,
    validUntil === undefined ? undefined : Date.parse(validUntil),
    isRevoked === true ? (modifiedAt ?? publishedAt) : undefined
  ].filter((end) => end !== undefined && Number.isFinite(end))
  if (ends.length === 0) return { valid_from: iso(publishedAt) }
  const end = Math.max(Math.min(...(ends as number[])), publishedAt + 1)
  return { valid_from: iso(publishedAt), valid_until: iso(end) }
}

export function bulletinReference({ id, title }: StixBulletin): ExternalReference {
  return { source_name: SOURCE, external_id: id, description: oneLine(title, LINE) }
}
