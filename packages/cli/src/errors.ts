import { TocsinError } from '@tocsin/model'

/** Codes of the command line itself; those of the node pass through with its problem documents. */
export type CliErrorCode =
  | 'no-token'
  | 'node-unreachable'
  | 'node-answer-unreadable'
  | 'needs-confirmation'
  | 'not-confirmed'
  | 'no-root-key'
  | 'file-unreadable'
  | 'file-unwritable'
  | 'draft-unreadable'
  | 'editor-failed'
  | 'option-not-for-draft'
  | 'no-such-sighting'
  | 'nothing-left'
  | 'recipients-need-red'
  | 'refused-lines'
  | 'nothing-imported'
  | 'url-unreadable'
  | 'map-unreadable'
  | 'poll-without-address'
  | 'bulletin-needed'
  | 'no-card'
  | 'own-card'
  | 'several-cards'
  | 'number-needed'
  | 'domain-different'
  | 'no-such-evidence'
  | 'evidence-ambiguous'
  | 'evidence-without-card'
  | 'type-not-hunted'

/** One line on each code; held equal to docs/errors.md. */
export const CLI_ERRORS: Readonly<Record<CliErrorCode, string>> = {
  'no-token': 'There is no token for the node: neither in the home nor in TOCSIN_TOKEN.',
  'node-unreachable': 'Nothing answers at the address of the node.',
  'node-answer-unreadable': 'What answers at the address of the node is not a Tocsin node.',
  'needs-confirmation': 'Somebody has to confirm this, and there is no terminal: add --yes.',
  'not-confirmed': 'The question was answered with no; nothing was done.',
  'no-root-key': 'This command is signed by the root key, which is not at hand here.',
  'file-unreadable': 'A file that the command names cannot be read.',
  'file-unwritable': 'A file that the command names cannot be written.',
  'draft-unreadable': 'The draft is not JSON.',
  'editor-failed': 'The editor could not be started or failed; nothing was published.',
  'option-not-for-draft': 'Of the options some are for drafts of bulletins and some for those of sightings.',
  'no-such-sighting': 'The draft holds no sighting of this value.',
  'nothing-left': 'Nothing would be left of the draft: discard it instead.',
  'recipients-need-red': '--to means TLP:RED and goes with no other TLP.',
  'refused-lines': 'Lines of the draft were refused; nothing was published.',
  'nothing-imported': 'Everything that was handed in was refused; the lines above say why.',
  'url-unreadable': 'The URL that the command names cannot be read.',
  'map-unreadable': 'A mapping is FIELD=PLACE.',
  'poll-without-address': 'How often and as whom is for what the node fetches: name an address.',
  'bulletin-needed': 'Several bulletins hold this value: name one with --bulletin.',
  'no-card': 'There is no whole card block in this text.',
  'own-card': 'The only card in this text is our own.',
  'several-cards': 'The text holds the cards of several institutions.',
  'number-needed': 'Nobody can be asked for the comparison number here: give all nine groups with --number.',
  'domain-different': 'A domain publishes another card than the one held here.',
  'no-such-evidence': 'No evidence of this id is kept here.',
  'evidence-ambiguous': 'Several pieces of evidence begin with this id: give more of it.',
  'evidence-without-card': 'The card of the accused is not held here, so nobody could verify the export.',
  'type-not-hunted': 'Logs are not searched for indicators of this type.'
}

/** What makes a wrong use of the command line: exit status 2. */
const USAGE: ReadonlySet<string> = new Set<CliErrorCode>([
  'needs-confirmation',
  'number-needed',
  'poll-without-address',
  'recipients-need-red'
])

/** A refusal of the command line. */
export class CliError extends TocsinError {
  constructor(code: CliErrorCode, message?: string, facts: Record<string, unknown> = {}) {
    super(code, message ?? CLI_ERRORS[code], facts)
  }
}

/** A refusal of the node: its problem document (RFC 9457). */
export class Problem extends TocsinError {
  readonly status: number

  constructor(document: Readonly<Record<string, unknown>>, status: number) {
    super(String(document.code ?? 'unknown'), String(document.detail ?? document.title ?? ''), { ...document })
    this.status = status
  }
}

/** 2 for a wrong use, 1 for everything refused or failed. */
export function exitStatusOf(code: string): 1 | 2 {
  return USAGE.has(code) ? 2 : 1
}
