export { createDnsDoor, type DnsAnswer, type DnsDoor, type DnsOutcome } from './dns/answer.ts'
export { buildNotify, type Notify, readNotifyReply } from './dns/notify.ts'
export { gatherOwners, type OwnerList } from './dns/owners.ts'
export { isResponse, MAX_QUERY } from './dns/query.ts'
export type { ZoneFacts } from './dns/records.ts'
export type { TsigKey } from './dns/tsig.ts'
export { createPolicyZone, type PolicyZone } from './dns/zone.ts'
export {
  CONNECTOR_ERRORS,
  ConnectorError,
  type ConnectorErrorCode,
  FEED_REFUSALS,
  type FeedRefusalCode,
  IMPORT_REFUSALS,
  IMPORT_WARNINGS,
  type ImportRefusalCode,
  type ImportWarningCode,
  NOTIFY_REFUSALS,
  type NotifyCode
} from './errors.ts'
export {
  FEED_FIELDS,
  type FeedBulletin,
  type FeedComments,
  type FeedField,
  type FeedInfo,
  type FeedItem,
  type FeedOptionName,
  type FeedOptions,
  type FeedRefusal,
  type FeedSource,
  type RuleItem
} from './feed.ts'
export { CSV_COLUMNS } from './feeds/csv.ts'
export { type PolicyRow, policyRows, RPZ_TTL, RPZ_ZONE, zoneName } from './feeds/rpz.ts'
export { FEED_NAMES, FEEDS, type FeedName, isFeedName } from './feeds.ts'
export { serialInFile, type Written, writeFeedFile, writeFileAtomic } from './file.ts'
export { contentHash, etagMatches, feedEtag } from './hash.ts'
export type {
  Imported,
  ImportedDraft,
  ImportedSighting,
  ImportInfo,
  ImportLimits,
  ImportMapping,
  ImportOptionName,
  ImportOptions,
  ImportPlace,
  ImportRefusal,
  ImportWarning,
  SourceLabels
} from './import.ts'
export { ROW_FIELDS } from './import-row.ts'
export { type ReadDraft, type ReadItem, readImport } from './import-run.ts'
export { IMPORTS, importNamed } from './imports.ts'
export {
  eventHead,
  eventUuid,
  indicatorAttribute,
  type MispAttribute,
  type MispBulletin,
  type MispEventHead,
  type MispLife,
  ruleAttribute,
  wordAttributes
} from './misp/event.ts'
export { eventPieces, hashLines, manifestRow } from './misp/layout.ts'
export { type MispEventSaid, mispEventSaid } from './misp/parts.ts'
export { describeTypes } from './misp/types.ts'
export { openNameless } from './nameless.ts'
export type { ChannelAudience } from './notify/audience.ts'
export {
  buildNotification,
  createRocketChat,
  type NotificationOptions,
  type NotificationView,
  type NotifyOutcome,
  type RocketChatChannel,
  type RocketChatDeps,
  type RocketChatOptions,
  type RocketChatPayload
} from './notify/rocket-chat.ts'
export { isSerial, movingSerial, nextSerial, serialIsNewer, serialOf } from './serial.ts'
export { identityId, type StixId } from './stix/ids.ts'
export { tlpMarking } from './stix/marking.ts'
export {
  identityObject,
  indicatorObject,
  type StixBulletin,
  type StixLife
} from './stix/objects.ts'
export {
  noteObject,
  reportObject,
  ruleObject,
  type StixObject,
  type StixSightingParts,
  sightingObject
} from './stix/words.ts'
