import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { accept, type ParsedValue, refuse } from './parsed.ts'

/** An IPv4 address. Strict dotted decimal: `010.0.0.1` is octal to some tools and decimal to others. */
export function parseIpv4(text: string): ParsedValue {
  return isIPv4(text) ? accept(text) : refuse('ipv4-syntax')
}

/** ipaddr.js 2.5.0 reads `::1.2.3.4` as `::ffff:1.2.3.4`, so a dotted tail is turned into two groups first. */
function readIpv6(text: string): ipaddr.IPv6 {
  const tail = /\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0]
  if (tail === undefined) return ipaddr.IPv6.parse(text)
  const [a = 0, b = 0, c = 0, d = 0] = tail.split('.').map(Number)
  const groups = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  return ipaddr.IPv6.parse(text.slice(0, -tail.length) + groups)
}

/** An IPv6 address in the canonical form of RFC 5952. */
export function parseIpv6(text: string): ParsedValue {
  if (!isIPv6(text)) return refuse('ipv6-syntax')
  if (text.includes('%')) return refuse('ipv6-zone')
  const address = readIpv6(text)
  if (address.isIPv4MappedAddress()) return refuse('ipv6-mapped')
  return accept(address.toRFC5952String())
}

/** The IPv4 address that an IPv4-mapped IPv6 address stands for (RFC 4291 §2.5.5.2), or undefined. */
export function mappedIpv4(text: string): string | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined
  const address = readIpv6(text)
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : undefined
}

/** Addresses from `first` to `last`, both included, as unsigned integers of `bits` bits. */
export interface AddressRange {
  readonly bits: 32 | 128
  readonly first: bigint
  readonly last: bigint
}

function toInteger(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

function fromInteger(value: bigint, bits: 32 | 128): string {
  const bytes = Array.from({ length: bits / 8 }, (_, i) => Number((value >> BigInt(bits - 8 * (i + 1))) & 0xffn))
  return bits === 32 ? bytes.join('.') : (ipaddr.fromByteArray(bytes) as ipaddr.IPv6).toRFC5952String()
}

/** An address or a CIDR range as integers; IPv4-mapped addresses as the IPv4 they are; anything else undefined. */
export function rangeOf(text: string): AddressRange | undefined {
  const [address = '', prefix, ...rest] = text.split('/')
  if (rest.length > 0 || (prefix !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(prefix))) return undefined
  const v4 = isIPv4(address)
  if (!v4 && (!isIPv6(address) || address.includes('%'))) return undefined
  const bytes = v4 ? address.split('.').map(Number) : readIpv6(address).toByteArray()
  const mapped = !v4 && readIpv6(address).isIPv4MappedAddress()
  const width = (v4 ? 32 : 128) - Number(prefix ?? (v4 ? 32 : 128))
  if (width < 0) return undefined
  const bits = v4 || (mapped && width <= 32) ? 32 : 128
  const start = toInteger(mapped && bits === 32 ? bytes.slice(12) : bytes)
  const first = (start >> BigInt(width)) << BigInt(width)
  return { bits, first, last: first + (1n << BigInt(width)) - 1n }
}

/** Widest ranges that one indicator may name; more is a mistake, not a finding. */
const WIDEST = { 32: 8, 128: 16 } as const

/**
 * A range with its host bits cleared: `192.0.2.77/24` → `192.0.2.0/24`. The prefix length is decimal without leading
 * zeros, at least /8 or /16. One address is no range: two spellings of a thing would never meet.
 */
export function parseCidr(text: string): ParsedValue {
  const [address = '', prefix, ...rest] = text.split('/')
  if (prefix === undefined || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return refuse('cidr-syntax')
  const v4 = isIPv4(address)
  if (!v4) {
    const parsed = parseIpv6(address)
    if (!parsed.ok) return parsed.code === 'ipv6-syntax' ? refuse('cidr-syntax') : parsed
  }
  const bits = v4 ? 32 : 128
  const length = Number(prefix)
  if (length > bits) return refuse('cidr-syntax')
  if (length === bits) return refuse('cidr-single-address')
  if (length < WIDEST[bits]) return refuse('cidr-too-wide')
  const range = rangeOf(text)
  return range === undefined ? refuse('cidr-syntax') : accept(`${fromInteger(range.first, bits)}/${length}`)
}
