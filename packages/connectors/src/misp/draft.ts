/** A MISP event as drafts: one for each pair of labels in it, since a bulletin has one. */
import { labelFields, plainText } from '../extracted.ts'
import type { Imported, ImportedDraft, ImportOptions, ImportRefusal, ImportWarning } from '../import.ts'
import type { Labels } from '../import-labels.ts'
import { partsOf } from '../import-parts.ts'
import { createLeaveOut } from '../leave-out.ts'
import { oneLine } from '../text.ts'
import { createPile } from './pile.ts'
import { reachOf } from './reach.ts'
import type { ReadAttribute, ReadEvent } from './read-event.ts'
import { tagFacts } from './tag-facts.ts'
import { type Taken, take } from './take.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Our own remark on what a bulletin says in words. */
export const TEXT_REMARK = 'text of the bulletin'
const MAX_TAGS = 64
const MOST_WARNINGS = 100

/** What is said under one pair of labels. */
interface Group extends Taken {
  readonly labels: Labels
  readonly warnings: Map<string, ImportWarning>
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

  for (const attribute of event.attributes.drain()) {
    const group = groupFor(attribute)
    if ('kind' in group) {
      yield group
      continue
    }
    if (attribute.type === 'comment' && attribute.comment === TEXT_REMARK) text ??= attribute.value
    else {
      const { isTaken, refused } = take(attribute, group)
      if (!isTaken) left.set(attribute.type, (left.get(attribute.type) ?? 0) + 1)
      for (const { code, reason } of refused) yield refusal(code, reason, attribute.path)
    }
  }
  const counted = [...left].map(([type, count]) => `${count} ${oneLine(type, 60)}`)
  if (counted.length > 0) {
    const message = `attributes of other types: ${counted.slice(0, 20).join(', ')}`
    main.warnings.set(message, { code: 'objects-left-out', message, place })
  }
  const clean = plainText(text ?? '')
  for (const group of groups.values()) {
    const { labels, pile, rules, references, warnings, out } = group
    // Everything may stand under stricter labels than the event's.
    const isEmpty = pile.count + rules.length + references.length === 0 && clean === ''
    if (group === main && groups.size > 1 && isEmpty) continue
    const item: ImportedDraft = {
      kind: 'draft',
      draft: {
        ...labelFields(labels, options.labels),
        title: oneLine(event.info ?? '', 200) || 'MISP',
        ...(clean === '' || group !== main ? {} : { text: clean }),
        ...(known.threat === undefined ? {} : { threat: known.threat }),
        ...(known.confidence === undefined ? {} : { confidence: known.confidence }),
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
    yield* partsOf(item, pile.drain(), pile.count)
  }

  function groupOf(labels: Labels): Group {
    const key = `${labels.tlp} ${labels.pap}`
    const found = groups.get(key)
    if (found !== undefined) return found
    const made: Group = {
      labels,
      pile: createPile(),
      rules: [],
      references: [],
      warnings: new Map(),
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

function refusal(code: ImportRefusal['code'], message: string, path: string): ImportRefusal {
  return { kind: 'refused', code, message, place: { path } }
}
