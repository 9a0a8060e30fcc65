import { isIPv4, isIPv6 } from 'node:net'
import type { IndicatorType } from '@tocsin/model'
import type { FeedRefusalCode } from './errors.ts'

/** Owners relative to the policy zone, or why there are none. */
export type RpzOwners =
  | { readonly ok: true; readonly owners: readonly string[] }
  | { readonly ok: false; readonly code: FeedRefusalCode }

/** RFC 1035 §2.3.4: octets of a whole domain name, length octets and root included. */
const MAX_NAME = 255

/** Labels alone, at least one. */
const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/

/**
 * Octets that a name in dotted text without a final dot takes up, without the root's octet: each label and its length.
 */
function octets(name: string): number {
  return name.length + 1
}

/**
 * Owners of one indicator in a response policy zone (draft-vixie-dnsop-dns-rpz §4), for a zone of this name (dotted,
 * no final dot): a domain is itself and all below it; addresses and ranges are `rpz-ip` triggers, host bits cleared. A
 * BIND that meets one name beyond 255 octets refuses the whole zone, one with host bits set is ignored: both never
 * leave here.
 */
export function rpzOwners(type: IndicatorType, value: string, zone: string): RpzOwners {
  switch (type) {
    case 'domain':
      return domainOwners(value, zone)
    case 'ipv4':
      return isIPv4(value) ? rangeOwner(`${value}/32`) : refused('value-unsafe')
    case 'ipv6':
      return isIPv6(value) ? rangeOwner(`${value}/128`) : refused('value-unsafe')
    case 'cidr':
      return rangeOwner(value)
    default:
      return refused('type-not-carried')
  }
}

function refused(code: FeedRefusalCode): RpzOwners {
  return { ok: false, code }
}

function domainOwners(name: string, zone: string): RpzOwners {
  // No escapes: what is no host name, wildcards among them, has no place at the left of a master file line.
  if (!NAME.test(name)) return refused('value-unsafe')
  // A peer's "domain" 24.0.2.0.192.rpz-ip would be an address trigger that the safety catch has never seen.
  const last = name.lastIndexOf('.') + 1
  if (name.startsWith('rpz-', last)) return refused('owner-reserved')
  if (last === 0) return refused('owner-too-broad')
  if (octets(`*.${name}`) + octets(zone) + 1 > MAX_NAME) return refused('owner-too-long')
  return { ok: true, owners: [name, `*.${name}`] }
}

function rangeOwner(cidr: string): RpzOwners {
  const [, address, bits] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(cidr) ?? []
  if (address === undefined || bits === undefined) return refused('value-unsafe')
  const prefix = Number(bits)
  if (prefix === 0) return refused('owner-too-broad')
  if (isIPv4(address) && prefix <= 32) {
    const parts = masked(address.split('.').map(Number), 8, prefix)
    return { ok: true, owners: [`${prefix}.${parts.reverse().join('.')}.rpz-ip`] }
  }
  const words = isIPv6(address) && prefix <= 128 ? ipv6Words(address) : undefined
  if (words === undefined) return refused('value-unsafe')
  const parts = masked(words, 16, prefix)
  // BIND reads ::ffff:0:0/96 and what lies in it as IPv4: another trigger than the one written.
  if (prefix >= 96 && parts[5] === 0xffff && parts.slice(0, 5).every((word) => word === 0)) {
    return refused('value-unsafe')
  }
  return { ok: true, owners: [`${prefix}.${reversedWords(parts)}.rpz-ip`] }
}

/** Clears what lies behind the prefix, in groups of `size` bits. */
function masked(groups: readonly number[], size: number, prefix: number): number[] {
  return groups.map((group, index) => {
    const kept = Math.min(size, Math.max(0, prefix - index * size))
    return group & ~((1 << (size - kept)) - 1)
  })
}

/** The eight 16-bit words of an IPv6 address as `node:net` accepts it, without a zone id. */
function ipv6Words(address: string): number[] | undefined {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const text =
    dotted === null
      ? address
      : `${dotted[1]}${(Number(dotted[2]) * 256 + Number(dotted[3])).toString(16)}:${(Number(dotted[4]) * 256 + Number(dotted[5])).toString(16)}`
  const [head = '', tail] = text.split('::')
  const left = wordsOf(head)
  const right = wordsOf(tail ?? '')
  const gap = tail === undefined ? 0 : 8 - left.length - right.length
  const words = [...left, ...Array<number>(Math.max(0, gap)).fill(0), ...right]
  return words.length === 8 ? words : undefined
}

function wordsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16))
}

/**
 * Words in hexadecimal, last first, the longest run of two or more zeros as `zz`: BIND warns of any other form. Of
 * equal runs the first of the address is shortened (RFC 5952 §4.2.3), which is the last in this order.
 */
function reversedWords(words: readonly number[]): string {
  const reversed = [...words].reverse()
  let best = { start: -1, length: 1 }
  let start = 0
  for (let i = 0; i < reversed.length; i += 1) {
    if (reversed[i] !== 0) start = i + 1
    else if (i - start + 1 >= Math.max(2, best.length)) best = { start, length: i - start + 1 }
  }
  const parts = reversed.map((word) => word.toString(16))
  if (best.start >= 0) parts.splice(best.start, best.length, 'zz')
  return parts.join('.')
}
