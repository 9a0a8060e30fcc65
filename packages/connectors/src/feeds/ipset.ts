import type { FeedInfo } from '../feed.ts'
import { lineFeed, plain } from '../line-feed.ts'

/** Most entries a set takes: room for every feed, memory only for what is in it. */
const MAXELEM = 16_777_216

const SETS = [
  ['tocsin4', 'inet'],
  ['tocsin6', 'inet6']
] as const

/**
 * For `ipset restore`: new sets are filled beside the old ones and swapped in, so that rules which name `tocsin4` and
 * `tocsin6` never see half a set.
 */
export const IPSET: FeedInfo = lineFeed({
  name: 'ipset',
  title: { en: 'ipset sets', fr: 'Ensembles ipset' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'ipset',
  use: 'block',
  actsAtOnce: true,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  types: ['ipv4', 'ipv6', 'cidr'],
  comment: '# ',
  head: () =>
    SETS.map(
      ([set, family]) =>
        `create ${set} hash:net family ${family} maxelem ${MAXELEM} -exist\n` +
        `create ${set}-new hash:net family ${family} maxelem ${MAXELEM} -exist\nflush ${set}-new\n`
    ).join(''),
  writer: (options) => ({
    ...plain(({ value }) => `add ${value.includes(':') ? 'tocsin6' : 'tocsin4'}-new ${value} -exist\n`)(options),
    end: () => SETS.map(([set]) => `swap ${set}-new ${set}\ndestroy ${set}-new\n`).join('')
  })
})
