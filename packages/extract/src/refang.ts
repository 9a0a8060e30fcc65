import { isBlank } from './chars.ts'
import { createEditor, type Edited } from './edited.ts'

// What people put around a dot, an at sign or a colon so that nobody clicks. Every pattern is sticky and bounded, so
// one attempt costs a constant and the whole pass is linear.
const BRACKETED_DOT = /[[({<]\s{0,2}(?:\.|dot|point)\s{0,2}[\])}>]/iy
const BRACKETED_AT = /[[({<]\s{0,2}(?:@|at|arobase|arrobase)\s{0,2}[\])}>]/iy
const BRACKETED_COLON = /[[({]\s{0,2}(:\/\/|:\/|::|:|\/\/|\/|colon)\s{0,2}[\])}]/iy
const SPACED_DOT = / (?:[[({](?:\.|dot)[\])}]|DOT) (?=[\p{L}\p{N}])(?!(?:et|ou|and|or|est)(?![\p{L}\p{N}.-]))/uy
const SPACED_AT = / (?:[[({](?:@|at|AT|arobase)[\])}]) (?=[\p{L}\p{N}])/uy
// 'colis-en-retard point fr', said aloud; 'le site point fr' is prose, so the name must look like one.
const SPOKEN_DOT = / (?:point|dot) (?=(?:be|ch|com|eu|example|fr|info|net|org|test|top|xyz)(?![\p{L}\p{N}'’-]))/uy
// 'jean AT evil DOT com': capitals alone are prose, unless the name after them is defanged too.
const CAPITAL_AT = / AT (?=[\p{L}\p{N}-]{1,63}(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)| DOT ))/uy

const HIVE_BEFORE = /(?:^|[^\p{L}\p{N}_])HK(?:EY_[A-Z_]{5,15}|LM|CU|CR|CC|U)$/iu

const WORD = /[\p{L}\p{N}_*-]/u

// Characters that nobody sees: soft hyphen, zero-width ones, joiners, direction marks, byte order mark.
const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\u034f/
const DOTS = new Set(['\u2024', '\u3002', '\uff0e', '\uff61', '\ufe52', '\u0701', '\u0702', '\ua60e'])
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '\u2010': '-',
  '\u2011': '-',
  '\u2212': '-',
  '\ufe63': '-',
  '\u2044': '/',
  '\u2215': '/',
  '\u29f8': '/',
  '\u02d0': ':',
  '\u2236': ':',
  '\ua789': ':',
  '\ufe55': ':',
  '\ufe6b': '@'
}

// One look-up for every code unit: 1 = means itself, 2 = may be a mark, 0 = not asked yet.
const MARKS = new Uint8Array(65_536).fill(1, 0, 0x80)
for (const char of ' [({<\\.') MARKS[char.charCodeAt(0)] = 2
// Most blanks are followed by none of these: a bracket, 'point' or 'dot', 'DOT', 'AT'.
const AFTER_BLANK = new Uint8Array(65_536)
for (const char of '[({pdDA') AFTER_BLANK[char.charCodeAt(0)] = 1

// What may stand in brackets, perhaps after a blank: '.', 'dot', 'point', '@', 'at', 'arobase', colons, slashes, 'colon'.
const AFTER_BRACKET = new Uint8Array(65_536)
for (const char of '.dDpP@aA:/cC') AFTER_BRACKET[char.charCodeAt(0)] = 1

function isMark(code: number): boolean {
  const known = MARKS[code] ?? 0
  if (known > 0) return known === 2
  const char = String.fromCharCode(code)
  const is = INVISIBLE.test(char) || DOTS.has(char) || (code >= 0xff01 && code <= 0xff5e) || char in LOOK_ALIKES
  MARKS[code] = is ? 2 : 1
  return is
}

/**
 * Undoes defanging and look-alike characters, keeping the way back to the source. Only marks are undone here, the
 * scheme (`hxxp`) is read where URLs are. Prose stays prose: 'evil . com' is not joined.
 */
export function refangView(source: string): Edited {
  const editor = createEditor(source)
  const end = source.length
  let i = 0
  while (i < end) {
    const code = source.charCodeAt(i)
    if (!isMark(code)) i++
    else if (code === 0x20) i += i + 1 < end && AFTER_BLANK[source.charCodeAt(i + 1)] === 1 ? spaced(i) : 1
    else if (code === 0x5c || code === 0x2e) i += dotBeside(i, code)
    else i += code < 0x80 ? bracketed(i) : lookAlike(i)
  }
  return editor.finish()

  /** `\.` and `.]` between two word characters. Returns how far to go on. */
  function dotBeside(index: number, code: number): number {
    const pair = source.charCodeAt(index + 1)
    const joins = code === 0x5c ? pair === 0x2e : pair === 0x5d
    if (!joins || !isWord(index - 1) || !isWord(index + 2)) return 1
    // 'HKU\\.DEFAULT' is a registry key.
    if (code === 0x5c && HIVE_BEFORE.test(source.slice(Math.max(0, index - 24), index))) return 1
    editor.replace(index, index + 2, '.', true)
    return 2
  }

  function spaced(index: number): number {
    const next = source.charCodeAt(index + 1)
    if (
      (next === 0x70 && source.startsWith('point ', index + 1)) ||
      (next === 0x64 && source.startsWith('dot ', index + 1))
    ) {
      const spoken = matchLength(SPOKEN_DOT, index)
      return spoken > 0 && isSpokenName(index) ? put(index, spoken, '.') : 1
    }
    const mayOpen = next === 0x5b || next === 0x28 || next === 0x7b || next === 0x44 || next === 0x41
    if (!mayOpen || !isWord(index - 1)) return 1
    const dot = matchLength(SPACED_DOT, index)
    if (dot > 0) return put(index, dot, '.')
    const at = matchLength(SPACED_AT, index) || matchLength(CAPITAL_AT, index)
    return at > 0 ? put(index, at, '@') : 1
  }

  /** The word that ends here has a hyphen or a digit in it and no dot before it. */
  function isSpokenName(end: number): boolean {
    let from = end
    while (from > 0 && end - from < 64 && isWord(from - 1)) from--
    return source.charAt(from - 1) !== '.' && /^[\p{L}\p{N}].*[-\d]/u.test(source.slice(from, end))
  }

  function bracketed(index: number): number {
    const next = index + 1 < end ? source.charCodeAt(index + 1) : 0
    if (AFTER_BRACKET[next] === 0 && !isBlank(next)) return 1
    const dot = matchLength(BRACKETED_DOT, index)
    if (dot > 0) return isWord(index - 1) && isWord(index + dot) ? put(index, dot, '.') : 1
    const at = matchLength(BRACKETED_AT, index)
    if (at > 0) return isWord(index - 1) && isWord(index + at) ? put(index, at, '@') : 1
    BRACKETED_COLON.lastIndex = index
    const colon = BRACKETED_COLON.exec(source)
    if (colon?.[1] !== undefined && source.charCodeAt(index - 1) > 0x20) {
      return put(index, colon[0].length, colon[1].toLowerCase() === 'colon' ? ':' : colon[1])
    }
    // 'evil[.com', with or without a bracket that closes later
    const half = source.startsWith('[.', index) && isWord(index - 1) && isWord(index + 2)
    return half ? put(index, 2, '.') : 1
  }

  function lookAlike(index: number): number {
    const char = source.charAt(index)
    if (INVISIBLE.test(char)) editor.replace(index, index + 1, '')
    else if (DOTS.has(char)) editor.replace(index, index + 1, '.', isWord(index - 1) && isWord(index + 1))
    else if (char >= '\uff01' && char <= '\uff5e') {
      editor.replace(index, index + 1, String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    } else {
      const plain = LOOK_ALIKES[char]
      if (plain !== undefined) editor.replace(index, index + 1, plain)
    }
    return 1
  }

  function put(index: number, length: number, by: string): number {
    editor.replace(index, index + length, by, true)
    return length
  }

  function matchLength(pattern: RegExp, index: number): number {
    pattern.lastIndex = index
    return pattern.exec(source)?.[0].length ?? 0
  }

  function isWord(index: number): boolean {
    return WORD.test(source.charAt(index))
  }
}
