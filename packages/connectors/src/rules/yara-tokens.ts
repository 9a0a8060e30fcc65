/** The words of YARA's language, read without judging them. */
export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'regex' | 'hex' | 'string' | 'mark'
  /** As it stands in the source. */
  readonly text: string
  readonly start: number
}

/** More than any honest rule. */
const MAX_TOKENS = 20_000

const SPACE = /(?:[ \t\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y
const WORD = /[A-Za-z_]\w{0,127}(?!\w)/y
/** Small enough for no sum of one rule to overflow, which is an error. */
const NUMBER = /(?:0x[0-9a-fA-F]{1,8}|\d{1,9}(?:\.\d{1,9}|[KM]B)?)(?!\.?\w)/y
const TEXT = /"(?:[^"\\\n]|\\(?:[\\"tnr]|x[0-9a-fA-F]{2}))*"/y
const REGEX = /\/(?![/*])(?:[^/\\\n]|\\[^\n])+\/i?s?(?!\w)/y
/** `$a`, and what asks of it: how often, where, how long. */
const STRING = /[$#@!]\w{0,127}\*?/y
const MARK = /\.\.|==|!=|<=|>=|<<|>>|[{}()[\]:=<>+\-*\\%&|^~,.]/y
const HEX = /\{[0-9a-fA-F?[\]\-()|\s]*\}/y

/** The tokens of a text; undefined where it cannot be read. Printable ASCII, tab and line break alone. */
export function yaraTokens(text: string): readonly Token[] | undefined {
  if (!/^[ -~\t\n]*$/.test(text)) return undefined
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  while (at < text.length) {
    const space = take(SPACE)
    if (space !== undefined) {
      at += space.length
      continue
    }
    const token = next(tokens.at(-1), take)
    if (token === undefined || tokens.length >= MAX_TOKENS) return undefined
    tokens.push({ ...token, start: at })
    at += token.text.length
  }
  return tokens
}

function next(
  last: Token | undefined,
  take: (pattern: RegExp) => string | undefined
): Omit<Token, 'start'> | undefined {
  // Only a definition of a string has a brace or a slash behind an equals sign.
  if (last?.text === '=') {
    const hex = take(HEX)
    if (hex !== undefined) return { kind: 'hex', text: hex }
    const regex = take(REGEX)
    if (regex !== undefined) return { kind: 'regex', text: regex }
  }
  // `!=` is no length of a string.
  const mark = take(MARK)
  if (mark !== undefined) return { kind: 'mark', text: mark }
  for (const [kind, pattern] of [
    ['string', STRING],
    ['word', WORD],
    ['number', NUMBER],
    ['text', TEXT]
  ] as const) {
    const text = take(pattern)
    if (text !== undefined) return { kind, text }
  }
  return undefined
}
