/** Every type of indicator, in the order in which an officer sees them. The rows are in indicator.ts. */
export const INDICATOR_TYPE_NAMES = [
  'ipv4',
  'ipv6',
  'cidr',
  'domain',
  'url',
  'email',
  'message-id',
  'email-subject',
  'md5',
  'sha1',
  'sha256',
  'sha512',
  'ssdeep',
  'tlsh',
  'filename',
  'asn',
  'ja3',
  'ja4',
  'jarm',
  'x509-sha1',
  'x509-sha256',
  'user-agent',
  'regkey',
  'mutex',
  'btc',
  'account',
  'vulnerability'
] as const

/** One type of indicator. */
export type IndicatorType = (typeof INDICATOR_TYPE_NAMES)[number]

/** `malicious`, or `context`: searchable, never blocked or alerted on (MISP `to_ids`). */
export const INDICATOR_ROLES = ['malicious', 'context'] as const
export type IndicatorRole = (typeof INDICATOR_ROLES)[number]

const NAMES: ReadonlySet<string> = new Set(INDICATOR_TYPE_NAMES)

/** True for the exact name of a type. */
export function isIndicatorType(text: string): text is IndicatorType {
  return NAMES.has(text)
}
