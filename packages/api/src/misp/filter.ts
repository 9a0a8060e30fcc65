/** Whether an event or attribute is what a client of MISP asks for. */
import type { MispAttribute, MispEvent, MispEventsAsked } from './ports.ts'
import type { MispFilter, Span, Wanted } from './search.ts'

/** `%` at either end stands for anything, as in MISP; case does not matter. */
function fits(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase()
  const found = text.toLowerCase()
  const bare = wanted.replace(/^%|%$/g, '')
  if (wanted.startsWith('%'))
    return wanted.endsWith('%') && wanted.length > 1 ? found.includes(bare) : found.endsWith(bare)
  return wanted.endsWith('%') ? found.startsWith(bare) : found === wanted
}

/** True where one of several texts about a thing fits. */
function meets(wanted: Wanted | undefined, texts: readonly string[]): boolean {
  if (wanted === undefined) return true
  const has = (pattern: string): boolean => texts.some((text) => fits(pattern, text))
  return (wanted.some.length === 0 || wanted.some.some(has)) && wanted.all.every(has) && !wanted.none.some(has)
}

const inside = (span: Span | undefined, ...seconds: number[]): boolean =>
  span === undefined || seconds.some((at) => at >= span.from && at <= span.to)

/** What need not be gone through: what arrived before, and bulletins without the values that are named exactly. */
export function boundsOf(filter: MispFilter): MispEventsAsked {
  const from = Math.max(filter.last?.from ?? 0, filter.publish_timestamp?.from ?? 0)
  const values = filter.value?.some ?? []
  const isExact = values.length > 0 && values.every((text) => !text.includes('%'))
  return {
    ...(from > 0 ? { since: Math.floor(from * 1000) } : {}),
    ...(isExact ? { values } : {})
  }
}

/** Whether an event is meant, whatever of its attributes is. */
export function meetsEvent(filter: MispFilter, { head, arrival }: MispEvent): boolean {
  const arrived = arrival / 1e6
  const at = Date.parse(head.date) / 1000
  return (
    (filter.published ?? [true]).includes(true) &&
    meets(filter.eventid, [head.uuid, String(arrival)]) &&
    meets(filter.eventinfo, [head.info]) &&
    meets(filter.org, [head.Orgc.name, head.Orgc.uuid]) &&
    meets(filter.threat_level_id, [head.threat_level_id]) &&
    meets(filter.distribution, [head.distribution]) &&
    meets(filter.analysis, [head.analysis]) &&
    meets(
      filter.tags,
      head.Tag.map(({ name }) => name)
    ) &&
    meets(
      filter.tag,
      head.Tag.map(({ name }) => name)
    ) &&
    // Published, for whoever asks here, is when it came: a client that asks for the last day misses nothing late.
    inside(filter.last, arrived) &&
    inside(filter.publish_timestamp, arrived) &&
    inside(filter.event_timestamp, Number(head.timestamp), arrived) &&
    at >= (filter.from ?? 0) - 86_399 &&
    at <= (filter.to ?? Number.POSITIVE_INFINITY)
  )
}

/** Whether an attribute of such an event is meant. */
export function meetsAttribute(filter: MispFilter, attribute: MispAttribute, event: MispEvent): boolean {
  const { value, comment, type, category, uuid, timestamp, to_ids: alerts, deleted } = attribute
  const arrived = event.arrival / 1e6
  const words = [value, comment, event.head.info]
  const loose = (wanted: Wanted | undefined): Wanted | undefined =>
    wanted === undefined ? undefined : { ...wanted, some: wanted.some.map((text) => `%${text.replace(/^%|%$/g, '')}%`) }
  return (
    (filter.deleted ?? [false]).includes(deleted) &&
    (filter.to_ids === undefined || filter.to_ids.includes(alerts)) &&
    meets(filter.value, [value]) &&
    meets(filter.type, [type]) &&
    meets(filter.category, [category]) &&
    meets(filter.uuid, [uuid, event.head.uuid]) &&
    meets(loose(filter.searchall), words) &&
    meets(loose(filter.quickFilter), words) &&
    inside(filter.timestamp, Number(timestamp), arrived) &&
    inside(filter.attribute_timestamp, Number(timestamp), arrived)
  )
}

/** True where the filter is about attributes: an event without any that is meant is then none. */
export function isAboutAttributes(filter: MispFilter): boolean {
  const names = ['value', 'type', 'category', 'uuid', 'to_ids', 'searchall', 'quickFilter', 'timestamp'] as const
  return names.some((name) => filter[name] !== undefined) || filter.attribute_timestamp !== undefined
}
