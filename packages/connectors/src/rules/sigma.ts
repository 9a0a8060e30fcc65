import { isMap, isScalar, parseAllDocuments, visit } from 'yaml'
import type { RuleItem } from '../feed.ts'
import { idOf } from '../stix/ids.ts'
import { type ReadRule, ruleNumber } from './carried.ts'

const MAX_NODES = 20_000
const LEVELS = new Set(['informational', 'low', 'medium', 'high', 'critical'])
/** A key that every version of YAML reads as the same text. */
const PLAIN_KEY = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z_][\w-]*$/i

/** Readers of YAML 1.1 refuse a whole file for some of these; the others hide what is there. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffe\uffff]/u

/**
 * A Sigma rule as a bulletin carries it, written anew: one document that YAML 1.1 and 1.2 read alike, without anchors,
 * tags and comments. Its id is made anew, since consumers tell rules apart by it and a peer may take another's; the old
 * one is named as related.
 */
export function readSigma(item: RuleItem): ReadRule {
  // Brackets and indentation are the depth: the parser calls itself.
  if (depthOf(item.rule.text) > 40) return { code: 'rule-malformed' }
  try {
    const text = rewritten(item)
    return text === undefined ? { code: 'rule-malformed' } : { write: () => `---\n${text}` }
  } catch {
    return { code: 'rule-malformed' }
  }
}

function depthOf(text: string): number {
  let deepest = 0
  let depth = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    deepest = Math.max(deepest, depth)
  }
  const dashes = [...text.matchAll(/^[ ]*((?:[-?] +)*)/gm)].map(([whole]) => whole.length / 2)
  return Math.max(
    deepest,
    dashes.reduce((a, b) => Math.max(a, b), 0)
  )
}

function rewritten(item: RuleItem): string | undefined {
  const options = { schema: 'core', version: '1.2', uniqueKeys: true, intAsBigInt: true, prettyErrors: false } as const
  const documents = parseAllDocuments(item.rule.text, options)
  const [document] = documents
  if (!Array.isArray(documents) || documents.length !== 1 || document === undefined) return undefined
  const { contents, errors, warnings } = document
  if (errors.length > 0 || warnings.length > 0 || !isMap(contents)) return undefined
  let nodes = 0
  let isPlain = true
  visit(document, {
    Alias: () => {
      isPlain = false
      return visit.BREAK
    },
    Node: (key, node) => {
      nodes += 1
      // An own tag could be an object of some language to whoever reads it.
      if (node.tag !== undefined && !isStandard(node.tag)) isPlain = false
      if ('anchor' in node) delete node.anchor
      delete node.tag
      delete node.comment
      delete node.commentBefore
      if (isScalar(node) && typeof node.value === 'string') {
        if (UNPRINTABLE.test(node.value)) isPlain = false
        node.type = key === 'key' && PLAIN_KEY.test(node.value) ? 'PLAIN' : 'QUOTE_DOUBLE'
      } else if (isScalar(node)) {
        delete node.type
        delete node.source
        delete node.format
      } else if ('flow' in node) delete node.flow
      return undefined
    },
    Pair: (_, pair) => {
      if (!isScalar(pair.key) || typeof pair.key.value !== 'string') isPlain = false
      return undefined
    }
  })
  document.comment = null
  document.commentBefore = null
  document.directives.docStart = null
  if (!isPlain || nodes > MAX_NODES || !isSigma(document.toJS({ maxAliasCount: 0 }) as unknown)) return undefined
  const { author, id, tlp, pap } = item.bulletin
  const old = document.get('id')
  const related = document.get('related')
  document.set('id', idOf('rule', author, ruleNumber(item)).slice('rule--'.length))
  if (typeof old === 'string' && related === undefined)
    document.set('related', document.createNode([{ id: old, type: 'derived' }]))
  document.set('tocsin', document.createNode({ bulletin: id, author, tlp, pap }))
  return document.toString({
    lineWidth: 0,
    doubleQuotedAsJSON: true,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN'
  })
}

const isStandard = (tag: string): boolean => /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(tag)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the specification wants of a rule (sigma-specification, Sigma_rules_specification): else it is none. */
function isSigma(value: unknown): boolean {
  if (!isObject(value)) return false
  const { title, logsource, detection, level, id, tocsin, action, correlation } = value
  if (typeof title !== 'string' || title === '' || title.length > 256) return false
  // What speaks of other documents of the file would reach those of others.
  if (action !== undefined || correlation !== undefined || tocsin !== undefined) return false
  if (!isObject(logsource) || !['category', 'product', 'service'].some((key) => typeof logsource[key] === 'string')) {
    return false
  }
  if (id !== undefined && !(typeof id === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))) {
    return false
  }
  if (level !== undefined && !(typeof level === 'string' && LEVELS.has(level))) return false
  return isObject(detection) && isCondition(detection)
}

/** A condition of words that are there, brackets that close, and no more. */
function isCondition(detection: Readonly<Record<string, unknown>>): boolean {
  const { condition, timeframe: _, ...searches } = detection
  const names = Object.keys(searches)
  if (typeof condition !== 'string' || condition.length > 2_000 || names.length === 0) return false
  if (names.some((name) => !/^[A-Za-z_]\w*$/.test(name))) return false
  if (Object.values(searches).some((search) => typeof search !== 'object' || search === null)) return false
  const words = condition.match(/[()]|[\w*]+|\S/g) ?? []
  let at = 0
  const fits = (word: string): boolean =>
    names.some((name) => new RegExp(`^${word.replaceAll('*', '\\w*')}$`).test(name))
  const any = (depth: number): boolean => {
    do if (!single(depth)) return false
    while ((words[at] === 'and' || words[at] === 'or') && ++at > 0)
    return true
  }
  const single = (depth: number): boolean => {
    while (words[at] === 'not') at += 1
    const word = words[at] ?? ''
    at += 1
    if (word === '(') return depth < 50 && any(depth + 1) && words[at++] === ')'
    if ((word === 'all' || /^[1-9]\d?$/.test(word)) && words[at] === 'of') {
      const set = words[at + 1] ?? ''
      at += 2
      return set === 'them' || (/^[\w*]+$/.test(set) && (set.match(/\*/g)?.length ?? 0) <= 2 && fits(set))
    }
    return names.includes(word)
  }
  return any(0) && at === words.length
}
