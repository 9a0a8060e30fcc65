import type { FeedInfo, FeedOptions } from '../feed.ts'
import { type Lines, type LineWriter, lineFeed, plain, refuse } from '../line-feed.ts'
import { exactly, wordsOf } from '../pattern.ts'
import type { FeedRow } from '../rows.ts'
import { traceIds } from '../trace.ts'

const TABLE = {
  mediaType: 'text/plain; charset=utf-8',
  extension: 'postfix',
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  comment: '# '
} as const

/**
 * access(5) for `check_sender_access`, by `postmap` or as `texthash:`. Both ways of writing a domain, since
 * `parent_domain_matches_subdomains` decides which of them is looked up for what is below it. The client is told nothing
 * but Postfix's own words: who is refused must not learn why.
 */
export const POSTFIX_ACCESS: FeedInfo = lineFeed({
  ...TABLE,
  name: 'postfix-access',
  title: { en: 'Postfix access table of senders', fr: 'Table d’accès Postfix des expéditeurs' },
  use: 'block',
  actsAtOnce: true,
  types: ['domain', 'email'],
  writer: plain(({ type, value }) => {
    // A key behind a first `#` is a remark; one in quotes, or with white space, another key.
    if (/^#|[\s"]/u.test(value)) return refuse('value-unsafe')
    return type === 'domain' ? `${value}\tREJECT\n.${value}\tREJECT\n` : `${value}\tREJECT\n`
  })
})

/** cidr_table(5) for `check_client_access`. */
export const POSTFIX_CIDR: FeedInfo = lineFeed({
  ...TABLE,
  name: 'postfix-cidr',
  title: { en: 'Postfix table of client addresses', fr: 'Table Postfix des adresses de clients' },
  use: 'block',
  actsAtOnce: true,
  types: ['ipv4', 'ipv6', 'cidr'],
  writer: plain(({ value }) => `${value}\tREJECT\n`)
})

/**
 * pcre_table(5) for `header_checks`. For `block` it refuses mail of listed addresses; for other uses it only has Postfix
 * write a line with the bulletin into its log. Postfix matches headers as they came, not decoded.
 */
export const POSTFIX_HEADER: FeedInfo = lineFeed({
  ...TABLE,
  name: 'postfix-header',
  title: { en: 'Postfix header checks', fr: 'Contrôles d’en-têtes Postfix' },
  use: 'detect',
  actsAtOnce: false,
  types: ['email', 'message-id', 'email-subject', 'filename'],
  limit: 10_000,
  writer: (options) => patterns(options, headerPattern)
})

/** pcre_table(5) for `body_checks`: links, as far as they stand on one line and not in base64. */
export const POSTFIX_BODY: FeedInfo = lineFeed({
  ...TABLE,
  name: 'postfix-body',
  title: { en: 'Postfix body checks', fr: 'Contrôles de corps Postfix' },
  use: 'detect',
  actsAtOnce: false,
  types: ['url'],
  limit: 10_000,
  // What goes on behind it is another link.
  writer: (options) => patterns(options, ({ value }) => `${exactly(value)}(?![\\w\\/?&=%~+-])`)
})

type Pattern = (row: FeedRow) => string | undefined

function patterns(options: FeedOptions, patternOf: Pattern): LineWriter {
  const line = (row: FeedRow): Lines => {
    if (!/^[ -~]+$/.test(row.value)) return refuse('never-matches')
    const pattern = patternOf(row)
    // Case counts in some: `i` turns off what is on by itself.
    const flags = row.type === 'message-id' ? 'i' : ''
    const action = options.use === 'block' ? 'REJECT' : `WARN ${traceIds(row)}`
    return pattern === undefined ? refuse('type-not-carried') : `/${pattern}/${flags} ${action}\n`
  }
  return { line }
}

function headerPattern({ type, value }: FeedRow): string | undefined {
  switch (type) {
    case 'email':
      // Neither a longer local part before it, nor a longer domain behind.
      return `^(?:From|Sender|Reply-To|Return-Path|Resent-From):.*(?<![\\w.!#$%&'*+\\/=?^\`{|}~-])${exactly(value)}(?![\\w-]|\\.\\w)`
    case 'message-id':
      return `^(?i:Message-ID|In-Reply-To|References):.*<${exactly(value)}>`
    case 'email-subject':
      return `^Subject:\\s*${wordsOf(value)}\\s*$`
    case 'filename':
      return `^Content-(?:Type|Disposition):.*name\\s*=\\s*"?${wordsOf(value)}"?\\s*(?:;|$)`
    default:
      return undefined
  }
}
