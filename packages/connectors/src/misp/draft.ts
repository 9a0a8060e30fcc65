/** A MISP event as drafts: one for each pair of labels in it, since a bulletin has one. */
import { type DraftInput, type IndicatorType, type Rule, readIndicator, refang } from '@tocsin/model'
import { labelFields, plainText } from '../extracted.ts'
import type { Imported, ImportOptions, ImportRefusal, ImportWarning } from '../import.ts'
import type { Labels } from '../import-labels.ts'
import { createLeaveOut, type LeaveOut } from '../leave-out.ts'
import { oneLine } from '../text.ts'
import { reachOf } from './reach.ts'
import type { ReadAttribute, ReadEvent } from './read-event.ts'
import { tagFacts } from './tag-facts.ts'
import { JA4_REMARK, readingsOf } from './types.ts'

type DraftIndicator = NonNullable<DraftInput['indicators']>[number]

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const RULES: Readonly<Record<string, Rule['kind']>> = {
  yara: 'yara',
  sigma: 'sigma',
  suricata: 'suricata',
  snort: 'snort',
  zeek: 'zeek',
  bro: 'zeek'
}
/** Our own remark on what a bulletin says in words. */
export const TEXT_REMARK = 'text of the bulletin'
const MAX_RULES = 32
const MAX_REFERENCES = 64
const MAX_TAGS = 64
const MOST_WARNINGS = 100

/** Types of which anything is made: indicators, rules, links, and the words of our own export. */
export function isReadType(type: string): boolean {
  return readingsOf(type) !== undefined || Object.hasOwn(RULES, type) || ['link', 'comment', 'text'].includes(type)
}

/** What is said under one pair of labels. */
interface Group {
  readonly labels: Labels
  readonly indicators: Map<string, DraftIndicator>
  readonly rules: Rule[]
  readonly references: { url: string; verdict?: string }[]
  readonly warnings: Map<string, ImportWarning>
  /** Values that are none of their type. */
  readonly refused: ImportRefusal[]
  readonly out: LeaveOut
}

/** The drafts of an event and what of it is refused. */
export function* draftsOf(event: ReadEvent, path: string, options: ImportOptions): Generator<Imported> {
  const place = { path }
  const { uuid } = event
  if (uuid === undefined || !UUID.test(uuid)) {
    yield refusal('record-invalid', 'an event without a uuid', `${path}.uuid`)
    return
  }
  const { others, ...known } = tagFacts(event.tags)
  const whole = reachOf(event.tags, event.distribution, options.labels, { isOurs: known.bulletins.length > 0 })
  if (!whole.ok) {
    yield refusal(whole.code, whole.message, path)
    return
  }
  const groups = new Map<string, Group>()
  const left = new Map(event.others)
  let text = event.report
  const main = groupOf(whole.labels)
  for (const warning of whole.warnings) main.warnings.set(warning.message, { ...warning, place })

  for (const attribute of event.attributes) {
    const group = groupFor(attribute)
    if ('kind' in group) {
      yield group
      continue
    }
    if (attribute.type === 'comment' && attribute.comment === TEXT_REMARK) text ??= attribute.value
    else if (!takes(attribute, group)) left.set(attribute.type, (left.get(attribute.type) ?? 0) + 1)
  }
  const counted = [...left].map(([type, count]) => `${count} ${oneLine(type, 60)}`)
  if (counted.length > 0) {
    const message = `attributes of other types: ${counted.slice(0, 20).join(', ')}`
    main.warnings.set(message, { code: 'objects-left-out', message, place })
  }
  const clean = plainText(text ?? '')
  for (const group of groups.values()) {
    const { labels, indicators, rules, references, warnings, refused, out } = group
    yield* refused
    // Everything may stand under stricter labels than the event's.
    const isEmpty = indicators.size + rules.length + references.length === 0 && clean === ''
    if (group === main && groups.size > 1 && isEmpty) continue
    yield {
      kind: 'draft',
      draft: {
        ...labelFields(labels, options.labels),
        title: oneLine(event.info ?? '', 200) || 'MISP',
        ...(clean === '' || group !== main ? {} : { text: clean }),
        ...(known.threat === undefined ? {} : { threat: known.threat }),
        ...(known.confidence === undefined ? {} : { confidence: known.confidence }),
        indicators: [...indicators.values()],
        rules,
        references,
        tags: others.slice(0, MAX_TAGS)
      },
      key: `misp-event:${uuid.toLowerCase()}${group === main ? '' : `/${labels.tlp}/${labels.pap}`}`,
      bulletins: known.bulletins,
      reference: `MISP event ${uuid.toLowerCase()} of ${oneLine(event.org ?? '', 100) || 'an unnamed organisation'}`,
      place,
      warnings: [...warnings.values(), ...out.warnings()]
    }
  }

  function groupOf(labels: Labels): Group {
    const key = `${labels.tlp} ${labels.pap}`
    const found = groups.get(key)
    if (found !== undefined) return found
    const made: Group = {
      labels,
      indicators: new Map(),
      rules: [],
      references: [],
      warnings: new Map(),
      refused: [],
      out: createLeaveOut(options.context)
    }
    groups.set(key, made)
    return made
  }

  function groupFor({ tags, distribution, path: where }: ReadAttribute): Group | ImportRefusal {
    const isAsEvent = distribution === undefined || distribution === '5' || distribution === event.distribution
    if (tags === undefined && isAsEvent) return main
    const own = reachOf(tags ?? [], isAsEvent ? undefined : distribution, options.labels, {
      isOurs: false,
      container: whole.ok ? whole.labels : main.labels
    })
    if (!own.ok) return refusal(own.code, own.message, where)
    const group = groupOf(own.labels)
    for (const warning of own.warnings)
      if (group.warnings.size < MOST_WARNINGS)
        group.warnings.set(warning.message, { ...warning, place: { path: where } })
    return group
  }
}

/** True if a draft can hold what the attribute says. */
function takes(attribute: ReadAttribute, group: Group): boolean {
  const { type, value, comment } = attribute
  const kind = Object.hasOwn(RULES, type) ? RULES[type] : undefined
  if (kind !== undefined) {
    const text = plainText(value)
    if (group.rules.length >= MAX_RULES || text === '') return false
    group.rules.push({ kind, name: oneLine(comment ?? '', 200) || type, text })
    return true
  }
  if (type === 'link') return takesLink(attribute, group)
  if (type === 'text' && comment?.startsWith(JA4_REMARK) === true) {
    take('ja4', value, attribute, group)
    return true
  }
  const readings = readingsOf(type)
  if (readings === undefined) return false
  const parts = readings.length === 1 ? [value] : halves(value, readings[0]?.as === 'filename')
  for (const [index, { as }] of readings.entries()) {
    const part = parts[index]
    if (as === 'nothing' || part === undefined) continue
    take(as === 'address' ? addressType(part) : as, part, attribute, group)
  }
  return true
}

function halves(value: string, isFile: boolean): string[] {
  // A hash has no bar, a file name might; of everything else the first part has none.
  const bar = isFile ? value.lastIndexOf('|') : value.indexOf('|')
  return bar < 0 ? [value] : [value.slice(0, bar), value.slice(bar + 1)]
}

function addressType(value: string): IndicatorType {
  if (value.includes('/')) return 'cidr'
  return value.includes(':') ? 'ipv6' : 'ipv4'
}

function take(declared: IndicatorType, raw: string, attribute: ReadAttribute, group: Group): void {
  const { path, toIds, comment, firstSeen, lastSeen } = attribute
  const exact = readIndicator(declared, raw)
  const read = exact.ok ? exact : readIndicator(declared, refang(raw))
  if (!exact.ok && !read.ok) group.refused.push(refusal(exact.code, exact.reason, path))
  if (!read.ok || group.out.leavesOut(read.type, read.value, { path })) return
  const { type, value } = read
  const key = `${type} ${value}`
  const known = group.indicators.get(key)
  // Said twice: whoever asks for an alert on it means harm.
  if (known !== undefined && (known.role === 'malicious' || !toIds)) return
  const said = comment === undefined ? '' : oneLine(comment, 500)
  const [first, last] = [timeOf(firstSeen), timeOf(lastSeen)]
  const isInOrder = first === undefined || last === undefined || first <= last
  group.indicators.set(key, {
    type,
    value,
    role: toIds ? 'malicious' : 'context',
    ...(said === '' ? {} : { comment: said }),
    ...(first === undefined || !isInOrder ? {} : { firstSeen: first }),
    ...(last === undefined || !isInOrder ? {} : { lastSeen: last })
  })
}

/** Microseconds and offsets of MISP's times are more than a bulletin holds. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 40) return undefined
  const at = Date.parse(text)
  return Number.isFinite(at) && at >= 0 && at < 4e12 ? new Date(at).toISOString() : undefined
}

function takesLink({ value, comment }: ReadAttribute, { references }: Group): boolean {
  const isWeb = /^https?:\/\//i.test(value) && value.length <= 2048 && URL.canParse(value)
  if (!isWeb || references.length >= MAX_REFERENCES) return false
  const { username, password } = new URL(value)
  if (username !== '' || password !== '') return false
  const said = oneLine(comment ?? '', 100)
  references.push({ url: value, ...(said === '' ? {} : { verdict: said }) })
  return true
}

function refusal(code: ImportRefusal['code'], message: string, path: string): ImportRefusal {
  return { kind: 'refused', code, message, place: { path } }
}
