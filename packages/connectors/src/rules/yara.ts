import type { RuleItem } from '../feed.ts'
import { type ReadRule, ruleNumber } from './carried.ts'
import { isCondition, YARA_MODULES } from './yara-condition.ts'
import { areModifiers, isHexString, isYaraRegex, textLength } from './yara-strings.ts'
import { type Token, yaraTokens } from './yara-tokens.ts'

/** Modules that every build has; imported once for the whole file. */
export const YARA_IMPORTS = [...YARA_MODULES].sort()

const MAX_RULES = 64
const MAX_STRINGS = 1_000
/** YARA takes 128, our prefix included. */
const MAX_NAME = 100
const KEYWORDS = new Set(
  (
    'all and any ascii at base64 base64wide condition contains defined endswith entrypoint false filesize for fullword global ' +
    'icontains iendswith iequals import in include int16 int16be int32 int32be int8 int8be istartswith matches meta nocase none ' +
    'not of or private rule startswith strings them true uint16 uint16be uint32 uint32be uint8 uint8be wide xor'
  ).split(' ')
)

class Refused extends Error {
  readonly code: 'rule-acts' | 'rule-malformed'

  constructor(code: Refused['code'] = 'rule-malformed') {
    super(code)
    this.code = code
  }
}

/**
 * YARA rules as a bulletin carries them. One error of any rule and YARA loads no rule of the file, so what is let in is a
 * part of the language that is known to compile: no include, no module but those of every build, no external variable,
 * no loop. Names get a prefix, since two rules of one name are an error.
 */
export function readYara(item: RuleItem): ReadRule {
  const { text } = item.rule
  const tokens = yaraTokens(text)
  if (tokens === undefined) return { code: 'rule-malformed' }
  try {
    const made = renamed(tokens, text, item)
    return { write: () => made }
  } catch (error) {
    if (error instanceof Refused) return { code: error.code }
    throw error
  }
}

function renamed(tokens: readonly Token[], text: string, item: RuleItem): string {
  const prefix = `tocsin_${ruleNumber(item).slice(0, 16)}_`
  const { id, author, tlp, pap } = item.bulletin
  const trace = `tocsin_bulletin = "${id}" tocsin_author = "${author}" tocsin_tlp = "${tlp}" tocsin_pap = "${pap}"`
  const names = new Set<string>()
  const imports = new Set<string>()
  /** What stands in place of which stretch of the text. */
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
  let at = 0

  const peek = (ahead = 0): string => tokens[at + ahead]?.text ?? ''
  const take = (...wanted: readonly string[]): Token => {
    const token = tokens[at]
    if (token === undefined || (wanted.length > 0 && !wanted.includes(token.text))) throw new Refused()
    at += 1
    return token
  }
  const name = (): Token => {
    const token = take()
    if (token.kind !== 'word' || KEYWORDS.has(token.text)) throw new Refused()
    return token
  }

  while (at < tokens.length) {
    if (peek() === 'include') throw new Refused('rule-acts')
    if (peek() === 'import') {
      const { start } = take()
      const module = take()
      if (module.kind !== 'text') throw new Refused()
      // Others may be absent from a build, or write and read what is not the file.
      if (!YARA_MODULES.has(module.text.slice(1, -1))) throw new Refused('rule-acts')
      imports.add(module.text.slice(1, -1))
      edits.push({ start, end: module.start + module.text.length, text: '' })
    } else rule()
  }
  if (names.size === 0 || names.size > MAX_RULES) throw new Refused()
  return edited()

  function rule(): void {
    const modifiers = new Set<string>()
    while (peek() !== 'rule') {
      // Where a global rule fails, no other of the file matches.
      if (peek() === 'global') throw new Refused('rule-acts')
      const { text: modifier } = take('private')
      if (modifiers.has(modifier)) throw new Refused()
      modifiers.add(modifier)
    }
    take('rule')
    const called = name()
    if (called.text.length > MAX_NAME || names.has(called.text)) throw new Refused()
    edits.push({ start: called.start, end: called.start + called.text.length, text: prefix + called.text })
    if (peek() === ':') tags()
    const { start } = take('{')
    edits.push(meta(start))
    const strings = peek() === 'strings' ? definitions() : new Set<string>()
    take('condition')
    take(':')
    condition(strings)
    take('}')
    names.add(called.text)
  }

  function tags(): void {
    take(':')
    const seen = new Set<string>()
    do {
      const { text: tag } = name()
      if (seen.has(tag)) throw new Refused()
      seen.add(tag)
    } while (peek() !== '{')
  }

  /** Where our own lines go: first, whether the rule has such a section or not. */
  function meta(brace: number): { start: number; end: number; text: string } {
    if (peek() !== 'meta') return { start: brace + 1, end: brace + 1, text: ` meta: ${trace}` }
    take('meta')
    const { start } = take(':')
    do {
      if (name().text.startsWith('tocsin_')) throw new Refused()
      take('=')
      if (peek() === '-') {
        take('-')
        if (!/^\d+$/.test(take().text)) throw new Refused()
        continue
      }
      const value = take()
      const isWhole = value.kind === 'number' && !value.text.includes('.')
      if (value.kind !== 'text' && !isWhole && value.text !== 'true' && value.text !== 'false') throw new Refused()
    } while (peek() !== 'strings' && peek() !== 'condition')
    return { start: start + 1, end: start + 1, text: ` ${trace}` }
  }

  function definitions(): Set<string> {
    const strings = new Set<string>()
    take('strings')
    take(':')
    do {
      const { kind, text: called } = take()
      if (kind !== 'string' || !/^\$\w+$/.test(called) || strings.has(called.slice(1))) throw new Refused()
      strings.add(called.slice(1))
      take('=')
      definition()
    } while (peek() !== 'condition')
    if (strings.size > MAX_STRINGS) throw new Refused()
    return strings
  }

  function definition(): void {
    const { kind, text: value } = take()
    const isGood =
      (kind === 'text' && textLength(value) > 3 && value.length < 4_000) ||
      (kind === 'hex' && value.length < 4_000 && isHexString(value)) ||
      (kind === 'regex' && isYaraRegex(value))
    if (!isGood) throw new Refused()
    const words: string[] = []
    while (tokens[at]?.kind === 'word' && peek() !== 'condition') words.push(take().text)
    if (!areModifiers(kind, words)) throw new Refused()
  }

  function condition(strings: ReadonlySet<string>): void {
    const first = at
    while (peek() !== '}' && at < tokens.length) at += 1
    const body = tokens.slice(first, at)
    const used = new Set<string>()
    const scope = { strings, rules: names, imports, use: (string: string) => void used.add(string) }
    // A string that nobody asks for is an error too.
    if (!isCondition(body, scope) || used.size !== strings.size) throw new Refused()
    for (const [index, { kind, text: word, start }] of body.entries()) {
      if (kind !== 'word' || !names.has(word) || imports.has(word) || body[index - 1]?.text === '.') continue
      edits.push({ start, end: start + word.length, text: prefix + word })
    }
  }

  function edited(): string {
    let made = ''
    let from = 0
    for (const { start, end, text: put } of edits.toSorted((a, b) => a.start - b.start)) {
      made += text.slice(from, start) + put
      from = end
    }
    return `${(made + text.slice(from)).trim()}\n`
  }
}
