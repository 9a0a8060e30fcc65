import { createHash } from 'node:crypto'
import { accept, type ParsedValue, refuse } from './parsed.ts'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

/** base58check of a 21-byte payload: P2PKH (version 0) and P2SH (version 5) of the main net. */
function isBase58Address(text: string): boolean {
  let value = 0n
  for (const digit of text) value = value * 58n + BigInt(BASE58.indexOf(digit))
  // Each leading zero byte is written as one '1'; the length is fixed, so the zeros must come out as 25 bytes exactly.
  const hex = value === 0n ? '' : value.toString(16)
  const body = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  const bytes = Buffer.concat([Buffer.alloc(zeros), body])
  if (bytes.length !== 25 || (bytes[0] !== 0 && bytes[0] !== 5)) return false
  return Buffer.from(sha256(sha256(bytes.subarray(0, 21))))
    .subarray(0, 4)
    .equals(bytes.subarray(21))
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
const BECH32_CONSTANT = 1
const BECH32M_CONSTANT = 0x2bc830a3

/** The checksum polynomial of BIP 173. */
function polymod(values: readonly number[]): number {
  let sum = 1
  for (const value of values) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of GENERATORS.entries()) if ((top >>> bit) & 1) sum ^= generator
  }
  return sum >>> 0
}

/** Segregated-witness address: bech32 for version 0 (BIP 173), bech32m for 1 to 16 (BIP 350). `text` in lower case. */
function isSegwitAddress(text: string): boolean {
  const data = [...text.slice(3)].map((digit) => BECH32.indexOf(digit))
  // 'bc' expanded as BIP 173 asks: high bits, zero, low bits.
  const checksum = polymod([3, 3, 0, 2, 3, ...data])
  const version = data[0] ?? -1
  if (version > 16 || checksum !== (version === 0 ? BECH32_CONSTANT : BECH32M_CONSTANT)) return false
  const groups = data.slice(1, -6)
  const spare = (groups.length * 5) % 8
  // The program is whole bytes; what is left over is fewer than five bits, all zero.
  if (spare > 4 || ((groups.at(-1) ?? 0) & ((1 << spare) - 1)) !== 0) return false
  const length = Math.floor((groups.length * 5) / 8)
  return version === 0 ? length === 20 || length === 32 : length >= 2 && length <= 40
}

/** A Bitcoin main-net address with a right checksum; bech32 in lower case, base58 as it is. */
export function parseBtc(text: string): ParsedValue {
  if (/^bc1[02-9ac-hj-np-z]{8,87}$/.test(text) || /^BC1[02-9AC-HJ-NP-Z]{8,87}$/.test(text)) {
    const value = text.toLowerCase()
    return isSegwitAddress(value) ? accept(value) : refuse('btc-checksum')
  }
  if (!/^[13][1-9A-HJ-NP-Za-km-z]{24,34}$/.test(text)) return refuse('btc-syntax')
  return isBase58Address(text) ? accept(text) : refuse('btc-checksum')
}
