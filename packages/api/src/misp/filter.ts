/** What MISP's clients ask for, as a filter. A name that is not known is refused: ignored, it would give too much. */
import { z } from 'zod'
import type { MispAttribute, MispEvent, MispEventsAsked } from '../ports.ts'

const MOST = 10_000

const Text = z.union([z.string().max(4096), z.number().transform(String)])
const Flag = z.union([z.boolean(), z.literal(0), z.literal(1), z.literal('0'), z.literal('1')]).transform((it) => {
  return it === true || it === 1 || it === '1'
})

/** Texts of which one or all must fit, and those of which none may; a leading `!` is MISP's not. */
interface Wanted {
  readonly some: readonly string[]
  readonly all: readonly string[]
  readonly none: readonly string[]
}

const list = z.union([Text.transform((it) => [it]), z.array(Text).max(MOST)])
const Terms = z
  .union([
    list.transform((texts) => ({ OR: texts })),
    z.strictObject({ OR: list.exactOptional(), AND: list.exactOptional(), NOT: list.exactOptional() })
  ])
  .transform((it): Wanted => {
    const { OR = [], AND = [], NOT = [] } = it as { OR?: string[]; AND?: string[]; NOT?: string[] }
    const not = OR.filter((text) => text.startsWith('!')).map((text) => text.slice(1))
    return { some: OR.filter((text) => !text.startsWith('!')), all: AND, none: [...NOT, ...not] }
  })

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Seconds since the epoch: a number, a date, or so long ago (`5d`, `12h`, `30m`). */
const Moment = Text.transform((text, context) => {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/i.exec(text.trim()) ?? []
  if (count !== undefined && unit !== undefined)
    return Date.now() / 1000 - Number(count) * (UNITS[unit.toLowerCase()] ?? 1)
  if (/^\d{1,12}(\.\d{1,9})?$/.test(text.trim())) return Number(text)
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return at / 1000
  context.addIssue({ code: 'custom', message: 'seconds since the epoch, a date, or a span such as 5d' })
  return z.NEVER
})

interface Span {
  readonly from: number
  readonly to: number
}

const SpanOf = z
  .union([Moment.transform((from) => [from]), z.array(Moment).min(1).max(2)])
  .transform(
    ([from = 0, to = Number.POSITIVE_INFINITY]): Span => ({ from: Math.min(from, to), to: Math.max(from, to) })
  )

const Number1 = z.coerce.number().int().min(1).max(1_000_000_000)

/** Said by clients, and changing nothing of what is found here. */
const NO_MATTER = [
  'enforceWarninglist',
  'includeContext',
  'includeCorrelations',
  'includeDecayScore',
  'includeEventUuid',
  'includeGalaxy',
  'includeProposals',
  'includeSightings',
  'includeServerCorrelations',
  'includeWarninglistHits',
  'headerless',
  'sgReferenceOnly',
  'withAttachments',
  'minimal'
] as const

const filters = {
  returnFormat: z.literal('json').exactOptional(),
  value: Terms.exactOptional(),
  searchall: Terms.exactOptional(),
  quickFilter: Terms.exactOptional(),
  type: Terms.exactOptional(),
  category: Terms.exactOptional(),
  tags: Terms.exactOptional(),
  tag: Terms.exactOptional(),
  org: Terms.exactOptional(),
  eventid: Terms.exactOptional(),
  eventinfo: Terms.exactOptional(),
  uuid: Terms.exactOptional(),
  threat_level_id: Terms.exactOptional(),
  to_ids: z.union([Flag.transform((it) => [it]), z.array(Flag).max(2)]).exactOptional(),
  deleted: z.union([Flag.transform((it) => [it]), z.array(Flag).max(2)]).exactOptional(),
  published: Flag.exactOptional(),
  metadata: Flag.exactOptional(),
  includeEventTags: Flag.exactOptional(),
  timestamp: SpanOf.exactOptional(),
  attribute_timestamp: SpanOf.exactOptional(),
  event_timestamp: SpanOf.exactOptional(),
  publish_timestamp: SpanOf.exactOptional(),
  last: SpanOf.exactOptional(),
  from: Moment.exactOptional(),
  to: Moment.exactOptional(),
  limit: Number1.exactOptional(),
  page: Number1.exactOptional()
}

const anything = z.union([z.string().max(100), z.number(), z.boolean(), z.null()])

/** A body of `restSearch`; MISP's older clients put it into `request`. */
export const MispSearch = z
  .unknown()
  .transform((body) => {
    const inner = typeof body === 'object' && body !== null && 'request' in body ? body.request : body
    if (typeof inner !== 'object' || inner === null) return inner ?? {}
    // What was left unset comes as null from some.
    return Object.fromEntries(Object.entries(inner).filter(([, value]) => value !== null))
  })
  .pipe(
    z.strictObject({
      ...filters,
      ...(Object.fromEntries(NO_MATTER.map((name) => [name, anything.exactOptional()])) as Record<
        (typeof NO_MATTER)[number],
        z.ZodExactOptional<typeof anything>
      >)
    })
  )

export type MispFilter = z.output<typeof MispSearch>

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
    filter.published !== false &&
    meets(filter.eventid, [head.uuid, String(arrival)]) &&
    meets(filter.eventinfo, [head.info]) &&
    meets(filter.org, [head.Orgc.name, head.Orgc.uuid]) &&
    meets(filter.threat_level_id, [head.threat_level_id]) &&
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
