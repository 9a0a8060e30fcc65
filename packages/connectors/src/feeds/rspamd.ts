import type { FeedInfo } from '../feed.ts'
import { lineFeed, plain, refuse } from '../line-feed.ts'

/**
 * Maps for Rspamd's multimap module, one a kind of look-up (docs/formats.md has the rules that read them): keys alone, one
 * a line. Rspamd cuts a line at a `#` wherever it stands, and reads quotes and what is behind white space in ways of its
 * own, so a key with any of these is refused.
 */
const MAP = {
  mediaType: 'text/plain; charset=utf-8',
  extension: 'map',
  use: 'block',
  actsAtOnce: false,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  comment: '# ',
  writer: plain(({ value }) => (/[\s#"'\\]/u.test(value) ? refuse('value-unsafe') : `${value}\n`))
} as const

/** Hosts of links: `type = "url"`, filter `host` for the very name, `tld` for all below a registered one. */
export const RSPAMD_HOST: FeedInfo = lineFeed({
  ...MAP,
  name: 'rspamd-host',
  title: { en: 'Rspamd map of hosts in links', fr: 'Table Rspamd des hôtes de liens' },
  types: ['domain']
})

/** Whole links: `type = "url"`, filter `full`. */
export const RSPAMD_URL: FeedInfo = lineFeed({
  ...MAP,
  name: 'rspamd-url',
  title: { en: 'Rspamd map of links', fr: 'Table Rspamd des liens' },
  types: ['url']
})

/** Connecting addresses: `type = "ip"`. */
export const RSPAMD_IP: FeedInfo = lineFeed({
  ...MAP,
  name: 'rspamd-ip',
  title: { en: 'Rspamd map of addresses', fr: 'Table Rspamd des adresses' },
  types: ['ipv4', 'ipv6', 'cidr']
})

/** Senders: `type = "from"` for the envelope, which looks a domain up by itself; `header` for what is shown. */
export const RSPAMD_FROM: FeedInfo = lineFeed({
  ...MAP,
  name: 'rspamd-from',
  title: { en: 'Rspamd map of senders', fr: 'Table Rspamd des expéditeurs' },
  types: ['domain', 'email']
})

/** Attachments: `type = "selector"` over `attachments(hex,sha256)`. */
export const RSPAMD_HASH: FeedInfo = lineFeed({
  ...MAP,
  name: 'rspamd-hash',
  title: { en: 'Rspamd map of attachments', fr: 'Table Rspamd des pièces jointes' },
  types: ['sha256']
})
