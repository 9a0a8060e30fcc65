import { isBlank, isDigit, isLetterBefore } from './chars.ts'
import { VERSION_BEFORE } from './words.ts'

/** What joins two numbers of versions. */
const JOINT = /^(?:et|and|[aà]|to|ou|or)$/iu
/** The words of `VERSION_BEFORE`, or the last of them where they are several. */
const VERSION_WORD =
  /^(?:v|vers|versions?|releases?|rev|firmware|build|patch|correctif|section|clause|chapitre|chapter|art|article|oid|paragraphe|annexe|modules?|noyau|kernel|maj|jour|upgraded?|from|update)$/iu
const VERSION_AND_WORD = /versions?\s$/iu
/** 'versions', 'upgraded' and 'mise à' are the longest that stand before that word and belong to it. */
const LONGEST_BEFORE = 16

/** Whether what stands before numbers with dots says that they are a version. */
export function isVersionBefore(before: string): boolean {
  const word = versionWord(before)
  return word !== undefined && VERSION_BEFORE.test(before.slice(Math.max(0, word - LONGEST_BEFORE)))
}

/**
 * Goes back over numbers and what joins them to the word before: where it begins, if it can be a word for versions. The
 * pattern would be tried from every character; most often there is no such word.
 */
function versionWord(before: string): number | undefined {
  let end = before.length
  if (before.charCodeAt(end - 1) === 0x2f) return 0
  for (;;) {
    while (end > 0 && isNumbering(before.charCodeAt(end - 1))) end--
    let from = end
    while (isLetterBefore(before, from) && !isDigit(before.charCodeAt(from - 1))) from--
    const last = from > 0 ? before.charCodeAt(from - 1) : 0
    // '§', 'n°' and what is no letter of one code unit are left to the pattern.
    if (last === 0xa7 || last === 0xb0 || (last >= 0xd800 && last < 0xe000)) return 0
    if (from === end) return undefined
    const word = before.slice(from, end)
    if (VERSION_WORD.test(word) || VERSION_AND_WORD.test(before.slice(Math.max(0, from - LONGEST_BEFORE), from)))
      return from
    if (!JOINT.test(word)) return undefined
    end = from
  }
}

/** Digits, blanks, dots, colons, commas and hyphens. */
function isNumbering(code: number): boolean {
  return isDigit(code) || isBlank(code) || code === 0x2e || code === 0x3a || code === 0x2c || code === 0x2d
}
