import { refang } from './defang.ts'
import { hasKnownSuffix } from './domain.ts'
import { parseIndicator } from './indicator.ts'
import type { IndicatorType } from './indicator-type.ts'
import { mappedIpv4 } from './ip.ts'

/** A value in normal form with its type. */
export interface TypedValue {
  readonly type: IndicatorType
  readonly value: string
}

// A text that is one of these is nothing else that anybody looks up. Most specific first.
const STRUCTURED: readonly IndicatorType[] = [
  'vulnerability',
  'ipv4',
  'ipv6',
  'cidr',
  'url',
  'sha512',
  'sha256',
  'x509-sha256',
  'sha1',
  'x509-sha1',
  'md5',
  'ja3',
  'jarm',
  'tlsh',
  'ja4',
  'ssdeep',
  'btc',
  'regkey'
]

// These overlap: an address is an account and can be a Message-ID, any text can be a subject.
const LOOSE: readonly IndicatorType[] = [
  'email',
  'message-id',
  'account',
  'filename',
  'user-agent',
  'email-subject',
  'mutex'
]

/** Faults of what stands for an address all the same. */
const READ_AS_ADDRESS: ReadonlySet<string> = new Set(['cidr-single-address', 'ipv6-mapped'])

/**
 * As parseIndicator, but an address that was written as a range of one, or as an IPv4-mapped IPv6 address, is taken
 * for the address that it is. For what people and other tools hand in; signed bodies are held to the exact type.
 */
export function readIndicator(
  type: IndicatorType,
  raw: string
): ReturnType<typeof parseIndicator> & { type: IndicatorType } {
  const parsed = parseIndicator(type, raw)
  if (parsed.ok || !READ_AS_ADDRESS.has(parsed.code)) return { ...parsed, type }
  const [address = '', prefix] = raw.trim().split('/')
  const v4 = mappedIpv4(address) ?? address
  // ::ffff:192.0.2.0/120 is the IPv4 range of a prefix length 96 less.
  if (prefix !== undefined && v4 !== address) {
    const length = Number(prefix) - 96
    return length === 32
      ? { ...parseIndicator('ipv4', v4), type: 'ipv4' }
      : { ...parseIndicator('cidr', `${v4}/${length}`), type: 'cidr' }
  }
  const family = v4.includes(':') ? 'ipv6' : 'ipv4'
  return { ...parseIndicator(family, v4), type: family }
}

/**
 * Every indicator that a text can be, most specific first: what a look-up box searches. Defanged values are refanged
 * first. A URL without a path is looked up with and without its slash, since servers and browsers add it.
 */
export function guessTypes(raw: string): TypedValue[] {
  const text = refang(raw).trim()
  const found = new Map<string, TypedValue>()
  const add = (type: IndicatorType, value: string): void => {
    const parsed = parseIndicator(type, value)
    if (!parsed.ok && !READ_AS_ADDRESS.has(parsed.code)) return
    const read = parsed.ok ? { ...parsed, type } : readIndicator(type, value)
    if (read.ok) found.set(`${read.type} ${read.value}`, { type: read.type, value: read.value })
  }
  for (const type of STRUCTURED) add(type, text)
  if (/^AS/i.test(text)) add('asn', text)
  for (const { type, value } of [...found.values()]) {
    if (type !== 'url') continue
    if (/^[^/]+\/\/[^/?#]+$/.test(value)) add('url', `${value}/`)
    if (/^[^/]+\/\/[^/?#]+\/$/.test(value)) add('url', value.slice(0, -1))
  }
  if (found.size > 0) return [...found.values()]
  const known = parseIndicator('domain', text)
  if (known.ok && hasKnownSuffix(known.value)) add('domain', text)
  for (const type of LOOSE) add(type, text)
  // `setup.exe` is a name too, but a file first.
  if (known.ok) add('domain', text)
  return [...found.values()]
}
