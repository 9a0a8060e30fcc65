import { TocsinError } from '@tocsin/model'

/** Stable codes of the errors that this package throws. */
export type ExtractErrorCode = 'input-too-large' | 'mail-unreadable'

export const EXTRACT_ERRORS: Readonly<Record<ExtractErrorCode, string>> = {
  'input-too-large': 'The text or mail is larger than extraction accepts in one piece.',
  'mail-unreadable': 'The mail cannot be read: its headers or its nesting exceed what any honest mail has.'
}

/** An input as a whole that cannot be worked on; single bad values are no errors but `refused` rows. */
export class ExtractError extends TocsinError {
  constructor(code: ExtractErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}

/** Why a piece of text that looks like an indicator is refused. Codes of `parseIndicator` may stand here as well. */
export const REFUSALS = {
  'ambiguous-address':
    'This can be an address or the number of a version; defang it ("1.2.3[.]4") to have it taken as an address.',
  'ambiguous-name': 'This can be a domain name or running text; defang it ("evil[.]com") to have it taken as a domain.',
  'bad-address': 'This looks like an IP address, but is none.',
  'bad-hash-length': 'A hash was announced, but no known hash has this length.',
  'bad-host': 'The link names no host that could exist on the Internet.',
  'empty-file-hash': 'This is the hash of an empty file.',
  'nested-too-deep': 'A forwarded mail lies too deep inside other mails and was not opened.',
  'nested-unreadable': 'A forwarded mail could not be read.',
  password: 'A password stands here; it is never kept.',
  'public-suffix': 'This is a public suffix, not a name that somebody registered.',
  'too-long': 'This is longer than any indicator may be.',
  'too-many': 'There is more than one paste can hold; what follows was not reported.',
  truncated: 'The link was cut off, so its end is missing.',
  'unknown-tld': 'The name ends in no top-level domain that exists.',
  unrecognised: 'This line of a list is no indicator of a known type.'
} as const
export type RefusalCode = keyof typeof REFUSALS

/** Why a well-formed indicator is left out of the draft. */
export const OMISSIONS = {
  'own-domain': 'It belongs to this institution.',
  'circle-domain': 'It belongs to a member of the circle.',
  'account-of-member': 'It is an account of another member: offer it as TLP:RED to that member alone.',
  recipient: 'It is a recipient of the mail.',
  signature: 'It stands where whoever wrote the message signs it.',
  'special-address': 'It is a private, local or otherwise special address.',
  dropped: 'It was dropped by hand.'
} as const
export type OmissionCode = keyof typeof OMISSIONS
