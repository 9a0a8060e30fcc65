import { domainWithin, parseIndicator, urlHost } from '@tocsin/model'
import { isSpace, isWordChar } from './chars.ts'
import type { Collector } from './collector.ts'
import { cutPersons } from './link-persons.ts'
import type { Minimisation } from './minimise.ts'
import type { Part } from './part.ts'
import { hasKnownSuffix } from './suffix.ts'
import { REFERENCE_SITES } from './words.ts'

// Schemes as written by people who do not want them clicked, and the separators that go with them.
const SCHEME =
  /(h(?:[tx*+_]{2}|xt|tx)ps?|meows?|f(?:t|x)ps?|sftp|wss?|ldaps?|rmi|smb|ssh|tcp|udp)(?::[\\/]{1,4}|__|:\/\/)(?=[^\s/\\:.])/iy
/** Also inside a word, where a link was glued to what stands before it. */
const GLUED = /^h(?:[tx*+]{2}|xt|tx)ps?$/i
const PLAIN_SCHEME = /^(?:https?|ftps?|sftp|wss?|ldaps?|rmi|smb|ssh|tcp|udp)$/
const SECRET_PAIR = /^((?:mdp|mot_?de_?passe|pass|passwd|password|pwd|secret)=)[^&]{1,}$/i
const MAX_LINK = 4096
const CLOSERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
const TRAILING = /[.,;:!?'’*~^]$/

/** The scheme that begins exactly at `at`, or undefined. */
export function schemeAt(view: string, at: number): { scheme: string; length: number; defanged: boolean } | undefined {
  // Most positions are no such letter; the pattern is asked only where it can match.
  if (!isSchemeStart(view, at)) return undefined
  SCHEME.lastIndex = at
  const match = SCHEME.exec(view)
  if (match === null) return undefined
  const written = match[1] ?? ''
  if (!GLUED.test(written) && at > 0 && isWordChar(view.charCodeAt(at - 1))) return undefined
  const scheme = written.toLowerCase()
  const secure = scheme.endsWith('s') ? 's' : ''
  const plain = PLAIN_SCHEME.test(scheme) ? scheme : scheme.startsWith('f') ? `ftp${secure}` : `http${secure}`
  const usual = match[0].toLowerCase() === `${plain}://`
  return { scheme: plain, length: match[0].length, defanged: !usual }
}

/** Reads the link whose scheme begins at `start`; returns where reading goes on. `limit` is the next hard end. */
export function readLink(
  part: Part,
  collector: Collector,
  minimisation: Minimisation,
  start: number,
  limit: number
): number {
  const { view } = part
  const scheme = schemeAt(view, start)
  if (scheme === undefined) return start + 1
  const bodyStart = start + scheme.length
  const stop = Math.min(linkStop(view, bodyStart, limit), fieldStop(view, start, bodyStart, limit))
  let end = stop
  while (end > bodyStart && TRAILING.test(view.charAt(end - 1))) end--
  if (end - start > MAX_LINK) {
    collector.refuse(part, 'too-long', start, start + 128)
    return stop
  }
  const dots = view.slice(end, stop)
  if (view.charAt(stop) === '…' || dots.startsWith('...') || view.slice(bodyStart, end).includes('[...]')) {
    collector.refuse(part, 'truncated', start, end)
    return stop
  }
  end = withoutStolenLogin(part, collector, start, bodyStart, end)
  offerLink(part, collector, minimisation, {
    start,
    end,
    scheme: scheme.scheme,
    body: view.slice(bodyStart, end),
    defanged: scheme.defanged
  })
  return Math.max(stop, end)
}

// The first two characters of every scheme, in one table; setting 0x20 makes a letter small.
const SCHEME_STARTS = new Uint8Array(1 << 14)
for (const pair of 'hx ht h* h+ h_ me ft fx sf ws ld rm sm ss tc ud'.split(' ')) {
  SCHEME_STARTS[((pair.charCodeAt(0) | 0x20) << 7) | pair.charCodeAt(1) | 0x20] = 1
}

/** Whether a scheme may begin here: one look-up, since it is asked of every word. */
function isSchemeStart(view: string, at: number): boolean {
  if (at + 1 >= view.length) return false
  const first = view.charCodeAt(at)
  const second = view.charCodeAt(at + 1)
  return first < 128 && second < 128 && SCHEME_STARTS[((first | 0x20) << 7) | second | 0x20] === 1
}

interface Link {
  readonly start: number
  readonly end: number
  readonly scheme: string
  /** What follows `scheme://`, refanged. */
  readonly body: string
  readonly defanged: boolean
}

/** Offers a link as url; used as well for links without a scheme, which browsers open with http. */
export function offerLink(part: Part, collector: Collector, minimisation: Minimisation, link: Link): void {
  const { start, end } = link
  let body = link.body.replace(/\\/g, '/')
  const authority = body.slice(0, firstOf(body, '/?#'))
  const at = authority.lastIndexOf('@')
  if (at >= 0) {
    // RFC 3986 §3.2.1: what stands before @ is no host but a login, and after its colon a password.
    const colon = authority.indexOf(':')
    if (colon >= 0 && colon < at) {
      const from = end - link.body.length + colon + 1
      collector.secret(part, from, end - link.body.length + at, [start, from])
    }
    body = body.slice(at + 1)
  }
  body = withoutSecretPairs(part, collector, start, end - body.length, body)
  const defanged = link.defanged || part.defanged(start, end)
  const parsed = parseIndicator('url', `${link.scheme}://${body}`)
  if (!parsed.ok) {
    // 'http://localhost' and 'https://intranet/x' are no news to anybody else.
    if (defanged || authority.includes('.')) collector.refuse(part, 'bad-host', start, end)
    return
  }
  const host = urlHost(parsed.value) ?? ''
  const isName = /[a-z]$/.test(host) && !host.includes(':')
  if (isName && !hasKnownSuffix(host) && !host.endsWith('.onion')) {
    collector.refuse(part, 'unknown-tld', start, end)
    return
  }
  const owner = minimisation.judge('url', parsed.value, '')
  const cut = owner === undefined ? cutPersons(parsed.value, minimisation) : { value: parsed.value, persons: [] }
  for (const { address, omission } of cut.persons) collector.omit(part, 'email', address, start, end, omission)
  if (cut.value === undefined) {
    const omission = cut.persons[0]?.omission
    if (omission !== undefined) collector.omit(part, 'url', parsed.value, start, end, omission)
    return
  }
  const isReference = !defanged && REFERENCE_SITES.some((site) => domainWithin(host, site))
  collector.offer(part, 'url', cut.value, start, end, isReference ? { role: 'context' } : {})
}

/** Takes 'password=…' out of the query of a link that somebody caught with its values; `offset` is where the body begins. */
function withoutSecretPairs(part: Part, collector: Collector, start: number, offset: number, body: string): string {
  const mark = body.indexOf('?')
  const hash = body.indexOf('#', mark)
  const queryEnd = hash < 0 ? body.length : hash
  if (mark < 0) return body
  const kept: string[] = []
  let at = mark + 1
  for (const pair of body.slice(mark + 1, queryEnd).split('&')) {
    const secret = SECRET_PAIR.exec(pair)?.[1]?.length
    if (secret === undefined) kept.push(pair)
    else collector.secret(part, offset + at + secret, offset + at + pair.length, [start, offset + at + secret])
    at += pair.length + 1
  }
  return `${body.slice(0, mark)}${kept.length === 0 ? '' : `?${kept.join('&')}`}${body.slice(queryEnd)}`
}

/** Where the link can reach at most: a hard end, a bracket that was opened before it, or a next link after a comma. */
export function linkStop(view: string, from: number, limit: number): number {
  const open: string[] = []
  for (let i = from; i < limit; i++) {
    const char = view.charAt(i)
    if (char === '(' || char === '[' || char === '{') open.push(char)
    else if (CLOSERS[char] !== undefined) {
      if (open.at(-1) !== CLOSERS[char]) return i
      open.pop()
    } else if ((char === ',' || char === ';') && schemeAt(view, i + 1) !== undefined) return i
  }
  return limit
}

/** In a row of a table a link that begins after a comma or semicolon ends at the next one; a date after it ends it too. */
function fieldStop(view: string, start: number, from: number, limit: number): number {
  const separator = view.charAt(start - 1)
  if (separator === ',' || separator === ';') {
    const next = view.indexOf(separator, from)
    return next < 0 ? limit : next
  }
  const date = view.slice(from, Math.min(limit, from + MAX_LINK)).search(/[,;]\d{4}-\d\d-\d\d/)
  return date < 0 ? limit : from + date
}

/**
 * Infostealer logs write `https://host/path:login:password`. Blots the password out and returns the end of the link
 * proper; the login stays readable for the next reader only if it is a mail address.
 */
function withoutStolenLogin(part: Part, collector: Collector, start: number, bodyStart: number, end: number): number {
  const { view } = part
  const body = view.slice(bodyStart, end)
  const second = body.lastIndexOf(':')
  const first = second < 1 ? -1 : body.lastIndexOf(':', second - 1)
  if (first < 1 || body.startsWith('[')) return end
  const login = body.slice(first + 1, second)
  const secret = body.slice(second + 1)
  if (!/^[\w.+-]{2,64}(?:@[\w.-]{3,200})?$/.test(login) || /^\d+$/.test(login)) return end
  if (secret.length < 3 || secret.includes('/')) return end
  // The password may go on past what a link can hold, up to white space.
  let secretEnd = end
  while (secretEnd < view.length && secretEnd - end < 128 && !isSpace(view.charCodeAt(secretEnd))) secretEnd++
  collector.secret(part, bodyStart + second + 1, secretEnd, [start, bodyStart + second + 1])
  const loginStart = bodyStart + first + 1
  collector.offer(part, login.includes('@') ? 'email' : 'account', login, loginStart, loginStart + login.length, {
    quiet: true
  })
  return bodyStart + first
}

function firstOf(text: string, chars: string): number {
  for (let i = 0; i < text.length; i++) if (chars.includes(text.charAt(i))) return i
  return text.length
}
