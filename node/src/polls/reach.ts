/** Where a source may be fetched from: an admin names the address, and this machine is not to be turned against its own net. */
import { BlockList, isIP } from 'node:net'
import { isLoopback } from '@tocsin/api'
import { NodeError } from '../errors.ts'

/**
 * Link-local addresses, where clouds answer with a machine's credentials, the same services elsewhere, and what is no
 * single host. The last ones are how NAT64 (RFC 6052 §2.1) writes the first.
 */
const NOWHERE = [
  '169.254.0.0/16',
  'fe80::/10',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  '0.0.0.0/8',
  '::/128',
  '224.0.0.0/4',
  '240.0.0.0/4',
  'ff00::/8',
  '64:ff9b::a9fe:0/112',
  '64:ff9b::6464:64c8/128',
  '64:ff9b::a83f:8110/128',
  '64:ff9b::c000:c0/128'
]

/** True for an IP address that may be asked. */
export type Reach = (address: string) => boolean

/** `allow`: ranges that the operator opens all the same. */
export function createReach(allow: readonly string[] = []): Reach {
  const nowhere = listOf(NOWHERE)
  const allowed = listOf(allow)
  return (address) => {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    // An IPv4 address written as IPv6 is judged as IPv4, by BlockList itself.
    return isIP(address) > 0 && (allowed.check(address, family) || !nowhere.check(address, family))
  }
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', bits] = range.split('/')
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(net, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return list
}

/** An IP address as the name of a URL's host, without brackets; undefined for a name. */
export function addressIn(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) > 0 ? host : undefined
}

/**
 * An address that a source may be fetched from: https, or http within this machine, where nobody listens.
 * @throws NodeError poll-url-invalid, poll-address-forbidden
 */
export function readPollUrl(text: string, reach: Reach): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  // A password in an address would be shown and logged wherever the address is.
  if (url === undefined || !isSafe || url.username !== '' || url.password !== '')
    throw new NodeError('poll-url-invalid')
  url.hash = ''
  const address = addressIn(url)
  if (address !== undefined && !reach(address)) throw new NodeError('poll-address-forbidden')
  return url
}
