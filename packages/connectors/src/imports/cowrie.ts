import { type IndicatorType, readTime, type Threat } from '@tocsin/model'
import type { Imported, ImportInfo, ImportOptions, ImportPlace, ImportRefusal } from '../import.ts'
import { type JsonObject, textIn } from '../import-json.ts'
import { jsonLines } from '../import-json-lines.ts'
import { createLogDrafts, HELD_MOST, type LogDrafts } from '../import-log.ts'

/**
 * The log of a Cowrie honeypot (cowrie.json: one event a line). Who tried to log in is a brute force, what was fetched a
 * dropper with its URL and SHA-256; one draft a day and class. User names, passwords and commands stay here: what is tried
 * at a honeypot is often somebody's real password.
 */
export const COWRIE: ImportInfo = {
  name: 'cowrie',
  title: { en: 'Cowrie honeypot (JSON log)', fr: 'Pot de miel Cowrie (journal JSON)' },
  mediaTypes: ['application/x-ndjson', 'application/json'],
  extensions: ['json', 'jsonl', 'ndjson'],
  limits: { bytes: 1024 * 1024 * 1024, drafts: 1_000, indicators: 1_000_000 },
  options: [],
  read
}

/** Of one event: a command may be long, a key longer. */
const MAX_EVENT = 256 * 1024

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const log = createLogDrafts('cowrie', 'Cowrie honeypot', options)
  for await (const records of jsonLines(source, MAX_EVENT)) {
    for (const one of records) {
      if (one.kind === 'refused') yield one
      else yield* readEvent(one.object, log, one.place)
    }
    if (log.held() >= HELD_MOST) yield* log.drafts()
  }
  yield* log.drafts()
}

/** What is refused of an event; events that say nothing to others are passed over. */
function readEvent(event: JsonObject, log: LogDrafts, place: ImportPlace): ImportRefusal[] {
  const id = textIn(event, 'eventid')
  if (id === undefined) return [invalid('no eventid', place)]
  const isLogin = id === 'cowrie.login.failed' || id === 'cowrie.login.success'
  const isDownload = id === 'cowrie.session.file_download' || id === 'cowrie.session.file_download.failed'
  if (!isLogin && !isDownload) return []
  const at = readTime(textIn(event, 'timestamp') ?? '')
  if (at === undefined) return [invalid('no timestamp', place)]
  const day = at.slice(0, 10)
  const add = (type: IndicatorType, value: string | undefined, group: string, threat: Threat) =>
    value === undefined ? [] : (log.add({ type, value, day, group, threat, at, place }) ?? [])
  if (isDownload) {
    return [
      add('url', textIn(event, 'url'), 'downloads', 'dropper'),
      add('sha256', textIn(event, 'shasum'), 'downloads', 'dropper')
    ].flat()
  }
  const address = textIn(event, 'src_ip')
  if (address === undefined) return [invalid('no src_ip', place)]
  return [add(address.includes(':') ? 'ipv6' : 'ipv4', address, 'logins', 'brute-force')].flat()
}

function invalid(message: string, place: ImportPlace): ImportRefusal {
  return { kind: 'refused', code: 'record-invalid', message, place }
}
