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

/** Published, and nothing since. */
export const LIVE: StixLife = {}

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
  indicator: StixValue,
  bulletin: StixBulletin,
  life: StixLife = LIVE
): StixIndicator | undefined {
  const own = ownOfIndicator(indicator, bulletin, life)
  return own === undefined ? undefined : { ...sharedOfIndicators(bulletin, life), ...own }
}

/** What an indicator object is made of. */
export type StixValue = Pick<Indicator, 'type' | 'value' | 'comment' | 'validUntil'>

/** What is the same in every indicator of a bulletin at one moment of its life: one object for those that live. */
export function sharedOfIndicators(
  bulletin: StixBulletin,
  life: StixLife = LIVE
): Omit<StixIndicator, keyof OwnOfIndicator> {
  if (life === LIVE) return aboutOf(bulletin).live
  const { created, references } = aboutOf(bulletin)
  return {
    ...commonOf('indicator', bulletin, life),
    ...INDICATOR,
    ...judgementOf(bulletin),
    valid_from: created,
    external_references: references
  }
}

/** What is particular to one of them; undefined where STIX has no pattern for its type. */
export function ownOfIndicator(
  { type, value, comment, validUntil }: StixValue,
  bulletin: StixBulletin,
  life: StixLife = LIVE
): OwnOfIndicator | undefined {
  const pattern = patternOf(type, value)
  if (pattern === undefined) return undefined
  const { author, title } = aboutOf(bulletin)
  const end = endOfLife(bulletin, life, validUntil)
  return {
    id: indicatorId(author, bulletin.id, type, value),
    name: oneLine(value, LINE) || type,
    description: comment === undefined ? title : `${title}\n${oneLine(comment, LINE)}`,
    pattern,
    ...(end === undefined ? {} : { valid_until: end }),
    x_opencti_main_observable_type: observableOf(type, value)
  }
}

export type OwnOfIndicator = Pick<
  StixIndicator,
  'id' | 'name' | 'description' | 'pattern' | 'valid_until' | 'x_opencti_main_observable_type'
>

const INDICATOR = { pattern_type: 'stix', pattern_version: '2.1' } as const

function judgementOf({ threat, confidence }: StixBulletin) {
  return {
    indicator_types: [COMPROMISED.has(threat) ? 'compromised' : 'malicious-activity'],
    x_opencti_score: confidence
  }
}

/** What they name is somebody's own, taken over. */
const COMPROMISED: ReadonlySet<Threat> = new Set<Threat>(['phished-account-use', 'account-compromise'])

export function commonOf<T extends 'indicator' | 'report'>(
  type: T,
  bulletin: StixBulletin,
  { modifiedAt, isRevoked }: StixLife
): Omit<Common<T>, 'id'> & { readonly confidence: number } {
  const { author, created, labels, markings } = aboutOf(bulletin)
  return {
    type,
    spec_version: '2.1',
    created_by_ref: author,
    created,
    modified: modifiedAt === undefined ? created : modifiedOf(bulletin.publishedAt, modifiedAt),
    ...(isRevoked === true ? { revoked: true } : {}),
    confidence: bulletin.confidence,
    labels,
    object_marking_refs: markings
  }
}

/** What all objects of a bulletin say. */
interface About {
  readonly author: StixId<'identity'>
  readonly created: string
  readonly title: string
  readonly labels: readonly string[]
  readonly markings: readonly StixId<'marking-definition'>[]
  readonly references: readonly [ExternalReference]
  /** ISO 8601. */
  readonly keepUntil: string | undefined
  readonly live: Omit<StixIndicator, keyof OwnOfIndicator>
}

/** A bulletin has up to 4,096 indicators. */
const abouts = new WeakMap<StixBulletin, About>()

function aboutOf(bulletin: StixBulletin): About {
  const known = abouts.get(bulletin)
  if (known !== undefined) return known
  const { id, publishedAt, threat, pap, tlp, tags = [] } = bulletin
  const [kind, name] = THREAT_INFO[threat].rsit.split(':')
  const labels = [`rsit:${kind}="${name}"`, `${SOURCE}:threat="${threat}"`, formatPap(pap)]
  const title = oneLine(bulletin.title, LINE)
  const about: Omit<About, 'live'> = {
    author: identityId(bulletin.author),
    created: iso(publishedAt),
    title,
    labels: [...new Set([...labels, ...tags.map((tag) => oneLine(tag, 100)).filter((tag) => tag !== '')])],
    markings: [TLP_MARKINGS[tlp]],
    references: [{ source_name: SOURCE, external_id: id, description: title }],
    keepUntil: endOfLife(bulletin, {}, undefined)
  }
  const whole: About = {
    ...about,
    live: {
      type: 'indicator',
      spec_version: '2.1',
      created_by_ref: about.author,
      created: about.created,
      modified: about.created,
      confidence: bulletin.confidence,
      labels: about.labels,
      object_marking_refs: about.markings,
      ...INDICATOR,
      ...judgementOf(bulletin),
      valid_from: about.created,
      external_references: about.references
    }
  }
  abouts.set(bulletin, whole)
  return whole
}

/** A later version is later (STIX 2.1 §3.6), whatever an author's clock says. */
export function modifiedOf(createdAt: number, modifiedAt: number | undefined): string {
  return iso(modifiedAt === undefined ? createdAt : Math.max(modifiedAt, createdAt + 1))
}

/** What ends a living bulletin's indicators that say no end themselves. */
function endOfLife(bulletin: StixBulletin, life: StixLife, validUntil: string | undefined): string | undefined {
  if (life === LIVE && validUntil === undefined) return aboutOf(bulletin).keepUntil
  const { publishedAt, keepUntil } = bulletin
  const { until, isRevoked, modifiedAt } = life
  // Elastic's pipeline reads `revoked` only where no `valid_until` stands: what is taken back ends when it is.
  const ends = [
    keepUntil,
    until,
    validUntil === undefined ? undefined : Date.parse(validUntil),
    isRevoked === true ? (modifiedAt ?? publishedAt) : undefined
  ].filter((end) => end !== undefined && Number.isFinite(end))
  if (ends.length === 0) return undefined
  // STIX 2.1 §4.7: later than `valid_from`.
  return iso(Math.max(Math.min(...(ends as number[])), publishedAt + 1))
}

/** `valid_from` and, wherever an end is known, `valid_until`. */
export function validity(
  bulletin: StixBulletin,
  life: StixLife
): { readonly valid_from: string; readonly valid_until?: string } {
  const end = endOfLife(bulletin, life, undefined)
  return { valid_from: iso(bulletin.publishedAt), ...(end === undefined ? {} : { valid_until: end }) }
}

export function bulletinReference(bulletin: StixBulletin): ExternalReference {
  return aboutOf(bulletin).references[0]
}
