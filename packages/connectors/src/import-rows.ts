/** Records of tables and JSON, by a mapping of the fields that a draft has, gathered into drafts that grow. */
import { createHash } from 'node:crypto'
import {
  type BulletinId,
  type DraftInput,
  type Indicator,
  isBulletinId,
  LinkSchema,
  parseThreat,
  type Threat
} from '@tocsin/model'
import { labelFields, plainText } from './extracted.ts'
import type { Imported, ImportOptions, ImportPlace, ImportRefusal, ImportWarning } from './import.ts'
import { type Labels, labelsFor, labelsInTags } from './import-labels.ts'
import { first, indicatorOf, type Row, refusal } from './import-row.ts'
import { createLeaveOut } from './leave-out.ts'
import { oneLine } from './text.ts'

/** Values held at most before what is there is handed on. */
const HELD_MOST = 50_000
const MAX_REFERENCES = 64
const MAX_TAGS = 64

interface Group {
  readonly key: string
  readonly labels: Labels
  readonly place: ImportPlace
  readonly bulletins: readonly BulletinId[]
  readonly title: string
  readonly text: string
  readonly threat: Threat | undefined
  readonly confidence: number | undefined
  readonly references: Set<string>
  readonly tags: Set<string>
  readonly indicators: Map<string, Indicator>
  readonly warnings: ImportWarning[]
}

/** Drafts of records: one an `id` or bulletin that they name, else one for all of the same labels, class and title. */
export async function* draftsOfRows(
  name: string,
  title: string,
  rows: AsyncIterable<readonly (Row | ImportRefusal)[]>,
  options: ImportOptions
): AsyncGenerator<Imported> {
  let gather = createGather(name, title, options)
  for await (const some of rows) {
    for (const row of some) {
      if ('kind' in row) yield row
      else yield* gather.add(row)
    }
    if (gather.held() < HELD_MOST) continue
    yield* gather.drafts()
    gather = createGather(name, title, options)
  }
  yield* gather.drafts()
}

function createGather(name: string, title: string, options: ImportOptions) {
  const { source, labels: defaults, context } = options
  const groups = new Map<string, Group>()
  const leaveOut = createLeaveOut(context)
  let held = 0

  function add(row: Row): ImportRefusal[] {
    const { place } = row
    const tags = labelsInTags(row.get('tags'))
    const labels = labelsFor({ tlp: [...row.get('tlp'), ...tags.tlp], pap: [...row.get('pap'), ...tags.pap] }, defaults)
    if (!labels.ok) return [refusal(labels.code, labels.message, place)]
    const refused: ImportRefusal[] = []
    const own = { title: first(row, 'title'), text: first(row, 'text') }
    const found = row.get('value').flatMap((value) => indicatorOf(row, value, refused))
    if (found.length === 0 && own.title === undefined && own.text === undefined) {
      return refused.length > 0 ? refused : [refusal('nothing-in-it', 'no value, title or text', place)]
    }
    const group = groupOf(row, labels.labels, own, refused)
    if (group.warnings.length < 100) group.warnings.push(...labels.warnings.map((it) => ({ ...it, place })))
    for (const tag of tags.others) if (group.tags.size < MAX_TAGS) group.tags.add(oneLine(tag, 100))
    for (const link of row.get('reference')) if (group.references.size < MAX_REFERENCES) group.references.add(link)
    for (const indicator of found) {
      if (leaveOut.leavesOut(indicator.type, indicator.value, place)) continue
      const at = `${indicator.type} ${indicator.value}`
      const before = group.indicators.get(at)
      if (before === undefined) {
        held += 1
        group.indicators.set(at, indicator)
      } else if (before.role !== indicator.role) {
        refused.push(refusal('contradictory-role', 'the value stands before with another role', place))
      }
    }
    return refused
  }

  function groupOf(
    row: Row,
    labels: Labels,
    own: { readonly title: string | undefined; readonly text: string | undefined },
    refused: ImportRefusal[]
  ): Group {
    const said = first(row, 'threat')
    const threat = said === undefined ? undefined : parseThreat(said)
    if (said !== undefined && threat === undefined) {
      refused.push(refusal('unknown-threat', `no threat class: ${said}`, { ...row.place, path: 'threat' }))
    }
    const id = first(row, 'id')
    const bulletins = row.get('bulletin').flatMap((text) => text.split(/\s+/).filter(isBulletinId))
    const [bulletin] = bulletins
    const shown = oneLine(own.title ?? '', 200)
    const rest = [labels.tlp, labels.pap, threat ?? defaults.threat ?? '', shown]
    const key =
      bulletin !== undefined
        ? `tocsin:${bulletin}`
        : `${name}:${source}/${id === undefined ? hash(JSON.stringify(rest)) : hash(id)}`
    // Labels tighten within one draft as well: what is stricter stands apart.
    const at = `${key} ${labels.tlp} ${labels.pap}`
    const known = groups.get(at)
    if (known !== undefined) return known
    const confidence = Number(first(row, 'confidence') ?? Number.NaN)
    const group: Group = {
      key: bulletin === undefined && id === undefined ? key : `${key}/${labels.tlp}/${labels.pap}`,
      labels,
      place: row.place,
      bulletins,
      title: shown === '' ? title : shown,
      text: own.text ?? '',
      threat: threat ?? defaults.threat,
      confidence:
        Number.isInteger(confidence) && confidence >= 0 && confidence <= 100 ? confidence : defaults.confidence,
      references: new Set(),
      tags: new Set(),
      indicators: new Map(),
      warnings: []
    }
    groups.set(at, group)
    held += 1
    return group
  }

  function drafts(): Imported[] {
    const left = leaveOut.warnings()
    return [...groups.values()].flatMap((group): Imported[] => {
      const { labels, indicators, key, bulletins, place, threat, confidence } = group
      const text = plainText(group.text)
      const links = [...group.references]
      const draft: DraftInput = {
        ...labelFields(labels, { ...defaults, threat, confidence }),
        title: group.title,
        ...(text === '' ? {} : { text }),
        indicators: [...indicators.values()],
        references: links.filter(isLink).map((url) => ({ url })),
        tags: [...group.tags].filter((tag) => tag !== '')
      }
      // All of it is somebody's own: there is nothing to look at.
      if (indicators.size === 0 && text === '' && group.title === title) return []
      const item: Imported = {
        kind: 'draft',
        draft,
        key,
        ...(indicators.size === 0 ? {} : { grows: true }),
        ...(bulletins.length === 0 ? {} : { bulletins }),
        reference: `${name}, ${source}`,
        place,
        warnings: [...group.warnings, ...left]
      }
      const odd = links.filter((link) => !isLink(link))
      return [...odd.map((link) => refusal('bad-link', `no link: ${link}`, { ...place, path: 'reference' })), item]
    })
  }

  return { add, drafts, held: () => held }
}

function isLink(text: string): boolean {
  return LinkSchema.safeParse(text).success
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
