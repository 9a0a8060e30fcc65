/** What each byte of a log is to the scanner. Everything else, blanks and most signs, separates. */

export const DIGIT = 1
/** a to f, in either case. */
export const HEX_LETTER = 2
/** g to z, in either case. */
export const LETTER = 4
export const DOT = 8
export const DASH = 16
export const UNDERSCORE = 32
/** A byte of a character beyond ASCII. */
export const HIGH = 64
/** Only the scanner of IPv6 addresses looks at it; to everybody else it separates. */
export const COLON = 128

export const WORD: number = DIGIT | HEX_LETTER | LETTER
export const HEX: number = DIGIT | HEX_LETTER
/** What a name, however written, can consist of. */
export const NAME: number = WORD | DOT | DASH | UNDERSCORE | HIGH

/** Classes of all 256 bytes. */
export const CLASS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return HIGH
  const character = String.fromCharCode(byte)
  if (/[0-9]/.test(character)) return DIGIT
  if (/[a-f]/i.test(character)) return HEX_LETTER
  if (/[g-z]/i.test(character)) return LETTER
  return { '.': DOT, '-': DASH, _: UNDERSCORE, ':': COLON }[character] ?? 0
})

/** ASCII letters in lower case, all other bytes as they are. */
export const FOLD: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
)

/** Value of a hexadecimal digit; only asked of one. */
export function hexValue(byte: number): number {
  return byte < 0x3a ? byte - 0x30 : (byte | 0x20) - 0x57
}

const byteOf = (character: string): number => character.charCodeAt(0)

/** Bytes of an ASCII sign, by name where the scanner asks for them. */
export const SIGN = {
  slash: byteOf('/'),
  backslash: byteOf('\\'),
  percent: byteOf('%'),
  at: byteOf('@'),
  colon: byteOf(':'),
  dot: byteOf('.'),
  dash: byteOf('-'),
  close: byteOf(']'),
  question: byteOf('?'),
  hash: byteOf('#'),
  four: byteOf('4'),
  zero: byteOf('0')
} as const

const isHexByte = (byte: number | undefined): boolean => byte !== undefined && ((CLASS[byte] as number) & HEX) !== 0

/**
 * Bytes at `at` that belong to an escape which the byte before began, and so not to what follows: 2 after `%` (RFC 3986
 * §2.1), 5 of `\u003c` (RFC 8259 §7), 3 of `\x3c`, 1 of `\n`; a backslash that is itself escaped begins none.
 */
export function escapeLength(bytes: Uint8Array, at: number, least: number): number {
  if (at <= least) return 0
  const before = bytes[at - 1]
  if (before === SIGN.percent) return isHexByte(bytes[at]) && isHexByte(bytes[at + 1]) ? 2 : 0
  if (before !== SIGN.backslash || (at - 1 > least && bytes[at - 2] === SIGN.backslash)) return 0
  const first = String.fromCharCode(bytes[at] ?? 0)
  if (/[nrtbf]/.test(first)) return 1
  const digits = first === 'u' ? 4 : first === 'x' ? 2 : 0
  for (let index = 1; index <= digits; index += 1) if (!isHexByte(bytes[at + index])) return 0
  return digits === 0 ? 0 : digits + 1
}

/** True if an escape ends right before `at`. */
export function endsEscape(bytes: Uint8Array, at: number, least: number): boolean {
  return [1, 2, 3, 5].some((length) => at - length > least && escapeLength(bytes, at - length, least) === length)
}
