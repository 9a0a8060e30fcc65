import type { FeedInfo } from '../feed.ts'
import { lineFeed, plain } from '../line-feed.ts'

/** Maps: the key, and behind it the bulletin, so that a log line or a header can name it. */
const MAP = {
  mediaType: 'text/plain; charset=utf-8',
  extension: 'map',
  use: 'block',
  actsAtOnce: true,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  comment: '# '
} as const

/**
 * For `map_end` over the host with a dot before it: the name itself and all below. `map_dom` would also match a listed
 * name in the middle of a longer one.
 */
export const HAPROXY_HOST: FeedInfo = lineFeed({
  ...MAP,
  name: 'haproxy-host',
  title: { en: 'HAProxy map of hosts', fr: 'Table HAProxy des hôtes' },
  types: ['domain'],
  writer: plain(({ value, bulletins: [best] }) => `.${value} ${best.id}\n`)
})

/** For `map_ip`. */
export const HAPROXY_IP: FeedInfo = lineFeed({
  ...MAP,
  name: 'haproxy-ip',
  title: { en: 'HAProxy map of addresses', fr: 'Table HAProxy des adresses' },
  types: ['ipv4', 'ipv6', 'cidr'],
  writer: plain(({ value, bulletins: [best] }) => `${value} ${best.id}\n`)
})
