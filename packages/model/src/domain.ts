import { domainToASCII, domainToUnicode } from 'node:url'
import { parse as parseSuffix } from 'tldts'
import { accept, type ParsedValue, refuse } from './parsed.ts'

// Underscores occur in real names (`_dmarc`, hosts of botnets); RFC 2181 §11 lets DNS carry any label.
const LABEL = /^[a-z0-9_-]{1,63}$/
const LAST_LABEL = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/
// domainToASCII percent-decodes and reads ports and paths: none of that belongs to a name.
const FORBIDDEN = /[\s%/\\?#@:[\]<>"'`|^{}!$&()+,;=~*]/u

// In normal form as it stands: lower-case labels of letters, digits, hyphens and underscores, none of them an A-label,
// the last one no number. IDNA leaves such a name as it is (property test), so it need not be asked.
const PLAIN = /^(?!-)(?!.*(?:^|\.)xn--)(?:[a-z0-9_-]{1,63}\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * A domain name in normal form: lower case, A-labels (UTS #46, non-transitional, as browsers do), no trailing dot, at
 * least two labels, at most 253 octets. Numeric names are refused: browsers take them for addresses.
 */
export function parseDomain(text: string): ParsedValue {
  if (text.length <= 253 && PLAIN.test(text)) return accept(text)
  if (text.startsWith('*.')) return refuse('domain-wildcard')
  if (FORBIDDEN.test(text)) return refuse('domain-syntax')
  // The full stops that IDNA (RFC 3490 §3.1) takes for dots are mapped by domainToASCII itself.
  const ascii = domainToASCII(text).replace(/\.$/, '')
  if (ascii === '' || ascii.length > 253 || ascii.startsWith('-')) return refuse('domain-syntax')
  const labels = ascii.split('.')
  if (!labels.every((label) => LABEL.test(label))) return refuse('domain-syntax')
  if (/^\d+$/.test(labels.at(-1) ?? '')) return refuse('domain-is-address')
  if (!LAST_LABEL.test(labels.at(-1) ?? '')) return refuse('domain-syntax')
  if (labels.length < 2) return refuse('domain-single-label')
  return labels.every(isHonest) ? accept(ascii) : refuse('domain-syntax')
}

/**
 * True for a label that is no A-label, or one that a U-label really has. Node 24 lets `xn--a` pass where Node 20
 * refused it; the answer decides whether a signed body can be read, so it is ours.
 */
function isHonest(label: string): boolean {
  if (!label.startsWith('xn--')) return true
  const unicode = domainToUnicode(label)
  return unicode !== label && domainToASCII(unicode) === label
}

const SUFFIX_OPTIONS = { allowPrivateDomains: true, extractHostname: false, validateHostname: false } as const

/**
 * True for a name under which strangers register names of their own, by the whole Public Suffix List: `co.uk` as well
 * as `github.io`. Every single label counts as one.
 */
export function isPublicSuffix(domain: string): boolean {
  return !domain.includes('.') || parseSuffix(domain, SUFFIX_OPTIONS).publicSuffix === domain
}

/** The name that somebody registered: `a.b.evil.co.uk` → `evil.co.uk`; null for a public suffix. */
export function registrableDomain(domain: string): string | null {
  return parseSuffix(domain, SUFFIX_OPTIONS).domain
}

/** True if the last label is a top-level domain that exists: `setup.exe` is more likely a file. */
export function hasKnownSuffix(domain: string): boolean {
  const { isIcann, isPrivate } = parseSuffix(domain, SUFFIX_OPTIONS)
  return isIcann === true || isPrivate === true
}

/** True if `domain` is `parent` or below it, label by label: `xevil.example` is not within `evil.example`. */
export function domainWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`)
}

/** The name itself and every name above it, longest first: `a.b.c` → `a.b.c`, `b.c`, `c`. */
export function domainAndParents(domain: string): string[] {
  const names: string[] = []
  for (let at = 0; ; ) {
    names.push(domain.slice(at))
    const dot = domain.indexOf('.', at)
    if (dot < 0) return names
    at = dot + 1
  }
}

/** `example.evil.` for `evil.example`: names below one name stand together, after it, in byte order. */
export function reverseLabels(domain: string): string {
  let reversed = ''
  let end = domain.length
  // Asked of every name of every feed: a list of its labels would cost half as much again.
  for (let at = end - 1; at >= 0; at -= 1) {
    if (domain.charCodeAt(at) !== DOT) continue
    reversed += `${domain.slice(at + 1, end)}.`
    end = at
  }
  return `${reversed}${domain.slice(0, end)}.`
}

const DOT = 0x2e
