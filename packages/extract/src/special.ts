import { isIPv4, isIPv6 } from 'node:net'
import { isDigit } from './chars.ts'

/**
 * Private, loopback, link-local, shared, multicast and unspecified addresses and networks: they name a machine inside
 * somebody's own network and help nobody else (RFC 1918, 4193, 6598, 6890). The documentation ranges of RFC 5737 and
 * 3849 are no secret of anybody and pass.
 */
export function isInternalAddress(address: string): boolean {
  const slash = address.indexOf('/')
  const host = slash < 0 ? address : address.slice(0, slash)
  if (!host.includes(':')) {
    // A name ends in a letter.
    if (!isDigit(host.charCodeAt(host.length - 1)) || !isIPv4(host)) return false
    const [a = 0, b = 0] = host.split('.', 2).map(Number)
    if (a === 0 || a === 10 || a === 127 || a >= 224) return true
    return (
      (a === 169 && b === 254) || (a === 192 && b === 168) || (a === 172 && b >> 4 === 1) || (a === 100 && b >> 6 === 1)
    )
  }
  if (!isIPv6(host)) return false
  if (host === '::' || host === '::1') return true
  const first = Number.parseInt(host.split(':')[0] || '0', 16)
  return first >> 9 === 0x7e || first >> 6 === 0x3fa || first >> 8 === 0xff
}
