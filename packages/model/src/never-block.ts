import { readFileSync } from 'node:fs'
import { parseDomain } from './domain.ts'
import { rangeOf } from './ip.ts'
import { ModelError } from './model-error.ts'

/** What is never blocked anywhere: names with all that is below them, address ranges, hashes of harmless files. */
export interface NeverBlock {
  readonly domains: readonly string[]
  /** Addresses and CIDR ranges. */
  readonly ranges: readonly string[]
  /** The domains whose addresses belong to one person each, so that a single address may be blocked. */
  readonly mailboxes?: readonly string[]
  /** The domains whose paths belong to one customer each, so that a single URL may be blocked. */
  readonly pages?: readonly string[]
  /** Names that are never blocked themselves, while those below belong to customers and may be. */
  readonly tenants?: readonly string[]
  /** Hashes in lower case. */
  readonly hashes?: readonly string[]
}

const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/

/**
 * Reads `never-block.txt`: one name, address, range or hash a line; after a name the words `mailboxes`, `pages` and
 * `tenants`; `#` begins a comment. A line that cannot be read throws ModelError `never-block-line` with its number: a
 * list that was half read would protect half.
 */
export function parseNeverBlock(text: string): Required<NeverBlock> {
  const domains: string[] = []
  const ranges: string[] = []
  const hashes: string[] = []
  const words = { mailboxes: [] as string[], pages: [] as string[], tenants: [] as string[] }
  for (const [index, line] of text.split('\n').entries()) {
    const [first = '', ...rest] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (first === '') continue
    if (rest.length === 0 && rangeOf(first) !== undefined) {
      ranges.push(first)
      continue
    }
    if (rest.length === 0 && HASH.test(first.toLowerCase())) {
      hashes.push(first.toLowerCase())
      continue
    }
    const domain = readName(first)
    if (domain === undefined) throw unreadable(index + 1)
    for (const word of rest) {
      if (word !== 'mailboxes' && word !== 'pages' && word !== 'tenants') throw unreadable(index + 1)
      words[word].push(domain)
    }
    if (!rest.includes('tenants')) domains.push(domain)
  }
  return { domains, ranges, hashes, ...words }
}

/** A top-level domain is a fair line here although it is no indicator: `local`, `arpa`. */
function readName(text: string): string | undefined {
  const name = parseDomain(text)
  if (name.ok) return name.value
  return name.code === 'domain-single-label' ? text.toLowerCase() : undefined
}

function unreadable(line: number): ModelError {
  return new ModelError('never-block-line', `Line ${line} is not a name, an address, a range or a hash.`, { line })
}

/** The list that ships with Tocsin, as text, so that an operator can be given it to edit. */
export const NEVER_BLOCK_DEFAULT: string = readFileSync(new URL('./never-block.txt', import.meta.url), 'utf8')
