import { isPublicSuffix, parseIndicator } from '@tocsin/model'
import { createCharClass } from './chars.ts'
import { overlaps } from './claims.ts'
import { omission } from './minimise.ts'
import type { Part } from './part.ts'
import { hasKnownSuffix } from './suffix.ts'
import type { TokenContext } from './tokens.ts'
import {
  DOMAIN_BEFORE_FILE,
  DOMAIN_WORDS,
  FILE_BEFORE_DOMAIN,
  FILE_ENDINGS,
  FILE_WORDS,
  FUNCTION_WORDS,
  INCLUSIVE_ENDINGS,
  INCLUSIVE_STEM,
  LOCAL_PATH,
  MALICE_WORDS,
  OFFICE_ENDINGS,
  PRODUCT_NAMES,
  TAME_ENDINGS
} from './words.ts'

const LABELS =
  /^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?\.)+(?:xn--[a-z0-9-]{2,59}|[\p{L}\p{M}]{2,63})$/iu
const ENDS_BEYOND_ASCII = /[^\0-\x7f][^.]*$/
const CLOSING_QUOTES: Readonly<Record<string, string>> = { '»': '«', '”': '“', '"': '"', "'": "'", '’': '‘', '`': '`' }
const isNameChar = createCharClass(/[\p{L}\p{N}_.#~$+-]/u)
const isPathChar = createCharClass(/[^\s"'«»<>:,;()=]/u)
const isQuoteBlank = createCharClass(/[ \u00a0\u202f]/)
const FILE_WORD = new RegExp(FILE_WORDS.source, 'i')
/** What an officer searched in a log is no file of anybody else. */
const READING_COMMAND = /(?:^|[\s|;])(?:awk|cat|head|less|nano|rg|tail|vim?|z?cat|[ez]?grep)\s[^|;]{0,60}$/
const ONION = /(?:^|\.)(?:[a-z2-7]{16}|[a-z2-7]{56})\.onion$/
const TIME = /\[?\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s?[ap]m)?\]?/i
const TIME_BEFORE = new RegExp(`^[\\s>]*${TIME.source}\\s*[-–]?\\s*$`, 'i')
const TIME_AFTER = new RegExp(`^\\s*[-–,]?\\s*${TIME.source}`, 'i')
const TIME_BELOW = new RegExp(`^[ \\t]*\\r?\\n[ \\t>]*${TIME.source}[ \\t]*(?:\\r?\\n|$)`, 'i')

/** Reads a word with dots in it as a file name, a domain, or running text without a blank after its full stop. */
export function readName(context: TokenContext, start: number, end: number): void {
  const token = context.part.view.slice(start, end)
  const lower = token.toLowerCase()
  if (PRODUCT_NAMES.has(lower) || token.includes('..')) return
  if (isFile(context, lower, start, end)) offerFile(context, start, end)
  else if (mayBeDomain(context, lower, start, end) && LABELS.test(token)) readDomain(context, token, start, end)
}

/** Most words with dots end in no top-level domain; in ASCII that is seen without their normal form. */
function mayBeDomain({ part }: TokenContext, lower: string, start: number, end: number): boolean {
  return hasKnownSuffix(lower) || ENDS_BEYOND_ASCII.test(lower) || isNamed(part, lower, start, end)
}

/** Meant to be a name, so that it is worth saying that it is none. */
function isNamed(part: Part, lower: string, start: number, end: number): boolean {
  return lower.startsWith('www.') || lower.endsWith('.onion') || part.defanged(start, end)
}

function readDomain(context: TokenContext, token: string, start: number, end: number): void {
  const { part, collector } = context
  const defanged = part.defanged(start, end)
  const parsed = parseIndicator('domain', token)
  if (!parsed.ok) {
    if (defanged) collector.refuse(part, 'bad-host', start, end)
    return
  }
  if (!hasKnownSuffix(parsed.value) && !ONION.test(parsed.value)) {
    if (defanged || /^www\./i.test(token)) collector.refuse(part, 'unknown-tld', start, end)
    return
  }
  const prose = defanged ? 'no' : proseOf(context, token, start, end)
  if (prose === 'sure') return
  if (prose === 'maybe') collector.refuse(part, 'ambiguous-name', start, end)
  else if (isPublicSuffix(parsed.value)) collector.refuse(part, 'public-suffix', start, end)
  else if (!defanged && overlaps(context.signatures, start, end)) {
    collector.omit(part, 'domain', parsed.value, start, end, omission('signature'))
  } else collector.offer(part, 'domain', token, start, end)
}

/** Whether a name is a file: by its ending, and where the ending is a top-level domain too, by what stands around it. */
function isFile({ part, surroundings }: TokenContext, lower: string, start: number, end: number): boolean {
  const dot = lower.lastIndexOf('.')
  const ending = lower.slice(dot + 1)
  if (dot < 1) return false
  if (FILE_ENDINGS.has(ending)) return true
  const fileFirst = FILE_BEFORE_DOMAIN.has(ending)
  if (!fileFirst && !DOMAIN_BEFORE_FILE.has(ending)) return false
  if (part.defanged(start, end) || lower.startsWith('www.')) return false
  // 'facture.pdf.com' is the old trick of two endings.
  const previous = lower.slice(lower.lastIndexOf('.', dot - 1) + 1, dot)
  if (dot > previous.length && FILE_ENDINGS.has(previous)) return true
  // What another sentence said is about something else.
  const before = surroundings
    .before(start)
    .slice(-40)
    .replace(/^.*[.!?]\s/s, '')
  const file = lastMatch(before, FILE_WORDS)
  const domain = lastMatch(before, DOMAIN_WORDS)
  if (file === domain) return fileFirst
  return file > domain
}

/** A file name may hold blanks where it stands between quotation marks: « Facture novembre.zip ». */
function offerFile({ part, collector, surroundings }: TokenContext, start: number, end: number): void {
  const quoted = quotedStart(part, start, end)
  const from = quoted ?? writtenStart(part, start)
  const name = part.view.slice(from, end).toLowerCase()
  const ending = name.slice(name.lastIndexOf('.') + 1)
  if (quoted === undefined && isRequested(part.view, from, end)) return
  if (READING_COMMAND.test(surroundings.before(from))) return
  const isTame = TAME_ENDINGS.has(ending) && !/\.\w{2,5}\.\w+$/.test(name)
  if (quoted === undefined && (isTame || OFFICE_ENDINGS.has(ending))) {
    const around = `${surroundings.before(from)} ${surroundings.after(end)}`
    const says = MALICE_WORDS.test(around) || (!isTame && FILE_WORD.test(around))
    if (!says) return
  }
  collector.offer(part, 'filename', part.view.slice(from, end), from, end, { quiet: true })
}

/** '~df81.dll' and 'Receipt#4411.vbs' hold marks that end other words. */
function writtenStart({ view }: Part, start: number): number {
  let from = start
  while (from > 0 && start - from < 64 && isNameChar(view.charCodeAt(from - 1))) from--
  if (from === start) return start
  const isMarked = /[#~$+]/.test(view.slice(from, start)) && !/^[.-]/.test(view.slice(from, start))
  return isMarked ? from : start
}

/** '"POST /wp/login.php HTTP/1.1"' and '/index.php?id=1' are asked of a web server, and no files that anybody has. */
function isRequested(view: string, start: number, end: number): boolean {
  if (view.charAt(end) === '?') return true
  let from = start
  while (from > 0 && start - from < 255 && isPathChar(view.charCodeAt(from - 1))) from--
  const path = view.slice(from, end)
  if (!path.startsWith('/')) return false
  return !LOCAL_PATH.test(path) || /\b(?:GET|POST|HEAD|PUT)\s{1,2}$/.test(view.slice(Math.max(0, from - 8), from))
}

function quotedStart({ view }: Part, start: number, end: number): number | undefined {
  let close = end
  while (close < end + 2 && isQuoteBlank(view.charCodeAt(close))) close++
  const open = CLOSING_QUOTES[view.charAt(close)]
  if (open === undefined) return undefined
  const text = view.slice(Math.max(0, start - 200), start)
  const at = text.lastIndexOf(open)
  const inner = at < 0 ? '' : text.slice(at + 1)
  if (inner.trim() === '' || /[\r\n/\\:»”]/.test(inner)) return undefined
  return start - inner.trimStart().length
}

/**
 * Running text that has the form of a name. `sure` is dropped without a word: initials, chat authors. `maybe` is
 * reported: it would be a pity to lose a name, and a scandal to block one that nobody meant.
 */
function proseOf(
  { part, surroundings }: TokenContext,
  token: string,
  start: number,
  end: number
): 'sure' | 'maybe' | 'no' {
  const labels = token.split('.')
  const [first = '', last = ''] = labels
  if (labels.length !== 2) return 'no'
  const before = surroundings.before(start)
  const after = surroundings.after(end)
  if (isChatAuthor(part, before, after, end)) return 'sure'
  // 'M.Martin', 'J.Paris'
  if (/^\p{Lu}$/u.test(first) && /^\p{Lu}\p{Ll}/u.test(last)) return 'sure'
  if (!mayBeProse(first, last, after)) return 'no'
  const announced = DOMAIN_BEFORE.test(before) || (before.trim() === '' && after.trim() === '')
  return announced ? 'no' : 'maybe'
}

/** Whether two labels can be the end of one sentence and the beginning of the next, inclusive writing or a number. */
function mayBeProse(first: string, last: string, after: string): boolean {
  // 'c’est fini.La suite', but 'Evil.Com'
  if (/^\p{Lu}\p{Ll}+$/u.test(last) && !/^(?:Com|Net|Org|Fr|Eu|Info)$/.test(last)) return true
  if (FUNCTION_WORDS.has(last) && /^\p{L}+$/u.test(first) && /^\s+\p{Ll}/u.test(after)) return true
  if (INCLUSIVE_ENDINGS.has(last) && /^[\p{Ll}]+$/u.test(first) && INCLUSIVE_STEM.test(first)) return true
  return /^\d{1,2}$/.test(first)
}

/** A domain word that stands right before the name, perhaps with an article or a colon between. */
const DOMAIN_BEFORE = new RegExp(
  `(?:${DOMAIN_WORDS.source})[\\s:=«"'-]{0,4}(?:(?:est|is|de|d|le|the)\\s{0,2}[:'’]?\\s?)?$`,
  'i'
)

/** 'jean.paris 10:42', '[10:42] jean.paris: …', or the name on a line above the time, as chats are copied. */
function isChatAuthor(part: Part, before: string, after: string, end: number): boolean {
  const opensLine = /^[\s>@]*$/.test(before) || TIME_BEFORE.test(before)
  if (!opensLine) return false
  return (
    TIME_AFTER.test(after) ||
    (TIME_BEFORE.test(before) && /^\s*:/.test(after)) ||
    TIME_BELOW.test(part.view.slice(end, end + 32))
  )
}

function lastMatch(text: string, pattern: RegExp): number {
  let last = -1
  for (const match of text.matchAll(pattern)) last = match.index
  return last
}
