import {
  type BulletinId,
  type DraftInput,
  isBulletinId,
  parseIndicator,
  parsePap,
  parseThreat,
  parseTlp,
  RULE_KINDS
} from '@tocsin/model'
import { labelFields, plainText } from '../extracted.ts'
import type { Imported, ImportInfo, ImportOptions, ImportPlace, ImportRefusal, ImportWarning } from '../import.ts'
import { isObject, type JsonObject, readJson, textIn } from '../import-json.ts'
import { labelsFor, type SaidLabels } from '../import-labels.ts'
import { textOf } from '../import-source.ts'
import { createLeaveOut } from '../leave-out.ts'
import { labelsOf, textsIn } from '../stix/labels.ts'
import { SOURCE } from '../stix/objects.ts'
import { observedValue, readPattern } from '../stix/pattern-read.ts'
import { oneLine } from '../text.ts'

/**
 * A bundle of STIX 2.1, or what a TAXII server answers with. A report or grouping is a draft with the indicators that it
 * names; what is in none is a draft for each author and label. Patterns that name values become indicators, the others
 * and rules of other languages are kept as detection rules. What a report observed is context. TLP 1.0 is read as well.
 */
export const STIX_BUNDLE: ImportInfo = {
  name: 'stix',
  title: { en: 'STIX 2.1 bundle', fr: 'Lot STIX 2.1' },
  mediaTypes: ['application/stix+json', 'application/taxii+json', 'application/json'],
  extensions: ['json', 'stix'],
  limits: { bytes: 32 * 1024 * 1024, drafts: 1_000, indicators: 100_000 },
  options: [],
  read
}

const ID = /^([a-z][a-z0-9-]{1,249})--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const CONTAINERS: ReadonlySet<unknown> = new Set(['report', 'grouping'])
/** Said by the objects that name them, or by nobody who could be a draft. */
const AROUND: ReadonlySet<unknown> = new Set(['identity', 'marking-definition', 'extension-definition'])
const MAX_RULES = 32
const MAX_TAGS = 64
const MAX_REFERENCES = 64

interface Placed {
  readonly object: JsonObject
  readonly id: string
  readonly place: ImportPlace
}

interface Bundle {
  readonly byId: ReadonlyMap<string, Placed>
  readonly objects: ReadonlyMap<string, JsonObject>
}

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const document = await textOf(source)
  if (document.trim() === '') return
  const json = readJson(document)
  if (!json.ok) {
    yield { kind: 'refused', code: json.code, message: json.message, place: { offset: json.offset ?? 0 } }
    return
  }
  const listed = isObject(json.value) ? json.value.objects : undefined
  // A bundle of nothing has no list, and neither has an answer of TAXII without objects.
  if (listed === undefined && isObject(json.value) && (json.value.type === 'bundle' || json.value.more === false))
    return
  if (!Array.isArray(listed)) {
    yield refusal('record-invalid', 'neither a bundle nor an envelope of objects', { path: 'objects' })
    return
  }
  const byId = new Map<string, Placed>()
  for (const [index, object] of listed.entries()) {
    const place = { path: `objects[${index}]` }
    const id = isObject(object) ? textIn(object, 'id') : undefined
    if (!isObject(object) || id === undefined || ID.exec(id)?.[1] !== object.type) {
      yield refusal('record-invalid', 'an object without a type, or an id of that type', place)
      continue
    }
    const before = byId.get(id)
    // The newest version counts (STIX 2.1 §3.6); of two without a date the later one.
    if (before === undefined || String(object.modified ?? '') >= String(before.object.modified ?? ''))
      byId.set(id, { object, id, place })
  }
  const bundle: Bundle = { byId, objects: new Map([...byId].map(([id, { object }]) => [id, object])) }
  const taken = new Set<string>()
  for (const container of byId.values()) {
    if (!CONTAINERS.has(container.object.type)) continue
    const members = textsIn(container.object, 'object_refs').flatMap((ref) => byId.get(ref) ?? [])
    for (const { id } of members) taken.add(id)
    yield* draftOf({ container, members, bundle, options })
  }
  const loose = [...byId.values()].filter(({ id, object }) => !taken.has(id) && !CONTAINERS.has(object.type))
  yield* looseDrafts(loose, bundle, options)
}

interface Work {
  readonly container?: Placed
  readonly members: readonly Placed[]
  readonly bundle: Bundle
  readonly options: ImportOptions
}

/** Indicators that no report names, together as their author, their bulletin and their labels are. */
function* looseDrafts(loose: readonly Placed[], bundle: Bundle, options: ImportOptions): Generator<Imported> {
  const groups = new Map<string, Placed[]>()
  for (const placed of loose.filter(({ object }) => object.type === 'indicator')) {
    const labels = labelsFor(labelsOf(placed.object, bundle.objects), options.labels)
    if (!labels.ok) {
      yield refusal(labels.code, labels.message, placed.place)
      continue
    }
    const { tlp, pap } = labels.labels
    const key = JSON.stringify([placed.object.created_by_ref, bulletinOf(placed.object), tlp, pap])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [placed])
    else group.push(placed)
  }
  for (const members of groups.values()) yield* draftOf({ members, bundle, options })
  const others = loose.filter(({ object }) => object.type !== 'indicator' && !AROUND.has(object.type))
  if (others.length > 0 && groups.size === 0) {
    const [first] = others
    yield refusal('nothing-in-it', `neither a report nor an indicator: ${countedTypes(others)}`, first?.place ?? {})
  }
}

function* draftOf(work: Work): Generator<Imported> {
  const { container, members, bundle, options } = work
  const out = createLeaveOut(options.context)
  if (container?.object.revoked === true) {
    yield refusal('object-revoked', oneLine(nameOf(container.object), 100), container.place)
    return
  }
  const warnings: ImportWarning[] = []
  const said: SaidLabels[] = []
  const tags: string[] = []
  const indicators: NonNullable<DraftInput['indicators']> = []
  const rules: NonNullable<DraftInput['rules']> = []
  const beside: Placed[] = []
  const used: JsonObject[] = []

  for (const placed of container === undefined ? members : [container, ...members]) {
    const { object, place } = placed
    if (AROUND.has(object.type)) continue
    const labels = labelsOf(object, bundle.objects)
    const odd = unknownLabel(labels)
    if (odd !== undefined) {
      yield refusal('label-unknown', `not a label: ${oneLine(odd, 80)}`, place)
      // What nobody can judge makes the whole of it nobody's.
      if (placed === container) return
      continue
    }
    if (placed !== container && object.revoked === true) {
      yield refusal('object-revoked', oneLine(nameOf(object), 100), place)
      continue
    }
    if (placed !== container && !isTaken(placed)) {
      beside.push(placed)
      continue
    }
    said.push(labels)
    tags.push(...labels.others)
    used.push(object)
  }
  const labels = labelsFor({ tlp: said.flatMap(({ tlp }) => tlp), pap: said.flatMap(({ pap }) => pap) }, options.labels)
  if (!labels.ok) {
    yield refusal(labels.code, labels.message, container?.place ?? members[0]?.place ?? {})
    return
  }
  if (beside.length > 0) warnings.push({ code: 'objects-left-out', message: countedTypes(beside) })
  // An indicator of no report and with nothing to say would be a draft of nothing.
  if (container === undefined && used.length === 0) return

  const first = container?.object ?? used[0] ?? {}
  const bulletins = [...new Set(used.flatMap((object) => bulletinOf(object) ?? []))]
  const { tlp, pap } = labels.labels
  const author = textIn(first, 'created_by_ref') ?? ''
  const [bulletin] = bulletins
  const own = tags.map((tag) => /^tocsin:threat="([a-z0-9-]+)"$/.exec(tag)?.[1]).find((name) => name !== undefined)
  const threat = parseThreat(own ?? '') ?? tags.map(parseThreat).find((found) => found !== undefined)
  const confidence = used.map((object) => object.confidence).find((value) => isPercent(value))
  const title = container === undefined ? looseTitle(first, bundle) : nameOf(first)
  const text = container === undefined ? '' : plainText(textIn(first, 'description') ?? '')
  const lang = textIn(first, 'lang')
  const kept = [...new Set(tags.map((tag) => oneLine(tag, 100)))].filter(
    (tag) => tag !== '' && !/^(?:tocsin|rsit):/.test(tag)
  )
  yield {
    kind: 'draft',
    draft: {
      ...labelFields(labels.labels, options.labels),
      title: oneLine(title, 200) || 'STIX',
      ...(text === '' ? {} : { text }),
      ...(lang === 'fr' || lang === 'en' ? { lang } : {}),
      ...(threat === undefined ? {} : { threat }),
      ...(isPercent(confidence) ? { confidence } : {}),
      indicators,
      rules,
      references: container === undefined ? [] : referencesOf(first),
      tags: kept.slice(0, MAX_TAGS)
    },
    // Our own bulletin is one item, by its report or by its indicators alone.
    key:
      bulletin !== undefined
        ? `tocsin-bulletin:${author}/${bulletin}`
        : container === undefined
          ? `stix-loose:${options.source}/${author}/${tlp}/${pap}`
          : `stix-${container.object.type === 'grouping' ? 'grouping' : 'report'}:${container.id}`,
    ...(container === undefined && bulletin === undefined ? { grows: true } : {}),
    bulletins: bulletins as BulletinId[],
    reference: `STIX ${container === undefined ? 'indicators' : String(container.object.type)} ${authorName(first, bundle)}`,
    place: container?.place ?? members[0]?.place ?? {},
    warnings: [...labels.warnings, ...out.warnings(), ...warnings]
  }

  /** True for what a bulletin can hold; takes its values. */
  function isTaken({ object, place }: Placed): boolean {
    if (object.type === 'indicator') return takesIndicator(object, place)
    if (object.type === 'vulnerability')
      return takes([{ type: 'vulnerability', value: nameOf(object) }], object, place, 'context')
    const value = observedValue(object)
    return value !== undefined && takes([value], object, place, 'context')
  }

  function takesIndicator(object: JsonObject, place: ImportPlace): boolean {
    const pattern = textIn(object, 'pattern')
    if (pattern === undefined) return false
    const language = textIn(object, 'pattern_type') ?? 'stix'
    const values = language === 'stix' ? readPattern(pattern) : undefined
    const isBenign = textsIn(object, 'indicator_types').includes('benign')
    if (values !== undefined) return takes(values, object, place, isBenign ? 'context' : 'malicious')
    if (rules.length >= MAX_RULES) return false
    if (language === 'stix') warnings.push({ code: 'kept-as-rule', message: oneLine(pattern, 200), place })
    const kind = RULE_KINDS.find((name) => name === language) ?? 'other'
    rules.push({ kind, name: oneLine(nameOf(object), 200) || language, text: plainText(pattern) })
    return true
  }

  function takes(
    values: readonly { readonly type: Parameters<typeof parseIndicator>[0]; readonly value: string }[],
    object: JsonObject,
    place: ImportPlace,
    role: 'malicious' | 'context'
  ): boolean {
    const comment = commentOf(object)
    const validUntil = timeIn(object, 'valid_until')
    for (const { type, value } of values) {
      const parsed = parseIndicator(type, value)
      if (parsed.ok && out.leavesOut(type, parsed.value, place)) continue
      indicators.push({
        type,
        value,
        role,
        ...(comment === undefined ? {} : { comment }),
        ...(validUntil === undefined ? {} : { validUntil })
      })
    }
    return true
  }
}

function unknownLabel({ tlp, pap }: SaidLabels): string | undefined {
  return tlp.find((text) => parseTlp(text) === undefined) ?? pap.find((text) => parsePap(text) === undefined)
}

/** The bulletin that an object says it was exported from. */
function bulletinOf(object: JsonObject): string | undefined {
  return externalReferences(object)
    .filter((reference) => reference.source_name === SOURCE)
    .map((reference) => textIn(reference, 'external_id') ?? '')
    .find(isBulletinId)
}

function externalReferences(object: JsonObject): readonly JsonObject[] {
  return Array.isArray(object.external_references) ? object.external_references.filter(isObject) : []
}

function referencesOf(object: JsonObject): NonNullable<DraftInput['references']> {
  return externalReferences(object)
    .flatMap((reference) => {
      const url = textIn(reference, 'url')
      if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url) || url.length > 2048) return []
      const site = oneLine(textIn(reference, 'source_name') ?? '', 100)
      const verdict = oneLine(textIn(reference, 'description') ?? '', 100)
      return [{ url, ...(site === '' ? {} : { site }), ...(verdict === '' ? {} : { verdict }) }]
    })
    .slice(0, MAX_REFERENCES)
}

/** What is said of an indicator; of ours the first line is the title of the bulletin. */
function commentOf(object: JsonObject): string | undefined {
  const description = textIn(object, 'description') ?? ''
  const text = bulletinOf(object) === undefined ? description : description.split('\n').slice(1).join(' ')
  return oneLine(text, 500) || undefined
}

function looseTitle(object: JsonObject, bundle: Bundle): string {
  const own = externalReferences(object).find((reference) => reference.source_name === SOURCE)
  return (own === undefined ? undefined : textIn(own, 'description')) ?? `Indicators ${authorName(object, bundle)}`
}

function authorName(object: JsonObject, bundle: Bundle): string {
  const author = bundle.objects.get(textIn(object, 'created_by_ref') ?? '')
  const name = author === undefined ? undefined : textIn(author, 'name')
  return name === undefined ? 'of an unnamed author' : `of ${oneLine(name, 100)}`
}

function nameOf(object: JsonObject): string {
  return textIn(object, 'name') ?? ''
}

function timeIn(object: JsonObject, name: string): string | undefined {
  const text = textIn(object, name)
  return text !== undefined && text.length < 40 && Number.isFinite(Date.parse(text)) ? text : undefined
}

function isPercent(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100
}

function countedTypes(placed: readonly Placed[]): string {
  const counts = new Map<string, number>()
  for (const { object } of placed) counts.set(String(object.type), (counts.get(String(object.type)) ?? 0) + 1)
  return [...counts].map(([type, count]) => `${count} ${type}`).join(', ')
}

function refusal(code: ImportRefusal['code'], message: string, place: ImportPlace): ImportRefusal {
  return { kind: 'refused', code, message, place }
}
