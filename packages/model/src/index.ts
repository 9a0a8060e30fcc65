export {
  type Attachment,
  AttachmentSchema,
  BODY_SCHEMAS,
  type Disabling,
  DisablingSchema,
  ENTRY_KINDS,
  type EntryBodies,
  type EntryKind,
  entryKindCode,
  entryKindOf,
  LEAST_CONTRIBUTORS,
  MAX_CONTRIBUTORS,
  type Retraction,
  RetractionSchema,
  readEntryBody,
  SIGHTING_KINDS,
  type Sighting,
  type SightingKind,
  SightingSchema
} from './body.ts'
export {
  type AttachmentRef,
  type Bulletin,
  BulletinSchema,
  MAX_ATTACHMENT_BYTES,
  MAX_INDICATORS,
  MAX_TEXT,
  type Reference,
  ReferenceSchema,
  RULE_KINDS,
  type Rule,
  RuleSchema
} from './bulletin.ts'
export {
  CATCH_ERRORS,
  type CatchCode,
  type CatchFacts,
  type CatchIndicator,
  type CatchOptions,
  createSafetyCatch,
  endOf,
  type SafetyCatch
} from './catch.ts'
export { defangText, refang } from './defang.ts'
export { domainWithin, isPublicSuffix, registrableDomain } from './domain.ts'
export { DRAFT_ERRORS, type Draft, type DraftErrorCode, type DraftInput, DraftSchema } from './draft.ts'
export { readTime } from './draft-time.ts'
export { emailDomain } from './email.ts'
export { TocsinError, type Verdict } from './errors.ts'
export { guessTypes, readIndicator, type TypedValue } from './guess.ts'
export {
  type BulletinId,
  type CircleId,
  type EntryId,
  type InstitutionId,
  isBulletinId,
  isCircleId,
  isEntryId,
  isInstitutionId,
  isNodeKey,
  isStreamId,
  type NodeKey,
  type StreamId
} from './ids.ts'
export { defang, INDICATOR_TYPES, type IndicatorTypeInfo, indicatorTypeOf, parseIndicator } from './indicator.ts'
export { type Indicator, IndicatorSchema, TypedValueSchema } from './indicator-schema.ts'
export {
  INDICATOR_ROLES,
  INDICATOR_TYPE_NAMES,
  type IndicatorRole,
  type IndicatorType,
  isIndicatorType
} from './indicator-type.ts'
export { type AddressRange, rangeOf } from './ip.ts'
export { MODEL_ERRORS, ModelError, type ModelErrorCode } from './model-error.ts'
export { NEVER_BLOCK_DEFAULT, type NeverBlock, parseNeverBlock } from './never-block.ts'
export { formatPap, PAPS, type Pap, papRank, parsePap, stricterPap } from './pap.ts'
export { type DraftProblem, type ParsedDraft, parseDraft } from './parse-draft.ts'
export { INDICATOR_ERRORS, type IndicatorErrorCode, type ParsedValue } from './parsed.ts'
export { DEFAULT_QUOTAS, type QuotaName, type Quotas, QuotasSchema, quotasOf } from './quotas.ts'
export { createRangeSet, type RangeSet } from './range-set.ts'
export {
  BulletinIdSchema,
  EntryIdSchema,
  FileNameSchema,
  InstitutionIdSchema,
  isTime,
  LinkSchema,
  line,
  lines,
  MediaTypeSchema,
  SHAPE_ERRORS,
  type ShapeErrorCode,
  TimeSchema
} from './shape.ts'
export { isSpecialPurpose } from './special-purpose.ts'
export { hasBidiOverride, hasControl, isPlainLine, isPlainText } from './text.ts'
export { parseThreat, THREAT_INFO, THREATS, type Threat, type ThreatInfo } from './threat.ts'
export { formatTlp, parseTlp, stricterTlp, TLPS, type Tlp, tlpAtMost, tlpRank } from './tlp.ts'
export { DEFAULT_PORTS, urlHost } from './url.ts'
export { mayUse, USE_ERRORS, USES, type Use, type UseCode, type UseSettings } from './use.ts'
