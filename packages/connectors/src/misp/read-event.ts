/** One MISP event as it is read: its head, and of each attribute only what a draft could need. */
import { isObject, type JsonObject, textIn } from '../import-json.ts'
import { createPacked, type Packed } from '../packed.ts'
import { isTrue, said, tagsOf } from './fields.ts'
import { neighboursIn } from './neighbours.ts'

export interface ReadAttribute {
  /** As in `Event.Attribute[3]`. */
  readonly path: string
  readonly type: string
  readonly value: string
  readonly toIds: boolean
  readonly comment: string | undefined
  readonly firstSeen: string | undefined
  readonly lastSeen: string | undefined
  /** Names of its own tags; most attributes have none. */
  readonly tags: readonly string[] | undefined
  /** What its attribute or object sets: '0' to '5'. */
  readonly distribution: string | undefined
  /** What the rest of its object says of it. */
  readonly notes: readonly string[] | undefined
}

export interface ReadEvent {
  readonly uuid: string | undefined
  readonly info: string | undefined
  readonly distribution: string | undefined
  readonly org: string | undefined
  readonly tags: readonly string[]
  /** Text of its first report. */
  readonly report: string | undefined
  /** Tags of the event come behind its attributes: until then these are held as bytes. */
  readonly attributes: Packed<ReadAttribute>
  /** What is not read: how many of each type. */
  readonly others: ReadonlyMap<string, number>
}

/** Gathers an event from its parts. */
export interface EventReader {
  member(name: string, value: unknown): void
  attribute(value: unknown, path: string): void
  object(value: unknown, path: string): void
  end(): ReadEvent
}

/** Longer than any value of ours, and than most rules. */
const MAX_VALUE = 65_536

/** `isRead` says of a type whether anything is to be made of it. */
export function createEventReader(isRead: (type: string) => boolean): EventReader {
  const head: Record<string, unknown> = {}
  const tags: string[] = []
  const attributes = createPacked<ReadAttribute>()
  const others = new Map<string, number>()
  let report: string | undefined

  function attribute(value: unknown, path: string, object?: JsonObject, notes?: readonly string[]): void {
    if (!isObject(value) || isTrue(value, 'deleted')) return
    const type = textIn(value, 'type') ?? 'without a type'
    const text = said(value, 'value')
    if (!isRead(type) || text === undefined || text.length > MAX_VALUE) {
      others.set(type, (others.get(type) ?? 0) + 1)
      return
    }
    const own = [...tagsOf(value.Tag), ...tagsOf(value.AttributeTag)]
    attributes.add({
      path,
      type,
      value: text,
      toIds: isTrue(value, 'to_ids'),
      comment: textIn(value, 'comment'),
      firstSeen: said(value, 'first_seen'),
      lastSeen: said(value, 'last_seen'),
      tags: own.length === 0 ? undefined : own,
      distribution: narrower(
        said(value, 'distribution'),
        object === undefined ? undefined : said(object, 'distribution')
      ),
      notes: notes === undefined || notes.length === 0 ? undefined : notes
    })
  }

  return {
    attribute: (value, path) => attribute(value, path),
    object: (value, path) => {
      if (!isObject(value) || isTrue(value, 'deleted') || !Array.isArray(value.Attribute)) return
      const neighbours = neighboursIn(value, value.Attribute)
      for (const [index, one] of value.Attribute.entries())
        if (!neighbours.isNote(one)) attribute(one, `${path}.Attribute[${index}]`, value, neighbours.notesOf(one))
    },
    member: (name, value) => {
      if (name === 'Tag' || name === 'EventTag') tags.push(...tagsOf(value))
      else if (name === 'EventReport' && Array.isArray(value))
        report ??= value
          .filter((it) => isObject(it) && !isTrue(it, 'deleted'))
          .flatMap((it) => textIn(it, 'content') ?? [])[0]
      else if (name === 'Orgc' || name === 'Org') {
        if (isObject(value) && (name === 'Orgc' || head.org === undefined)) head.org = textIn(value, 'name')
      } else if (['uuid', 'info', 'distribution'].includes(name)) head[name] = value
    },
    end: () => ({
      uuid: said(head, 'uuid'),
      info: said(head, 'info'),
      distribution: said(head, 'distribution'),
      org: said(head, 'org'),
      tags,
      report,
      attributes,
      others
    })
  }
}

/** Of an attribute and its object: from the narrowest, a sharing group among them as narrow as one organisation. */
function narrower(a: string | undefined, b: string | undefined): string | undefined {
  const rank = (it: string | undefined): number => ['0', '4', '1', '2', '3'].indexOf(it ?? '')
  const [one, other] = [rank(a), rank(b)]
  if (one < 0) return other < 0 ? undefined : b
  return other < 0 || one <= other ? a : b
}
