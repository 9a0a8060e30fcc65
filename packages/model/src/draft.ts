import { z } from 'zod'
import { MAX_ATTACHMENT_BYTES, MAX_INDICATORS, MAX_TEXT, RULE_KINDS } from './bulletin.ts'
import { refang } from './defang.ts'
import { readTime } from './draft-time.ts'
import { readIndicator } from './guess.ts'
import { INDICATOR_ROLES, INDICATOR_TYPE_NAMES } from './indicator-type.ts'
import { parsePap } from './pap.ts'
import {
  BulletinIdSchema,
  FileNameSchema,
  fault,
  LinkSchema,
  line,
  lines,
  MediaTypeSchema,
  SHAPE_ERRORS
} from './shape.ts'
import { parseThreat } from './threat.ts'
import { parseTlp } from './tlp.ts'

/** What can be wrong with a draft beyond its shape: code → one line for docs/errors.md. */
export const DRAFT_ERRORS = {
  ...SHAPE_ERRORS,
  'unknown-threat': 'Not one of the threat classes.',
  'unknown-tlp': 'Not a label of TLP 2.0: a label is never guessed.',
  'unknown-pap': 'Not a PAP label: a label is never guessed.',
  'bad-base64': 'Not base64 (RFC 4648 §4) with its padding, or more than 8 MiB.',
  'contradictory-role': 'One value is named both as malicious and as context.',
  'unknown-field': 'The draft has a field that no draft has.',
  missing: 'A required field is missing.',
  'bad-type': 'The field is of another JSON type.',
  'too-long': 'The text is longer than allowed.',
  'too-many': 'The list is longer than allowed.',
  'out-of-range': 'The number, text or list is smaller or larger than allowed.',
  'bad-value': 'The field holds a value that it cannot have.'
} as const

export type DraftErrorCode = keyof typeof DRAFT_ERRORS

const trimmed = (max: number) => z.string().trim().pipe(line(max))

/** Windows line ends, a byte order mark and the space around a paste are no part of what was said. */
const unixText = (max: number) =>
  z
    .string()
    .overwrite((text) => text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'))
    .pipe(lines(max))

/** Reads a text with one of our lenient parsers; what it does not know is refused, never guessed. */
function readWith<T>(parse: (text: string) => T | undefined, code: DraftErrorCode, max = 100) {
  return z
    .string()
    .max(max)
    .transform((text, ctx): T => {
      const value = parse(text)
      if (value !== undefined) return value
      ctx.addIssue(fault(code, DRAFT_ERRORS[code]))
      return z.NEVER
    })
}

const DraftTime = readWith(readTime, 'bad-time')

const DraftIndicatorSchema = z
  .strictObject({
    type: z.enum(INDICATOR_TYPE_NAMES),
    // Room for what was defanged; the normal form is bounded by its type.
    value: z.string().min(1).max(16384),
    role: z.enum(INDICATOR_ROLES).default('malicious'),
    comment: unixText(500).exactOptional(),
    firstSeen: DraftTime.exactOptional(),
    lastSeen: DraftTime.exactOptional(),
    validUntil: DraftTime.exactOptional()
  })
  .transform((it, ctx) => {
    const exact = readIndicator(it.type, it.value)
    // Only what cannot be read as it stands is taken for defanged: `[.]` is ordinary text in a subject.
    const read = exact.ok ? exact : readIndicator(it.type, refang(it.value))
    if (!exact.ok && !read.ok) ctx.addIssue({ ...fault(exact.code, exact.reason), path: ['value'] })
    if (it.firstSeen !== undefined && it.lastSeen !== undefined && it.firstSeen > it.lastSeen) {
      ctx.addIssue({ ...fault('time-order'), path: ['lastSeen'] })
    }
    return read.ok ? { ...it, type: read.type, value: read.value } : z.NEVER
  })

type DraftIndicator = z.output<typeof DraftIndicatorSchema>

/** Normal forms meet where spellings differed: the first of each stays, and a contradiction is named. */
function unite(items: readonly DraftIndicator[], ctx: z.RefinementCtx): DraftIndicator[] {
  const kept = new Map<string, DraftIndicator>()
  for (const [index, item] of items.entries()) {
    const key = `${item.type} ${item.value}`
    const first = kept.get(key)
    if (first === undefined) kept.set(key, item)
    else if (first.role !== item.role) {
      const code = 'contradictory-role'
      ctx.addIssue({ ...fault(code, DRAFT_ERRORS[code]), path: [index, 'role'] })
    }
  }
  return [...kept.values()]
}

const BASE64_MAX = Math.ceil(MAX_ATTACHMENT_BYTES / 3) * 4

function isBase64(text: string): boolean {
  if (text.length > BASE64_MAX || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false
  return Buffer.byteLength(text, 'base64') <= MAX_ATTACHMENT_BYTES
}

/**
 * What an officer, a tool or an importer hands in to be published. Every label may be missing: the charter's defaults
 * fill it, and are shown. A draft that was read once reads the same again.
 */
export const DraftSchema = z.strictObject({
  title: trimmed(200).exactOptional(),
  text: unixText(MAX_TEXT).exactOptional(),
  lang: z.enum(['fr', 'en']).exactOptional(),
  threat: readWith(parseThreat, 'unknown-threat').exactOptional(),
  tlp: readWith(parseTlp, 'unknown-tlp').exactOptional(),
  pap: readWith(parsePap, 'unknown-pap').exactOptional(),
  confidence: z.int().min(0).max(100).default(50),
  /** Name or id of a circle. */
  circle: trimmed(100).exactOptional(),
  /** Ids, names or domains of institutions: RED. */
  to: z.array(trimmed(253)).max(64).default([]),
  indicators: z.array(DraftIndicatorSchema).max(MAX_INDICATORS).transform(unite).default([]),
  references: z
    .array(
      z.strictObject({
        site: trimmed(100).exactOptional(),
        url: LinkSchema,
        verdict: trimmed(100).exactOptional(),
        score: z.int().min(0).max(100).exactOptional(),
        at: DraftTime.exactOptional()
      })
    )
    .max(64)
    .default([]),
  rules: z
    .array(z.strictObject({ kind: z.enum(RULE_KINDS), name: trimmed(200), text: unixText(MAX_TEXT) }))
    .max(32)
    .default([]),
  tags: z.array(trimmed(100)).max(64).default([]),
  attachments: z
    .array(
      z.strictObject({
        name: FileNameSchema,
        mediaType: MediaTypeSchema.default('application/octet-stream'),
        base64: z.string().refine(isBase64, fault('bad-base64', DRAFT_ERRORS['bad-base64']))
      })
    )
    .max(16)
    .default([]),
  about: z.array(BulletinIdSchema).max(16).default([]),
  supersedes: BulletinIdSchema.exactOptional(),
  keepUntil: DraftTime.exactOptional()
})

/** A draft as JSON may hold it. */
export type DraftInput = z.input<typeof DraftSchema>
/** A draft as it was read: values in normal form, times in one spelling, lists present. */
export type Draft = z.output<typeof DraftSchema>
