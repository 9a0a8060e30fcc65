import { createHash } from 'node:crypto'
import type { IndicatorType } from '@tocsin/model'
import type { FeedInfo } from '../feed.ts'
import { type Lines, lineFeed, plain, refuse } from '../line-feed.ts'
import type { FeedRow } from '../rows.ts'

const SURICATA = {
  mediaType: 'text/plain; charset=utf-8',
  use: 'detect',
  actsAtOnce: false
} as const

const ALL_LABELS = ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'] as const

/** One rule of a value: its protocol and addresses, and what it looks at. */
interface Rule {
  readonly kind: string
  readonly head: string
  readonly options: string
}

/**
 * Rules that alert and never drop, one or more a value. A domain takes in what is below it, by label. Suricata sees links
 * without encryption alone, and its own words in a rule are all of ours but the value, of which what could mean anything
 * in a rule is written in hexadecimal.
 */
export const SURICATA_RULES: FeedInfo = lineFeed({
  ...SURICATA,
  name: 'suricata-rules',
  title: { en: 'Suricata rules', fr: 'Règles Suricata' },
  extension: 'rules',
  says: ALL_LABELS,
  types: ['ipv4', 'ipv6', 'cidr', 'domain', 'url', 'ja3', 'x509-sha1', 'user-agent'],
  comment: '# ',
  // All are compiled at the start and at every reload: for as many domains 9 s of a processor, 29 s for twice as many.
  limit: 10_000,
  writer: () => {
    const taken = new Set<number>()
    const line = (row: FeedRow): Lines => {
      const rules = rulesOf(row)
      if (rules.length === 0) return refuse('never-matches')
      return rules.map((rule) => ruleLine(row, rule, sidOf(row, rule, taken))).join('')
    }
    return { line }
  }
})

/** Identifiers of rules are 32 bits; publishers number theirs far below (https://sidallocation.org/). */
const FIRST_SID = 2_200_000_000
const SIDS = 2_000_000_000

/** The same for the same value in every file, but where two values of one file meet: a second one is refused by Suricata. */
function sidOf({ type, value }: FeedRow, { kind }: Rule, taken: Set<number>): number {
  let sid = createHash('sha256').update(`${kind} ${type} ${value}`).digest().readUInt32BE(0) % SIDS
  while (taken.has(sid)) sid = (sid + 1) % SIDS
  taken.add(sid)
  return FIRST_SID + sid
}

function ruleLine({ type, bulletins: [best], tlp }: FeedRow, { head, options }: Rule, sid: number): string {
  const message = `Tocsin ${best.threat} ${type} TLP:${tlp} ${best.id}`
  return `alert ${head} (msg:"${message}"; ${options} metadata:tocsin_bulletin ${best.id}; sid:${sid}; rev:1;)\n`
}

// One alert an hour for two hosts that talk all day.
const SELDOM = 'threshold:type limit, track by_both, seconds 3600, count 1;'
const NAME = 'any any -> any any'

function rulesOf({ type, value }: FeedRow): readonly Rule[] {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
    case 'cidr':
      return [{ kind: 'ip', head: `ip any any <> [${value}] any`, options: SELDOM }]
    case 'domain': {
      const below = `dotprefix; content:"${content(`.${value}`)}";`
      return [
        { kind: 'dns', head: `dns ${NAME}`, options: `dns.query; ${below} nocase; endswith; ${SELDOM}` },
        { kind: 'tls', head: `tls ${NAME}`, options: `tls.sni; ${below} nocase; endswith;` },
        // Suricata lowers the case of this one itself, and refuses to be told to.
        { kind: 'http', head: `http ${NAME}`, options: `http.host; ${below} endswith;` }
      ]
    }
    case 'url':
      return urlRules(value)
    case 'ja3':
      return [{ kind: 'ja3', head: `tls ${NAME}`, options: `ja3.hash; content:"${value}";` }]
    case 'x509-sha1': {
      const fingerprint = value.match(/../g)?.join(':') ?? ''
      return [{ kind: 'cert', head: `tls ${NAME}`, options: `tls.cert_fingerprint; content:"${fingerprint}";` }]
    }
    default:
      return [{ kind: 'agent', head: `http ${NAME}`, options: `http.user_agent; ${whole(value)}` }]
  }
}

/** The very link, as it is asked for: without scheme, port and fragment. */
function urlRules(value: string): readonly Rule[] {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || url.protocol !== 'http:' || url.username !== '') return []
  const options = `http.host; ${whole(url.hostname)} http.uri.raw; ${whole(url.pathname + url.search)}`
  return [{ kind: 'url', head: `http ${NAME}`, options }]
}

function whole(text: string): string {
  return `content:"${content(text)}"; bsize:${Buffer.byteLength(text)};`
}

function content(text: string): string {
  return text.replace(/[^\w./-]+/gu, (run) => `|${hexOf(run)}|`)
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().match(/../g)?.join(' ') ?? ''
}

/** `dataset:isset,…,type string`: the very names, in base64. No comments: one is fatal. */
export const SURICATA_DOMAIN: FeedInfo = lineFeed({
  ...SURICATA,
  name: 'suricata-domain',
  title: { en: 'Suricata dataset of domains', fr: 'Jeu de données Suricata des domaines' },
  extension: 'lst',
  says: [],
  types: ['domain'],
  writer: plain(({ value }) => `${Buffer.from(value).toString('base64')}\n`)
})

/** `dataset:isset,…,type ip`: single addresses, since a range is fatal; ranges have `suricata-iprep`. */
export const SURICATA_IP: FeedInfo = lineFeed({
  ...SURICATA,
  name: 'suricata-ip',
  title: { en: 'Suricata dataset of addresses', fr: 'Jeu de données Suricata des adresses' },
  extension: 'lst',
  says: [],
  types: ['ipv4', 'ipv6'],
  writer: plain(({ value }) => `${value}\n`)
})

/** IP reputation: address or range, category 1, the confidence as the score (1 to 127 there). */
export const SURICATA_IPREP: FeedInfo = lineFeed({
  ...SURICATA,
  name: 'suricata-iprep',
  title: { en: 'Suricata IP reputation', fr: 'Réputation d’adresses Suricata' },
  extension: 'list',
  says: ALL_LABELS,
  types: ['ipv4', 'ipv6', 'cidr'],
  comment: '# ',
  writer: plain(({ value, bulletins: [best] }) => `${value},1,${Math.max(1, Math.round(best.confidence))}\n`)
})

/** Lists for `filemd5`, `filesha1` and `filesha256`: one kind of hash each. */
function hashList(type: IndicatorType & ('md5' | 'sha1' | 'sha256'), title: string, digits: number): FeedInfo {
  return lineFeed({
    ...SURICATA,
    name: `suricata-${type}`,
    title: { en: `Suricata list of ${title}`, fr: `Liste Suricata de ${title}` },
    extension: 'lst',
    says: ALL_LABELS,
    types: [type],
    comment: '# ',
    // A rule over a list without a hash is refused, and all rules with it.
    head: () => `${'0'.repeat(digits)}\n`,
    writer: plain(({ value }) => `${value}\n`)
  })
}

export const SURICATA_MD5: FeedInfo = hashList('md5', 'MD5', 32)
export const SURICATA_SHA1: FeedInfo = hashList('sha1', 'SHA-1', 40)
export const SURICATA_SHA256: FeedInfo = hashList('sha256', 'SHA-256', 64)
