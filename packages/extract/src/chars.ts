// Classes of characters, one lookup each: 0 = part of a word, 1 = soft end (may stand inside a link), 2 = hard end.
const WORD = 0
const SOFT = 1
const HARD = 2

const ASCII = new Uint8Array(128)
for (let code = 0; code < 128; code++) ASCII[code] = code <= 0x20 || code === 0x7f ? HARD : WORD
for (const char of '<>"|`') ASCII[char.charCodeAt(0)] = HARD
for (const char of ",;()[]{}'!?=*~&$#^") ASCII[char.charCodeAt(0)] = SOFT

const HARD_BEYOND_ASCII = /[\s\u0085«»‹›“”„‟…\u2028\u2029]/
const LETTER_OR_MARK = /[\p{L}\p{N}\p{M}]/u
// One look-up for every code unit; beyond ASCII filled as characters are met: 0 = not asked yet, else class + 1.
const CLASSES = new Uint8Array(65_536)
for (const [code, found] of ASCII.entries()) CLASSES[code] = found + 1

/** The class of a UTF-16 code unit. */
function classOf(code: number): number {
  const known = CLASSES[code] ?? 0
  return known > 0 ? known - 1 : askClass(code)
}

function askClass(code: number): number {
  const char = String.fromCharCode(code)
  const found = HARD_BEYOND_ASCII.test(char) ? HARD : LETTER_OR_MARK.test(char) ? WORD : SOFT
  CLASSES[code] = found + 1
  return found
}

/** Ends a link: white space, quotation marks, angle brackets, ellipsis. */
export function isHardEnd(code: number): boolean {
  return classOf(code) === HARD
}

/** Part of a name, an address, a path or a hash. */
export function isWordChar(code: number): boolean {
  return classOf(code) === WORD
}

/**
 * A class of characters: whether a pattern for one character matches it. The pattern is asked once for each UTF-16 code
 * unit and remembered; NaN, the code beyond the end of a text, is in no class.
 */
export function createCharClass(pattern: RegExp): (code: number) => boolean {
  // 0 = not asked yet, 1 = no, 2 = yes.
  const known = new Uint8Array(65_536)
  return (code) => {
    const answer = known[code]
    return answer === 0 ? ask(code) : answer === 2
  }

  function ask(code: number): boolean {
    const isInside = pattern.test(String.fromCharCode(code))
    known[code] = isInside ? 2 : 1
    return isInside
  }
}

/** White space and control characters, the only ends of a password. */
export function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x3000
}

/** What `\s` matches. */
export const isBlank = createCharClass(/\s/)

/** What a character of a word adds to the word's shape, as bits: letters of any script, digits, and marks of ASCII. */
export const LETTER = 1
export const DIGIT = 2
export const HYPHEN = 4
export const DOT = 8
export const COLON = 16
/** Either slash. */
export const SLASH = 32
export const AT = 64
/** Underscore, percent, plus. */
export const SIGN = 128
/** What makes a word more than a word of a language; a hyphen does not. */
export const MARK = DOT | COLON | SLASH | AT | SIGN

// Asked of every character of every text, so one look-up: 0 = ends a word, or beyond ASCII not asked yet.
const TRAITS = new Uint8Array(65_536)
const ASCII_TRAITS: Readonly<Record<string, number>> = {
  '-': HYPHEN,
  '.': DOT,
  ':': COLON,
  '/': SLASH,
  '\\': SLASH,
  '@': AT,
  _: SIGN,
  '%': SIGN,
  '+': SIGN
}
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code)
  if (ASCII[code] === WORD) TRAITS[code] = ASCII_TRAITS[char] ?? (isDigit(code) ? DIGIT : LETTER)
}

/** The bit of a UTF-16 code unit; 0 for one that ends a word. */
export function traitsOf(code: number): number {
  const known = TRAITS[code] ?? 0
  if (known > 0 || code < 128 || !isWordChar(code)) return known
  TRAITS[code] = LETTER
  return LETTER
}

/** Digits of ASCII. */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

const ANY_LETTER = /[\p{L}\p{N}]/u
/** Letters and digits of every script, one code unit each. */
export const isLetter = createCharClass(ANY_LETTER)

/** True when a letter or digit of any script begins at `at`. */
export function isLetterAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code >= 0xd800 && code < 0xdc00) return ANY_LETTER.test(text.slice(at, at + 2))
  return isLetter(code)
}

/** True when a letter or digit of any script ends right before `at`. */
export function isLetterBefore(text: string, at: number): boolean {
  if (at === 0) return false
  const code = text.charCodeAt(at - 1)
  if (code >= 0xdc00 && code < 0xe000) return ANY_LETTER.test(text.slice(Math.max(0, at - 2), at))
  return isLetter(code)
}
