/** Parameters of TAXII 2.1 §3.4, strict as everywhere here: one that is not known is refused, never ignored. */
import { z } from 'zod'
import { NEXT_MAX, parseMoment, placeAfter, readCursor } from './cursor.ts'
import type { TaxiiFilter, TaxiiPlace } from './ports.ts'

/** Greatest number of objects of a page, and the usual one. */
export const TAXII_PAGE = 1_000

const Moment = z
  .string()
  .max(40)
  .transform((text, context) => {
    const us = parseMoment(text)
    if (us !== undefined) return us
    context.addIssue({ code: 'custom', message: 'a UTC timestamp, such as 2026-11-30T15:00:00.000000Z' })
    return z.NEVER
  })

const Next = z
  .string()
  .max(NEXT_MAX)
  .transform((text, context) => {
    const cursor = readCursor(text)
    if (cursor !== undefined) return cursor
    context.addIssue({ code: 'custom', message: 'not a value that this server gave as next' })
    return z.NEVER
  })

/** More than there is room for is no mistake: the server gives what it gives. */
const Limit = z
  .string()
  .regex(/^0*[1-9]\d{0,30}$/, 'a whole number above 0')
  .transform((text) => Math.min(Number(text), TAXII_PAGE))

const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .min(1)
    .max(10_000)
    .transform((text) => text.split(','))
    .pipe(z.array(item).max(100))

const Id = z.string().regex(/^[a-z][a-z0-9-]{1,100}--[0-9a-f-]{36}$/, 'an id of a STIX object')
const Type = z.string().regex(/^[a-z][a-z0-9-]{1,100}$/, 'a type of STIX objects')
const Version = z
  .string()
  .refine((text) => ['first', 'last', 'all'].includes(text) || parseMoment(text) !== undefined, 'a version')
const SpecVersion = z.string().regex(/^\d\.\d$/, 'a version of STIX')

const paging = { added_after: Moment.exactOptional(), limit: Limit.default(TAXII_PAGE), next: Next.exactOptional() }
const version = { 'match[version]': list(Version).exactOptional() }
const spec = { 'match[spec_version]': list(SpecVersion).exactOptional() }

export const NoQuery = z.strictObject({})
export const ObjectsQuery = z.strictObject({
  ...paging,
  ...version,
  ...spec,
  'match[id]': list(Id).exactOptional(),
  'match[type]': list(Type).exactOptional()
})
export const ObjectQuery = z.strictObject({ ...paging, ...version, ...spec })
export const VersionsQuery = z.strictObject({ ...paging, ...spec })

export const CollectionParams = z.strictObject({ collection: z.string().max(64) })
export const StatusParams = z.strictObject({ status: z.string().max(64) })
export const ObjectParams = z.strictObject({ collection: z.string().max(64), object: Id })

/** What a page is asked for; `isEmpty` where the query allows of nothing. */
export interface PageAsked {
  readonly after?: TaxiiPlace
  readonly limit: number
  readonly filter: TaxiiFilter
  readonly isEmpty: boolean
}

/** A `next` says everything but the limit; without one the other parameters do. */
export function pageAsked(query: Partial<z.output<typeof ObjectsQuery>>, id?: string): PageAsked {
  const { limit = TAXII_PAGE, next, added_after: addedAfter } = query
  const versions = query['match[version]']
  // Of each object there is one version here, so that it is the first, the last and all of them.
  const times = versions?.some((text) => !text.endsWith('Z')) ? undefined : versions
  const ids = id === undefined ? query['match[id]'] : [id]
  const types = query['match[type]']
  const filter: TaxiiFilter = next?.filter ?? {
    ...(ids === undefined ? {} : { ids }),
    ...(types === undefined ? {} : { types }),
    ...(times === undefined ? {} : { versions: times.map((text) => Math.floor((parseMoment(text) ?? 0) / 1000)) })
  }
  const after = next?.after ?? (addedAfter === undefined ? undefined : placeAfter(addedAfter))
  return {
    ...(after === undefined ? {} : { after }),
    limit,
    // Whatever a cursor says, one object's address is about that object.
    filter: id === undefined ? filter : { ...filter, ids: [id] },
    isEmpty: query['match[spec_version]']?.includes('2.1') === false
  }
}
