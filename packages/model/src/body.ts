import { z } from 'zod'
import { BulletinSchema, MAX_ATTACHMENT_BYTES, MAX_INDICATORS } from './bulletin.ts'
import { distinct, TypedValueSchema } from './indicator-schema.ts'
import { plainIndicators } from './plain-indicators.ts'
import { BulletinIdSchema, EntryIdSchema, fault, InstitutionIdSchema, lines, TimeSchema } from './shape.ts'

/** What a sighting says, as in MISP: seen, wrongly accused, or over. */
export const SIGHTING_KINDS = ['sighting', 'false-positive', 'expiration'] as const
export type SightingKind = (typeof SIGHTING_KINDS)[number]

/** A count of fewer institutions would nearly name them. */
export const LEAST_CONTRIBUTORS = 3
/** Most institutions that a count can speak of. */
export const MAX_CONTRIBUTORS = 65_535

/**
 * A statement about one indicator of one bulletin; `author` is the bulletin's, since ids of bulletins are not signed names.
 * With `contributors` it is a count: so many institutions told the author alone that they saw it, and nothing else of them.
 */
export const SightingSchema = z
  .strictObject({
    bulletin: BulletinIdSchema,
    author: InstitutionIdSchema,
    indicator: TypedValueSchema,
    kind: z.enum(SIGHTING_KINDS),
    count: z.int().min(1).max(1_000_000_000),
    firstSeen: TimeSchema.exactOptional(),
    lastSeen: TimeSchema.exactOptional(),
    comment: lines(500).exactOptional(),
    contributors: z.int().min(LEAST_CONTRIBUTORS).max(MAX_CONTRIBUTORS).exactOptional()
  })
  .superRefine((it, ctx) => {
    if (it.contributors !== undefined) {
      if (it.kind !== 'sighting') ctx.addIssue({ ...fault('count-says-more'), path: ['kind'] })
      // How often and when it was seen could tell by whom.
      if (it.count !== it.contributors) ctx.addIssue({ ...fault('count-says-more'), path: ['count'] })
      for (const field of ['firstSeen', 'lastSeen', 'comment'] as const)
        if (it[field] !== undefined) ctx.addIssue({ ...fault('count-says-more'), path: [field] })
    }
    if (it.firstSeen !== undefined && it.lastSeen !== undefined && it.firstSeen > it.lastSeen) {
      ctx.addIssue({ ...fault('time-order'), path: ['lastSeen'] })
    }
  })

/** Takes whole entries out of use and has their bodies erased; `eraseNow` is a root-key signature of 64 bytes in hex. */
export const RetractionSchema = z.strictObject({
  targets: z.array(EntryIdSchema).min(1).max(1024),
  reason: lines(1000),
  supersededBy: BulletinIdSchema.exactOptional(),
  eraseNow: z
    .string()
    .regex(/^[0-9a-f]{128}$/, 'A signature of 128 lower-case hexadecimal digits is wanted.')
    .exactOptional()
})

/** Takes single indicators of a bulletin out of use. */
export const DisablingSchema = z.strictObject({
  bulletin: BulletinIdSchema,
  target: EntryIdSchema,
  indicators: z.array(TypedValueSchema).min(1).max(MAX_INDICATORS).superRefine(distinct),
  reason: lines(1000)
})

/** The bytes of an attached file. */
export const AttachmentSchema = z.strictObject({
  data: z.custom<Uint8Array>(
    (data) => data instanceof Uint8Array && data.length <= MAX_ATTACHMENT_BYTES,
    fault('bad-bytes')
  )
})

export type Sighting = z.infer<typeof SightingSchema>
export type Retraction = z.infer<typeof RetractionSchema>
export type Disabling = z.infer<typeof DisablingSchema>
export type Attachment = z.infer<typeof AttachmentSchema>

/** The kinds of entries, in the order of their codes. */
export const ENTRY_KINDS = ['bulletin', 'sighting', 'retraction', 'disabling', 'attachment'] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** The byte that stands for a kind in an entry's header, 1 to 5; never given to another kind. */
export function entryKindCode(kind: EntryKind): number {
  return ENTRY_KINDS.indexOf(kind) + 1
}

/** The kind of a header's byte; undefined for one that a later version may define. */
export function entryKindOf(code: number): EntryKind | undefined {
  return ENTRY_KINDS[code - 1]
}

/** The body of each kind. */
export interface EntryBodies {
  readonly bulletin: z.infer<typeof BulletinSchema>
  readonly sighting: Sighting
  readonly retraction: Retraction
  readonly disabling: Disabling
  readonly attachment: Attachment
}

/** The schema of each kind's body. */
export const BODY_SCHEMAS: { readonly [K in EntryKind]: z.ZodType<EntryBodies[K]> } = {
  bulletin: BulletinSchema,
  sighting: SightingSchema,
  retraction: RetractionSchema,
  disabling: DisablingSchema,
  attachment: AttachmentSchema
}

/** What a body's schema says of a value: the value in its shape, or what is wrong with it. */
export type ReadEntryBody<K extends EntryKind> =
  | { readonly success: true; readonly data: EntryBodies[K] }
  | { readonly success: false; readonly error: z.ZodError }

/** The same verdict and value as `BODY_SCHEMAS[kind].safeParse`, sooner for a bulletin of many indicators. */
export function readEntryBody<K extends EntryKind>(kind: K, value: unknown): ReadEntryBody<K> {
  const read = kind === 'bulletin' ? plainBulletin(value) : undefined
  return read === undefined ? BODY_SCHEMAS[kind].safeParse(value) : { success: true, data: read as EntryBodies[K] }
}

/** The schema looks at a bulletin without its indicators; at the whole of it where either has a doubt. */
function plainBulletin(value: unknown): EntryBodies['bulletin'] | undefined {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return undefined
  const indicators = plainIndicators((value as { indicators: unknown }).indicators, MAX_INDICATORS)
  if (indicators === undefined) return undefined
  const rest = BulletinSchema.safeParse({ ...value, indicators: [] })
  return rest.success ? { ...rest.data, indicators } : undefined
}
