import { isIPv4 } from 'node:net'
import { domainToASCII } from 'node:url'
import { parseDomain } from './domain.ts'
import { mappedIpv4, parseIpv6 } from './ip.ts'
import { accept, type ParsedValue, refuse } from './parsed.ts'

/** Schemes that lead to a host on the network, with the port that is left out when it is the default. */
export const DEFAULT_PORTS: Readonly<Record<string, number | undefined>> = {
  http: 80,
  https: 443,
  ftp: 21,
  ftps: 990,
  sftp: 22,
  ssh: 22,
  ws: 80,
  wss: 443,
  ldap: 389,
  ldaps: 636,
  rmi: 1099,
  smb: 445,
  tcp: undefined,
  udp: undefined
}

// RFC 3986 appendix B, with the two slashes required; the backslash is a slash to browsers and refused before.
const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/isu
const FORBIDDEN = /[\s"<>\\`]/u

function parseHost(text: string): string | undefined {
  if (text.startsWith('[')) {
    if (!text.endsWith(']')) return undefined
    const inner = text.slice(1, -1)
    const mapped = mappedIpv4(inner)
    if (mapped !== undefined) return mapped
    const address = parseIpv6(inner)
    return address.ok ? `[${address.value}]` : undefined
  }
  const domain = parseDomain(text)
  if (domain.ok) return domain.value
  // `http://2130706433/` and `http://0x7f.1/` go to an address in every browser (WHATWG URL §3.5), and phishers know.
  if (text.includes('%')) return undefined
  const address = domainToASCII(text)
  return isIPv4(address) ? address : undefined
}

/**
 * A URL of which scheme, host and port are in normal form; path, query and fragment are left exactly as they are. No
 * slash is added to an empty path, no escape is decoded, no dot segment is resolved: servers tell them apart.
 */
export function parseUrl(text: string): ParsedValue {
  if (FORBIDDEN.test(text)) return refuse('bad-character')
  const [, scheme = '', authority = '', rest = ''] = PARTS.exec(text) ?? []
  if (scheme === '') return refuse('url-syntax')
  const name = scheme.toLowerCase()
  if (!Object.hasOwn(DEFAULT_PORTS, name)) return refuse('url-scheme')
  if (authority.includes('@')) return refuse('url-with-userinfo')
  const [, hostText = '', portText = ''] = /^(.*?)(?::(\d*))?$/u.exec(authority) ?? []
  const host = parseHost(hostText)
  if (host === undefined) return refuse('url-host')
  if (portText === '') return accept(`${name}://${host}${rest}`)
  const port = Number(portText)
  if (portText.length > 5 || port < 1 || port > 65535) return refuse('url-port')
  return accept(`${name}://${host}${port === DEFAULT_PORTS[name] ? '' : `:${port}`}${rest}`)
}

const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:\[([^\]]*)\]|([^/:?#]*))/

/** The host of a URL in normal form: a domain, an IPv4 or an IPv6 address without brackets; null for other text. */
export function urlHost(value: string): string | null {
  const [, v6, name] = HOST.exec(value) ?? []
  return v6 ?? (name || null)
}

/** Everything after host and port: path, query and fragment of a URL in normal form. */
export function urlRest(value: string): string {
  return PARTS.exec(value)?.[3] ?? ''
}
