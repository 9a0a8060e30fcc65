import { JournalError } from './errors.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const DIGITS = new Map([...ALPHABET].map((letter, digit) => [letter, digit]))

// Work grows with the square of the length; keys are 34 bytes, 47 digits.
const MAX_DIGITS = 128

/** base58btc (Bitcoin alphabet), without a multibase prefix; leading zero bytes become leading `1`s. */
export function encodeBase58(bytes: Uint8Array): string {
  const digits: number[] = []
  for (const byte of bytes) {
    let carry = byte
    for (let index = 0; index < digits.length; index++) {
      carry += (digits[index] ?? 0) << 8
      digits[index] = carry % 58
      carry = Math.floor(carry / 58)
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58)
  }
  const zeros = bytes.findIndex((byte) => byte !== 0)
  const text = digits.reverse().map((digit) => ALPHABET[digit])
  return '1'.repeat(zeros === -1 ? bytes.length : zeros) + text.join('')
}

/** The bytes of base58btc text of at most 128 digits; anything else throws `base58-malformed`. */
export function decodeBase58(text: string): Uint8Array {
  if (text.length > MAX_DIGITS) throw new JournalError('base58-malformed', undefined, { characters: text.length })
  const bytes: number[] = []
  for (const letter of text) {
    let carry = DIGITS.get(letter)
    if (carry === undefined) throw new JournalError('base58-malformed')
    for (let index = 0; index < bytes.length; index++) {
      carry += (bytes[index] ?? 0) * 58
      bytes[index] = carry & 0xff
      carry >>= 8
    }
    for (; carry > 0; carry >>= 8) bytes.push(carry & 0xff)
  }
  let zeros = 0
  while (text[zeros] === '1') zeros++
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...bytes.reverse()])
}
