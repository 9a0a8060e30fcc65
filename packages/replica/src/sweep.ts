/** Erasure in its time: bodies retracted and due, bodies past their keep-until, streams of which nothing is left. */
import { institutionKey, openBody, parseSignedHeader, quarterOf } from '@tocsin/journal'
import type { Bulletin, StreamId } from '@tocsin/model'
import { type ArrivalRow, keys, ranges, readRow, readU64, type Store, type Tx, writeRow } from '@tocsin/store'
import { indicatorPart, readEntryRow, threatCode } from './index-entry.ts'
import { retractionOf } from './rules.ts'
import type { HeldStream, Streams } from './streams.ts'

export interface Swept {
  readonly bodies: number
  readonly streams: number
}

/** Bodies in one write, so that a long-absent node does not hold up everything else at its return. */
const AT_ONCE = 256

/** Set while deleted rows may still stand in the files. */
const UNMERGED = keys.local('meta', 'unmerged')
const EMPTY = new Uint8Array(0)

/** Erases what is due by `now`. Safe to repeat and to interrupt: every step is one atomic write. */
export async function sweep(deps: { store: Store; streams: Streams }, now: number): Promise<Swept> {
  const { store, streams } = deps
  let bodies = 0
  for (let more = true; more; ) {
    const due: { key: Uint8Array; stream: StreamId; seq: number }[] = []
    for await (const [key] of store.scan(ranges.due(now), { limit: AT_ONCE })) {
      due.push({
        key: Uint8Array.from(key),
        stream: Buffer.from(key.subarray(9, 41)).toString('hex') as StreamId,
        seq: readU64(key, 41)
      })
    }
    more = due.length === AT_ONCE
    if (due.length === 0) break
    bodies += await store.transact((tx) => {
      const erased = due.filter(({ key, stream, seq }) => {
        tx.del(key)
        const held = streams.get(stream)
        return held !== undefined && eraseIfDue(tx, streams, held, seq, now)
      })
      if (erased.length > 0) tx.put(UNMERGED, EMPTY)
      return erased.length
    })
  }
  const dropped = await dropOverdue(deps, now)
  // Erased means gone from the files, also when the process ended between the erasure and this line.
  if (store.get(UNMERGED) !== undefined) {
    await store.compact()
    await store.transact((tx) => tx.del(UNMERGED))
  }
  return { bodies, streams: dropped }
}

function eraseIfDue(tx: Tx, streams: Streams, stream: HeldStream, seq: number, now: number): boolean {
  const header = tx.get(keys.header(stream.id, seq))
  const body = tx.get(keys.body(stream.id, seq))
  if (header === undefined || body === undefined) return false
  const signed = parseSignedHeader(header)
  const mark = retractionOf(tx.get, streams, signed.id, stream.descriptor)
  const due = signed.header.keepUntil <= now || (mark !== undefined && mark.erasesAt <= now)
  if (!due) return false
  eraseBody(tx, stream, seq, signed.id, body)
  return true
}

function eraseBody(tx: Tx, stream: HeldStream, seq: number, entry: string, body: Uint8Array): void {
  tx.del(keys.body(stream.id, seq))
  const place = tx.get(keys.entry(entry))
  if (place === undefined) return
  const { arrival } = readEntryRow(place)
  const row = tx.get(keys.arrival(arrival))
  if (row === undefined) return
  const { bulletin, ...rest } = readRow<ArrivalRow>(row)
  tx.put(keys.arrival(arrival), writeRow({ ...rest, erased: true }))
  const { kind } = rest
  if (kind === 'bulletin') {
    const opened = openBody('bulletin', body)
    if (opened.ok) unindexBulletin(tx, opened.value as Bulletin, institutionKey(stream.descriptor.author), arrival)
    return
  }
  if (kind === 'attachment' && bulletin === undefined) return
  const opened = kind === 'sighting' ? openBody('sighting', body) : undefined
  if (opened?.ok === true) {
    const { bulletin: id, author, indicator } = opened.value
    tx.del(keys.sighting(id, institutionKey(author), indicatorPart(indicator), arrival))
  }
}

function unindexBulletin(tx: Tx, bulletin: Bulletin, author: Uint8Array, arrival: number): void {
  // Its own id stays, so that `show` can say that it was erased and why; nothing that it said does.
  tx.del(keys.author(author, arrival))
  tx.del(keys.threat(threatCode(bulletin.threat), arrival))
  for (const [index, indicator] of bulletin.indicators.entries())
    tx.del(keys.indicator(indicatorPart(indicator), arrival, index))
}

/** A stream of an earlier quarter whose bodies are all past keep-until goes whole, so that headers do not grow for ever. */
async function dropOverdue({ store, streams }: { store: Store; streams: Streams }, now: number): Promise<number> {
  let dropped = 0
  for (const stream of [...streams.all()]) {
    if (!overdue(stream, now)) continue
    await store.transact((tx) => {
      for (let seq = 1; seq <= stream.state.seq; seq++) {
        const header = tx.get(keys.header(stream.id, seq))
        if (header !== undefined) dropEntry(tx, parseSignedHeader(header).id)
        tx.del(keys.header(stream.id, seq))
        tx.del(keys.body(stream.id, seq))
      }
      tx.del(keys.stream(stream.id))
      tx.del(keys.descriptor(stream.id))
      tx.put(UNMERGED, EMPTY)
      tx.committed(() => streams.delete(stream.id))
    })
    dropped += 1
  }
  return dropped
}

function dropEntry(tx: Tx, entry: string): void {
  const place = tx.get(keys.entry(entry))
  if (place !== undefined) tx.del(keys.arrival(readEntryRow(place).arrival))
  tx.del(keys.entry(entry))
}

/** Nothing of it may be offered or requested any more. */
export function overdue(stream: HeldStream, now: number): boolean {
  return stream.descriptor.quarter < quarterOf(now) && stream.state.lastKeepUntil <= now
}
