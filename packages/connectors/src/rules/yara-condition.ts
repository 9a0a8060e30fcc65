import type { Token } from './yara-tokens.ts'

/** What a condition may speak of. */
export interface Scope {
  /** Names of strings, without the mark. */
  readonly strings: ReadonlySet<string>
  /** Rules above it, as the text calls them. */
  readonly rules: ReadonlySet<string>
  readonly imports: ReadonlySet<string>
  /** Told of each string that is spoken of. */
  readonly use: (string: string) => void
}

type Kind = 'bool' | 'int' | 'float' | 'text'

/** From loosest to tightest, as in YARA's grammar. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', 'contains', 'icontains', 'startswith', 'istartswith', 'endswith', 'iendswith', 'iequals'],
  ['<', '<=', '>', '>='],
  ['|'],
  ['^'],
  ['&'],
  // Constants are computed when it is compiled: a product that overflows, a division by zero and the like are errors.
  ['+', '-']
]
const MAX_DEPTH = 40
const READS = /^u?int(?:8|16|32)(?:be)?$/

/** Fields of the modules that every build of YARA 4 has: `name` is a value, `name()` what it takes. */
const FIELDS: Readonly<Record<string, readonly [readonly Kind[] | undefined, Kind]>> = {
  'hash.md5': [['int', 'int'], 'text'],
  'hash.sha1': [['int', 'int'], 'text'],
  'hash.sha256': [['int', 'int'], 'text'],
  'math.entropy': [['int', 'int'], 'float'],
  'pe.is_pe': [undefined, 'int'],
  'pe.is_dll': [[], 'int'],
  'pe.is_32bit': [[], 'int'],
  'pe.is_64bit': [[], 'int'],
  'pe.imphash': [[], 'text'],
  'pe.exports': [['text'], 'int'],
  'pe.imports': [['text', 'text'], 'int'],
  'pe.machine': [undefined, 'int'],
  'pe.number_of_sections': [undefined, 'int'],
  'pe.timestamp': [undefined, 'int'],
  'pe.characteristics': [undefined, 'int'],
  'pe.entry_point': [undefined, 'int'],
  'elf.type': [undefined, 'int'],
  'elf.machine': [undefined, 'int'],
  'elf.entry_point': [undefined, 'int']
}

/** Modules that may be imported. */
export const YARA_MODULES: ReadonlySet<string> = new Set(Object.keys(FIELDS).map((field) => field.replace(/\..*/, '')))

/**
 * True if the tokens are one condition that YARA compiles: a part of its language (no loops, no external variables),
 * typed as YARA types it, which speaks of nothing that is not there. Linear in the tokens.
 */
export function isCondition(tokens: readonly Token[], scope: Scope): boolean {
  let at = 0
  let depth = 0
  const fail = (): never => {
    throw new SyntaxError('no condition')
  }
  const peek = (): string => tokens[at]?.text ?? ''
  const accept = (text: string): boolean => {
    if (peek() !== text) return false
    at += 1
    return true
  }
  const expect = (text: string): void => {
    if (!accept(text)) fail()
  }
  const expectKind = (found: Kind, ...wanted: readonly Kind[]): void => {
    if (!wanted.includes(found)) fail()
  }

  const expression = (level: number): Kind => {
    if (level === LEVELS.length) return unary()
    const marks = LEVELS[level] ?? []
    let left = expression(level + 1)
    while (marks.includes(peek())) {
      const mark = peek()
      at += 1
      left = joined(level, mark, left, expression(level + 1))
      // `1 < 2 < 3` is no comparison there.
      if (left === 'bool' && level > 1) break
    }
    return left
  }

  function joined(level: number, mark: string, left: Kind, right: Kind): Kind {
    if (level < 2) {
      expectKind(left, 'bool')
      expectKind(right, 'bool')
      return 'bool'
    }
    if (level < 4) {
      if (left === 'text' && right === 'text') return 'bool'
      if (/^[a-z]/.test(mark)) fail()
      expectKind(left, 'int', 'float')
      expectKind(right, 'int', 'float')
      return 'bool'
    }
    // Sums of numbers; bits of whole ones.
    const isWhole = mark !== '+' && mark !== '-'
    expectKind(left, 'int', ...(isWhole ? [] : (['float'] as const)))
    expectKind(right, 'int', ...(isWhole ? [] : (['float'] as const)))
    return left === 'float' || right === 'float' ? 'float' : 'int'
  }

  function unary(): Kind {
    depth += 1
    if (depth > MAX_DEPTH) fail()
    const kind = accept('not') ? negated() : primary()
    depth -= 1
    return kind
  }

  /** `not` binds looser than a comparison and tighter than `and`. */
  function negated(): Kind {
    expectKind(expression(2), 'bool')
    return 'bool'
  }

  function primary(): Kind {
    const token = tokens[at] ?? fail()
    if (token.kind === 'string') return string(token)
    // `any of`, `2 of`: a number before `of` counts strings.
    if (tokens[at + 1]?.text === 'of') return ofStrings(token)
    at += 1
    if (token.kind === 'number') return token.text.includes('.') ? 'float' : 'int'
    if (token.kind === 'text') return token.text.length > 2 ? 'text' : fail()
    if (token.text === '(') {
      const kind = expression(0)
      expect(')')
      return kind
    }
    if (token.text === 'true' || token.text === 'false') return 'bool'
    if (token.text === 'filesize') return 'int'
    if (READS.test(token.text)) return given(['int'], 'int')
    if (scope.imports.has(token.text) && accept('.')) return field(`${token.text}.${peek()}`)
    return scope.rules.has(token.text) ? 'bool' : fail()
  }

  function field(name: string): Kind {
    at += 1
    const [takes, kind] = (Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined) ?? fail()
    const found = takes === undefined ? kind : given(takes, kind)
    // Whole numbers of a module are conditions too: `pe.is_pe and …`.
    return /\.(?:is_|imports|exports)/.test(name) ? 'bool' : found
  }

  function given(takes: readonly Kind[], kind: Kind): Kind {
    expect('(')
    for (const [index, wanted] of takes.entries()) {
      if (index > 0) expect(',')
      expectKind(expression(4), wanted)
    }
    expect(')')
    return kind
  }

  function string(token: Token): Kind {
    at += 1
    const name = token.text.slice(1)
    // Without a name it means the string of a loop, and there are no loops.
    if (!scope.strings.has(name)) fail()
    scope.use(name)
    if (token.text.startsWith('$')) {
      if (accept('at')) expectKind(expression(4), 'int')
      else if (accept('in')) range()
      return 'bool'
    }
    if (token.text.startsWith('#')) return 'int'
    if (accept('[')) {
      if (literal() < 1) fail()
      expect(']')
    }
    return 'int'
  }

  function literal(): number {
    const { kind, text } = tokens[at] ?? fail()
    at += 1
    return kind === 'number' && /^\d+$/.test(text) ? Number(text) : fail()
  }

  /** `(0..1024)`, `(0..filesize)`, `(filesize-64..filesize)`: one that goes backwards is an error. */
  function range(): void {
    expect('(')
    if (accept('filesize')) {
      expect('-')
      literal()
      expect('..')
      expect('filesize')
    } else {
      const least = literal()
      expect('..')
      if (!accept('filesize') && literal() < least) fail()
    }
    expect(')')
  }

  function ofStrings(token: Token): Kind {
    const isCount = token.kind === 'number' && /^[1-9]\d{0,3}$/.test(token.text)
    if (!isCount && token.text !== 'any' && token.text !== 'all') fail()
    const least = isCount ? Number(token.text) : 1
    at += 2
    if (accept('them')) {
      if (scope.strings.size < least) fail()
      for (const name of scope.strings) scope.use(name)
      return 'bool'
    }
    expect('(')
    let count = 0
    do {
      const one = tokens[at] ?? fail()
      at += 1
      if (one.kind !== 'string' || !one.text.startsWith('$')) fail()
      const name = one.text.slice(1)
      const meant = name.endsWith('*')
        ? [...scope.strings].filter((string) => string.startsWith(name.slice(0, -1)))
        : [...scope.strings].filter((string) => string === name)
      if (meant.length === 0) fail()
      for (const string of meant) scope.use(string)
      count += meant.length
    } while (accept(','))
    expect(')')
    return count < least ? fail() : 'bool'
  }

  try {
    return expression(0) === 'bool' && at === tokens.length
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
