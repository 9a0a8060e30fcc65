/** Why a value is refused as an indicator: code → one line for docs/errors.md. Codes are stable API. */
export const INDICATOR_ERRORS = {
  'unknown-type': 'The type of the indicator is not one of the known types.',
  empty: 'The value is empty.',
  'too-long': 'The value is longer than its type allows.',
  'bad-character':
    'The value holds a control, bidirectional-override, unpaired-surrogate or otherwise forbidden character.',
  'ipv4-syntax': 'Not an IPv4 address in dotted decimal without leading zeros.',
  'ipv6-syntax': 'Not an IPv6 address.',
  'ipv6-zone': 'An IPv6 zone (`%eth0`) means something on one machine only.',
  'ipv6-mapped': 'An IPv4-mapped IPv6 address is an IPv4 address: write it as one.',
  'cidr-syntax': 'Not an address range in CIDR notation.',
  'cidr-single-address': 'A /32 or /128 range is one address: write it as one.',
  'cidr-too-wide': 'The range is wider than /8 (IPv4) or /16 (IPv6).',
  'domain-syntax': 'Not a domain name, or not one that IDNA can carry.',
  'domain-single-label': 'A single label names nothing on the public Internet.',
  'domain-is-address': 'The name is an IP address, or would be read as one by browsers.',
  'domain-wildcard': 'A wildcard is not a name: name the domain, feeds cover what is below it.',
  'url-syntax': 'Not an absolute URL of the form scheme://host…',
  'url-scheme': 'The scheme is not one that leads to a host on the network.',
  'url-host': 'The host of the URL is neither a domain name nor an address.',
  'url-port': 'The port of the URL is not between 1 and 65535.',
  'url-with-userinfo': 'What stands before @ in the URL may be a password and is never sent to the host: remove it.',
  'email-syntax': 'Not an e-mail address with an unquoted local part.',
  'email-domain': 'The domain of the e-mail address is not a domain name.',
  'message-id-syntax': 'Not a Message-ID.',
  'hash-syntax': 'Not hexadecimal.',
  'hash-length': 'Hexadecimal, but not of the length that the type demands.',
  'ssdeep-syntax': 'Not an ssdeep hash (blocksize:hash:hash).',
  'tlsh-syntax': 'Not a TLSH hash (T1 and 70 hexadecimal digits).',
  'filename-with-path': 'A file name without its path is wanted: other machines have other paths.',
  'filename-syntax': 'Not a file name.',
  'asn-syntax': 'Not an autonomous system number.',
  'ja4-syntax': 'Not a JA4 client fingerprint.',
  'jarm-syntax': 'Not a JARM fingerprint, or the one of a server that answered nothing.',
  'regkey-hive': 'Not a Windows registry key that begins with a known hive.',
  'btc-syntax': 'Not a Bitcoin main-net address.',
  'btc-checksum': 'Looks like a Bitcoin address, but its checksum is wrong.',
  'account-with-password': 'The account comes with something that may be its password.',
  'account-syntax': 'Not an account name: name, DOMAIN\\name or name@domain.',
  'vulnerability-syntax': 'Neither a CVE nor a GHSA identifier.'
} as const

/** Stable code of a refused value. */
export type IndicatorErrorCode = keyof typeof INDICATOR_ERRORS

/** A value in normal form, or why it is none. */
export type ParsedValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: IndicatorErrorCode; readonly reason: string }

/** A value in normal form. */
export function accept(value: string): ParsedValue {
  return { ok: true, value }
}

/** A refusal; the reason is the line of the table unless the parser knows better. It never repeats the value. */
export function refuse(code: IndicatorErrorCode, reason: string = INDICATOR_ERRORS[code]): ParsedValue {
  return { ok: false, code, reason }
}
