import { ConnectorError } from '../errors.ts'
import { type FeedInfo, type FeedOptions, type FeedSource, PIECE } from '../feed.ts'
import { type FeedRow, refuseRow, rowsOf } from '../rows.ts'
import { rpzOwners } from '../rpz-owner.ts'
import { isSerial, serialLine } from '../serial.ts'
import { traceIds, traceLines } from '../trace.ts'

/** Name of the zone unless the consumer uses another; `.invalid` can be nobody's (RFC 6761 §6.4). */
export const RPZ_ZONE = 'rpz.tocsin.invalid'

/** Seconds that an answer made by the policy may be kept: short, so that a retraction is felt. */
export const RPZ_TTL = 60

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

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  const zone = zoneName(options.zone ?? RPZ_ZONE)
  const comments = options.comments ?? 'above'
  let piece = head(options)
  // A host may come twice, as an address and as a range of one.
  const hosts = new Set<string>()
  for await (const rows of rowsOf(items, RPZ, options)) {
    for (const row of rows) {
      const made = rpzOwners(row.type, row.value, zone)
      if (!made.ok) {
        refuseRow(row, made.code, options)
        continue
      }
      if (row.type !== 'domain' && isHost(row) && !addNew(hosts, made.owners[0])) continue
      if (comments === 'above') for (const line of traceLines(row)) piece += `; ${line}\n`
      const behind = comments === 'trailing' ? ` ; ${traceIds(row)}` : ''
      for (const owner of made.owners) piece += `${owner} CNAME .${behind}\n`
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
  // Refresh, retry, expire, minimum (RFC 1035 §3.3.13): a secondary asks every five minutes and keeps the zone a week.
  return `; Tocsin response policy zone: made by a machine, edits are lost
$TTL ${ttl}
@ SOA localhost. hostmaster.localhost. (
${serialLine(serial)}
\t300 60 604800 ${ttl} )
@ NS localhost.
`
}

/** The name in lower case without its final dot; room for a short owner must be left. */
function zoneName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '')
  const fits = name.length <= 200 && name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label))
  if (!fits) throw new ConnectorError('feed-zone-invalid', 'the zone needs the name of a domain', { zone: text })
  return name
}

function isHost(row: FeedRow): boolean {
  return row.type !== 'cidr' || row.value.endsWith(row.value.includes(':') ? '/128' : '/32')
}

function addNew(seen: Set<string>, owner: string | undefined): boolean {
  if (owner === undefined || seen.has(owner)) return false
  seen.add(owner)
  return true
}
