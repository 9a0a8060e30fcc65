import { createHash } from 'node:crypto'
import type { FeedInfo } from '../feed.ts'
import { lineFeed, plain, refuse } from '../line-feed.ts'
import { exactly, wordsOf } from '../pattern.ts'
import type { FeedRow } from '../rows.ts'
import { traceIds } from '../trace.ts'

const RULES = {
  mediaType: 'text/plain; charset=utf-8',
  extension: 'cf',
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  comment: '# '
} as const

/**
 * Lists for SpamAssassin: senders, and hosts of links with all below them. A sender with `*` or `?` would be a pattern
 * of more addresses than one, and `#` begins a remark anywhere.
 */
export const SPAMASSASSIN: FeedInfo = lineFeed({
  ...RULES,
  name: 'spamassassin',
  title: { en: 'SpamAssassin lists', fr: 'Listes SpamAssassin' },
  use: 'block',
  actsAtOnce: true,
  types: ['domain', 'email'],
  head: () => `header   TOCSIN_HOST eval:check_uri_host_listed('TOCSIN')
describe TOCSIN_HOST A link to a listed host
score    TOCSIN_HOST 5.0
`,
  writer: plain(({ type, value }) => {
    if (type === 'domain') {
      return `enlist_uri_host (TOCSIN) ${value}\nblocklist_from *@${value}\nblocklist_from *@*.${value}\n`
    }
    return /[*?#\s"'\\]/u.test(value) ? refuse('value-unsafe') : `blocklist_from ${value}\n`
  })
})

/**
 * One rule a value, for what has no list: each is run over each mail, so there are few. For `block` a hit is worth 5 points,
 * for other uses it only shows in the headers.
 */
export const SPAMASSASSIN_RULES: FeedInfo = lineFeed({
  ...RULES,
  name: 'spamassassin-rules',
  title: { en: 'SpamAssassin rules', fr: 'Règles SpamAssassin' },
  use: 'detect',
  actsAtOnce: false,
  types: ['url', 'message-id', 'email-subject'],
  limit: 2_000,
  writer: (options) => ({
    line: (row) => {
      // SpamAssassin compiles patterns as bytes, and a line beyond some thousands of them is no rule for a person.
      if (row.value.length > 1_000) return refuse('value-unsafe')
      const name = `TOCSIN_${createHash('sha256').update(`${row.type} ${row.value}`).digest('hex').slice(0, 16).toUpperCase()}`
      return `${testOf(name, row)}
describe ${name} ${traceIds(row)}
score    ${name} ${options.use === 'block' ? '5.0' : '0.01'}
`
    }
  })
})

function testOf(name: string, { type, value }: FeedRow): string {
  if (type === 'url') return `uri      ${name} /^${exactly(value)}$/`
  if (type === 'message-id') return `header   ${name} MESSAGEID =~ /<${exactly(value)}>/`
  return `header   ${name} Subject =~ /^\\s*${wordsOf(value)}\\s*$/i`
}
