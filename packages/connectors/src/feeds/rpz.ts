import { ConnectorError } from '../errors.ts'
import { type FeedInfo, type FeedOptions, type FeedSource, PIECE } from '../feed.ts'
import { type FeedRow, refuseRow, rowsOf } from '../rows.ts'
import { rpzOwners } from '../rpz-owner.ts'
import { isSerial, serialLine } from '../serial.ts'
import { createTraces, traceIds } from '../trace.ts'

/** Name of the zone unless the consumer uses another; `.invalid` can be nobody's (RFC 6761 §6.4). */
export const RPZ_ZONE = 'rpz.tocsin.invalid'

/** Seconds that an answer made by the policy may be kept: short, so that a retraction is felt. */
export const RPZ_TTL = 60

/**
 * Seconds (RFC 1035 §3.3.13): a secondary asks every five minutes, every minute where nobody answers, and keeps the
 * zone a week.
 */
export const RPZ_TIMERS = { refresh: 300, retry: 60, expire: 604_800 } as const

/** Who stands in SOA and NS: nobody is ever asked there. */
export const RPZ_HOST = 'localhost'
export const RPZ_CONTACT = 'hostmaster.localhost'

/**
 * A response policy zone for BIND, Unbound, PowerDNS Recursor and Knot: NXDOMAIN for listed names and all below them,
 * and for any name whose answer lies in a listed address or range. Owners are relative, so the file loads under any
 * zone name; all have the one target `.`, so no owner can get two different CNAMEs, which would make BIND refuse the
 * whole zone. Nothing in it but the serial changes unless the content does.
 */
export const RPZ: FeedInfo = {
  name: 'rpz',
  title: { en: 'DNS response policy zone', fr: 'Zone de politique de réponse DNS (RPZ)' },
  // RFC 4027: a master file.
  mediaType: 'text/dns; charset=utf-8',
  extension: 'zone',
  use: 'block',
  actsAtOnce: true,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  types: ['ipv4', 'ipv6', 'cidr', 'domain'],
  options: ['zone', 'serial', 'ttl', 'comments'],
  write
}

/** One row of the feed with its owners, relative to the zone: each has the record `CNAME .` and no other. */
export interface PolicyRow {
  readonly row: FeedRow
  readonly owners: readonly string[]
}

/**
 * The records of the zone in feed order, no owner twice; what has no place in it is refused. The text and the DNS door
 * are both made of these. Throws ConnectorError `feed-zone-invalid`.
 */
export async function* policyRows(items: FeedSource, options: FeedOptions): AsyncGenerator<readonly PolicyRow[]> {
  const zone = zoneName(options.zone ?? RPZ_ZONE)
  // One address may be spelt in many ways; the commoner ones cannot, and need no room here.
  const spelt = new Set<string>()
  for await (const rows of rowsOf(items, RPZ, options)) {
    const policies: PolicyRow[] = []
    for (const row of rows) {
      const made = rpzOwners(row.type, row.value, zone)
      if (!made.ok) refuseRow(row, made.code, options)
      // An address in another form, which the model refuses.
      else if (isRangeOfOne(row)) refuseRow(row, 'value-unsafe', options)
      else if (row.type !== 'ipv6' || addNew(spelt, made.owners[0])) policies.push({ row, owners: made.owners })
    }
    yield policies
  }
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  const comments = options.comments ?? 'above'
  const traceOf = createTraces('; ')
  let piece = head(options)
  for await (const policies of policyRows(items, options)) {
    for (const { row, owners } of policies) {
      if (comments === 'above') piece += traceOf(row)
      const behind = comments === 'trailing' ? ` ; ${traceIds(row)}` : ''
      for (const owner of owners) piece += `${owner} CNAME .${behind}\n`
      if (piece.length >= PIECE) {
        yield piece
        piece = ''
      }
    }
  }
  if (piece !== '') yield piece
}

function head(options: FeedOptions): string {
  const { serial, ttl = RPZ_TTL } = options
  if (!isSerial(serial))
    throw new ConnectorError('feed-serial-invalid', 'the zone needs a serial of 32 bits', { serial })
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > 0x7fffffff) {
    throw new ConnectorError('feed-number-invalid', 'the time to live must be 0 to 2147483647 seconds', { ttl })
  }
  const { refresh, retry, expire } = RPZ_TIMERS
  return `; Tocsin response policy zone: made by a machine, edits are lost
$TTL ${ttl}
@ SOA ${RPZ_HOST}. ${RPZ_CONTACT}. (
${serialLine(serial)}
\t${refresh} ${retry} ${expire} ${ttl} )
@ NS ${RPZ_HOST}.
`
}

/** The name in lower case without its final dot; room for a short owner must be left. Throws `feed-zone-invalid`. */
export function zoneName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '')
  const fits = name.length <= 200 && name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label))
  if (!fits) throw new ConnectorError('feed-zone-invalid', 'the zone needs the name of a domain', { zone: text })
  return name
}

function isRangeOfOne({ type, value }: FeedRow): boolean {
  return type === 'cidr' && value.endsWith(value.includes(':') ? '/128' : '/32')
}

function addNew(seen: Set<string>, owner: string | undefined): boolean {
  if (owner === undefined || seen.has(owner)) return false
  seen.add(owner)
  return true
}
