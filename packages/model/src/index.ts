export { defangText, refang } from './defang.ts'
export { domainWithin, isPublicSuffix, registrableDomain } from './domain.ts'
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
export {
  INDICATOR_ROLES,
  INDICATOR_TYPE_NAMES,
  type IndicatorRole,
  type IndicatorType,
  isIndicatorType
} from './indicator-type.ts'
export { type AddressRange, rangeOf } from './ip.ts'
export { formatPap, PAPS, type Pap, papRank, parsePap, stricterPap } from './pap.ts'
export { INDICATOR_ERRORS, type IndicatorErrorCode, type ParsedValue } from './parsed.ts'
export { createRangeSet, type RangeSet } from './range-set.ts'
export { isSpecialPurpose } from './special-purpose.ts'
export { hasBidiOverride, hasControl, isPlainLine, isPlainText } from './text.ts'
export { parseThreat, THREAT_INFO, THREATS, type Threat, type ThreatInfo } from './threat.ts'
export { formatTlp, parseTlp, stricterTlp, TLPS, type Tlp, tlpAtMost, tlpRank } from './tlp.ts'
export { urlHost } from './url.ts'
export { mayUse, USES, type Use, type UseCode, type UseSettings } from './use.ts'
