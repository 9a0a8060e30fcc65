/** The files of a MISP feed, as MISP's own client and PyMISP's feed generator have them. */
import { createHash } from 'node:crypto'
import { PIECE } from '../feed.ts'
import { escapeInvisible } from '../text.ts'
import type { MispAttribute, MispEventHead } from './event.ts'

/** `{"Event":…}` in pieces, one attribute a line. */
export function* eventPieces(head: MispEventHead, attributes: Iterable<MispAttribute>): Generator<string> {
  let piece = `{"Event":${escapeInvisible(JSON.stringify(head)).slice(0, -1)},"Attribute":[`
  let separator = '\n'
  for (const attribute of attributes) {
    piece += separator + escapeInvisible(JSON.stringify(attribute))
    separator = ',\n'
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield `${piece}]}}`
}

/** What `manifest.json` says of an event, without the brackets around all. */
export function manifestRow(head: MispEventHead): string {
  const { uuid, info, date, timestamp, analysis, threat_level_id, Orgc, Tag } = head
  const row = { Orgc, Tag, info, date, analysis, threat_level_id, timestamp }
  return `${JSON.stringify(uuid)}:${escapeInvisible(JSON.stringify(row))}`
}

/** Lines of `hashes.csv`, by which a MISP correlates without the values: MD5 of each value, and its event. */
export function* hashLines(head: MispEventHead, attributes: Iterable<MispAttribute>): Generator<string> {
  for (const { value, deleted } of attributes)
    if (!deleted) yield `${createHash('md5').update(value, 'utf8').digest('hex')},${head.uuid}\n`
}
