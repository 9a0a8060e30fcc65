/** What MISP's clients ask for, as a filter. A name that is not known is refused: ignored, it would give too much. */
import { z } from 'zod'

const MOST = 10_000

const Text = z.union([z.string().max(4096), z.number().transform(String)])
const Flag = z.union([z.boolean(), z.literal(0), z.literal(1), z.literal('0'), z.literal('1')]).transform((it) => {
  return it === true || it === 1 || it === '1'
})

/** Texts of which one or all must fit, and those of which none may; a leading `!` is MISP's not. */
export interface Wanted {
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

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** `Mon Nov 23 18:34:00 UTC 2026`: `date`'s own form, in which Elastic's agents ask at first. */
const UNIX_DATE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (?:UTC|GMT) (\d{4})$/

/** ms of a date in ISO 8601, or as `date` writes it; NaN for anything else. */
function dateOf(text: string): number {
  if (/^\d{4}-\d\d-\d\d/.test(text)) return Date.parse(text)
  const [, month = '', day = '', time = '', year = ''] = UNIX_DATE.exec(text) ?? []
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
  return year === '' ? Number.NaN : Date.parse(`${year}-${number}-${day.padStart(2, '0')}T${time}Z`)
}

/** Seconds since the epoch: a number, a date, or so long ago (`5d`, `12h`, `30m`). */
const Moment = Text.transform((text, context) => {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/i.exec(text.trim()) ?? []
  if (count !== undefined && unit !== undefined)
    return Date.now() / 1000 - Number(count) * (UNITS[unit.toLowerCase()] ?? 1)
  if (/^\d{1,12}(\.\d{1,9})?$/.test(text.trim())) return Number(text)
  const at = dateOf(text.trim())
  if (Number.isFinite(at)) return at / 1000
  context.addIssue({ code: 'custom', message: 'seconds since the epoch, a date, or a span such as 5d' })
  return z.NEVER
})

export interface Span {
  readonly from: number
  readonly to: number
}

const SpanOf = z
  .union([Moment.transform((from) => [from]), z.array(Moment).min(1).max(2)])
  .transform(
    ([from = 0, to = Number.POSITIVE_INFINITY]): Span => ({ from: Math.min(from, to), to: Math.max(from, to) })
  )

const Whole = z.coerce.number().int().min(0).max(1_000_000_000)
const Page = Whole.transform((page) => Math.max(1, page))

/** What is found comes in the order of its arrival, and so does what is asked for by its time; no other order is had. */
const Order = z
  .string()
  .max(100)
  .regex(/^(?:(?:Event|Attribute)\.)?(?:id|date|timestamp|publish_timestamp)(?: +ASC)?$/i, 'by time, ascending')

const Flags = z.union([Flag.transform((it) => [it]), z.array(Flag).max(2)])

/** Said by clients, and changing nothing of what is found here. */
const NO_MATTER = [
  'decayingModel',
  'enforceWarninglist',
  'excludeDecayed',
  'excludeGalaxy',
  'excludeLocalTags',
  'extended',
  'flatten',
  'includeAllTags',
  'includeAnalystData',
  'includeContext',
  'includeCorrelations',
  'includeDecayScore',
  'includeEventCorrelations',
  'includeEventUuid',
  'includeFeedCorrelations',
  'includeFullModel',
  'includeGalaxy',
  'includeGranularCorrelations',
  'includeProposals',
  'includeScoresOnEvent',
  'includeSightings',
  'includeServerCorrelations',
  'includeWarninglistHits',
  'headerless',
  'modelOverrides',
  'noEventReports',
  'noShadowAttributes',
  'requested_attributes',
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
  distribution: Terms.exactOptional(),
  analysis: Terms.exactOptional(),
  to_ids: Flags.exactOptional(),
  deleted: Flags.exactOptional(),
  published: Flags.exactOptional(),
  metadata: Flag.exactOptional(),
  includeEventTags: Flag.exactOptional(),
  timestamp: SpanOf.exactOptional(),
  attribute_timestamp: SpanOf.exactOptional(),
  event_timestamp: SpanOf.exactOptional(),
  publish_timestamp: SpanOf.exactOptional(),
  last: SpanOf.exactOptional(),
  from: Moment.exactOptional(),
  to: Moment.exactOptional(),
  order: z.union([Order, z.array(Order).max(10)]).exactOptional(),
  /** None where it is 0, as in MISP. */
  limit: Whole.exactOptional(),
  page: Page.exactOptional()
}

/** Of any kind: nobody looks at it. */
const anything = z.unknown()

/** What `/events/index` calls otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  datefrom: 'from',
  dateuntil: 'to',
  threatlevel: 'threat_level_id'
}

/** By the names of `restSearch`, without what was left unset, which comes as null from some. */
function plainNames(asked: object): Record<string, unknown> {
  const given = Object.entries(asked).filter(([, value]) => value !== null)
  const named = given.map(([name, value]) => [Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : name, value])
  const { date, searchall, value, ...rest }: Record<string, unknown> = Object.fromEntries(named)
  return { ...rest, ...spanOf(date), ...wordsOf(value, searchall) }
}

/** One date is the first; two are the first and the last. */
function spanOf(date: unknown): Record<string, unknown> {
  if (date === undefined) return {}
  const [from, to, ...more] = Array.isArray(date) ? date : [date]
  if (more.length > 0) return { date }
  return to === undefined ? { from } : { from, to }
}

/** `searchall` may be a mere yes, or no: then the value is what is searched for, anywhere. */
function wordsOf(value: unknown, searchall: unknown): Record<string, unknown> {
  const plain = value === undefined ? {} : { value }
  if (searchall === undefined || searchall === false) return plain
  if (searchall === true || (value !== undefined && (searchall === 1 || searchall === '1')))
    return value === undefined ? {} : { searchall: value }
  return { ...plain, searchall }
}

/** A body of `restSearch`; MISP's older clients put it into `request`. */
export const MispSearch = z
  .unknown()
  .transform((body) => {
    const inner = typeof body === 'object' && body !== null && 'request' in body ? body.request : body
    return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? plainNames(inner) : (inner ?? {})
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
