import { z } from 'zod'
import { distinct, IndicatorSchema } from './indicator-schema.ts'
import { PAPS } from './pap.ts'
import {
  BulletinIdSchema,
  EntryIdSchema,
  FileNameSchema,
  fault,
  LinkSchema,
  line,
  lines,
  MediaTypeSchema,
  TimeSchema
} from './shape.ts'
import { THREATS } from './threat.ts'

/** Largest attachment, in bytes: a mail with its pictures, not a disk image. */
export const MAX_ATTACHMENT_BYTES = 8 * 1024 * 1024
/** Most indicators in one bulletin. */
export const MAX_INDICATORS = 4096
/** Longest text of a bulletin and of a rule, in UTF-16 code units. */
export const MAX_TEXT = 65536

/** Languages for detection rules that a bulletin can carry. */
export const RULE_KINDS = ['sigma', 'yara', 'suricata', 'snort', 'zeek', 'other'] as const

/** What a public site says of a thing: the site, where, its verdict, a score of 0 to 100, when. */
export const ReferenceSchema = z.strictObject({
  site: line(100).exactOptional(),
  url: LinkSchema,
  verdict: line(100).exactOptional(),
  score: z.int().min(0).max(100).exactOptional(),
  at: TimeSchema.exactOptional()
})

/** A detection rule as its text; nothing here runs it. */
export const RuleSchema = z.strictObject({ kind: z.enum(RULE_KINDS), name: line(200), text: lines(MAX_TEXT).min(1) })

/** An attached file: its bytes travel as an entry of their own, named here by id and hash; never opened. */
const AttachmentRefSchema = z.strictObject({
  name: FileNameSchema,
  mediaType: MediaTypeSchema,
  size: z.int().min(0).max(MAX_ATTACHMENT_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'A SHA-256 in lower case is wanted.'),
  entry: EntryIdSchema
})

/**
 * The signed body of a bulletin. TLP, circle and recipient are not here: they stand in the stream descriptor alone, so
 * that nobody can contradict them.
 */
export const BulletinSchema = z
  .strictObject({
    id: BulletinIdSchema,
    title: line(200),
    text: lines(MAX_TEXT),
    lang: z.enum(['fr', 'en']).exactOptional(),
    threat: z.enum(THREATS),
    pap: z.enum(PAPS),
    confidence: z.int().min(0).max(100),
    tags: z.array(line(100)).max(64),
    indicators: z.array(IndicatorSchema).max(MAX_INDICATORS).superRefine(distinct),
    references: z.array(ReferenceSchema).max(64),
    rules: z.array(RuleSchema).max(32),
    attachments: z.array(AttachmentRefSchema).max(16),
    about: z.array(BulletinIdSchema).max(16),
    supersedes: BulletinIdSchema.exactOptional()
  })
  .superRefine((it, ctx) => {
    // A follow-up of itself would be a loop in every reader.
    if (it.about.includes(it.id) || it.supersedes === it.id) ctx.addIssue(fault('about-itself'))
  })

export type Bulletin = z.infer<typeof BulletinSchema>
export type Reference = z.infer<typeof ReferenceSchema>
export type Rule = z.infer<typeof RuleSchema>
export type AttachmentRef = z.infer<typeof AttachmentRefSchema>
