import PostalMime, { type Email } from 'postal-mime'
import { readExactBodies } from './exact-bodies.ts'
import { looksLikeMail } from './looks-like-mail.ts'

/** A file of a mail, before it is hashed. */
export interface Enclosure {
  readonly name: string | undefined
  readonly mediaType: string
  /** Shown inside the mail, or a signature: part of the furniture rather than what the sender wants opened. */
  readonly isFurniture: boolean
  readonly data: Uint8Array
}

/** One mail, and the mails that were forwarded inside it as attachments. */
export interface Letter {
  /** '' for the mail itself, `mail#1/` for the first one inside, `mail#1/mail#1/` inside that. */
  readonly prefix: string
  readonly email: Email
  readonly enclosures: readonly Enclosure[]
  readonly inside: readonly Letter[]
  /** Mails inside that were not opened, by where they are and why. */
  readonly unopened: readonly { readonly prefix: string; readonly code: 'nested-too-deep' | 'nested-unreadable' }[]
}

/** How many mails inside mails are opened: a victim's forward of a colleague's forward, and one more. */
const MAX_DEPTH = 3
const MAX_INSIDE = 32
const LIMITS = { maxNestingDepth: 64, maxHeadersSize: 1024 * 1024 }
const SIGNATURES = new Set([
  'application/pgp-signature',
  'application/pkcs7-signature',
  'application/x-pkcs7-signature'
])

/** Opens a mail and the mails inside it. Rejects with the parser's error when the outermost one is unreadable. */
export async function openLetter(bytes: Uint8Array, prefix = '', depth = 0): Promise<Letter> {
  // Forwarded mails come back as bytes: each is read as a mail of its own, with its own headers and recipients.
  const email = await PostalMime.parse(bytes, { ...LIMITS, forceRfc822Attachments: true })
  const bodies = readExactBodies(bytes)
  const enclosures: Enclosure[] = []
  const inside: Letter[] = []
  const unopened: { prefix: string; code: 'nested-too-deep' | 'nested-unreadable' }[] = []
  for (const attachment of email.attachments) {
    const { content } = attachment
    const data = bodies.exact(typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content))
    const name = attachment.filename === null ? undefined : safeName(attachment.filename)
    const isMail =
      attachment.mimeType === 'message/rfc822' || (name?.toLowerCase().endsWith('.eml') === true && looksLikeMail(data))
    if (!isMail) {
      const isShown = attachment.related === true || attachment.disposition === 'inline'
      const isFurniture =
        (isShown && attachment.mimeType.startsWith('image/')) ||
        SIGNATURES.has(attachment.mimeType) ||
        data.length === 0
      enclosures.push({ name, mediaType: attachment.mimeType, isFurniture, data })
      continue
    }
    const number = inside.length + unopened.length + 1
    const insidePrefix = `${prefix}mail#${number}/`
    if (depth >= MAX_DEPTH || number > MAX_INSIDE) unopened.push({ prefix: insidePrefix, code: 'nested-too-deep' })
    else {
      try {
        inside.push(await openLetter(data, insidePrefix, depth + 1))
      } catch {
        unopened.push({ prefix: insidePrefix, code: 'nested-unreadable' })
      }
    }
  }
  return { prefix, email, enclosures, inside, unopened }
}

/** A letter and all letters inside it, outermost first. */
export function allLetters(letter: Letter): Letter[] {
  return [letter, ...letter.inside.flatMap(allLetters)]
}

/** The last step of a path, without control and direction characters; at most 255 characters. */
function safeName(name: string): string | undefined {
  const base = name
    .replace(/^.*[/\\]/s, '')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim()
  return base === '' ? undefined : base.slice(0, 255).toWellFormed()
}
