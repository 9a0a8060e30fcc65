import { isIP } from 'node:net'
import { addressParser, decodeWords } from 'postal-mime'
import type { Collector } from './collector.ts'
import type { Letter } from './letter.ts'
import type { Minimisation } from './minimise.ts'
import { makeExactPart, type Part } from './part.ts'
import { addressesOf } from './recipients.ts'
import { isInternalAddress } from './special.ts'

const SENDERS = new Set(['from', 'sender', 'reply-to', 'return-path'])
const RECIPIENTS = new Set([
  'to',
  'cc',
  'bcc',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-delivered-to',
  'x-rcpt-to',
  'apparently-to',
  'resent-to',
  'resent-cc',
  'resent-bcc'
])
const HOP_ADDRESS = /[[(](?:IPv6:)?([0-9a-f.:]{3,45})[\])]/gi
const MAX_HEADER = 16_384

/** Notes everybody to whom the letter was sent, also those that only the last hops name. */
export function noteHeaderRecipients({ email }: Letter, minimisation: Minimisation): void {
  for (const { key, value } of email.headers) {
    if (RECIPIENTS.has(key)) for (const address of addressesOf(decodeWords(value))) minimisation.addRecipient(address)
    else if (key === 'received') {
      const address = /\sfor\s{1,4}<?([^\s<>;]{3,320})/i.exec(value)?.[1]
      if (address !== undefined) minimisation.addRecipient(address)
    }
  }
}

/** The addresses that a letter says it comes from. */
export function sendersOf({ email }: Letter): string[] {
  const from = email.headers.filter(({ key }) => key === 'from')
  return from.flatMap(({ value }) => mailboxesOf(value))
}

/**
 * Reads the headers of a letter. `bySender` is false where the letter only carries another one: then its sender is the
 * person who reported it, and nothing but the recipients is shown.
 */
export function readHeaders(
  letter: Letter,
  collector: Collector,
  minimisation: Minimisation,
  bySender: boolean
): Part[] {
  const parts: Part[] = []
  const seen = new Map<string, number>()
  for (const { key, originalKey, value } of letter.email.headers) {
    const isRecipient = RECIPIENTS.has(key)
    const isSender = SENDERS.has(key)
    const isOther = key === 'subject' || key === 'message-id' || key === 'received' || key === 'x-originating-ip'
    if (!isRecipient && !isSender && !(isOther && bySender)) continue
    const number = (seen.get(key) ?? 0) + 1
    seen.set(key, number)
    const where = `${letter.prefix}header:${originalKey}${number === 1 ? '' : `#${number}`}`
    const part = makeExactPart(where, decodeWords(value).slice(0, MAX_HEADER))
    parts.push(part)
    if (isRecipient || isSender) readAddresses(part, mailboxesOf(value), collector)
    else if (key === 'received') readHop(part, collector, minimisation)
    else if (key === 'x-originating-ip') readOrigin(part, collector)
    else readWhole(part, key === 'subject' ? 'email-subject' : 'message-id', collector)
  }
  return parts
}

/**
 * The mailboxes of a header as it was sent, not what a display name pretends: once its encoded words are decoded,
 * '"DSI <dsi@univ.example>" <x@evil.example>' could be read as a mail of ours.
 */
function mailboxesOf(value: string): string[] {
  return addressParser(value.slice(0, MAX_HEADER), { flatten: true })
    .map(({ address }) => address ?? '')
    .filter((address) => address.includes('@'))
}

function readAddresses(part: Part, mailboxes: readonly string[], collector: Collector): void {
  let from = 0
  for (const address of mailboxes) {
    const angled = part.source.indexOf(`<${address}>`, from)
    const start = angled >= 0 ? angled + 1 : part.source.indexOf(address, from)
    if (start < 0) continue
    from = start + address.length
    collector.offer(part, 'email', address, start, from, { quiet: true })
  }
}

function readWhole(part: Part, type: 'email-subject' | 'message-id', collector: Collector): void {
  const value = part.source.trim().replace(/^<(.*)>$/s, '$1')
  const start = part.source.indexOf(value)
  if (value !== '') collector.offer(part, type, value, start, start + value.length, { quiet: true })
}

/** The address that a hop came from, unless it is a hop inside our walls. What a hop says of itself proves little: context. */
function readHop(part: Part, collector: Collector, minimisation: Minimisation): void {
  const clause = part.source.slice(0, part.source.search(/\sby\s/i) >>> 0)
  if (!/^\s*from\s/i.test(clause)) return
  // The name in brackets was looked up by the receiving server, the one before it was only claimed.
  const name = /\(([\w.-]{3,253})\.?\s{1,4}\[/.exec(clause)?.[1] ?? /^\s*from\s{1,4}([\w.-]{3,253})/i.exec(clause)?.[1]
  const owner = name === undefined ? undefined : minimisation.ownerOf(name)
  for (const match of clause.matchAll(HOP_ADDRESS)) {
    const address = match[1] ?? ''
    const family = isIP(address)
    if (family === 0 || isInternalAddress(address)) continue
    const start = match.index + match[0].indexOf(address)
    const end = start + address.length
    const type = family === 4 ? 'ipv4' : 'ipv6'
    if (owner !== undefined) collector.omit(part, type, address, start, end, owner)
    else collector.offer(part, type, address, start, end, { quiet: true, role: 'context' })
  }
}

function readOrigin(part: Part, collector: Collector): void {
  const address = part.source.replace(/[[\]\s]/g, '')
  if (isIP(address) === 0 || isInternalAddress(address)) return
  const start = part.source.indexOf(address)
  const type = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  collector.offer(part, type, address, start, start + address.length, { quiet: true, role: 'context' })
}
