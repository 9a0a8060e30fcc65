import type { IndicatorType } from '@tocsin/model'
import { decodeWords } from 'postal-mime'
import { isSpace } from './chars.ts'
import { type Claim, createRunEnds, isLineBreak, mergeClaims, overlaps } from './claims.ts'
import type { Collector } from './collector.ts'
import { isReporter } from './header-block.ts'
import type { Minimisation } from './minimise.ts'
import { createOpenings, matchesAt } from './openings.ts'
import type { Part } from './part.ts'

// Words that may stand between a label and its colon: 'mot de passe du compte :', 'mutex créé :'.
const FILLER =
  /(?:\s{1,2}(?:d['’]|l['’])?(?:du|de|des|la|le|les|un|une|of|the|mail|message|courriel|e-mail|email|compromise?s?|compromised|piratée?s?|hacked|concernée?s?|affected|volée?s?|stolen|créée?s?|created|utilisée?s?|used|archive|zip|fichier|file|associée?s?|est|is|était|was|compte|account|vue?s?|observée?s?|constatée?s?|observed|seen|found|trouvée?s?|détectée?s?|detected|visée?s?|targeted|reçue?s?|received|malveillante?s?|malicious|suspecte?s?|suspicious|en mémoire|in memory|in use|name|nom|par l['’]attaquant|by the attacker|du client)){0,4}/
    .source

const KINDS = {
  ua: 'user[- ]?agents?|agents? utilisateurs?|ua',
  password:
    "mots? de passe|mot-de-passe|mdp|passwords?|passwd|passcode|passphrase|pwd|pass|code d['’]acc[eè]s|phrase secrète",
  account: "noms? d['’]utilisateur|logins?|identifiants?|utilisateurs?|user ?names?|users?|comptes?|accounts?|uid",
  mutex: 'mutex(?:es)?|mutants?',
  subject: 'objets?|sujets?|subjects?',
  id: 'message[- ]?id'
} as const
type Kind = keyof typeof KINDS

const LABEL = new RegExp(
  `(?<![\\p{L}\\p{N}_.@/\\\\?&-])(?:${Object.entries(KINDS)
    .map(([kind, words]) => `(?<${kind}>${words})`)
    .join(
      '|'
    )})(?![\\p{L}\\p{N}_])${FILLER}(?<loose>(?:[^\\S\\n]\\p{L}{1,20}){1,5}(?=[^\\S\\n]{0,2}:[^\\S\\n]{0,4}\\r?\\n))?[^\\S\\n]{0,16}(?:(?<sep>[:=])|(?=[«“"])|(?<=id ?)(?=<))`,
  'iuy'
)
const LABEL_OPENINGS = createOpenings(Object.values(KINDS).flatMap((words) => words.split('|')))
// 'mdp Azerty123!' without a colon: only what looks like a password is one.
const BARE_PASSWORD = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${KINDS.password})${FILLER}[ \\t]{1,2}(?=\\S)`, 'iuy')

const QUOTES: Readonly<Record<string, string>> = { '«': '»', '“': '”', '"': '"', '‘': '’', "'": "'", '`': '`' }
const WHOLE_QUOTE = /^\s{0,2}[»”"’'`][,.;/)]{0,2}(?=\s|$)/u
const BULLET = /^[\s>*•·–-]{0,12}/
const LINK = /^(?:h\S{2}ps?|ftp)\S{0,2}:[/\\]|:\/\//i
const VULNERABILITY = /CVE-\d{4}-\d{4,}/i
const MORE =
  /(?:, ?| (?:et|and) )((?:[\w.-]{1,64}\\)?[\w][\w.$+-]{1,63}\w)(?=[ \t]{0,4}(?:$|[,;|)\r\n]| (?:et|and) |\.(?:\s|$)))/y
const NEXT_QUOTED = /\s?[»”"’'`](?:, ?| (?:et|and|ou|or) )(?=[«“"‘'`])/uy
const MAX_VALUE = 1024
const MAX_SECRET = 128
const MAX_SECTION_LINES = 2_000

const TYPE_OF: Readonly<Record<Exclude<Kind, 'password'>, IndicatorType>> = {
  ua: 'user-agent',
  account: 'account',
  mutex: 'mutex',
  subject: 'email-subject',
  id: 'message-id'
}

/**
 * Reads what is an indicator only because a label says so — user agents, mutexes, subjects, Message-IDs, accounts —
 * and the passwords that stand beside accounts, which are blotted out. Returns the ranges that are thereby read.
 */
export function readLabels(part: Part, collector: Collector, minimisation: Minimisation): Claim[] {
  const { view } = part
  const lineEnd = createRunEnds(view, isLineBreak)
  const listEnd = createRunEnds(view, isLineBreak)
  const tokenEnd = createRunEnds(view, isSpace)
  const claims: Claim[] = []
  let done = 0
  let listed = 0
  const openings = LABEL_OPENINGS(view)
  for (const match of matchesAt(view, LABEL, openings)) {
    const kind = kindOf(match.groups ?? {})
    const isInside = match.index < done
    // A subject may speak of passwords, or hold one.
    if (isInside && kind !== 'password') continue
    // 'Accounts seen in the attack:' heads a list; of a password such a line says nothing.
    if (kind === 'password' && match.groups?.loose !== undefined) continue
    const label: Claim = [match.index, match.index + match[0].length]
    const at = skipBlanks(view, label[1])
    if (isInside) {
      if (looksSecret(view.slice(at, Math.min(tokenEnd(at), at + MAX_VALUE)))) take(kind, label, at, lineEnd(at))
    } else if (at < view.length && !isLineBreak(view.charCodeAt(at))) take(kind, label, at, lineEnd(at))
    else if (at >= listed) readSection(kind, label, at)
  }
  claims.sort((a, b) => a[0] - b[0])
  const bare: Claim[] = []
  for (const match of matchesAt(view, BARE_PASSWORD, openings)) {
    const at = match.index + match[0].length
    const end = tokenEnd(at)
    const value = view.slice(at, Math.min(end, at + MAX_VALUE))
    if (!looksSecret(value) || end - at > MAX_SECRET || overlaps(claims, at, end)) continue
    bare.push([at, end])
    collector.secret(part, at, end, [match.index, at - 1])
  }
  return mergeClaims(claims, bare)

  /** A label that ends its line speaks of the lines below it, up to an empty one. */
  function readSection(kind: Kind, label: Claim, at: number): void {
    if (kind === 'id') return
    let start = nextLine(view, at)
    if (kind === 'password') {
      readSecretLine(label, start)
      return
    }
    for (let lines = 0; start < view.length && lines < MAX_SECTION_LINES; lines++) {
      const end = listEnd(start)
      listed = end
      const body = start + (BULLET.exec(view.slice(start, Math.min(end, start + 16)))?.[0].length ?? 0)
      // A sentence or a next label is no value of the list.
      if (body >= end || view.charAt(end - 1) === ':' || isLabelAt(view.slice(body, end), 0)) return
      const isToken = end - body <= 256 && !/\s/.test(view.slice(body, end).trimEnd())
      // Subjects are listed between quotation marks; a bare line below 'Objet :' is the message itself.
      const isQuoted = kind === 'subject' && quotedRange(view, body, end) !== undefined
      if (kind === 'subject' ? !isQuoted : kind !== 'ua' && !isToken) return
      take(kind, [body, end], body, end)
      start = nextLine(view, end)
    }
  }

  /** 'Mot de passe :' and then the password on a line of its own; it may look like anything but a next label. */
  function readSecretLine(label: Claim, start: number): void {
    const end = listEnd(start)
    listed = end
    if (end - start > MAX_VALUE) return
    const line = view.slice(start, end)
    const from = start + (/^\s*(?:[-*•>]\s+)?/u.exec(line)?.[0].length ?? 0)
    const isLabel = isLabelAt(line, from - start)
    if (tokenEnd(from) >= start + line.trimEnd().length && !isLabel) take('password', label, from, end)
  }

  function take(kind: Kind, label: Claim, at: number, limit: number): void {
    const quoted = quotedRange(view, at, limit)
    if (kind === 'password') {
      // A password may begin with a quotation mark of its own: then it goes on past the second one.
      const isWhole = quoted !== undefined && WHOLE_QUOTE.test(view.slice(quoted[1], quoted[1] + 8))
      const [from, to] = quoted !== undefined && isWhole ? quoted : [at, tokenEnd(at)]
      const value = view.slice(from, to)
      if (value.length >= 3 && !LINK.test(value) && !/^[*•.x]+$/i.test(value)) claim(from, to, label, true)
      return
    }
    const range = quoted ?? valueRange(view, kind, at, limit)
    if (range === undefined) return
    const [from, to] = range
    if (to <= from || to - from > MAX_VALUE) return
    const value = view.slice(from, to)
    const type = TYPE_OF[kind]
    if (kind === 'subject') {
      // 'Objet : Vulnérabilité CVE-2026-…' heads a bulletin.
      if (VULNERABILITY.test(value)) return
      if (quoted === undefined && isReporter(view, label[0], minimisation)) return
      offerValue(decodeWords(value))
    } else if (kind === 'id' && isReporter(view, label[0], minimisation)) return
    else offerValue(value)
    if (kind === 'account') readMore(to)
    else if (quoted !== undefined) readQuoted(kind, to, limit, label)

    function offerValue(value: string): void {
      if (collector.offer(part, type, value, from, to, { quiet: true })) claim(from, to, label)
    }

    /** 'Comptes : a, b et c' */
    function readMore(after: number): void {
      MORE.lastIndex = after
      for (let next = MORE.exec(view); next !== null; next = MORE.exec(view)) {
        const at = next.index + (next[0].length - (next[1]?.length ?? 0))
        collector.offer(part, 'account', next[1] ?? '', at, MORE.lastIndex, { quiet: true })
        claim(at, MORE.lastIndex, label)
      }
    }
  }

  /** 'mutexes "a" and "b"' */
  function readQuoted(kind: Exclude<Kind, 'password'>, after: number, limit: number, label: Claim): void {
    let to = after
    for (let times = 0; times < 32; times++) {
      NEXT_QUOTED.lastIndex = to
      const next = NEXT_QUOTED.exec(view)
      const range = next === null ? undefined : quotedRange(view, NEXT_QUOTED.lastIndex, limit)
      if (range === undefined) return
      const [from, end] = range
      if (collector.offer(part, TYPE_OF[kind], view.slice(from, end), from, end, { quiet: true }))
        claim(from, end, label)
      to = end
    }
  }

  function claim(from: number, to: number, label: Claim, isSecret = false): void {
    claims.push([from, to])
    done = Math.max(done, to)
    if (isSecret) collector.secret(part, from, to, label)
  }
}

/** The value after a label that is not in quotation marks. */
function valueRange(view: string, kind: Exclude<Kind, 'password'>, at: number, limit: number): Claim | undefined {
  const line = view.slice(at, Math.min(limit, at + MAX_VALUE + 1))
  switch (kind) {
    case 'ua':
      return [at, at + line.trimEnd().length]
    case 'subject': {
      // Several headers pasted into one line are parted by bars, slashes or tabs.
      const cut = line.search(/\t|\s[/|]\s|\s{3,}/)
      return [at, at + (cut < 0 ? line : line.slice(0, cut)).trimEnd().length]
    }
    case 'id': {
      const id = /^<?([^\s<>@]{1,500}@[^\s<>@]{1,300}?)[>.,;]?(?=\s|$|>)/u.exec(line)?.[1]
      const from = at + (line.startsWith('<') ? 1 : 0)
      return id === undefined ? undefined : [from, from + id.length]
    }
    case 'mutex':
      return [at, at + (/^\S*?(?=[.,;)]*(?:\s|$))/u.exec(line)?.[0].length ?? 0)]
    case 'account': {
      // A name, and then nothing more of the sentence: 'compte : voir plus bas' names no account.
      const name = /^(?:[\w.-]{1,64}\\)?[\w][\w.$+-]{0,63}(?=[ \t]*(?:$|[,;/|)]|(?:from|depuis) ))/
        .exec(line)?.[0]
        .replace(/\.$/, '')
      const isPort = name !== undefined && /^\d{1,5}$/.test(name)
      return name === undefined || isPort ? undefined : [at, at + name.length]
    }
  }
}

/** Six characters with letters and digits, and neither an address nor a file nor a path. */
function looksSecret(value: string): boolean {
  return value.length >= 6 && /\d/.test(value) && /\p{L}/u.test(value) && !/[@/\\]|\.\w{2,}$/.test(value)
}

function isLabelAt(line: string, at: number): boolean {
  LABEL.lastIndex = at
  return LABEL.test(line)
}

function kindOf(groups: Readonly<Record<string, string | undefined>>): Kind {
  for (const kind of Object.keys(KINDS) as Kind[]) if (groups[kind] !== undefined) return kind
  return 'subject'
}

/** What stands between quotation marks that open at `at` and close on the same line. */
function quotedRange(view: string, at: number, limit: number): Claim | undefined {
  const close = QUOTES[view.charAt(at)]
  if (close === undefined) return undefined
  const text = view.slice(at + 1, Math.min(limit, at + 1 + MAX_VALUE))
  const end = text.indexOf(close)
  if (end < 0) return undefined
  const inner = text.slice(0, end)
  const from = at + 1 + inner.length - inner.trimStart().length
  return [from, from + inner.trim().length]
}

function skipBlanks(view: string, at: number): number {
  let i = at
  while (i < view.length && i - at < 64 && /[^\S\r\n]/u.test(view.charAt(i))) i++
  return i
}

function nextLine(view: string, end: number): number {
  return view[end] === '\r' && view[end + 1] === '\n' ? end + 2 : end + 1
}
