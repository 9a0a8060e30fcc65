import { isIP } from 'node:net'
import { isSpace } from './chars.ts'
import { type Claim, createRunEnds, overlaps } from './claims.ts'
import type { Collector } from './collector.ts'
import type { Part } from './part.ts'

const MAX_SECRET = 512
const LOCAL = /[A-Za-z0-9._%+-]/
const HOST = /[A-Za-z0-9.-]/
// Only a text that speaks of stolen accounts makes 'name:word' a pair of login and password.
const SPEAKS_OF_ACCOUNTS =
  /combo|identifiant|credential|stealer|log-?ins?\b|leak|fuite|mots? de passe|passwords?|\bmdp\b|comptes? (?:compromis|piraté|volé)|compromised account/i
const PAIR = /^[\s>*•-]{0,8}([A-Za-z][\w.-]{1,63})[:;|](\S{4,128})[^\S\n]*$/
const HASH = /^[0-9a-f]{32,128}$/i
const SEPARATORS = ':;|'
const LINKISH = /:\/\/|^h\S{2}ps?:|^www\./i
const NAMEISH = /^[\w-]+(?:\.[\w-]+)+(?:[/:].*)?$/
const DATEISH = /^[\d./:T+-]+Z?$/

/**
 * Finds passwords in combos — `user@host:password`, and `user:password` alone on a line of a text about stolen
 * accounts — and has them blotted out. The account itself stays where it is for the other readers.
 */
export function readCombos(part: Part, collector: Collector): Claim[] {
  const { view } = part
  const tokenEnd = createRunEnds(view, isSpace)
  const claims: Claim[] = []
  for (let at = view.indexOf('@'); at >= 0; at = view.indexOf('@', at + 1)) {
    let end = at + 1
    while (end < view.length && end - at < 254 && HOST.test(view.charAt(end))) end++
    const separator = view.charAt(end)
    if (end === at + 1 || (separator !== ':' && separator !== ';' && separator !== '|')) continue
    const secretEnd = tokenEnd(end + 1)
    const value = view.slice(end + 1, secretEnd)
    if (value.length < 3 || value.length > MAX_SECRET || !mayBeSecret(value, separator)) continue
    let start = at
    while (start > 0 && at - start < 64 && LOCAL.test(view.charAt(start - 1))) start--
    // 'git@host:path' is an address of a repository.
    if (start === at || view.slice(start, at) === 'git') continue
    add(end + 1, secretEnd, [start, end + 1], [])
    at = secretEnd
  }
  readPairs([...claims])
  return claims

  function readPairs(mails: readonly Claim[]): void {
    let isAbout: boolean | undefined
    for (let start = 0; start < view.length; ) {
      const newline = view.indexOf('\n', start)
      const end = newline < 0 ? view.length : newline
      const line = end - start <= 256 && opensPair(view, start, end) ? view.slice(start, end) : ''
      const [, name = '', value = ''] = PAIR.exec(line) ?? []
      if (value !== '') {
        isAbout ??= SPEAKS_OF_ACCOUNTS.test(view)
        if (!isAbout) return
      }
      const isSecret = value !== '' && /[\d!#$%&*?+=^~]/.test(value) && mayBeSecret(value, ';') && !HASH.test(value)
      if (isSecret && !/^(?:md5|sha\d*|ja[34]s?|jarm|ip|port|url|id|ref|cve|http)/i.test(name)) {
        const from = view.indexOf(value, view.indexOf(name, start) + name.length + 1)
        add(from, from + value.length, [view.indexOf(name, start), from], mails)
      }
      start = end + 1
    }
  }

  function add(from: number, to: number, label: Claim, mails: readonly Claim[]): void {
    if (overlaps(mails, from, to)) return
    claims.push([from, to])
    collector.secret(part, from, to, label)
  }
}

/** Whether the first word of a line goes on behind a separator: most lines are no pairs, and need no pattern to say so. */
function opensPair(view: string, start: number, end: number): boolean {
  let at = start
  // Up to eight blanks and bullets, then a name that begins with a letter.
  while (at < end && at - start <= 8 && !isLetter(view.charCodeAt(at))) at++
  while (at < end && isNameChar(view.charCodeAt(at))) at++
  return at + 4 < end && SEPARATORS.includes(view.charAt(at)) && !isSpace(view.charCodeAt(at + 1))
}

function isLetter(code: number): boolean {
  const small = code | 0x20
  return small >= 0x61 && small <= 0x7a
}

/** Letters and digits of ASCII, underscore, dot, hyphen. */
function isNameChar(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2e || code === 0x2d
}

/** False for what is plainly something else: the next address of a list, a link, a port, a date, an IP address. */
function mayBeSecret(value: string, separator: string): boolean {
  if (LINKISH.test(value) || value.startsWith('//') || /^[\w.+-]+@[\w-]+\./.test(value)) return false
  if (separator === ':') return !/^\d{1,5}$/.test(value)
  return !NAMEISH.test(value) && !DATEISH.test(value) && isIP(value) === 0
}
