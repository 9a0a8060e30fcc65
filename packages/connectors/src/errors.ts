import type { RefusalCode } from '@tocsin/extract'
import { TocsinError, type UseCode } from '@tocsin/model'

/** Codes of what this room throws: a mistake of the caller or of the configuration, never of a peer. */
export type ConnectorErrorCode =
  | 'feed-type-not-carried'
  | 'feed-zone-invalid'
  | 'feed-serial-invalid'
  | 'feed-number-invalid'
  | 'import-mapping-invalid'
  | 'import-charset-unknown'
  | 'import-charset-unfit'
  | 'notify-url-invalid'
  | 'notify-audience-invalid'

/** Why one item is not in a feed. A refusal is counted and listed, never thrown: one odd value must not stop a feed. */
export type FeedRefusalCode =
  | UseCode
  | 'type-not-carried'
  | 'red-never-in-feeds'
  | 'context-indicator'
  | 'value-unsafe'
  | 'owner-too-long'
  | 'owner-reserved'
  | 'owner-too-broad'
  | 'over-limit'
  | 'never-matches'
  | 'rule-not-for-use'
  | 'rule-known'
  | 'rule-acts'
  | 'rule-malformed'

/** Why a bulletin was not told to a channel. */
export type NotifyCode =
  | 'notify-red'
  | 'notify-label-unknown'
  | 'notify-tlp-not-declared'
  | 'notify-pap-not-declared'
  | 'notify-circle-not-declared'
  | 'notify-refused-by-server'
  | 'notify-unreachable'

/** Why an import does not take a record, or a part of one. */
export type ImportRefusalCode =
  | 'source-too-large'
  | 'line-too-long'
  | 'too-much'
  | 'nothing-in-it'
  | 'not-json'
  | 'json-too-deep'
  | 'record-invalid'
  | 'encoding-damaged'
  | 'type-unknown'
  | 'csv-malformed'
  | 'secret-wrong'
  | 'mail-unreadable'
  | 'label-missing'
  | 'label-unknown'
  | 'object-revoked'
  | 'distribution-closed'
  | RefusalCode

/** What an officer should know of an imported draft. */
export type ImportWarningCode =
  | 'labels-contradict'
  | 'label-wider-than-container'
  | 'label-wider-than-source'
  | 'left-out'
  | 'text-cut'
  | 'text-damaged'
  | 'kept-as-rule'
  | 'objects-left-out'

/** One line of explanation per thrown code; docs/errors.md is held equal to it. */
export const CONNECTOR_ERRORS: Readonly<Record<ConnectorErrorCode, string>> = {
  'feed-type-not-carried': 'The feed was asked for an indicator type that its format cannot carry.',
  'feed-zone-invalid': 'The name of the response policy zone is no domain name, or leaves no room for owners.',
  'feed-serial-invalid': 'The SOA serial is missing, or is no integer from 0 to 4294967295.',
  'feed-number-invalid':
    'A time to live is no integer from 0 to 2147483647 seconds, or a limit no whole number above 0.',
  'import-mapping-invalid': 'The mapping names a field that no record has, or none that says anything.',
  'import-charset-unknown': 'The charset is none of the WHATWG Encoding standard.',
  'import-charset-unfit': 'The format is UTF-8 by its standard, or says itself what it is written in.',
  'notify-url-invalid': 'The webhook address is neither https nor http on a loopback host, or carries credentials.',
  'notify-audience-invalid':
    'The declared audience names no TLP or PAP, an unknown one, RED, or AMBER without a circle.'
}

/** One line of explanation per refusal of a feed. */
export const FEED_REFUSALS: Readonly<Record<FeedRefusalCode, string>> = {
  'pap-forbids-use': 'The PAP of the bulletin does not permit the use that this feed is for.',
  'tlp-forbids-release': 'Only TLP:CLEAR may be released to the public.',
  'type-not-carried':
    'The format has no way to say an indicator of this type; a URL or e-mail never yields its domain.',
  'red-never-in-feeds': 'TLP:RED is for named recipients and never enters a feed by itself.',
  'context-indicator': 'A context indicator is searchable, and never blocked or alerted on.',
  'value-unsafe': 'The value would be misread in this format (control characters, comment marks, separators).',
  'owner-too-long': 'The name and the policy zone together exceed the 255 octets of a domain name (RFC 1035 §2.3.4).',
  'owner-reserved': 'The name ends in a label that a response policy zone reads as a trigger of another kind.',
  'owner-too-broad': 'The name has a single label or the range has no prefix: it would block half the Internet.',
  'over-limit': 'The consumer takes so many values alone, and others are more certain or newer.',
  'never-matches': 'The consumer compares in a form in which this value never appears, an encoded subject for one.',
  'rule-not-for-use': 'Carried rules are for what alerts or hunts, never for what blocks.',
  'rule-known': 'The same rule is in the feed already, from a bulletin that is more certain or newer.',
  'rule-acts':
    'The rule would do more than alert: drop or pass, run code, read or keep files, silence others, or share their state.',
  'rule-malformed':
    'The rule is outside the part of its language that is known to load: one that fails would take the whole file with it.'
}

/** One line of explanation per refusal of an import; what extraction and the model refuse stands in their own tables. */
export const IMPORT_REFUSALS: Readonly<Record<Exclude<ImportRefusalCode, RefusalCode | 'mail-unreadable'>, string>> = {
  'source-too-large':
    'The source is larger than this import takes; what came before the limit is kept where it has lines.',
  'line-too-long': 'The line is longer than any honest record; it was passed over.',
  'too-much': 'One import may make only so many drafts and indicators; what follows was not read.',
  'nothing-in-it': 'The record says neither a title, a text nor an indicator.',
  'not-json': 'This is not JSON.',
  'json-too-deep': 'This JSON is nested deeper than any honest record.',
  'record-invalid': 'The record lacks what makes it one, or has something else in its place.',
  'encoding-damaged':
    'The value holds U+FFFD: the source is no UTF-8 here, and what stood there is lost. Name its charset, or save it as UTF-8.',
  'type-unknown': 'The record names no known type of indicator, or its value reads as none.',
  'csv-malformed': 'The line is no record of a table: its quotes do not close, or it has more cells than the header.',
  'secret-wrong': 'The token that the item carries is not that of the source.',
  'label-missing': 'The object has no TLP or no PAP, and the operator set none for this source.',
  'label-unknown': 'The object carries a label that is none of TLP 2.0 or PAP: a label is never guessed.',
  'object-revoked': 'The object was taken back where it comes from.',
  'distribution-closed':
    'In MISP this is for its organisation alone or a sharing group, and the operator set no TLP for this source.'
}

/** One line of explanation per warning of an import. */
export const IMPORT_WARNINGS: Readonly<Record<ImportWarningCode, string>> = {
  'labels-contradict': 'The object carries several labels of one kind; the strictest is taken.',
  'label-wider-than-container':
    'The object has a wider label than what contains it; the label of the container is taken.',
  'label-wider-than-source':
    'A label in a pasted text is wider than what the operator set for the source; no policy publishes it.',
  'left-out': 'A value was left out because it is nobody else’s business.',
  'text-cut': 'The text is longer than a bulletin holds; its end is missing.',
  'text-damaged': 'A title, text or comment holds U+FFFD: the source is in another charset than it was read in.',
  'kept-as-rule': 'A pattern that is more than a list of values is kept as a detection rule.',
  'objects-left-out': 'The source says more of this than a bulletin holds.'
}

/** One line of explanation per refusal of a notification. */
export const NOTIFY_REFUSALS: Readonly<Record<NotifyCode, string>> = {
  'notify-red': 'TLP:RED is for named recipients and is never told to a channel.',
  'notify-label-unknown': 'A label is missing, unknown or contradictory; labels are never guessed.',
  'notify-tlp-not-declared': 'The operator did not declare that the channel may read this TLP.',
  'notify-pap-not-declared': 'The operator did not declare that the channel may read this PAP.',
  'notify-circle-not-declared': 'The operator did not declare that the channel is read by this circle alone.',
  'notify-refused-by-server': 'The chat server answered with an error that a later attempt would not change.',
  'notify-unreachable': 'The chat server could not be reached, or kept failing, within the attempts allowed.'
}

/** A mistake in how a feed or a notification was asked for or configured. */
export class ConnectorError extends TocsinError {
  declare readonly code: ConnectorErrorCode

  constructor(code: ConnectorErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}
