import { BlockList, isIP } from 'node:net'

/** True for what a socket bound to it only hears from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

const LOCAL_HOST = /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?$/i

/**
 * A page of any web site can make its own name resolve to 127.0.0.1 and then talk to us as its own origin (DNS
 * rebinding); the browser still sends that name as Host. So a loopback listener serves only the names of loopback.
 */
export function isLocalHostHeader(host: string | undefined): boolean {
  return host !== undefined && LOCAL_HOST.test(host)
}

/** `10.1.0.0/16`, `2001:db8::/32` or a single address. */
export type Cidr = string

/**
 * The ranges as a check of a socket's address. IPv4 clients of a dual-stack socket arrive as `::ffff:192.0.2.1` and
 * are judged as IPv4. Throws a RangeError for what is no range.
 */
export function createSourceCheck(ranges: readonly Cidr[]): (address: string | undefined) => boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', bits] = range.split('/', 2)
    const family = isIP(net)
    const most = family === 4 ? 32 : 128
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (family === 0 || !(prefix <= most)) throw new RangeError(`not an address range: ${range}`)
    list.addSubnet(net, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
  return (address) => {
    if (address === undefined) return false
    const plain = address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
    const family = isIP(plain)
    return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
  }
}
