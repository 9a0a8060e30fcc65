import type { FeedInfo } from '../feed.ts'
import { type Lines, lineFeed, plain, refuse } from '../line-feed.ts'
import type { FeedRow } from '../rows.ts'
import { isPlainLine, oneLine } from '../text.ts'
import { csvCell } from './csv.ts'

/**
 * What to look for in the mailboxes, to take a campaign out before it is read: the sender, the subject, the Message-ID,
 * the name of the attachment. It is used as `detect`: a person looks at what was found before anything is deleted.
 */
const SEARCH = {
  use: 'detect',
  actsAtOnce: false,
  types: ['email', 'message-id', 'email-subject', 'filename']
} as const

const FIELDS: Readonly<Record<string, string>> = {
  email: 'sender',
  'message-id': 'message_id',
  'email-subject': 'subject',
  filename: 'attachment'
}

const COLUMNS = ['field', 'value', 'threat', 'tlp', 'pap', 'confidence', 'bulletin', 'author', 'title', 'published_at']

/** The neutral form: a table, with the rule of apostrophes of `csv`. */
export const MAILBOX_SEARCH: FeedInfo = lineFeed({
  ...SEARCH,
  name: 'mailbox-search',
  title: { en: 'What to search mailboxes for', fr: 'À chercher dans les boîtes aux lettres' },
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  head: () => `${COLUMNS.join(',')}\r\n`,
  writer: plain((row) => {
    if (!isPlainLine(row.value) || /[;\t][=+\-@＝＋－＠]/u.test(row.value)) return refuse('value-unsafe')
    const [best] = row.bulletins
    const cells = [
      FIELDS[row.type] ?? '',
      row.value,
      best.threat,
      row.tlp,
      row.pap,
      String(best.confidence),
      best.id,
      best.author,
      oneLine(best.title, 200).replace(/;(?=[=+\-@＝＋－＠])/gu, '; '),
      new Date(best.publishedAt).toISOString()
    ]
    return `${cells.map(csvCell).join(',')}\r\n`
  })
})

/**
 * doveadm-search-query(7), one query a line, quoted as `xargs` reads it: `xargs -L 1 -a FILE doveadm search -A`. No shell
 * is in between. Dovecot matches senders and subjects as parts, so whoever deletes looks first.
 */
export const MAILBOX_DOVEADM: FeedInfo = lineFeed({
  ...SEARCH,
  name: 'mailbox-doveadm',
  title: { en: 'Searches for doveadm', fr: 'Recherches pour doveadm' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'txt',
  says: [],
  types: ['email', 'message-id', 'email-subject'],
  writer: plain(({ type, value }) => {
    const word = xargsWord(type === 'message-id' ? `<${value}>` : value)
    if (word === undefined) return refuse('value-unsafe')
    if (type === 'message-id') return `HEADER Message-ID ${word}\n`
    return `${type === 'email' ? 'FROM' : 'SUBJECT'} ${word}\n`
  })
})

/** xargs knows two kinds of quotes and no escape inside them; a word that begins with a hyphen would be an option. */
function xargsWord(text: string): string | undefined {
  if (!isPlainLine(text) || text.startsWith('-')) return undefined
  if (!text.includes('"')) return `"${text}"`
  return text.includes("'") ? undefined : `'${text}'`
}

/** Units of a query: Exchange takes 20,480 at most, its own search page 2,048. */
const QUERY_AT_MOST = 2_000

/**
 * Keyword Query Language for a content search of Exchange: `from:"…" OR subject:"…"`, as many lines as a query may be
 * long. KQL has no way to say a quote within quotes, nor a property for the Message-ID.
 */
export const MAILBOX_EXCHANGE: FeedInfo = lineFeed({
  ...SEARCH,
  name: 'mailbox-exchange',
  title: { en: 'Searches for Exchange (KQL)', fr: 'Recherches pour Exchange (KQL)' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'txt',
  says: [],
  types: ['email', 'email-subject'],
  writer: () => {
    let length = 0
    const line = ({ type, value }: FeedRow): Lines => {
      const term = `${type === 'email' ? 'from' : 'subject'}:"${value}"`
      // `*` behind a word would make it a prefix.
      if (!isPlainLine(value) || /["“”„*]/u.test(value) || term.length > QUERY_AT_MOST) return refuse('value-unsafe')
      const goesOn = length > 0 && length + term.length + 4 <= QUERY_AT_MOST
      const text = goesOn ? ` OR ${term}` : `${length > 0 ? '\n' : ''}${term}`
      length = goesOn ? length + text.length : term.length
      return text
    }
    return { line, end: () => (length > 0 ? '\n' : '') }
  }
})
