import { type BulletinId, type IndicatorType, isBulletinId, isIndicatorType, readTime } from '@tocsin/model'
import type { Imported, ImportInfo, ImportPlace } from '../import.ts'
import { type JsonObject, textIn } from '../import-json.ts'
import { jsonLines } from '../import-json-lines.ts'
import { createSeen, mailAddress, objectsIn, type Seen, textsIn } from '../seen.ts'

/**
 * Alerts of Suricata's eve.json (one event a line), of our rules, our datasets and anybody else's: what the traffic was
 * to, as sightings. Other events say what happened and not that it was bad; they are passed over.
 */
export const EVE: ImportInfo = {
  name: 'eve',
  title: { en: 'Suricata alerts (eve.json)', fr: 'Alertes Suricata (eve.json)' },
  mediaTypes: ['application/x-ndjson', 'application/json'],
  extensions: ['json', 'jsonl', 'ndjson'],
  limits: { bytes: 1024 * 1024 * 1024, drafts: 100, indicators: 100_000 },
  options: ['private'],
  yields: 'sightings',
  read
}

/** Of one event: an alert may carry its payload and the packet. */
const MAX_EVENT = 512 * 1024

async function* read(source: AsyncIterable<Uint8Array>): AsyncGenerator<Imported> {
  // Most of the file is other events, which need not be parsed.
  const isOther = (text: string): boolean => text.startsWith('{') && text.endsWith('}') && !text.includes('"alert"')
  for await (const records of jsonLines(source, MAX_EVENT, isOther))
    for (const one of records) {
      if (one.kind === 'refused') yield one
      else yield* readEvent(one.object, one.place)
    }
}

// As feeds/suricata.ts writes: "Tocsin phishing domain TLP:AMBER 0b9f3c1e-…".
const OURS = /^Tocsin [a-z0-9-]{1,40} ([a-z0-9-]{1,20}) TLP:[A-Z+]{3,12} ([0-9a-f-]{36})$/

function readEvent(event: JsonObject, place: ImportPlace): Imported[] {
  if (textIn(event, 'event_type') !== 'alert') return []
  const [alert] = objectsIn(event, 'alert')
  if (alert === undefined) return [invalid('no alert', place)]
  const at = readTime(textIn(event, 'timestamp') ?? '')
  if (at === undefined) return [invalid('no timestamp', place)]
  const seen = createSeen()
  addValues(event, seen)
  const { type, bulletin } = ruleOf(alert)
  // Our own rules say what kind of thing they are about: an address of a listed name is not met by that.
  const values = seen.values().filter((it) => type === undefined || isAbout(type, it.type))
  if (values.length === 0) return []
  const stream = textIn(event, 'host')?.slice(0, 100) ?? ''
  const named = bulletin === undefined ? {} : { bulletin }
  return [{ kind: 'sighting', values, at: Date.parse(at), once: { stream }, ...named, place }]
}

function ruleOf(alert: JsonObject): { readonly type?: IndicatorType; readonly bulletin?: BulletinId } {
  const [, type = '', id = ''] = OURS.exec(textIn(alert, 'signature') ?? '') ?? []
  return {
    ...(isIndicatorType(type) ? { type } : {}),
    ...(isBulletinId(id) ? { bulletin: id } : {})
  }
}

function isAbout(rule: IndicatorType, met: IndicatorType): boolean {
  return rule === met || (rule === 'cidr' && (met === 'ipv4' || met === 'ipv6'))
}

function addValues(event: JsonObject, seen: Seen): void {
  seen.address(textIn(event, 'src_ip'))
  seen.address(textIn(event, 'dest_ip'))
  for (const dns of objectsIn(event, 'dns')) {
    // Version 7 says `query`, 8 `queries`; older ones the name itself.
    for (const query of [dns, ...objectsIn(dns, 'query'), ...objectsIn(dns, 'queries')])
      seen.host(textIn(query, 'rrname'))
  }
  for (const tls of objectsIn(event, 'tls')) {
    seen.host(textIn(tls, 'sni'))
    seen.add('x509-sha1', textIn(tls, 'fingerprint')?.replaceAll(':', ''))
    for (const ja3 of objectsIn(tls, 'ja3')) seen.add('ja3', textIn(ja3, 'hash'))
    seen.add('ja4', textIn(tls, 'ja4'))
  }
  for (const http of objectsIn(event, 'http')) {
    seen.host(textIn(http, 'hostname'))
    const url = urlOf(http)
    seen.add('url', url)
    // Browsers write an apostrophe of a query so (WHATWG URL, special-query percent-encode set); a bulletin has it as it was read.
    if (url?.includes('%27') === true) seen.add('url', url.replaceAll('%27', "'"))
    seen.add('user-agent', textIn(http, 'http_user_agent'))
  }
  for (const file of [...objectsIn(event, 'fileinfo'), ...objectsIn(event, 'files')])
    for (const type of ['md5', 'sha1', 'sha256'] as const) seen.add(type, textIn(file, type))
  // Recipients are our own people.
  for (const smtp of objectsIn(event, 'smtp')) {
    for (const from of textsIn(smtp, 'mail_from')) seen.add('email', mailAddress(from))
  }
  for (const email of objectsIn(event, 'email')) {
    for (const from of textsIn(email, 'from')) seen.add('email', mailAddress(from))
  }
}

/** As asked for over HTTP; a proxy is asked for the whole link. */
function urlOf(http: JsonObject): string | undefined {
  const host = textIn(http, 'hostname')
  const path = textIn(http, 'url')
  if (path === undefined || /^https?:\/\//i.test(path)) return path
  const port = typeof http.http_port === 'number' && http.http_port !== 80 ? `:${http.http_port}` : ''
  return host === undefined || !path.startsWith('/') ? undefined : `http://${host}${port}${path}`
}

function invalid(message: string, place: ImportPlace): Imported {
  return { kind: 'refused', code: 'record-invalid', message, place }
}
