import { createHash } from 'node:crypto'
import { guessTypes, type IndicatorType } from '@tocsin/model'
import type { Imported, ImportInfo, ImportOptions, ImportPlace } from '../import.ts'
import { type JsonObject, textIn } from '../import-json.ts'
import { jsonLines } from '../import-json-lines.ts'
import { createSeen, mailAddress, mailDomain, objectsIn, type Seen, textsIn } from '../seen.ts'

/**
 * What Rspamd's metadata exporter posts (backend `http`, formatter `json`), one message each, or a file of them, one a
 * line. Sender, connecting host, subject and Message-ID, and what symbols of our maps matched; recipients are not read.
 */
export const RSPAMD: ImportInfo = {
  name: 'rspamd',
  title: { en: 'Rspamd metadata exporter', fr: 'Exportateur de métadonnées de Rspamd' },
  mediaTypes: ['application/json', 'application/x-ndjson', 'text/plain'],
  extensions: ['json', 'jsonl', 'ndjson'],
  limits: { bytes: 256 * 1024 * 1024, drafts: 100, indicators: 100_000 },
  options: ['private'],
  yields: 'sightings',
  read
}

async function* read(source: AsyncIterable<Uint8Array>, { now }: ImportOptions): AsyncGenerator<Imported> {
  for await (const records of jsonLines(source))
    for (const one of records) {
      if (one.kind === 'refused') yield one
      else yield* readMessage(one.object, one.text, now, one.place)
    }
}

/** A member that Rspamd knows; it says `unknown` for what it does not. */
const known = (message: JsonObject, name: string): string | undefined => {
  const text = textIn(message, name)
  return text === 'unknown' ? undefined : text
}

function readMessage(message: JsonObject, text: string, now: number, place: ImportPlace): Imported[] {
  if (!Array.isArray(message.symbols) && textIn(message, 'action') === undefined)
    return [{ kind: 'refused', code: 'record-invalid', message: 'neither symbols nor an action', place }]
  const seen = createSeen()
  addValues(message, seen)
  const values = seen.values()
  if (values.length === 0) return []
  // The only time in it is what the sender claims.
  return [{ kind: 'sighting', values, at: now, once: { id: idOf(message, text) }, place }]
}

/** Sent again after an answer that was lost, it is the same message; without a name it is its own. */
function idOf(message: JsonObject, text: string): string {
  const queue = known(message, 'qid')
  const named = [textIn(message, 'rspamd_server'), queue, known(message, 'message_id')]
  return createHash('sha256')
    .update(queue === undefined ? text : JSON.stringify(named))
    .digest('hex')
}

/** The symbols of docs/formats.md, and what their maps hold. */
const OURS = /^TOCSIN_/
const TYPES: ReadonlySet<IndicatorType> = new Set(['domain', 'url', 'ipv4', 'ipv6', 'email', 'sha256'])
/** Of one message. */
const MOST_OPTIONS = 64

function addValues(message: JsonObject, seen: Seen): void {
  const ours = objectsIn(message, 'symbols').filter((symbol) => OURS.test(textIn(symbol, 'name') ?? ''))
  const options = new Set(ours.flatMap((symbol) => textsIn(symbol, 'options')))
  for (const option of [...options].slice(0, MOST_OPTIONS)) {
    if (option.length > 4_096) continue
    for (const { type, value } of guessTypes(option)) if (TYPES.has(type)) seen.add(type, value)
  }
  seen.address(known(message, 'ip'))
  const senders = [known(message, 'from'), ...textsIn(message, 'header_from')]
  for (const sender of senders) {
    if (sender === undefined || sender === 'unknown' || sender.length > 4_096) continue
    const address = mailAddress(sender)
    seen.add('email', address)
    seen.add('domain', mailDomain(address))
  }
  seen.add('email-subject', known(message, 'subject'))
  seen.add('message-id', known(message, 'message_id'))
}
