/**
 * The derived rows of one admitted entry: its place in the order of arrival, and what makes its content findable.
 * An indicator costs its value row and nothing more; author, threat and id are indexed per bulletin (DESIGN §10).
 */
import { institutionKey, type OpenedBody, openBody, type SignedHeader, verifyEraseNow } from '@tocsin/journal'
import { type Disabling, type EntryId, type Retraction, type Sighting, THREATS } from '@tocsin/model'
import {
  type ArrivalRow,
  type DisablingRow,
  keys,
  type RetractionMark,
  readRow,
  readU64,
  type SightingRow,
  setArrival,
  type Tx,
  writeRow
} from '@tocsin/store'
import { partText, type ReadBulletin, readBulletin } from './read-bulletin.ts'
import { authorityOf, isVoid } from './rules.ts'
import type { HeldStream } from './streams.ts'

export interface Arrival {
  readonly arrival: number
  readonly at: number
  readonly via?: string
}

export function threatCode(threat: string): number {
  return THREATS.indexOf(threat as never) + 1
}

/**
 * Writes every derived row of the entry and tells what was read of its body (undefined: no body held).
 * @param read what `readBulletin` says of this very body, where that was asked before
 */
export function indexEntry(
  tx: Tx,
  stream: HeldStream,
  signed: SignedHeader,
  body: Uint8Array | null,
  where: Arrival,
  erasureDelayMs: number,
  read?: ReadBulletin
): ArrivalRow {
  const { header, id } = signed
  const bulletin = body === null || header.kind !== 'bulletin' ? undefined : (read ?? readBulletin(body))
  const isOther = typeof header.kind !== 'number' && header.kind !== 'bulletin'
  const opened = body === null || !isOther ? undefined : openBody(header.kind, body)
  const kind = typeof header.kind === 'number' ? `unknown-${header.kind}` : header.kind
  const tried = bulletin ?? opened
  const unreadable = typeof header.kind === 'number' ? 'unknown-kind' : tried?.ok === false ? tried.code : undefined
  const row: ArrivalRow = {
    stream: stream.id,
    seq: header.seq,
    entry: id,
    kind,
    clock: header.clock,
    keepUntil: header.keepUntil,
    at: where.at,
    ...(where.via === undefined ? {} : { via: where.via }),
    ...(bulletin?.ok === true ? { bulletin: bulletin.summary } : {}),
    ...(unreadable === undefined ? {} : { opaque: unreadable }),
    ...(body === null ? { erased: true as const } : {})
  }
  tx.put(keys.arrival(where.arrival), writeRow(row))
  tx.put(keys.entry(id), entryRow(stream.id, header.seq, where.arrival))
  if (body !== null) tx.put(keys.due(header.keepUntil, stream.id, header.seq), EMPTY)
  if (bulletin?.ok === true) indexBulletin(tx, bulletin, institutionKey(stream.descriptor.author), where.arrival)
  if (opened?.ok === true) indexBody(tx, stream, signed, opened, where, erasureDelayMs)
  return row
}

const EMPTY = new Uint8Array(0)

function indexBody(
  tx: Tx,
  stream: HeldStream,
  signed: SignedHeader,
  opened: OpenedBody,
  where: Arrival,
  erasureDelayMs: number
): void {
  switch (signed.header.kind) {
    case 'sighting':
      indexSighting(tx, opened.value as Sighting, stream, signed, where.arrival)
      return
    case 'disabling': {
      const { target, indicators } = opened.value as Disabling
      // The author stands in the key: a disabling by anybody but the bulletin's author is never looked up.
      const row: DisablingRow = { parts: indicators.map(partText) }
      tx.put(keys.disabling(target, institutionKey(stream.descriptor.author), signed.id), writeRow(row))
      return
    }
    case 'retraction':
      indexRetraction(tx, opened.value as Retraction, stream, signed, where, erasureDelayMs)
      return
    default:
  }
}

function indexBulletin(tx: Tx, { summary, rows }: Readable, author: Uint8Array, arrival: number): void {
  tx.put(keys.bulletin(summary.id, arrival), EMPTY)
  tx.put(keys.author(author, arrival), EMPTY)
  tx.put(keys.threat(threatCode(summary.threat), arrival), EMPTY)
  setArrival(rows, arrival)
  tx.putRows(rows)
}

type Readable = Extract<ReadBulletin, { readonly ok: true }>

function indexSighting(tx: Tx, sighting: Sighting, stream: HeldStream, signed: SignedHeader, arrival: number): void {
  const row: SightingRow = {
    part: partText(sighting.indicator),
    kind: sighting.kind,
    count: sighting.count,
    author: stream.descriptor.author,
    entry: signed.id,
    // Not after it was signed: a date far ahead would keep an indicator alive for ever.
    at: Math.min(signed.header.clock, Date.parse(sighting.lastSeen ?? '') || signed.header.clock),
    ...(sighting.contributors === undefined ? {} : { contributors: sighting.contributors })
  }
  const about = institutionKey(sighting.author)
  tx.put(keys.sighting(sighting.bulletin, about, arrival), writeRow(row))
}

export function indexRetraction(
  tx: Tx,
  retraction: Retraction,
  stream: HeldStream,
  signed: SignedHeader,
  where: Arrival,
  erasureDelayMs: number
): void {
  const authority = authorityOf(stream.descriptor)
  // Only the root key may shorten the delay, so that a stolen node key cannot destroy what it retracts (DESIGN §4). It
  // runs from the arrival here: an author's clock can be set back, and a thief's would be.
  const { targets, eraseNow } = retraction
  const atOnce = eraseNow !== undefined && verifyEraseNow(stream.descriptor.author, targets as EntryId[], eraseNow)
  const erasesAt = atOnce ? where.at : where.at + erasureDelayMs
  const mark: RetractionMark = {
    entry: signed.id,
    stream: stream.id,
    seq: signed.header.seq,
    at: where.at,
    clock: signed.header.clock,
    erasesAt,
    reason: retraction.reason,
    ...(retraction.supersededBy === undefined ? {} : { supersededBy: retraction.supersededBy })
  }
  for (const target of targets) {
    const key = keys.retraction(target, authority)
    const row = tx.get(key)
    const before = row === undefined ? undefined : readRow<RetractionMark>(row)
    // A second retraction may only hasten the erasure, never put it off.
    if (before !== undefined && before.erasesAt <= erasesAt && !isVoid(tx.get, before.stream, before.seq)) continue
    tx.put(key, writeRow(mark))
    const held = tx.get(keys.entry(target))
    if (held === undefined) continue
    const { stream: of, seq } = readEntryRow(held)
    tx.put(keys.due(erasesAt, of, seq), EMPTY)
  }
}

export function entryRow(stream: string, seq: number, arrival: number): Uint8Array {
  const out = Buffer.alloc(48)
  out.write(stream, 0, 'hex')
  out.writeBigUInt64BE(BigInt(seq), 32)
  out.writeBigUInt64BE(BigInt(arrival), 40)
  return out
}

export function readEntryRow(row: Uint8Array): { stream: string; seq: number; arrival: number } {
  return { stream: Buffer.from(row.subarray(0, 32)).toString('hex'), seq: readU64(row, 32), arrival: readU64(row, 40) }
}
