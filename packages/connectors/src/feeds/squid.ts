import { domainWithin } from '@tocsin/model'
import type { FeedInfo } from '../feed.ts'
import { type Lines, lineFeed } from '../line-feed.ts'
import type { FeedRow } from '../rows.ts'

/**
 * `acl tocsin dstdomain "FILE"`: a leading dot takes in what is below. Squid complains of a name that another of the file
 * covers (some versions refuse the file), so what is covered is not written; in feed order it comes right behind.
 */
export const SQUID: FeedInfo = lineFeed({
  name: 'squid',
  title: { en: 'Squid list of domains', fr: 'Liste de domaines pour Squid' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'txt',
  use: 'block',
  actsAtOnce: true,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  types: ['domain'],
  comment: '# ',
  writer: () => {
    let above: string | undefined
    const line = ({ value }: FeedRow): Lines => {
      if (above !== undefined && domainWithin(value, above)) return ''
      above = value
      return `.${value}\n`
    }
    return { line }
  }
})
