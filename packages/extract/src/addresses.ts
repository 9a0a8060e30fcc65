import { isIPv6 } from 'node:net'
import { isDigit } from './chars.ts'
import { isInternalAddress } from './special.ts'
import type { Surroundings } from './surroundings.ts'
import type { TokenContext } from './tokens.ts'
import { isVersionBefore } from './version.ts'
import { ADDRESS_WORDS } from './words.ts'

const IPV4 = /^(\d{1,3}(?:\.\d{1,3}){3})(\/\d{1,3})?(?::\d{1,5})?$/
const DOT = 0x2e
const IPV6 = /^([0-9a-f:.]{2,45})(?:%[\w.-]{1,32})?(\/\d{1,3})?$/i

/** Whether `[from, to)` is four numbers with dots between them, and at most a prefix length and a port behind them. */
export function isIpv4At(view: string, from: number, to: number): boolean {
  let at = from
  for (let group = 0; group < 4; group++) {
    if (group > 0 && view.charCodeAt(at++) !== DOT) return false
    const start = at
    while (at < to && isDigit(view.charCodeAt(at))) at++
    if (at === start || at - start > 3) return false
  }
  // Most are nothing more.
  return at === to || IPV4.test(view.slice(from, to))
}

/** An IPv4 address or range, unless it is a version number or a telephone number. */
export function readIpv4({ part, collector, surroundings }: TokenContext, start: number, end: number): void {
  const token = part.view.slice(start, end)
  const [, address = '', prefix] = IPV4.exec(token) ?? []
  const groups = address.split('.')
  const numbers = groups.map(Number)
  // Leading zeros are dates and telephone numbers; four digits and more never come here.
  if (groups.some((group) => group.length > 1 && group.startsWith('0'))) return
  const defanged = part.defanged(start, end)
  if (!defanged && isVersionBefore(surroundings.before(start))) return
  const addressEnd = start + address.length + (prefix?.length ?? 0)
  if (numbers.some((number) => number > 255)) collector.refuse(part, 'bad-address', start, addressEnd)
  else if (
    !defanged &&
    address === token &&
    isVersionLike(numbers) &&
    !isInternalAddress(address) &&
    !isAnnounced(surroundings, start, end)
  ) {
    collector.refuse(part, 'ambiguous-address', start, end)
  } else collector.offer(part, prefix === undefined ? 'ipv4' : 'cidr', address + (prefix ?? ''), start, addressEnd)
}

/** Few addresses begin with three small numbers; most versions, sections and results of measurements do. */
function isVersionLike([first = 0, second = 0, third = 0, last = 0]: readonly number[]): boolean {
  return (first < 32 && second < 32 && third < 32) || second + third + last === 0
}

/** Called an address, or alone in its line as in a list of addresses. */
function isAnnounced(surroundings: Surroundings, start: number, end: number): boolean {
  if (ADDRESS_WORDS.test(surroundings.before(start))) return true
  return /^[^\p{L}\p{N}]*$/u.test(surroundings.line(start)) && /^[^\p{L}\p{N}]*$/u.test(surroundings.after(end))
}

/** An IPv6 address or range as a whole, with a zone or without. */
export function isAddressWithColons(text: string): boolean {
  const last = text.lastIndexOf(':')
  if (last < 0 || text.indexOf(':') === last) return false
  // Two colons in a row, or six colons at least (RFC 4291 §2.2): a time and a port have fewer.
  if (!text.includes('::') && text.split(':').length < 7) return false
  const address = IPV6.exec(text)?.[1]
  return address !== undefined && isIPv6(address)
}

/** An IPv6 address or range, unless it is a name of some language or the number of a door. */
export function readIpv6({ part, collector }: TokenContext, token: string, start: number, end: number): void {
  const [, address = '', prefix] = IPV6.exec(token) ?? []
  // 'ab::cd' without a digit is a name in some programming language.
  const defanged = part.defanged(start, end)
  if (!/\d/.test(address) && prefix === undefined && !defanged) return
  // No address that is given to anybody has a shorter first group (RFC 4291 §2.4, RFC 6052); '3::4' is a door.
  if (!/^(?:[0-9a-f]{4}:|::|64:ff9b:)/i.test(address) && !defanged) return
  if (address === '::' && prefix === undefined) return
  if (prefix === undefined) collector.offer(part, 'ipv6', address, start, start + address.length)
  else collector.offer(part, 'cidr', address + prefix, start, end)
}
