/** What stands around a token, as far as it decides what the token means. */
export interface Surroundings {
  /** Up to 64 characters of the same line before `at`; in a list, after the heading of that list. */
  before(at: number): string
  /** The same without a heading. */
  line(at: number): string
  /** Up to 32 characters of the same line from `at` on. */
  after(at: number): string
}

const BEFORE = 64
const AFTER = 32
const HEADING = /^[\s>#*_-]{0,8}([^\n@/]{2,60}?)\s{0,2}[:：]?[*_\s]{0,4}$/
/** 'JA3 fingerprints', 'Certificats clients': a line of few words that names a kind of value is a heading as well. */
const KIND_OF_VALUES = /^(?:\p{L}+ ){0,2}(?:ja3s?|jarm|tlsh|certificate?s?|certificats?)(?: \p{L}+){0,3}$/iu
/** What a heading has to have of either sort; most lines have it not. */
const MAY_BE_HEADING = /^[\s>]{0,8}(?:#|\*\*)|[:：][*_\s]{0,4}$|ja3|jarm|tlsh|certif/iu
const BULLET_ONLY = /^[\s>*•·–—\d.)(-]{0,16}$/

/** Positions must be asked from left to right. */
export function createSurroundings(view: string): Surroundings {
  let lineStart = 0
  let lineBreak = view.indexOf('\n')
  let heading = ''
  let hasEntry = false

  return { before, line, after }

  function line(at: number): string {
    advance(at)
    return view.slice(Math.max(lineStart, at - BEFORE), at)
  }

  function before(at: number): string {
    const text = line(at)
    return heading !== '' && BULLET_ONLY.test(text) ? `${heading} : ${text}` : text
  }

  function after(at: number): string {
    const text = view.slice(at, at + AFTER)
    const end = text.search(/[\r\n]/)
    return end < 0 ? text : text.slice(0, end)
  }

  /** Moves to the line of `at`; the last heading stays in force until an empty line after its first entry. */
  function advance(at: number): void {
    while (lineBreak >= 0 && lineBreak < at) {
      const line = lineBreak - lineStart > 80 ? undefined : view.slice(lineStart, lineBreak)
      const words = line === undefined ? undefined : headingOf(line)
      if (words !== undefined) {
        heading = words
        hasEntry = false
      } else if (line?.trim() !== '') hasEntry = true
      else if (hasEntry) heading = ''
      lineStart = lineBreak + 1
      lineBreak = view.indexOf('\n', lineStart)
    }
  }
}

/** The words of a line that only announces what follows: 'JA3 :', '## Domaines', '**Certificats**'. */
function headingOf(line: string): string | undefined {
  if (!MAY_BE_HEADING.test(line)) return undefined
  const words = HEADING.exec(line)?.[1]
  if (words === undefined || words.includes('.')) return undefined
  const isMarked = /[:：][*_\s]{0,4}$/.test(line) || /^[\s>]{0,8}(?:#|\*\*)/.test(line)
  return isMarked || (words.length <= 40 && KIND_OF_VALUES.test(words)) ? words : undefined
}
