import type { FeedInfo } from '../feed.ts'
import { lineFeed, plain, refuse } from '../line-feed.ts'
import { traceBest } from '../trace.ts'

/** One type a list, as many values as the model with the least room takes, one value a line. */
const LIST = {
  mediaType: 'text/plain; charset=utf-8',
  extension: 'txt',
  use: 'block',
  actsAtOnce: true
} as const

/** External dynamic lists of PAN-OS: 50,000 values of a type on most models; more are skipped from the end. */
const PAN = { ...LIST, limit: 50_000 } as const

/** A comment may follow an address, behind a space. */
export const PAN_IP: FeedInfo = lineFeed({
  ...PAN,
  name: 'pan-ip',
  title: { en: 'PAN-OS list of addresses', fr: 'Liste PAN-OS d’adresses' },
  says: ['bulletin', 'tlp'],
  options: ['comments'],
  types: ['ipv4', 'ipv6', 'cidr'],
  writer: plain((row, comments) => (comments === 'none' ? `${row.value}\n` : `${row.value} ${traceBest(row)}\n`))
})

export const PAN_DOMAIN: FeedInfo = lineFeed({
  ...PAN,
  name: 'pan-domain',
  title: { en: 'PAN-OS list of domains', fr: 'Liste PAN-OS de domaines' },
  says: [],
  types: ['domain'],
  writer: plain(({ value }) => `${value}\n`)
})

export const PAN_URL: FeedInfo = lineFeed({
  ...PAN,
  name: 'pan-url',
  title: { en: 'PAN-OS list of URLs', fr: 'Liste PAN-OS d’URL' },
  says: [],
  types: ['url'],
  writer: () => withoutScheme()
})

/** Threat feeds of FortiOS: 131,072 lines and 10 MB, comment lines among them. */
const FORTINET = {
  ...LIST,
  limit: 65_536,
  limitBytes: 10_000_000,
  says: ['bulletin', 'tlp'],
  comment: '# ',
  traces: (row: Parameters<typeof traceBest>[0]) => [traceBest(row)]
} as const

export const FORTINET_IP: FeedInfo = lineFeed({
  ...FORTINET,
  name: 'fortinet-ip',
  title: { en: 'FortiOS list of addresses', fr: 'Liste FortiOS d’adresses' },
  types: ['ipv4', 'ipv6', 'cidr'],
  writer: plain(({ value }) => `${value}\n`)
})

export const FORTINET_DOMAIN: FeedInfo = lineFeed({
  ...FORTINET,
  name: 'fortinet-domain',
  title: { en: 'FortiOS list of domains', fr: 'Liste FortiOS de domaines' },
  types: ['domain'],
  writer: plain(({ value }) => `${value}\n`)
})

export const FORTINET_URL: FeedInfo = lineFeed({
  ...FORTINET,
  name: 'fortinet-url',
  title: { en: 'FortiOS list of URLs', fr: 'Liste FortiOS d’URL' },
  types: ['url'],
  writer: () => withoutScheme()
})

/** The hash, and behind a space its description. */
export const FORTINET_HASH: FeedInfo = lineFeed({
  ...FORTINET,
  name: 'fortinet-hash',
  title: { en: 'FortiOS list of file hashes', fr: 'Liste FortiOS d’empreintes de fichiers' },
  types: ['md5', 'sha1', 'sha256'],
  traces: () => [],
  writer: plain((row, comments) => (comments === 'none' ? `${row.value}\n` : `${row.value} ${traceBest(row)}\n`))
})

/**
 * Host, port and path: a web filter knows no scheme, so two URLs may be one line. It never sees a fragment, takes `*`
 * and `^` for placeholders, and ends an entry at white space.
 */
function withoutScheme() {
  const written = new Set<string>()
  return {
    line: ({ value }: { readonly value: string }) => {
      if (!/^https?:/.test(value)) return refuse('never-matches')
      if (value.includes('#')) return refuse('never-matches')
      if (/[*^]/.test(value) || !/^[!-~]+$/.test(value)) return refuse('value-unsafe')
      const rest = value.replace(/^https?:\/\//, '')
      if (written.has(rest)) return ''
      written.add(rest)
      return `${rest}\n`
    }
  }
}
