export { TocsinError, type Verdict } from './errors.ts'
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
export {
  INDICATOR_ROLES,
  INDICATOR_TYPE_NAMES,
  type IndicatorRole,
  type IndicatorType,
  isIndicatorType
} from './indicator-type.ts'
export { formatPap, PAPS, type Pap, papRank, parsePap, stricterPap } from './pap.ts'
export { parseThreat, THREAT_INFO, THREATS, type Threat, type ThreatInfo } from './threat.ts'
export { formatTlp, parseTlp, stricterTlp, TLPS, type Tlp, tlpAtMost, tlpRank } from './tlp.ts'
export { mayUse, USES, type Use, type UseCode, type UseSettings } from './use.ts'
