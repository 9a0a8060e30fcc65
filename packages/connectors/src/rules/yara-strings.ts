/** Whether a string of a YARA rule is one that YARA compiles: each check is one of its compiler's errors. */

const BYTE = '(?:[0-9a-fA-F?][0-9a-fA-F?])'
/** Jumps are bounded: one without an end makes a scan slow, and is refused inside alternatives. */
const JUMP = /^\[(\d{1,3})(?:-(\d{1,3}))?\]$/

/** `{ E2 34 ?? C8 [4-6] ( 62 | 66 67 ) }`, alternatives one deep. */
export function isHexString(text: string): boolean {
  const inner = text.slice(1, -1).replace(/\s+/g, '')
  const parts = inner.match(new RegExp(`${BYTE}|\\[[\\d-]*\\]|\\((?:${BYTE}+\\|)+${BYTE}+\\)`, 'g')) ?? []
  if (parts.join('') !== inner || parts.length < 2) return false
  const isJump = (part: string | undefined): boolean => part?.startsWith('[') === true
  if (isJump(parts[0]) || isJump(parts.at(-1))) return false
  // Something to look for at all: YARA starts from bytes that are known.
  if (!/(?:^|[\])])(?:\?\?)*[0-9a-fA-F]{4}/.test(parts.filter((part) => !part.startsWith('(')).join(''))) return false
  return parts.every((part, index) => {
    if (!isJump(part)) return true
    const [, least = '', most] = JUMP.exec(part) ?? []
    return least !== '' && (most === undefined || Number(most) >= Number(least)) && !isJump(parts[index + 1])
  })
}

/** Each costs the compiler a branch, of which it takes some 128. */
const MAX_BRANCHES = 20

/** `/…/is`: the part of YARA's regular expressions that has the same grammar in ours, and is no trouble to compile. */
export function isYaraRegex(text: string): boolean {
  const body = text.slice(1, text.lastIndexOf('/'))
  if (body.length > 500 || /\\[wWsSdD]-[^\]]|-\\[wWsSdD]/.test(body)) return false
  const bare = body.replace(/\\x[0-9a-fA-F]{2}|\\[^0-9A-Za-z]|\\[wWsSdDtnr]/g, '_')
  // Neither references back, nor groups with a question mark, nor groups that repeat.
  if (bare.includes('\\') || bare.includes('(?') || /\)[*+?{]/.test(bare)) return false
  // Greedy and ungreedy counts exclude each other there: only the usual ones.
  if (/[*+?}]\?/.test(bare)) return false
  // What starts with anything is looked for everywhere.
  if (!/^[\w/@: -]{4}/.test(bare) || /^.{0,4}[*?{|]/.test(bare)) return false
  const outside = bare.replace(/\[\^?[^[\]]+\]/g, '_')
  if (/[[\]]/.test(outside) || /\|/.test(outside.replace(/\([^()]*\)/g, ''))) return false
  const counts = [...outside.matchAll(/\{(\d{1,2})(?:,(\d{0,2}))?\}/g)]
  if (counts.some(([, least, most = '']) => most !== '' && Number(most) < Number(least))) return false
  if (/[{}]/.test(outside.replace(/\{\d{1,2}(?:,\d{0,2})?\}/g, ''))) return false
  if ((outside.match(/[*+?|{]/g)?.length ?? 0) > MAX_BRANCHES) return false
  try {
    // Its brackets, ranges and counts are in place. It is never run.
    new RegExp(body)
    return true
  } catch {
    return false
  }
}

/** Octets of `"…"`, escapes read. */
export function textLength(text: string): number {
  return text.slice(1, -1).replace(/\\(?:x..|.)/g, '_').length
}

const MODIFIERS: Readonly<Record<'text' | 'regex' | 'hex', ReadonlySet<string>>> = {
  text: new Set(['ascii', 'wide', 'nocase', 'fullword', 'private', 'xor', 'base64', 'base64wide']),
  regex: new Set(['ascii', 'wide', 'nocase', 'fullword', 'private']),
  hex: new Set(['private'])
}

/** Modifiers that stand for this kind of string, each once, and none that exclude each other. */
export function areModifiers(kind: 'text' | 'regex' | 'hex', words: readonly string[]): boolean {
  if (new Set(words).size !== words.length || !words.every((word) => MODIFIERS[kind].has(word))) return false
  const isEncoded = words.includes('base64') || words.includes('base64wide')
  if (isEncoded && words.some((word) => ['nocase', 'fullword', 'xor'].includes(word))) return false
  return !(words.includes('xor') && words.includes('nocase'))
}
