// Classes of characters, one lookup each: 0 = part of a word, 1 = soft end (may stand inside a link), 2 = hard end.
const WORD = 0
const SOFT = 1
const HARD = 2

const ASCII = new Uint8Array(128)
for (let code = 0; code < 128; code++) ASCII[code] = code <= 0x20 || code === 0x7f ? HARD : WORD
for (const char of '<>"|`') ASCII[char.charCodeAt(0)] = HARD
for (const char of ",;()[]{}'!?=*~&$#^") ASCII[char.charCodeAt(0)] = SOFT

const HARD_BEYOND_ASCII = /[\s\u0085«»‹›“”„‟…\u2028\u2029]/
const LETTER = /[\p{L}\p{N}\p{M}]/u
// Filled as characters are met: 0 = not asked yet, else class + 1.
const BEYOND_ASCII = new Uint8Array(65_536)

/** The class of a UTF-16 code unit. */
function classOf(code: number): number {
  if (code < 128) return ASCII[code] ?? HARD
  const known = BEYOND_ASCII[code] ?? 0
  if (known > 0) return known - 1
  const char = String.fromCharCode(code)
  const found = HARD_BEYOND_ASCII.test(char) ? HARD : LETTER.test(char) ? WORD : SOFT
  BEYOND_ASCII[code] = found + 1
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

/** White space and control characters, the only ends of a password. */
export function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x3000
}
