/** A bulletin in MISP's core format (misp-core-format, draft 20), every number a text as there. */
import {
  formatPap,
  INDICATOR_TYPES,
  type Indicator,
  mayUse,
  type Reference,
  type Rule,
  THREAT_INFO
} from '@tocsin/model'
import { identityId, idOf, indicatorId, reportId } from '../stix/ids.ts'
import type { StixBulletin } from '../stix/objects.ts'
import { isPlainLine, oneLine } from '../text.ts'
import { JA4_REMARK, kindOf } from './types.ts'

/** A bulletin as both exchange formats speak of it. */
export type MispBulletin = StixBulletin

export interface MispTag {
  readonly name: string
  readonly colour?: string
}

export interface MispOrg {
  readonly uuid: string
  readonly name: string
}

export interface MispAttribute {
  readonly uuid: string
  readonly type: string
  readonly category: string
  readonly to_ids: boolean
  /** '5': as the event. */
  readonly distribution: string
  /** Seconds since the epoch. */
  readonly timestamp: string
  readonly deleted: boolean
  readonly disable_correlation: boolean
  readonly value: string
  readonly comment: string
}

/** An event without its attributes, which may be many. */
export interface MispEventHead {
  readonly uuid: string
  readonly info: string
  /** YYYY-MM-DD, UTC. */
  readonly date: string
  readonly timestamp: string
  readonly publish_timestamp: string
  readonly published: boolean
  readonly analysis: string
  readonly threat_level_id: string
  readonly distribution: string
  readonly Org: MispOrg
  readonly Orgc: MispOrg
  readonly Tag: readonly MispTag[]
}

/** Where an attribute or event stands in its life; times in ms since the epoch. */
export interface MispLife {
  readonly modifiedAt?: number | undefined
  /** Taken back: a MISP that has it takes it out. */
  readonly isDeleted?: boolean | undefined
}

/** Namespace of our own machine tags. */
export const TAGS = 'tocsin'
const MAX_INFO = 200
const MAX_COMMENT = 1000

/** Colours of the official taxonomies, so that a MISP shows what it knows. */
const COLOURS: Readonly<Record<string, string>> = {
  'tlp:clear': '#ffffff',
  'tlp:green': '#339900',
  'tlp:amber': '#ffc000',
  'tlp:amber+strict': '#ffc000',
  'tlp:red': '#cc0033'
}

/** No wider in MISP than the TLP lets it go: organisation only, this community, or all. */
const DISTRIBUTIONS = { CLEAR: '3', GREEN: '1', AMBER: '0', 'AMBER+STRICT': '0', RED: '0' } as const

const tail = (id: string): string => id.slice(id.indexOf('--') + 2)
const seconds = (ms: number): string => String(Math.floor(ms / 1000))

/** The uuid of a bulletin's event: that of its STIX report, the same at every node. */
export function eventUuid({ author, id }: Pick<MispBulletin, 'author' | 'id'>): string {
  return tail(reportId(identityId(author), id))
}

/** The uuid of an indicator's attribute: that of its STIX indicator. */
export function attributeUuid(
  { author, id }: Pick<MispBulletin, 'author' | 'id'>,
  type: string,
  value: string
): string {
  return tail(indicatorId(identityId(author), id, type, value))
}

export function mispOrg({ author, authorName }: Pick<MispBulletin, 'author' | 'authorName'>): MispOrg {
  return { uuid: tail(identityId(author)), name: oneLine(authorName, 100) || author }
}

export function eventHead(bulletin: MispBulletin, { modifiedAt }: MispLife = {}): MispEventHead {
  const { id, title, publishedAt, tlp } = bulletin
  const org = mispOrg(bulletin)
  return {
    uuid: eventUuid(bulletin),
    info: oneLine(title, MAX_INFO) || id,
    date: new Date(publishedAt).toISOString().slice(0, 10),
    timestamp: seconds(laterOf(publishedAt, modifiedAt)),
    publish_timestamp: seconds(publishedAt),
    published: true,
    // Finished; and how bad it is, a bulletin does not say.
    analysis: '2',
    threat_level_id: '4',
    distribution: DISTRIBUTIONS[tlp],
    Org: org,
    Orgc: org,
    Tag: tagsOf(bulletin)
  }
}

/** A later version is later by a whole second, or a MISP would not take it. */
function laterOf(publishedAt: number, modifiedAt: number | undefined): number {
  return modifiedAt === undefined ? publishedAt : Math.max(modifiedAt, publishedAt + 1000)
}

const LEVELS: readonly (readonly [number, string])[] = [
  [88, 'completely-confident'],
  [63, 'usually-confident'],
  [38, 'fairly-confident'],
  [13, 'rarely-confident'],
  [0, 'unconfident']
]

function tagsOf({ id, tlp, pap, threat, confidence, tags = [] }: MispBulletin): MispTag[] {
  const [scheme, name] = THREAT_INFO[threat].rsit.split(':')
  const level = LEVELS.find(([least]) => confidence >= least)?.[1] ?? 'unconfident'
  // A peer's tags must not say labels: those are said once, by the bulletin's own.
  const own = tags
    .map((tag) => oneLine(tag, 100))
    .filter((tag) => tag !== '' && !/^\s*(?:tlp|pap|tocsin)\s*:/i.test(tag))
  const names = [
    `tlp:${tlp.toLowerCase()}`,
    formatPap(pap),
    `rsit:${scheme}="${name}"`,
    `misp:confidence-level="${level}"`,
    `${TAGS}:threat="${threat}"`,
    `${TAGS}:confidence="${confidence}"`,
    `${TAGS}:bulletin="${id}"`,
    ...own
  ]
  return [...new Set(names)].map((tag) => {
    const colour = COLOURS[tag]
    return colour === undefined ? { name: tag } : { name: tag, colour }
  })
}

/** One indicator as an attribute; undefined where its value would be misread. */
export function indicatorAttribute(
  indicator: Indicator,
  bulletin: MispBulletin,
  { modifiedAt, isDeleted = false }: MispLife = {}
): MispAttribute | undefined {
  const { type, value, role } = indicator
  if (!isPlainLine(value)) return undefined
  const { isMatched, ...kind } = kindOf(type, bulletin.threat)
  // `to_ids` asks for an alert whenever the value is met: the role and the use rule say whether it may.
  const alerts =
    role === 'malicious' &&
    isMatched &&
    INDICATOR_TYPES[type].uses.includes('detect') &&
    mayUse(bulletin.tlp, bulletin.pap, 'detect').allowed
  return {
    uuid: attributeUuid(bulletin, type, value),
    ...kind,
    to_ids: alerts,
    ...usual(bulletin, modifiedAt, isDeleted),
    value,
    comment: commentOf(indicator)
  }
}

function usual({ publishedAt }: MispBulletin, modifiedAt: number | undefined, isDeleted: boolean) {
  return {
    distribution: '5',
    timestamp: seconds(laterOf(publishedAt, modifiedAt)),
    deleted: isDeleted,
    disable_correlation: false
  }
}

/** The official schema has no field for dates. */
function commentOf({ type, comment, firstSeen, lastSeen, validUntil }: Indicator): string {
  const parts = [
    ...(type === 'ja4' ? [JA4_REMARK] : []),
    ...(comment === undefined ? [] : [comment]),
    ...(firstSeen === undefined ? [] : [`first seen ${firstSeen}`]),
    ...(lastSeen === undefined ? [] : [`last seen ${lastSeen}`]),
    ...(validUntil === undefined ? [] : [`valid until ${validUntil}`])
  ]
  return oneLine(parts.join('; '), MAX_COMMENT)
}

/** Detection rules by their own types, where MISP has one. */
const RULE_KINDS: Readonly<Partial<Record<Rule['kind'], readonly [string, string]>>> = {
  yara: ['yara', 'Payload installation'],
  sigma: ['sigma', 'Payload installation'],
  suricata: ['suricata', 'Network activity'],
  snort: ['snort', 'Network activity'],
  zeek: ['zeek', 'Network activity']
}

/** A rule as an attribute of its own type; undefined for a language that MISP has no type for. */
export function ruleAttribute(rule: Rule, bulletin: MispBulletin, life: MispLife = {}): MispAttribute | undefined {
  const found = RULE_KINDS[rule.kind]
  if (found === undefined) return undefined
  const [type, category] = found
  const { author, id } = bulletin
  return {
    uuid: tail(idOf('indicator', identityId(author), id, 'rule', rule.kind, rule.name, rule.text)),
    type,
    category,
    to_ids: mayUse(bulletin.tlp, bulletin.pap, 'detect').allowed,
    ...usual(bulletin, life.modifiedAt, life.isDeleted === true),
    value: rule.text,
    comment: oneLine(rule.name, MAX_COMMENT)
  }
}

/** What the bulletin says in words, and where else it is spoken of. */
export function wordAttributes(
  { text, references }: { readonly text: string; readonly references: readonly Reference[] },
  bulletin: MispBulletin,
  life: MispLife = {}
): MispAttribute[] {
  const { author, id } = bulletin
  const word = (type: string, category: string, value: string, comment: string): MispAttribute => ({
    uuid: tail(idOf('note', identityId(author), id, type, value)),
    type,
    category,
    to_ids: false,
    ...usual(bulletin, life.modifiedAt, life.isDeleted === true),
    value,
    comment
  })
  const links = new Map(references.map((reference) => [reference.url, reference]))
  return [
    ...(text === '' ? [] : [word('comment', 'Other', text, 'text of the bulletin')]),
    ...[...links.values()].map(({ url, site, verdict, score }) => {
      const said = [site, verdict, score === undefined ? undefined : `${score}/100`].filter((it) => it !== undefined)
      return word('link', 'External analysis', url, oneLine(said.join(' '), MAX_COMMENT))
    })
  ]
}
