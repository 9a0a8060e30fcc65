import { IPV4, isAddressWithColons, readIpv4, readIpv6 } from './addresses.ts'
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
import { DOMAIN_BEFORE_FILE, FILE_BEFORE_DOMAIN, FILE_ENDINGS, PRODUCT_NAMES } from './words.ts'

/** What the reader of a word is given. */
export interface TokenContext {
  readonly part: Part
  readonly collector: Collector
  readonly minimisation: Minimisation
  readonly surroundings: Surroundings
  /** Where whoever wrote the message signs it. */
  readonly signatures: readonly Claim[]
}

const IPV4_PATH = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\/.*$/
const IPV4_PAIR = /^\d{1,3}(?:\.\d{1,3}){3}-\d{1,3}(?:\.\d{1,3}){3}$/
const HOST_PATH = /^((?:[\p{L}\p{N}_-]{1,63}\.){1,20}[\p{L}\p{N}-]{2,63})(?::\d{1,5})?\/+[^/]/u
const CVE = /^(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})$/i
const JA4 = /^[tqd](?:1[0-3]|s[1-3]|d[1-3]|00)[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/i
const BTC = /^(?:[13][1-9A-HJ-NP-Za-km-z]{24,34}|bc1[02-9ac-hj-np-z]{8,87})$/i
const SSDEEP = /^\d{1,10}:[A-Za-z0-9/+]{3,64}:[A-Za-z0-9/+]{3,64}$/
const HEXLIKE = /^(?:T1)?[0-9a-f]{31,160}$/i
const FINGERPRINT = /^[0-9a-f]{2}(?::[0-9a-f]{2}){15,31}$/i
const LEADING = '.-_:+%*\\'
const TRAILING = '.-_:/\\+%'

/**
 * Reads one word, `[from, to)` of the view, as the one thing its shape says. `limit` is the next hard end, up to which
 * a link without a scheme may go on. Returns where reading goes on.
 */
export function readToken(context: TokenContext, from: number, to: number, limit: number = to): number {
  const { part, collector } = context
  const { view } = part
  let start = from
  let end = to
  const written = view.slice(from, to)
  if (written === 'AS') return readSpacedAsn(context, from, to)
  if (isBracketedEnding(view, from, written)) return readBracketedFile(context, from, to)
  // '2001:db8::' and '::1' keep their colons, '/etc/x' is a path.
  if (!isAddressWithColons(written)) {
    while (start < to && LEADING.includes(view.charAt(start))) start++
    while (end > start && TRAILING.includes(view.charAt(end - 1))) end--
  }
  if (end - start < 3) return to
  const token = view.slice(start, end)
  const startsWithDigit = isDigit(token.charCodeAt(0))
  if (token.includes('@')) readMailAddresses(context, start, end)
  else if (startsWithDigit && IPV4.test(token)) readIpv4(context, token, start, end)
  // '3.14' and '2.4.1': no other reader takes what holds no letter.
  else if (startsWithDigit && isNumber(token)) return to
  else if ((startsWithDigit && IPV4_PATH.test(token)) || isHostPath(context, token, start, end))
    return readBareLink(context, start, to, limit)
  else if (isAddressWithColons(token)) readIpv6(context, token, start, end)
  else if (isFixedShape(context, token, start, end)) return to
  else if (startsWithDigit && IPV4_PAIR.test(token)) {
    const dash = start + token.indexOf('-')
    readIpv4(context, view.slice(start, dash), start, dash)
    readIpv4(context, view.slice(dash + 1, end), dash + 1, end)
  } else if (/[:/\\]/.test(token)) readPieces(context, start, end)
  else if (token.includes('.')) readName(context, start, end)
  else if (isAsn(context, token, start))
    collector.offer(part, 'asn', token, start, end, { quiet: true, role: 'context' })
  return to
}

/** Hashes, fingerprints, vulnerabilities, wallets: what is recognised by its shape alone. */
function isFixedShape(context: TokenContext, token: string, start: number, end: number): boolean {
  const { part, collector } = context
  const { length } = token
  if ((length >= 31 && HEXLIKE.test(token)) || (length >= 47 && FINGERPRINT.test(token)))
    return readHash(context, token, start, end)
  const first = token.charCodeAt(0) | 0x20
  // Most words are none of these: c and g of CVE and GHSA, b of bc1.
  if ((first === 0x63 || first === 0x67) && CVE.test(token)) {
    return collector.offer(part, 'vulnerability', token, start, end, { quiet: true, role: 'context' })
  }
  if (length === 36 && JA4.test(token)) return collector.offer(part, 'ja4', token, start, end, { quiet: true })
  if (length >= 12 && (first === 0x62 || isDigit(first)) && BTC.test(token)) return readBtc(context, token, start, end)
  return isDigit(token.charCodeAt(0)) && SSDEEP.test(token) && readSsdeep(context, token, start, end)
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

function isAsn({ surroundings }: TokenContext, token: string, start: number): boolean {
  const digits = /^ASN?(\d{1,10})$/i.exec(token)?.[1]
  const labelled = () =>
    /(?:\basn?|autonomous system|système autonome)\s{0,2}[:=]?\s{0,2}$/i.test(surroundings.before(start))
  if (digits === undefined)
    return /^\d{1,10}$/.test(token) && /\basn?\s{0,2}[:=]\s{0,2}$|\bASN\s$/i.test(surroundings.before(start))
  // 'AS2' is a protocol and 'AS400' a machine; lower case 'as4' is prose.
  return labelled() || (token.startsWith('AS') && digits.length >= 3 && digits !== '400')
}

/** 'AS 64496' in two words. */
function readSpacedAsn({ part, collector }: TokenContext, start: number, end: number): number {
  const digits = /^ (\d{4,10})(?![\d.,])/.exec(part.view.slice(end, end + 13))?.[1]
  if (digits === undefined) return end
  collector.offer(part, 'asn', `AS${digits}`, start, end + 1 + digits.length, { quiet: true, role: 'context' })
  return end + 1 + digits.length
}

/** Digits and at least one dot. */
function isNumber(token: string): boolean {
  for (let at = 0; at < token.length; at++) {
    const code = token.charCodeAt(at)
    if (!isDigit(code) && code !== 0x2e) return false
  }
  return token.includes('.')
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isHostPath({ part }: TokenContext, token: string, start: number, end: number): boolean {
  if (!token.includes('/')) return false
  const host = HOST_PATH.exec(token)?.[1]?.toLowerCase()
  if (host === undefined || PRODUCT_NAMES.has(host)) return false
  if (part.defanged(start, end)) return true
  return hasKnownSuffix(host) && !FILE_BEFORE_DOMAIN.has(host.slice(host.lastIndexOf('.') + 1))
}

/** 'evil.com/login': a browser opens it with http, so that is the scheme it gets. */
function readBareLink(context: TokenContext, start: number, to: number, limit: number): number {
  const { part, collector, minimisation } = context
  const stop = limit > to ? linkStop(part.view, start, limit) : to
  const body = part.view.slice(start, stop).replace(/[.,;:!?'’*~^]{1,16}$/, '')
  const end = start + body.length
  const defanged = part.defanged(start, end)
  offerLink(part, collector, minimisation, { start, end, scheme: 'http', body, defanged })
  return stop
}

/** 'facture(1).pdf': the ending stands behind a bracket, so the word begins earlier. */
function isBracketedEnding(view: string, from: number, written: string): boolean {
  const before = view.charAt(from - 1)
  return (
    (before === ')' || before === ']') && written.startsWith('.') && FILE_ENDINGS.has(written.slice(1).toLowerCase())
  )
}

function readBracketedFile({ part, collector }: TokenContext, from: number, to: number): number {
  let start = from
  while (start > 0 && to - start < 255 && !/[\s"«»“”<>|/\\:,;]/u.test(part.view.charAt(start - 1))) start--
  collector.offer(part, 'filename', part.view.slice(start, to), start, to, { quiet: true })
  return to
}

/** Reads what colons and slashes part: 'md5:…', 'host:8080', 'C:\\x\\evil.exe', '/tmp/evil.sh'. */
function readPieces(context: TokenContext, start: number, end: number): void {
  const { part, collector } = context
  const { view } = part
  const isPath = /^(?:[A-Za-z]:)?[\\/]|^%\w|^~|\\/.test(view.slice(start, end))
  // '/etc/postfix/main.cf' names no host.
  const isLocal = /^(?:[A-Za-z]:[\\/]|\/[^\\/]+[\\/])/.test(view.slice(start, end))
  let from = start
  for (let at = start; at <= end; at++) {
    const char = at === end ? ':' : view.charAt(at)
    if (char !== ':' && char !== '/' && char !== '\\') continue
    // Only the last step of a path is a file name; the steps before it are directories.
    if (at > from && (!isPath || at === end)) readStep(from, at)
    from = at + 1
  }

  function readStep(from: number, to: number): void {
    const ending = /\.(\w{2,12})$/.exec(view.slice(from, to))?.[1]?.toLowerCase() ?? ''
    const isFile = isPath && (FILE_BEFORE_DOMAIN.has(ending) || DOMAIN_BEFORE_FILE.has(ending))
    if (isFile) collector.offer(part, 'filename', view.slice(from, to), from, to, { quiet: true })
    else if (!isLocal || FILE_ENDINGS.has(ending) || HEXLIKE.test(view.slice(from, to))) readToken(context, from, to)
  }
}
