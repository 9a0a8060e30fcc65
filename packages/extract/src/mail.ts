import { createHash } from 'node:crypto'
import { decodeWords } from 'postal-mime'
import { type Collector, createCollector } from './collector.ts'
import { ExtractError } from './errors.ts'
import type { ExtractContext, Extraction, MailAttachment } from './extraction.ts'
import { readHtml } from './html.ts'
import { detectLang } from './lang.ts'
import { allLetters, type Enclosure, type Letter, openLetter } from './letter.ts'
import { noteHeaderRecipients, readHeaders, sendersOf } from './mail-headers.ts'
import { createMinimisation, type Minimisation } from './minimise.ts'
import { makeExactPart, makePart, type Part } from './part.ts'
import { noteRecipients } from './recipients.ts'
import { scanPart } from './scan.ts'
import { cleanTitle, titleOf } from './title.ts'

/** Bytes. An attachment of 8 MiB, the most that a bulletin carries, takes 11 MiB in base64. */
export const MAX_MAIL = 12 * 1024 * 1024

/** 'Message transféré' and its like: the sender only passes on what somebody else wrote. */
const FORWARDED =
  /^[\s>*_-]{0,40}(?:message (?:transféré|original|d'origine)|forwarded message|original message|début du message (?:transféré|réexpédié)|begin forwarded message)/imu

/**
 * Reads a mail: senders, hops, Message-ID and subject, its text, the links of its HTML, its attachments by hash, and
 * the mails forwarded inside it. Nothing that is attached is opened. Throws `input-too-large` and `mail-unreadable`.
 */
export async function extractMail(eml: Uint8Array, context: ExtractContext): Promise<Extraction> {
  if (eml.byteLength > MAX_MAIL) {
    throw new ExtractError('input-too-large', 'The mail is larger than 12 MiB.', {
      size: eml.byteLength,
      max: MAX_MAIL
    })
  }
  const letters = allLetters(await open(eml))
  const minimisation = createMinimisation(context)
  const collector = createCollector(minimisation)
  for (const letter of letters) noteHeaderRecipients(letter, minimisation)
  const bodies = new Map(letters.map((letter) => [letter, bodyParts(letter)]))
  for (const parts of bodies.values()) for (const part of parts) noteRecipients(part, minimisation)

  const parts: Part[] = []
  const attachments: MailAttachment[] = []
  const subjectOf = new Map<Letter, boolean>()
  for (const letter of letters) {
    const isReport = passesOn(letter, minimisation)
    subjectOf.set(letter, !isReport)
    if (isReport) for (const address of sendersOf(letter)) minimisation.addRecipient(address)
    parts.push(...readHeaders(letter, collector, minimisation, !isReport))
    for (const part of bodies.get(letter) ?? []) {
      scanPart(part, collector, minimisation)
      parts.push(part)
    }
    for (const enclosure of letter.enclosures)
      parts.push(readEnclosure(letter, enclosure, collector, attachments, parts))
    for (const { prefix, code } of letter.unopened) {
      const part = makeExactPart(prefix.slice(0, -1), '')
      parts.push(part)
      collector.refuse(part, code, 0, 0)
    }
  }

  const { minimised, ...gathered } = collector.finish(parts)
  // What was reported, rather than the report.
  const main = letters.find((letter) => subjectOf.get(letter) === true) ?? letters[0]
  const text = main === undefined ? '' : readableText(main, gathered.parts)
  const subject = main?.email.headers.find(({ key }) => key === 'subject')?.value
  const title = cleanTitle(decodeWords(subject ?? ''), minimisation) ?? titleOf(text, minimisation)
  const lang = detectLang(text)
  return {
    ...gathered,
    minimisedParts: minimised,
    text,
    minimisedText: main === undefined ? '' : readableText(main, minimised),
    attachments,
    ...(title === undefined ? {} : { title }),
    ...(lang === undefined ? {} : { lang })
  }
}

async function open(eml: Uint8Array): Promise<Letter> {
  try {
    return await openLetter(eml)
  } catch {
    throw new ExtractError('mail-unreadable', 'The mail cannot be read.', { size: eml.byteLength })
  }
}

/** True for a letter of ours or of a member that carries another one: its sender is a witness. */
function passesOn(letter: Letter, minimisation: Minimisation): boolean {
  const isOurs = sendersOf(letter).some((address) => minimisation.ownerOf(hostOf(address)) !== undefined)
  if (!isOurs) return false
  return letter.inside.length > 0 || letter.unopened.length > 0 || FORWARDED.test(bodyText(letter))
}

function bodyText({ email }: Letter): string {
  return email.text ?? (email.html === undefined ? '' : readHtml(email.html).text.text)
}

function bodyParts({ prefix, email }: Letter): Part[] {
  const parts: Part[] = []
  if (email.text !== undefined) parts.push(makePart(`${prefix}text`, email.text))
  if (email.html !== undefined) {
    const { text, links, loads } = readHtml(email.html)
    parts.push(makePart(`${prefix}html`, email.html, text))
    parts.push(makePart(`${prefix}html:href`, email.html, links))
    // A logo is often loaded from the very institution that is imitated.
    parts.push(makePart(`${prefix}html:src`, email.html, loads, 'context'))
  }
  return parts
}

/** The text of a letter for people, from its blotted parts. */
function readableText({ prefix }: Letter, parts: Readonly<Record<string, string>>): string {
  const plain = parts[`${prefix}text`]
  if (plain !== undefined && plain.trim() !== '') return plain
  const html = readHtml(parts[`${prefix}html`] ?? '').text.text
  return html
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?\r?\n[\s]*/g, '\n')
    .trim()
}

function readEnclosure(
  { prefix }: Letter,
  { name, mediaType, isFurniture, data }: Enclosure,
  collector: Collector,
  attachments: MailAttachment[],
  parts: readonly Part[]
): Part {
  const hash = (algorithm: 'sha256' | 'md5' | 'sha1'): string => createHash(algorithm).update(data).digest('hex')
  const sha256 = hash('sha256')
  const shown = name ?? 'unnamed'
  const wanted = `${prefix}attachment:${shown}`
  const twins = parts.filter(({ where }) => where === wanted || where.startsWith(`${wanted}#`)).length
  const part = makeExactPart(twins === 0 ? wanted : `${wanted}#${twins + 1}`, `${shown}\n${sha256}`)
  const role = isFurniture ? 'context' : 'malicious'
  if (name !== undefined) collector.offer(part, 'filename', name, 0, name.length, { quiet: true, role })
  if (data.length > 0) {
    collector.offer(part, 'sha256', sha256, shown.length + 1, shown.length + 1 + sha256.length, { role })
  }
  attachments.push({ name: shown, mediaType, size: data.length, sha256, md5: hash('md5'), sha1: hash('sha1'), data })
  return part
}

function hostOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}
