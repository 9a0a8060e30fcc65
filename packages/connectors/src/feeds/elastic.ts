import { createHash } from 'node:crypto'
import { type IndicatorType, urlHost } from '@tocsin/model'
import { FEED_FIELDS, type FeedInfo, type FeedOptions, type FeedSource } from '../feed.ts'
import { lineFeed, plain } from '../line-feed.ts'
import { type FeedRow, refuseRow, rowsOf } from '../rows.ts'
import { escapeInvisible, isPlainLine, oneLine } from '../text.ts'

/**
 * The Elastic Common Schema, one document a line: `threat.indicator.*` of `event.kind: enrichment`, and under `tocsin` what
 * ECS has no field for. The id is made of type and value, so that it is the same at every export and at every node.
 */
export const ECS: FeedInfo = lineFeed({
  name: 'ecs',
  title: { en: 'Elastic Common Schema, one document a line', fr: 'Elastic Common Schema, un document par ligne' },
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  use: 'detect',
  actsAtOnce: false,
  says: FEED_FIELDS,
  types: [
    'ipv4',
    'ipv6',
    'cidr',
    'domain',
    'url',
    'email',
    'md5',
    'sha1',
    'sha256',
    'sha512',
    'ssdeep',
    'tlsh',
    'filename',
    'asn',
    'regkey',
    'mutex',
    'account'
  ],
  writer: plain((row) => `${escapeInvisible(JSON.stringify(documentOf(row)))}\n`)
})

const KINDS: Readonly<Partial<Record<IndicatorType, string>>> = {
  ipv4: 'ipv4-addr',
  ipv6: 'ipv6-addr',
  domain: 'domain-name',
  url: 'url',
  email: 'email-addr',
  asn: 'autonomous-system',
  regkey: 'windows-registry-key',
  mutex: 'mutex',
  account: 'user-account'
}

function documentOf(row: FeedRow): object {
  const { type, value, role, firstSeen, lastSeen, validUntil, tlp, pap, bulletins } = row
  const [best] = bulletins
  const published = new Date(best.publishedAt).toISOString()
  const comment = row.comment === undefined ? undefined : oneLine(row.comment, 500)
  return {
    '@timestamp': published,
    event: { kind: 'enrichment', category: ['threat'], type: ['indicator'] },
    threat: {
      feed: { name: 'Tocsin' },
      indicator: {
        id: [createHash('sha256').update(`${type} ${value}`).digest('hex')],
        type: type === 'cidr' ? (value.includes(':') ? 'ipv6-addr' : 'ipv4-addr') : (KINDS[type] ?? 'file'),
        name: value,
        description: comment,
        first_seen: firstSeen,
        last_seen: lastSeen,
        modified_at: published,
        confidence: confidenceOf(best.confidence),
        provider: oneLine(best.authorName, 100),
        marking: { tlp, tlp_version: '2.0' },
        ...fieldsOf(type, value)
      }
    },
    tocsin: {
      role,
      pap,
      threat: best.threat,
      confidence: best.confidence,
      author: best.author,
      valid_until: validUntil,
      bulletins: bulletins.map(({ id }) => id)
    }
  }
}

/** ECS's own scale, by the ranges that Elastic's threat intelligence integrations use. */
function confidenceOf(confidence: number): string {
  if (confidence === 0) return 'None'
  return confidence < 30 ? 'Low' : confidence < 70 ? 'Medium' : 'High'
}

function fieldsOf(type: IndicatorType, value: string): object {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
      return { ip: value }
    // `threat.indicator.ip` holds addresses alone.
    case 'cidr':
      return {}
    case 'domain':
      return { url: { domain: value } }
    case 'url':
      return { url: urlFields(value) }
    case 'email':
      return { email: { address: value } }
    case 'filename':
      return { file: { name: value } }
    case 'asn':
      return { as: { number: Number(value.slice(2)) } }
    case 'regkey':
      return { registry: { path: value } }
    case 'mutex':
    case 'account':
      return {}
    default:
      return { file: { hash: { [type]: value } } }
  }
}

function urlFields(value: string): object {
  const [, scheme, path] = /^([a-z0-9+.-]+):\/\/[^/?#]*([^?#]*)/.exec(value) ?? []
  return { full: value, original: value, scheme, domain: urlHost(value) ?? undefined, path: path || undefined }
}

/** Fields of ECS in which a value of each type is looked for. */
const SEARCHED: Readonly<Partial<Record<IndicatorType, readonly string[]>>> = {
  ipv4: ['source.ip', 'destination.ip'],
  ipv6: ['source.ip', 'destination.ip'],
  cidr: ['source.ip', 'destination.ip'],
  domain: ['dns.question.name', 'url.domain'],
  url: ['url.original'],
  email: ['email.from.address'],
  md5: ['file.hash.md5'],
  sha1: ['file.hash.sha1'],
  sha256: ['file.hash.sha256']
}

/**
 * One query of the Kibana Query Language, to be saved as a search over one's own logs. A cluster takes some thousand
 * clauses a query, so only the best values are in it; KQL has no comments. A name is looked for as it is: wildcards are
 * slow, and what is below it is found by a rule over `ecs`.
 */
export const KQL: FeedInfo = {
  name: 'kql',
  title: { en: 'Query for Kibana (KQL)', fr: 'Requête pour Kibana (KQL)' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'kql',
  use: 'hunt',
  actsAtOnce: false,
  says: [],
  types: Object.keys(SEARCHED) as IndicatorType[],
  options: [],
  limit: 500,
  write
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  // By the list of its fields: at most `limit` terms.
  const terms = new Map<string, string[]>()
  for await (const rows of rowsOf(items, KQL, options)) {
    for (const row of rows) {
      if (!isPlainLine(row.value)) {
        refuseRow(row, 'value-unsafe', options)
        continue
      }
      const fields = (SEARCHED[row.type] ?? []).join(' ')
      const list = terms.get(fields) ?? []
      terms.set(fields, list)
      list.push(`"${row.value.replace(/["\\]/g, '\\$&')}"`)
    }
  }
  const clauses = [...terms].flatMap(([fields, values]) =>
    fields.split(' ').map((field) => `${field}: (${values.join(' or ')})`)
  )
  if (clauses.length > 0) yield `${clauses.join(' or ')}\n`
}
