import type { IndicatorType } from '@tocsin/model'

/** How a value is compared in a pattern, and what OpenCTI calls the observable. */
interface PatternInfo {
  /** `type:property`. */
  readonly path: string
  readonly observable: string
  /** The value stands as an integer, without quotes. */
  readonly integer?: true
  /** What the standard wants written otherwise than we do. */
  readonly spell?: (value: string) => string
}

/** STIX 2.1 §6.19: the hive of a key is written out. */
const HIVES: readonly (readonly [RegExp, string])[] = [
  [/^HKLM(?=\\|$)/, 'HKEY_LOCAL_MACHINE'],
  [/^HKCU(?=\\|$)/, 'HKEY_CURRENT_USER'],
  [/^HKCR(?=\\|$)/, 'HKEY_CLASSES_ROOT'],
  [/^HKCC(?=\\|$)/, 'HKEY_CURRENT_CONFIG'],
  [/^HKU(?=\\|$)/, 'HKEY_USERS']
]

const file = (path: string): PatternInfo => ({ path: `file:${path}`, observable: 'StixFile' })
const certificate = (hash: string): PatternInfo => ({
  path: `x509-certificate:hashes.'${hash}'`,
  observable: 'X509-Certificate'
})

/**
 * The types that STIX 2.1 has a property for. There is none for JA3, JA4, JARM and Bitcoin addresses; a vulnerability is
 * an object of its own and no pattern.
 */
const PATTERNS: Readonly<Partial<Record<IndicatorType, PatternInfo>>> = {
  ipv4: { path: 'ipv4-addr:value', observable: 'IPv4-Addr' },
  ipv6: { path: 'ipv6-addr:value', observable: 'IPv6-Addr' },
  domain: { path: 'domain-name:value', observable: 'Domain-Name' },
  url: { path: 'url:value', observable: 'Url' },
  email: { path: 'email-addr:value', observable: 'Email-Addr' },
  'message-id': { path: 'email-message:message_id', observable: 'Email-Message' },
  'email-subject': { path: 'email-message:subject', observable: 'Email-Message' },
  md5: file('hashes.MD5'),
  sha1: file("hashes.'SHA-1'"),
  sha256: file("hashes.'SHA-256'"),
  sha512: file("hashes.'SHA-512'"),
  ssdeep: file('hashes.SSDEEP'),
  tlsh: file('hashes.TLSH'),
  filename: file('name'),
  asn: { path: 'autonomous-system:number', observable: 'Autonomous-System', integer: true },
  'x509-sha1': certificate('SHA-1'),
  'x509-sha256': certificate('SHA-256'),
  'user-agent': {
    path: "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
    observable: 'Network-Traffic'
  },
  regkey: {
    path: 'windows-registry-key:key',
    observable: 'Windows-Registry-Key',
    spell: (value) => HIVES.reduce((text, [short, long]) => text.replace(short, long), value)
  },
  mutex: { path: 'mutex:name', observable: 'Mutex' },
  account: { path: 'user-account:account_login', observable: 'User-Account' }
}

/** What a pattern can carry, in the order of the types. */
export const PATTERN_TYPES: readonly IndicatorType[] = [
  'ipv4',
  'ipv6',
  'cidr',
  ...(Object.keys(PATTERNS) as IndicatorType[]).filter((type) => type !== 'ipv4' && type !== 'ipv6')
]

function infoOf(type: IndicatorType, value: string): PatternInfo | undefined {
  // STIX 2.1 §6.4 and §6.5: the value of an address may be a range in CIDR notation.
  if (type === 'cidr') return PATTERNS[value.includes(':') ? 'ipv6' : 'ipv4']
  return PATTERNS[type]
}

/**
 * `[type:property = 'value']`, with no space after the bracket, since consumers look at how a pattern begins. Undefined
 * for a type that patterns do not know.
 */
export function patternOf(type: IndicatorType, value: string): string | undefined {
  const info = infoOf(type, value)
  if (info === undefined) return undefined
  if (info.integer === true) {
    const digits = /^(?:AS)?(\d{1,10})$/.exec(value)?.[1]
    return digits === undefined ? undefined : `[${info.path} = ${digits}]`
  }
  return `[${info.path} = '${(info.spell?.(value) ?? value).replace(/[\\']/g, '\\$&')}']`
}

/** OpenCTI's name for the observable that a pattern speaks of. */
export function observableOf(type: IndicatorType, value: string): string | undefined {
  return infoOf(type, value)?.observable
}
