import { isBlank, isLetter } from './chars.ts'

/**
 * Finds where one of a few words may begin, after no letter or digit, in one cheap pass: the expensive pattern that knows
 * the words is then asked at these places only. Letters count without case, as the flags `iu` have it, and three of them decide; whoever asks
 * must not mind a place too many.
 */
export function createOpenings(words: readonly string[]): (text: string) => number[] {
  const known = new Uint8Array(1 << 15)
  for (const word of words) {
    const [first = 0, second = 0, third] = [...word.slice(0, 3)].map((char) => folded(char.charCodeAt(0)))
    const from = third ?? 0
    for (let last = from; last <= (third ?? 31); last++) known[(first << 10) | (second << 5) | last] = 1
  }
  return (text) => {
    const places: number[] = []
    const end = text.length
    let key = end < 2 ? 0 : (folded(text.charCodeAt(0)) << 5) | folded(text.charCodeAt(1))
    for (let at = 2; at < end; at++) {
      key = ((key << 5) | folded(text.charCodeAt(at))) & 0x7fff
      if (known[key] === 1 && !isLetter(text.charCodeAt(at - 3))) places.push(at - 2)
    }
    // The last two characters are followed by nothing.
    if (end >= 2 && known[(key << 5) & 0x7fff] === 1 && !isLetter(text.charCodeAt(end - 3))) places.push(end - 2)
    return places
  }
}

/** Five bits, the same for a letter in either case; 'ſ' and the sign of Kelvin are letters of ASCII to `iu`. */
function folded(code: number): number {
  if (code < 0x17f) return code & 31
  return code === 0x17f ? 19 : code === 0x212a ? 11 : code & 31
}

/** The matches of a sticky pattern, as `matchAll` would find them if it could begin at these places only. */
export function* matchesAt(text: string, pattern: RegExp, places: readonly number[]): Generator<RegExpExecArray> {
  let done = 0
  for (const place of places) {
    if (place < done) continue
    pattern.lastIndex = place
    const match = pattern.exec(text)
    if (match === null) continue
    // Whoever reads a match may use the pattern as well.
    done = pattern.lastIndex
    yield match
  }
}

/** Where the lines of a text begin, as `^` with the flag `m` sees them. */
export function lineStarts(text: string): number[] {
  const starts = [0]
  if (!/[\r\u2028\u2029]/.test(text)) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    return starts
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x0a || code === 0x0d || code === 0x2028 || code === 0x2029) starts.push(at + 1)
  }
  return starts
}

/** How many blanks and marks of quotation the patterns for header lines skip. */
const MOST_SKIPPED = 12

/**
 * Finds the lines, of those that begin at `starts`, where one of the characters `first` (lower case) stands, at once or
 * after blanks and marks of quotation.
 */
export function createLineOpenings(first: string): (text: string, starts: readonly number[]) => number[] {
  const known = new Uint8Array(256)
  for (const char of first) known[char.charCodeAt(0)] = 1
  const isKnown = (code: number): boolean => known[smallLetter(code)] === 1
  return (text, starts) =>
    starts.filter((start) => {
      if (isKnown(text.charCodeAt(start))) return true
      let at = start
      while (at - start <= MOST_SKIPPED && isQuoting(text.charCodeAt(at))) at++
      return at - start > MOST_SKIPPED || isKnown(text.charCodeAt(at))
    })
}

/** White space, '>' and '*'. */
function isQuoting(code: number): boolean {
  return code === 0x3e || code === 0x2a || isBlank(code)
}

function smallLetter(code: number): number {
  return code === 0x17f ? 0x73 : code === 0x212a ? 0x6b : code < 0xe0 ? code | 0x20 : code
}
