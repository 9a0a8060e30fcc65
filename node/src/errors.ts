import { TocsinError } from '@tocsin/model'

export type NodeErrorCode =
  | 'home-exists'
  | 'home-missing'
  | 'home-damaged'
  | 'config-invalid'
  | 'passphrase-needed'
  | 'passphrase-wrong'
  | 'passphrase-mismatch'
  | 'root-key-missing'
  | 'address-in-use'
  | 'address-unusable'
  | 'domain-invalid'
  | 'card-unchanged'
  | 'forbidden-use'
  | 'red-needs-recipient'
  | 'only-red-names-recipients'
  | 'red-to-oneself'
  | 'label-names-no-circle'
  | 'circle-needed'
  | 'nothing-to-publish'
  | 'erase-now-several-recipients'
  | 'draft-invalid'
  | 'draft-closed'
  | 'draft-changed'
  | 'draft-too-large'
  | 'draft-of-sightings'
  | 'draft-of-bulletin'
  | 'private-not-for-format'
  | 'drafts-full'
  | 'unknown-format'
  | 'source-name-taken'
  | 'sources-full'
  | 'source-needs-person'
  | 'source-full-today'
  | 'source-not-polled'
  | 'poll-unfit'
  | 'poll-url-invalid'
  | 'poll-address-forbidden'
  | 'poll-redirected'
  | 'poll-unreachable'
  | 'poll-timeout'
  | 'poll-refused'
  | 'poll-answer-failed'
  | 'poll-answer-invalid'
  | 'poll-too-large'
  | 'poll-access-missing'
  | 'several-bulletins'
  | 'private-to-oneself'
  | 'author-not-a-peer'
  | 'exception-exists'
  | 'exception-over'
  | 'token-name-taken'
  | 'token-over'
  | 'value-unreadable'
  | 'type-needed'
  | 'evidence-file-unreadable'
  | 'evidence-refuted'
  | 'problems-found'
  | 'statement-file-invalid'
  | 'statement-file-exists'
  | 'next-key-unknown'
  | 'no-peer-linked'
  | 'foreign-undecided'
  | 'nothing-to-close'
  | 'phrase-needed'
  | 'phrase-wrong'
  | 'feeds-invalid'
  | 'feed-exists'
  | 'feed-not-found'
  | 'feed-file-unwritable'
  | 'feed-command-failed'

/** One line of explanation for each code; docs/errors.md is held equal to it by a test. */
export const NODE_ERRORS: Readonly<Record<NodeErrorCode, string>> = {
  'home-exists': 'The folder already holds an institution; nothing was changed.',
  'home-missing': 'No institution in this folder yet: run `tocsin init` first.',
  'home-damaged': 'A file of the home folder is missing or cannot be read.',
  'config-invalid': 'config.toml or an environment variable is not as it must be; the path says where.',
  'passphrase-needed': 'The root key is encrypted: give --passphrase-file, or answer at a terminal.',
  'passphrase-wrong': 'The passphrase does not open the root key.',
  'passphrase-mismatch': 'The two passphrases differ; nothing was made.',
  'root-key-missing': 'The root key is not in this home; sign on the machine that has it.',
  'address-in-use': 'Another program already listens at this address.',
  'address-unusable': 'This machine has no such address, or the port needs rights that this program does not have.',
  'domain-invalid': 'Not a domain name.',
  'card-unchanged': 'Our card says all of this already.',
  'forbidden-use': 'This token may not ask for this use.',
  'red-needs-recipient': 'TLP:RED names its recipients: give --to.',
  'only-red-names-recipients': 'Only TLP:RED names recipients; --to means RED and refuses another TLP.',
  'red-to-oneself': 'A TLP:RED bulletin goes to somebody else.',
  'label-names-no-circle': 'Only TLP:AMBER and AMBER+STRICT name a circle; GREEN means every circle of ours.',
  'circle-needed': 'Several circles are possible, or none: name one with --circle.',
  'nothing-to-publish': 'Neither a title, a text nor an indicator is left to publish.',
  'erase-now-several-recipients':
    'One signature erases for one audience: a TLP:RED bulletin to several goes after the delay.',
  'draft-invalid': 'The draft is not as it must be; each problem is listed with its path.',
  'draft-closed': 'The draft was accepted, discarded or is past its time; nothing of it is left to act on.',
  'draft-changed': 'The draft has changed since it was shown: look at it again.',
  'draft-too-large': 'The draft with its attachments is larger than a bulletin can be.',
  'draft-of-sightings':
    'This draft is of sightings: it has no title, text, labels or indicators of its own, but sightings to drop or to change.',
  'draft-of-bulletin': 'This draft is of a bulletin: it has no sightings to change.',
  'private-not-for-format': 'Only what comes back as sightings can be private; this format makes bulletins.',
  'drafts-full': 'Too many drafts wait here, or too many bytes of them: accept or discard some.',
  'unknown-format': 'There is no import of this name: `tocsin import` lists them.',
  'source-name-taken': 'A source of this name exists; remove it first.',
  'sources-full': 'There are as many sources as this node takes.',
  'source-needs-person':
    'A source publishes neither TLP:RED, nor under labels that contradict each other or that a text widens, nor accounts of members: the draft waits.',
  'source-full-today': 'The source published as much today as it may by itself: the draft waits.',
  'source-not-polled': 'This source delivers by itself; there is nothing to fetch.',
  'poll-unfit': 'A source that is fetched has no token of its own; TAXII brings stix, a MISP feed misp.',
  'poll-url-invalid':
    'A source is fetched over https, or over http from this machine alone; without a user or a password in the address.',
  'poll-address-forbidden':
    'The address is link-local, of a metadata service, or of no single host: `sources.allow` opens it.',
  'poll-redirected':
    'The server sends us elsewhere: another host, port or scheme, or too often. Nothing was asked there.',
  'poll-unreachable': 'The server cannot be reached, or broke off; `cause` says how.',
  'poll-timeout': 'The server took too long.',
  'poll-refused': 'The server does not let us in (401 or 403): is the token right?',
  'poll-answer-failed': 'The server answered with an error.',
  'poll-answer-invalid': 'The answer is not what this kind of source gives.',
  'poll-too-large': 'The answer is larger than we take.',
  'poll-access-missing': 'The address of this source is no longer in sources.json: remove the source and add it again.',
  'several-bulletins': 'Several bulletins hold this value: name one with --bulletin.',
  'private-to-oneself': 'The bulletin is ours: there is nobody else to tell it in private.',
  'author-not-a-peer':
    "The bulletin's author is not on our allow-list: a word for it alone goes there directly or not at all.",
  'exception-exists': 'This value is excepted already.',
  'exception-over': 'The end of the exception has passed already; nothing was excepted.',
  'token-name-taken': 'A token of this name exists; revoke it first.',
  'token-over': 'The token would have expired already; nothing was made.',
  'value-unreadable': 'The value cannot be read as any type of indicator, or not as the type that is named.',
  'type-needed': 'The value can be of several types, `types` says which: name the one that is meant (`type`).',
  'evidence-file-unreadable': 'Not a file that `tocsin evidence export` wrote.',
  'evidence-refuted': 'The evidence does not show what it claims; `reason` names the check that failed.',
  'problems-found': 'Something of this node is broken: the lines above say what, and what to do.',
  'statement-file-invalid': 'Not a file of statements to sign, or signed, for this root key.',
  'statement-file-exists': 'A file of this name exists; nothing was written over.',
  'next-key-unknown': 'The next node key that the card names is not beside this root key: nobody would know a new one.',
  'no-peer-linked':
    'No peer is linked: what others hold under our key is not known, and what they hold beyond would be lost. Give --alone to go on.',
  'foreign-undecided':
    'Peers hold entries under our key that this node did not write: claim them, or give --void-foreign to disown them.',
  'nothing-to-close': 'No stream of a retired key is open.',
  'phrase-wrong': 'These words are no recovery phrase, or not that of this institution.',
  'phrase-needed': 'Give the recovery phrase with --phrase-file, or type it at a terminal.',
  'feeds-invalid': 'feeds.toml, or the feed to be added, is not as it must be; the reason says what.',
  'feed-exists': 'A feed of this name keeps a file already.',
  'feed-not-found': 'No feed of this name keeps a file.',
  'feed-file-unwritable': 'The file of a feed could not be written; it is tried again after a minute.',
  'feed-command-failed':
    'The command of a feed failed or took too long; the file stands, and it is tried again after a minute.'
}

export class NodeError extends TocsinError {
  constructor(code: NodeErrorCode, message: string = NODE_ERRORS[code], facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}
