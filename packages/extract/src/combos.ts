import { isIP } from 'node:net'
import { createCharClass, isSpace } from './chars.ts'
import { type Claim, createRunEnds, overlaps } from './claims.ts'
import type { Collector } from './collector.ts'
import type { Part } from './part.ts'

const MAX_SECRET = 512
const isLocal = createCharClass(/[A-Za-z0-9._%+-]/)
const isHost = createCharClass(/[A-Za-z0-9.-]/)
const isLetter = createCharClass(/[A-Za-z]/)
const isNameChar = createCharClass(/[\w.-]/)
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
    while (end < view.length && end - at < 254 && isHost(view.charCodeAt(end))) end++
    const separator = view.charAt(end)
    if (end === at + 1 || (separator !== ':' && separator !== ';' && separator !== '|')) continue
    const secretEnd = tokenEnd(end + 1)
    const value = view.slice(end + 1, secretEnd)
    if (value.length < 3 || value.length > MAX_SECRET || !mayBeSecret(value, separator)) continue
    let start = at
    while (start > 0 && at - start < 64 && isLocal(view.charCodeAt(start - 1))) start--
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
      const pair = end - start <= 256 && opensPair(view, start, end) ? PAIR.exec(view.slice(start, end)) : null
      if (pair !== null) {
        isAbout ??= SPEAKS_OF_ACCOUNTS.test(view)
        if (!isAbout) return
        readPair(start, pair[1] ?? '', pair[2] ?? '', mails)
      }
      start = end + 1
    }
  }

  function readPair(start: number, name: string, value: string, mails: readonly Claim[]): void {
    if (!/[\d!#$%&*?+=^~]/.test(value) || !mayBeSecret(value, ';') || HASH.test(value)) return
    if (/^(?:md5|sha\d*|ja[34]s?|jarm|ip|port|url|id|ref|cve|http)/i.test(name)) return
    const nameStart = view.indexOf(name, start)
    const from = view.indexOf(value, nameStart + name.length + 1)
    add(from, from + value.length, [nameStart, from], mails)
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

/** False for what is plainly something else: the next address of a list, a link, a port, a date, an IP address. */
function mayBeSecret(value: string, separator: string): boolean {
  if (LINKISH.test(value) || value.startsWith('//') || /^[\w.+-]+@[\w-]+\./.test(value)) return false
  if (separator === ':') return !/^\d{1,5}$/.test(value)
  return !NAMEISH.test(value) && !DATEISH.test(value) && isIP(value) === 0
}
