import { CLASS, HEX, hexValue, SIGN } from './bytes.ts'
import { finish, PRIME } from './table.ts'

/** Third word of an IPv4 address as 128 bits (RFC 4291 §2.5.5.2). */
export const MAPPED = 0xffff

/**
 * Reads exactly these bytes as an IPv4 address into the last of four words; false if they are none: four decimal numbers up
 * to 255 without leading zeros, which are octal to some tools.
 */
export function readIpv4(bytes: Uint8Array, start: number, end: number, words: Uint32Array): boolean {
  if (end - start < 7 || end - start > 15) return false
  let address = 0
  let part = 0
  let digits = 0
  let parts = 0
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] as number) - 0x30
    if (digit === DOT_DIGIT) {
      if (digits === 0) return false
      address = (address << 8) | part
      parts += 1
      part = 0
      digits = 0
      continue
    }
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return false
    part = part * 10 + digit
    digits += 1
    if (part > 255) return false
  }
  if (parts !== 3 || digits === 0) return false
  words[3] = (address << 8) | part
  return true
}

/** What a dot would be as a digit. */
const DOT_DIGIT = 0x2e - 0x30

/** Reads exactly these bytes as an IPv6 address (RFC 4291 §2.2) into four words; false if they are none. */
export function readIpv6(bytes: Uint8Array, start: number, end: number, words: Uint32Array): boolean {
  if (end - start < 2 || end - start > 45) return false
  const groups: number[] = []
  let gap = -1
  let at = start
  if (bytes[at] === SIGN.colon) {
    if (bytes[at + 1] !== SIGN.colon) return false
    gap = 0
    at += 2
  }
  while (at < end) {
    let value = 0
    const from = at
    while (at < end && ((CLASS[bytes[at] as number] as number) & HEX) !== 0) {
      value = value * 16 + hexValue(bytes[at] as number)
      at += 1
    }
    if (at < end && bytes[at] === SIGN.dot) {
      if (!readIpv4(bytes, from, end, words)) return false
      const tail = words[3] as number
      groups.push(tail >>> 16, tail & 0xffff)
      break
    }
    if (at === from || at - from > 4) return false
    groups.push(value)
    if (at === end) break
    // Only hexadecimal digits, dots and colons come here, so this is a colon.
    at += 1
    if (at === end) return false
    if (bytes[at] !== SIGN.colon) continue
    if (gap >= 0) return false
    gap = groups.length
    at += 1
  }
  if (gap < 0 ? groups.length !== 8 : groups.length > 7) return false
  const whole = gap < 0 ? groups : [...groups.slice(0, gap), ...Array(8 - groups.length).fill(0), ...groups.slice(gap)]
  for (let word = 0; word < 4; word += 1)
    words[word] = (whole[word * 2] as number) * 65_536 + (whole[word * 2 + 1] as number)
  return true
}

/** Hash of the first `length` bits of an address. */
export function hashNet(seed: number, words: Uint32Array, length: number): number {
  if (length >= 96 && words[0] === 0 && words[1] === 0 && words[2] === MAPPED)
    return hashFour(seed, masked(words[3] as number, 3, length), length)
  let hash = seed ^ length
  for (let word = 0; word < 4; word += 1)
    hash = finish(Math.imul(hash ^ masked(words[word] as number, word, length), PRIME))
  return hash
}

/** The same of an IPv4 address, masked already. */
export function hashFour(seed: number, four: number, length: number): number {
  return finish(Math.imul(seed ^ length, PRIME) ^ four)
}

/** A word of an address, with what lies behind the first `length` bits cleared. */
export function masked(value: number, word: number, length: number): number {
  const bits = length - word * 32
  if (bits >= 32) return value >>> 0
  return bits <= 0 ? 0 : (value & (-1 << (32 - bits))) >>> 0
}
