import { formatPap, formatTlp, type IndicatorType } from '@tocsin/model'
import type { FeedInfo } from '../feed.ts'
import { lineFeed, plain, refuse } from '../line-feed.ts'
import { remark } from '../text.ts'

/** What each type is to Zeek's intelligence framework. */
const KINDS = {
  ipv4: 'Intel::ADDR',
  ipv6: 'Intel::ADDR',
  cidr: 'Intel::SUBNET',
  domain: 'Intel::DOMAIN',
  url: 'Intel::URL',
  email: 'Intel::EMAIL',
  md5: 'Intel::FILE_HASH',
  sha1: 'Intel::FILE_HASH',
  sha256: 'Intel::FILE_HASH',
  filename: 'Intel::FILE_NAME',
  'x509-sha1': 'Intel::CERT_HASH',
  'user-agent': 'Intel::SOFTWARE'
} as const satisfies Partial<Record<IndicatorType, string>>

type Kind = keyof typeof KINDS

/**
 * A file for `Intel::read_files`: columns between tabs, named by the head. The source is the bulletin: it stands in
 * intel.log beside every hit.
 */
export const ZEEK: FeedInfo = lineFeed({
  name: 'zeek-intel',
  title: { en: 'Zeek intelligence file', fr: 'Fichier de renseignement Zeek' },
  mediaType: 'text/tab-separated-values; charset=utf-8',
  extension: 'dat',
  use: 'detect',
  actsAtOnce: false,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  types: Object.keys(KINDS) as Kind[],
  head: () => '#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n',
  writer: plain(({ type, value, bulletins: [best], tlp, pap }) => {
    const indicator = type === 'url' ? value.replace(/^[a-z][a-z0-9+.-]*:\/\//, '') : value
    // A backslash begins an escape there, a first `#` a line of the head, and `-` alone is nothing.
    if (/[\t\n\r\\]|^#|^-$|^\(empty\)$/u.test(indicator)) return refuse('value-unsafe')
    const labels = `${formatTlp(tlp)} ${formatPap(pap)} ${best.threat} confidence ${Math.round(best.confidence)}`
    const name = remark(best.authorName, 100).replaceAll('\\', '’')
    return `${indicator}\t${KINDS[type as Kind]}\ttocsin ${best.id}\t${labels} by ${name || best.author}\n`
  })
})
