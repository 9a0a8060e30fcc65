import { createHash } from 'node:crypto'
import { ExtractError, type Extraction, extractMail, MAX_MAIL } from '@tocsin/extract'
import type { DraftInput } from '@tocsin/model'
import { draftOf, leftOutWarnings, plainText, refusalsOf } from '../extracted.ts'
import type { Imported, ImportInfo, ImportOptions } from '../import.ts'
import { labelsFor } from '../import-labels.ts'
import { wholeOf } from '../import-source.ts'
import { oneLine } from '../text.ts'

/**
 * A mail (RFC 5322), or a report that carries one: one draft, with a cleaned sample of what was reported. Labels in the mail
 * count for nothing, since its author is no friend; files are told by their hashes and never attached. The same mail,
 * whoever received it, is one item.
 */
export const MAIL: ImportInfo = {
  name: 'mail',
  title: { en: 'Mail (RFC 5322)', fr: 'Courriel (RFC 5322)' },
  mediaTypes: ['message/rfc822'],
  extensions: ['eml'],
  limits: { bytes: MAX_MAIL, drafts: 25, indicators: 100_000 },
  options: [],
  read
}

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const place = { offset: 0 }
  const bytes = await wholeOf(source)
  if (bytes.length === 0) return
  const labels = labelsFor({ tlp: [], pap: [] }, options.labels)
  if (!labels.ok) {
    yield { kind: 'refused', code: labels.code, message: labels.message, place }
    return
  }
  const said = await extracted(bytes, options)
  if (said instanceof ExtractError) {
    yield { kind: 'refused', code: 'mail-unreadable', message: said.message, place }
    return
  }
  yield* refusalsOf(said)
  const draft = draftOf(said, labels.labels, options.labels)
  yield {
    kind: 'draft',
    draft: { ...draft, attachments: sampleOf(said) },
    key: `mail-sha256:${contentHash(said)}`,
    reference: said.attachments.length === 0 ? 'mail' : `mail with ${said.attachments.length} file(s), not attached`,
    place,
    warnings: leftOutWarnings(said)
  }
}

async function extracted(bytes: Uint8Array, { context }: ImportOptions): Promise<Extraction | ExtractError> {
  try {
    return await extractMail(bytes, context)
  } catch (error) {
    if (error instanceof ExtractError) return error
    throw error
  }
}

/** Who received it and over which hops changes nothing; neither does its Message-ID alone, which anybody can repeat. */
function contentHash({ title, minimisedText, found }: Extraction): string {
  const lasting = found.filter(({ where }) => !/header:received/i.test(where))
  const values = lasting.map(({ type, value }) => `${type} ${value}`).toSorted()
  return createHash('sha256')
    .update(JSON.stringify([title, minimisedText, values]))
    .digest('hex')
}

/** What is shown of the sender's own headers; those of recipients and hops name people and machines of ours. */
const SHOWN = ['From', 'Sender', 'Reply-To', 'Return-Path', 'Subject', 'Message-ID', 'X-Originating-IP']

/** The reported mail as text: headers of its sender, and what it says, people cut out. */
function sampleOf({ minimisedParts, minimisedText }: Extraction): NonNullable<DraftInput['attachments']> {
  const names = Object.keys(minimisedParts)
  const subject = names.find((where) => /(?:^|\/)header:(?:subject|message-id)$/i.test(where))
  // The letters that only carry another one show no subject: theirs are the reporter's headers.
  if (subject === undefined) return []
  const prefix = subject.slice(0, subject.indexOf('header:'))
  const headers = SHOWN.flatMap((name) => {
    const where = names.find((it) => it.toLowerCase() === `${prefix}header:${name}`.toLowerCase())
    const value = oneLine(where === undefined ? '' : (minimisedParts[where] ?? ''), 1000)
    // Where somebody was cut out, the name beside the address is his as well.
    return value === '' || value.includes('[…]') ? [] : [`${name}: ${value}`]
  })
  if (headers.length === 0) return []
  const text = `${headers.join('\n')}\n\n${plainText(minimisedText)}\n`
  return [{ name: 'mail-sample.txt', mediaType: 'text/plain', base64: Buffer.from(text).toString('base64') }]
}
