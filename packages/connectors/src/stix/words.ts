import type { InstitutionId, Reference, Rule, Tlp } from '@tocsin/model'
import { oneLine } from '../text.ts'
import { identityId, idOf, reportId, type StixId } from './ids.ts'
import { type MarkingDefinition, TLP_MARKINGS } from './marking.ts'
import {
  bulletinReference,
  type Common,
  commonOf,
  type ExternalReference,
  iso,
  LINE,
  modifiedOf,
  SOURCE,
  type StixBulletin,
  type StixIdentity,
  type StixIndicator,
  type StixLife,
  validity
} from './objects.ts'

/** What a report says beyond that. */
export interface StixReportParts {
  readonly text: string
  readonly lang?: string | undefined
  readonly references: readonly Reference[]
}

export interface StixReport extends Common<'report'> {
  readonly name: string
  readonly description?: string | undefined
  readonly report_types: readonly string[]
  readonly published: string
  readonly object_refs: readonly StixId[]
}

export interface StixSighting extends Common<'sighting'> {
  readonly sighting_of_ref: StixId<'indicator'>
  readonly where_sighted_refs?: readonly StixId<'identity'>[]
  readonly first_seen?: string | undefined
  readonly last_seen?: string | undefined
  readonly count: number
  readonly description?: string | undefined
  readonly summary?: true | undefined
}

export interface StixNote extends Common<'note'> {
  readonly abstract: string
  readonly content: string
  readonly object_refs: readonly StixId[]
}

export type StixObject = StixIdentity | StixIndicator | StixReport | StixSighting | StixNote | MarkingDefinition

/** Largest count of a sighting (STIX 2.1 §5.2). */
const MOST_SIGHTINGS = 999_999_999
const TEXT = 65_536
/** A detection rule that a bulletin carries, in the language that it is written in. */
export function ruleObject(rule: Rule, bulletin: StixBulletin, life: StixLife = {}): StixIndicator {
  const id = idOf('indicator', identityId(bulletin.author), bulletin.id, 'rule', rule.kind, rule.name, rule.text)
  return {
    ...commonOf('indicator', bulletin, life),
    id,
    name: oneLine(rule.name, LINE) || rule.kind,
    description: oneLine(bulletin.title, LINE),
    indicator_types: ['malicious-activity'],
    pattern: rule.text,
    pattern_type: rule.kind,
    ...validity(bulletin, life),
    external_references: [bulletinReference(bulletin)]
  }
}

/** The bulletin itself, with what of it the reader is handed. A report of nothing speaks of its author. */
export function reportObject(
  bulletin: StixBulletin,
  parts: StixReportParts,
  indicators: readonly StixId<'indicator'>[],
  life: StixLife = {}
): StixReport {
  const author = identityId(bulletin.author)
  const common = commonOf('report', bulletin, life)
  const references = parts.references.map(({ site, url, verdict, score }): ExternalReference => {
    const said = [verdict, score === undefined ? undefined : `${score}/100`].filter((part) => part !== undefined)
    return {
      source_name: oneLine(site ?? '', 100) || hostOf(url),
      url,
      ...(said.length === 0 ? {} : { description: oneLine(said.join(' '), LINE) })
    }
  })
  return {
    ...common,
    id: reportId(author, bulletin.id),
    ...(parts.lang === undefined ? {} : { lang: parts.lang }),
    name: oneLine(bulletin.title, LINE) || bulletin.id,
    ...(parts.text === '' ? {} : { description: parts.text.slice(0, TEXT) }),
    report_types: [indicators.length > 0 ? 'indicator' : 'threat-report'],
    published: common.created,
    object_refs: indicators.length > 0 ? indicators : [author],
    external_references: [bulletinReference(bulletin), ...references]
  }
}

/** Who saw an indicator, how often and when; times ISO 8601, `at` in ms. */
export interface StixSightingParts {
  /** The entry that says it: names it at every node. */
  readonly entry: string
  readonly by: InstitutionId
  readonly tlp: Tlp
  readonly at: number
  readonly count: number
  readonly firstSeen?: string | undefined
  readonly lastSeen?: string | undefined
  readonly comment?: string | undefined
  /** A count of several institutions that stay unnamed. */
  readonly isSummary?: boolean | undefined
}

export function sightingObject(
  indicator: StixId<'indicator'>,
  parts: StixSightingParts,
  life: StixLife = {}
): StixSighting {
  const { firstSeen, lastSeen, count, comment, isSummary } = parts
  return {
    ...wordOf('sighting', parts, life),
    sighting_of_ref: indicator,
    count: Math.min(count, MOST_SIGHTINGS),
    ...(firstSeen === undefined ? {} : { first_seen: firstSeen }),
    ...(lastSeen === undefined ? {} : { last_seen: lastSeen }),
    ...(comment === undefined ? {} : { description: oneLine(comment, LINE) }),
    ...(isSummary === true ? { summary: true } : { where_sighted_refs: [identityId(parts.by)] })
  }
}

/** A word against an indicator: false positive or expired, as a note about it. */
export function noteObject(
  indicator: StixId<'indicator'>,
  kind: 'false-positive' | 'expiration',
  parts: StixSightingParts,
  life: StixLife = {}
): StixNote {
  const abstract = kind === 'expiration' ? 'Expired' : 'False positive'
  return {
    ...wordOf('note', parts, life),
    labels: [`${SOURCE}:sighting="${kind}"`],
    abstract,
    content: oneLine(parts.comment ?? '', LINE) || abstract,
    object_refs: [indicator]
  }
}

function wordOf<T extends 'sighting' | 'note'>(
  type: T,
  { entry, by, tlp, at }: StixSightingParts,
  { modifiedAt, isRevoked }: StixLife
): Common<T> {
  return {
    type,
    spec_version: '2.1',
    id: idOf(type, entry),
    created_by_ref: identityId(by),
    created: iso(at),
    modified: modifiedOf(at, modifiedAt),
    ...(isRevoked === true ? { revoked: true } : {}),
    external_references: [{ source_name: SOURCE, external_id: entry }],
    object_marking_refs: [TLP_MARKINGS[tlp]]
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname || 'link' : 'link'
}
