import { isAddressWithColons, isIpv4At, readIpv4, readIpv6 } from './addresses.ts'
import { AT, COLON, DIGIT, DOT, HYPHEN, isDigit, MARK, SLASH, traitsOf } from './chars.ts'
import type { Claim } from './claims.ts'
import type { Collector } from './collector.ts'
import { readHash } from './hashes.ts'
import { linkStop, offerLink } from './links.ts'
import { readMailAddresses } from './mail-addresses.ts'
import type { Minimisation } from './minimise.ts'
import { readName } from './names.ts'
import type { Part } from './part.ts'
import { hasKnownSuffix } from './suffix.ts'
import type { Surroundings } from './surroundings.ts'
import { shapeOf } from './word.ts'
import { DOMAIN_BEFORE_FILE, FILE_BEFORE_DOMAIN, FILE_ENDINGS, PRODUCT_NAMES } from './words.ts'

/** What the reader of a word is given. */
export interface TokenContext {
  readonly part: Part
  readonly collector: Collector
  readonly minimisation: Minimisation
  readonly surroundings: Surroundings
  /** Where whoever wrote the message signs it. */
  readonly signatures: readonly Claim[]
  /** The next hard end from a position on. */
  chunkEnd(at: number): number
}

const IPV4_PATH = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\/.*$/
const IPV4_PAIR = /^\d{1,3}(?:\.\d{1,3}){3}-\d{1,3}(?:\.\d{1,3}){3}$/
const HOST_PATH = /^((?:[\p{L}\p{N}_-]{1,63}\.){1,20}[\p{L}\p{N}-]{2,63})(?::\d{1,5})?\/+[^/]/u
const CVE = /^(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})$/i
const JA4 = /^[tqd](?:1[0-3]|s[1-3]|d[1-3]|00)[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/i
const BTC = /^(?:[13][1-9A-HJ-NP-Za-km-z]{24,34}|bc1[02-9ac-hj-np-z]{8,87})$/i
const SSDEEP = /^\d{1,10}:[A-Za-z0-9/+]{3,64}:[A-Za-z0-9/+]{3,64}$/
const HEXLIKE = /^(?:T1)?[0-9a-f]{31,160}$/i
/** What stands before a number that is an autonomous system, and before 'AS1' to be sure that it is no protocol. */
const CALLED_ASN = /\basn?\s{0,2}[:=]\s{0,2}$|\bASN\s$/i
const ASN_WORDS = /(?:\basn?|autonomous system|système autonome)\s{0,2}[:=]?\s{0,2}$/i
const FINGERPRINT = /^[0-9a-f]{2}(?::[0-9a-f]{2}){15,31}$/i
/** What ends or begins a word without belonging to it; at its beginning a slash belongs to it, since '/etc/x' is a path. */
const EDGE = HYPHEN | (MARK & ~AT)

/**
 * Reads one word, `[from, to)` of the view, as the one thing its shape says. `limit` is how far a link without a scheme
 * may go on, if no hard end comes before. Returns where reading goes on.
 */
export function readToken(context: TokenContext, from: number, to: number, limit: number = to): number {
  const { view } = context.part
  if (to - from === 2 && view.startsWith('AS', from)) return readSpacedAsn(context, from, to)
  if (isBracketedEnding(view, from, to)) return readBracketedFile(context, from, to)
  let start = from
  let end = to
  // '2001:db8::' and '::1' keep their colons.
  if ((shapeOf(view, from, to) & COLON) === 0 || !isAddressWithColons(view.slice(from, to))) {
    while (start < to && (traitsOf(view.charCodeAt(start)) & EDGE) !== 0 && view.charCodeAt(start) !== 0x2f) start++
    while (end > start && (traitsOf(view.charCodeAt(end - 1)) & EDGE) !== 0) end--
  }
  if (end - start < 3) return to
  const shape = shapeOf(view, start, end)
  if ((shape & AT) !== 0) readMailAddresses(context, start, end)
  else if (isIpv4At(view, start, end)) readIpv4(context, start, end)
  // '3.14' and '2.4.1': no other reader takes what holds no letter.
  else if (shape === (DIGIT | DOT)) return to
  else if ((shape & DOT) !== 0 && (shape & SLASH) !== 0 && isBareLink(context, start, end))
    return readBareLink(context, start, to, limit)
  else readShape(context, shape, start, end)
  return to
}

/** Reads a word that is neither a mail address nor an IPv4 address nor a link; `shape` has the bits of its characters. */
function readShape(context: TokenContext, shape: number, start: number, end: number): void {
  const { view } = context.part
  const token = view.slice(start, end)
  if ((shape & COLON) !== 0 && isAddressWithColons(token)) readIpv6(context, token, start, end)
  else if (isFixedShape(context, token, start, end)) return
  else if (shape === (DIGIT | DOT | HYPHEN) && IPV4_PAIR.test(token)) {
    const dash = start + token.indexOf('-')
    readIpv4(context, start, dash)
    readIpv4(context, dash + 1, end)
  } else if ((shape & (COLON | SLASH)) !== 0) readPieces(context, shape, start, end)
  else if ((shape & DOT) !== 0) readName(context, start, end)
  else if ((shape & DIGIT) !== 0) readAsn(context, token, start, end)
}

/** Hashes, fingerprints, vulnerabilities, wallets: what is recognised by its shape alone. */
function isFixedShape(context: TokenContext, token: string, start: number, end: number): boolean {
  const { part, collector } = context
  const { length } = token
  if ((length >= 31 && HEXLIKE.test(token)) || (length >= 47 && FINGERPRINT.test(token)))
    return readHash(context, token, start, end)
  const first = token.charCodeAt(0)
  const small = first | 0x20
  // Most words are none of these: c and g of CVE and GHSA, b of bc1.
  if ((small === 0x63 || small === 0x67) && CVE.test(token)) {
    return collector.offer(part, 'vulnerability', token, start, end, { quiet: true, role: 'context' })
  }
  if (length === 36 && JA4.test(token)) return collector.offer(part, 'ja4', token, start, end, { quiet: true })
  if (length >= 12 && (small === 0x62 || isDigit(first)) && BTC.test(token)) return readBtc(context, token, start, end)
  return isDigit(first) && token.includes(':') && SSDEEP.test(token) && readSsdeep(context, token, start, end)
}

function readBtc({ part, collector, surroundings }: TokenContext, token: string, start: number, end: number): boolean {
  const announced = /^bc1/i.test(token) || /btc|bitcoin|wallet|portefeuille/i.test(surroundings.before(start))
  return collector.offer(part, 'btc', token, start, end, { quiet: !announced })
}

function readSsdeep(
  { part, collector, surroundings }: TokenContext,
  token: string,
  start: number,
  end: number
): boolean {
  const [, first = '', second = ''] = token.split(':')
  // '12:345:678' is a ratio or a time unless it is long or announced.
  if ((first.length < 8 || second.length < 8) && !/ssdeep|fuzzy/i.test(surroundings.before(start))) return false
  return collector.offer(part, 'ssdeep', token, start, end, { quiet: true })
}

/** An autonomous system: 'AS64500', or a number that is called one. */
function readAsn({ part, collector, surroundings }: TokenContext, token: string, start: number, end: number): void {
  const digits = /^ASN?(\d{1,10})$/i.exec(token)?.[1]
  if (digits === undefined && !/^\d{1,10}$/.test(token)) return
  // 'AS2' is a protocol and 'AS400' a machine; lower case 'as4' is prose.
  const isPlain = digits !== undefined && token.startsWith('AS') && digits.length >= 3 && digits !== '400'
  const called = digits === undefined ? CALLED_ASN : ASN_WORDS
  if (isPlain || called.test(surroundings.before(start)))
    collector.offer(part, 'asn', token, start, end, { quiet: true, role: 'context' })
}

/** 'AS 64496' in two words. */
function readSpacedAsn({ part, collector }: TokenContext, start: number, end: number): number {
  const digits = /^ (\d{4,10})(?![\d.,])/.exec(part.view.slice(end, end + 13))?.[1]
  if (digits === undefined) return end
  collector.offer(part, 'asn', `AS${digits}`, start, end + 1 + digits.length, { quiet: true, role: 'context' })
  return end + 1 + digits.length
}

/** 'evil.com/login', '192.0.2.1:8080/x': an address or a name that exists, and a path. */
function isBareLink({ part }: TokenContext, start: number, end: number): boolean {
  const token = part.view.slice(start, end)
  if (IPV4_PATH.test(token)) return true
  const host = HOST_PATH.exec(token)?.[1]?.toLowerCase()
  if (host === undefined || PRODUCT_NAMES.has(host)) return false
  if (part.defanged(start, end)) return true
  return hasKnownSuffix(host) && !FILE_BEFORE_DOMAIN.has(host.slice(host.lastIndexOf('.') + 1))
}

/** A browser opens it with http, so that is the scheme it gets. */
function readBareLink(context: TokenContext, start: number, to: number, limit: number): number {
  const { part, collector, minimisation } = context
  const most = Math.min(context.chunkEnd(start), limit)
  const stop = most > to ? linkStop(part.view, start, most) : to
  const body = part.view.slice(start, stop).replace(/[.,;:!?'’*~^]{1,16}$/, '')
  const end = start + body.length
  const defanged = part.defanged(start, end)
  offerLink(part, collector, minimisation, { start, end, scheme: 'http', body, defanged })
  return stop
}

/** 'facture(1).pdf': the ending stands behind a bracket, so the word begins earlier. */
function isBracketedEnding(view: string, from: number, to: number): boolean {
  if (view.charCodeAt(from) !== 0x2e) return false
  const before = view.charAt(from - 1)
  return (before === ')' || before === ']') && FILE_ENDINGS.has(view.slice(from + 1, to).toLowerCase())
}

function readBracketedFile({ part, collector }: TokenContext, from: number, to: number): number {
  let start = from
  while (start > 0 && to - start < 255 && !/[\s"«»“”<>|/\\:,;]/u.test(part.view.charAt(start - 1))) start--
  collector.offer(part, 'filename', part.view.slice(start, to), start, to, { quiet: true })
  return to
}

/** Reads what colons and slashes part: 'md5:…', 'host:8080', 'C:\\x\\evil.exe', '/tmp/evil.sh'. */
function readPieces(context: TokenContext, shape: number, start: number, end: number): void {
  const { part, collector } = context
  const { view } = part
  const path = (shape & SLASH) === 0 ? undefined : view.slice(start, end)
  const isPath = path !== undefined && /^(?:[A-Za-z]:)?[\\/]|\\/.test(path)
  // '/etc/postfix/main.cf' names no host.
  const isLocal = path !== undefined && /^(?:[A-Za-z]:[\\/]|\/[^\\/]+[\\/])/.test(path)
  let from = start
  for (let at = start; at <= end; at++) {
    if (at < end && (traitsOf(view.charCodeAt(at)) & (COLON | SLASH)) === 0) continue
    // Only the last step of a path is a file name; the steps before it are directories.
    if (at > from && (!isPath || at === end)) readStep(from, at)
    from = at + 1
  }

  function readStep(from: number, to: number): void {
    const hasDot = (shape & DOT) !== 0
    const ending = (hasDot ? /\.(\w{2,12})$/.exec(view.slice(from, to))?.[1]?.toLowerCase() : undefined) ?? ''
    const isFile = isPath && (FILE_BEFORE_DOMAIN.has(ending) || DOMAIN_BEFORE_FILE.has(ending))
    if (isFile) collector.offer(part, 'filename', view.slice(from, to), from, to, { quiet: true })
    else if (!isLocal || FILE_ENDINGS.has(ending) || HEXLIKE.test(view.slice(from, to))) readToken(context, from, to)
  }
}
