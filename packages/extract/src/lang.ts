import { isLetterAt, isLetterBefore } from './chars.ts'

const FRENCH = new Set(
  'le la les des une un du et est pour dans sur avec par vous votre vos nous ce cette sont pas plus merci bonjour compte fichier lien que qui aux de en au à puis il elle je ne ce ou ont été voir'.split(
    ' '
  )
)
const ENGLISH = new Set(
  'the and is for in on with by you your we this that are not please account file link from of to has was have be it as'.split(
    ' '
  )
)
// Some thousand words tell as much as all of them. 'pas_un_ioc' and 'the.example' are no words of a language.
const SAMPLE = 4_000
const LONGEST = 7
const SMALL_WORDS = [...new Set([...FRENCH, ...ENGLISH])]
// By their first two letters, the last one and the length, so that no word has to be cut out: the number of the one small
// word that it can be, from 1, or 0. Small words of one shape follow one another in `SAME_SHAPE`.
const BY_SHAPE = new Uint8Array(1 << 18)
const SAME_SHAPE = new Uint8Array(SMALL_WORDS.length + 1)
for (const [index, word] of SMALL_WORDS.entries()) {
  const shape = shapeOf(word, 0, word.length)
  SAME_SHAPE[index + 1] = BY_SHAPE[shape] ?? 0
  BY_SHAPE[shape] = index + 1
}

/** French or English, by the small words; undefined where neither is plain. */
export function detectLang(text: string): 'fr' | 'en' | undefined {
  const sample = text.slice(0, SAMPLE).toLowerCase()
  let french = 0
  let english = 0
  for (let at = 0, end = 0; at < sample.length; at = end + 1) {
    end = at
    while (end < sample.length && isSmallLetter(sample.charCodeAt(end))) end++
    const word = end === at || end - at > LONGEST ? undefined : smallWord(sample, at, end)
    if (word === undefined || !opensWord(sample, at) || !closesWord(sample, end)) continue
    if (FRENCH.has(word)) french++
    if (ENGLISH.has(word)) english++
  }
  if (Math.max(french, english) < 2 || french === english) return undefined
  return french > english ? 'fr' : 'en'
}

/** The small word that `[from, to)` is. */
function smallWord(text: string, from: number, to: number): string | undefined {
  for (let number = BY_SHAPE[shapeOf(text, from, to)] ?? 0; number > 0; number = SAME_SHAPE[number] ?? 0) {
    const word = SMALL_WORDS[number - 1] ?? ''
    if (text.startsWith(word, from)) return word
  }
  return undefined
}

function shapeOf(text: string, from: number, to: number): number {
  const second = text.charCodeAt(Math.min(from + 1, to - 1)) & 31
  return ((text.charCodeAt(from) & 31) << 13) | (second << 8) | ((text.charCodeAt(to - 1) & 31) << 3) | (to - from)
}

/** a–z and à–ÿ without the sign of division. */
function isSmallLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0xe0 && code <= 0xff && code !== 0xf7)
}

function opensWord(text: string, at: number): boolean {
  return at === 0 || !(isJoint(text.charCodeAt(at - 1)) || text[at - 1] === '.' || isLetterBefore(text, at))
}

function closesWord(text: string, end: number): boolean {
  if (end === text.length) return true
  const code = text.charCodeAt(end)
  // '.' and ':' end a word before a blank and at the end of the text.
  if (code === 0x2e || code === 0x3a) return end + 1 === text.length || /\s/.test(text.charAt(end + 1))
  return !isJoint(code) && !isLetterAt(text, end)
}

/** Underscore, at sign, slash, hyphen: what they join is no word of a language. */
function isJoint(code: number): boolean {
  return code === 0x5f || code === 0x40 || code === 0x2f || code === 0x2d
}
