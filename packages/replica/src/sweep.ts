/** Erasure in its time: bodies retracted and due, bodies past their keep-until, streams of which nothing is left. */
import { institutionKey, openBody, parseSignedHeader, quarterOf } from '@tocsin/journal'
import type { Bulletin, Disabling, Retraction, Sighting, StreamId } from '@tocsin/model'
import {
  type ArrivalRow,
  keys,
  type RetractionMark,
  ranges,
  readRow,
  readU64,
  type Store,
  type StreamState,
  type Tx,
  writeRow
} from '@tocsin/store'
import { SETTLING } from './constants.ts'
import { readEntryRow, threatCode } from './index-entry.ts'
import { indicatorPart } from './read-bulletin.ts'
import { authorityOf, retractionOf } from './rules.ts'
import type { HeldStream, Streams } from './streams.ts'

export interface Swept {
  readonly bodies: number
  readonly streams: number
  /** The files were rewritten, so that nothing of it is left in them. */
  readonly merged: boolean
}

/** Bodies in one write, so that a long-absent node does not hold up everything else at its return. */
const AT_ONCE = 256

/** Set while deleted rows may still stand in the files. */
export const UNMERGED: Uint8Array = keys.local('meta', 'unmerged')
const EMPTY = new Uint8Array(0)

/** Erasing goes on when the disk is full: it is what frees it. */
const FREES = { frees: true }

/**
 * Erases what is due by `now`. Safe to repeat and to interrupt: every step is one atomic write.
 * @param mayMerge whether the files may be rewritten now, too: that costs as much as the store is large
 */
export async function sweep(
  deps: { store: Store; streams: Streams },
  now: number,
  mayMerge: boolean = true
): Promise<Swept> {
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
        return held !== undefined && eraseIfDue(tx, held, seq, now)
      })
      if (erased.length > 0) tx.put(UNMERGED, EMPTY)
      return erased.length
    }, FREES)
  }
  const dropped = await dropOverdue(deps, now)
  // Erased means gone from the files, also when the process ended between the erasure and this line.
  const merged = mayMerge && store.get(UNMERGED) !== undefined
  if (merged) {
    await store.compact()
    await store.transact((tx) => tx.del(UNMERGED), FREES)
  }
  return { bodies, streams: dropped, merged }
}

function eraseIfDue(tx: Tx, stream: HeldStream, seq: number, now: number): boolean {
  const header = tx.get(keys.header(stream.id, seq))
  const body = tx.get(keys.body(stream.id, seq))
  if (header === undefined || body === undefined) return false
  const signed = parseSignedHeader(header)
  const mark = retractionOf(tx.get, signed.id, stream.descriptor)
  const isPast = seq > (stream.state.closedAt ?? Number.POSITIVE_INFINITY)
  const due = isPast || signed.header.keepUntil <= now || (mark !== undefined && mark.erasesAt <= now)
  if (!due) return false
  eraseBody(tx, stream, seq, signed.id, body)
  return true
}

export function eraseBody(tx: Tx, stream: HeldStream, seq: number, entry: string, body: Uint8Array): void {
  tx.del(keys.body(stream.id, seq))
  const place = tx.get(keys.entry(entry))
  if (place === undefined) return
  const { arrival } = readEntryRow(place)
  const row = tx.get(keys.arrival(arrival))
  if (row === undefined) return
  const { bulletin, ...rest } = readRow<ArrivalRow>(row)
  const { id, supersedes } = bulletin ?? {}
  const kept = { ...(id === undefined ? {} : { id }), ...(supersedes === undefined ? {} : { supersedes }) }
  tx.put(keys.arrival(arrival), writeRow({ ...rest, ...kept, erased: true }))
  unindex(tx, stream, entry, rest.kind, body, arrival)
}

function unindex(tx: Tx, stream: HeldStream, entry: string, kind: string, body: Uint8Array, arrival: number): void {
  const author = institutionKey(stream.descriptor.author)
  switch (kind) {
    case 'bulletin': {
      const opened = openBody('bulletin', body)
      if (opened.ok) unindexBulletin(tx, opened.value as Bulletin, author, arrival)
      return
    }
    case 'sighting': {
      const opened = openBody('sighting', body)
      if (!opened.ok) return
      const { bulletin, author: about } = opened.value as Sighting
      tx.del(keys.sighting(bulletin, institutionKey(about), arrival))
      return
    }
    case 'disabling': {
      const opened = openBody('disabling', body)
      if (!opened.ok) return
      tx.del(keys.disabling((opened.value as Disabling).target, author, entry))
      return
    }
    case 'retraction': {
      const opened = openBody('retraction', body)
      if (!opened.ok) return
      // A retraction lives as long as what it names: the mark of what is still held goes with that.
      for (const target of (opened.value as Retraction).targets) {
        const key = keys.retraction(target, authorityOf(stream.descriptor))
        const mark = tx.get(key)
        const isIts = mark !== undefined && readRow<RetractionMark>(mark).entry === entry
        if (isIts && tx.get(keys.entry(target)) === undefined) tx.del(key)
      }
      return
    }
    default:
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
    if (!overdue(stream, now) || !settled(stream, now)) continue
    const isGone = await store.transact((tx) => {
      // It may have grown since it was looked at, and then it lives on.
      const row = tx.get(keys.stream(stream.id))
      const state = row === undefined ? undefined : readRow<StreamState>(row)
      if (state === undefined || !overdue({ ...stream, state }, now)) return false
      for (let seq = 1; seq <= state.seq; seq++) {
        const header = tx.get(keys.header(stream.id, seq))
        if (header !== undefined) dropEntry(tx, stream, parseSignedHeader(header).id)
        tx.del(keys.header(stream.id, seq))
        tx.del(keys.body(stream.id, seq))
      }
      tx.del(keys.stream(stream.id))
      tx.del(keys.descriptor(stream.id))
      tx.put(UNMERGED, EMPTY)
      tx.committed(() => streams.delete(stream.id))
      return true
    }, FREES)
    if (isGone) dropped += 1
  }
  return dropped
}

export function dropEntry(tx: Tx, stream: Pick<HeldStream, 'descriptor'>, entry: string): void {
  const place = tx.get(keys.entry(entry))
  if (place !== undefined) {
    const { arrival } = readEntryRow(place)
    const row = tx.get(keys.arrival(arrival))
    const id = row === undefined ? undefined : readRow<ArrivalRow>(row).id
    if (id !== undefined) tx.del(keys.bulletin(id, arrival))
    tx.del(keys.arrival(arrival))
  }
  tx.del(keys.entry(entry))
  tx.del(keys.retraction(entry, authorityOf(stream.descriptor)))
}

/** Nothing of it may be offered or requested any more. */
export function overdue(stream: HeldStream, now: number): boolean {
  // The cheaper question first: it is asked for every row of every comparison.
  return stream.state.lastKeepUntil <= now && stream.descriptor.quarter < quarterOf(now)
}

/** Not while the rest of it may be on its way: what came first is the oldest. */
function settled(stream: HeldStream, now: number): boolean {
  return stream.grownAt === undefined || Math.abs(now - stream.grownAt) >= SETTLING
}
