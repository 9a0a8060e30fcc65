import type { IndicatorRole, IndicatorType } from '@tocsin/model'
import type { OmissionCode } from './errors.ts'

/**
 * Where something stands. `start` and `end` are UTF-16 offsets into `parts[where]` of the extraction, in the original
 * writing: `parts[where].slice(start, end) === raw`. `line` counts from 1.
 */
export interface Place {
  readonly raw: string
  readonly start: number
  readonly end: number
  /** `text`, `html`, `html:href`, `html:src`, `header:From`, `attachment:NAME`; inside a forwarded mail after `mail#1/`. */
  readonly where: string
  readonly line: number
}

/** An indicator, normalised by the model. */
export interface Found extends Place {
  readonly type: IndicatorType
  readonly value: string
  readonly role: IndicatorRole
}

/** Something that was meant to be an indicator and is none. `raw` never contains a password. */
export interface Refused extends Place {
  readonly code: string
  readonly reason: string
}

/** A well-formed indicator that is nobody else's business (minimisation). */
export interface LeftOut extends Place {
  readonly type: IndicatorType
  readonly value: string
  readonly code: OmissionCode
  readonly reason: string
  /** The member it belongs to, for `circle-domain` and `account-of-member`. */
  readonly institution?: string
}

/** A file that came with a mail, as bytes that were hashed and never opened. */
export interface MailAttachment {
  readonly name: string
  readonly mediaType: string
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly md5: string
  readonly sha1: string
  readonly data: Uint8Array
}

/** What a text says. Each list is in reading order, without duplicates of type and value in `found` and `leftOut`. */
export interface Extraction {
  readonly found: readonly Found[]
  readonly refused: readonly Refused[]
  readonly leftOut: readonly LeftOut[]
  /** The mail's subject, or the first line. */
  readonly title?: string
  /** The text itself (of a mail: its readable part), passwords blotted out character by character. */
  readonly text: string
  /** `text` as it may leave the institution: the people who were left out are '[…]' here too. Offsets do not apply. */
  readonly minimisedText: string
  /** Every part that offsets point into, by `where`; passwords blotted out likewise. */
  readonly parts: Readonly<Record<string, string>>
  /** `parts` without the people who were left out, as `minimisedText`: what a sample is made of. */
  readonly minimisedParts: Readonly<Record<string, string>>
  readonly lang?: 'fr' | 'en'
  readonly attachments: readonly MailAttachment[]
}

/** What the reader knows about itself and its circle. */
export interface ExtractContext {
  readonly ownDomains: readonly string[]
  readonly circleDomains: readonly { readonly domain: string; readonly institution: string }[]
  /** Values to take as context: searchable, never blocked. */
  readonly context?: readonly string[]
  /** Values to leave out. */
  readonly drop?: readonly string[]
}
