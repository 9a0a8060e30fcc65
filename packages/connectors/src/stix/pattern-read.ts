/**
 * Patterns of STIX 2.1 (§9) as far as they name values: one observation, or several joined by OR, whose comparisons are
 * `=` or `IN` joined by OR. Hashes joined by AND are of one file, and each of them names it. Whatever says more (a
 * sequence, a qualifier, LIKE, two things at once) is a rule and no list of values.
 */
import type { IndicatorType } from '@tocsin/model'

/** A value as it stands in a pattern; the model judges it. */
export interface PatternValue {
  readonly type: IndicatorType
  readonly value: string
}

/** Longer ones are not looked at: a bulletin holds no longer rule either. */
const MAX_PATTERN = 65_536

type Token =
  | { readonly kind: 'mark'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }

// One alternative begins each: no text is looked at twice.
const TOKEN =
  /\s+|([[\](),=])|'([^'\\]*(?:\\['\\][^'\\]*)*)'|([A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)?(?:\.(?:[A-Za-z0-9_-]+|'[^'\\]*'))*)/y

/** The values that a pattern names; undefined where it is more than a list of them, or something that we do not know. */
export function readPattern(pattern: string): readonly PatternValue[] | undefined {
  const tokens = pattern.length > MAX_PATTERN ? undefined : tokensOf(pattern)
  if (tokens === undefined) return undefined
  const reader = createReader(tokens)
  const found = reader.observations()
  return found !== undefined && reader.isDone() && found.length > 0 ? found : undefined
}

function tokensOf(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < pattern.length) {
    const found = TOKEN.exec(pattern)
    if (found === null) return undefined
    const [, mark, text, word] = found
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark })
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replace(/\\(['\\])/g, '$1') })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
  }
  return tokens
}

interface Comparison {
  readonly path: string
  readonly values: readonly string[]
}

function createReader(tokens: readonly Token[]): {
  observations(): readonly PatternValue[] | undefined
  isDone(): boolean
} {
  let at = 0
  const is = (kind: Token['kind'], text: string): boolean => {
    const token = tokens[at]
    return token?.kind === kind && (kind === 'word' ? token.text.toUpperCase() : token.text) === text
  }
  const takes = (kind: Token['kind'], text: string): boolean => {
    if (!is(kind, text)) return false
    at += 1
    return true
  }

  function observations(): readonly PatternValue[] | undefined {
    const all: PatternValue[] = []
    do {
      const found = observation()
      if (found === undefined) return undefined
      all.push(...found)
    } while (takes('word', 'OR'))
    return all
  }

  function observation(isInner = false): readonly PatternValue[] | undefined {
    if (!isInner && takes('mark', '(')) {
      // Brackets around one observation alone: those around several are rare, and may be nested without end.
      const found = observation(true)
      return takes('mark', ')') ? found : undefined
    }
    if (!takes('mark', '[')) return undefined
    const comparisons: Comparison[] = []
    let joint: string | undefined
    do {
      const found = comparison()
      if (found === undefined) return undefined
      comparisons.push(found)
      const next = is('word', 'AND') ? 'AND' : is('word', 'OR') ? 'OR' : undefined
      // Both in one observation bind differently: more than a list.
      if (next !== undefined && joint !== undefined && next !== joint) return undefined
      joint = next ?? joint
    } while (takes('word', 'AND') || takes('word', 'OR'))
    if (!takes('mark', ']')) return undefined
    if (joint === 'AND' && !areOfOneFile(comparisons)) return undefined
    const values = comparisons.flatMap(({ path, values: all }) => all.map((value) => valueAt(path, value)))
    return values.some((value) => value === undefined) ? undefined : (values as PatternValue[])
  }

  function comparison(): Comparison | undefined {
    const path = tokens[at]
    if (path?.kind !== 'word' || !path.text.includes(':')) return undefined
    at += 1
    if (takes('mark', '=')) {
      const value = literal()
      return value === undefined ? undefined : { path: path.text, values: [value] }
    }
    if (!takes('word', 'IN') || !takes('mark', '(')) return undefined
    const values: string[] = []
    do {
      const value = literal()
      if (value === undefined) return undefined
      values.push(value)
    } while (takes('mark', ','))
    return takes('mark', ')') ? { path: path.text, values } : undefined
  }

  /** A text, or a whole number; `h'…'`, `b'…'` and `t'…'` are a word before a text and end the comparison. */
  function literal(): string | undefined {
    const token = tokens[at]
    if (token?.kind !== 'text' && !(token?.kind === 'word' && /^\d{1,10}$/.test(token.text))) return undefined
    at += 1
    return token.text
  }

  return { observations, isDone: () => at === tokens.length }
}

/** Different hashes of a file say the same thing, each in its own way. */
function areOfOneFile(comparisons: readonly Comparison[]): boolean {
  const types = comparisons.map(({ path }) => typeOf(path, ''))
  const areHashes = comparisons.every(({ path, values }) => /^file:hashes\./i.test(path) && values.length === 1)
  return areHashes && new Set(types).size === types.length
}

const PATHS: Readonly<Record<string, IndicatorType>> = {
  'domain-name:value': 'domain',
  'hostname:value': 'domain',
  'url:value': 'url',
  'email-addr:value': 'email',
  'email-message:from_ref.value': 'email',
  'email-message:sender_ref.value': 'email',
  'email-message:message_id': 'message-id',
  'email-message:subject': 'email-subject',
  'file:name': 'filename',
  'autonomous-system:number': 'asn',
  'windows-registry-key:key': 'regkey',
  'mutex:name': 'mutex',
  'user-account:account_login': 'account',
  'cryptocurrency-wallet:value': 'btc',
  'network-traffic:extensions.http-request-ext.request_header.user-agent': 'user-agent'
}

const HASHES: Readonly<Record<string, IndicatorType>> = {
  'file:md5': 'md5',
  'file:sha1': 'sha1',
  'file:sha256': 'sha256',
  'file:sha512': 'sha512',
  'file:ssdeep': 'ssdeep',
  'file:tlsh': 'tlsh',
  'x509-certificate:sha1': 'x509-sha1',
  'x509-certificate:sha256': 'x509-sha256'
}

const ADDRESSES: ReadonlySet<string> = new Set([
  'ipv4-addr:value',
  'ipv6-addr:value',
  'network-traffic:src_ref.value',
  'network-traffic:dst_ref.value'
])

function typeOf(path: string, value: string): IndicatorType | undefined {
  const name = path.replaceAll("'", '').toLowerCase()
  if (ADDRESSES.has(name)) return value.includes('/') ? 'cidr' : value.includes(':') ? 'ipv6' : 'ipv4'
  const hash = /^(file|x509-certificate):hashes\.(.+)$/.exec(name)
  if (hash === null) return Object.hasOwn(PATHS, name) ? PATHS[name] : undefined
  const key = `${hash[1]}:${hash[2]?.replaceAll('-', '')}`
  return Object.hasOwn(HASHES, key) ? HASHES[key] : undefined
}

function valueAt(path: string, value: string): PatternValue | undefined {
  const type = typeOf(path, value)
  return type === undefined ? undefined : { type, value }
}

/** The value that an observable names, by the property that the patterns name. */
export function observedValue(object: Readonly<Record<string, unknown>>): PatternValue | undefined {
  const { type, value, number } = object
  if (type === 'autonomous-system' && typeof number === 'number') return { type: 'asn', value: String(number) }
  if (typeof value !== 'string' || typeof type !== 'string') return undefined
  return valueAt(`${type}:value`, value)
}
